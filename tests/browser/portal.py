"""The portal as a browser meets it: a threaded server on a database of its own.

The server runs in the test's own process, so a test may arrange what it needs with the models and
freeze time; each request has a thread and a connection of its own, as in production. The database
lives as long as the test session: what a test leaves behind, the next one must not mind.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.signals import got_request_exception
from django.db import connections
from django.test.testcases import QuietWSGIRequestHandler
from psycopg import sql


class Portal:
    """The running server.

    Attributes:
        url: where it is reached, without a slash at the end.
        failures: the end of each traceback; each test takes them away.
    """

    def __init__(self, database: dict[str, Any]) -> None:
        self.database = database
        self.failures: list[str] = []
        self._server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
        self._server.set_app(StaticFilesHandler(WSGIHandler()))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def running(self) -> Iterator[Portal]:
        """Serve until the context is left."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        got_request_exception.connect(self._note)
        try:
            yield self
        finally:
            got_request_exception.disconnect(self._note)
            self._server.shutdown()
            self._server.server_close()
            thread.join(10)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Make the portal's database the process's own, and give back the one before."""
        before = connections.settings["default"], connections["default"]
        connections.settings["default"] = self.database
        connections["default"] = connections.create_connection("default")
        try:
            yield
        finally:
            connections["default"].close()
            connections.settings["default"], connections["default"] = before

    def taken_failures(self) -> list[str]:
        """The failures so far; they are gone afterwards."""
        taken, self.failures = self.failures, []
        return taken

    def _note(self, **_: Any) -> None:
        self.failures.append("\n".join(traceback.format_exc().splitlines()[-8:]))


@contextlib.contextmanager
def new_database(folder: Path) -> Iterator[dict[str, Any]]:
    """A fresh, empty database beside the configured one: its settings."""
    given = connections.settings["default"]
    if settings.SQLITE:
        yield {**given, "NAME": str(folder / "browser.sqlite3")}
        return
    name = f"browser_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(
        host=given["HOST"],
        port=given["PORT"],
        user=given["USER"],
        password=given["PASSWORD"],
        dbname="postgres",
        autocommit=True,
    ) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {**given, "NAME": name}
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def portal_on(database: dict[str, Any]) -> Iterator[Portal]:
    """The portal on a database that is brought up to date first."""
    portal = Portal(database)
    with portal.in_use():
        call_command("migrate", verbosity=0)
    with portal.running():
        yield portal
