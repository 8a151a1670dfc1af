"""Dates of a case as people read them: `{% load case_dates %}`."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.translation import get_language

from dsar import clock_words

register = template.Library()


@register.filter
def with_weekday(day: date | None) -> str:
    """2026年12月8日（火） / Tuesday 8 December 2026; empty for no date."""
    return clock_words.long_date(day, get_language() or "ja") if day else ""


@register.filter
def day_and_month(day: date | None) -> str:
    """12月8日 / 8 December; empty for no date."""
    return clock_words.short_date(day, get_language() or "ja") if day else ""
