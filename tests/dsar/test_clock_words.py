"""A reckoning in words: every step, in Japanese and English."""

from __future__ import annotations

from datetime import date

from dsar import clock, law
from dsar.calendars import calendar_of
from dsar.clock import Stop

BOOK = law.load()
JP, EU = (BOOK.version(regime, date(2026, 6, 1)) for regime in ("appi", "gdpr"))
BD3, MONTH = JP.deadlines["ack"], EU.deadlines["decision"]
CAL14_ROLLED = JP.deadlines["decision"].rolled("next_business_day")


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_the_explanation_of_golden_week_names_each_holiday_and_counts_the_weekends() -> None:
    told = clock.due(BD3, day("2026-04-28"), calendar_of(JP)).explain("ja")
    assert told == (
        "受け付けた日は2026年4月28日（火）です。この日は数えず、翌日から数えます。",
        "期間は3営業日です。週末、祝日、休業日は数えません。数えなかった日は、週末2日、"
        "昭和の日（4月29日）、みどりの日（5月4日）、こどもの日（5月5日）、振替休日（5月6日）です。",
        "期限は2026年5月7日（木）の終わりまでです。",
    )


def test_the_explanation_in_english_says_the_same() -> None:
    told = clock.due(BD3, day("2026-04-28"), calendar_of(JP)).explain("en-us")
    assert told[0] == "The request arrived on Tuesday 28 April 2026. That day is not counted."
    assert "2 weekend days, Showa Day (29 April)" in told[1]
    assert told[-1] == "Due by the end of Thursday 7 May 2026."


def test_the_explanation_groups_the_days_of_a_closure_under_its_name() -> None:
    told = " ".join(clock.due(BD3, day("2026-12-25"), calendar_of(JP)).explain("ja"))
    assert "年末年始の休業（12月29日・12月30日・12月31日）" in told
    assert "元日（1月1日）" in told


def test_the_explanation_of_a_roll_gives_the_reason_for_each_closed_day() -> None:
    told = clock.due(CAL14_ROLLED, day("2026-04-21"), calendar_of(JP)).explain("en")
    assert "Closed: Children's Day (5 May), Substitute Holiday (6 May)." in told[-2]


def test_the_explanation_of_a_pause_gives_its_dates_and_its_length() -> None:
    stop = Stop(day("2026-06-12"), day("2026-06-22"))
    reckoning = clock.due(MONTH, day("2026-06-10"), calendar_of(EU), stops=[stop])
    assert (
        "2026年6月12日（金）に期間を止め、2026年6月22日（月）に再開しました。"
        "この間の10日は数えません。"
    ) in reckoning.explain("ja")
