"""The form for a picture of an identity or authority paper, with what to cover beside each type."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dsar import files, identity
from dsar.components import PortalForm
from dsar.form_fields import DatePartsField, MultipleFilesField
from dsar.law.proof import ProofRules
from dsar.widgets import RadioCards

TAKEN = ".pdf,.jpg,.jpeg,.png,.webp"


class ProofPaperForm(PortalForm):
    """A picture of one paper: its type, its dates, the file."""

    type = forms.ChoiceField(label=gettext_lazy("Which paper is it?"), widget=RadioCards)
    issued_on = DatePartsField(
        label=gettext_lazy("Issued on"),
        help_text=gettext_lazy("For certificates, which must be recent."),
        required=False,
    )
    expires_on = DatePartsField(
        label=gettext_lazy("Valid until"),
        help_text=gettext_lazy("If the paper says so."),
        required=False,
    )
    upload = MultipleFilesField(
        label=gettext_lazy("Picture of the paper"),
        help_text=gettext_lazy("PDF, JPEG, PNG or WebP."),
        accept=TAKEN,
        max_count=1,
    )

    def __init__(self, rules: ProofRules, role: str, today: date, *args: Any) -> None:
        super().__init__(*args)
        self.rules, self.today = rules, today
        groups = identity.guide(rules, role, today, _language())
        field: Any = self.fields["type"]
        field.choices = identity.guide_choices(groups)
        field.widget.hints = identity.guide_hints(groups)

    @property
    def chosen(self) -> tuple[str, str]:
        """Subject and type that were chosen."""
        subject, _colon, code = str(self.cleaned_data.get("type", "")).partition(":")
        return subject, code

    def clean_upload(self) -> Any:
        """The one file, of a type that can be shown."""
        upload = self.cleaned_data["upload"][0]
        try:
            identity.check_upload(upload)
        except files.Unacceptable as error:
            raise forms.ValidationError(str(error), code="unacceptable") from error
        return upload

    def clean(self) -> None:
        """The dates have to be right for this type of paper."""
        given = self.cleaned_data
        document = self.rules.documents.get(self.chosen[1])
        if document is not None:
            faults = identity.paper_faults(
                document, given.get("issued_on"), given.get("expires_on"), self.today, _language()
            )
            for name, fault in faults.items():
                if name not in self.errors:
                    self.add_error(name, fault)
        if self.errors and "upload" not in self.errors:
            self.add_error("upload", _("Please choose your file again."))


def _language() -> str:
    return get_language() or "ja"
