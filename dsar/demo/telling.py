"""Telling a plot: the case is filed in the past and led on step by step, each at its time.

Times are the same in every run on the same day: they are drawn from a generator that is seeded
with the plot's key. The desk works on its business days only, from nine to six in Tokyo.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from dsar import clock, correspondence, files, filing, ledger, links, reference, vault
from dsar.demo import past_mail
from dsar.demo.papers import paper
from dsar.demo.plot import Plot
from dsar.demo.steps import HANDLER, REQUESTER, Step, Turn
from dsar.models import ActorKind, Case, Channel, Controller, Notice, StaffMember
from dsar.notices import CONFIRM_EMAIL
from dsar.questions import Matter, rules_at, to_filing

TOKYO = ZoneInfo("Asia/Tokyo")
_OPENS, _CLOSES = time(9, 10), time(17, 50)
_DAY = timedelta(days=1)
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def receipt_code(key: str) -> str:
    """The receipt code of a demo case; the same for ever."""
    digest = hashlib.sha256(f"madoguchi demo {key}".encode()).digest()
    return "".join(
        _LETTERS[byte % len(_LETTERS)] for byte in digest[: reference.RECEIPT_CODE_LETTERS]
    )


def seed_digest(key: str) -> bytes:
    """What a demo case is recognised by: the digest of its receipt code."""
    return vault.keyed_digest("receipt", receipt_code(key))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the plots are told with.

    Attributes:
        calendars: business days in Japan, by company.
        now: nothing happens later.
    """

    companies: Mapping[str, Controller]
    staff: Mapping[str, StaffMember]
    calendars: Mapping[str, clock.Calendar]
    now: datetime


class Times:
    """The moments of one case, each later than the one before and none after `now`."""

    def __init__(self, plot: Plot, cast: Cast) -> None:
        self._random = random.Random(plot.key)  # noqa: S311  # the same every time
        self._calendar = cast.calendars[plot.controller]
        self._latest = cast.now - timedelta(minutes=5)
        self._last: datetime | None = None
        self.first_day = cast.now.astimezone(TOKYO).date() - plot.age * _DAY
        if plot.channel in (Channel.POST, Channel.PHONE, Channel.COUNTER):
            while self._calendar.closed(self.first_day) is not None:
                self.first_day -= _DAY

    def of_person(self, day: int) -> datetime:
        """When the person does something: on any day, from early to late."""
        on = self.first_day + day * _DAY
        wanted = self._at(on, time(7, 0), time(22, 30))
        if self._last is not None and wanted <= self._last:
            wanted = self._last + self._pause()
        return self._note(wanted)

    def of_desk(self, day: int) -> datetime:
        """When the desk does something: in business hours."""
        on = self.first_day + day * _DAY
        if self._last is not None:
            on = max(on, self._last.astimezone(TOKYO).date())
        on = self._calendar.next_open(on)[0]
        wanted = self._at(on, _OPENS, _CLOSES)
        if self._last is not None and wanted <= self._last:
            wanted = self._last + self._pause()
            if wanted.astimezone(TOKYO).time() > _CLOSES:
                wanted = self._at(self._calendar.next_open(on + _DAY)[0], _OPENS, time(10, 0))
        return self._note(wanted if wanted <= self._latest else self._before_now())

    def _before_now(self) -> datetime:
        """Early in what is left of the last business day so far, so that more can follow."""
        latest = self._latest.astimezone(TOKYO)
        on = latest.date() if latest.time() > _OPENS else latest.date() - _DAY
        while self._calendar.closed(on) is not None:
            on -= _DAY
        begin = datetime.combine(on, _OPENS, TOKYO)
        if self._last is not None:
            begin = max(begin, self._last)
        left = min(datetime.combine(on, _CLOSES, TOKYO), self._latest) - begin
        return begin + max(left, timedelta(0)) * self._random.uniform(0.05, 0.3)

    def _at(self, on: date, first: time, last: time) -> datetime:
        begin, end = (datetime.combine(on, each, TOKYO) for each in (first, last))
        return begin + timedelta(seconds=self._random.randrange(int((end - begin).total_seconds())))

    def _pause(self) -> timedelta:
        return timedelta(seconds=self._random.randrange(4 * 60, 40 * 60))

    def _note(self, wanted: datetime) -> datetime:
        wanted = min(wanted, self._latest)
        if self._last is not None and wanted <= self._last:
            wanted = self._last + timedelta(seconds=self._random.randrange(1, 5))
        self._last = wanted
        return wanted


def tell(plot: Plot, cast: Cast) -> Case | None:
    """Make the case of a plot as it stands now, in one transaction.

    None: on the day of receipt its law was not yet in force.
    """
    times = Times(plot, cast)
    by_desk = plot.channel != Channel.WEB
    # What comes by mail counts from when it is opened; the rest happens in business hours anyway.
    received_at = times.of_desk(0) if by_desk else times.of_person(0)
    if rules_at(plot.regime, received_at) is None:
        return None
    with transaction.atomic():
        case = _file(plot, cast, times, received_at)
        for step in plot.steps:
            _take_turn(plot, cast, times, case, step)
        for together in links.filed_with(case):
            past_mail.settle(together, cast.now)
        if plot.bounced:
            past_mail.bounce(case, plot.bounced)
    return case


def _take_turn(plot: Plot, cast: Cast, times: Times, case: Case, step: Step) -> None:
    """Do one step; whoever does it has first read what the other side wrote."""
    if step.by == REQUESTER:
        at, by, reader = times.of_person(step.day), ledger.REQUESTER, ActorKind.REQUESTER
    else:
        user = cast.staff[plot.handler if step.by == HANDLER else step.by]
        at, by, reader = times.of_desk(step.day), ledger.staff(user), ActorKind.STAFF
    if step.by in (REQUESTER, HANDLER):
        correspondence.mark_read(case, reader, at)
    step.do(Turn(case, by, at, cast.staff[plot.handler]))


def _file(plot: Plot, cast: Cast, times: Times, received_at: datetime) -> Case:
    by_desk = plot.channel != Channel.WEB
    rules = rules_at(plot.regime, received_at)
    if rules is None:
        raise ValueError(f"{plot.key}: {plot.regime} was not in force")
    own = cast.companies[plot.controller]
    matter = Matter(
        plot.all_answers(rules),
        (own,) if by_desk else tuple(cast.companies.values()),
        received_at,
        at_desk=by_desk,
        pinned=rules if by_desk else None,
    )
    filled = to_filing(
        matter, received_at=received_at, language=plot.language, channel=plot.channel
    )
    at = times.of_desk(0) if by_desk else received_at
    by = ledger.staff(cast.staff["intake"]) if by_desk else ledger.REQUESTER
    further = [
        replace(filled, kind=kind, answers=answers, method="", delivery="")
        for kind, answers in plot.further
    ]
    code = receipt_code(plot.key)
    case = filing.file(filled, by=by, at=at, receipt_code=code, further=further)
    for name in plot.papers:
        files.store(paper(name), at=at, case=case)
    if by_desk:
        ledger.append(case, "receipt_given", by=by, at=at)
    elif plot.confirmed:
        mail = Notice.objects.select_related("case__key").get(case=case, kind=CONFIRM_EMAIL)
        filing.confirm_email(str(mail.secret["token"]), at=times.of_person(0))
        case.refresh_from_db()
    return case
