"""Proving who one is on the status page: what is needed, the guide, papers, and the account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dsar import deadlines, files, identity, ledger, lifecycle, limits
from dsar.components import PortalForm
from dsar.form_fields import DatePartsField, MultipleFilesField
from dsar.models import Case
from dsar.requester.proof import needs
from dsar.requester.views import of_the_case
from dsar.widgets import RadioCards

TAKEN = ".pdf,.jpg,.jpeg,.png,.webp"


class PaperForm(PortalForm):
    """A picture of one paper."""

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

    def __init__(self, case: Case, at: datetime, *args: Any) -> None:
        super().__init__(*args)
        self.case, self.today = case, deadlines.today(case, at)
        groups = identity.guide(
            identity.rules_of(case), case.requester_role, self.today, _language()
        )
        field: Any = self.fields["type"]
        field.choices = identity.guide_choices(groups)
        field.widget.hints = identity.guide_hints(groups)

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
        _subject, _colon, code = str(given.get("type", "")).partition(":")
        document = identity.rules_of(self.case).documents.get(code)
        if document is None:
            return
        faults = identity.paper_faults(
            document, given.get("issued_on"), given.get("expires_on"), self.today, _language()
        )
        for name, fault in faults.items():
            if name not in self.errors:
                self.add_error(name, fault)
        if self.errors and "upload" not in self.errors:
            self.add_error("upload", _("Please choose your file again."))


@of_the_case
def prove(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """What is needed, what was shown, and a form for papers."""
    found = needs(case)
    if not found or not identity.is_wanted(case):
        messages.info(request, _("No proof of identity is needed now."))
        return redirect("requester:case")
    form = PaperForm(case, at, *([request.POST, request.FILES] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        if not limits.hit("upload", request):
            return limits.too_many_requests(request, "upload")
        given = form.cleaned_data
        subject, _colon, code = given["type"].partition(":")
        try:
            identity.add_paper(
                case,
                given["upload"],
                subject=subject,
                type_=code,
                issued_on=given["issued_on"],
                expires_on=given["expires_on"],
                by=ledger.REQUESTER,
                at=at,
            )
        except (files.Unacceptable, lifecycle.NotAllowed) as refused:
            messages.warning(request, str(refused))
            return redirect("requester:case")
        messages.success(request, _("Your paper has arrived. An officer will look at it."))
        return redirect("requester:identity")
    context = {
        "case": case,
        "form": form,
        "needs": found,
        "never": identity.never_send(identity.rules_of(case), _language()),
        "is_done": all(need.is_done for need in found),
    }
    return render(request, "requester/identity.html", context)


def _language() -> str:
    return get_language() or "ja"
