"""HTTP interfaces that answer in JSON.

Where a name leads is decided once, when the connection is made: the address that was checked is
the one that is connected to, so a name that resolves differently a moment later cannot reach
what is inside (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
from django.conf import settings

from dsar.connectors.calls import Call, fill_secrets, may_be_private
from dsar.connectors.declared import Http, HttpChange, secret
from dsar.connectors.outcome import Failure, Table, Touched, Values

REDIRECTS = 3
SAMPLE = 5
_PASSING = (408, 425, 429, 500, 502, 503, 504)
# IPv6 ranges that carry an IPv4 address inside, past a check of the outer one.
_TUNNELS = tuple(
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class HttpConnector:
    """One interface."""

    def __init__(self, declared: Http) -> None:
        self.declared = declared

    def search(self, values: Values) -> Table:
        """The rows of the search's answer; "too_many_rows" beyond the limit."""
        return self._table(self.declared.search, values)

    def touched(self, kind: str, values: Values) -> Touched:
        """What the verification finds before the change."""
        found = self._table(self._change(kind).verify, values)
        return Touched(len(found.rows), Table(found.columns, found.rows[:SAMPLE]))

    def carry_out(self, kind: str, values: Values, *, at_most: int, key: str) -> int:
        """The declared call, once: it carries the same Idempotency-Key when it is repeated."""
        before = self.left(kind, values)
        if before > at_most:
            raise Failure("more_than_approved", str(before))
        self._answer(self._change(kind).call, values, {"Idempotency-Key": key})
        return before

    def left(self, kind: str, values: Values) -> int:
        """The rows that the verification still finds."""
        return len(self._table(self._change(kind).verify, values).rows)

    def _change(self, kind: str) -> HttpChange:
        for change in self.declared.changes:
            if kind in change.kinds:
                return change
        raise Failure("no_change")

    def _table(self, call: Call, values: Values) -> Table:
        answer = self._answer(call, values)
        try:
            structure = json.loads(answer)
        except (ValueError, RecursionError):
            raise Failure("not_a_table", "JSON") from None
        return as_table(_pointed(structure, self.declared.rows), self.declared.row_limit)

    def _answer(self, call: Call, values: Values, extra: dict[str, str] | None = None) -> bytes:
        call.check(values)
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # what is small on the wire stays small
            "User-Agent": "Madoguchi",
            **{name: fill_secrets(text, secret) for name, text in self.declared.headers.items()},
            **(extra or {}),
        }
        content = call.content(values)
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            with closing(_Guarded()) as transport:
                return self._follow(transport, call, call.url(values), headers, content)
        except httpx.TimeoutException as error:
            raise Failure("timeout", type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Failure("unreachable", type(error).__name__) from None
        except httpx.InvalidURL:
            raise Failure("settings", "URL") from None

    def _follow(
        self,
        transport: _Guarded,
        call: Call,
        url: str,
        headers: dict[str, str],
        content: bytes | None,
    ) -> bytes:
        until = time.monotonic() + self.declared.timeout
        with httpx.Client(
            transport=transport,
            timeout=self.declared.timeout,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            for _step in range(REDIRECTS + 1):
                request = client.stream(call.method, url, headers=headers, content=content)
                with request as response:
                    if response.is_redirect and call.method == "GET":
                        url = _next(call, url, response.headers.get("Location", ""))
                        continue
                    return self._read(response, until)
        raise Failure("redirect")

    def _read(self, response: httpx.Response, until: float) -> bytes:
        # 404 is a failure too: a wrong path must not be taken for "nothing is held".
        status = response.status_code
        if status in _PASSING:
            raise Failure("unavailable", f"HTTP {status}")
        if not response.is_success:
            raise Failure("redirect" if response.is_redirect else "statement", f"HTTP {status}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise Failure("not_a_table", "Content-Encoding")
        if "next" in response.links:
            raise Failure("paged")
        parts, size = [], 0
        for part in response.iter_raw():
            size += len(part)
            if size > self.declared.max_bytes:
                raise Failure("too_large")
            if time.monotonic() > until:
                raise Failure("timeout")
            parts.append(part)
        return b"".join(parts)


def as_table(rows: Any, limit: int) -> Table:
    """A list of JSON objects as a table; one object is a table of one row.

    Raises:
        Failure: it is neither, or longer than `limit`.
    """
    if rows is None:
        return Table()
    if isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failure("not_a_table")
    if len(rows) > limit:
        raise Failure("too_many_rows", str(limit))
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(columns, [{name: row.get(name) for name in columns} for row in rows])


def is_allowed(host: str, address: str) -> bool:
    """Whether an address may be connected to: public, or private by the operator's leave."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.is_multicast or ip.is_unspecified:
        return False
    if may_be_private(host) or any(ip in network for network in _allowed_networks()):
        return True
    return ip.is_global and not any(ip in network for network in _TUNNELS)


def _allowed_networks() -> Iterator[Any]:
    for entry in settings.CONNECTOR_PRIVATE_HOSTS:
        try:
            yield ipaddress.ip_network(entry)
        except ValueError:
            continue  # a host's name


class _Backend(httpcore.SyncBackend):
    """Resolves a name, checks each address, and connects to one that passed."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("no such host") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or not all(is_allowed(host, address) for address in addresses):
            raise Failure("forbidden_address")
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Guarded(httpx.BaseTransport):
    """httpx over connections that only `_Backend` makes; the certificate is the name's."""

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=_Backend(), max_connections=1
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            method=request.method,
            url=url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = self._pool.handle_request(asked)
        except httpcore.TimeoutException:
            raise httpx.ReadTimeout("timeout", request=request) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError):
            raise httpx.NetworkError("network", request=request) from None
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Stream(answer, request),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    """The body of an answer, with httpcore's errors as httpx's."""

    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer, self._request = answer, request

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except httpcore.TimeoutException:
            raise httpx.ReadTimeout("timeout", request=self._request) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise httpx.NetworkError("network", request=self._request) from None

    def close(self) -> None:
        self._answer.close()


def _next(call: Call, url: str, location: str) -> str:
    """Where a redirect leads, if it stays at the same scheme, host and port."""
    target = urljoin(url, location)
    parts = urlsplit(target)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Failure("redirect") from None
    if (parts.scheme, (parts.hostname or "").rstrip("."), port) != call.origin:
        raise Failure("redirect", "host")
    return target


def _pointed(structure: Any, pointer: str) -> Any:
    """What a JSON Pointer (RFC 6901) leads to.

    Raises:
        Failure: it leads nowhere.
    """
    found = structure
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise Failure("not_a_table", "pointer")
    return found
