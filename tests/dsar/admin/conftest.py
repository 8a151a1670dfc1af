"""A browser at the desk, and the clock of the desk on the day of the made-up cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from dsar import limits
from dsar.models import StaffMember

SignedIn = Callable[[StaffMember], Client]


@pytest.fixture(autouse=True)
def _on_that_day(freeze: Callable[[datetime], None], now: datetime) -> None:
    freeze(now)


@pytest.fixture(autouse=True)
def _own_files_limits_and_language(media: Any) -> Iterator[None]:
    limits.reset()
    with translation.override("en"):
        yield
    limits.reset()


@pytest.fixture
def signed_in() -> SignedIn:
    """A browser in which this member of staff is signed in."""

    def sign_in(user: StaffMember) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return sign_in


@pytest.fixture
def desk(signed_in: SignedIn, officer: StaffMember) -> Client:
    """The officer's browser."""
    return signed_in(officer)
