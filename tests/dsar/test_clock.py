"""The reckoning of due dates: the worked cases of the three statutes, stops and extensions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from dsar import clock, law
from dsar.calendars import calendar_of
from dsar.clock import Granted, Stop

BOOK = law.load()
JP, EU, CA = (BOOK.version(regime, date(2026, 6, 1)) for regime in ("appi", "gdpr", "ccpa"))


def day(text: str) -> date:
    return date.fromisoformat(text)


def plain(n: int, unit: str, roll: str = "none", **more: Any) -> law.DeadlineRule:
    """A rule of some length, cut from the APPI decision."""
    changed = {"n": n, "unit": unit, "roll": roll, "use": None, **more}
    return JP.deadlines["decision"].model_copy(update=changed)


def standard(rules: law.RuleSet, code: str, roll: str = "none") -> law.DeadlineRule:
    return rules.deadlines[code].rolled(roll)  # type: ignore[arg-type]


BD3, BD10 = JP.deadlines["ack"], JP.deadlines["decision"].variant("10_business_days")
CAL14, CAL14_ROLLED = standard(JP, "decision"), standard(JP, "decision", "next_business_day")
CAL30 = JP.deadlines["decision"].variant("30_days")
MONTH, MONTH_ROLLED = standard(EU, "decision"), standard(EU, "decision", "next_business_day")
ACK_CA, OPT_OUT, DAYS45 = (CA.deadlines[c] for c in ("ack", "opt_out_decision", "decision"))

# Every cell of the table of worked cases: id, rule set, country of its holidays, received, rule,
# due. "JP" and "US" come from the rule sets, the Member States are an option of the GDPR's.
WORKED = [
    ("case-01-3bd", JP, None, "2026-04-28", BD3, "2026-05-07"),
    ("case-01-10bd", JP, None, "2026-04-28", BD10, "2026-05-18"),
    ("case-02-14", JP, None, "2026-04-22", CAL14, "2026-05-06"),
    ("case-02-rolled", JP, None, "2026-04-22", CAL14_ROLLED, "2026-05-07"),
    ("case-03-14", JP, None, "2026-04-21", CAL14, "2026-05-05"),
    ("case-03-rolled", JP, None, "2026-04-21", CAL14_ROLLED, "2026-05-07"),
    ("case-04-3bd", JP, None, "2027-04-28", BD3, "2027-05-07"),
    ("case-04-10bd", JP, None, "2027-04-28", BD10, "2027-05-18"),
    ("case-05-3bd", JP, None, "2026-09-18", BD3, "2026-09-28"),
    ("case-05-10bd", JP, None, "2026-09-18", BD10, "2026-10-07"),
    ("case-06-3bd", JP, None, "2026-12-25", BD3, "2027-01-05"),
    ("case-06-10bd", JP, None, "2026-12-25", BD10, "2027-01-15"),
    ("case-07-14", JP, None, "2026-12-28", CAL14, "2027-01-11"),
    ("case-07-rolled", JP, None, "2026-12-28", CAL14_ROLLED, "2027-01-12"),
    ("case-07-10bd", JP, None, "2026-12-28", BD10, "2027-01-18"),
    ("case-08-14", JP, None, "2026-12-15", CAL14, "2026-12-29"),
    ("case-08-rolled", JP, None, "2026-12-15", CAL14_ROLLED, "2027-01-04"),
    (
        "case-09-last-waiting-day",
        JP,
        None,
        "2026-12-22",
        JP.deadlines["art39_marker"],
        "2027-01-05",
    ),
    ("case-10-3bd", JP, None, "2027-03-19", BD3, "2027-03-25"),
    ("case-10-30", JP, None, "2027-03-19", CAL30, "2027-04-18"),
    ("case-10-rolled", JP, None, "2027-03-19", CAL30.rolled("next_business_day"), "2027-04-19"),
    ("case-11-month", JP, None, "2026-01-31", plain(1, "calendar_month"), "2026-02-28"),
    ("case-11-30-days", JP, None, "2026-01-31", CAL30, "2026-03-02"),
    ("case-12", EU, None, "2026-08-31", MONTH, "2026-09-30"),
    ("case-13-none", EU, None, "2026-01-31", MONTH, "2026-02-28"),
    ("case-13-ie", EU, "IE", "2026-01-31", MONTH_ROLLED, "2026-03-02"),
    ("case-13-de", EU, "DE", "2026-01-31", MONTH_ROLLED, "2026-03-02"),
    ("case-13-fr", EU, "FR", "2026-01-31", MONTH_ROLLED, "2026-03-02"),
    ("case-14", EU, None, "2028-01-31", MONTH, "2028-02-29"),
    ("case-15-none", EU, None, "2026-03-05", MONTH, "2026-04-05"),
    ("case-15-ie", EU, "IE", "2026-03-05", MONTH_ROLLED, "2026-04-07"),
    ("case-15-de", EU, "DE", "2026-03-05", MONTH_ROLLED, "2026-04-07"),
    ("case-15-fr", EU, "FR", "2026-03-05", MONTH_ROLLED, "2026-04-07"),
    ("case-16-none", EU, None, "2026-11-25", MONTH, "2026-12-25"),
    ("case-16-ie", EU, "IE", "2026-11-25", MONTH_ROLLED, "2026-12-28"),
    ("case-16-de", EU, "DE", "2026-11-25", MONTH_ROLLED, "2026-12-28"),
    ("case-16-fr", EU, "FR", "2026-11-25", MONTH_ROLLED, "2026-12-28"),
    ("case-17-none", EU, None, "2026-12-31", MONTH, "2027-01-31"),
    ("case-17-de", EU, "DE", "2026-12-31", MONTH_ROLLED, "2027-02-01"),
    ("case-17-ie", EU, "IE", "2026-12-31", MONTH_ROLLED, "2027-02-02"),
    ("case-18-first", EU, None, "2026-11-30", MONTH, "2026-12-30"),
    ("case-19-no-pause", EU, None, "2026-06-10", MONTH, "2026-07-10"),
    ("case-20-10bd", CA, None, "2026-11-20", ACK_CA, "2026-12-07"),
    ("case-20-15bd", CA, None, "2026-11-20", OPT_OUT, "2026-12-14"),
    ("case-20-45", CA, None, "2026-11-20", DAYS45, "2027-01-04"),
    ("case-20-strict", CA, None, "2026-11-20", DAYS45.variant("strict"), "2027-01-03"),
    ("case-21-10bd", CA, None, "2026-12-18", ACK_CA, "2027-01-05"),
    ("case-21-15bd", CA, None, "2026-12-18", OPT_OUT, "2027-01-12"),
    ("case-21-45", CA, None, "2026-12-18", DAYS45, "2027-02-01"),
]


@pytest.mark.parametrize(
    ("rules", "country", "received", "rule", "expected"),
    [pytest.param(*case[1:], id=case[0]) for case in WORKED],
)
def test_the_worked_cases(
    rules: law.RuleSet,
    country: str | None,
    received: str,
    rule: law.DeadlineRule,
    expected: str,
) -> None:
    reckoning = clock.due(rule, day(received), calendar_of(rules, country=country))
    assert reckoning.due == day(expected)


EXTENDED = [
    ("case-06-10+20bd", JP, None, "2026-12-25", BD10, "2027-02-15"),
    ("case-18-extended", EU, None, "2026-11-30", MONTH, "2027-02-28"),
    ("case-18-rolled-de", EU, "DE", "2026-11-30", MONTH_ROLLED, "2027-03-01"),
    ("case-20-90", CA, None, "2026-11-20", DAYS45, "2027-02-18"),
    ("case-21-90", CA, None, "2026-12-18", DAYS45, "2027-03-18"),
]


@pytest.mark.parametrize(
    ("rules", "country", "received", "rule", "expected"),
    [pytest.param(*case[1:], id=case[0]) for case in EXTENDED],
)
def test_the_worked_cases_with_an_extension(
    rules: law.RuleSet,
    country: str | None,
    received: str,
    rule: law.DeadlineRule,
    expected: str,
) -> None:
    start = day(received)
    calendar = calendar_of(rules, country=country)
    grants = [Granted(start + timedelta(days=7))]
    reckoning = clock.due(rule, start, calendar, extension=rules.extension, granted=grants)
    assert reckoning.due == day(expected)


def test_case_09_a_lawsuit_may_be_filed_the_day_after_the_two_weeks() -> None:
    marker = JP.deadlines["art39_marker"]
    reckoning = clock.due(marker, day("2026-12-22"), calendar_of(JP))
    assert reckoning.first_suit_day == day("2027-01-06")
    assert "2027年1月6日（水）" in " ".join(reckoning.explain("ja"))


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        pytest.param("pause", "2026-07-20", id="case-19-pause"),
        pytest.param("restart", "2026-07-22", id="case-19-restart"),
    ],
)
def test_case_19_identity_asked_and_proved(effect: Any, expected: str) -> None:
    stop = Stop(day("2026-06-12"), day("2026-06-22"), effect)
    reckoning = clock.due(MONTH, day("2026-06-10"), calendar_of(EU), stops=[stop])
    assert reckoning.due == day(expected)
    assert reckoning.base_due == day("2026-07-10")


def test_both_readings_of_a_gdpr_extension_are_kept_and_the_earlier_stands() -> None:
    grants = [Granted(day("2026-02-10"))]
    reckoning = clock.due(
        MONTH, day("2026-01-31"), calendar_of(EU), extension=EU.extension, granted=grants
    )
    assert reckoning.due == day("2026-04-28")
    assert reckoning.alternatives == (day("2026-04-30"),)
    told = " ".join(reckoning.explain("en"))
    assert "Thursday 30 April 2026" in told
    assert "The earlier date stands." in told


def test_an_extension_may_be_notified_until_the_first_due_date() -> None:
    reckoning = clock.due(MONTH, day("2026-01-31"), calendar_of(EU))
    assert reckoning.may_extend(day("2026-02-28"))
    assert not reckoning.may_extend(day("2026-03-01"))
    assert not clock.due(OPT_OUT, day("2026-01-31"), calendar_of(CA)).may_extend(day("2026-02-01"))


def test_more_extensions_than_the_law_allows_are_refused() -> None:
    grants = [Granted(day("2026-06-12")), Granted(day("2026-07-01"))]
    with pytest.raises(ValueError, match="1 time"):
        clock.due(MONTH, day("2026-06-10"), calendar_of(EU), extension=EU.extension, granted=grants)


@pytest.mark.parametrize("rule", [ACK_CA, JP.deadlines["art39_marker"]], ids=lambda r: r.code)
def test_a_period_that_cannot_be_extended_refuses_a_grant(rule: law.DeadlineRule) -> None:
    with pytest.raises(ValueError, match="cannot be extended"):
        clock.due(
            rule,
            day("2026-06-10"),
            calendar_of(JP),
            extension=JP.extension,
            granted=[Granted(day("2026-06-12"))],
        )


def test_overlapping_stops_are_not_counted_twice() -> None:
    stops = [
        Stop(day("2026-06-12"), day("2026-06-22")),
        Stop(day("2026-06-15"), day("2026-06-24")),
        Stop(day("2026-06-16"), day("2026-06-18")),
    ]
    reckoning = clock.due(CAL14, day("2026-06-10"), calendar_of(JP), stops=stops)
    assert reckoning.due == day("2026-06-24") + timedelta(days=12)


def test_a_business_day_that_is_paused_or_closed_is_skipped_once() -> None:
    # 3-6 May are closed as it is; the pause of 1-7 May takes out only 1 and 7 May besides.
    stop = Stop(day("2026-04-30"), day("2026-05-07"))
    without = clock.due(BD10, day("2026-04-28"), calendar_of(JP))
    with_stop = clock.due(BD10, day("2026-04-28"), calendar_of(JP), stops=[stop])
    assert without.due == day("2026-05-18")
    assert with_stop.due == day("2026-05-20")


def test_an_open_stop_suspends_the_due_date() -> None:
    stop = Stop(day("2026-06-12"), None)
    reckoning = clock.due(MONTH, day("2026-06-10"), calendar_of(EU), stops=[stop])
    assert reckoning.due is None
    assert reckoning.base_due == day("2026-07-10")
    assert "Friday 12 June 2026" in reckoning.explain("en")[-1]
    assert "再開した後" in reckoning.explain("ja")[-1]


def test_an_open_stop_within_an_extension_suspends_the_due_date() -> None:
    reckoning = clock.due(
        MONTH,
        day("2026-06-10"),
        calendar_of(EU),
        stops=[Stop(day("2026-08-01"), None)],
        extension=EU.extension,
        granted=[Granted(day("2026-07-01"))],
    )
    assert reckoning.due is None
    assert reckoning.extend_by == day("2026-07-10")


def test_a_pause_within_an_extension_moves_the_extended_date() -> None:
    reckoning = clock.due(
        MONTH,
        day("2026-06-10"),
        calendar_of(EU),
        stops=[Stop(day("2026-08-01"), day("2026-08-06"))],
        extension=EU.extension,
        granted=[Granted(day("2026-07-01"))],
    )
    assert reckoning.due == day("2026-09-15")


@pytest.mark.parametrize("resumed", [None, "2026-07-01"])
@pytest.mark.parametrize("effect", ["pause", "restart"])
def test_a_stop_after_the_last_day_comes_too_late(effect: Any, resumed: str | None) -> None:
    stop = Stop(day("2026-06-24"), day(resumed) if resumed else None, effect)
    reckoning = clock.due(CAL14, day("2026-06-10"), calendar_of(JP), stops=[stop])
    assert reckoning.due == day("2026-06-24")
    assert len(reckoning.explain("en")) == 3  # the stop is not spoken of


def test_pauses_before_a_restart_no_longer_matter() -> None:
    stops = [
        Stop(day("2026-06-12"), day("2026-06-15")),
        Stop(day("2026-06-16"), day("2026-06-22"), "restart"),
        Stop(day("2026-06-25"), day("2026-06-27")),
    ]
    reckoning = clock.due(CAL14, day("2026-06-10"), calendar_of(JP), stops=stops)
    assert reckoning.due == day("2026-06-22") + timedelta(days=14 + 2)
    told = reckoning.explain("en")
    assert sum("paused" in sentence for sentence in told) == 1
    assert sum("counted anew" in sentence for sentence in told) == 1


def test_of_overlapping_restarts_the_one_that_ended_last_begins_the_count() -> None:
    stops = [
        Stop(day("2026-06-12"), day("2026-06-25"), "restart"),
        Stop(day("2026-06-14"), day("2026-06-20"), "restart"),
    ]
    reckoning = clock.due(CAL14, day("2026-06-10"), calendar_of(JP), stops=stops)
    assert reckoning.due == day("2026-07-09")


def test_a_pause_that_a_restart_cuts_through_counts_from_the_restart_on() -> None:
    stops = [
        Stop(day("2026-06-12"), day("2026-06-25")),
        Stop(day("2026-06-14"), day("2026-06-20"), "restart"),
    ]
    reckoning = clock.due(CAL14, day("2026-06-10"), calendar_of(JP), stops=stops)
    assert reckoning.due == day("2026-06-20") + timedelta(days=14 + 5)


def test_a_restart_while_another_stop_is_open_is_told_and_the_due_date_waits() -> None:
    stops = [
        Stop(day("2026-06-12"), None),
        Stop(day("2026-06-30"), day("2026-07-02"), "restart"),
    ]
    reckoning = clock.due(CAL14, day("2026-06-10"), calendar_of(JP), stops=stops)
    assert reckoning.due is None
    assert any("counted anew" in sentence for sentence in reckoning.explain("en"))


def test_a_restart_within_an_extension_begins_the_whole_period_anew() -> None:
    reckoning = clock.due(
        MONTH,
        day("2026-06-10"),
        calendar_of(EU),
        stops=[Stop(day("2026-08-01"), day("2026-08-10"), "restart")],
        extension=EU.extension,
        granted=[Granted(day("2026-07-01"))],
    )
    assert reckoning.due == day("2026-11-10")


def test_a_pause_before_the_first_due_date_moves_both_readings_once() -> None:
    reckoning = clock.due(
        MONTH,
        day("2026-06-10"),
        calendar_of(EU),
        stops=[Stop(day("2026-06-12"), day("2026-06-22"))],
        extension=EU.extension,
        granted=[Granted(day("2026-07-01"))],
    )
    assert reckoning.extend_by == day("2026-07-20")
    assert reckoning.due == day("2026-09-20")


def test_an_extension_in_days_does_not_count_an_earlier_pause_again() -> None:
    in_days = JP.extension.model_copy(update={"unit": "calendar_day"})
    reckoning = clock.due(
        CAL14,
        day("2026-06-10"),
        calendar_of(JP),
        stops=[Stop(day("2026-06-12"), day("2026-06-22"))],
        extension=in_days,
        granted=[Granted(day("2026-07-01"))],
    )
    assert reckoning.extend_by == day("2026-07-04")
    assert reckoning.due == day("2026-07-24")


def test_each_grant_adds_an_extension_where_the_law_allows_several() -> None:
    twice = JP.extension.model_copy(update={"max_times": 2})
    grants = [Granted(day("2027-01-08")), Granted(day("2027-02-01"))]
    reckoning = clock.due(BD10, day("2026-12-25"), calendar_of(JP), extension=twice, granted=grants)
    assert reckoning.due == day("2027-03-16")


@pytest.mark.parametrize("effect", ["pause", "restart"])
@pytest.mark.parametrize("resumed", [None, "2027-01-10"])
def test_the_article_39_marker_is_never_paused(effect: Any, resumed: str | None) -> None:
    stop = Stop(day("2026-12-24"), day(resumed) if resumed else None, effect)
    marker = JP.deadlines["art39_marker"]
    reckoning = clock.due(marker, day("2026-12-22"), calendar_of(JP), stops=[stop])
    assert reckoning.due == day("2027-01-05")
    assert "This period does not stop" in " ".join(reckoning.explain("en"))


def test_the_article_39_marker_is_never_rolled() -> None:
    with pytest.raises(ValueError, match="does not offer"):
        JP.deadlines["art39_marker"].rolled("next_business_day")


def test_the_45_days_run_whatever_verification_takes() -> None:
    stop = Stop(day("2026-11-22"), day("2026-12-10"))
    reckoning = clock.due(DAYS45, day("2026-11-20"), calendar_of(CA), stops=[stop])
    assert reckoning.due == day("2027-01-04")


def test_a_stop_that_ends_before_it_began_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end before"):
        Stop(day("2026-06-12"), day("2026-06-11"))


# ---------------------------------------------------------------------------------- arrival


def test_a_request_at_2330_utc_counts_on_the_next_day_in_tokyo() -> None:
    at = datetime(2026, 4, 28, 23, 30, tzinfo=UTC)
    assert clock.received_on(at, "Asia/Tokyo") == day("2026-04-29")
    assert clock.received_on(at, "America/Los_Angeles") == day("2026-04-28")


def test_a_request_at_midnight_in_tokyo_belongs_to_the_day_that_begins() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert clock.received_on(datetime(2026, 4, 28, 23, 59, 59, tzinfo=tokyo), "Asia/Tokyo") == day(
        "2026-04-28"
    )
    assert clock.received_on(datetime(2026, 4, 29, tzinfo=tokyo), "Asia/Tokyo") == day("2026-04-29")


def test_daylight_saving_decides_the_local_day_of_arrival() -> None:
    # Brussels is two hours ahead of UTC in summer and one in winter.
    assert clock.received_on(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "Europe/Brussels") == day(
        "2026-07-02"
    )
    assert clock.received_on(datetime(2026, 12, 1, 22, 30, tzinfo=UTC), "Europe/Brussels") == day(
        "2026-12-01"
    )


def test_a_time_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="UTC offset"):
        clock.received_on(datetime(2026, 4, 28, 23, 30), "Asia/Tokyo")  # noqa: DTZ001


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Asia/Edo"):
        clock.received_on(datetime(2026, 4, 28, tzinfo=UTC), "Asia/Edo")


def test_days_left_reach_zero_on_the_day_and_go_below_it_when_overdue() -> None:
    due = day("2026-05-07")
    assert [clock.days_left(due, day(f"2026-05-0{n}")) for n in (4, 7, 9)] == [3, 0, -2]


def test_business_days_between_leave_out_golden_week() -> None:
    calendar = calendar_of(JP)
    assert clock.business_days_between(day("2026-04-28"), day("2026-05-07"), calendar) == 3
    assert clock.business_days_between(day("2026-05-07"), day("2026-04-28"), calendar) == -3
