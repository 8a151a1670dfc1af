"""When a case is due, as the desk reads it: words, a date and a tone that is never alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsar import clock
from dsar.admin.law_words import duty_title
from dsar.models import Case, Status

SOON_DAYS = 3
WEEK_DAYS = 7

_STATUS_TONES = {
    Status.RECEIVED: "new",
    Status.IDENTITY_CHECK: "active",
    Status.IN_PROGRESS: "active",
    Status.AWAITING_REQUESTER: "waiting",
    Status.IN_APPROVAL: "attention",
    Status.DECIDED: "done",
    Status.CLOSED: "closed",
}


@dataclass(frozen=True, slots=True)
class Due:
    """What the queue shows: `tone` picks colour, `icon` and `words` say the same without it.

    Attributes:
        on: the date, None where nothing is due.
        duty: what is due, e.g. the decision.
        note: a further word, such as that the clock is stopped.
    """

    tone: str
    icon: str
    words: str
    on: date | None = None
    duty: str = ""
    note: str = ""


def of(case: Case, today: date) -> Due:
    """When the case is due next."""
    stopped = _("The clock is stopped.") if case.is_stopped else ""
    if case.due_on is None:
        if case.is_stopped:
            return Due("stopped", "pause", _("Clock stopped"))
        return Due("none", "check" if case.decided_at else "neutral", _("Nothing due"))
    tone, icon, words = _tone(clock.days_left(case.due_on, today))
    duty = duty_title(case, case.next_due_code)
    if stopped and tone not in ("overdue", "today"):
        tone, icon = "stopped", "pause"
    return Due(tone, icon, words, case.due_on, duty, stopped)


def row(due_on: date | None, met_on: date | None, today: date) -> Due:
    """One deadline of the clock card."""
    if met_on is not None:
        if due_on is not None and met_on > due_on:
            late = (met_on - due_on).days
            words = ngettext("Met %(days)d day late", "Met %(days)d days late", late)
            return Due("late", "check", words % {"days": late}, due_on)
        return Due("met", "check", _("Met"), due_on)
    if due_on is None:
        return Due("stopped", "pause", _("Clock stopped"))
    tone, icon, words = _tone(clock.days_left(due_on, today))
    return Due(tone, icon, words, due_on)


def _tone(left: int) -> tuple[str, str, str]:
    if left < 0:
        words = ngettext("%(days)d day overdue", "%(days)d days overdue", -left)
        return "overdue", "warning", words % {"days": -left}
    if left == 0:
        return "today", "error", _("Due today")
    words = ngettext("In %(days)d day", "In %(days)d days", left) % {"days": left}
    if left <= SOON_DAYS:
        return "soon", "info", words
    return "later", "calendar", words


def status_tone(status: str) -> str:
    """The tone of a status tag."""
    return _STATUS_TONES[Status(status)]
