"""Deciding at the desk: only what the law knows for the kind, and a preview before it is final."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from dsar import decision, law, vault
from dsar.admin import law_words
from dsar.admin.act_form import ActForm
from dsar.components import SummaryRow
from dsar.form_fields import CleanText
from dsar.models import Case, Decision, Outcome, StaffMember
from dsar.widgets import RadioCards

_WRITTEN = ("code", "reason", "withheld", "alternative_measure", "answer")
"""What a decision says beside its outcome."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A decision as the person reads it, in the case's language.

    Attributes:
        ground: why, with the article; None where none applies.
        bodies: where the person may turn to.
    """

    language: str
    kind: str
    outcome: str
    ground: law_words.Ground | None
    reason: str
    withheld: str
    alternative_measure: str
    answer: str
    bodies: list[tuple[str, str, str]]


def reading(case: Case, draft: decision.Draft | Decision) -> Reading:
    """What the person will read of a decision."""
    language = case.language
    with override(language):
        return Reading(
            language=language,
            kind=law_words.kind_title(case),
            outcome=str(Outcome(draft.outcome).label),
            ground=law_words.ground(case, draft.code) if draft.code else None,
            reason=draft.reason,
            withheld=draft.withheld,
            alternative_measure=draft.alternative_measure,
            answer=draft.answer,
            bodies=[
                (
                    body.name.in_language(language),
                    body.url,
                    body.text.in_language(language),
                )
                for body in case.rules.external_bodies
            ],
        )


def _labelled(entries: list[law.Refusal] | list[law.Threshold]) -> list[tuple[str, str]]:
    language = law_words.language()
    return [(entry.code, entry.text.in_language(language)) for entry in entries]


def _articles(entries: list[law.Refusal] | list[law.Threshold]) -> dict[str, str]:
    language = law_words.language()
    found = {}
    for entry in entries:
        words = [entry.article_label.in_language(language)]
        if getattr(entry, "partial_only", False):
            words.append(_("for a part only"))
        if getattr(entry, "requires_alternative", False):
            words.append(_("with an alternative measure"))
        if getattr(entry, "curable", False):
            words.append(_("can be put right: ask the person first"))
        found[entry.code] = _(" – ").join(words)
    return found


def _sent_back(case: Case) -> tuple[Decision, str] | None:
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

    def draft(self) -> decision.Draft:
        """The decision as written."""
        raise NotImplementedError

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
        if draft.outcome in (Outcome.GRANTED, Outcome.ANSWERED, Outcome.NO_DATA):
            code = self.case.rule.no_data_code if draft.outcome == Outcome.NO_DATA else ""
            draft = decision.Draft(draft.outcome, code or "", draft.reason, answer=draft.answer)
        return reading(self.case, draft)

    def run(self) -> None:
        """Record the decision."""
        decision.record(
            self.case, self.draft(), by=self.by, at=self.at, seen=self.cleaned_data["seen"]
        )


class DecideForm(DecisionForm):
    """Grant, grant in part, refuse, or state that no data is held."""

    act = "decide"

    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), widget=RadioCards)
    code = forms.ChoiceField(
        label=gettext_lazy("Ground for refusing"),
        help_text=gettext_lazy("Only if the request is refused, wholly or in part."),
        required=False,
        widget=RadioCards,
    )
    withheld = CleanText(
        label=gettext_lazy("Which part is not granted"),
        help_text=gettext_lazy("Only if the request is granted in part."),
        multiline=True,
        rows=3,
        required=False,
        max_length=5000,
    )
    alternative_measure = CleanText(
        label=gettext_lazy("Alternative measure"),
        help_text=gettext_lazy(
            "What is done instead to protect the person, where the ground asks for it."
        ),
        multiline=True,
        rows=3,
        required=False,
        max_length=5000,
    )
    reason = CleanText(
        label=gettext_lazy("Reasons"),
        help_text=gettext_lazy("In words the person understands; needed unless granted wholly."),
        multiline=True,
        rows=6,
        required=False,
        max_length=5000,
    )
    answer = CleanText(
        label=gettext_lazy("What the person is told beside"),
        help_text=gettext_lazy("For example what was corrected, or how the data reaches them."),
        multiline=True,
        rows=4,
        required=False,
        max_length=5000,
    )

    def prepare(self) -> None:
        """Only the outcomes and grounds of the kind; what was sent back is there to be changed."""
        self.sent_back = _sent_back(self.case)
        if self.sent_back is not None:
            for name in ("outcome", *_WRITTEN):
                self.initial.setdefault(name, getattr(self.sent_back[0], name))
        outcomes = decision.outcomes(self.case)
        refusals = [self.case.rules.refusals[code] for code in self.case.rule.refusals]
        refusals = [refusal for refusal in refusals if refusal.is_refusal]
        field: Any = self.fields["outcome"]
        field.choices = [(outcome.value, outcome.label) for outcome in outcomes]
        field.widget.hints = {
            outcome.value: _("Goes to a second person for approval.")
            for outcome in outcomes
            if decision.needs_approval(outcome)
        }
        if len(outcomes) == 1:
            self.initial.setdefault("outcome", outcomes[0].value)
        ground: Any = self.fields["code"]
        ground.choices = [("", _("None: granted or not held")), *_labelled(refusals)]
        ground.widget.hints = _articles(refusals)
        if Outcome.PARTIAL not in outcomes:
            for name in ("code", "withheld", "alternative_measure"):
                del self.fields[name]
        elif not any(refusal.requires_alternative for refusal in refusals):
            del self.fields["alternative_measure"]
        if outcomes == [Outcome.ANSWERED]:
            del self.fields["reason"]
            answer = self.fields["answer"]
            answer.label, answer.help_text = _("Answer to the complaint"), ""
            answer.required = True
            answer.error_messages["required"] = _("Write the answer to the complaint.")

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading; that some go to approval is said with the outcome."""
        return _("Decide")

    def intro(self) -> list[str]:
        """What the law asks for, and that there is a preview."""
        duty = self.case.rule.duty.in_language(law_words.language())
        return [duty, _("Before anything is decided you see what the person will read.")]

    def rows(self) -> list[SummaryRow]:
        """What the second person wants changed."""
        if self.sent_back is None:
            return []
        return [SummaryRow(label=_("What should be changed"), value=self.sent_back[1])]

    def check(self) -> bool:
        """Also: a part that is not granted belongs to a grant in part; the person would read it."""
        if super().check() and self.draft().withheld and self.draft().outcome != Outcome.PARTIAL:
            self.add_error("withheld", _("Leave this empty unless the request is granted in part."))
        return not self.errors

    def submit_label(self) -> str:
        """The button of the preview."""
        if decision.needs_approval(self.cleaned_data.get("outcome", "")):
            return _("Send to approval")
        return _("Decide and tell the person")

    def done(self) -> str:
        """Said afterwards."""
        if decision.needs_approval(self.cleaned_data["outcome"]):
            return _("The decision waits for approval by a second person.")
        return _("The decision was made, and the person is told.")

    def draft(self) -> decision.Draft:
        """The decision as written."""
        given = self.cleaned_data
        return decision.Draft(
            outcome=given.get("outcome", ""),
            **{name: given.get(name) or "" for name in _WRITTEN},
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
        """Only the thresholds of the kind."""
        thresholds = [self.case.rules.thresholds[code] for code in self.case.rule.thresholds]
        field: Any = self.fields["code"]
        field.choices = _labelled(thresholds)
        field.widget.hints = _articles(thresholds)

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
