"""`move` does one act of the table (`dsar.acts`); it is the only writer of a case's status.

Every act writes status, event, clock and notices in one transaction. An act that is not
allowed is refused in words; an act based on an outdated page is refused too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dsar import collection, deadlines, ledger, notices
from dsar.acts import ACTS, Act
from dsar.ledger import Actor
from dsar.models import (
    ActorKind,
    Case,
    CaseLink,
    Event,
    Letter,
    Outcome,
    Status,
)


class NotAllowed(Exception):
    """The act cannot be done; the message says why, in the words of the reader."""


class Conflict(NotAllowed):
    """Someone else changed the case since the page was shown; nothing was overwritten."""


def lacks_identity_check(case: Case) -> bool:
    """Whether an identity check that the rules require was never passed."""
    if case.rule.identity != "required":
        return False
    return not case.events.filter(act="confirm_identity").exists()


def why_not(
    case: Case, act: str, by: Actor, facts: Mapping[str, Any], *, today: Any = None
) -> str | None:
    """The reason why `by` may not do `act` now, or None. Missing facts are not looked at."""
    row = ACTS[act]
    if by.user is None and not (row.requester and by.kind == ActorKind.REQUESTER):
        return _("Only the desk can do this.")
    if by.user is not None and not any(by.user.has_perm(name) for name in row.who):
        return _("Your role does not allow this.")
    if case.status not in row.sources:
        return _("“%(act)s” is not possible while the case is “%(status)s”.") % {
            "act": row.label,
            "status": case.get_status_display(),
        }
    if row.guard is not None:
        given = {"today": today, "actor_id": by.user.pk if by.user else None, **facts}
        return row.guard(case, given)
    return None


def possible(case: Case, by: Actor, today: Any) -> list[str]:
    """The acts that `by` may do to the case now, in the table's order."""
    facts = {"decided_by": _proposer(case)} if case.status == Status.IN_APPROVAL else {}
    found = []
    for act in ACTS:
        if act == "pay_part":  # what paying is called while some of the fee is still missing
            continue
        if act == "propose" and not case.controller.four_eyes_for("refusal", "erasure", "change"):
            continue
        if why_not(case, act, by, facts, today=today) is None:
            found.append(act)
    return found


def move(
    case: Case,
    act: str,
    *,
    by: Actor,
    at: datetime,
    seen: int | None = None,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    outcome: Outcome | str = "",
) -> Event:
    """Do one act of the table: status, event, clock and notices in one transaction.

    Args:
        case: the case as the caller loaded it; it is brought up to date.
        seen: `case.version` of the page the act was chosen on; None when there was no page.
        facts: codes and dates (JSON values; dates as `date`).
        texts: free text, sealed in the event.
        outcome: what came of the case, where the act settles it.

    Raises:
        NotAllowed: wrong status, role, missing fact, or a guard's reason.
        Conflict: someone else was first.
    """
    row = ACTS[act]
    outcome = row.outcome or outcome
    given: dict[str, Any] = {**(facts or {}), **(texts or {})}
    today = deadlines.today(case, at)
    if outcome:
        given["outcome"] = str(outcome)
    with transaction.atomic():
        if seen is not None and seen != case.version:
            raise changed_meanwhile(case)
        refusal = why_not(case, act, by, given, today=today)
        if refusal:
            raise NotAllowed(refusal)
        missing = [name for name in row.requires if not given.get(name)]
        if missing:
            raise NotAllowed(_("Still missing: %(names)s.") % {"names": ", ".join(missing)})
        before = case.status
        _write_status(case, row, outcome, given, at)
        deadlines.apply(case, row.clock, given, by=by, today=today)
        deadlines.meet(case, row.meets, today)
        if act == "reopen":
            # No longer merged; that the same was asked before stays true.
            merged = CaseLink.objects.filter(case=case, kind=CaseLink.Kind.DUPLICATE)
            merged.update(kind=CaseLink.Kind.REPEAT)
            checks = case.status == Status.IDENTITY_CHECK
            deadlines.unmeet(case, ("id_check", "decision") if checks else ("decision",))
        event = ledger.append(
            case,
            act,
            by=by,
            at=at,
            from_status=before,
            to_status=case.status,
            facts=_plain({**(facts or {}), **({"outcome": str(outcome)} if outcome else {})}),
            texts=texts,
        )
        planned = deadlines.refresh(case, at)
        if row.tells:
            planned.append(notices.new(row.tells, at, case=case, facts={"event": event.position}))
        if act == "propose":
            planned.append(notices.new(notices.DESK_APPROVAL, at, case=case))
        if by.kind == ActorKind.REQUESTER:
            planned.append(notices.new(notices.DESK_NEWS, at, case=case))
        notices.write(planned, at)
        if row.letter:
            is_answer = outcome == Outcome.ANSWERED  # of a complaint: no decision on a request
            notices.order_letter(case, Letter.Kind.COMPLAINT if is_answer else row.letter, event)
        if act == "close" and (systems := collection.carried_out(case)):
            notices.order_letter(case, Letter.Kind.COMPLETION, event, facts={"systems": systems})
        collection.follow(case, before, by=by, at=at)
    return event


def _write_status(
    case: Case, row: Act, outcome: Outcome | str, given: Mapping[str, Any], at: datetime
) -> None:
    """Write the new status if nobody else wrote since `case` was loaded."""
    target = case.status if row.target is None else row.target
    if target == "waiting_from":
        waits = case.status == Status.AWAITING_REQUESTER
        target = (case.waiting_from or Status.IN_PROGRESS) if waits else case.status
    elif target == "reopened":
        target = Status.IDENTITY_CHECK if lacks_identity_check(case) else Status.IN_PROGRESS
    changed: dict[str, Any] = {"status": target, "version": case.version + 1}
    if target == Status.AWAITING_REQUESTER != case.status:
        changed["waiting_from"] = case.status
    if outcome:
        changed |= {"outcome": str(outcome), "outcome_code": str(given.get("code", ""))}
    if target == Status.DECIDED and case.decided_at is None:
        changed["decided_at"] = at
    if target == Status.CLOSED:
        changed["closed_at"] = at
    elif case.status in (Status.CLOSED, Status.DECIDED):
        changed |= {"closed_at": None, "decided_at": None, "outcome": "", "outcome_code": ""}
    rows = Case.objects.filter(pk=case.pk, version=case.version).update(**changed)
    if rows != 1:
        raise changed_meanwhile(case)
    for name, value in changed.items():
        setattr(case, name, value)


def changed_meanwhile(case: Case) -> Conflict:
    """Who was first, in words."""
    last = Event.objects.filter(case_id=case.pk).select_related("actor").last()
    if last is None:
        return Conflict(_("The case was changed meanwhile. Reload the page."))
    who = last.actor.shown_name() if last.actor else last.get_actor_kind_display()
    return Conflict(
        _("%(who)s changed this case meanwhile. Nothing of yours was saved; look at it again.")
        % {"who": who}
    )


def _proposer(case: Case) -> int | None:
    decision = case.decisions.first()
    return decision.decided_by_id if decision else None


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON values: dates in ISO form, empty ones left out."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in facts.items()
        if value not in (None, "", [])
    }
