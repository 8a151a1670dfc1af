"""When something is due, and why: pure reckoning on dates, no database, no clock of its own.

Law. A period starts on the day after the event and ends with the end of its last day (Civil Code
arts. 140-141; Regulation 1182/71 art. 3). Weeks and months run by the calendar: a month ends on
the day of the same number, or on the last day of a month that has none (Civil Code art. 143;
CJEU C-171/03). A last day that is closed moves on only where the rule says so.
Assumption. A pause takes the days after it began, up to and with the day it ended, out of the
count. One that begins on or after the last day comes too late to change anything.
Limit. Whole local days only; convert instants with :func:`received_on` first.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsar import clock_words
from dsar.clock_steps import (
    Begun,
    ClosedDay,
    Counted,
    Due,
    Extended,
    Granted,
    NotStopped,
    Paused,
    Reading,
    Restarted,
    Rolled,
    Step,
    Stop,
    SuitDay,
    Suspended,
)
from dsar.law import DeadlineRule, Extension, Text, Unit

__all__ = [
    "Calendar",
    "Granted",
    "Reckoning",
    "Stop",
    "business_days_between",
    "days_left",
    "due",
    "received_on",
]

_DAY = timedelta(days=1)
# Longest run of closed days taken seriously; beyond it the calendar itself must be wrong.
_LONGEST_CLOSURE = 366

_WEEKDAYS = (
    Text(ja="月曜日", en="Monday"),
    Text(ja="火曜日", en="Tuesday"),
    Text(ja="水曜日", en="Wednesday"),
    Text(ja="木曜日", en="Thursday"),
    Text(ja="金曜日", en="Friday"),
    Text(ja="土曜日", en="Saturday"),
    Text(ja="日曜日", en="Sunday"),
)


@dataclass(frozen=True)
class Calendar:
    """Which days are closed, and why. ``weekend`` holds weekday numbers, Monday = 0.

    ``named_days`` gives the closed days of a year by name (holidays, closures); it is asked once
    a year and must not change its answer. ``open_days`` are open whatever else is said of them.
    """

    weekend: frozenset[int]
    named_days: Callable[[int], Mapping[date, Text]]
    open_days: frozenset[date] = frozenset()
    _years: dict[int, dict[date, Text]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def closed(self, day: date) -> Text | None:
        """Why a day is closed: the holiday's or closure's name, else the weekday; None if open."""
        try:
            year = self._years[day.year]
        except KeyError:
            year = self._years[day.year] = self._closed_days_of(day.year)
        return year.get(day)

    def is_weekend(self, day: date) -> bool:
        """Whether the day belongs to the weekend, holiday or not."""
        return day.weekday() in self.weekend

    def next_open(self, day: date) -> tuple[date, tuple[ClosedDay, ...]]:
        """The day itself or the first open one after it, with the closed days passed over."""
        passed: list[ClosedDay] = []
        while (reason := self.closed(day)) is not None:
            passed.append((day, reason))
            if len(passed) > _LONGEST_CLOSURE:
                raise ValueError("the calendar has no open day within a year")
            day += _DAY
        return day, tuple(passed)

    def _closed_days_of(self, year: int) -> dict[date, Text]:
        first = date(year, 1, 1)
        length = (date(year, 12, 31) - first).days + 1
        days = [first + timedelta(n) for n in range(length)]
        closed = {day: _WEEKDAYS[day.weekday()] for day in days if self.is_weekend(day)}
        closed.update(self.named_days(year))
        for day in self.open_days:
            closed.pop(day, None)
        return closed


@dataclass(frozen=True)
class Reckoning:
    """A due date with the way to it.

    ``due`` is the last day of the period, None while an open stop suspends it. ``base_due`` is
    what it would be without stops, extensions and roll. ``alternatives`` are the other dates that
    were weighed: readings of an extension, and the date before the roll. ``extend_by`` is the last
    day on which a first extension could be notified. ``first_suit_day`` is set for Article 39.
    """

    due: date | None
    base_due: date
    steps: tuple[Step, ...]
    alternatives: tuple[date, ...] = ()
    extend_by: date | None = None
    first_suit_day: date | None = None

    def may_extend(self, on: date) -> bool:
        """Whether an extension notified on this day comes before the first period has run out."""
        return self.extend_by is not None and on <= self.extend_by

    def explain(self, language: str) -> tuple[str, ...]:
        """The steps as sentences, in order; the last one names the due date or says it waits."""
        return clock_words.explain(self.steps, language)


def received_on(at: datetime, timezone: str) -> date:
    """The local date on which something arrived. ValueError: naive time or unknown zone."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("the time of arrival must carry its UTC offset")
    try:
        return at.astimezone(ZoneInfo(timezone)).date()
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"{timezone!r} is no IANA time zone") from error


