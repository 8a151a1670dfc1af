"""How often one visitor may do one thing: per address, per network, or per key of any kind.

Addresses are personal data, so what is counted under is a keyed digest. If the shared storage
fails, each web process counts in its own memory with half the numbers: never open, never down.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from dsar import vault

log = logging.getLogger(__name__)

RETRY_STORAGE_SECONDS = 30
_IPV4_NETWORK, _IPV6_HOST, _IPV6_NETWORK = 24, 64, 48
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Scope:
    """How often one thing may be done, as "10/minute" or several joined by ";".

    Attributes:
        address: by one visitor: an IPv4 address or an IPv6 /64, or by one key.
        network: by all visitors of an IPv4 /24 or an IPv6 /48 together.
    """

    address: str
    network: str


SCOPES = {
    # A page of the form or of a case, posted.
    "step": Scope("60/minute;600/hour", "600/minute"),
    # A request begun: each makes a row and a key.
    "draft": Scope("10/hour;30/day", "60/hour"),
    # A request filed.
    "submit": Scope("10/hour;20/day", "60/hour"),
    # Files added to a request or a message.
    "upload": Scope("40/hour", "200/hour"),
    # A mail that a visitor causes to be sent.
    "mail": Scope("5/hour;10/day", "30/hour"),
    # A secret link opened (draft, confirmation, download).
    "link": Scope("30/hour", "120/hour"),
    # A data owner's link opened; many colleagues may share one address.
    "task_link": Scope("60/hour;300/day", "240/hour"),
    # Files that data owners or the desk add to a case.
    "owner_upload": Scope("300/hour", "2000/hour"),
    # A calendar program that asks for due dates; a company's share one address.
    "calendar": Scope("120/hour", "2000/hour"),
    # A case number and receipt code tried.
    "sign_in": Scope("10/hour;30/day", "60/hour"),
    # Names and passwords that were wrong at the desk: of one visitor, and of one name from
    # anywhere. Short, since whoever comes with a new browser waits for strangers' tries.
    "desk_address": Scope("20/10 minutes", "60/10 minutes"),
    "desk_name": Scope("20/10 minutes", "20/10 minutes"),
    # A one-time code tried.
    "one_time_code": Scope("10/hour", "60/hour"),
    # A message written about a case.
    "message": Scope("20/hour;60/day", "100/hour"),
    # A document rendered or a file fetched.
    "document": Scope("60/hour", "300/hour"),
}


def hit(scope: str, request_or_key: HttpRequest | str, *, cost: int = 1) -> bool:
    """Count one act; whether it is still within the limits of the scope.

    Args:
        scope: a key of `SCOPES`; KeyError if there is none such.
        request_or_key: the visitor's request, or a text that stands for what is protected
            (a case's id), which is then counted against the scope's `address` numbers.
        cost: how many acts to count at once.
    """
    checks = _checks(scope, request_or_key)
    return not checks or _counter().hit(checks, cost)


def spent(scope: str, request_or_key: HttpRequest | str) -> bool:
    """Whether a number of the scope is used up; counts nothing. For what counts failures only."""
    checks = _checks(scope, request_or_key)
    return bool(checks) and not _counter().room(checks)


def _checks(scope: str, request_or_key: HttpRequest | str) -> list[tuple[RateLimitItem, str]]:
    """What is counted, each with its number; nothing while limits are off."""
    limits_of = SCOPES[scope]
    if not settings.RATE_LIMITS:
        return []
    if isinstance(request_or_key, str):
        counted = [(limits_of.address, "key", request_or_key)]
    else:
        visitor, network = _who(client_address(request_or_key))
        counted = [(limits_of.address, "address", visitor), (limits_of.network, "network", network)]
    return [
        (item, _digest(f"{scope} {group} {name}"))
        for numbers, group, name in counted
        for item in _items(numbers)
    ]


def too_many_requests(request: HttpRequest, scope: str) -> HttpResponse:
    """The page that says to wait: status 429 with Retry-After in seconds."""
    seconds = min(item.get_expiry() for item in _items(SCOPES[scope].address))
    minutes = max(1, seconds // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address; `""` when it cannot be known.

    Each of `TRUSTED_PROXIES` proxies appends the peer it saw to X-Forwarded-For, so the visitor
    stands that many entries from the right; anything further left could be made up.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        hops = [hop for hop in hops if hop]
        if len(hops) >= proxies:
            peer = hops[-proxies]
    address = _parse(peer)
    return "" if address is None else str(address)


def reset() -> None:
    """Forget every count of this process and read the settings again."""
    _counter.cache_clear()


def _parse(text: str) -> Address | None:
    """An address with or without a port; None if it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _who(text: str) -> tuple[str, str]:
    """What stands for one visitor and for its network; all unknown visitors are one."""
    if not text:
        return "unknown", "unknown"
    address = ipaddress.ip_address(text)
    if address.version == 4:
        return text, str(ipaddress.ip_network(f"{text}/{_IPV4_NETWORK}", strict=False))
    host = ipaddress.ip_network(f"{text}/{_IPV6_HOST}", strict=False)
    return str(host), str(ipaddress.ip_network(f"{text}/{_IPV6_NETWORK}", strict=False))


def _digest(text: str) -> str:
    return vault.keyed_digest("limit", text).hex()


@cache
def _items(numbers: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse(number) for number in numbers.split(";"))


class _Counter:
    """Counts in the shared storage, or in this process while that fails."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared: SlidingWindowCounterRateLimiter | None = None
        self._retry_at = 0.0
        self._lock = threading.Lock()

    def hit(self, checks: list[tuple[RateLimitItem, str]], cost: int) -> bool:
        """Count under every key; true if every one is within its limit."""
        return self._ask(partial(_all_within, cost=cost), checks)

    def room(self, checks: list[tuple[RateLimitItem, str]]) -> bool:
        """Whether every key is still below its limit; counts nothing."""
        return self._ask(_all_below, checks)

    def _ask(self, question: Callable[..., bool], checks: list[tuple[RateLimitItem, str]]) -> bool:
        if time.monotonic() >= self._retry_at:
            try:
                return question(self._connected(), checks)
            except StorageError as error:
                self._retry_at = time.monotonic() + RETRY_STORAGE_SECONDS
                log.warning("rate limits: storage failed (%s)", type(error.storage_error).__name__)
            except Exception as error:
                # A wrong address or a missing driver: strict counting beats an error page.
                self._retry_at = time.monotonic() + RETRY_STORAGE_SECONDS
                log.error("rate limits: storage cannot be used (%s)", type(error).__name__)
        return question(self._own, [(_halved(item), key) for item, key in checks])

    def _connected(self) -> SlidingWindowCounterRateLimiter:
        with self._lock:
            if self._shared is None:
                timeouts: dict[str, float | str | bool] = (
                    {"socket_connect_timeout": 1.0, "socket_timeout": 1.0}
                    if self._uri.startswith("redis")
                    else {}
                )
                storage = storage_from_string(self._uri, wrap_exceptions=True, **timeouts)
                self._shared = SlidingWindowCounterRateLimiter(storage)
            return self._shared


def _all_within(
    limiter: SlidingWindowCounterRateLimiter, checks: list[tuple[RateLimitItem, str]], cost: int
) -> bool:
    # Every key is counted, even when one is over already.
    within = [limiter.hit(item, key, cost=cost) for item, key in checks]
    return all(within)


def _all_below(
    limiter: SlidingWindowCounterRateLimiter, checks: list[tuple[RateLimitItem, str]]
) -> bool:
    return all(limiter.test(item, key) for item, key in checks)


@cache
def _halved(item: RateLimitItem) -> RateLimitItem:
    return type(item)(max(1, item.amount // 2), item.multiples)


@cache
def _counter() -> _Counter:
    return _Counter(settings.RATE_LIMIT_STORAGE)
