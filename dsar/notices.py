"""Rows of what is to be told by mail; `dsar.reminders` claims and sends them.

A notice is written in the transaction of the act that causes it. One that is due at once is
also queued after commit; if that queueing is lost, the sweep finds the row a minute later.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app, current_task
from django.db import transaction

from dsar.models import Case, Event, IntakeDraft, Letter, Notice, StaffMember, new_message_id

# What the person is told.
RECEIPT = "receipt"
CONFIRM_EMAIL = "confirm_email"
MISSING = "missing_document"
RESUMED = "clock_resumed"
EXTENDED = "extension"
FEE = "fee"
FEE_PAID = "fee_paid"
FEE_WAIVED = "fee_waived"
DECIDED = "decision"
CLOSED = "closed"
WITHDRAWN = "withdrawn"
MERGED = "merged"
MESSAGE = "message"
ACCESS_CODE = "access_code"
DRAFT_LINK = "draft_link"
RELEASED = "released"
DOWNLOAD_CODE = "download_code"
PACKAGE_MAIL = "package_mail"
# What the desk is told.
DESK_NEW = "desk_new_case"
DESK_NEWS = "desk_news"
DESK_ASSIGNED = "desk_assigned"
DESK_DUE = "desk_due"
DESK_APPROVAL = "desk_approval"
DESK_RELEASE = "desk_release"
DESK_DIGEST = "desk_digest"
DESK_TASK_LATE = "desk_task_late"
DESK_ANSWERED = "desk_answered"
# What a data owner is told.
OWNER_ASKED = "owner_asked"
OWNER_REMINDER = "owner_reminder"
OWNER_CANCELLED = "owner_cancelled"

BACKOFF_MINUTES = (1, 5, 15, 60, 240)
"""Minutes until the next try, by the number of tries."""

logger = logging.getLogger(__name__)

DESK_KINDS = (
    DESK_NEW,
    DESK_NEWS,
    DESK_ASSIGNED,
    DESK_DUE,
    DESK_APPROVAL,
    DESK_RELEASE,
    DESK_DIGEST,
    DESK_TASK_LATE,
    DESK_ANSWERED,
)
OWNER_KINDS = (OWNER_ASKED, OWNER_REMINDER, OWNER_CANCELLED)
REQUESTER_KINDS = (
    RECEIPT,
    CONFIRM_EMAIL,
    MISSING,
    RESUMED,
    EXTENDED,
    FEE,
    FEE_PAID,
    FEE_WAIVED,
    DECIDED,
    CLOSED,
    WITHDRAWN,
    MERGED,
    MESSAGE,
    ACCESS_CODE,
    DRAFT_LINK,
    RELEASED,
    DOWNLOAD_CODE,
    PACKAGE_MAIL,
)


def new(
    kind: str,
    due_at: datetime,
    *,
    case: Case | None = None,
    draft: IntakeDraft | None = None,
    recipient: StaffMember | None = None,
    facts: Mapping[str, Any] | None = None,
    secret: Mapping[str, Any] | None = None,
) -> Notice:
    """A notice, not yet saved. `facts` holds codes and dates only; `secret` is sealed.

    Raises KeyError for a kind that nobody is told.
    """
    # Reminders of different deadlines may fall on one moment: the kind tells them apart.
    stem = kind.partition(":")[0]
    return Notice(
        case=case,
        draft=draft,
        recipient=recipient,
        audience=_audience(stem),
        kind=kind,
        due_at=due_at,
        next_try_at=due_at,
        facts=dict(facts or {}),
        secret=dict(secret or {}),
        message_id=new_message_id(),
    )


def _audience(stem: str) -> Notice.Audience:
    for kinds, audience in (
        (DESK_KINDS, Notice.Audience.DESK),
        (OWNER_KINDS, Notice.Audience.OWNER),
        (REQUESTER_KINDS, Notice.Audience.REQUESTER),
    ):
        if stem in kinds:
            return audience
    raise KeyError(stem)


def next_try(tries: int, now: datetime, minutes: Sequence[int] = BACKOFF_MINUTES) -> datetime:
    """When something is tried once more after `tries` failures; the last pause goes on."""
    return now + timedelta(minutes=minutes[min(tries, len(minutes)) - 1])


def write(rows: Iterable[Notice], now: datetime) -> None:
    """Insert notices; those that are due are queued after commit. Known ones are left alone."""
    made = Notice.objects.bulk_create(list(rows), ignore_conflicts=True)
    if any(row.due_at <= now for row in made):
        transaction.on_commit(partial(queue, "dsar.sweep_notices"))


def order_letter(
    case: Case,
    kind: str,
    event: Event,
    *,
    facts: Mapping[str, Any] | None = None,
) -> Letter:
    """A letter to be written about what `event` records; `dsar.letters` writes it after commit.

    Ordered in the event's own transaction, so neither exists without the other.
    """
    letter, _made = Letter.objects.get_or_create(
        case=case,
        kind=kind,
        event=event.position,
        defaults={
            "facts": dict(facts or {}),
            "language": case.language,
            "ordered_at": event.at,
            "ordered_by": event.actor,
        },
    )
    transaction.on_commit(partial(queue, "dsar.write_letters"))
    return letter


def queue(task: str, *ids: int) -> None:
    """Ask a worker to run a task now; returns at once and never fails.

    Nobody who waits for a page waits for the broker: a thread of our own talks to it. What a
    broker that is down does not take is found by the sweep. Inside a task it is done on the spot.
    """
    if current_task:
        _publish(task, ids)
    else:
        _publisher.ask(task, ids)


def _publish(task: str, ids: tuple[int, ...]) -> None:
    try:
        current_app.send_task(task, args=ids)
    except Exception as error:  # each kind of broker has errors of its own
        logger.warning("the broker did not take %s: %s", task, type(error).__name__)


class _Publisher:
    """One thread a process that hands tasks to the broker, started when first needed."""

    MOST = 1000  # beyond it, tasks are left to the sweep

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, tuple[int, ...]], None] = {}
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, task: str, ids: tuple[int, ...]) -> None:
        with self._change:
            if len(self._waiting) < self.MOST:
                self._waiting[task, ids] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
                self._thread.start()
            self._change.notify()

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._waiting:
                    self._change.wait()
                task, ids = next(iter(self._waiting))
                del self._waiting[task, ids]
            _publish(task, ids)


_publisher = _Publisher()


def _after_fork() -> None:
    """A forked process has neither the thread nor a usable lock of its parent."""
    global _publisher
    _publisher = _Publisher()


os.register_at_fork(after_in_child=_after_fork)
