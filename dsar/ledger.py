"""The append-only, hash-chained log of what happened to a case.

One chain a case, so cases never wait for each other. Each entry's digest (SHA-256) covers the
entry and the digest before it; the case row carries the chain's end. Free text is covered in its
sealed form, so a chain stays verifiable after the case's key is destroyed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from dsar.models import ActorKind, Case, Event, StaffMember
from dsar.models.sealed import SealedJSONField

GENESIS = bytes(32)
_TEXTS = SealedJSONField()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the requester, a member of staff, a data owner by link, or the system."""

    kind: ActorKind
    user: StaffMember | None = None


REQUESTER = Actor(ActorKind.REQUESTER)
OWNER = Actor(ActorKind.OWNER)
"""A data owner without a login, known by the link of one task."""
SYSTEM = Actor(ActorKind.SYSTEM)


def staff(user: StaffMember) -> Actor:
    """A member of staff as actor."""
    return Actor(ActorKind.STAFF, user)


class Broken(Exception):
    """The chain does not hold; the message names the case and the first broken entry."""


def first(
    case: Case, act: str, *, by: Actor, at: datetime, facts: Mapping[str, Any] | None = None
) -> Event:
    """The first entry of a case that is about to be inserted; save it after the case."""
    event = _entry(case, 1, GENESIS, act, by, at, "", case.status, facts, None)
    case.event_count, case.chain_head = 1, bytes(event.digest)
    return event


def append(
    case: Case,
    act: str,
    *,
    by: Actor,
    at: datetime,
    from_status: str = "",
    to_status: str = "",
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, Any] | None = None,
) -> Event:
    """Write the next entry; the caller's transaction must be open.

    `facts` are codes and dates as JSON values; `texts` is free text and is sealed.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is written only together with what it records")
    count, head = (
        Case.objects.select_for_update().values_list("event_count", "chain_head").get(pk=case.pk)
    )
    event = _entry(case, count + 1, bytes(head), act, by, at, from_status, to_status, facts, texts)
    event.save(force_insert=True)
    case.event_count, case.chain_head = event.position, bytes(event.digest)
    Case.objects.filter(pk=case.pk).update(event_count=case.event_count, chain_head=case.chain_head)
    return event


def verify(case: Case) -> int:
    """Walk the chain and return its length.

    Raises:
        Broken: an entry was changed, removed, swapped or cut off at the end.
    """
    previous, position = GENESIS, 0
    for event in case.events.order_by("position").iterator():
        position += 1
        if event.position != position or bytes(event.previous) != previous:
            raise Broken(f"{case.shown_number}: entry {position} is missing or out of order")
        if digest_of(case.number, event) != bytes(event.digest):
            raise Broken(f"{case.shown_number}: entry {position} was changed")
        previous = bytes(event.digest)
    if position != case.event_count or previous != bytes(case.chain_head):
        raise Broken(f"{case.shown_number}: the end of the chain after entry {position} is missing")
    return position


def digest_of(number: str, event: Event) -> bytes:
    """SHA-256 over the entry's canonical JSON (sorted keys, UTC times, sealed text by hash)."""
    body = {
        "case": number,
        "position": event.position,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "act": event.act,
        "actor": [event.actor_kind, event.actor_id],
        "status": [event.from_status, event.to_status],
        "facts": event.facts,
        "sealed": hashlib.sha256(bytes(event.sealed)).hexdigest(),
        "previous": bytes(event.previous).hex(),
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _entry(
    case: Case,
    position: int,
    previous: bytes,
    act: str,
    by: Actor,
    at: datetime,
    from_status: str,
    to_status: str,
    facts: Mapping[str, Any] | None,
    texts: Mapping[str, Any] | None,
) -> Event:
    written = {name: text for name, text in (texts or {}).items() if text}
    sealed = b""
    if written:
        sealed = case.sealing_key().seal(_TEXTS.to_plain(written), "Event.sealed")
    event = Event(
        case=case,
        position=position,
        at=at,
        act=act,
        actor_kind=by.kind,
        actor=by.user,
        from_status=from_status,
        to_status=to_status,
        facts=dict(facts or {}),
        sealed=sealed,
        previous=previous,
    )
    event.digest = digest_of(case.number, event)
    return event
