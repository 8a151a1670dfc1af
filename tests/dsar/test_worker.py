"""Real worker processes with a real broker and a real mail server, killed without warning."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings as django_settings

from config.bootstrap import ROOT
from config.children import Children
from tests.smtp_server import SmtpServer

SECONDS = 60.0
# A process of its own files a request, as a web process would, and lives on until it may end.
FILE_A_REQUEST = """
import json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.utils import timezone
from dsar import filing, ledger
from tests.factories import ControllerFactory, filing_for
now = timezone.now()
filing.file(
    filing_for(ControllerFactory(code="sample"), "disclosure", "appi", received_at=now),
    by=ledger.REQUESTER, at=now, receipt_code="7F3K2M9QABCDEFGH",
)
print("filed", flush=True)
sys.stdin.read()
"""
LONG_AGO = "2000-01-01 00:00:00"


class Portal:
    """A database in a file, a broker, and workers that can be killed."""

    def __init__(self, children: Children, folder: Path, redis_url: str) -> None:
        self._children = children
        self._folder = folder
        self.database = folder / "portal.sqlite3"
        self.broker = redis_url or f"sqla+sqlite:///{folder / 'broker.sqlite3'}"
        self.env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "MADOGUCHI_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "REDIS_URL": redis_url,
        }
        self.app = Celery("test", broker=self.broker, set_as_current=False)
        self.app.control.purge()  # Redis may hold what an earlier test left

    def file_a_request(self) -> list[str]:
        """File a request; the Message-IDs of the mail it leads to at once."""
        process = subprocess.Popen(
            [sys.executable, "-c", FILE_A_REQUEST],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "filed\n"
        self._stay = process
        return self._column("message_id")

    def mail_goes_to(self, port: int) -> None:
        """Where workers that are started from now on hand in mail."""
        self.env["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"

    def start_worker(self) -> subprocess.Popen[bytes]:
        """One worker process, without beat."""
        command = [
            *(sys.executable, "-m", "celery", "-A", "config", "worker"),
            *("--pool", "threads", "--concurrency", "2"),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        ]
        with (self._folder / "worker.log").open("ab") as log:
            return self._children.start(command, cwd=ROOT, env=self.env, output=log)

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGKILL, so that nothing is cleaned up."""
        os.killpg(worker.pid, signal.SIGKILL)
        self._children.stop([worker])

    def let_leases_lapse(self) -> None:
        """As if five minutes had gone by."""
        with sqlite3.connect(self.database, timeout=20) as connection:
            connection.execute(
                "UPDATE dsar_notice SET claimed_until = ?, next_try_at = ? WHERE state = 'claimed'",
                [LONG_AGO, LONG_AGO],
            )

    def sweep(self) -> None:
        """What beat asks for each minute."""
        self.app.send_task("dsar.sweep_notices")

    def states(self) -> set[str]:
        """The states of what was due."""
        return set(self._column("state"))

    def _column(self, name: str) -> list[str]:
        due = "SELECT {} FROM dsar_notice WHERE kind IN ('confirm_email', 'desk_new_case')"
        with sqlite3.connect(self.database, timeout=20) as connection:
            rows = connection.execute(due.format(name))
            return sorted(value for (value,) in rows)

    def wait_for(self, said: Callable[[], bool], what: str) -> None:
        """AssertionError with the worker's last words if it does not come true."""
        until = time.monotonic() + SECONDS
        while not said():
            if time.monotonic() > until:
                log = (self._folder / "worker.log").read_text(errors="replace")
                raise AssertionError(f"{what} never happened: {log[-2000:]}")
            time.sleep(0.05)

    def close(self) -> None:
        """Let the process that filed the request end."""
        if hasattr(self, "_stay"):
            self._stay.communicate()


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.redis)])
def portal(request: Any, tmp_path: Path) -> Iterator[Portal]:
    url = ""
    if request.param == "redis":
        url = django_settings.REDIS_URL or request.getfixturevalue("redis_url")
    with Children() as children:
        made = Portal(children, tmp_path, url)
        yield made
        children.stop(patience=2)
        made.close()


def _ids(server: SmtpServer) -> list[str]:
    return sorted(got.message_id for got in server.received)


def test_a_request_filed_in_one_process_is_confirmed_by_the_worker(portal: Portal) -> None:
    with SmtpServer() as server:
        portal.mail_goes_to(server.port)
        portal.start_worker()
        wanted = portal.file_a_request()
        portal.wait_for(lambda: portal.states() == {"sent"}, "sending")
        assert len(wanted) == 2
        assert _ids(server) == wanted
        assert {got.recipients for got in server.received} == {
            ("hanako@person.example",),
            ("desk@sample.example",),
        }


def test_a_worker_killed_between_claim_and_sending_loses_and_doubles_nothing(
    portal: Portal,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes the call and says nothing
        port = deaf.getsockname()[1]
        portal.mail_goes_to(port)
        worker = portal.start_worker()
        wanted = portal.file_a_request()
        call, _address = deaf.accept()
        portal.wait_for(lambda: portal.states() == {"claimed"}, "claiming")
        portal.kill(worker)
        call.close()
    assert portal.states() == {"claimed"}
    portal.let_leases_lapse()
    with SmtpServer(port=port) as server:
        portal.start_worker()
        portal.sweep()
        portal.wait_for(lambda: portal.states() == {"sent"}, "sending")
        for _ in range(3):  # nor does what the broker hands out again double it
            portal.sweep()
            time.sleep(0.3)
        assert _ids(server) == wanted


def test_a_worker_killed_while_the_server_takes_the_mail_sends_under_the_same_id(
    portal: Portal,
) -> None:
    with SmtpServer() as server:
        server.plan.append("stall")  # has the mail, and the worker never hears of it
        portal.mail_goes_to(server.port)
        worker = portal.start_worker()
        wanted = portal.file_a_request()
        assert server.has_data.wait(SECONDS)
        portal.kill(worker)
        server.release()
        portal.let_leases_lapse()
        portal.start_worker()
        portal.sweep()
        portal.wait_for(lambda: portal.states() == {"sent"}, "sending")
        (twice,) = [pk for pk in set(_ids(server)) if _ids(server).count(pk) == 2]
        assert twice in wanted
        assert sorted(set(_ids(server))) == wanted


def test_nothing_personal_travels_through_the_broker(portal: Portal) -> None:
    wanted = portal.file_a_request()
    seen: list[str] = []

    def arrived() -> bool:
        with portal.app.connection_for_read() as connection:
            message = connection.default_channel.basic_get("celery")
            if message is not None:
                seen.append(json.dumps([message.headers, message.payload], ensure_ascii=False))
                message.ack()
        return bool(seen)

    portal.wait_for(arrived, "queueing")
    assert len(wanted) == 2
    text = " ".join(seen)
    assert "dsar.sweep_notices" in text
    for personal in ("見本", "hanako", "@person.example", "090-"):
        assert personal not in text
