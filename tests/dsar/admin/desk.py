"""What the tests of the desk share: its addresses, and a page read as text or tags."""

from __future__ import annotations

import html
import re
from typing import Any

from dsar.models import Case
from tests.dsar.page_reading import Page

DESK = "/en/desk/"
CASES = "/en/desk/dsar/case/"
NOTICES = "/en/desk/dsar/notice/"


def page_of(case: Case) -> str:
    return f"{CASES}{case.pk}/change/"


def act_of(case: Case, act: str) -> str:
    return f"{CASES}{case.pk}/act/{act}/"


def text_of(response: Any) -> str:
    """The words of a page, tags and runs of space taken out."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(plain).split())


def tags_of(response: Any) -> Page:
    return Page(response.content.decode())


def links_of(response: Any) -> list[str]:
    return [attrs.get("href", "") for tag, attrs in tags_of(response).tags if tag == "a"]


def numbers_on(response: Any) -> list[str]:
    """The case numbers of the queue's rows, from top to bottom."""
    return re.findall(
        r'class="queue-number"><a href="[^"]+">([\d-]+)</a>', response.content.decode()
    )


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def parts(name: str, year: int, month: int, day: int) -> dict[str, str]:
    """A date as its three boxes send it."""
    return {f"{name}_year": str(year), f"{name}_month": str(month), f"{name}_day": str(day)}
