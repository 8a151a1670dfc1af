"""The form that every act at the desk is built from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from dsar import deadlines, decision, files, ledger, letter_pdf, lifecycle
from dsar.acts import ACTS
from dsar.admin import law_words, roles
from dsar.clock_words import long_date
from dsar.components import PortalForm, SummaryRow
from dsar.models import Case, StaffMember


class ActForm(PortalForm):
    """The questions of one act on one case, and doing it.

    Attributes:
        act: the name in the address; for most the act of `dsar.acts.ACTS`.
        guards: whether the act is refused when the case changed since the page was shown.
        previews: whether what the person will read is shown before it is done.
        takes_files: whether the form has a file field.
        shows_letter: whether the letter that the act orders can be looked at before.
    """

    act: ClassVar[str]
    guards: ClassVar[bool] = True
    previews: ClassVar[bool] = False
    takes_files: ClassVar[bool] = False
    shows_letter: ClassVar[bool] = False

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        case: Case,
        user: StaffMember,
        at: datetime,
        data: Any = None,
        files: Any = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.case, self.user, self.at = case, user, at
        self.by = ledger.staff(user)
        self.today: date = deadlines.today(case, at)
        super().__init__(data, files, initial={**(initial or {}), "seen": case.version})
        self.prepare()

    def prepare(self) -> None:
        """Fit choices and defaults to the case."""

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Why the user may not do this now, in words, or None."""
        return lifecycle.why_not(case, cls.act, ledger.staff(user), {}, today=today)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading of the page and the words on the button that leads to it."""
        return str(ACTS[cls.act].label)

    def address(self) -> str:
        """Where the form is sent."""
        return reverse("admin:dsar_case_act", args=[self.case.pk, self.act])

    def submit_label(self) -> str:
        """The words on the button that does it."""
        return self.title(self.case)

    def intro(self) -> list[str]:
        """What doing it will bring about."""
        return []

    def rows(self) -> list[SummaryRow]:
        """Dates or texts that the officer should see before deciding."""
        return []

    def letter(self) -> letter_pdf.Sheet:
        """The letter that the act orders, as it would be; asked for with `shows_letter` only."""
        raise NotImplementedError

    def done(self) -> str:
        """What is said on the case's page afterwards."""
        return _("Done: %(act)s.") % {"act": self.title(self.case)}

    def run(self) -> None:
        """Do it. Raises what the stage raises."""
        self.move()

    def move(self, *, facts: Any = None, texts: Any = None, outcome: str = "") -> None:
        """The act of the lifecycle with these facts and texts."""
        lifecycle.move(
            self.case,
            self.act,
            by=self.by,
            at=self.at,
            seen=self.cleaned_data.get("seen"),
            facts=facts,
            texts=texts,
            outcome=outcome,
        )

    def attempt(self) -> bool:
        """Do it, or note on the form why it could not be done.

        Raises:
            lifecycle.Conflict: someone else was first; the page needs more than a message.
        """
        try:
            self.run()
        except lifecycle.Conflict:
            raise
        except lifecycle.NotAllowed as refused:
            self.add_error(None, str(refused))
        except decision.Incomplete as incomplete:
            for name, fault in incomplete.faults.items():
                self.add_error(name if name in self.fields else None, fault)
        except files.Unacceptable as unacceptable:
            self.add_error("uploads", str(unacceptable))
        return not self.errors

    def typed(self) -> list[tuple[str, str]]:
        """What was written in text fields, by label, so that nothing is lost."""
        found = []
        for name, field in self.fields.items():
            text = self.data.get(name, "")
            if isinstance(field, forms.CharField) and text:
                found.append((str(field.label), str(text)))
        return found

    def long(self, day: date | None) -> str:
        """A date in words, a dash for none."""
        return long_date(day, law_words.language()) if day else "–"

    def not_later(self, name: str, first: date | None = None) -> date | None:
        """A cleaned day that lies between `first` and today. Raises ValidationError."""
        day: date | None = self.cleaned_data.get(name)
        if day is None:
            return None
        if day > self.today:
            raise ValidationError(_("This day is still to come. Enter a day up to today."))
        if first is not None and day < first:
            raise ValidationError(
                _("Enter a day on or after %(first)s.") % {"first": self.long(first)}
            )
        return day


class WorkForm(ActForm):
    """An act beside the lifecycle, open to those who work on cases."""

    guards = False

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only those who work on cases."""
        if not roles.may_work(user):
            return _("Your role does not allow this.")
        return None
