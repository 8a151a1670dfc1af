"""What the desk does with runs: try again, approve, begin anew, note that nothing is there."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import collection, ledger, notices
from dsar.connectors.lease import MAX_TRIES, State, Step, fingerprint, first_step, new
from dsar.ledger import Actor
from dsar.models import ConnectorRun, SearchTask


class NotPossible(Exception):
    """A run is not in a state for this; the message says why, in the reader's words."""


def retry(row: ConnectorRun, *, by: Actor, at: datetime) -> None:
    """Try a failed run again at once, or one that waits.

    Raises:
        NotPossible: it is neither, or its task was answered.
    """
    if row.task.state != SearchTask.State.OPEN:
        raise NotPossible(_("This task was answered meanwhile."))
    with transaction.atomic():
        held = ConnectorRun.objects.filter(
            pk=row.pk, state__in=(State.FAILED, State.WAITING)
        ).update(
            state=State.WAITING,
            last_attempt=F("attempts") + MAX_TRIES,
            next_try_at=at,
            claimed_until=None,
            ended_at=None,
        )
        if not held:
            raise NotPossible(_("This step is not waiting for another try."))
        _by_hand(row, "connector_retried", by, at, {})


def approve(row: ConnectorRun, *, by: Actor, at: datetime) -> ConnectorRun:
    """Let what a dry run showed be carried out, by someone other than who started it.

    Raises:
        NotPossible: nothing to change, not a finished dry run, or the same person.
    """
    reason = why_not_approve(row, by)
    if reason:
        raise NotPossible(reason)
    with transaction.atomic():
        if not _still_done(row):
            raise NotPossible(_("This was changed meanwhile. Look at it again."))
        if row.task.runs.filter(step=Step.CARRY_OUT).exclude(state=State.CANCELLED).exists():
            raise NotPossible(_("This was approved already."))
        made = new(row.task, Step.CARRY_OUT, at, row.started_by_id)
        made.approved_by, made.approved_rows = by.user, row.rows
        made.fingerprint = bytes(row.fingerprint)
        made.save(force_insert=True)
        _by_hand(row, "connector_approved", by, at, {"rows": row.rows})
    return made


def why_not_approve(row: ConnectorRun, by: Actor) -> str | None:
    """The reason why `by` may not approve the change, or None."""
    if by.user is None or not by.user.has_perm("dsar.approve_case"):
        return _("Your role does not allow this.")
    if row.step != Step.DRY_RUN or row.state != State.DONE:
        return _("There is no finished dry run.")
    if row.task.state != SearchTask.State.OPEN:
        return _("This task was answered meanwhile.")
    if not row.rows:
        return _("There is nothing to change.")
    if by.user.pk in (row.started_by_id, row.task.asked_by_id):
        return _("A change is approved by someone other than the person who asked for it.")
    if bytes(row.fingerprint) != fingerprint(row.task.system):
        return _("The system’s settings were changed since the dry run. Run it again.")
    return None


def begin_again(task: SearchTask, *, by: Actor, at: datetime) -> None:
    """Start over with a new dry run or search; what was tried stays on record.

    Raises:
        NotPossible: something is under way, or the task was answered.
    """
    if task.state != SearchTask.State.OPEN:
        raise NotPossible(_("This task was answered meanwhile."))
    with transaction.atomic():
        kept = task.runs.select_for_update().exclude(state=State.CANCELLED)
        rows = list(kept)
        if any(row.state == State.RUNNING for row in rows):
            raise NotPossible(_("A step is under way. Wait until it has ended."))
        kept.update(state=State.CANCELLED, ended_at=at)
        row = new(task, first_step(task), at, by.user.pk if by.user else None)
        row.save(force_insert=True)
        _by_hand(row, "connector_restarted", by, at, {})


def note_nothing(row: ConnectorRun, *, by: Actor, at: datetime) -> None:
    """Answer a task whose dry run found nothing to change.

    Raises:
        NotPossible: the dry run found something or has not ended.
    """
    if row.step != Step.DRY_RUN or row.state != State.DONE or row.rows:
        raise NotPossible(_("There is no finished dry run without rows."))
    try:
        with override(row.task.case.language):
            said = _("The connector found nothing to change.")
        collection.answer(row.task, "done", by=by, at=at, answer=said)
    except collection.NotPossible as error:
        raise NotPossible(str(error)) from error


def _still_done(row: ConnectorRun) -> bool:
    """Lock the dry run, so that of two approvals one is refused."""
    rows = ConnectorRun.objects.select_for_update().filter(pk=row.pk, state=State.DONE)
    return bool(rows.values_list("pk", flat=True))


def _by_hand(row: ConnectorRun, act: str, by: Actor, at: datetime, facts: dict[str, Any]) -> None:
    """The event of something done at the desk; what it makes due is queued after commit."""
    task = row.task
    ledger.append(
        task.case,
        act,
        by=by,
        at=at,
        facts={"task": task.pk, "system": task.system.code, "step": row.step, **facts},
    )
    transaction.on_commit(partial(notices.queue, "dsar.run_connectors"))
