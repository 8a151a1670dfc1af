"""One row of a run: made, held by the try that has its lease, ended, and put on record."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from dsar import ledger
from dsar.connectors.outcome import Failure
from dsar.models import ConnectorRun, DataSystem, SearchTask

LEASE = timedelta(minutes=10)
"""Longer than the longest run: four statements of two minutes each."""
MAX_TRIES = 5
State, Step = ConnectorRun.State, ConnectorRun.Step


def first_step(task: SearchTask) -> str:
    return Step.SEARCH if task.purpose == SearchTask.Purpose.SEARCH else Step.DRY_RUN


def new(task: SearchTask, step: str, now: datetime, by: int | None) -> ConnectorRun:
    return ConnectorRun(
        task=task,
        step=step,
        last_attempt=MAX_TRIES,
        next_try_at=now,
        created_at=now,
        started_by_id=by,
    )


def fingerprint(system: DataSystem) -> bytes:
    """Of the settings: what was approved is what is carried out."""
    text = json.dumps([system.connector, system.settings], sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def held(row: ConnectorRun, *, even_closed: bool = False) -> SearchTask | None:
    """The task, locked, if this try still holds the lease; None when it lost it.

    A task that was answered by hand meanwhile ends the run, unless something was changed already.
    """
    mine = ConnectorRun.objects.select_for_update().filter(
        pk=row.pk, state=State.RUNNING, attempts=row.attempts
    )
    if not mine.exists():
        return None
    task = SearchTask.objects.select_related("system", "case__key", "case__controller").get(
        pk=row.task_id
    )
    if task.state != SearchTask.State.OPEN and not even_closed:
        end(row, State.CANCELLED)
        return None
    row.task = task
    return task


def noted(row: ConnectorRun, left: int, touched: int) -> bool:
    """Write down, before anything is changed, what there is; False when the lease was lost."""
    with transaction.atomic():
        if held(row) is None:
            return False
        row.before_rows, row.rows = left, touched
        row.save(update_fields=["before_rows", "rows"])
        record(row, "change_begun", timezone.now(), {"before": left, "rows": touched})
    return True


def done(row: ConnectorRun, at: datetime, **numbers: Any) -> None:
    for name, value in numbers.items():
        setattr(row, name, value)
    end(row, State.DONE, None, at, **numbers)
    record(row, row.step, at, numbers)


def end(
    row: ConnectorRun,
    state: str,
    failure: Failure | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> str | None:
    """Write how a try ended, unless another one has taken over; None then."""
    ended_at = None if state == State.WAITING else at or timezone.now()
    written = ConnectorRun.objects.filter(
        pk=row.pk, state=State.RUNNING, attempts=row.attempts
    ).update(
        state=state,
        claimed_until=None,
        ended_at=ended_at,
        last_error=failure.code if failure else "",
        error_detail=failure.detail[:60] if failure else "",
        **fields,
    )
    if not written:
        return None
    row.state = state
    return state


def record(row: ConnectorRun, act: str, at: datetime, facts: dict[str, Any]) -> None:
    """The event of a step: `connector_` and what happened."""
    task = row.task
    ledger.append(
        task.case,
        f"connector_{act}",
        by=ledger.SYSTEM,
        at=at,
        facts={
            "task": task.pk,
            "system": task.system.code,
            "step": row.step,
            "attempt": row.attempts,
            **facts,
        },
    )
