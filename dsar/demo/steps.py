"""What can happen in a demo case, each by the function that the real pages call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dsar import (
    casework,
    complaints,
    correspondence,
    deadlines,
    decision,
    duplicates,
    fees,
    identity,
    letters,
    lifecycle,
    links,
    postings,
)
from dsar.demo.papers import paper
from dsar.ledger import Actor
from dsar.models import Case, Letter, Message, Outcome, StaffMember, Status

REQUESTER = ""
HANDLER = "handler"
"""Stands for the officer that the plot names."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Who does something to which case, and when; `handler` is its officer."""

    case: Case
    by: Actor
    at: datetime
    handler: StaffMember


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens.

    Attributes:
        day: calendar days after receipt; the desk acts on the first business day from then on.
        by: a username, `HANDLER` or `REQUESTER`.
    """

    day: int
    by: str
    do: Callable[[Turn], object]


def _act(day: int, act: str, by: str, facts: Mapping[str, str] | None = None, **texts: str) -> Step:
    return Step(
        day,
        by,
        lambda turn: lifecycle.move(
            turn.case, act, by=turn.by, at=turn.at, facts=facts, texts=texts
        ),
    )


# --- The way to the examination -----------------------------------------------------------
def take(day: int) -> Step:
    """The officer takes the case on."""
    return Step(day, HANDLER, lambda t: casework.assign(t.case, t.handler, by=t.by, at=t.at))


def assign(day: int, by: str = "approver") -> Step:
    """The officer is given the case by somebody else, who tells them by mail."""
    return Step(day, by, lambda t: casework.assign(t.case, t.handler, by=t.by, at=t.at))


def accept(day: int) -> Step:
    """Accepted; the identity check begins."""
    return _act(day, "accept", HANDLER)


def start(day: int) -> Step:
    """Accepted, of a kind that needs no identity check."""
    return _act(day, "start", HANDLER)


def identify(day: int, method: str = "photo_id", authority: str = "", note: str = "") -> Step:
    """The identity was confirmed, and the authority of an agent."""

    def run(turn: Turn) -> None:
        identity.confirm(
            turn.case,
            method=method,
            authority=authority,
            covers_answer=authority == "mandate",
            note=note,
            by=turn.by,
            at=turn.at,
        )

    return Step(day, HANDLER, run)


def opened(
    day: int, identified: int, method: str = "photo_id", authority: str = ""
) -> tuple[Step, ...]:
    """The usual beginning: taken on and accepted on one day, identified on another."""
    return take(day), accept(day), identify(identified, method, authority)


def ask(day: int, reason: str, message: str, doubt: str = "") -> Step:
    """Something is missing; the person reads the question among the messages."""

    def run(turn: Turn) -> None:
        texts = {"reason": reason, "doubt": doubt, "message": message}
        lifecycle.move(turn.case, "ask", by=turn.by, at=turn.at, texts=texts)
        correspondence.send(turn.case, message, by=turn.by, at=turn.at, tell=False)

    return Step(day, HANDLER, run)


def resume(day: int, reason: str) -> Step:
    """The answer is there; it arrived with the person's last message."""

    def run(turn: Turn) -> None:
        last = turn.case.messages.filter(direction=Message.Direction.FROM_REQUESTER).latest("at")
        lifecycle.move(
            turn.case,
            "resume",
            by=turn.by,
            at=turn.at,
            facts={"resumed_on": deadlines.today(turn.case, last.at)},
            texts={"reason": reason},
        )

    return Step(day, HANDLER, run)


def extend(day: int, reason: str) -> Step:
    """The decision is put off."""
    return _act(day, "extend", HANDLER, reason=reason)


# --- The fee ------------------------------------------------------------------------------
def charge(day: int) -> Step:
    """The person is told of the fee, and the case waits for it."""
    return Step(
        day,
        HANDLER,
        lambda t: fees.charge(t.case, fees.amount_of(t.case), by=t.by, at=t.at),
    )


def paid(day: int, amount: int, way: str = "bank_transfer", reference: str = "") -> Step:
    """So much of the fee arrived that day."""

    def run(turn: Turn) -> None:
        fees.pay(
            turn.case,
            amount,
            way=way,
            paid_on=deadlines.today(turn.case, turn.at),
            reference=reference,
            by=turn.by,
            at=turn.at,
        )

    return Step(day, HANDLER, run)


# --- Complaints and other cases -----------------------------------------------------------
def investigate(day: int, examined: str, finding: str) -> Step:
    """Something was looked into for a complaint."""
    return Step(
        day,
        HANDLER,
        lambda t: complaints.investigate(t.case, examined, finding, by=t.by, at=t.at),
    )


