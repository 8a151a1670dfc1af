"""Writing notices, and queueing that never keeps anybody waiting."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app

from dsar import notices
from dsar.models import Notice
from dsar.notices import queue  # the real one: `queued` catches the module's
from tests.conftest import FileCase
from tests.factories import NOW

SOON = 0.2
"""Seconds: far less than any broker's patience, more than a busy machine needs."""


def test_what_is_due_is_queued_after_commit_only(
    file_case: FileCase, queued: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        file_case()
        assert queued == []
    assert queued == [("dsar.sweep_notices",), ("dsar.write_letters",)]


def test_what_is_due_later_is_left_to_the_sweep(
    file_case: FileCase, queued: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    case = file_case()
    with django_capture_on_commit_callbacks(execute=True):
        later = notices.new(notices.MESSAGE, NOW + timedelta(minutes=1), case=case)
        notices.write([later], NOW)
    assert queued == []


def test_the_same_notice_is_written_once(file_case: FileCase) -> None:
    case = file_case()
    for _ in range(2):
        notices.write([notices.new(notices.MESSAGE, NOW, case=case)], NOW)
    assert case.notices.filter(kind=notices.MESSAGE).count() == 1


def test_reminders_are_for_the_desk() -> None:
    assert notices.new("desk_due:decision", NOW).audience == Notice.Audience.DESK
    assert notices.new(notices.RECEIPT, NOW).audience == Notice.Audience.REQUESTER


# --- Queueing -----------------------------------------------------------------------------
@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Celery]:
    """`broker(url)`: every thread's Celery app is now one with that broker."""
    monkeypatch.setattr(notices, "_publisher", notices._Publisher())

    def use(url: str) -> Celery:
        app = Celery("test", broker=url, set_as_current=False)
        app.conf.task_publish_retry = False
        app.conf.broker_transport_options = (
            {"socket_connect_timeout": 2, "socket_timeout": 10} if url.startswith("redis") else {}
        )
        monkeypatch.setattr(notices, "current_app", app)
        return app

    return use


def _wait_for(said: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not said():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def test_a_task_reaches_the_broker(broker: Callable[[str], Celery], tmp_path: Path) -> None:
    file = tmp_path / "broker.sqlite3"
    app = broker(f"sqla+sqlite:///{file}")
    queue("dsar.send_notice", 1, 2)
    with app.connection_for_read() as connection:
        got: list[Any] = []

        def arrived() -> bool:
            got.append(connection.default_channel.basic_get("celery"))
            return got[-1] is not None

        _wait_for(lambda: file.exists() and arrived())
    assert got[-1].headers["task"] == "dsar.send_notice"
    assert got[-1].decode()[0] == [1, 2]


def test_an_unreachable_redis_keeps_nobody_waiting(
    broker: Callable[[str], Celery], caplog: pytest.LogCaptureFixture
) -> None:
    broker("redis://127.0.0.1:1/0")
    began = time.monotonic()
    for pk in range(50):
        queue("dsar.send_notice", pk)
    assert time.monotonic() - began < SOON
    _wait_for(lambda: "did not take dsar.send_notice" in caplog.text)


def test_a_redis_that_never_answers_keeps_nobody_waiting(broker: Callable[[str], Celery]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        broker(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        began = time.monotonic()
        queue("dsar.sweep_notices")
        assert time.monotonic() - began < SOON


def test_a_locked_embedded_broker_keeps_nobody_waiting_and_gets_it_later_or_says_so(
    broker: Callable[[str], Celery], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "broker.sqlite3"
    app = broker(f"sqla+sqlite:///{file}")
    app.send_task("makes the tables")
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    queue("dsar.sweep_notices")
    assert time.monotonic() - began < SOON
    lock.execute("ROLLBACK")

    def arrived() -> bool:
        return lock.execute("SELECT count(*) FROM kombu_message").fetchone() == (2,)

    # SQLite may refuse at once instead of waiting; the row is then left to the sweep.
    _wait_for(lambda: arrived() or "did not take" in caplog.text)
    lock.close()


def test_a_broker_that_comes_back_is_used_again(
    broker: Callable[[str], Celery], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "later"
    broker(f"sqla+sqlite:///{folder / 'broker.sqlite3'}")
    queue("dsar.sweep_notices")
    _wait_for(lambda: "did not take" in caplog.text)
    folder.mkdir()
    queue("dsar.sweep_notices")

    def arrived() -> bool:
        with sqlite3.connect(folder / "broker.sqlite3") as connection:
            try:
                rows = connection.execute("SELECT count(*) FROM kombu_message").fetchone()
            except sqlite3.OperationalError:
                return False
        return rows == (1,)

    _wait_for(arrived)


def test_asking_often_while_the_broker_is_slow_asks_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publisher, go_on, sent = notices._Publisher(), threading.Event(), []

    def slow(task: str, ids: tuple[int, ...]) -> None:
        sent.append((task, ids))
        go_on.wait(10)

    monkeypatch.setattr(notices, "_publish", slow)
    publisher.ask("dsar.sweep_notices", ())
    _wait_for(lambda: len(sent) == 1)
    for _ in range(100):
        publisher.ask("dsar.sweep_notices", ())
    publisher.MOST = 3
    for pk in range(100):
        publisher.ask("dsar.send_notice", (pk,))
    go_on.set()
    _wait_for(lambda: len(sent) == 4)
    assert sent[1] == ("dsar.sweep_notices", ())


def test_every_thread_finds_the_portals_broker() -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(current_app.main))
    thread.start()
    thread.join()
    assert found == ["madoguchi"]


def test_a_forked_process_has_a_publisher_of_its_own() -> None:
    before = notices._publisher
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"new" if notices._publisher is not before else b"old")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 3) == b"new"
    os.close(reading)
    os.close(writing)


def test_a_kind_that_nobody_is_told_is_no_notice() -> None:
    with pytest.raises(KeyError):
        notices.new("recipt", NOW)
