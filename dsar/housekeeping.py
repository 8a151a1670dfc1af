"""Removing what has expired: unfinished requests, codes, links, sessions, and leftovers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from dsar import files, filing, release
from dsar.models import AccessCode, EmailConfirmation, IdentityDocument, IntakeDraft, Notice

ORPHANS_AT_HOUR = 3
"""Local hour in which the file storage is walked through; it may be large."""
# How many codes were sent lately is counted from the rows, so they outlive their codes a little.
CODES_KEPT = timedelta(days=1)
BROKER_ROWS_KEPT = timedelta(hours=1)

logger = logging.getLogger(__name__)


def drop_expired(now: datetime) -> dict[str, int]:
    """Do all of it; how much was removed, by sort.

    A sort that fails does not keep the others from being removed; it is tried again next time.
    """
    sorts: dict[str, Callable[[datetime], int]] = {
        "drafts": drop_drafts,
        "codes": drop_codes,
        "confirmations": drop_confirmations,
        "secrets": forget_secrets,
        "passphrases": release.forget_passphrases,
        "sessions": drop_sessions,
        "broker rows": drop_broker_rows,
    }
    if now.astimezone(ZoneInfo(settings.TIME_ZONE)).hour == ORPHANS_AT_HOUR:
        sorts["orphan files"] = files.drop_orphans
    dropped = {}
    for name, drop in sorts.items():
        try:
            dropped[name] = drop(now)
        except Exception as error:
            logger.error("expired %s could not be removed: %s", name, type(error).__name__)
    return dropped


def drop_drafts(now: datetime) -> int:
    """Delete expired drafts; one that was not filed goes with its files and its key."""
    dropped = 0
    for pk in list(IntakeDraft.objects.filter(expires_at__lte=now).values_list("pk", flat=True)):
        with transaction.atomic():
            draft = (
                IntakeDraft.objects.select_for_update(of=("self",))
                .select_related("key")
                .filter(pk=pk, expires_at__lte=now)
                .first()
            )
            if draft is None:
                continue
            if draft.case_id is None:
                IdentityDocument.objects.filter(attachment__draft=draft).delete()
                for row in draft.attachments.all():
                    files.remove(row)
            draft.delete()
            if draft.case_id is None:
                draft.key.delete()
            dropped += 1
    return dropped


def drop_codes(now: datetime) -> int:
    """Delete one-time codes a day after they expired."""
    return AccessCode.objects.filter(expires_at__lte=now - CODES_KEPT).delete()[0]


def drop_confirmations(now: datetime) -> int:
    """Delete expired confirmation links."""
    return EmailConfirmation.objects.filter(expires_at__lte=now).delete()[0]


def forget_secrets(now: datetime) -> int:
    """Empty the secrets of notices that are done and older than any link they carry."""
    done = Q(state__in=(Notice.State.SENT, Notice.State.FAILED, Notice.State.CANCELLED))
    old = Q(due_at__lte=now - timedelta(days=filing.CONFIRMATION_DAYS))
    return Notice.objects.filter(done, old).exclude(secret=b"").update(secret=b"")


def drop_sessions(now: datetime) -> int:
    """Delete expired sessions."""
    return Session.objects.filter(expire_date__lte=now).delete()[0]


def drop_broker_rows(now: datetime) -> int:
    """Delete rows that the embedded broker has delivered; it keeps them for ever by itself."""
    url = settings.CELERY_BROKER_URL
    if not url.startswith("sqla+"):
        return 0
    # Kombu notes when it delivered a row in the machine's own time zone.
    before = (now - BROKER_ROWS_KEPT).astimezone().replace(tzinfo=None)
    engine = sqlalchemy.create_engine(url.removeprefix("sqla+"))
    try:
        if not sqlalchemy.inspect(engine).has_table("kombu_message"):
            return 0
        rows = sqlalchemy.table(
            "kombu_message", sqlalchemy.column("visible"), sqlalchemy.column("timestamp")
        )
        with engine.begin() as connection:
            delivered = sqlalchemy.delete(rows).where(
                rows.c.visible == sqlalchemy.false(),
                rows.c.timestamp < sqlalchemy.bindparam("before", before, sqlalchemy.DateTime),
            )
            return connection.execute(delivered).rowcount
    finally:
        engine.dispose()