def about_newest(day: int) -> Step:
    """The complaint is linked with the newest other case of the person."""

    def run(turn: Turn) -> None:
        found = duplicates.likely(turn.case, today=deadlines.today(turn.case, turn.at))
        kind = links.Kind.COMPLAINT_ABOUT
        links.link(turn.case, found[0].case, kind, by=turn.by, at=turn.at)

    return Step(day, HANDLER, run)


def merge(day: int, reason: str) -> Step:
    """The case is merged with the person's earliest one of its kind."""

    def run(turn: Turn) -> None:
        found = duplicates.likely(turn.case, today=deadlines.today(turn.case, turn.at))
        earlier = [row.case for row in found if row.is_same_kind][-1]
        duplicates.merge(turn.case, earlier, reason=reason, by=turn.by, at=turn.at)

    return Step(day, HANDLER, run)


# --- Words and files ----------------------------------------------------------------------
def says(day: int, body: str, *files: str) -> Step:
    """The person writes, with files of these names."""
    return _message(day, REQUESTER, body, files)


def writes(day: int, body: str, *files: str) -> Step:
    """The desk writes to the person."""
    return _message(day, HANDLER, body, files)


def _message(day: int, by: str, body: str, files: tuple[str, ...]) -> Step:
    return Step(
        day,
        by,
        lambda t: correspondence.send(
            t.case, body, by=t.by, at=t.at, uploads=[paper(name) for name in files]
        ),
    )


def reads(day: int) -> Step:
    """The person opens the status page; whoever takes a turn has read what is there."""
    return Step(day, REQUESTER, lambda t: None)


def note(day: int, body: str, by: str = HANDLER) -> Step:
    """An internal note."""
    return Step(day, by, lambda t: casework.note(t.case, body, by=t.by, at=t.at))


def choose(day: int, method: str, delivery: str) -> Step:
    """The person changes how the answer is to come."""
    return Step(
        day,
        REQUESTER,
        lambda t: casework.change_method(t.case, method, delivery, by=t.by, at=t.at),
    )


# --- The decision and the end -------------------------------------------------------------
def decide(
    day: int,
    outcome: Outcome,
    code: str = "",
    *,
    reason: str = "",
    withheld: str = "",
    measure: str = "",
    answer: str = "",
) -> Step:
    """The officer decides; refusals, in whole or in part, and "not held" go to approval."""
    draft = decision.Draft(
        outcome,
        code,
        reason=reason,
        withheld=withheld,
        alternative_measure=measure,
        answer=answer,
    )
    return Step(day, HANDLER, lambda t: decision.record(t.case, draft, by=t.by, at=t.at))


def approve(day: int) -> Step:
    """The approver agrees. Where decisions need no approval there is nothing to do."""

    def run(turn: Turn) -> None:
        if turn.case.status == Status.IN_APPROVAL:
            decision.approve(turn.case, by=turn.by, at=turn.at)

    return Step(day, "approver", run)


def send_back(day: int, reason: str) -> Step:
    """The approver wants changes. Where decisions need no approval there is nothing to do."""

    def run(turn: Turn) -> None:
        if turn.case.status == Status.IN_APPROVAL:
            decision.send_back(turn.case, reason, by=turn.by, at=turn.at)

    return Step(day, "approver", run)


def close(day: int, notified_by: str = "portal") -> Step:
    """The person has been notified."""

    def run(turn: Turn) -> None:
        lifecycle.move(
            turn.case,
            "close",
            by=turn.by,
            at=turn.at,
            facts={
                "notified_by": notified_by,
                "notified_on": deadlines.today(turn.case, turn.at),
            },
        )

    return Step(day, HANDLER, run)


def posts(day: int, way: str, tracking: str = "") -> Step:
    """The letters so far are written, and posted; or wait for the check of a second person."""

    def run(turn: Turn) -> None:
        for row in turn.case.letters.filter(state=Letter.State.ORDERED):
            letters.write(row.pk, turn.at)
        issued = turn.case.letters.filter(state=Letter.State.ISSUED, by_post=True)
        for row in issued.filter(postings=None).select_related("case__key", "case__controller"):
            postings.record(
                row,
                way,
                by=turn.by,
                at=turn.at,
                posted_on=deadlines.today(turn.case, turn.at),
                tracking=tracking,
            )

    return Step(day, HANDLER, run)


def withdraw(day: int, said: str = "") -> Step:
    """The person takes the request back: on the portal, or by what they `said` to the desk."""

    def run(turn: Turn) -> None:
        lifecycle.move(
            turn.case,
            "withdraw",
            by=turn.by,
            at=turn.at,
            texts={"reason": said},
            outcome=Outcome.WITHDRAWN,
        )

    return Step(day, HANDLER if said else REQUESTER, run)


def reopen(day: int, reason: str) -> Step:
    """A decided or closed case is taken up again."""
    return _act(day, "reopen", "approver", reason=reason)
