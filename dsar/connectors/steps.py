"""The steps of a connector: search, dry run, carrying out, verification.

Each asks the system outside any transaction of ours, then writes what came of it in one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import collection, ledger, materials, notices
from dsar.connectors import lease
from dsar.connectors.lease import State, Step
from dsar.connectors.outcome import Connector, Failure, Table, Values
from dsar.models import ConnectorRun


def search(row: ConnectorRun, connector: Connector, values: Values) -> str:
    found = connector.search(values)
    with transaction.atomic():
        task = lease.held(row)
        if task is None:
            return State.CANCELLED
        at = timezone.now()
        if found.rows:
            title = task.system.name_in(task.case.language)
            materials.add_table(task.case, title, found.columns, found.rows, at=at, task=task)
        lease.done(row, at, rows=len(found.rows))
        with override(task.case.language):
            said = _("Rows found by the connector: %(count)d.") % {"count": len(found.rows)}
        state = "found" if found.rows else "nothing"
        collection.answer(task, state, by=ledger.SYSTEM, at=at, answer=said)
    return State.DONE


def dry_run(row: ConnectorRun, connector: Connector, values: Values) -> str:
    touched = connector.touched(row.kind, values)
    left = connector.left(row.kind, values)
    if touched.count and not left:
        # A verification that finds nothing before the change cannot prove anything after it.
        raise Failure("unproven")
    with transaction.atomic():
        task = lease.held(row)
        if task is None:
            return State.CANCELLED
        row.sample = _plain(touched.sample)
        row.fingerprint = lease.fingerprint(task.system)
        row.save(update_fields=["sample", "fingerprint"])
        lease.done(row, timezone.now(), rows=touched.count, before_rows=left)
    return State.DONE


def carry_out(row: ConnectorRun, connector: Connector, values: Values) -> str:
    if bytes(row.fingerprint) != lease.fingerprint(row.task.system):
        raise Failure("settings_changed")
    before = row.before_rows
    left = connector.left(row.kind, values)
    if before is not None and not left:
        # An earlier try was committed and died before it could say so.
        count = row.rows
    else:
        approved = row.approved_rows or 0
        touched = connector.touched(row.kind, values).count
        if touched > approved:
            raise Failure("more_than_approved", str(touched))
        if not lease.noted(row, left, touched):
            return State.CANCELLED
        count = connector.carry_out(row.kind, values, at_most=approved, key=f"madoguchi-{row.pk}")
    with transaction.atomic():
        task = lease.held(row, even_closed=True)
        if task is None:
            return State.CANCELLED
        at = timezone.now()
        lease.done(row, at, rows=count, before_rows=before if before is not None else left)
        following = lease.new(task, Step.VERIFY, at, row.started_by_id)
        following.fingerprint = row.fingerprint
        following.save(force_insert=True)
        transaction.on_commit(partial(notices.queue, "dsar.run_connectors"))
    return State.DONE


def verify(row: ConnectorRun, connector: Connector, values: Values) -> str:
    left = connector.left(row.kind, values)
    if left:
        row.rows = left
        row.save(update_fields=["rows"])
        raise Failure("left_over", str(left))
    with transaction.atomic():
        task = lease.held(row)
        if task is None:
            return State.CANCELLED
        at = timezone.now()
        lease.done(row, at, rows=0)
        made = task.runs.filter(step=Step.CARRY_OUT, state=State.DONE).last()
        with override(task.case.language):
            said = _(
                "Rows changed by the connector: %(count)d. Rows that the verification still found:"
                " %(left)d."
            ) % {"count": made.rows if made and made.rows is not None else 0, "left": left}
        collection.answer(task, "done", by=ledger.SYSTEM, at=at, answer=said)
    return State.DONE


STEPS: dict[str, Callable[[ConnectorRun, Connector, Values], str]] = {
    Step.SEARCH: search,
    Step.DRY_RUN: dry_run,
    Step.CARRY_OUT: carry_out,
    Step.VERIFY: verify,
}


def _plain(table: Table) -> dict[str, Any]:
    """A few rows as JSON, long values cut."""
    rows = [{name: _short(value) for name, value in row.items()} for row in table.rows]
    return {"columns": list(table.columns), "rows": rows}


def _short(value: Any) -> str:
    if value is None:
        return ""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