def days_left(due: date, today: date) -> int:
    """Calendar days from today to the due date; 0 on the day itself, negative once overdue."""
    return (due - today).days


def business_days_between(after: date, until: date, calendar: Calendar) -> int:
    """Open days after the first date, up to and with the second; negative if they are reversed."""
    if until < after:
        return -business_days_between(until, after, calendar)
    days = (after + timedelta(n) for n in range(1, (until - after).days + 1))
    return sum(calendar.closed(day) is None for day in days)


def due(
    rule: DeadlineRule,
    start: date,
    calendar: Calendar,
    *,
    stops: Sequence[Stop] = (),
    extension: Extension | None = None,
    granted: Sequence[Granted] = (),
) -> Reckoning:
    """Reckon a due date from the day the period is counted from (itself not counted).

    Stops act only where the rule is pausable. A restart begins the period anew on the day it
    ended; an extension, if granted, is counted once a grant, and of several readings the earliest
    stands. Whether a grant came in time is for the caller to judge (:meth:`Reckoning.may_extend`):
    a holiday added later must not unmake a grant. ValueError: a grant where none is allowed, or
    more than ``extension.max_times``.
    """
    if granted:
        if extension is None or not rule.extendable:
            raise ValueError(f"{rule.code} cannot be extended")
        if len(granted) > extension.max_times:
            raise ValueError(f"{rule.code} may be extended {extension.max_times} time(s) at most")
    steps: list[Step] = [Begun(start, rule.start)]
    if stops and not rule.pausable:
        steps.append(NotStopped())
        stops = ()
    base, passed = _end(start, rule.n, rule.unit, calendar, ())
    begin, pauses = start, _NO_PAUSES
    if stops:
        begin, pauses, restarts = _apply_stops(rule, start, calendar, stops, extension, granted)
        steps.extend(restarts)

    first: date | None = base
    final: date | None = None
    extended: list[Extended] = []
    waiting: list[Suspended] = []
    try:
        if stops:
            first, passed = None, ()
            first, passed = _end(begin, rule.n, rule.unit, calendar, pauses)
        if first is not None and extension is not None and granted:
            extended.append(_extend(begin, first, calendar, pauses, extension, granted))
        final = extended[0].due if extended else first
    except _Held as held:
        waiting.append(Suspended(held.since))
    steps.append(Counted(rule.n, rule.unit, *_split(passed, calendar)))
    steps.extend(_pauses_that_counted(pauses, final))
    steps.extend(extended)
    steps.extend(waiting)
    extend_by = first if rule.extendable else None
    if final is None:
        return Reckoning(None, base, tuple(steps), (), extend_by)

    alternatives = [r.due for step in extended for r in step.readings if r.due != final]
    if rule.roll == "next_business_day":
        rolled, over = calendar.next_open(final)
        if over:
            steps.append(Rolled(final, over, rolled))
            alternatives.append(final)
            final = rolled
    suit = None
    if rule.role == "art39_marker":
        suit = final + _DAY
        steps.append(SuitDay(suit))
    steps.append(Due(final))
    return Reckoning(final, base, tuple(steps), tuple(alternatives), extend_by, suit)


class _Held(Exception):
    """A period cannot end, because an open stop holds it."""

    def __init__(self, since: date) -> None:
        self.since = since


# A pause as (day before the first day not counted, last day not counted or None while open).
_Pauses = tuple[tuple[date, date | None], ...]
_NO_PAUSES: _Pauses = ()


