"""What waits today, in numbers that lead to the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dsar import postings, reminders
from dsar.admin import due, notices, roles
from dsar.models import Case, StaffMember, Status


@dataclass(frozen=True, slots=True)
class Tile:
    """One number: what it counts, where it leads, and how pressing it is."""

    label: str
    count: int
    url: str
    icon: str
    tone: str


def tiles(user: StaffMember, today: date) -> list[Tile]:
    """The numbers for this user (three queries); mail only for those who see no cases."""
    return [*_cases(user, today), *_letters(user), *_mail(user)]


def _cases(user: StaffMember, today: date) -> list[Tile]:
    if not roles.may_view(user):
        return []
    cases = Case.objects.visible_to(user).exclude(status=Status.CLOSED).order_by()
    counts: dict[str, Any] = cases.aggregate(
        overdue=Count("id", Q(next_due_on__lt=today)),
        week=Count(
            "id",
            Q(
                next_due_on__gte=today,
                next_due_on__lte=date.fromordinal(today.toordinal() + due.WEEK_DAYS),
            ),
        ),
        unassigned=Count("id", Q(assigned_to=None)),
        mine=Count("id", Q(assigned_to=user)),
        news=Count("id", Q(has_news=True)),
        approval=Count("id", Q(status=Status.IN_APPROVAL)),
    )
    queue = reverse("admin:dsar_case_changelist")
    rows = [
        (_("Overdue"), "overdue", "?due=overdue", "warning", "overdue"),
        (_("Due within 7 days"), "week", "?due=week", "calendar", "soon"),
        (_("My cases"), "mine", "?who=mine", "person", "plain"),
        (_("Unassigned"), "unassigned", "?who=nobody", "person", "attention"),
        (_("News from requesters"), "news", "?news=1", "mail", "attention"),
        (_("Waiting for approval"), "approval", "?status=in_approval", "check", "attention"),
    ]
    return [
        Tile(label, counts[name], queue + query, icon, tone if counts[name] else "none")
        for label, name, query, icon, tone in rows
    ]


def _mail(user: StaffMember) -> list[Tile]:
    if not notices.may_see_mail(user):
        return []
    stuck = notices.visible_to(user).filter(reminders.stuck(timezone.now())).count()
    url = reverse("admin:dsar_notice_changelist")
    return [
        Tile(_("Mail that did not go out"), stuck, url, "error", "overdue" if stuck else "none")
    ]


def _letters(user: StaffMember) -> list[Tile]:
    if not roles.may_work(user):
        return []
    waiting = postings.to_post(user).count()
    url = reverse("admin:dsar_letter_changelist")
    tone = "attention" if waiting else "none"
    return [Tile(_("Letters to post"), waiting, url, "print", tone)]
