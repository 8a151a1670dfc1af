"""Counting clocks anew after a calendar changed: a closing day was added, moved or taken back."""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.db import transaction

from dsar import deadlines, ledger, notices
from dsar.models import Case

BATCH = 200

logger = logging.getLogger(__name__)


def recompute_stale_clocks(now: datetime, batch: int = BATCH) -> int:
    """Bring every open case with an outdated calendar up to date; returns how many.

    Each case has its own transaction, so a run that is cut off loses nothing and the next one
    goes on. A case that cannot be counted is left as it is and tried again in the next run.
    """
    done, last = 0, 0
    while ids := list(
        deadlines.stale().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]
    ):
        for pk in ids:
            try:
                done += _recompute(pk, now)
            except Exception as error:  # it must not keep the others from their due dates
                logger.error("case %d cannot be counted anew: %s", pk, type(error).__name__)
        last = ids[-1]
    return done


def _recompute(pk: int, now: datetime) -> bool:
    """Count one case anew; an event is written only if a due date moved."""
    with transaction.atomic():
        case = (
            deadlines.stale()
            .select_for_update(of=("self",))
            .select_related("key", "controller")
            .filter(pk=pk)
            .first()
        )
        if case is None:  # somebody else was faster
            return False
        before = _due_dates(case)
        planned = deadlines.refresh(case, now)
        moved = {
            role: {"from": _iso(before.get(role)), "to": _iso(due_on)}
            for role, due_on in _due_dates(case).items()
            if before.get(role) != due_on
        }
        if moved:
            ledger.append(case, "reclock", by=ledger.SYSTEM, at=now, facts={"moved": moved})
        notices.write(planned, now)
    return True


def _due_dates(case: Case) -> dict[str, date | None]:
    return dict(case.deadlines.values_list("code", "due_on"))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