def _apply_stops(
    rule: DeadlineRule,
    start: date,
    calendar: Calendar,
    stops: Sequence[Stop],
    extension: Extension | None,
    granted: Sequence[Granted],
) -> tuple[date, _Pauses, list[Restarted]]:
    """Where the count begins after restarts, the pauses that still matter, and the restarts."""
    begin, taken, restarts = start, list[Stop](), list[Restarted]()
    for stop in sorted(stops, key=lambda s: (s.stopped_on, s.resumed_on or date.max)):
        # An open restart holds the period like an open pause until it is known when it ends.
        if stop.effect == "pause" or stop.resumed_on is None:
            taken.append(stop)
            continue
        pauses = _merge(taken, begin)
        try:
            end, _ = _end(begin, rule.n, rule.unit, calendar, pauses)
            if extension is not None and granted:
                end = _extend(begin, end, calendar, pauses, extension, granted).due
        except _Held:
            end = date.max
        if stop.stopped_on < end:
            begin = max(begin, stop.resumed_on)
            restarts.append(Restarted(stop.stopped_on, stop.resumed_on))
    return begin, _merge(taken, begin), restarts


def _merge(stops: Sequence[Stop], begin: date) -> _Pauses:
    """Pauses after ``begin``, sorted, overlaps joined so that no day is taken out twice."""
    merged: list[tuple[date, date | None]] = []
    for stop in sorted(stops, key=lambda s: s.stopped_on):
        from_, to = max(stop.stopped_on, begin), stop.resumed_on
        if to is not None and to <= from_:
            continue
        if merged:
            last_from, last_to = merged[-1]
            if last_to is None:
                break
            if from_ <= last_to:
                merged[-1] = (last_from, None if to is None else max(to, last_to))
                continue
        merged.append((from_, to))
    return tuple(merged)


def _end(
    begin: date, n: int, unit: Unit, calendar: Calendar, pauses: _Pauses
) -> tuple[date, tuple[ClosedDay, ...]]:
    """The last day of a period and the closed days left out; _Held if an open pause holds it."""
    if unit == "business_day":
        return _business_end(begin, n, calendar, pauses)
    if unit == "calendar_month":
        end = _add_months(begin, n)
    else:
        end = begin + timedelta(weeks=n) if unit == "week" else begin + timedelta(days=n)
    for from_, to in pauses:
        from_ = max(from_, begin)
        if from_ >= end:
            break
        if to is None:
            raise _Held(from_)
        if to > from_:
            end += to - from_
    return end, ()


def _business_end(
    begin: date, n: int, calendar: Calendar, pauses: _Pauses
) -> tuple[date, tuple[ClosedDay, ...]]:
    day, left, closed = begin, n, list[ClosedDay]()
    waiting, run = list(reversed(pauses)), 0
    while left:
        day += _DAY
        while waiting and (to := waiting[-1][1]) is not None and to < day:
            waiting.pop()
        if waiting and waiting[-1][0] < day:
            if waiting[-1][1] is None:
                raise _Held(waiting[-1][0])
            continue
        reason = calendar.closed(day)
        if reason is None:
            left, run = left - 1, 0
        else:
            closed.append((day, reason))
            run += 1
            if run > _LONGEST_CLOSURE:
                raise ValueError("the calendar has no open day within a year")
    return day, tuple(closed)


def _extend(
    begin: date,
    first: date,
    calendar: Calendar,
    pauses: _Pauses,
    extension: Extension,
    granted: Sequence[Granted],
) -> Extended:
    """The extension by its earliest reading; _Held if an open pause holds one of them."""
    found: list[tuple[Reading, tuple[ClosedDay, ...]]] = []
    for period in extension.periods:
        n, from_ = period.n * len(granted), first if period.base == "due" else begin
        end, closed = _end(from_, n, period.unit, calendar, pauses)
        found.append((Reading(n, period.unit, period.base, end), closed))
    best, closed = min(found, key=lambda item: item[0].due)
    readings = tuple(reading for reading, _ in found)
    return Extended(granted[-1].on, first, best.due, readings, *_split(closed, calendar))


def _pauses_that_counted(pauses: _Pauses, end: date | None) -> list[Paused]:
    return [
        Paused(from_, to, (to - from_).days)
        for from_, to in pauses
        if to is not None and (end is None or from_ < end)
    ]


def _split(closed: tuple[ClosedDay, ...], calendar: Calendar) -> tuple[tuple[ClosedDay, ...], int]:
    """Closed days on working days of the week, by name; and how many fell on a weekend."""
    named = tuple(item for item in closed if not calendar.is_weekend(item[0]))
    return named, len(closed) - len(named)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
