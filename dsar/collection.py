"""Asking the departments and processors that hold data, and keeping what they answer.

A task is one question to one system. Tasks with a connector are answered by it; the others by
their data owner. Every change is an event of the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from dsar import ledger
from dsar.ledger import Actor
from dsar.models import Case, DataSystem, SearchTask

State = SearchTask.State


class NotPossible(Exception):
    """A task is not in a state for this; the message says why, in the reader's words."""


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


def ask(task: SearchTask, question: str, due_on: date, *, by: Actor, at: datetime) -> None:
    """Put the question to the data owner, or to the system's connector.

    Raises:
        NotPossible: it was asked already.
    """
    task.question, task.due_on = question, due_on
    task.asked_at, task.asked_by = at, by.user
    _write(task, (State.PROPOSED,), State.OPEN, "ask_task", by, at, {"due_on": due_on.isoformat()})


def answer(task: SearchTask, state: str, *, by: Actor, at: datetime, answer: str = "") -> None:
    """Note what came of a task: found, nothing, not ours, or carried out.

    Raises:
        NotPossible: it is not open.
    """
    task.answer, task.answered_at, task.answered_by = answer, at, by.user
    _write(task, (State.OPEN,), State(state), "answer_task", by, at, {})


def cancel(task: SearchTask, *, by: Actor, at: datetime) -> None:
    """Take a task back.

    Raises:
        NotPossible: it was answered.
    """
    _write(task, (State.PROPOSED, State.OPEN), State.CANCELLED, "cancel_task", by, at, {})


def _write(
    task: SearchTask,
    sources: tuple[State, ...],
    target: State,
    act: str,
    by: Actor,
    at: datetime,
    facts: dict[str, str],
) -> None:
    """Write the task and its event, if nobody else changed the task since it was loaded."""
    with transaction.atomic():
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
        )
