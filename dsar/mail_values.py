"""What fills the blanks of a mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsar import clock_words, deadlines, digests, vault
from dsar.models import (
    AccessCode,
    Case,
    CaseLink,
    EmailConfirmation,
    Notice,
    SearchTask,
)


class Moot(Exception):
    """A notice that cannot or need not be sent any more; the message is the reason to keep."""


def task_of(notice: Notice) -> SearchTask:
    row = SearchTask.objects.select_related("system__processor").filter(
        pk=notice.facts.get("task"), case=notice.case_id
    )
    task = row.first()
    if task is None:
        raise Moot("its task is gone")
    return task


@dataclass(frozen=True)
class Letter:
    """What the blanks of one mail are filled from."""

    notice: Notice
    language: str
    now: datetime

    @property
    def case(self) -> Case:
        """The case the mail is about."""
        if self.notice.case is None:
            raise Moot("about no case")
        return self.notice.case

    @cached_property
    def due_dates(self) -> dict[str, date | None]:
        """What is still owed in the case: due dates by role."""
        return {row.code: row.due_on for row in self.case.deadlines.filter(met_on=None)}

    @cached_property
    def digest(self) -> dict[str, digests.Listing]:
        """What the recipient has to do."""
        if self.notice.recipient is None:
            raise Moot("to nobody")
        found = digests.listings(self.notice.recipient, self.today)
        if not any(listing.count for listing in found.values()):
            raise Moot("nothing to tell")
        return found

    @property
    def today(self) -> date:
        """The date at the desk."""
        return self.now.astimezone(_zone()).date()

    @cached_property
    def task(self) -> SearchTask:
        """The data owner's task that the mail is about."""
        return task_of(self.notice)

    def day(self, value: date | str | None) -> str:
        """A date in words; empty when there is none."""
        if not value:
            return ""
        found = date.fromisoformat(value) if isinstance(value, str) else value
        return clock_words.long_date(found, self.language)

    def secret(self, name: str) -> str:
        """A code or token that only this mail may show."""
        found = self.notice.secret.get(name)
        if not found:
            raise Moot("its secret is gone")
        return str(found)


def link(name: str, *args: object) -> str:
    """An absolute link in the language in use."""
    return settings.PUBLIC_URL + reverse(name, args=args)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _deadline_title(letter: Letter) -> str:
    case, role = letter.case, letter.notice.facts.get("deadline", "")
    rules = case.rules
    rule = rules.deadline(case.kind, role) or next(
        (found for found in rules.deadlines.values() if found.role == role), None
    )
    return rule.title.in_language(letter.language) if rule else role


def _time_left(letter: Letter) -> str:
    due_on = letter.notice.facts.get("due_on")
    if not due_on:
        return ""
    return _days_left((date.fromisoformat(due_on) - deadlines.today(letter.case, letter.now)).days)


def _task_link(letter: Letter) -> str:
    if letter.notice.recipient is not None:
        return link("owners:task", letter.task.pk)
    return link("owners:link", letter.secret("token"))


def _days_left(days: int) -> str:
    if days < 0:
        return ngettext("%(n)d day overdue", "%(n)d days overdue", -days) % {"n": -days}
    if days == 0:
        return _("due today")
    return ngettext("%(n)d day left", "%(n)d days left", days) % {"n": days}


def _extension(letter: Letter, which: str) -> str:
    row = letter.case.extensions.order_by("id").last()
    return letter.day(getattr(row, which)) if row else ""


def _confirm_until(letter: Letter) -> str:
    row = EmailConfirmation.objects.filter(
        digest=vault.keyed_digest("confirm", letter.secret("token"))
    ).first()
    if row is None or row.expires_at <= letter.now:
        raise Moot("its link has expired")
    return letter.day(row.expires_at.astimezone(_zone()).date())


def _code_until(letter: Letter) -> str:
    row = AccessCode.objects.filter(case=letter.case, sent_at=letter.notice.due_at).first()
    if row is None or row.expires_at <= letter.now:
        raise Moot("its code has expired")
    return f"{row.expires_at.astimezone(_zone()):%H:%M (%Z)}"


def _release_until(letter: Letter) -> str:
    row = letter.case.releases.filter(pk=letter.notice.facts.get("release")).first()
    if row is None or row.expires_at is None or row.expires_at <= letter.now:
        raise Moot("no longer released")
    return letter.day(deadlines.today(letter.case, row.expires_at))


