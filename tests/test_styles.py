"""The style sheets."""

from __future__ import annotations

import re

from django.conf import settings


def test_every_value_that_a_style_asks_for_exists() -> None:
    sheets = (settings.BASE_DIR / "static" / "css").glob("*.css")
    text = "\n".join(sheet.read_text() for sheet in sheets)
    known = set(re.findall(r"(--[\w-]+)\s*:", text))
    asked = set(re.findall(r"var\((--[\w-]+)\)", text))
    assert asked - known == set()
