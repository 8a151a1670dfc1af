"""Forms of the way itself; what is asked is in `dsar.questions`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dsar.components import CheckboxField, EmailField, MultipleFilesField, PortalForm
from dsar.files import ALLOWED_TYPES


class UploadsField(MultipleFilesField):
    """Files whose faults are told one by one, so that good ones are kept beside bad ones."""

    def clean(self, data: object, initial: object = None) -> list[object]:
        """The uploads as they came; `dsar.files` finds out what each is."""
        return [upload for upload in (data if isinstance(data, list) else []) if upload is not None]


class UploadsForm(PortalForm):
    """Papers to add."""

    show_requirement = False
    papers = UploadsField(
        label=_("Choose files"),
        required=False,
        accept=",".join(sorted(ALLOWED_TYPES)),
    )


class ConsentForm(PortalForm):
    """Consent to the handling of what the request itself contains."""

    show_requirement = False
    consent = CheckboxField(
        label=_("I agree that the company handles what I have entered to deal with this request"),
    )


class LinkForm(PortalForm):
    """Where to send the link to go on later."""

    email = EmailField(
        label=_("E-mail address"),
        help_text=_("We send only the link. It is kept with your draft for your contact details."),
    )


class SavedForm(PortalForm):
    """That the receipt code was written down; until then it can be shown again."""

    show_requirement = False
    saved = CheckboxField(label=_("I have saved the case number and the receipt code"))