def _draft_until(letter: Letter) -> str:
    draft = letter.notice.draft
    if draft is None or draft.expires_at <= letter.now:
        raise Moot("the draft has expired")
    return letter.day(draft.expires_at.astimezone(_zone()).date())


def _other_number(letter: Letter) -> str:
    link = letter.case.links.filter(kind=CaseLink.Kind.DUPLICATE).select_related("other").first()
    if link is None:
        raise Moot("no longer merged")
    return link.other.shown_number


def _listing(name: str) -> Callable[[Letter], str]:
    def shown(letter: Letter) -> str:
        listing = letter.digest[name]
        return _list_of(listing.numbers, listing.count) if listing.count else ""

    return shown


def _list_of(numbers: list[str], count: int) -> str:
    """How many, then the numbers, one a line."""
    lines = [ngettext("%(n)d case", "%(n)d cases", count) % {"n": count}]
    lines += [f"  {number}" for number in numbers]
    if count > len(numbers):
        more = count - len(numbers)
        lines.append("  " + ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    return "\n".join(lines)


VALUES: dict[str, Callable[[Letter], str]] = {
    "portal_name": lambda letter: settings.PORTAL_NAME[letter.language],
    "portal_link": lambda letter: link("home"),
    "case_number": lambda letter: letter.case.shown_number,
    "kind": lambda letter: letter.case.rule.title.in_language(letter.language),
    "received_on": lambda letter: letter.day(letter.case.received_on),
    "controller": lambda letter: letter.case.controller.name_in(letter.language),
    "phone": lambda letter: letter.case.controller.phone,
    "channel": lambda letter: letter.case.get_channel_display(),
    "due_on": lambda letter: letter.day(letter.due_dates.get("decision")),
    "status_link": lambda letter: link("requester:login"),
    "case_link": lambda letter: link("admin:dsar_case_change", letter.case.pk),
    "confirm_link": lambda letter: link("requester:confirm_email", letter.secret("token")),
    "confirm_until": _confirm_until,
    "cure_due_on": lambda letter: letter.day(letter.due_dates.get("cure")),
    "fee_due_on": lambda letter: letter.day(letter.due_dates.get("fee_payment")),
    "other_number": _other_number,
    "due_before": lambda letter: _extension(letter, "due_before"),
    "due_after": lambda letter: _extension(letter, "due_after"),
    "code": lambda letter: letter.secret("code"),
    "valid_until": _code_until,
    "release_until": _release_until,
    "resume_link": lambda letter: link("intake:resume", letter.secret("token")),
    "expires_on": _draft_until,
    "deadline": _deadline_title,
    "deadline_on": lambda letter: letter.day(letter.notice.facts.get("due_on")),
    "time_left": _time_left,
    "system": lambda letter: letter.task.system.name_in(letter.language),
    "task": lambda letter: str(letter.task.get_purpose_display()),
    "task_link": _task_link,
    "today": lambda letter: letter.day(letter.today),
    "desk_link": lambda letter: link("admin:dsar_case_changelist"),
    **{name: _listing(name) for name in digests.LISTS},
}


def samples(language: str) -> dict[str, str]:
    """Made-up values of every blank, in the language in use."""
    received, due = date(2026, 11, 4), date(2026, 11, 18)
    days = {
        "received_on": received,
        "due_on": due,
        "deadline_on": due,
        "due_before": due,
        "due_after": due + timedelta(days=14),
        "cure_due_on": received + timedelta(days=10),
        "fee_due_on": received + timedelta(days=10),
        "confirm_until": received + timedelta(days=14),
        "expires_on": received + timedelta(days=7),
        "release_until": due + timedelta(days=7),
        "today": received,
    }
    sample_link = f"{link('home')}…"
    return {
        **{name: clock_words.long_date(day, language) for name, day in days.items()},
        **dict.fromkeys(
            ("confirm_link", "resume_link", "case_link", "desk_link", "task_link"), sample_link
        ),
        **{name: _list_of(["2611-4839-2075"], 1) for name in digests.LISTS},
        "portal_name": settings.PORTAL_NAME[language],
        "portal_link": link("home"),
        "status_link": link("requester:login"),
        "case_number": "2611-4839-2075",
        "other_number": "2610-1846-3307",
        "kind": _("Sample request"),
        "controller": _("Sample Inc."),
        "phone": "03-0000-0000",
        "channel": _("Web form"),
        "code": "482915",
        "valid_until": "15:42 (JST)",
        "deadline": _("Sample deadline"),
        "system": _("Sample system"),
        "task": str(SearchTask.Purpose.SEARCH.label),
        "time_left": _days_left(3),
    }
