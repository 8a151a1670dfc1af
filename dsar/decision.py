"""Deciding: grant, grant in part, refuse, not held; with the law's codes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from dsar import lifecycle
from dsar.ledger import Actor
from dsar.models import FINISHED, Case, Decision, Event, Outcome, Status


class Incomplete(Exception):
    """A decision lacks something; `faults` says what, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__(" ".join(faults.values()))


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision as the officer writes it.

    Attributes:
        code: refusal or threshold code of the case's rule set, for a grant one of `other_ways`;
            empty where none applies.
        reason: explanation of reasons (APPI Art. 36).
        withheld: granted in part: what is not granted.
        alternative_measure: APPI Art. 35(2) proviso: what is done instead.
        answer: what the person is told beside.
    """

    outcome: str
    code: str = ""
    reason: str = ""
    withheld: str = ""
    alternative_measure: str = ""
    answer: str = ""


def outcomes(case: Case) -> list[Outcome]:
    """The outcomes that the law knows for this kind, beside a request that is not effective."""
    if "complaint" in case.rule.questions:
        return [Outcome.ANSWERED]
    found = [Outcome.GRANTED, Outcome.PARTIAL, Outcome.REFUSED]
    if not any(case.rules.refusals[code].is_refusal for code in case.rule.refusals):
        found = [Outcome.GRANTED]
    if case.rule.no_data_outcome:
        found.append(Outcome.NO_DATA)
    return found


def other_ways(case: Case) -> list[str]:
    """Codes for granting a request in another way than asked (APPI Art. 33(2)-(3): on paper)."""
    rule = case.rule
    return [
        code
        for code in rule.refusals
        if not case.rules.refusals[code].is_refusal and code != rule.no_data_code
    ]


def check(case: Case, draft: Draft) -> None:
    """Whether the law allows the decision.

    Raises:
        Incomplete: an outcome or code not allowed for this kind, or a missing text.
    """
    faults: dict[str, str] = {}
    kind, rules = case.rule, case.rules
    if draft.outcome == Outcome.NOT_ACCEPTED:
        if draft.code not in kind.thresholds:
            faults["code"] = _("Choose why the request is not effective.")
    elif draft.outcome not in outcomes(case):
        faults["outcome"] = _("Choose an outcome that exists for this kind of request.")
    elif draft.outcome in (Outcome.REFUSED, Outcome.PARTIAL):
        refusal = rules.refusals.get(draft.code) if draft.code in kind.refusals else None
        if refusal is None or not refusal.is_refusal:
            faults["code"] = _("Choose a ground that the law allows for this kind of request.")
        elif refusal.partial_only and draft.outcome == Outcome.REFUSED:
            faults["code"] = _("This ground allows refusing only a part.")
        elif refusal.requires_alternative and not draft.alternative_measure.strip():
            faults["alternative_measure"] = _("Describe the alternative measure.")
    otherwise = draft.outcome == Outcome.GRANTED and draft.code in other_ways(case)
    unmet = draft.outcome in (Outcome.REFUSED, Outcome.PARTIAL, Outcome.NOT_ACCEPTED)
    if (otherwise or unmet) and not draft.reason.strip():
        faults["reason"] = _("Explain the reasons in words the person understands.")
    if draft.outcome == Outcome.PARTIAL and not draft.withheld.strip():
        faults["withheld"] = _("Say which part is not granted.")
    if draft.outcome == Outcome.ANSWERED and not draft.answer.strip():
        faults["answer"] = _("Write the answer to the complaint.")
    if faults:
        raise Incomplete(faults)


def needs_approval(outcome: str) -> bool:
    """Whether a second person must approve: refusals, in whole or in part, and "not held".

    That a request is not effective is no decision on it, and may be found in any status.
    """
    return settings.FOUR_EYES and outcome in (Outcome.REFUSED, Outcome.PARTIAL, Outcome.NO_DATA)


def record(case: Case, draft: Draft, *, by: Actor, at: datetime, seen: int | None = None) -> Event:
    """Write a decision; it is final, or waits for approval.

    Raises:
        Incomplete: see `check`.
        lifecycle.NotAllowed, lifecycle.Conflict
    """
    check(case, draft)
    if by.user is None:
        raise lifecycle.NotAllowed(_("Only the desk can do this."))
    if draft.outcome == Outcome.NOT_ACCEPTED:
        act = "end_without_decision"
    else:
        act = "propose" if needs_approval(draft.outcome) else "decide"
    code = draft.code if draft.outcome != Outcome.ANSWERED else ""
    if draft.outcome == Outcome.GRANTED and code not in other_ways(case):
        code = ""
    if draft.outcome == Outcome.NO_DATA:
        code = case.rule.no_data_code or ""
    with transaction.atomic():
        Decision.objects.create(
            case=case,
            state=Decision.State.PROPOSED if act == "propose" else Decision.State.FINAL,
            outcome=draft.outcome,
            code=code,
            reason=draft.reason,
            withheld=draft.withheld,
            alternative_measure=draft.alternative_measure,
            answer=draft.answer,
            decided_at=at,
            decided_by=by.user,
        )
        return lifecycle.move(
            case,
            act,
            by=by,
            at=at,
            seen=seen,
            facts={"code": code, "proposed": draft.outcome},
            texts={"reason": draft.reason},
            outcome="" if act == "propose" else draft.outcome,
        )


def approve(case: Case, *, by: Actor, at: datetime, seen: int | None = None) -> Event:
    """Approve the waiting decision: four eyes.

    Raises:
        lifecycle.NotAllowed, lifecycle.Conflict
    """
    decision = waiting(case)
    with transaction.atomic():
        event = lifecycle.move(
            case,
            "approve",
            by=by,
            at=at,
            seen=seen,
            facts={"code": decision.code, "decided_by": decision.decided_by_id},
            outcome=decision.outcome,
        )
        decision.state = Decision.State.FINAL
        decision.approved_at, decision.approved_by = at, by.user
        decision.save(update_fields=["state", "approved_at", "approved_by"])
    return event


def send_back(
    case: Case, reason: str, *, by: Actor, at: datetime, seen: int | None = None
) -> Event:
    """Send the waiting decision back to the officer with a reason.

    Raises:
        lifecycle.NotAllowed, lifecycle.Conflict
    """
    decision = waiting(case)
    with transaction.atomic():
        event = lifecycle.move(case, "send_back", by=by, at=at, seen=seen, texts={"reason": reason})
        decision.state = Decision.State.SENT_BACK
        decision.save(update_fields=["state"])
    return event


def waiting(case: Case) -> Decision:
    """The decision that waits for approval.

    Raises:
        lifecycle.NotAllowed: there is none.
    """
    found = case.decisions.filter(state=Decision.State.PROPOSED).first()
    if found is None or case.status != Status.IN_APPROVAL:
        raise lifecycle.NotAllowed(_("No decision is waiting for approval."))
    return found


def final(case: Case) -> Decision | None:
    """The decision that stands, once the case is decided; none if it was withdrawn after all."""
    if case.status not in FINISHED or case.outcome == Outcome.WITHDRAWN:
        return None
    return case.decisions.filter(state=Decision.State.FINAL).first()
