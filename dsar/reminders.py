"""The sweep that claims due notices, and the delivery that sends them by mail.

A claim is a lease. A worker that dies between claim and sending loses nothing: the lease runs
out and the row is claimed anew. One that dies after the mail server took the mail, but before
that was noted, sends it twice, under the same Message-ID.

`next_try_at` says when somebody may begin a try; beginning one moves it to the end of the lease,
so of several workers that hold the same id only one sends.
"""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import F, Q

from dsar import deadlines, mail, notices
from dsar.models import FINISHED, Case, Notice, SearchTask, Status
from dsar.wording import stem

LEASE = timedelta(minutes=5)
MAX_TRIES = 8
SWEEP_ROWS = 200
CHUNK = 10
"""Notices in one task: they share a connection, and are done well within the lease."""
CHUNK_SECONDS = 120.0
REPLAN_CASES = 200

_ABOUT_OPEN_TASKS = (notices.OWNER_ASKED, notices.OWNER_REMINDER, notices.DESK_TASK_LATE)
_SPENT_SECRETS = (
    notices.ACCESS_CODE,
    notices.DOWNLOAD_CODE,
    notices.OWNER_ASKED,
    notices.OWNER_REMINDER,
)
"""Mails whose secret is forgotten once they are sent."""

logger = logging.getLogger(__name__)
_State = Notice.State


# --- Claiming -----------------------------------------------------------------------------
def sweep(now: datetime, limit: int = SWEEP_ROWS) -> int:
    """Claim everything that is due and queue its delivery; returns how many rows.

    Claims `limit` rows at a time. Sweeps that run at the same time claim different rows.
    """
    claimed = 0
    while batch := claim(now, limit):
        claimed += len(batch)
        for start in range(0, len(batch), CHUNK):
            notices.queue("dsar.send_notice", *batch[start : start + CHUNK])
    return claimed


def claim(now: datetime, limit: int = SWEEP_ROWS) -> list[int]:
    """Claim up to `limit` due rows for five minutes; their ids, longest due first."""
    due = Q(state=_State.WAITING, next_try_at__lte=now)
    lapsed = Q(state=_State.CLAIMED, claimed_until__lte=now)
    if not (Notice.objects.filter(due).exists() or Notice.objects.filter(lapsed).exists()):
        return []
    found: list[int] = []
    with transaction.atomic():
        for wanted, order in ((due, "next_try_at"), (lapsed, "claimed_until")):
            rows = Notice.objects.filter(wanted).order_by(order, "id")
            # PostgreSQL passes over rows that another sweep holds; SQLite has one writer at a time.
            locked = rows.select_for_update(skip_locked=True)[: limit - len(found)]
            found += locked.values_list("pk", flat=True)
        Notice.objects.filter(pk__in=found).update(state=_State.CLAIMED, claimed_until=now + LEASE)
    return found


# --- Sending ------------------------------------------------------------------------------
def deliver_all(ids: Sequence[int], now: datetime) -> None:
    """Send several notices over one connection to the mail server.

    When the server cannot be reached, or takes too long, the rest is left for later.
    """
    connection = get_connection()
    began = time.monotonic()
    try:
        for position, pk in enumerate(ids):
            if time.monotonic() - began > CHUNK_SECONDS:
                notices.queue("dsar.send_notice", *ids[position:])
                break
            _state, is_reachable = _try(pk, now, connection)
            if not is_reachable:
                _release(ids[position + 1 :], now)
                break
    finally:
        _close(connection)


def _try(notice_id: int, now: datetime, connection: Any) -> tuple[Notice.State | None, bool]:
    """One try to send: the state afterwards, and whether the mail server can be talked to."""
    until = now + LEASE
    begun = Notice.objects.filter(
        pk=notice_id, state__in=(_State.WAITING, _State.CLAIMED), next_try_at__lte=now
    ).update(
        state=_State.CLAIMED, claimed_until=until, next_try_at=until, attempts=F("attempts") + 1
    )
    if not begun:
        return None, True
    notice = Notice.objects.select_related(
        "case__key", "case__controller", "case__assigned_to", "draft__key", "recipient"
    ).get(pk=notice_id)
    if notice.attempts > MAX_TRIES:  # workers died over it
        return _end(notice, _State.FAILED, "given up"), True
    try:
        reason = why_moot(notice)
        message = None if reason else mail.compose(notice, now)
    except mail.Moot as moot:
        reason, message = str(moot), None
    except Exception as error:  # one notice that cannot be written must not stop the others
        logger.error("notice %d cannot be written: %s", notice.pk, type(error).__name__)
        return _put_off(notice, now, type(error).__name__), True
    if message is None:
        return _end(notice, _State.CANCELLED, reason or ""), True
    try:
        connection.open()
        connection.send_messages([message])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as no:
        return _refused(notice, now, no), True
    except OSError as error:  # the socket's, and the rest of smtplib's
        _close(connection)
        code = f"SMTP {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        return _put_off(notice, now, code or type(error).__name__), False
    except Exception as error:  # such as a mail that cannot be encoded
        logger.error("notice %d cannot be sent: %s", notice.pk, type(error).__name__)
        return _put_off(notice, now, type(error).__name__), True
    return _end(notice, _State.SENT, sent_at=now), True


