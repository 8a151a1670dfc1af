"""Opening a case at the desk: only within one's controllers, and it leaves a trace."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from dsar import correspondence, ledger
from dsar.admin import roles
from dsar.models import ActorKind, Case, StaffMember

LOOKED_AGAIN = timedelta(minutes=30)
"""A second look within this time is part of the first."""


def find(request: HttpRequest, pk: int, *, looks: bool = True) -> Case:
    """The case, if it is one of the user's controllers; the look is written down.

    Raises:
        Http404: no such case, or none of the user's.
    """
    user = roles.officer(request)
    case = (
        Case.objects.visible_to(user)
        .select_related("key", "controller", "assigned_to")
        .filter(pk=pk)
        .first()
    )
    if case is None:
        raise Http404
    if looks:
        note_look(case, user, timezone.now())
    return case


def note_look(case: Case, user: StaffMember, at: datetime) -> None:
    """Write that the user looked at the case, once in half an hour; the version stays."""
    lately = case.events.filter(act="view", actor=user, at__gt=at - LOOKED_AGAIN)
    if lately.exists():
        return
    with transaction.atomic():
        ledger.append(case, "view", by=ledger.staff(user), at=at)


def clears_news(case: Case, user: StaffMember) -> bool:
    """Whether this reader's look takes the news mark away: the one in charge, or anyone if none."""
    return roles.may_work(user) and case.assigned_to_id in (None, user.pk)


def take_notice(case: Case, user: StaffMember, at: datetime) -> None:
    """Mark what the person wrote as read, if the reader is the one to act on it."""
    if clears_news(case, user):
        correspondence.mark_read(case, ActorKind.STAFF, at)
