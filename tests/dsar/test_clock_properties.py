"""What must hold for any period, any start, any calendar and any stops."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dsar import clock, law
from dsar.calendars import calendar_of
from dsar.clock import Granted, Stop
from dsar.clock_words import long_date

BOOK = law.load()
JP, EU, CA = (BOOK.version(regime, date(2026, 6, 1)) for regime in ("appi", "gdpr", "ccpa"))


def plain(n: int, unit: str, roll: str = "none") -> law.DeadlineRule:
    """A rule of some length, cut from the APPI decision."""
    changed = {"n": n, "unit": unit, "roll": roll, "use": None}
    return JP.deadlines["decision"].model_copy(update=changed)


DATES = st.dates(date(2024, 1, 1), date(2032, 12, 31))
UNITS = ("calendar_day", "business_day", "week", "calendar_month")
RULES = st.builds(
    plain,
    st.integers(1, 60),
    st.sampled_from(UNITS),
    st.sampled_from(["none", "next_business_day"]),
)
CALENDARS = st.sampled_from(
    [calendar_of(JP), calendar_of(CA), calendar_of(EU), calendar_of(EU, country="DE")]
)
PAUSES = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 40)), max_size=4)


def stops_after(start: date, offsets: list[tuple[int, int]], effect: Any = "pause") -> list[Stop]:
    return [
        Stop(start + timedelta(days=n), start + timedelta(days=n + length), effect)
        for n, length in offsets
    ]


def due_of(*args: Any, **kwargs: Any) -> date:
    found = clock.due(*args, **kwargs).due
    assert found is not None
    return found


@settings(deadline=None)
@given(RULES, DATES, st.integers(1, 40), CALENDARS)
def test_a_later_start_is_never_due_earlier(
    rule: law.DeadlineRule, start: date, later: int, calendar: clock.Calendar
) -> None:
    assert due_of(rule, start, calendar) <= due_of(rule, start + timedelta(days=later), calendar)


@settings(deadline=None)
@given(RULES, DATES, CALENDARS, PAUSES)
def test_pauses_never_shorten_a_period(
    rule: law.DeadlineRule, start: date, calendar: clock.Calendar, offsets: list[tuple[int, int]]
) -> None:
    fewer, all_of_them = stops_after(start, offsets[:-1]), stops_after(start, offsets)
    assert (
        due_of(rule, start, calendar)
        <= due_of(rule, start, calendar, stops=fewer)
        <= due_of(rule, start, calendar, stops=all_of_them)
    )


@settings(deadline=None)
@given(RULES, DATES, CALENDARS, st.integers(0, 80), st.integers(0, 40))
def test_a_restart_never_shortens_a_period(
    rule: law.DeadlineRule, start: date, calendar: clock.Calendar, after: int, length: int
) -> None:
    restart = stops_after(start, [(after, length)], "restart")
    assert due_of(rule, start, calendar) <= due_of(rule, start, calendar, stops=restart)


@settings(deadline=None)
@given(st.integers(1, 60), st.sampled_from(["calendar_day", "week"]), DATES, PAUSES)
def test_a_pause_in_days_equals_counting_the_days_that_are_not_paused(
    n: int, unit: str, start: date, offsets: list[tuple[int, int]]
) -> None:
    """The shift by whole pauses against the slow count, day by day."""
    stops = stops_after(start, offsets)
    left, at = n * (7 if unit == "week" else 1), start
    while left:
        at += timedelta(days=1)
        if not any(s.stopped_on < at <= (s.resumed_on or at) for s in stops):
            left -= 1
    assert due_of(plain(n, unit), start, calendar_of(JP), stops=stops) == at


@settings(deadline=None)
@given(st.integers(1, 60), DATES, CALENDARS, PAUSES)
def test_business_days_equal_the_slow_count(
    n: int, start: date, calendar: clock.Calendar, offsets: list[tuple[int, int]]
) -> None:
    stops = stops_after(start, offsets)
    left, at = n, start
    while left:
        at += timedelta(days=1)
        paused = any(s.stopped_on < at <= (s.resumed_on or at) for s in stops)
        if not paused and calendar.closed(at) is None:
            left -= 1
    assert due_of(plain(n, "business_day"), start, calendar, stops=stops) == at


@settings(deadline=None)
@given(RULES, DATES, CALENDARS, PAUSES)
def test_a_business_day_or_rolled_due_date_is_never_closed(
    rule: law.DeadlineRule, start: date, calendar: clock.Calendar, offsets: list[tuple[int, int]]
) -> None:
    found = due_of(rule, start, calendar, stops=stops_after(start, offsets))
    if rule.unit == "business_day" or rule.roll == "next_business_day":
        assert calendar.closed(found) is None


@settings(deadline=None)
@given(RULES, DATES, CALENDARS, PAUSES, st.integers(1, 20))
def test_a_longer_period_is_never_due_earlier(
    rule: law.DeadlineRule,
    start: date,
    calendar: clock.Calendar,
    offsets: list[tuple[int, int]],
    more: int,
) -> None:
    stops = stops_after(start, offsets)
    longer = rule.model_copy(update={"n": rule.n + more})
    assert due_of(rule, start, calendar, stops=stops) <= due_of(
        longer, start, calendar, stops=stops
    )


@settings(deadline=None)
@given(
    st.sampled_from([rule for rules in (JP, EU, CA) for rule in rules.deadlines.values()]),
    DATES,
    CALENDARS,
    PAUSES,
    st.sampled_from(["ja", "en"]),
    st.sampled_from(["pause", "restart"]),
)
def test_an_explanation_always_ends_with_the_due_date(
    rule: law.DeadlineRule,
    start: date,
    calendar: clock.Calendar,
    offsets: list[tuple[int, int]],
    language: str,
    effect: str,
) -> None:
    reckoning = clock.due(rule, start, calendar, stops=stops_after(start, offsets, effect))
    assert reckoning.due is not None
    told = reckoning.explain(language)
    assert long_date(start, language) in told[0]
    assert long_date(reckoning.due, language) in told[-1]


@settings(deadline=None)
@given(DATES, CALENDARS, PAUSES, st.sampled_from([JP, EU, CA]))
def test_an_extension_is_never_due_before_the_first_date(
    start: date, calendar: clock.Calendar, offsets: list[tuple[int, int]], rules: law.RuleSet
) -> None:
    stops, rule = stops_after(start, offsets), rules.deadlines["decision"]
    first = due_of(rule, start, calendar, stops=stops)
    extended = due_of(
        rule, start, calendar, stops=stops, extension=rules.extension, granted=[Granted(start)]
    )
    assert first < extended


@given(st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
def test_the_day_of_arrival_does_not_depend_on_the_zone_it_is_written_in(
    naive: datetime, hours: int
) -> None:
    at = naive.replace(tzinfo=UTC)
    elsewhere = at.astimezone(timezone(timedelta(hours=hours)))
    assert clock.received_on(at, "Asia/Tokyo") == clock.received_on(elsewhere, "Asia/Tokyo")
    assert clock.received_on(at, "Asia/Tokyo") == (naive + timedelta(hours=9)).date()
