"""Nothing that was confirmed is lost when processes are killed without warning.

People file requests over HTTP while the web server and the worker are killed with SIGKILL and
started again at random moments. Afterwards everything is counted.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.children import Children
from tests.faults.person import Person, Trial
from tests.faults.stack import HOST, Stack, database_beside
from tests.smtp_server import SmtpServer

SECONDS, LONGEST_SECONDS = 12.0, 150.0
"""How long processes are killed: at least, and at most until enough requests came through."""
ENOUGH = 10
CATCH_UP_SECONDS = 60.0
PEOPLE = 3
SEED = int(os.environ.get("KILL_SEED") or 20261124)

WHERE = (
    ["sqlite"]
    if settings.SQLITE
    else [pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.redis])]
)


@pytest.fixture
def mails() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def stack(tmp_path: Path, mails: SmtpServer) -> Iterator[Stack]:
    url = os.environ.get("DATABASE_URL", "")
    with Children() as children, database_beside(url, tmp_path) as database:
        env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "MADOGUCHI_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database,
            "REDIS_URL": "" if settings.SQLITE else settings.REDIS_URL,
            "EMAIL_URL": mails.url,
            "RATE_LIMITS": "no",
            "LOG_LEVEL": "WARNING",
        }
        made = Stack(children, tmp_path, env)
        try:
            made.tell("prepare")
            yield made
        finally:
            made.stop()


@pytest.mark.parametrize("database", WHERE)
def test_whatever_was_confirmed_survives_the_killing_of_web_server_and_worker(
    database: str, stack: Stack, mails: SmtpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.start("web")
    stack.start("worker")
    stack.wait_for_web()
    is_over = threading.Event()
    trials: list[Trial] = []
    with ThreadPoolExecutor(PEOPLE) as pool:
        people = [pool.submit(file_requests, stack.port, trials, is_over) for _ in range(PEOPLE)]
        try:
            kill_again_and_again(stack, random.Random(SEED), trials)
        finally:
            is_over.set()
        for person in people:
            person.result()
    stack.kill("web")
    stack.kill("worker")
    lapsed = stack.tell("later")["lapsed"]
    stack.start("worker")
    left = catch_up(stack)
    found = stack.tell("reckon")
    lost = losses(trials, found, mails)
    confirmed = [trial for trial in trials if trial.confirmed]
    with capsys.disabled():
        print(  # noqa: T201
            table(
                {
                    "database": f"{database}, seed {SEED}",
                    "kills of the web server": stack.kills["web"],
                    "kills of the worker": stack.kills["worker"],
                    "answers that did not come": sum(trial.troubles for trial in trials),
                    "requests begun": len(trials),
                    "receipts confirmed": len(confirmed),
                    "files confirmed": sum(len(trial.files) for trial in trials),
                    "mails due / received": f"{len(found['notices'])} / {len(mails.received)}",
                    "mails received twice": len(mails.received) - len(message_ids(mails)),
                    "leases that ran out": lapsed,
                    "mails not sent in the end": left,
                    **{f"lost: {what}": len(items) for what, items in lost.items()},
                }
            )
        )
    assert stack.kills["web"] > 2
    assert stack.kills["worker"] >= 2
    assert len(confirmed) >= ENOUGH, "too few requests to say anything"
    assert left == 0, stack.said("worker")
    assert {what: items for what, items in lost.items() if items} == {}


def file_requests(port: int, trials: list[Trial], is_over: threading.Event) -> None:
    """File one request after the other; the last one is brought to its end."""
    while not is_over.is_set():
        trials.append(Person(HOST, port).files_a_request())


def kill_again_and_again(stack: Stack, dice: random.Random, trials: list[Trial]) -> None:
    """Kill and start web server and worker in turns, at moments that the dice choose."""
    began = time.monotonic()
    turns: list[str] = []
    while (passed := time.monotonic() - began) < LONGEST_SECONDS:
        if passed > SECONDS and len(trials) >= ENOUGH and not turns:
            return
        turns = turns or dice.sample(["web", "web", "worker"], 3)
        name = turns.pop()
        if name == "web" and dice.random() < 0.8:  # else perhaps while it is still starting
            stack.wait_for_web()
        time.sleep(dice.uniform(0.1, 1.5))
        stack.kill(name)
        stack.start(name)


def catch_up(stack: Stack) -> int:
    """Wait until the worker has sent what is due; how many notices are left in the end."""
    until = time.monotonic() + CATCH_UP_SECONDS
    while (left := int(stack.tell("waiting")["waiting"])) and time.monotonic() < until:
        time.sleep(0.2)
    return left


def losses(trials: list[Trial], found: dict[str, Any], mails: SmtpServer) -> dict[str, list[Any]]:
    """Everything that should not be, by what it is."""
    cases: dict[str, Any] = found["cases"]
    by_email: dict[str, list[str]] = {}
    for number, case in cases.items():
        by_email.setdefault(case["email"], []).append(number)
    received = message_ids(mails)
    due = {row["message_id"]: row for row in found["notices"]}
    wanted = Counter((row["case"], row["kind"]) for row in due.values())
    return {
        "receipts without a case": [
            trial for trial in trials if trial.confirmed and trial.number not in cases
        ],
        "requests filed twice": [trial for trial in trials if len(by_email[trial.email]) > 1],
        "cases with something missing": [
            (number, case["faults"]) for number, case in cases.items() if case["faults"]
        ],
        "confirmed files that cannot be read": [
            digest
            for trial in trials
            for digest in trial.files
            if trial.number not in cases or digest not in cases[trial.number]["files"]
        ],
        "rows of files without bytes": [
            (number, name)
            for number, case in cases.items()
            for name in case["files"]
            if name.startswith("unreadable")
        ],
        "keys of nothing": ["key"] * found["keys of nothing"],
        "notices never received": [
            row for name, row in due.items() if row["state"] == "sent" and not received[name]
        ],
        "notices not sent": [row for row in due.values() if row["state"] != "sent"],
        "mails of no notice": [name for name in received if name not in due],
        "notices written twice": [key for key, times in wanted.items() if times > 1],
    }


def message_ids(mails: SmtpServer) -> Counter[str]:
    """How often each mail arrived."""
    return Counter(mail.message_id for mail in mails.received)


def table(rows: dict[str, Any]) -> str:
    """Two columns."""
    return "\n" + "\n".join(f"  {name:<40}{value!s:>14}" for name, value in rows.items())
