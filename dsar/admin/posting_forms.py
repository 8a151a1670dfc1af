"""The forms of the posting log."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import deadlines, postings
from dsar.components import PortalForm
from dsar.form_fields import CheckboxField, CleanText, DatePartsField
from dsar.models import Letter, Posting
from dsar.widgets import RadioCards


class _PostedOn(PortalForm):
    """A day between the letter's issue and today."""

    posted_on = DatePartsField(label=gettext_lazy("On which day is it posted?"))

    def __init__(self, letter: Letter, today: date, data: Any = None) -> None:
        self.letter, self.today = letter, today
        super().__init__(data, initial={"posted_on": today})
        self.prepare()

    def prepare(self) -> None:
        """Fit the fields to the letter."""

    def clean_posted_on(self) -> date | None:
        """Not to come, and not before the letter was there."""
        day: date | None = self.cleaned_data.get("posted_on")
        issued = self.letter.issued_at
        if day is None or issued is None:
            return day
        if day > self.today:
            raise ValidationError(_("This day is still to come. Enter a day up to today."))
        if day < deadlines.today(self.letter.case, issued):
            raise ValidationError(_("The letter was not written yet on this day."))
        return day


class PostForm(_PostedOn):
    """How a letter goes; where a second person checks, the day is entered by them."""

    way = forms.ChoiceField(
        label=gettext_lazy("How is it posted?"), choices=Posting.Way.choices, widget=RadioCards
    )
    tracking = CleanText(
        label=gettext_lazy("Tracking number"),
        help_text=gettext_lazy("From the slip, where the way has one."),
        max_length=40,
        required=False,
    )
    field_order = ("way", "tracking", "posted_on")

    def prepare(self) -> None:
        """Propose the way that the person chose."""
        self.initial["way"] = postings.usual_way(self.letter.case)
        if self.letter.case.controller.second_check:
            self.fields["posted_on"].required = False
            self.fields["posted_on"].help_text = _(
                "Only if it is handed over: else whoever checks it enters the day."
            )

    def clean(self) -> dict[str, Any]:
        """A way that is tracked has a number."""
        given = super().clean() or {}
        way = given.get("way", "")
        if way in Posting.TRACKED and not given.get("tracking"):
            self.add_error("tracking", _("Enter the tracking number of this way."))
        needs_day = way and not postings.needs_check(self.letter, way)
        if needs_day and not given.get("posted_on") and "posted_on" not in self.errors:
            self.add_error("posted_on", _("Enter the day on which it was posted."))
        return given


class CheckForm(_PostedOn):
    """The second pair of eyes before the letter goes."""

    compared = CheckboxField(
        label=gettext_lazy(
            "I compared name and address on the envelope with the letter, and what is enclosed."
        ),
        error_messages={"required": gettext_lazy("Compare them, then tick the box.")},
    )
    field_order = ("compared", "posted_on")
