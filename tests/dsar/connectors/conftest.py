"""Systems to ask: a customer database on SQLite or PostgreSQL, and a JSON interface over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy

from tests import servers

CUSTOMERS = (
    (1, "見本 花子", "hanako@person.example", "C-0001234", 0),
    (2, "見本 花子", "hanako.old@person.example", "C-0001234", 0),
    (3, "見本 次郎", "jiro@person.example", "C-0009999", 0),
)
HANAKO = {"name": "見本 花子", "email": "hanako@person.example", "customer_number": "C-0001234"}


def fill(url: str) -> None:
    """Three customers, two of them rows of the same person."""
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS customers")
        connection.exec_driver_sql(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(80),"
            " email VARCHAR(80), number VARCHAR(20), stopped INTEGER)"
        )
        connection.execute(
            sqlalchemy.text("INSERT INTO customers VALUES (:a, :b, :c, :d, :e)"),
            [dict(zip("abcde", row, strict=True)) for row in CUSTOMERS],
        )
    engine.dispose()


def customers(url: str) -> list[int]:
    """The ids that are there."""
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT id FROM customers ORDER BY id").scalars().all()
    engine.dispose()
    return list(found)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of a company's own."""
    with servers.postgres() as url:
        yield url.replace("postgres://", "postgresql+psycopg://", 1)


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def crm_url(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> str:
    """A filled customer database; `CONNECTOR_SECRET_CRM` names it."""
    url = (
        f"sqlite:///{tmp_path / 'crm.sqlite3'}"
        if request.param == "sqlite"
        else str(request.getfixturevalue("postgres_url"))
    )
    fill(url)
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_CRM": url}
    return url


class Interface:
    """A JSON interface on this machine; `rows` are what it holds, `asked` what was asked."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = [{"email": HANAKO["email"], "points": 120}]
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: Callable[[Any], bool] | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                if outer.answer is not None and outer.answer(self):
                    return
                email = parse_qs(urlsplit(self.path).query).get("email", [""])[0]
                if self.command == "DELETE":
                    outer.rows = [row for row in outer.rows if row["email"] != email]
                found = [row for row in outer.rows if row["email"] == email]
                self.reply(json.dumps({"data": {"items": found}}).encode())

            def reply(self, content: bytes, status: int = 200, **headers: str) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _serve

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # A client that has read enough hangs up; that is no news.
        self.server.handle_error = lambda *_given: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def interface(settings: Any) -> Iterator[Interface]:
    """The interface, which the operator lets be reached although it is on this machine."""
    settings.CONNECTOR_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_TOKEN": "t0ken"}
    made = Interface()
    yield made
    made.close()


def http_settings(base: str, **more: Any) -> dict[str, Any]:
    return {
        "method": "GET",
        "url": f"{base}/people?email={{email}}",
        "headers": "Authorization: Bearer {CONNECTOR_SECRET_TOKEN}",
        "rows": "/data/items",
        "changes": [
            {
                "kinds": ["appi.erasure"],
                "method": "DELETE",
                "url": f"{base}/people?email={{email}}",
            }
        ],
        **more,
    }


SQL_SETTINGS: dict[str, Any] = {
    "url_env": "CONNECTOR_SECRET_CRM",
    "search": "SELECT id, name, email FROM customers WHERE email = :email OR number = "
    ":customer_number ORDER BY id",
    "changes": [
        {
            "kinds": ["appi.erasure"],
            "statement": "DELETE FROM customers WHERE number = :customer_number",
            "verify": "SELECT id FROM customers WHERE number = :customer_number",
        },
        {
            "kinds": ["appi.cease_use"],
            "statement": "UPDATE customers SET stopped = 1 WHERE email = :email",
            "verify": "SELECT id FROM customers WHERE email = :email AND stopped = 0",
        },
    ],
}
