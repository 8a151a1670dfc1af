"""The session of a data owner who came by a mailed link: one task, until it is answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dsar import collection
from dsar.models import SearchTask

IDLE_MINUTES = 60
_OPENED = "owner_task"


def enter(session: Any, token: str, *, at: datetime) -> bool:
    """Open the link's task to this session, under a new session key; False for no such link."""
    task = collection.open_task_by_link(token)
    if task is None:
        return False
    session.cycle_key()
    session[_OPENED] = {"link": bytes(task.token_digest).hex(), "seen": at.isoformat()}
    return True


def task_of(session: Any, *, at: datetime) -> SearchTask | None:
    """The session's task while it is open and its link is the newest; None after an hour's rest."""
    kept = session.get(_OPENED)
    if kept is None:
        return None
    if at - datetime.fromisoformat(kept["seen"]) > timedelta(minutes=IDLE_MINUTES):
        return None
    task = collection.open_task_by_digest(bytes.fromhex(kept["link"]))
    if task is not None:
        session[_OPENED] = {**kept, "seen": at.isoformat()}
    return task


def leave(session: Any) -> None:
    """Forget the task."""
    session.pop(_OPENED, None)
