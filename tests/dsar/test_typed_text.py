"""What people type is read as they meant it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsar.typed_text import (
    ERAS,
    DateParts,
    as_postal_code,
    as_telephone,
    era_holds,
    one_line,
    read_date,
    read_year,
    tidy,
)


def test_one_line_makes_width_uniform_and_spaces_single() -> None:
    assert one_line("  ﾔﾏﾀﾞ　　太郎\t（ＡＢＣ） ") == "ヤマダ 太郎 (ABC)"


def test_a_name_written_with_a_compatibility_ideograph_stays_as_written() -> None:
    assert one_line("\ufa19田　\ufa10子") == "\ufa19田 \ufa10子"


def test_a_variation_selector_in_a_name_is_kept() -> None:
    assert one_line("葛\U000e0100城") == "葛\U000e0100城"


def test_marks_that_turn_the_reading_direction_are_removed() -> None:
    assert one_line("abc\u202egnp.exe") == "abcgnp.exe"
    assert tidy("a\u200bb\x00c") == "abc"


def test_several_lines_keep_their_lines_and_their_characters() -> None:
    assert tidy("  ①一つ目\r\n\r\n（２）二つ目 \r\n") == "①一つ目\n\n（２）二つ目"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("０３－１２３４－５６７８", "03-1234-5678"),
        ("03ー1234ー5678", "03-1234-5678"),
        ("090 1234 5678", "090-1234-5678"),
        ("09012345678", "09012345678"),
        ("+81-3-1234-5678", "+81-3-1234-5678"),
        ("(03)1234-5678", "(03)1234-5678"),
    ],
)
def test_a_telephone_number_is_read_in_any_width(typed: str, read: str) -> None:
    assert as_telephone(typed) == read


@pytest.mark.parametrize("typed", ["03-12", "1234567890123456", "03-1234-abcd", "+"])
def test_what_is_no_telephone_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="telephone"):
        as_telephone(typed)


@pytest.mark.parametrize("typed", ["1000001", "100-0001", "〒１００－０００１", "100ー0001"])
def test_a_japanese_postal_code_is_kept_in_one_form(typed: str) -> None:
    assert as_postal_code(typed) == "100-0001"


def test_a_foreign_postal_code_passes_only_where_other_countries_may() -> None:
    assert as_postal_code("sw1a 1aa", any_country=True) == "SW1A 1AA"
    with pytest.raises(ValueError, match="postal"):
        as_postal_code("SW1A 1AA")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1980", (1980, "")),
        ("１９８０年", (1980, "")),
        ("昭和55", (1980, "昭和")),
        ("昭和 ５５ 年", (1980, "昭和")),
        ("s55", (1980, "昭和")),
        ("S.55", (1980, "昭和")),
        ("㍼55", (1980, "昭和")),
        ("令和元", (2019, "令和")),
        ("R2", (2020, "令和")),
        ("平成元年", (1989, "平成")),
        ("T15", (1926, "大正")),
    ],
)
def test_a_year_is_read_western_or_by_era(typed: str, read: tuple[int, str]) -> None:
    assert read_year(typed) == read


@pytest.mark.parametrize(
    "typed", ["55", "元", "元年", "X5", "昭和", "昭和0", "昭和100", "0000", "19 8x"]
)
def test_a_year_that_could_be_several_or_none_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_year(typed)


@pytest.mark.parametrize(
    ("era", "day", "held"),
    [
        ("昭和", date(1989, 1, 7), True),
        ("昭和", date(1989, 1, 8), False),
        ("平成", date(1989, 1, 8), True),
        ("平成", date(2019, 4, 30), True),
        ("令和", date(2019, 4, 30), False),
        ("大正", date(1926, 12, 24), True),
        ("昭和", date(1926, 12, 24), False),
    ],
)
def test_an_era_holds_the_days_from_its_first_to_the_next_ones_first(
    era: str, day: date, held: bool
) -> None:
    assert era_holds(era, day) is held


def test_a_day_after_the_eras_end_is_not_guessed_at() -> None:
    reading = read_date(DateParts("昭和64", "3", "1"))
    assert reading.date is None
    assert [problem.code for problem in reading.problems] == ["outside_era"]


def test_a_year_the_era_never_had_is_named_together_with_a_wrong_month() -> None:
    reading = read_date(DateParts("昭和66", "13", "3"))
    assert [(p.code, p.parts) for p in reading.problems] == [
        ("outside_era", "year"),
        ("month_unread", "month"),
    ]


def test_every_missing_part_is_named_at_once() -> None:
    reading = read_date(DateParts("1980", "", " "))
    assert [problem.code for problem in reading.problems] == ["month_missing", "day_missing"]


def test_the_thirtieth_of_february_does_not_exist() -> None:
    assert read_date(DateParts("2024", "2", "30")).problems[0].code == "no_such_day"
    assert read_date(DateParts("2024", "２月", "２９日")).date == date(2024, 2, 29)


@given(st.dates(min_value=date(1873, 1, 1), max_value=date(2099, 12, 31)))
def test_every_date_survives_being_written_with_its_era(day: date) -> None:
    name, letter, _start, before = next(era for era in ERAS if era[2] <= day)
    for year in (f"{name}{day.year - before}年", f"{letter}{day.year - before}"):
        if day.year - before > 99:
            return
        assert read_date(DateParts(year, str(day.month), str(day.day))).date == day
