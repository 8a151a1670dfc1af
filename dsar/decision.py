"""Deciding item by item: grant, grant in part, refuse, not held; with the law's codes only.

Where all items are decided alike the officer writes it once. What comes of the case follows from
its items: all granted, all refused or all not held, else granted in part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from dsar import lifecycle, materials
from dsar.ledger import Actor
from dsar.models import FINISHED, Case, Decision, Event, ItemDecision, Outcome, Status

GIVES = (Outcome.GRANTED, Outcome.PARTIAL)
"""Outcomes that give the person at least a part of what was asked for."""


class Incomplete(Exception):
    """A decision lacks something; `faults` says what, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__(" ".join(faults.values()))


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """What is decided on one item; `item` is its id. See `Draft` for the rest."""

    item: int
    outcome: str
    code: str = ""
    reason: str = ""
    withheld: str = ""
    alternative_measure: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision as the officer writes it: the same for all items, or by item.

    Attributes:
        outcome: what comes of the case; where it is decided by item, see `by_item`.
        code: refusal or threshold code of the case's rule set, for a grant one of `other_ways`;
            empty where none applies.
        reason: explanation of reasons (APPI Art. 36).
        withheld: granted in part: what is not granted.
        alternative_measure: APPI Art. 35(2) proviso: what is done instead.
        answer: what the person is told beside.
        items: one for each item of the case; empty where all are decided alike.
    """

    outcome: str
    code: str = ""
    reason: str = ""
    withheld: str = ""
    alternative_measure: str = ""
    answer: str = ""
    items: tuple[ItemDraft, ...] = ()


def by_item(items: Iterable[ItemDraft], answer: str = "") -> Draft:
    """A decision item by item; what comes of the case follows: all alike, else in part."""
    given = tuple(items)
    found = {draft.outcome for draft in given}
    outcome = found.pop() if len(found) == 1 else Outcome.PARTIAL
    code = next((draft.code for draft in given if draft.code), "")
    return Draft(str(outcome), code, answer=answer, items=given)


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


def has_items(case: Case) -> bool:
    """Whether each thing that is asked for gets a decision of its own; a complaint is answered."""
    return "complaint" not in case.rule.questions


def other_ways(case: Case) -> list[str]:
    """Codes for granting a request in another way than asked (APPI Art. 33(2)-(3): on paper)."""
    rule = case.rule
    return [
        code
        for code in rule.refusals
        if not case.rules.refusals[code].is_refusal and code != rule.no_data_code
    ]


def check(case: Case, draft: Draft) -> None:
    """Whether the law allows the decision, and what is to be given is ready to be given.

    Raises:
        Incomplete: an outcome or code not allowed for this kind, a missing text, an item without
            decision, or material that was not looked at. Faults of an item are named
            "<item>_<field>".
    """
    faults: dict[str, str] = {}
    if draft.items:
        known = set(case.items.values_list("pk", flat=True))
        if not has_items(case) or sorted(item.item for item in draft.items) != sorted(known):
            faults["items"] = _("What is asked for was changed meanwhile. Decide on each item.")
        for item in draft.items:
            faults |= {f"{item.item}_{name}": text for name, text in _faults(case, item).items()}
    else:
        faults = _faults(case, draft)
    if draft.outcome == Outcome.ANSWERED and not draft.answer.strip():
        faults["answer"] = _("Write the answer to the complaint.")
    if draft.outcome in GIVES and not faults and (open_material := materials.unready(case)):
        faults["items" if draft.items else "outcome"] = open_material
    if faults:
        raise Incomplete(faults)


def _faults(case: Case, draft: Draft | ItemDraft) -> dict[str, str]:
    """What is wrong with one outcome and its words, by field."""
    faults: dict[str, str] = {}
    kind, rules = case.rule, case.rules
    if draft.outcome == Outcome.NOT_ACCEPTED and isinstance(draft, Draft):
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
    return faults


def needs_approval(case: Case, draft: Draft) -> bool:
    """Whether a second person must approve, by the controller's policy.

    That a request is not effective is no decision on it, and may be found in any status.
    """
    wanted = []
    if draft.outcome in (Outcome.REFUSED, Outcome.PARTIAL, Outcome.NO_DATA):
        wanted.append("refusal")
    if draft.outcome in GIVES:
        wanted += {"erase": ["erasure"], "change": ["change"]}.get(case.rule.effect, [])
    return case.controller.four_eyes_for(*wanted)


def sending_needs_approval(case: Case) -> bool:
    """Whether a second person must approve before data or a letter is sent to the person."""
    return case.controller.four_eyes_for("sending")


def record(case: Case, draft: Draft, *, by: Actor, at: datetime, seen: int | None = None) -> Event:
    """Write a decision; it is final, or waits for approval.

    Raises:
        Incomplete: see `check`.
        lifecycle.NotAllowed, lifecycle.Conflict
    """
    if by.user is None:
        raise lifecycle.NotAllowed(_("Only the desk can do this."))
    if draft.outcome == Outcome.NOT_ACCEPTED:
        act = "end_without_decision"
    else:
        act = "propose" if needs_approval(case, draft) else "decide"
    with transaction.atomic():
        # Items and material stand still until the decision is written.
        Case.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)
        check(case, draft)
        row = Decision(
            case=case,
            state=Decision.State.PROPOSED if act == "propose" else Decision.State.FINAL,
            outcome=draft.outcome,
            answer=draft.answer,
            decided_at=at,
            decided_by=by.user,
        )
        rows = _items_of(case, row, draft)
        _say_in_one(case, row, draft, rows)
        row.save(force_insert=True)
        ItemDecision.objects.bulk_create(rows)
        return lifecycle.move(
            case,
            act,
            by=by,
            at=at,
            seen=seen,
            facts={"code": row.code, "proposed": draft.outcome, **_tally(rows)},
            texts={"reason": row.reason},
            outcome="" if act == "propose" else draft.outcome,
        )


def items_of(case: Case, said: Decision | Draft) -> list[ItemDecision]:
    """The decision on each item: as written down, or as a draft would be written down."""
    if isinstance(said, Decision):
        found = list(said.items.all())
        for row in found:
            row.decision = said  # so that the case's key is at hand
        return found
    return _items_of(case, Decision(case=case), said)


def _items_of(case: Case, decision: Decision, draft: Draft) -> list[ItemDecision]:
    """The decision on each item, not yet saved; none where the request itself is not effective."""
    if draft.outcome == Outcome.NOT_ACCEPTED or not has_items(case):
        return []
    given = {item.item: item for item in draft.items}
    found = []
    for row in case.items.all():
        said: Draft | ItemDraft = given.get(row.pk, draft)
        unmet = said.outcome in (Outcome.REFUSED, Outcome.PARTIAL)
        found.append(
            ItemDecision(
                decision=decision,
                item=row,
                position=row.position,
                title=row.title,
                outcome=said.outcome,
                code=_code(case, said),
                reason=said.reason,
                withheld=said.withheld if said.outcome == Outcome.PARTIAL else "",
                alternative_measure=said.alternative_measure if unmet else "",
            )
        )
    return found


def _code(case: Case, said: Draft | ItemDraft) -> str:
    """The code that is written down: one only where the outcome has one."""
    if said.outcome == Outcome.NO_DATA:
        return case.rule.no_data_code or ""
    if said.outcome == Outcome.GRANTED:
        return said.code if said.code in other_ways(case) else ""
    return said.code if said.outcome != Outcome.ANSWERED else ""


def _say_in_one(case: Case, row: Decision, draft: Draft, rows: list[ItemDecision]) -> None:
    """Write the decision's own words: those given for all, or those of the items, each named."""
    names = ("reason", "withheld", "alternative_measure")
    if not draft.items:
        row.code = _code(case, draft)
        for name in names:
            setattr(row, name, getattr(draft, name))
        return
    row.code = next((item.code for item in rows if item.code), "")
    for name in names:
        said = [(item.title, getattr(item, name)) for item in rows if getattr(item, name)]
        joined = "\n".join(f"{title}: {text}" for title, text in said)
        setattr(row, name, said[0][1] if len(rows) == 1 and said else joined)


def _tally(rows: list[ItemDecision]) -> dict[str, int]:
    """How many items had which outcome, for the log; nothing where there is one."""
    if len(rows) < 2:
        return {}
    return {f"items_{code}": n for code, n in Counter(row.outcome for row in rows).items()}


def approve(case: Case, *, by: Actor, at: datetime, seen: int | None = None) -> Event:
    """Approve the waiting decision: four eyes.

    Raises:
        lifecycle.NotAllowed, lifecycle.Conflict
    """
    decision = waiting(case)
    if decision.outcome in GIVES and (open_material := materials.unready(case)):
        raise lifecycle.NotAllowed(open_material)
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
    if case.status not in FINISHED or case.outcome in (Outcome.WITHDRAWN, Outcome.MERGED):
        return None
    return case.decisions.filter(state=Decision.State.FINAL).first()
