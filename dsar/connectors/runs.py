"""Runs of connectors: found from rows, claimed by a lease, done one by one, each on record.

A run asks its system outside any transaction of ours, and writes what came of it in one: rows,
answer, event. One that dies leaves a lease that runs out; the next try begins anew. A search
writes its material once, since only the try that still holds the lease may write. A change that
was committed is not made twice: a repeated try first asks the verification query whether
anything is left.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from dsar import notices
from dsar.connectors import declared, lease, steps
from dsar.connectors.lease import LEASE, MAX_TRIES, State
from dsar.connectors.outcome import ATTRIBUTES, Connector, Failure, Values
from dsar.models import Case, ConnectorRun, DataSystem, Person, SearchTask

BACKOFF_MINUTES = (1, 5, 15, 60)
SWEEP_ROWS = 200

logger = logging.getLogger(__name__)
CONNECTED = (
    DataSystem.Connector.SQL,
    DataSystem.Connector.HTTP,
    DataSystem.Connector.FOLDER,
)


# --- Finding and claiming -----------------------------------------------------------------
def sweep(now: datetime) -> int:
    """Make the runs that are missing, drop those that are moot, queue what is due; how many."""
    plan(now)
    claimed = 0
    while batch := claim(now):
        claimed += len(batch)
        for pk in batch:
            notices.queue("dsar.run_connector", pk)
    return claimed


def plan(now: datetime) -> None:
    """A first run for every open task of a system with a connector; none for closed tasks."""
    moot = ConnectorRun.objects.filter(state__in=(State.WAITING, State.FAILED)).exclude(
        task__state=SearchTask.State.OPEN
    )
    ended = list(moot.values_list("pk", flat=True))
    if ended:
        ConnectorRun.objects.filter(pk__in=ended, state__in=(State.WAITING, State.FAILED)).update(
            state=State.CANCELLED, ended_at=now
        )
    known = ConnectorRun.objects.exclude(state=State.CANCELLED).values("task")
    tasks = SearchTask.objects.filter(
        state=SearchTask.State.OPEN,
        system__connector__in=CONNECTED,
        case__key__destroyed_at=None,
    ).exclude(pk__in=known)
    ConnectorRun.objects.bulk_create(
        [lease.new(task, lease.first_step(task), now, task.asked_by_id) for task in tasks],
        ignore_conflicts=True,  # another sweep was faster
    )


def claim(now: datetime, limit: int = SWEEP_ROWS) -> list[int]:
    """Claim up to `limit` due runs until their lease ends; their ids."""
    due = Q(state=State.WAITING, next_try_at__lte=now, claimed_until=None)
    lost = Q(state=State.WAITING, next_try_at__lte=now, claimed_until__lte=now)
    lapsed = Q(state=State.RUNNING, claimed_until__lte=now)
    with transaction.atomic():
        rows = ConnectorRun.objects.filter(due | lost | lapsed).order_by("next_try_at", "id")
        # PostgreSQL passes over rows that another sweep holds; SQLite has one writer at a time.
        found = list(rows.select_for_update(skip_locked=True)[:limit].values_list("pk", flat=True))
        ConnectorRun.objects.filter(pk__in=found).update(claimed_until=now + LEASE)
    return found


# --- One run ------------------------------------------------------------------------------
def run(pk: int, now: datetime) -> str | None:
    """Try one run that is due; its state afterwards, None when there was nothing to do."""
    until = now + LEASE
    begun = ConnectorRun.objects.filter(
        pk=pk, state__in=ConnectorRun.ACTIVE, next_try_at__lte=now
    ).update(
        state=State.RUNNING,
        claimed_until=until,
        next_try_at=until,
        attempts=F("attempts") + 1,
        begun_at=now,
    )
    if not begun:
        return None
    row = ConnectorRun.objects.select_related(
        "task__system", "task__case__key", "task__case__controller"
    ).get(pk=pk)
    task = row.task
    is_moot = task.state != SearchTask.State.OPEN or task.case.key.destroyed_at is not None
    if is_moot or task.system.connector not in CONNECTED:
        return lease.end(row, State.CANCELLED)
    if row.attempts > row.last_attempt:  # workers died over it
        return _failed(row, Failure("gave_up"), now)
    try:
        return steps.STEPS[row.step](row, opened(row.task.system), values_of(row.task.case))
    except Failure as failure:
        return _failed(row, failure, now)
    except declared.Misconfigured:
        return _failed(row, Failure("settings"), now)
    except Exception as error:  # one system must not keep the others from being asked
        logger.error("run %d failed: %s", row.pk, type(error).__name__)
        return _failed(row, Failure("internal", type(error).__name__), now)


def opened(system: DataSystem) -> Connector:
    """The connector of a system.

    Raises:
        declared.Misconfigured: its settings are not complete.
    """
    # Loaded when first asked: their libraries are slow to load, and web processes rarely need them.
    found = declared.read(system.connector, system.settings)
    if isinstance(found, declared.Sql):
        from dsar.connectors.sql import SqlConnector

        return SqlConnector(found)
    if isinstance(found, declared.Http):
        from dsar.connectors.http import HttpConnector

        return HttpConnector(found)
    from dsar.connectors.folder import FolderConnector

    return FolderConnector(found)


def values_of(case: Case) -> Values:
    """What of the principal may be handed to a system."""
    person = case.people.filter(role=Person.Role.PRINCIPAL).first()
    if person is None:
        raise Failure("no_values")
    person.case = case
    return {name: getattr(person, name) or None for name in ATTRIBUTES}


def _failed(row: ConnectorRun, failure: Failure, now: datetime) -> str:
    """Another try later for what may pass; else, or after too many, a failure that is shown."""
    again = failure.is_passing and row.attempts < row.last_attempt
    state = State.WAITING if again else State.FAILED
    fields: dict[str, Any] = {}
    if again:
        tries = row.attempts + MAX_TRIES - row.last_attempt
        fields["next_try_at"] = notices.next_try(tries, now, BACKOFF_MINUTES)
    with transaction.atomic():
        if lease.end(row, state, failure, **fields) is not None:
            lease.record(row, state, now, {"error": failure.code})
    return state
