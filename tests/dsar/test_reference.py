"""Numbers and codes survive being read out, written down and typed in."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsar import reference

DIGITS = st.text("0123456789", min_size=11, max_size=11)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number_of(body: str) -> str:
    return body + reference.check_digit(body)


def test_the_check_digit_is_damms() -> None:
    assert reference.check_digit("572") == "4"  # the example of Damm's thesis


@given(body=DIGITS, position=st.integers(0, 11), wrong=st.sampled_from("0123456789"))
def test_every_single_wrong_digit_is_found(body: str, position: int, wrong: str) -> None:
    number = number_of(body)
    typed = number[:position] + wrong + number[position + 1 :]
    assert reference.read_case_number(typed) == (number if typed == number else None)


@given(body=DIGITS, position=st.integers(0, 10))
def test_every_swap_of_neighbours_is_found(body: str, position: int) -> None:
    number = number_of(body)
    swapped = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
    assert reference.read_case_number(swapped) == (number if swapped == number else None)


@given(body=DIGITS)
def test_a_number_is_read_as_it_is_shown(body: str) -> None:
    number = number_of(body)
    assert reference.read_case_number(reference.show_case_number(number)) == number


@pytest.mark.parametrize(
    "typed",
    ["{0}-{1}-{2}", " {0} {1} {2} ", "{0}{1}{2}", "No. {0}‐{1}‐{2}", "受付番号：{0}ー{1}ー{2}"],
)
@pytest.mark.parametrize("width", ["half", "full"])
def test_a_number_is_read_in_any_width_and_with_any_separators(typed: str, width: str) -> None:
    number = number_of("26111234567")
    shown = typed.format(number[:4], number[4:8], number[8:])
    if width == "full":
        shown = shown.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    assert reference.read_case_number(shown) == number


def test_digits_of_another_script_are_read_as_digits() -> None:
    number = number_of("26111234567")
    arabic = number.translate({ord(d): 0x660 + int(d) for d in "0123456789"})
    assert reference.read_case_number(arabic) == number


@pytest.mark.parametrize("typed", ["", "abc", "2611", "26111234567890", "２６１１"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert reference.read_case_number(typed) is None


@given(typed=st.text(max_size=40))
def test_anything_may_be_typed(typed: str) -> None:
    found = reference.read_case_number(typed)
    assert found is None or (len(found) == 12 and found.isascii() and found.isdigit())
    assert set(reference.read_receipt_code(typed)) <= set(ALPHABET)
    assert set(reference.read_one_time_code(typed)) <= set("0123456789")


def test_a_new_number_begins_with_year_and_month_and_tells_nothing_else() -> None:
    numbers = {reference.new_case_number(date(2026, 11, 10)) for _ in range(300)}
    assert len(numbers) > 295  # seven random digits: a repeat is rare, a run of them impossible
    assert {number[:4] for number in numbers} == {"2611"}
    assert all(reference.read_case_number(number) == number for number in numbers)


@given(code=st.text(ALPHABET, min_size=16, max_size=16))
def test_a_receipt_code_is_read_as_it_is_shown(code: str) -> None:
    shown = reference.show_receipt_code(code)
    assert shown.count("-") == 3
    assert reference.read_receipt_code(shown) == code
    assert reference.read_receipt_code(shown.lower().replace("-", " ")) == code


def test_letters_that_are_easily_misread_are_forgiven() -> None:
    assert reference.read_receipt_code("olIi-oLl1") == "01110111"
    assert reference.read_receipt_code("７ｆ３ｋ") == "7F3K"


def test_receipt_codes_are_long_and_never_repeat() -> None:
    codes = {reference.new_receipt_code() for _ in range(300)}
    assert len(codes) == 300
    assert all(len(code) == 16 and set(code) <= set(ALPHABET) for code in codes)


def test_a_one_time_code_has_six_digits_even_when_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference.secrets, "randbelow", lambda limit: 42 if limit == 10**6 else 1)
    assert reference.new_one_time_code() == "000042"
    assert reference.read_one_time_code("０００ ０４２") == "000042"
