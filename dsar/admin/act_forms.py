"""The acts that move a case on: acceptance, identity, the clock, approval, the end."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import (
    correspondence,
    deadlines,
    decision,
    ledger,
    letter_pdf,
    letters,
    lifecycle,
    release,
)
from dsar.admin import law_words
from dsar.admin.act_form import ActForm
from dsar.components import SummaryRow
from dsar.form_fields import CleanText, DatePartsField
from dsar.models import Case, Letter, Message, StaffMember, Status
from dsar.widgets import RadioCards

_NOTIFIED_BY = [
    ("portal", gettext_lazy("On the portal's status page")),
    ("email", gettext_lazy("By e-mail")),
    ("post", gettext_lazy("By post")),
    ("counter", gettext_lazy("At the counter")),
    ("phone", gettext_lazy("By telephone")),
]


class AcceptForm(ActForm):
    """Accept the request; the identity check begins."""

    act = "accept"

    def intro(self) -> list[str]:
        """What happens."""
        return [_("The request is accepted, and the identity check begins.")]


class StartForm(ActForm):
    """Accept a request that needs no identity check."""

    act = "start"

    def intro(self) -> list[str]:
        """What happens."""
        return [_("This kind of request needs no identity check; the examination begins.")]


class AskForm(ActForm):
    """Ask the person for what is missing; the clock does what the rule set says."""

    act = "ask"
    shows_letter = True
    letter_kind: ClassVar[Letter.Kind] = Letter.Kind.DEFICIENCY

    reason = CleanText(
        label=gettext_lazy("What is missing, in short"),
        help_text=gettext_lazy("For the file. The requester does not see this line."),
        max_length=200,
    )
    doubt = CleanText(
        label=gettext_lazy("Why is the identity in doubt?"),
        help_text=gettext_lazy(
            "Only a recorded reason stops the clock. Without one the due date stays as it is."
        ),
        multiline=True,
        rows=3,
        required=False,
    )
    message = CleanText(
        label=gettext_lazy("Message to the requester"),
        help_text=gettext_lazy(
            "The person reads it on the status page and is told by e-mail that it is there."
        ),
        multiline=True,
        rows=8,
        max_length=5000,
    )

    def prepare(self) -> None:
        """A doubt is asked for only where the law wants it."""
        if not self.case.rules.incomplete.doubt_required:
            del self.fields["doubt"]

    def intro(self) -> list[str]:
        """What happens to the clock."""
        source = self.case.rules.incomplete.source.in_language(law_words.language())
        return [self.effect_in_words(), source]

    def effect_in_words(self) -> str:
        """What asking does to the clock under the case's rule set."""
        return {
            "pause": _(
                "The clock stops today. It goes on from where it stood when you enter the day the "
                "answer arrived."
            ),
            "restart": _("The clock stops today. It begins anew on the day the answer arrives."),
            "none": _("The clock is not stopped: the due date stays as it is."),
        }[self.case.rules.incomplete.effect]

    def letter(self) -> letter_pdf.Sheet:
        """What is asked for, as a letter."""
        texts = {name: self.cleaned_data.get(name, "") for name in ("message", "doubt")}
        kind = self.letter_kind
        return letters.compose(self.case, kind, on=self.today, texts=texts, is_draft=True)

    def run(self) -> None:
        """Stop the clock and write the message, both or neither."""
        given = self.cleaned_data
        texts = {name: given.get(name, "") for name in ("reason", "doubt", "message")}
        with transaction.atomic():
            self.move(texts=texts)
            correspondence.send(self.case, given["message"], by=self.by, at=self.at, tell=False)


class ResumeForm(ActForm):
    """The answer is there: go on, counting from the day it arrived."""

    act = "resume"

    resumed_on = DatePartsField(
        label=gettext_lazy("When did the answer arrive?"),
        help_text=gettext_lazy("The clock goes on from this day."),
    )
    reason = CleanText(
        label=gettext_lazy("What arrived"),
        help_text=gettext_lazy("For the file. The requester does not see this line."),
        max_length=200,
    )

    def prepare(self) -> None:
        """Propose the day of the person's last message since the clock stopped."""
        last = self.case.messages.filter(direction=Message.Direction.FROM_REQUESTER).last()
        arrived = deadlines.today(self.case, last.at) if last else self.today
        self.initial.setdefault("resumed_on", max(arrived, self.stopped_on or arrived))

    @property
    def stopped_on(self) -> date | None:
        """The day the clock stopped."""
        stop = self.case.stops.filter(resumed_on=None).first()
        return stop.stopped_on if stop else None

    def rows(self) -> list[SummaryRow]:
        """Since when the case waits."""
        return [SummaryRow(label=_("Asked on"), value=self.long(self.stopped_on))]

    def clean_resumed_on(self) -> date | None:
        """A day between the question and today."""
        return self.not_later("resumed_on", self.stopped_on)

    def run(self) -> None:
        """Go on."""
        given = self.cleaned_data
        self.move(facts={"resumed_on": given["resumed_on"]}, texts={"reason": given["reason"]})


