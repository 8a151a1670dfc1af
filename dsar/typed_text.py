"""What people type, read as they meant it: width, hyphens, era years. Standard library only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

# First day of each era in the calendar; Meiji from the day Japan took the Gregorian calendar.
ERAS: tuple[tuple[str, str, date, int], ...] = (
    ("令和", "R", date(2019, 5, 1), 2018),
    ("平成", "H", date(1989, 1, 8), 1988),
    ("昭和", "S", date(1926, 12, 25), 1925),
    ("大正", "T", date(1912, 7, 30), 1911),
    ("明治", "M", date(1873, 1, 1), 1867),
)

_HYPHENS = re.compile("[\u2010-\u2015\u2212\u30fc\uff0d\uff70\ufe63~\u301c]")
# Direction controls and zero-width marks can make text read otherwise than it is stored.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# Compatibility ideographs are how some people's names are written; NFKC would rewrite them.
_NOT_COMPATIBILITY_IDEOGRAPHS = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
_YEAR = re.compile(r"(?:(?P<era>[A-Z]|令和|平成|昭和|大正|明治)\.?)?(?P<year>\d{1,4}|元)年?$")
_MONTH = re.compile(r"(\d{1,2})月?$")
_DAY = re.compile(r"(\d{1,2})日?$")


def tidy(text: str) -> str:
    """Several lines: invisible characters and space at the ends go, lines end in a newline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", text).strip()


def one_line(text: str) -> str:
    """One line in NFKC, with single spaces; compatibility ideographs stay as written."""
    text = _NOT_COMPATIBILITY_IDEOGRAPHS.sub(
        lambda run: unicodedata.normalize("NFKC", run.group()), text
    )
    return " ".join(_INVISIBLE.sub("", text).split())


def as_telephone(text: str) -> str:
    """A number with half-width digits and plain hyphens, in brackets or not.

    Raises ValueError unless it has 8 to 15 digits (E.164 allows 15) and nothing odd between.
    """
    number = _HYPHENS.sub("-", one_line(text)).replace(" ", "-")
    digits = re.sub(r"\D", "", number)
    if not re.fullmatch(r"\+?[\d()-]+", number) or not 8 <= len(digits) <= 15:
        raise ValueError("not a telephone number")
    return re.sub(r"-{2,}", "-", number).strip("-")


def as_postal_code(text: str, *, any_country: bool = False) -> str:
    """A Japanese code as 123-4567; elsewhere capitals, digits, hyphens and single spaces.

    Raises ValueError when it cannot be a postal code.
    """
    code = _HYPHENS.sub("-", one_line(text)).removeprefix("〒").strip()
    japanese = re.fullmatch(r"(\d{3})[- ]?(\d{4})", code)
    if japanese:
        return "-".join(japanese.groups())
    if any_country and re.fullmatch(r"[A-Z0-9][A-Z0-9 -]{1,9}", code.upper()):
        return code.upper()
    raise ValueError("not a postal code")


@dataclass(frozen=True)
class DateParts:
    """Year, month and day as typed, each a text."""

    year: str = ""
    month: str = ""
    day: str = ""

    @classmethod
    def of(cls, value: Any) -> DateParts:
        """The parts of a date, an ISO text, parts themselves, or nothing."""
        if isinstance(value, DateParts):
            return value
        if isinstance(value, str) and value:
            value = date.fromisoformat(value[:10])
        if isinstance(value, datetime | date):
            return cls(str(value.year), str(value.month), str(value.day))
        return cls()

    @property
    def is_empty(self) -> bool:
        """True when nothing but space is in the three boxes."""
        return not any(part.strip() for part in (self.year, self.month, self.day))


@dataclass(frozen=True)
class Problem:
    """Why a date cannot be read: a code, and the parts concerned, separated by spaces."""

    code: str
    parts: str


@dataclass(frozen=True)
class Reading:
    """A date, or the problems that stood against one."""

    date: date | None
    problems: tuple[Problem, ...] = ()


def read_year(text: str) -> tuple[int, str]:
    """The western year and the era written, `""` for none.

    `1980`, `昭和55`, `昭和55年`, `S55`, `令和元年` are read. Raises ValueError otherwise; a bare
    `55` is one of the others, because it could be of any era.
    """
    found = _YEAR.match("".join(one_line(text).upper().split()))
    if not found:
        raise ValueError("not a year")
    number = 1 if found["year"] == "元" else int(found["year"])
    if not found["era"]:
        if found["year"] == "元" or len(found["year"]) != 4 or number < 1:
            raise ValueError("no era")
        return number, ""
    for name, letter, _start, before in ERAS:
        if found["era"] in (name, letter):
            if not 1 <= number <= 99:
                raise ValueError("no such year of an era")
            return before + number, name
    raise ValueError("unknown era")


def _read_number(pattern: re.Pattern[str], text: str, highest: int) -> int:
    found = pattern.match("".join(one_line(text).split()))
    if not found or not 1 <= int(found[1]) <= highest:
        raise ValueError("not in range")
    return int(found[1])


def _era_has_year(name: str, year: int) -> bool:
    return era_holds(name, date(year, 1, 1)) or era_holds(name, date(year, 12, 31))


def era_holds(name: str, day: date) -> bool:
    """Whether the day lies in the era of that name."""
    end = date.max
    for era, _letter, start, _before in ERAS:
        if era == name:
            return start <= day < end
        end = start
    return False


def read_date(parts: DateParts) -> Reading:
    """Read the three parts; every part that cannot be read is named at once."""
    problems: list[Problem] = []
    numbers: dict[str, int] = {}
    era = ""
    for part, text in (("year", parts.year), ("month", parts.month), ("day", parts.day)):
        if not text.strip():
            problems.append(Problem(f"{part}_missing", part))
            continue
        try:
            if part == "year":
                numbers[part], era = read_year(text)
                if era and not _era_has_year(era, numbers[part]):
                    problems.append(Problem("outside_era", part))
            elif part == "month":
                numbers[part] = _read_number(_MONTH, text, 12)
            else:
                numbers[part] = _read_number(_DAY, text, 31)
        except ValueError:
            problems.append(Problem(f"{part}_unread", part))
    if problems:
        return Reading(None, tuple(problems))
    try:
        day = date(numbers["year"], numbers["month"], numbers["day"])
    except ValueError:
        return Reading(None, (Problem("no_such_day", "month day"),))
    if era and not era_holds(era, day):
        return Reading(None, (Problem("outside_era", "year month day"),))
    return Reading(day)
