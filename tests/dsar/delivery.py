"""One notice delivered as the worker does it."""

from __future__ import annotations

from datetime import datetime

from dsar import reminders
from dsar.models import Notice


def deliver(notice_id: int, now: datetime) -> str | None:
    """The state afterwards; None if no try was begun: sent, cancelled, not due, in other hands."""
    tries = Notice.objects.filter(pk=notice_id).values_list("attempts", flat=True)
    before = tries.first()
    reminders.deliver_all([notice_id], now)
    if tries.first() == before:
        return None
    return Notice.objects.get(pk=notice_id).state