class ExtendForm(ActForm):
    """Put the decision off, for a reason the person is told."""

    act = "extend"
    shows_letter = True

    reason = CleanText(
        label=gettext_lazy("Reason for the extension"),
        help_text=gettext_lazy("The requester reads this reason together with the new date."),
        multiline=True,
        rows=4,
        max_length=2000,
    )

    def rows(self) -> list[SummaryRow]:
        """The due date before and after."""
        row = self.case.deadlines.filter(code="decision").first()
        after = deadlines.preview_extension(self.case)
        source = self.case.rules.extension.source.in_language(law_words.language())
        return [
            SummaryRow(label=_("Due date now"), value=self.long(row.due_on if row else None)),
            SummaryRow(label=_("Due date after the extension"), value=self.long(after)),
            SummaryRow(label=_("Rule"), value=source),
        ]

    def letter(self) -> letter_pdf.Sheet:
        """The new date and the reason, as a letter."""
        texts = {"reason": self.cleaned_data["reason"]}
        kind = Letter.Kind.EXTENSION
        return letters.compose(self.case, kind, on=self.today, texts=texts, is_draft=True)

    def run(self) -> None:
        """Extend."""
        self.move(texts={"reason": self.cleaned_data["reason"]})


class ApproveForm(ActForm):
    """The second pair of eyes agrees."""

    act = "approve"
    shows_letter = True

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Also refused to the person who decided."""
        by = ledger.staff(user)
        facts = {}
        if case.status == Status.IN_APPROVAL:
            facts["decided_by"] = decision.waiting(case).decided_by_id
        return lifecycle.why_not(case, cls.act, by, facts, today=today)

    def intro(self) -> list[str]:
        """What happens."""
        return [
            _("Read the decision below. When you approve, the requester is told that it is there.")
        ]

    def letter(self) -> letter_pdf.Sheet:
        """The decision that waits, as a letter."""
        decided = decision.waiting(self.case)
        kind = Letter.Kind.DECISION
        return letters.compose(self.case, kind, on=self.today, decided=decided, is_draft=True)

    def run(self) -> None:
        """Approve."""
        decision.approve(self.case, by=self.by, at=self.at, seen=self.cleaned_data["seen"])


class SendBackForm(ActForm):
    """The second pair of eyes wants changes."""

    act = "send_back"

    reason = CleanText(
        label=gettext_lazy("What should be changed"), multiline=True, rows=4, max_length=2000
    )

    def run(self) -> None:
        """Send back."""
        given = self.cleaned_data
        decision.send_back(self.case, given["reason"], by=self.by, at=self.at, seen=given["seen"])


class CloseForm(ActForm):
    """The person has been notified: close."""

    act = "close"

    notified_by = forms.ChoiceField(
        label=gettext_lazy("How was the person notified of the decision?"),
        choices=_NOTIFIED_BY,
        widget=RadioCards,
    )
    notified_on = DatePartsField(label=gettext_lazy("On which day?"))

    def prepare(self) -> None:
        """Today, unless another day is entered."""
        self.initial.setdefault("notified_on", self.today)

    def intro(self) -> list[str]:
        """A word of warning where data was granted and did not leave the house."""
        if release.is_unsent(self.case):
            return [
                _(
                    "Data was granted, but nothing was released or handed over yet. Close only if "
                    "the person received it in another way."
                )
            ]
        return []

    def clean_notified_on(self) -> date | None:
        """Between the decision and today."""
        decided = self.case.decided_at
        return self.not_later(
            "notified_on", deadlines.today(self.case, decided) if decided else None
        )

    def run(self) -> None:
        """Close."""
        given = self.cleaned_data
        self.move(facts={name: given[name] for name in ("notified_by", "notified_on")})


class WithdrawForm(ActForm):
    """The person takes the request back by telephone, letter or at the counter."""

    act = "withdraw"

    reason = CleanText(
        label=gettext_lazy("How did the person tell you?"),
        help_text=gettext_lazy("For example: by telephone, on which day."),
        max_length=500,
    )

    def intro(self) -> list[str]:
        """What happens."""
        return [_("The case is closed as withdrawn. The person is told by e-mail.")]

    def run(self) -> None:
        """Record it."""
        self.move(texts={"reason": self.cleaned_data["reason"]}, outcome="withdrawn")


class ReopenForm(ActForm):
    """Take up a decided or closed case again."""

    act = "reopen"

    reason = CleanText(
        label=gettext_lazy("Reason for reopening"), multiline=True, rows=3, max_length=2000
    )

    def intro(self) -> list[str]:
        """What happens."""
        if lifecycle.lacks_identity_check(self.case):
            return [
                _(
                    "The identity was never confirmed: the case goes back to the identity check, "
                    "and the decision is owed anew."
                )
            ]
        return [_("The case is examined again, and the decision is owed anew.")]

    def run(self) -> None:
        """Reopen."""
        self.move(texts={"reason": self.cleaned_data["reason"]})
