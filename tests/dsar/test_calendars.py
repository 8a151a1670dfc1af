"""The calendars: national holidays, yearly closures and the company's own rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dsar import law
from dsar.calendars import calendar_of
from dsar.clock import Calendar
from dsar.law import Closure, Text

BOOK = law.load()
JP, EU, CA = (BOOK.version(regime, date(2026, 6, 1)) for regime in ("appi", "gdpr", "ccpa"))


def name(calendar: Calendar, day: str, language: str = "ja") -> str | None:
    reason = calendar.closed(date.fromisoformat(day))
    return reason.in_language(language) if reason else None


@pytest.mark.parametrize(
    ("day", "ja", "en"),
    [
        ("2026-05-06", "振替休日", "Substitute Holiday"),
        ("2026-09-22", "国民の休日", "National Holiday"),
        ("2027-01-11", "成人の日", "Coming of Age Day"),
        ("2027-03-22", "振替休日", "Substitute Holiday"),
        ("2026-06-06", "土曜日", "Saturday"),
        ("2026-12-29", "年末年始の休業", "year-end closure"),
        ("2027-01-01", "元日", "New Year's Day"),
        ("2027-01-03", "年末年始の休業", "year-end closure"),
    ],
)
def test_a_closed_day_in_japan_has_its_name_in_both_languages(day: str, ja: str, en: str) -> None:
    assert name(calendar_of(JP), day) == ja
    assert name(calendar_of(JP), day, "en") == en


@pytest.mark.parametrize("day", ["2026-04-28", "2026-05-07", "2026-12-28", "2027-01-04"])
def test_a_working_day_in_japan_is_open(day: str) -> None:
    assert name(calendar_of(JP), day) is None


def test_a_holiday_on_a_weekend_is_both() -> None:
    constitution_day = date(2026, 5, 3)
    assert calendar_of(JP).is_weekend(constitution_day)
    assert name(calendar_of(JP), "2026-05-03") == "憲法記念日"


def test_any_year_may_be_asked_for() -> None:
    calendar = calendar_of(JP)
    assert name(calendar, "2016-08-11") == "山の日"
    assert name(calendar, "2045-01-01") == "元日"


def test_united_states_federal_holidays_are_observed_on_the_working_day_next_to_them() -> None:
    assert name(calendar_of(CA), "2026-07-03", "en") == "Independence Day (observed)"
    assert name(calendar_of(CA), "2027-12-31", "en") == "New Year's Day (observed)"
    assert name(calendar_of(CA), "2026-11-27", "en") is None


def test_a_name_that_has_no_japanese_is_given_in_english() -> None:
    assert name(calendar_of(CA), "2026-11-26", "ja") == "Thanksgiving Day"


def test_the_gdpr_calendar_knows_only_weekends_until_a_country_is_chosen() -> None:
    assert name(calendar_of(EU), "2026-12-25") is None
    assert name(calendar_of(EU), "2026-12-26", "en") == "Saturday"
    for country in ("DE", "IE", "FR"):
        assert name(calendar_of(EU, country=country), "2026-12-25", "en") == "Christmas Day"


def test_only_ireland_is_closed_on_saint_brigids_day() -> None:
    assert name(calendar_of(EU, country="IE"), "2027-02-01", "en") is not None
    assert name(calendar_of(EU, country="DE"), "2027-02-01", "en") is None


def test_a_subdivision_adds_its_own_holidays() -> None:
    assert name(calendar_of(EU, country="DE"), "2027-01-06", "en") is None
    assert name(calendar_of(EU, country="DE", subdivision="BY"), "2027-01-06", "en") == "Epiphany"


@pytest.mark.parametrize(("country", "subdivision"), [("ZZ", None), ("DE", "XX")])
def test_an_unknown_country_or_subdivision_is_refused(
    country: str, subdivision: str | None
) -> None:
    with pytest.raises(ValueError, match="not"):
        calendar_of(EU, country=country, subdivision=subdivision)


def test_the_companys_closing_days_bear_their_own_name() -> None:
    founding = Text(ja="創立記念日", en="Founding day")
    calendar = calendar_of(JP, closed={date(2026, 6, 10): founding})
    assert name(calendar, "2026-06-10") == "創立記念日"
    assert name(calendar_of(JP), "2026-06-10") is None


def test_a_day_that_is_open_after_all_is_open_whatever_closes_it() -> None:
    days = frozenset({date(2026, 12, 29), date(2026, 5, 6), date(2026, 6, 6)})
    calendar = calendar_of(JP, opened=days, closed={date(2026, 5, 6): Text(ja="休業", en="shut")})
    assert [calendar.closed(day) for day in days] == [None, None, None]


def test_equal_arguments_give_the_same_calendar() -> None:
    row = {date(2026, 6, 10): Text(ja="創立記念日", en="Founding day")}
    assert calendar_of(JP, closed=row) is calendar_of(JP, closed=dict(row))
    assert calendar_of(JP, closed=row) is not calendar_of(JP)


def test_a_closure_within_a_year_covers_both_its_bounds() -> None:
    closure = Closure(first="08-12", last="08-15", name=Text(ja="夏季休業", en="summer closure"))
    rules = JP.model_copy(update={"year_end_closure": closure, "calendar": "none"})
    calendar = calendar_of(rules)
    closed = [
        date(2026, 8, n) for n in range(1, 32) if name(calendar, f"2026-08-{n:02}") == "夏季休業"
    ]
    assert closed == [date(2026, 8, n) for n in (12, 13, 14, 15)]
    assert name(calendar, "2026-12-29") is None


def test_a_calendar_that_never_opens_is_refused_when_it_is_asked_for_a_day() -> None:
    every_day = Closure(first="01-01", last="12-31", name=Text(ja="休業", en="shut"))
    calendar = calendar_of(JP.model_copy(update={"year_end_closure": every_day}))
    with pytest.raises(ValueError, match="no open day"):
        calendar.next_open(date(2026, 6, 1))


@pytest.mark.parametrize("year", range(2025, 2031))
def test_japan_has_the_holidays_of_the_act_each_year(year: int) -> None:
    """The fixed and Monday holidays, told without the library."""

    def monday(month: int, nth: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=-first.weekday() % 7 + 7 * (nth - 1))

    expected = {
        "元日": date(year, 1, 1),
        "成人の日": monday(1, 2),
        "建国記念の日": date(year, 2, 11),
        "天皇誕生日": date(year, 2, 23),
        "昭和の日": date(year, 4, 29),
        "憲法記念日": date(year, 5, 3),
        "みどりの日": date(year, 5, 4),
        "こどもの日": date(year, 5, 5),
        "海の日": monday(7, 3),
        "山の日": date(year, 8, 11),
        "敬老の日": monday(9, 3),
        "スポーツの日": monday(10, 2),
        "文化の日": date(year, 11, 3),
        "勤労感謝の日": date(year, 11, 23),
    }
    calendar = calendar_of(JP)
    assert {holiday: name(calendar, day.isoformat()) for holiday, day in expected.items()} == {
        holiday: holiday for holiday in expected
    }
