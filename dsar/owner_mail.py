"""What data owners are told by mail, and the desk about them: asked, reminded, late, answered.

Each mail is a notice with a kind of its own (`owner_reminder:12:u3`: task 12, login 3), so that
the tasks of one case, which fall due on one day, do not take each other for the same mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from dsar import notices
from dsar.models import DataSystem, Notice, SearchTask, StaffMember

REMINDED_DAYS_BEFORE = (2, 0, -1)
"""Data owners are reminded two days before a task is due, on that day, and the day after."""
_LATE_DAYS = 1
State = SearchTask.State


def addressees(system: DataSystem) -> list[StaffMember | None]:
    """The data owners with a login who may open its tasks; None stands for the address in it."""
    owners = system.owners.filter(is_active=True, controllers=system.controller_id)
    found: list[StaffMember | None] = list(owners.exclude(email="").order_by("id"))
    if link_address(system):
        found.append(None)
    return found


def link_address(system: DataSystem) -> str:
    """Where the link goes: the owner without a login, else the processor's contact."""
    if system.owner_email:
        return system.owner_email
    if system.processor is not None and not system.owners.all():  # prefetched in lists
        return system.processor.contact_email
    return ""


def named(system: DataSystem) -> str:
    """Who answers for a system, by name or address; empty where nobody is registered."""
    names = [owner.shown_name() for owner in system.owners.all()]
    return ", ".join(filter(None, [*names, link_address(system)]))


def asked(task: SearchTask, token: str, at: datetime) -> None:
    """Tell the data owners of their task, plan their reminders, and the desk's if it is late."""
    planned = [_late(task)]
    if task.system.connector == DataSystem.Connector.MANUAL:
        planned += _to_owners(notices.OWNER_ASKED, task, at, token)
        planned += _reminders(task, token)
    notices.write([row for row in planned if row.due_at >= at], at)


def reminded(task: SearchTask, token: str, at: datetime) -> None:
    """Remind the data owners now; what was planned goes out with the new link."""
    _drop_planned(task, notices.OWNER_REMINDER, at)
    planned = [*_to_owners(notices.OWNER_REMINDER, task, at, token), *_reminders(task, token)]
    notices.write([row for row in planned if row.due_at >= at], at)


def answered(task: SearchTask, at: datetime) -> None:
    """No more reminders; the desk is told when the last open task is answered.

    Not where the officer in charge noted that answer, and so knows.
    """
    _drop_planned(task, "", at)
    others = task.case.tasks.filter(state=State.OPEN, purpose=task.purpose)
    knows = task.answered_by_id is not None and task.answered_by_id == task.case.assigned_to_id
    if not knows and not others.exists():
        notices.write([_new(notices.DESK_ANSWERED, task, at)], at)


def cancelled(task: SearchTask, at: datetime, *, tell: bool) -> None:
    """No more reminders; who was asked is told that nothing is needed any more."""
    _drop_planned(task, "", at)
    if tell and task.system.connector == DataSystem.Connector.MANUAL:
        notices.write(_to_owners(notices.OWNER_CANCELLED, task, at, ""), at)


def _drop_planned(task: SearchTask, kind: str, at: datetime) -> None:
    """Delete mail still ahead; what is due already is looked at when it is sent."""
    rows = task.case.notices.filter(state=Notice.State.WAITING, due_at__gt=at)
    rows.filter(kind__startswith=kind, facts__task=task.pk).delete()


def _reminders(task: SearchTask, token: str) -> Iterator[Notice]:
    for days in REMINDED_DAYS_BEFORE:
        yield from _to_owners(notices.OWNER_REMINDER, task, _on(task, -days), token)


def _late(task: SearchTask) -> Notice:
    return _new(notices.DESK_TASK_LATE, task, _on(task, _LATE_DAYS))


def _on(task: SearchTask, days: int) -> datetime:
    """The hour of reminders, `days` after the task is due."""
    if task.due_on is None:
        raise ValueError("a task that was not asked is not due")
    day = task.due_on + timedelta(days=days)
    return datetime.combine(day, time(settings.REMINDER_HOUR), ZoneInfo(task.case.rules.timezone))


def _to_owners(kind: str, task: SearchTask, at: datetime, token: str) -> list[Notice]:
    found = []
    for owner in addressees(task.system):
        row = _new(f"{kind}:{task.pk}:{f'u{owner.pk}' if owner else 'link'}", task, at)
        row.recipient = owner
        if owner is None and token:
            row.secret = {"token": token}
        found.append(row)
    return found


def _new(kind: str, task: SearchTask, at: datetime) -> Notice:
    facts = {"task": task.pk, "due_on": task.due_on.isoformat() if task.due_on else ""}
    named = kind if ":" in kind else f"{kind}:{task.pk}"
    return notices.new(named, at, case=task.case, facts=facts)
