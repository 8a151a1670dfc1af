"""Online identification by a provider's adapter: the worked example against a server that runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar import identity, limits
from dsar.identity import ekyc
from dsar.models import Case
from dsar.requester import access

pytestmark = pytest.mark.django_db
IDENTITY = "/en/status/request/identity/"


class Desk(BaseHTTPRequestHandler):
    """A provider: one session, whose answer the test sets."""

    answer: dict[str, Any] = {"status": "pending"}
    seen: list[tuple[str, str, Any]] = []

    def _tell(self, told: Any, status: int = 200) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, self.headers["Authorization"], asked))
        self._tell({"id": "s/1", "url": "http://localhost:1/go"})

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Authorization"], None))
        self._tell(self.answer, 500 if self.answer.get("status") == "broken" else 200)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings: Any) -> Iterator[type[Desk]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PRODUCTION = False
    settings.EKYC_PROVIDER = "dsar.identity.ekyc_http.HttpProvider"
    settings.EKYC_URL = f"http://127.0.0.1:{server.server_port}"
    settings.EKYC_SECRET = "key"
    Desk.answer, Desk.seen = {"status": "pending"}, []
    yield Desk
    server.shutdown()


@pytest.fixture
def case(file_case: Any) -> Case:
    made: Case = file_case(at=timezone.now())
    return made


@pytest.fixture
def browser(client: Client, case: Case) -> Client:
    limits.reset()
    session = client.session
    access.sign_in(session, access.Claim(case.pk, 0), at=timezone.now())
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    return client


def test_the_person_is_led_to_the_provider(
    browser: Client, case: Case, provider: type[Desk]
) -> None:
    assert "Begin the identification" in browser.get(IDENTITY).content.decode()
    assert browser.get(f"{IDENTITY}provider/")["Location"] == "http://localhost:1/go"
    path, bearer, asked = provider.seen[0]
    assert (path, bearer) == ("/sessions", "Bearer key")
    assert asked["return_url"].endswith("/status/identification/return/")
    assert case.identity_proofs.get().state == "waiting"


def test_what_the_provider_found_waits_for_the_officer(
    browser: Client, case: Case, provider: type[Desk]
) -> None:
    browser.get(f"{IDENTITY}provider/")
    provider.answer = {
        "status": "approved",
        "person": {"name": "見本 花子", "birth_date": "1988-03-15", "address": "東京都"},
        "document": "my_number_card",
    }
    browser.get("/en/status/identification/return/")
    assert provider.seen[-1][0] == "/sessions/s%2F1"
    proof = case.identity_proofs.get()
    assert proof.state == "shown"
    found = {label: fits for label, _t, _a, fits in identity.comparison(case, proof)}
    assert found == {"Name": True, "Date of birth": True, "Address": False}


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        ("pending", "waiting", "not finished yet"),
        ("broken", "waiting", "not finished yet"),
        ("declined", "rejected", "did not succeed"),
    ],
)
def test_what_is_not_done_is_said_calmly(
    browser: Client, case: Case, provider: type[Desk], status: str, state: str, said: str
) -> None:
    browser.get(f"{IDENTITY}provider/")
    provider.answer = {"status": status}
    page = browser.get("/en/status/identification/return/", follow=True)
    assert said in page.content.decode()
    assert case.identity_proofs.get().state == state


def test_a_provider_that_is_down_is_said_to_be_so(
    browser: Client, case: Case, provider: type[Desk], settings: Any
) -> None:
    settings.EKYC_URL = "http://127.0.0.1:9"
    page = browser.get(f"{IDENTITY}provider/", follow=True)
    assert "cannot be reached" in page.content.decode()
    assert not case.identity_proofs.exists()


def test_without_a_provider_nothing_is_offered(browser: Client, settings: Any) -> None:
    settings.EKYC_PROVIDER = ""
    assert ekyc.provider() is None
    assert "Begin the identification" not in browser.get(IDENTITY).content.decode()
    assert browser.get(f"{IDENTITY}provider/").status_code == 302
    assert browser.get("/en/status/identification/return/").status_code == 302
