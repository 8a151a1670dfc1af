"""Texts of the law in templates: `{% load law %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from dsar.law import Text

register = template.Library()


@register.filter
def text_of(text: Text) -> str:
    """A text of the law in the reader's language."""
    return text.in_language(get_language() or "ja")
