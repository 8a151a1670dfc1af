"""Messages and files between the desk and the person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from dsar import files, ledger, notices
from dsar.ledger import Actor
from dsar.models import ActorKind, Case, Message


def send(
    case: Case,
    body: str,
    *,
    by: Actor,
    at: datetime,
    uploads: Iterable[Any] = (),
    tell: bool = True,
) -> Message:
    """Write a message with its files; the other side is told by mail unless `tell` is off.

    Raises:
        files.Unacceptable: a file cannot be taken; nothing was written.
    """
    taken = list(uploads)
    for upload in taken:
        files.check(upload)
    from_requester = by.kind == ActorKind.REQUESTER
    direction = (
        Message.Direction.FROM_REQUESTER if from_requester else Message.Direction.TO_REQUESTER
    )
    with transaction.atomic():
        message = Message.objects.create(
            case=case, direction=direction, author=by.user, body=body, at=at
        )
        for upload in taken:
            files.store(upload, at=at, case=case, message=message)
        ledger.append(
            case,
            "message_in" if from_requester else "message_out",
            by=by,
            at=at,
            facts={"message": message.pk, "files": len(taken)},
        )
        if from_requester:
            _set_news(case, True)
        if tell:
            kind = notices.DESK_NEWS if from_requester else notices.MESSAGE
            notices.write([notices.new(kind, at, case=case)], at)
    return message


def mark_read(case: Case, reader: ActorKind, at: datetime) -> None:
    """Note that one side has seen what the other wrote."""
    other = (
        Message.Direction.TO_REQUESTER
        if reader == ActorKind.REQUESTER
        else Message.Direction.FROM_REQUESTER
    )
    if reader == ActorKind.STAFF and case.has_news:
        # First, so that a message which arrives meanwhile raises the flag again.
        _set_news(case, False)
    case.messages.filter(direction=other, read_at=None).update(read_at=at)


def raise_news(case: Case) -> None:
    """Mark that something of the person's waits to be looked at."""
    _set_news(case, True)


def _set_news(case: Case, value: bool) -> None:
    Case.objects.filter(pk=case.pk).update(has_news=value)
    case.has_news = value
