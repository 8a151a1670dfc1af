"""One request on its way: its days, its mails, and the person's own pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import translation

from dsar import reminders
from dsar.models import Case
from tests.dsar.intake.walking import Walker, page_of
from tests.journeys.pages import Form


class Journey:
    """One request on its way; `day` is how long ago it was sent."""

    def __init__(
        self, start: datetime, freeze: Callable[[datetime], None], regime: str, kind: str
    ) -> None:
        self.start, self.freeze = start, freeze
        self.walker = Walker(Client(), regime, kind)
        self.now = start
        self.sent: list[Any] = []

    def day(self, number: int) -> datetime:
        """Move every clock to ten in the morning of that day."""
        self.now = self.start + timedelta(days=number)
        self.freeze(self.now)
        return self.now

    def post(self) -> list[Any]:
        """Deliver what is due, as the worker does; the mails to the person."""
        mail.outbox.clear()
        while batch := reminders.claim(self.now):
            reminders.deliver_all(batch, self.now)
        self.sent += mail.outbox
        return [letter for letter in mail.outbox if letter.to == ["hanako@person.example"]]

    def fill_in(self) -> tuple[str, str]:
        """The form to its end: case number and receipt code, as the receipt shows them."""
        self.day(0)
        with translation.override("en"):
            self.walker.walk()
            assert page_of(self.walker.send()) == "receipt"
            page = self.walker.get("receipt").content.decode()
        number = re.search(r"\b\d{4}-\d{4}-\d{4}\b", page)
        code = re.search(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b", page)
        assert number is not None
        assert code is not None
        return number[0], code[0]

    def confirm(self) -> None:
        """Follow the link of the first mail and press its button."""
        (letter,) = self.post()
        link = re.search(r"https?://[^/\s]+(/\S*confirm/\S+/)", letter.body)
        assert link is not None
        page = self.walker.client.get(link[1])
        assert page.status_code == 200
        assert not Case.objects.get().email_confirmed_at  # looking proves nothing
        self.walker.client.post(link[1])

    def come_back(self, number: str, code: str) -> tuple[Client, str]:
        """Sign in with a new browser by number, receipt code and mailed code; the case's page."""
        browser = Client()
        browser.post("/en/status/", {"number": number, "receipt_code": code})
        (letter,) = self.post()
        once = re.search(r"\b\d{6}\b", letter.body)
        assert once is not None
        page = browser.post("/en/status/code/", {"code": once[0]}, follow=True)
        assert page.status_code == 200
        return browser, str(page.content.decode())

    def sends(self, browser: Client, address: str, **typed: str) -> None:
        """Fill in a form of the person's own pages and send it."""
        answer = browser.post(address, Form(browser.get(address), address).filled_in(**typed))
        assert answer.status_code == 302, answer.context["form"].errors
