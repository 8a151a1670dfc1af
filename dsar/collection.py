"""Asking the departments and processors that hold data, and keeping what they answer.

A task is one question to one system: to search, or after a decision to carry it out. Tasks with
a connector are answered by it; the others by their data owner (`dsar.owner_answers`). Every
question, answer and cancellation is an event of the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dsar import deadlines, ledger, notices, owner_mail, vault
from dsar.clock import Calendar
from dsar.ledger import Actor
from dsar.models import FINISHED, Case, DataSystem, Outcome, SearchTask, StaffMember, Status

State = SearchTask.State
Purpose = SearchTask.Purpose

ANSWERS: dict[str, tuple[State, ...]] = {
    Purpose.SEARCH: (State.FOUND, State.NOTHING, State.NOT_OURS),
    Purpose.CARRY_OUT: (State.DONE,),
}
"""What may be answered to a task of each purpose."""
UNFINISHED = (State.PROPOSED, State.OPEN)
_ONE_DAY = timedelta(days=1)


class NotPossible(Exception):
    """A task is not in a state for this; the message says why, in the reader's words."""


# --- Proposing, asking, answering ---------------------------------------------------------
def propose(
    case: Case, systems: Iterable[DataSystem] | None = None, *, purpose: str = "search"
) -> list[SearchTask]:
    """Note a task for each system that has none yet; by default all in use at the controller."""
    if systems is None:
        systems = case.controller.systems.filter(is_active=True)
    known = set(
        case.tasks.filter(purpose=purpose)
        .exclude(state=State.CANCELLED)
        .values_list("system", flat=True)
    )
    return SearchTask.objects.bulk_create(
        SearchTask(case=case, system=system, purpose=purpose)
        for system in systems
        if system.pk not in known
    )


def ask(
    task: SearchTask,
    question: str,
    due_on: date,
    *,
    by: Actor,
    at: datetime,
    shared: Sequence[str] = (),
) -> None:
    """Put the question to the data owner, or to the system's connector.

    Args:
        shared: names of the person's attributes that the question gives away; kept on record.

    Raises:
        NotPossible: it was asked already.
    """
    task.question, task.due_on = question, due_on
    task.asked_at, task.asked_by = at, by.user
    with transaction.atomic():
        token = _fresh_link(task)
        facts = {
            "due_on": due_on.isoformat(),
            "shared": list(shared),
            "connector": task.system.connector,
        }
        _write(task, (State.PROPOSED,), State.OPEN, "ask_task", by, at, facts)
        owner_mail.asked(task, token, at)
        if task.system.connector != DataSystem.Connector.MANUAL:
            transaction.on_commit(partial(notices.queue, "dsar.run_connectors"))


def answer(task: SearchTask, state: str, *, by: Actor, at: datetime, answer: str = "") -> None:
    """Note what came of a task: found, nothing, not ours, or carried out.

    Raises:
        NotPossible: it is not open, this is no answer to it, or its proof is missing.
    """
    if state not in ANSWERS[task.purpose]:
        raise NotPossible(_("This is no answer to such a task."))
    if needs_proof(task) and not answer.strip() and not task.proofs.exists():
        raise NotPossible(_("A processor has to prove it: add a file, or name the document."))
    task.answer, task.answered_at, task.answered_by = answer, at, by.user
    task.token_digest = b""
    with transaction.atomic():
        count = task.materials.count() + task.proofs.count()
        _write(task, (State.OPEN,), State(state), "answer_task", by, at, {"files": count})
        owner_mail.answered(task, at)


