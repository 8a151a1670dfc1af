"""Mail as the tests read it: what is due is sent, and the newest letter to someone is found."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.utils import timezone

from dsar import reminders


def send_what_is_due() -> None:
    """Do the worker's sweep."""
    now = timezone.now()
    while batch := reminders.claim(now):
        reminders.deliver_all(batch, now)


def letter_to(address: str) -> Any:
    """The newest mail to an address. AssertionError: there is none."""
    send_what_is_due()
    letters = [letter for letter in mail.outbox if address in letter.to]
    assert letters, f"no mail to {address} among {[letter.to for letter in mail.outbox]}"
    return letters[-1]


def link_in(letter: Any, part: str) -> str:
    """The link whose address contains `part`."""
    links = re.findall(r"https?://\S+", letter.body)
    return next(link for link in links if part in link)


def code_in(letter: Any) -> str:
    """The one-time code."""
    found = re.search(r"(?<!\d)(\d{3}) ?(\d{3})(?!\d)", letter.body)
    assert found, letter.body
    return found[1] + found[2]
