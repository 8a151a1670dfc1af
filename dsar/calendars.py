"""The calendars the clock reckons with: national holidays, yearly closures, the company's own rows.

National holidays come from the ``holidays`` library, which knows Japan's substitute and sandwiched
holidays (Act on National Holidays art. 3). The equinoxes of later years are forecasts until they
are announced each February, so the company's rows may close a day or open one "after all".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays

from dsar.clock import Calendar
from dsar.law import Closure, RuleSet, Text

Rows = tuple[tuple[date, Text], ...]


def calendar_of(
    rules: RuleSet,
    *,
    country: str | None = None,
    subdivision: str | None = None,
    closed: Mapping[date, Text] | None = None,
    opened: frozenset[date] = frozenset(),
) -> Calendar:
    """The calendar of a rule set with the company's own days.

    ``country`` and ``subdivision`` replace those of the rule set ("none" for no holidays).
    ``closed`` are the company's closing days by name, ``opened`` the days open after all; a day in
    both is open. Equal arguments give the same calendar. ValueError: a country or subdivision that
    the library does not know.
    """
    if country is None:
        country, subdivision = rules.calendar, subdivision or rules.subdivision
    return _calendar(
        country,
        subdivision,
        frozenset(rules.working_week),
        rules.year_end_closure,
        tuple(sorted((closed or {}).items(), key=lambda row: row[0])),
        opened,
    )


@lru_cache(maxsize=256)
def _calendar(
    country: str,
    subdivision: str | None,
    weekend: frozenset[int],
    closure: Closure | None,
    closed: Rows,
    opened: frozenset[date],
) -> Calendar:
    _national(country, subdivision, 2026)  # an unknown country is refused now, not at first use

    def named_days(year: int) -> dict[date, Text]:
        days = _closure_days(closure, year) if closure else {}
        days.update(_national(country, subdivision, year))
        days.update((day, name) for day, name in closed if day.year == year)
        return days

    return Calendar(weekend, named_days, opened)


@lru_cache(maxsize=1024)
def _national(country: str, subdivision: str | None, year: int) -> Mapping[date, Text]:
    """The holidays of a year by name; where a language is wanting, the other stands in for it."""
    if country == "none":
        return MappingProxyType({})
    try:
        known = holidays.country_holidays(country, subdiv=subdivision)
        english = next((lang for lang in known.supported_languages if lang[:2] == "en"), None)
        japanese = "ja" if "ja" in known.supported_languages else english
        in_english, in_japanese = (
            holidays.country_holidays(country, subdiv=subdivision, years=year, language=language)
            for language in (english, japanese)
        )
    except NotImplementedError as error:
        raise ValueError(str(error)) from error
    return MappingProxyType(
        {day: Text(ja=in_japanese[day], en=in_english[day]) for day in sorted(in_english)}
    )


def _closure_days(closure: Closure, year: int) -> dict[date, Text]:
    """The days of one calendar year on which a yearly closure falls, over New Year or not."""
    first = date.fromisoformat(f"{year}-{closure.first}")
    last = date.fromisoformat(f"{year}-{closure.last}")
    if first <= last:
        spans = [(first, last)]
    else:
        spans = [(date(year, 1, 1), last), (first, date(year, 12, 31))]
    return {
        date.fromordinal(n): closure.name
        for begin, end in spans
        for n in range(begin.toordinal(), end.toordinal() + 1)
    }
