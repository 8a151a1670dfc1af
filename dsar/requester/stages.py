"""Where a case stands for the person: in a sentence, and in the stages of its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsar import clock
from dsar.models import (
    Case,
    Deadline,
    Outcome,
    Status,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the case stands: a headline, what happens next, and until when.

    Attributes:
        by: the last day for our answer, or for the person's; None where there is none.
        by_label: whose last day it is.
        days: how far away it is, in words; or why there is no date.
        is_late: the day has passed.
    """

    headline: str
    next: str
    by: date | None = None
    by_label: str = ""
    days: str = ""
    is_late: bool = False


def standing(case: Case, deadlines: Mapping[str, Deadline], today: date) -> Standing:
    """The case's state in plain words. `deadlines` are its rows by role."""
    headline, following = _state(case)
    if case.status in (Status.DECIDED, Status.CLOSED):
        return Standing(headline, following)
    fee = deadlines.get("fee_payment")
    if case.status == Status.AWAITING_REQUESTER and fee and fee.due_on and not fee.met_on:
        return Standing(
            _("We are waiting for the fee."),
            _("When it has arrived, we go on with your request."),
            fee.due_on,
            _("Please pay by"),
            _days_left(fee.due_on, today)
            or _("This day has passed. Please pay as soon as you can, or write to us."),
            is_late=fee.due_on < today,
        )
    if case.status == Status.AWAITING_REQUESTER:
        cure = deadlines.get("cure")
        if cure is not None and cure.due_on is not None:
            return Standing(
                headline,
                following,
                cure.due_on,
                _("Please answer by"),
                _days_left(cure.due_on, today)
                or _("This day has passed. Please answer as soon as you can, or tell us why not."),
                is_late=cure.due_on < today,
            )
    decision = deadlines.get("decision")
    if decision is None or decision.met_on:
        return Standing(headline, following)
    if decision.due_on is None:
        waits = _("The date of our answer is set once we have received what is missing.")
        return Standing(headline, following, days=waits)
    return Standing(
        headline,
        following,
        decision.due_on,
        _("We will answer by"),
        _days_left(decision.due_on, today)
        or _("This day has passed. We are sorry that our answer takes longer."),
        is_late=decision.due_on < today,
    )


def _days_left(due: date, today: date) -> str:
    """How many days are left, in words; empty once the day has passed."""
    left = clock.days_left(due, today)
    if left > 0:
        return ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left}
    return _("Today is the last day.") if left == 0 else ""


def _state(case: Case) -> tuple[str, str]:
    """Headline and what happens next, by status."""
    checks_identity = case.rule.identity == "required"
    match case.status:
        case Status.RECEIVED:
            if checks_identity:
                following = _("We look whether anything is missing and check your identity.")
            else:
                following = _("We look whether anything is missing and begin the examination.")
            return _("We have received your request."), following
        case Status.IDENTITY_CHECK:
            return (
                _("We are checking your identity."),
                _("When that is done, we examine your request."),
            )
        case Status.AWAITING_REQUESTER:
            return (
                _("We are waiting for your answer."),
                _("When it has arrived and nothing is missing, we go on with your request."),
            )
        case Status.DECIDED if case.outcome in (Outcome.GRANTED, Outcome.PARTIAL):
            return (
                _("We have decided on your request."),
                _("We now carry the decision out and give you notice. Then we close the case."),
            )
        case Status.DECIDED:
            return (
                _("We have decided on your request."),
                _("We give you notice of the decision. Then we close the case."),
            )
        case Status.CLOSED if case.outcome == Outcome.MERGED:
            return (
                _("We deal with this request together with an earlier one."),
                _("We answer you under the number of the earlier request, which you find below."),
            )
        case Status.CLOSED if case.outcome == Outcome.WITHDRAWN:
            return (
                _("You withdrew your request."),
                _("We do nothing more in this matter. You may make a new request at any time."),
            )
        case Status.CLOSED:
            return (
                _("The case is closed."),
                _("You can still read everything here, but nothing can be added."),
            )
        case _:
            return (
                _("We are examining your request."),
                _("When we have decided, we tell you by e-mail that the decision is here."),
            )


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the way; `state` is done, current or upcoming, `on` when it was or is due."""

    label: str
    state: str
    on: date | None = None
    is_due: bool = False


def stages(case: Case, deadlines: Mapping[str, Deadline]) -> list[Stage]:
    """The way of the case: received, identity, examination, decision, closed.

    A case that ended early shows only the stages it came through.
    """
    rows = {"received": _("Received")}
    ended_early = (Outcome.WITHDRAWN, Outcome.MERGED)
    if case.outcome not in (*ended_early, Outcome.NOT_ACCEPTED):
        if case.rule.identity == "required":
            rows["identity"] = _("Identity check")
        rows["examination"] = _("Examination")
    if case.outcome not in ended_early:
        rows["decision"] = _("Decision")
    rows["closed"] = _("Closed")
    names = list(rows)
    reached = names.index(_stage_of(case))
    found = []
    for position, (name, label) in enumerate(rows.items()):
        if position < reached or (name == "closed" and not case.is_open):
            state = "done"
        else:
            state = "current" if position == reached else "upcoming"
        on, is_due = _date_of(case, name, state, deadlines)
        found.append(Stage(label, state, on, is_due))
    return found


def _stage_of(case: Case) -> str:
    status = case.status
    if status == Status.AWAITING_REQUESTER:
        status = case.waiting_from or Status.IN_PROGRESS
    return {
        Status.RECEIVED: "received",
        Status.IDENTITY_CHECK: "identity",
        Status.DECIDED: "decision",
        Status.CLOSED: "closed",
    }.get(Status(status), "examination")


def _date_of(
    case: Case, name: str, state: str, deadlines: Mapping[str, Deadline]
) -> tuple[date | None, bool]:
    """When a stage was reached, or until when it is to be done (then True)."""
    zone = case.rules.timezone
    if name == "received":
        return case.received_on, False
    if name == "closed":
        return (clock.received_on(case.closed_at, zone) if case.closed_at else None), False
    if name == "decision" and case.decided_at:
        return clock.received_on(case.decided_at, zone), False
    row = deadlines.get({"identity": "id_check", "decision": "decision"}.get(name, ""))
    if row is None:
        return None, False
    return (row.met_on, False) if state == "done" else (row.due_on, row.due_on is not None)