def cancel(task: SearchTask, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Take a task back; a data owner who was asked is told.

    Raises:
        NotPossible: it was answered.
    """
    was_open = task.state == State.OPEN
    task.token_digest = b""
    with transaction.atomic():
        _write(task, UNFINISHED, State.CANCELLED, "cancel_task", by, at, {}, {"reason": reason})
        owner_mail.cancelled(task, at, tell=was_open)


def remind(task: SearchTask, *, by: Actor, at: datetime) -> None:
    """Ask the data owner once more, with a new link; the links mailed before stop working.

    Raises:
        NotPossible: it is not open, or nobody can be reached by mail.
    """
    if not owner_mail.addressees(task.system):
        raise NotPossible(_("Nobody is registered whom a mail could reach."))
    with transaction.atomic():
        token = _fresh_link(task)
        _write(task, (State.OPEN,), State.OPEN, "remind_task", by, at, {})
        owner_mail.reminded(task, token, at)


def needs_proof(task: SearchTask) -> bool:
    """Whether it has to be proven: what a processor carries out for the company."""
    return (
        task.purpose == Purpose.CARRY_OUT
        and task.system.processor_id is not None
        and task.case.rule.carried_out
    )


def _write(
    task: SearchTask,
    sources: tuple[State, ...],
    target: State,
    act: str,
    by: Actor,
    at: datetime,
    facts: Mapping[str, object],
    texts: dict[str, str] | None = None,
) -> None:
    """Write the task and its event, if nobody else changed the task since it was loaded."""
    with transaction.atomic():
        # The case first, then its tasks: acts that move the case on lock in this order too.
        Case.objects.select_for_update().values_list("pk").get(pk=task.case_id)
        held = SearchTask.objects.filter(
            pk=task.pk, version=task.version, state__in=sources
        ).update(version=task.version + 1)
        if not held:
            raise NotPossible(_("This task was changed meanwhile. Look at it again."))
        task.version += 1
        task.state = target
        task.save()
        ledger.append(
            task.case,
            act,
            by=by,
            at=at,
            facts={
                "task": task.pk,
                "system": task.system.code,
                "purpose": task.purpose,
                "state": target.value,
                **facts,
            },
            texts={name: text for name, text in (texts or {}).items() if text} or None,
        )


# --- By whom a task may be opened ---------------------------------------------------------
def open_tasks_of(user: StaffMember) -> list[SearchTask]:
    """The open tasks of the systems that a data owner answers for, what is due first."""
    return list(
        _readable()
        .filter(system__owners=user, system__controller__in=user.controllers.all())
        .order_by("due_on", "id")
    )


def open_task_of(user: StaffMember, pk: int) -> SearchTask | None:
    """One of the data owner's open tasks."""
    return next((task for task in open_tasks_of(user) if task.pk == pk), None)


def open_task_by_link(token: str) -> SearchTask | None:
    """The open task that a mailed link leads to; a link ends with its task."""
    return open_task_by_digest(vault.keyed_digest("owner_task", token))


def open_task_by_digest(digest: bytes) -> SearchTask | None:
    """The open task whose link has this digest."""
    return _readable().filter(token_digest=digest).first() if digest else None


def _readable() -> QuerySet[SearchTask]:
    return SearchTask.objects.filter(state=State.OPEN, case__key__destroyed_at=None).select_related(
        "case__key", "case__controller", "system__processor"
    )


def _fresh_link(task: SearchTask) -> str:
    """A new token for the task's link; only its digest is kept."""
    token = vault.new_token()
    task.token_digest = vault.keyed_digest("owner_task", token)
    return token


# --- Until when ---------------------------------------------------------------------------
def latest_due(case: Case) -> date | None:
    """The day the decision is due, while it is."""
    row = case.deadlines.filter(code="decision", met_on=None).first()
    return row.due_on if row else None


def default_due(case: Case, today: date) -> date:
    """OWNER_TASK_DAYS business days from today, but OWNER_TASK_MARGIN_DAYS before the decision.

    Where that leaves no time, the next business day, and never after the decision is due.
    """
    calendar = deadlines.calendar_of(case)
    day = today
    for _day in range(settings.OWNER_TASK_DAYS):
        day, _passed = calendar.next_open(day + _ONE_DAY)
    soonest, _passed = calendar.next_open(today + _ONE_DAY)
    latest = latest_due(case)
    if latest is None:
        return day
    margin = timedelta(days=settings.OWNER_TASK_MARGIN_DAYS)
    day = _last_open(calendar, min(day, latest - margin))
    return max(today, min(max(day, soonest), latest))


def _last_open(calendar: Calendar, day: date) -> date:
    """The day itself or the last open one before it."""
    while calendar.closed(day) is not None:
        day -= _ONE_DAY
    return day


# --- In step with the case ----------------------------------------------------------------
def purpose_now(case: Case) -> Purpose | None:
    """What may be asked of data owners as the case stands; None while nothing may."""
    if "complaint" in case.rule.questions:
        return None
    if case.status == Status.DECIDED:
        return Purpose.CARRY_OUT if _grants_a_change(case) else None
    waits = case.status == Status.AWAITING_REQUESTER and case.waiting_from == Status.IN_PROGRESS
    if waits or case.status in (Status.IN_PROGRESS, Status.IN_APPROVAL):
        return Purpose.SEARCH
    return None


def follow(case: Case, before: str, *, by: Actor, at: datetime) -> None:
    """Bring the tasks in step with a case that moved on; the caller's transaction is open.

    The examination begins or begins anew: searches are proposed. It ended: open searches are
    taken back. It ended with a grant that changes data: carrying it out is proposed to the
    systems where data was found.
    """
    if "complaint" in case.rule.questions:
        return
    if case.status in FINISHED and before not in FINISHED:
        _stop(case, Purpose.SEARCH, by, at)
        if _grants_a_change(case):
            propose(case, _found_at(case), purpose=Purpose.CARRY_OUT)
        return
    if before in FINISHED and case.status not in FINISHED:
        _stop(case, Purpose.CARRY_OUT, by, at)
    begins = before in (Status.RECEIVED, Status.IDENTITY_CHECK, *FINISHED)
    if begins and case.status == Status.IN_PROGRESS:
        propose(case)


def to_carry_out(case: Case) -> int:
    """How many systems still have to carry the decision out."""
    return case.tasks.filter(purpose=Purpose.CARRY_OUT, state__in=UNFINISHED).count()


def carried_out(case: Case) -> list[str]:
    """The codes of the systems that carried the decision out."""
    done = case.tasks.filter(purpose=Purpose.CARRY_OUT, state=State.DONE)
    return list(done.values_list("system__code", flat=True))


def _grants_a_change(case: Case) -> bool:
    return case.outcome in (Outcome.GRANTED, Outcome.PARTIAL) and case.rule.carried_out


def _found_at(case: Case) -> list[DataSystem]:
    found = case.tasks.filter(purpose=Purpose.SEARCH, state=State.FOUND)
    return [task.system for task in found.select_related("system")]


def _stop(case: Case, purpose: Purpose, by: Actor, at: datetime) -> None:
    rows = case.tasks.filter(purpose=purpose)
    rows.filter(state=State.PROPOSED).update(state=State.CANCELLED)
    for task in rows.filter(state=State.OPEN).select_related("system"):
        task.case = case
        cancel(task, by=by, at=at)
