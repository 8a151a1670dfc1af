"""How a request reached the business, as the desk enters it."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import vault
from dsar.admin.work_forms import ACCEPTED_FILES
from dsar.components import PortalForm
from dsar.form_fields import CheckboxField, DatePartsField, MultipleFilesField
from dsar.models import Channel
from dsar.widgets import RadioCards

_TIME = re.compile(r"(\d{1,2})[::時](\d{1,2})分?$")


class TimeField(forms.CharField):
    """A time of day typed as 9:05, ９：０５ or 9時5分; the value is a `datetime.time`."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "input-short", "autocomplete": "off", "inputmode": "numeric"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """The time. Raises ValidationError when it cannot be read."""
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        if not text:
            return None
        found = _TIME.match("".join(text.split()))
        try:
            if found is None:
                raise ValueError
            return time(int(found[1]), int(found[2]))
        except ValueError:
            raise ValidationError(
                _("Enter the time as hours and minutes, for example 14:30."), code="invalid"
            ) from None


class ArrivalForm(PortalForm):
    """When and by which way; the clock is counted from here. Adds `received_at` when valid."""

    channel = forms.ChoiceField(
        label=gettext_lazy("How did the request arrive?"),
        choices=[choice for choice in Channel.choices if choice[0] != Channel.WEB],
        widget=RadioCards,
    )
    received_on = DatePartsField(
        label=gettext_lazy("On which day did it arrive?"),
        help_text=gettext_lazy("The day it reached the business, not the day it is entered."),
    )
    received_time = TimeField(
        label=gettext_lazy("At what time?"),
        help_text=gettext_lazy("For example 14:30. If it is not known, leave the time as it is."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the answer"),
        choices=settings.LANGUAGES,
        widget=RadioCards,
        initial="ja",
    )
    uploads = MultipleFilesField(
        label=gettext_lazy("Scans of the papers"),
        help_text=gettext_lazy("PDF, JPEG, PNG, HEIC or WebP."),
        required=False,
        accept=ACCEPTED_FILES,
    )
    take_it = CheckboxField(label=gettext_lazy("Assign the case to me"), required=False)
    entry = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, at: datetime, *args: Any, may_take: bool = False, **kwargs: Any) -> None:
        self.at = at
        now = timezone.localtime(at)
        kwargs["initial"] = {
            "received_on": now.date(),
            "received_time": f"{now:%H:%M}",
            "entry": vault.new_token(),
        }
        super().__init__(*args, **kwargs)
        if not may_take:
            del self.fields["take_it"]
        uploads = cast(MultipleFilesField, self.fields["uploads"])
        uploads.max_count = settings.ATTACHMENT_MAX_COUNT
        uploads.max_bytes = settings.ATTACHMENT_MAX_BYTES

    def clean(self) -> dict[str, Any]:
        """Put day and time together. The future is refused."""
        given = self.cleaned_data
        day, hour = given.get("received_on"), given.get("received_time")
        if day is None or hour is None:
            return given
        received_at = timezone.make_aware(datetime.combine(day, hour))
        if received_at > self.at:
            field = "received_on" if day > timezone.localdate(self.at) else "received_time"
            self.add_error(field, _("This is still to come. Enter when the request arrived."))
        else:
            given["received_at"] = received_at
        return given
