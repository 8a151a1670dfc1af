"""The officer's daily digest: when it is due, and which cases it names (by number only)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from dsar import deadlines, notices, reference
from dsar.law import shelf
from dsar.models import FINISHED, Case, Controller, Decision, Notice, StaffMember, Status

SOON_DAYS = 7
SHOWN_NUMBERS = 30
LISTS = ("overdue", "due_soon", "news", "unassigned", "approvals")


@dataclass(frozen=True, slots=True)
class Listing:
    """How many cases there are of one sort, and the first of their numbers as people see them."""

    count: int
    numbers: list[str]


def plan_digests(now: datetime) -> int:
    """Write today's digests that are not there yet; returns how many.

    One a staff member and business day, from REMINDER_HOUR on in TIME_ZONE. Any run later that
    day makes up for one that was missed.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    local = now.astimezone(zone)
    if local.hour < settings.REMINDER_HOUR:
        return 0
    today = local.date()
    due_at = datetime.combine(today, time(settings.REMINDER_HOUR), zone)
    there = Notice.objects.filter(kind=notices.DESK_DIGEST, due_at=due_at).values("recipient")
    staff = (
        StaffMember.objects.with_perm("dsar.work_case")
        .filter(controllers__isnull=False)
        .exclude(email="")
        .exclude(pk__in=there)
        .distinct()
        .prefetch_related("controllers")
    )
    planned = [
        notices.new(notices.DESK_DIGEST, due_at, recipient=user)
        for user in staff
        if any(_works(controller, today) for controller in user.controllers.all())
    ]
    if planned:
        notices.write(planned, now)
    return len(planned)


def _works(controller: Controller, day: date) -> bool:
    """Whether the controller is open on a day, by the calendar of its first rule set."""
    book = shelf.book()
    regime = next((name for name in controller.regimes if name in book.regimes), None)
    if regime is None:
        return day.weekday() < 5
    rules = book.versions(regime)[-1]
    return deadlines.calendar_for(rules, controller.pk).closed(day) is None


def listings(user: StaffMember, today: date) -> dict[str, Listing]:
    """What a staff member has to do: their own cases, and those that nobody has taken on."""
    visible = Case.objects.visible_to(user).open()
    owed = visible.exclude(status__in=FINISHED)
    own = owed.filter(assigned_to=user)
    return {
        "overdue": _listing(own.overdue(today)),
        "due_soon": _listing(own.due_within(today, SOON_DAYS)),
        "news": _listing(visible.filter(assigned_to=user, has_news=True)),
        "unassigned": _listing(owed.filter(assigned_to=None)),
        "approvals": _listing(_approvals(owed, user)),
    }


def _approvals(owed: QuerySet[Case], user: StaffMember) -> QuerySet[Case]:
    """Decisions of others that wait for the user's approval."""
    if not user.has_perm("dsar.approve_case"):
        return owed.none()
    # The newest is the one that waits; an older one may have been overtaken by a withdrawal.
    newest = Decision.objects.filter(case=OuterRef("pk")).order_by("-id").values("decided_by")[:1]
    waiting = owed.filter(status=Status.IN_APPROVAL).alias(author=Subquery(newest))
    return waiting.exclude(author=user.pk)


def _listing(cases: QuerySet[Case]) -> Listing:
    found = cases.order_by("next_due_on", "id").values_list("number", flat=True)
    numbers = list(found[: SHOWN_NUMBERS + 1])
    count = len(numbers) if len(numbers) <= SHOWN_NUMBERS else cases.count()
    shown = [reference.show_case_number(number) for number in numbers[:SHOWN_NUMBERS]]
    return Listing(count, shown)
