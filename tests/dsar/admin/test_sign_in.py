"""Guessing passwords is slow from one place and from many, and locks out nobody who works here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dsar import limits
from tests.dsar.admin.desk import DESK
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

LOGIN = f"{DESK}login/"


@pytest.fixture(autouse=True)
def _limits_on(settings: Any) -> None:
    settings.RATE_LIMITS = True
    settings.RATE_LIMIT_STORAGE = "memory://"
    limits.reset()


def tries(browser: Client, name: str, given: str = "wrong", address: str = "192.0.2.1") -> int:
    """The status of one try: 200 wrong, 302 signed in, 429 too many."""
    posted = {"username": name, "password": given}
    return browser.post(LOGIN, posted, REMOTE_ADDR=address).status_code


def strangers_try(name: str) -> int:
    """Wrong passwords for one name, each from another network; the last answer."""
    for n in range(40):
        answer = tries(Client(), name, address=f"198.51.{n}.7")
    return answer


def test_one_address_does_not_try_name_after_name(officer: Any) -> None:
    answers = [tries(Client(), f"guess{n}") for n in range(25)]
    assert answers == [200] * 20 + [429] * 5
    assert tries(Client(), "officer", PASSWORD) == 429
    assert tries(Client(), "officer", PASSWORD, "203.0.113.1") == 302


def test_a_network_of_addresses_does_not_either(officer: Any) -> None:
    answers = [tries(Client(), f"guess{n}", address=f"192.0.2.{n}") for n in range(65)]
    assert answers == [200] * 60 + [429] * 5


def test_many_addresses_do_not_try_one_name(officer: Any) -> None:
    assert strangers_try("Officer") == 429
    assert tries(Client(), "officer", PASSWORD, "203.0.113.1") == 429
    assert tries(Client(), "approver", PASSWORD, "203.0.113.1") == 200


def test_a_browser_that_signed_in_before_is_not_locked_out_by_strangers(officer: Any) -> None:
    known = Client()
    assert tries(known, "officer", PASSWORD) == 302
    strangers_try("officer")
    for n in range(25):  # a colleague behind the same address, or somebody at the next desk
        tries(Client(), f"guess{n}")
        tries(Client(), "officer")
    assert tries(Client(), "officer", PASSWORD) == 429
    assert tries(known, "officer", PASSWORD) == 302


def test_a_new_browser_waits_ten_minutes_and_not_an_hour(
    officer: Any, now: datetime, freeze: Callable[[datetime], None]
) -> None:
    strangers_try("officer")
    refused = Client().post(LOGIN, {"username": "officer", "password": PASSWORD})
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    freeze(now + timedelta(minutes=21))
    assert tries(Client(), "officer", PASSWORD) == 302


def test_a_known_browser_has_its_own_number_of_tries_and_is_known_for_its_own_names(
    officer: Any, approver: Any
) -> None:
    known = Client()
    tries(known, "officer", PASSWORD)
    assert [tries(known, "officer") for _ in range(11)] == [200] * 10 + [429]
    strangers_try("approver")
    assert tries(known, "approver", PASSWORD) == 429


def test_a_shared_browser_is_known_for_everyone_who_signed_in_there(
    officer: Any, approver: Any
) -> None:
    shared = Client()
    tries(shared, "officer", PASSWORD)
    tries(shared, "approver", PASSWORD)
    strangers_try("officer")
    assert tries(shared, "officer", PASSWORD) == 302


def test_a_made_up_cookie_is_no_way_round_the_limits(officer: Any) -> None:
    known = Client()
    tries(known, "officer", PASSWORD)
    strangers_try("officer")
    value = known.cookies["desk_browser"].value
    forger = Client()
    forger.cookies["desk_browser"] = "x" + value
    assert tries(forger, "officer", PASSWORD, "203.0.113.1") == 429
    assert known.cookies["desk_browser"]["httponly"]
    assert "officer" not in value


def test_those_who_sign_in_rightly_do_not_use_up_the_number_of_their_office(
    officer: Any, approver: Any, auditor: Any, data_owner: Any
) -> None:
    for _n in range(9):
        for name in ("officer", "approver", "auditor", "owner"):
            assert tries(Client(), name, PASSWORD) == 302