def why_moot(notice: Notice) -> str | None:
    """Why a notice is out of date, or None."""
    case = notice.case
    if case is None:
        return None
    if stem(notice.kind) in _ABOUT_OPEN_TASKS:
        task = case.tasks.filter(pk=notice.facts.get("task"), state=SearchTask.State.OPEN).first()
        due_on = task.due_on.isoformat() if task and task.due_on else None
        if due_on is None or due_on != notice.facts.get("due_on"):
            return "no longer due"
    if notice.kind.startswith(notices.DESK_DUE):
        row = case.deadlines.filter(code=notice.facts.get("deadline"), met_on=None).first()
        due_on = row.due_on.isoformat() if row and row.due_on else None
        if case.status in FINISHED or due_on is None or due_on != notice.facts.get("due_on"):
            return "no longer due"
    if notice.kind == notices.DESK_APPROVAL and case.status != Status.IN_APPROVAL:
        return "no longer waiting for approval"
    if notice.kind == notices.DESK_RELEASE and not case.releases.filter(state="proposed").exists():
        return "no longer waiting for approval"
    if notice.kind in (notices.RELEASED, notices.PACKAGE_MAIL):
        named = case.releases.filter(pk=notice.facts.get("release"), state="open")
        return None if named.exists() else "no longer released"
    if notice.kind == notices.DESK_ASSIGNED and case.assigned_to_id != notice.recipient_id:
        return "assigned to someone else"
    return None


def stuck(at: datetime) -> Q:
    """Mail that did not go out when it should have: failed, or put off until another try."""
    # No try is put off for longer, so the index of what is due next finds these few rows.
    latest = at + timedelta(minutes=max(notices.BACKOFF_MINUTES))
    put_off = Q(state=_State.WAITING, attempts__gt=0, next_try_at__lte=latest)
    return Q(state=_State.FAILED) | put_off


def is_put_off(notice: Notice) -> bool:
    """Whether a try failed and another one follows by itself."""
    return notice.state == _State.WAITING and notice.attempts > 0


def is_stuck(notice: Notice) -> bool:
    """Whether the desk may send it now; see `stuck`."""
    return notice.state == _State.FAILED or is_put_off(notice)


def resend(notice: Notice, at: datetime) -> bool:
    """Send a notice once more, under its old Message-ID; False while it is being sent."""
    being_sent = Q(state=_State.CLAIMED, claimed_until__gt=at)
    done = (
        Notice.objects.filter(pk=notice.pk)
        .exclude(being_sent)
        .update(
            state=_State.WAITING,
            attempts=0,
            next_try_at=at,
            claimed_until=None,
            sent_at=None,
            last_error="",
        )
    )
    if done:
        transaction.on_commit(partial(notices.queue, "dsar.send_notice", notice.pk))
    return bool(done)


def _refused(notice: Notice, now: datetime, error: smtplib.SMTPException) -> Notice.State:
    """The server's no to this mail: final if the address is refused for good."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _put_off(notice, now, f"SMTP {error.smtp_code}")
    codes = [code for code, _text in getattr(error, "recipients", {}).values()] or [0]
    if all(code >= 500 for code in codes):
        return _end(notice, _State.FAILED, f"SMTP {codes[0]}: address refused")
    return _put_off(notice, now, f"SMTP {min(codes)}")


def _put_off(notice: Notice, now: datetime, error: str) -> Notice.State:
    """Another try later, or none after too many. The error never names an address."""
    if notice.attempts >= MAX_TRIES:
        return _end(notice, _State.FAILED, error)
    later = notices.next_try(notice.attempts, now)
    return _end(notice, _State.WAITING, error, next_try_at=later)


def _end(notice: Notice, state: Notice.State, error: str = "", **fields: Any) -> Notice.State:
    """Write how a try ended; only a success counts after somebody else has begun another one."""
    rows = Notice.objects.filter(pk=notice.pk)
    if state != _State.SENT:
        rows = rows.filter(state=_State.CLAIMED, attempts=notice.attempts)
    if state == _State.SENT and stem(notice.kind) in _SPENT_SECRETS:
        fields["secret"] = b""
    rows.update(state=state, claimed_until=None, last_error=error[:300], **fields)
    return state


def _release(ids: Sequence[int], now: datetime) -> None:
    """Give back claimed rows for which no try was begun."""
    Notice.objects.filter(pk__in=ids, state=_State.CLAIMED, next_try_at__lte=now).update(
        state=_State.WAITING, claimed_until=None, next_try_at=now + timedelta(minutes=1)
    )


def _close(connection: Any) -> None:
    """Close without complaint: what matters was noted before."""
    try:
        connection.close()
    except OSError as error:
        logger.info("closing the mail connection: %s", type(error).__name__)


# --- The schedule -------------------------------------------------------------------------
def replan_reminders(now: datetime, after: int = 0, limit: int = REPLAN_CASES) -> int | None:
    """Plan anew the reminders of the next `limit` cases with an id above `after`.

    For when the reminder schedule was edited; doing it twice changes nothing. Returns the id to
    go on after, or None at the end.
    """
    open_cases = Case.objects.exclude(status__in=FINISHED).filter(pk__gt=after).order_by("pk")
    ids = list(open_cases.values_list("pk", flat=True)[:limit])
    for pk in ids:
        with transaction.atomic():
            case = (
                Case.objects.select_for_update(of=("self",))
                .select_related("key", "controller")
                .filter(pk=pk)
                .first()
            )
            if case is None:
                continue
            notices.write(deadlines.refresh(case, now), now)
    return ids[-1] if len(ids) == limit else None
