"""Deciding at the desk: only what the law knows for the kind, and a preview before it is final."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from dsar import complaints, decision, fees, identity, law, letter_pdf, letters, vault
from dsar.admin import law_words
from dsar.admin.act_form import ActForm
from dsar.form_fields import CleanText
from dsar.models import Case, Decision, Letter, Outcome, StaffMember
from dsar.widgets import RadioCards


@dataclass(frozen=True, slots=True)
class ItemReading:
    """The decision on one item as the person reads it."""

    title: str
    outcome: str
    ground: law_words.Ground | None
    reason: str
    withheld: str
    alternative_measure: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A decision as the person reads it, in the case's language.

    Attributes:
        items: what was decided on each thing that was asked for; empty where there is one only.
        is_alike: whether all items were decided alike, so that the words stand once for all.
        ground: why, with the article; None where none applies.
        bodies: where the person may turn to.
    """

    language: str
    kind: str
    outcome: str
    items: list[ItemReading]
    is_alike: bool
    ground: law_words.Ground | None
    reason: str
    withheld: str
    alternative_measure: str
    answer: str
    bodies: list[tuple[str, str, str]]


def reading(case: Case, draft: decision.Draft | Decision) -> Reading:
    """What the person will read of a decision, item by item where there are several."""
    language = case.language
    with override(language):
        items = [
            ItemReading(
                title=row.title,
                outcome=str(Outcome(row.outcome).label),
                ground=law_words.ground(case, row.code) if row.code else None,
                reason=row.reason,
                withheld=row.withheld,
                alternative_measure=row.alternative_measure,
            )
            for row in decision.items_of(case, draft)
        ]
        return Reading(
            language=language,
            kind=law_words.kind_title(case),
            outcome=str(Outcome(draft.outcome).label),
            items=items if len(items) > 1 else [],
            is_alike=len({replace(item, title="") for item in items}) < 2,
            ground=law_words.ground(case, draft.code) if draft.code else None,
            reason=draft.reason,
            withheld=draft.withheld,
            alternative_measure=draft.alternative_measure,
            answer=draft.answer,
            bodies=[(body.name, body.url, body.text) for body in complaints.bodies(case, language)],
        )


def labelled(entries: list[law.Refusal] | list[law.Threshold]) -> list[tuple[str, str]]:
    """Codes with the law's words, as choices."""
    language = law_words.language()
    return [(entry.code, entry.text.in_language(language)) for entry in entries]


def articles(entries: list[law.Refusal] | list[law.Threshold]) -> dict[str, str]:
    """Where the law has each, and on what condition."""
    language = law_words.language()
    found = {}
    for entry in entries:
        words = [entry.article_label.in_language(language)]
        if getattr(entry, "partial_only", False):
            words.append(_("for a part only"))
        if getattr(entry, "requires_alternative", False):
            words.append(_("with an alternative measure"))
        if not getattr(entry, "is_refusal", True):
            words.append(_("granted, in another way than was asked"))
        if getattr(entry, "curable", False):
            words.append(_("can be put right: ask the person first"))
        found[entry.code] = _(" – ").join(words)
    return found


def sent_back(case: Case) -> tuple[Decision, str] | None:
    """The latest decision, if it was sent back and not reopened since, with what to change."""
    last = case.decisions.first()
    event = case.events.filter(act__in=("send_back", "reopen")).order_by("-position").first()
    if last is None or last.state != Decision.State.SENT_BACK:
        return None
    if event is None or event.act != "send_back":
        return None
    try:
        return last, event.texts().get("reason", "")
    except vault.VaultError:
        return last, ""


class DecisionForm(ActForm):
    """The common part: text for the person, shown before it is done."""

    previews = True
    shows_letter = True

    def draft(self) -> decision.Draft:
        """The decision as written."""
        raise NotImplementedError

    def gives(self) -> bool:
        """Whether the person gets at least a part of what was asked for."""
        return self.draft().outcome in decision.GIVES

    def check(self) -> bool:
        """Whether the law allows it; faults are noted on their fields."""
        try:
            decision.check(self.case, self.draft())
        except decision.Incomplete as incomplete:
            for name, fault in incomplete.faults.items():
                self.add_error(name if name in self.fields else None, fault)
        return not self.errors

    def reading(self) -> Reading:
        """What the person will read."""
        draft = self.draft()
        if not draft.items and draft.outcome in (
            Outcome.GRANTED,
            Outcome.ANSWERED,
            Outcome.NO_DATA,
        ):
            code = self.case.rule.no_data_code if draft.outcome == Outcome.NO_DATA else ""
            if draft.outcome == Outcome.GRANTED and draft.code in decision.other_ways(self.case):
                code = draft.code
            draft = decision.Draft(draft.outcome, code or "", draft.reason, answer=draft.answer)
        return reading(self.case, draft)

    def letter(self) -> letter_pdf.Sheet:
        """The decision as a letter."""
        decided, kind = self.draft(), Letter.Kind.DECISION
        return letters.compose(self.case, kind, on=self.today, decided=decided, is_draft=True)

    def run(self) -> None:
        """Record the decision."""
        decision.record(
            self.case, self.draft(), by=self.by, at=self.at, seen=self.cleaned_data["seen"]
        )


class EndForm(DecisionForm):
    """The request is not effective: it never was a request the law obliges to answer."""

    act = "end_without_decision"

    code = forms.ChoiceField(label=gettext_lazy("Why is it not effective?"), widget=RadioCards)
    reason = CleanText(
        label=gettext_lazy("Reasons"),
        help_text=gettext_lazy("In words the person understands."),
        multiline=True,
        rows=5,
        max_length=5000,
    )
    answer = CleanText(
        label=gettext_lazy("What the person is told beside"),
        help_text=gettext_lazy("For example who else to turn to."),
        multiline=True,
        rows=3,
        required=False,
        max_length=5000,
    )

    def prepare(self) -> None:
        """Only the thresholds of the kind; what was not proven in time is filled in."""
        thresholds = [self.case.rules.thresholds[code] for code in self.case.rule.thresholds]
        field: Any = self.fields["code"]
        if fees.is_late(self.case, self.today):
            self.initial.setdefault("code", fees.expiry_code(self.case))
            self.initial.setdefault("reason", fees.reason_unpaid(self.case))
        field.choices = labelled(thresholds)
        field.widget.hints = articles(thresholds)
        failed = identity.failure(self.case, self.today)
        if failed is not None:
            self.initial.setdefault("code", failed.code)
            self.initial.setdefault("reason", failed.reason)

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Kinds without thresholds cannot end like this."""
        if not case.rule.thresholds:
            return _("This kind of request cannot be ended without a decision.")
        return super().refusal(case, user, today)

    def intro(self) -> list[str]:
        """That this is no refusal."""
        return [
            _("This is not a refusal and is counted apart. The person is told and may ask again."),
            _("Before anything is decided you see what the person will read."),
        ]

    def draft(self) -> decision.Draft:
        """The decision as written."""
        given = self.cleaned_data
        return decision.Draft(
            outcome=Outcome.NOT_ACCEPTED,
            code=given.get("code", ""),
            reason=given.get("reason", ""),
            answer=given.get("answer", ""),
        )
