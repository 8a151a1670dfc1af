"""Dates in both languages, as templates write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils.formats import date_format
from django.utils.translation import override

AFTERNOON = datetime(2026, 5, 7, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "7 May 2026", "7 May 2026, 14:05"),
        ("ja", "2026年5月7日", "2026年5月7日14:05"),
    ],
)
def test_dates_are_written_as_in_the_sentences(language: str, day: str, moment: str) -> None:
    with override(language):
        assert date_format(AFTERNOON, "DATE_FORMAT") == day
        assert date_format(AFTERNOON, "DATETIME_FORMAT") == moment
