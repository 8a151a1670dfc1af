"""JSON interfaces: asked with secrets by name, and never led to where they must not go."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from dsar.connectors import declared, http
from dsar.connectors.declared import Http
from dsar.connectors.http import HttpConnector
from dsar.connectors.outcome import Failure
from tests.dsar.connectors.conftest import HANAKO, Interface, http_settings

ERASURE = "appi.erasure"


def connector(base: str, **more: Any) -> HttpConnector:
    found = declared.read("http", http_settings(base, **more))
    assert isinstance(found, Http)
    return HttpConnector(found)


def failure_of(asked: HttpConnector, values: Any = HANAKO) -> str:
    with pytest.raises(Failure) as failure:
        asked.search(values)
    return f"{failure.value.code} {failure.value.detail}".strip()


def test_a_search_asks_with_the_value_and_the_secret(interface: Interface) -> None:
    interface.rows = [{"email": "a+b&c@person.example", "tags": ["x"], "n": 1}]
    found = connector(interface.url).search({"email": "a+b&c@person.example"})
    assert found.rows == interface.rows
    method, path, headers, _body = interface.asked[0]
    assert (method, path) == ("GET", "/people?email=a%2Bb%26c%40person.example")
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["Accept-Encoding"] == "identity"


def test_a_body_is_filled_in_without_touching_its_structure(interface: Interface) -> None:
    asked = connector(
        interface.url,
        method="POST",
        url=f"{interface.url}/search",
        body='{"match": {"mail": "{email}", "all": ["{name}"]}, "size": 10}',
    )
    asked.search({"email": '"}, {"', "name": "見本 花子"})
    assert json.loads(interface.asked[0][3]) == {
        "match": {"mail": '"}, {"', "all": ["見本 花子"]},
        "size": 10,
    }


def test_nobody_is_asked_for_when_a_value_is_not_known(interface: Interface) -> None:
    assert failure_of(connector(interface.url), {"email": None}) == "no_values"
    assert interface.asked == []


def test_a_change_is_called_with_a_key_and_proven(interface: Interface) -> None:
    asked = connector(interface.url)
    assert asked.touched(ERASURE, HANAKO).count == 1
    assert asked.carry_out(ERASURE, HANAKO, at_most=1, key="madoguchi-7") == 1
    assert interface.asked[-1][0] == "DELETE"
    assert interface.asked[-1][2]["Idempotency-Key"] == "madoguchi-7"
    assert asked.left(ERASURE, HANAKO) == 0


def test_a_change_of_more_than_was_approved_is_not_called(interface: Interface) -> None:
    interface.rows *= 2
    with pytest.raises(Failure, match="more_than_approved 2"):
        connector(interface.url).carry_out(ERASURE, HANAKO, at_most=1, key="k")
    assert {method for method, *_rest in interface.asked} == {"GET"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, "statement HTTP 404"), (403, "statement HTTP 403"), (503, "unavailable HTTP 503")],
)
def test_a_refusal_is_never_taken_for_nothing_found(
    interface: Interface, status: int, expected: str
) -> None:
    interface.answer = lambda handler: handler.reply(b"{}", status) or True
    assert failure_of(connector(interface.url)) == expected


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"not json", {}, "not_a_table JSON"),
        (b'{"data": {}}', {}, "not_a_table pointer"),
        (b'{"data": {"items": ["x"]}}', {}, "not_a_table"),
        (b'{"data": {"items": [{}, {}, {}]}}', {}, "too_many_rows 2"),
        (b"[" * 2_000_000, {}, "too_large"),
        (b"x", {"Content_Encoding": "gzip"}, "not_a_table Content-Encoding"),
        (b"[]", {"Link": '<https://x.example/2>; rel="next"'}, "paged"),
    ],
)
def test_an_answer_that_is_no_whole_table_is_a_failure(
    interface: Interface, content: bytes, headers: dict[str, str], expected: str
) -> None:
    interface.answer = lambda handler: handler.reply(content, **headers) or True
    assert failure_of(connector(interface.url, max_mb=1, row_limit=2)) == expected


def test_an_answer_that_trickles_is_ended_after_its_time(interface: Interface) -> None:
    def trickle(handler: Any) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _n in range(30):
            handler.wfile.write(b"[")
            handler.wfile.flush()
            time.sleep(0.1)
        return True

    interface.answer = trickle
    began = time.monotonic()
    assert failure_of(connector(interface.url, timeout=1)) == "timeout"
    assert time.monotonic() - began < 2.5


def test_a_redirect_is_followed_at_home_only(interface: Interface) -> None:
    def lead(handler: Any) -> bool:
        if handler.path.startswith("/moved"):
            return False
        handler.reply(b"", 302, Location=f"/moved{handler.path.removeprefix('/people')}")
        return True

    interface.answer = lead
    assert connector(interface.url).search(HANAKO).rows == interface.rows
    interface.answer = lambda handler: (
        handler.reply(b"", 302, Location="http://localhost/x?email=hanako") or True
    )
    assert failure_of(connector(interface.url)) == "redirect host"
    interface.answer = lambda handler: handler.reply(b"", 302, Location="/people") or True
    assert failure_of(connector(interface.url)) == "redirect"


# --- Where it may go ----------------------------------------------------------------------
@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.5", "172.16.1.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),  # noqa: S104
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
        *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "2001:db8::1"),
    ],
)
def test_no_address_inside_is_reached(settings: Any, address: str) -> None:
    settings.CONNECTOR_PRIVATE_HOSTS = []
    assert not http.is_allowed("crm.example", address)


def test_public_addresses_are_reached_and_private_ones_by_the_operators_leave(
    settings: Any,
) -> None:
    settings.CONNECTOR_PRIVATE_HOSTS = ["crm.internal", "10.1.0.0/16"]
    assert http.is_allowed("crm.example", "93.184.215.14")
    assert http.is_allowed("crm.example", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert http.is_allowed("crm.internal", "192.168.1.1")
    assert http.is_allowed("crm.example", "10.1.2.3")
    assert not http.is_allowed("crm.example", "10.2.2.3")
    assert not http.is_allowed("crm.internal", "224.0.0.1")


def test_the_address_that_was_checked_is_the_one_connected_to(
    interface: Interface, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that turns to an inner address is refused, and is looked up once only."""
    settings.CONNECTOR_PRIVATE_HOSTS = []
    port = interface.server.server_port
    looked_up: list[str] = []

    def resolve(host: str, port: int, **_more: Any) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(http.socket, "getaddrinfo", resolve)
    asked = connector(f"https://crm.example:{port}")
    assert failure_of(asked) == "forbidden_address"
    assert looked_up == ["crm.example"]
    assert interface.asked == []


def test_one_inner_address_among_several_is_enough_to_refuse(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CONNECTOR_PRIVATE_HOSTS = []
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("93.184.215.14", "10.0.0.1")
    ]
    monkeypatch.setattr(http.socket, "getaddrinfo", lambda *_given, **_more: found)
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_TOKEN": "t"}
    assert failure_of(connector("https://crm.example")) == "forbidden_address"


def test_what_cannot_be_reached_is_told_by_a_code(settings: Any) -> None:
    settings.CONNECTOR_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_TOKEN": "t"}
    assert failure_of(connector("http://127.0.0.1:1")).startswith("unreachable")
