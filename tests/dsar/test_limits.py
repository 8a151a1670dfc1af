"""Limits: by address and network, behind proxies, and when the storage fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from dsar import limits

LIMIT = 4


@pytest.fixture(autouse=True)
def _limits_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.RATE_LIMITS = True
    settings.RATE_LIMIT_STORAGE = "memory://"
    settings.TRUSTED_PROXIES = 0
    monkeypatch.setitem(limits.SCOPES, "test", limits.Scope(f"{LIMIT}/hour", "6/hour"))
    limits.reset()
    yield
    limits.reset()


def request_from(address: str, forwarded: str = "") -> Any:
    """A request of a visitor."""
    more: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, **more)


def allowed(request_or_key: Any, times: int) -> int:
    """How many of so many tries are let through."""
    return sum(limits.hit("test", request_or_key) for _ in range(times))


def test_one_address_has_its_number_of_tries() -> None:
    assert allowed(request_from("192.0.2.1"), 10) == LIMIT


def test_another_network_has_its_own() -> None:
    allowed(request_from("192.0.2.1"), 10)
    assert allowed(request_from("198.51.100.1"), 10) == LIMIT


def test_many_addresses_of_one_network_share_the_networks_number() -> None:
    visitors = [request_from(f"192.0.2.{host}") for host in range(1, 11)]
    assert sum(limits.hit("test", visitor) for visitor in visitors) == 6


def test_an_ipv6_household_counts_as_one_visitor_and_a_48_as_one_network() -> None:
    household = [request_from(f"2001:db8:1:1::{n:x}") for n in range(1, 11)]
    assert sum(limits.hit("test", visitor) for visitor in household) == LIMIT
    neighbours = [request_from(f"2001:db8:2:{n:x}::1") for n in range(1, 11)]
    assert sum(limits.hit("test", visitor) for visitor in neighbours) == 6


def test_an_ipv4_address_in_ipv6_clothes_is_the_same_visitor() -> None:
    assert limits.client_address(request_from("::ffff:192.0.2.1")) == "192.0.2.1"


def test_a_key_has_its_number_wherever_the_visitor_is() -> None:
    assert allowed("case 7", 10) == LIMIT
    assert allowed("case 8", 1) == 1


def test_a_visitor_without_an_address_is_counted_with_all_such_visitors() -> None:
    assert allowed(request_from(""), 10) == LIMIT


def test_an_unknown_scope_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        limits.hit("no-such-scope", "key")


def test_switched_off_it_lets_everyone_through(settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert allowed(request_from("192.0.2.1"), 50) == 50


# --- Proxies ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.9", "192.0.2.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "203.0.113.66, 198.51.100.9", "198.51.100.9"),
        (2, "203.0.113.66, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
        (2, "198.51.100.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "198.51.100.9:4711", "198.51.100.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "not an address", ""),
    ],
)
def test_the_visitor_stands_as_many_entries_from_the_right_as_there_are_proxies(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert limits.client_address(request_from("192.0.2.1", forwarded)) == address


def test_a_made_up_header_does_not_give_new_tries(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    tries = [
        limits.hit("test", request_from("10.0.0.1", f"203.0.113.{n}, 198.51.100.9"))
        for n in range(10)
    ]
    assert sum(tries) == LIMIT


@given(st.text(max_size=40))
def test_whatever_a_header_says_there_is_an_answer(text: str) -> None:
    assert limits._parse(text) is None or limits._who(str(limits._parse(text)))


# --- When the storage fails ---------------------------------------------------------------
@pytest.mark.parametrize("storage", ["redis://127.0.0.1:1/0", "no-such-storage://", ""])
def test_without_its_storage_it_counts_more_strictly_and_never_breaks(
    settings: Any, storage: str
) -> None:
    settings.RATE_LIMIT_STORAGE = storage
    limits.reset()
    assert allowed(request_from("192.0.2.1"), 10) == LIMIT // 2


def test_a_storage_that_fails_is_not_asked_again_at_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def fail(*given: Any, **named: Any) -> Any:
        asked.append(given)
        raise ConnectionError

    monkeypatch.setattr(limits, "storage_from_string", fail)
    limits.reset()
    allowed("key", 5)
    assert len(asked) == 1


def test_no_address_is_kept_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = limits._Counter.hit

    def watch(self: Any, checks: Any, cost: int) -> bool:
        seen.extend(key for _item, key in checks)
        return real(self, checks, cost)

    monkeypatch.setattr(limits._Counter, "hit", watch)
    limits.hit("test", request_from("192.0.2.1"))
    assert len(seen) == 2
    assert not any("192.0.2" in key for key in seen)


@pytest.mark.redis
def test_two_processes_share_one_count_in_redis(settings: Any, redis_url: str) -> None:
    settings.RATE_LIMIT_STORAGE = redis_url
    limits.reset()
    key = "shared by two processes"
    first = allowed(key, 2)
    limits.reset()
    assert first + allowed(key, 10) == LIMIT


def test_asking_whether_a_number_is_used_up_counts_nothing() -> None:
    visitor = request_from("192.0.2.1")
    assert not any(limits.spent("test", visitor) for _ in range(10))
    allowed(visitor, LIMIT - 1)
    assert not limits.spent("test", visitor)
    allowed(visitor, 1)
    assert limits.spent("test", visitor)
    assert not limits.spent("test", request_from("198.51.100.1"))
