"""A real worker process, killed while a system is being asked."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.bootstrap import ROOT
from config.children import Children
from tests.dsar.connectors.conftest import HANAKO, Interface, http_settings
from tests.dsar.test_worker import LONG_AGO, SECONDS, Portal

# A process of its own files a case and puts a task to the interface, as the web process would.
ASK = """
import json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import timedelta
from django.utils import timezone
from dsar import collection, filing, ledger
from dsar.models import DataSystem
from tests.factories import ControllerFactory, PRINCIPAL, StaffFactory, filing_for
now, given = timezone.now(), json.loads(sys.argv[1])
controller = ControllerFactory(code="sample")
officer = StaffFactory(role="officer", at=controller)
system = DataSystem.objects.create(
    controller=controller, code="api", name_ja="a", name_en="a", connector="http",
    settings=given["settings"],
)
case = filing.file(
    filing_for(controller, received_at=now, principal={**PRINCIPAL, **given["person"]}),
    by=ledger.REQUESTER, at=now, receipt_code="7F3K2M9QABCDEFGH",
)
task = collection.propose(case, [system])[0]
collection.ask(task, "", now.date() + timedelta(days=3), by=ledger.staff(officer), at=now)
"""


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with Children() as children:
        made = Portal(children, tmp_path, "")
        made.env |= {
            "CONNECTOR_PRIVATE_HOSTS": "127.0.0.1",
            "CONNECTOR_SECRET_TOKEN": "t0ken",
            "EMAIL_URL": "dummymail://",
        }
        yield made
        children.stop(patience=2)


def ask(portal: Portal, settings: dict[str, Any]) -> None:
    given = json.dumps({"settings": settings, "person": HANAKO})
    subprocess.run([sys.executable, "-c", ASK, given], cwd=ROOT, env=portal.env, check=True)


def read(portal: Portal, query: str) -> list[Any]:
    with sqlite3.connect(portal.database, timeout=20) as connection:
        return [value for (value,) in connection.execute(query)]


def test_a_worker_killed_over_a_search_leaves_it_to_the_next_one(
    portal: Portal, interface: Interface
) -> None:
    asked, may_end = threading.Event(), threading.Event()

    def stall(_handler: Any) -> bool:
        asked.set()
        may_end.wait(SECONDS)
        return False

    interface.answer = stall
    worker = portal.start_worker()
    ask(portal, http_settings(interface.url))
    portal.app.send_task("dsar.run_connectors")
    assert asked.wait(SECONDS)
    portal.kill(worker)
    may_end.set()
    interface.answer = None
    assert read(portal, "SELECT state FROM dsar_connectorrun") == ["running"]
    with sqlite3.connect(portal.database, timeout=20) as connection:
        connection.execute(
            "UPDATE dsar_connectorrun SET claimed_until = ?, next_try_at = ?", [LONG_AGO, LONG_AGO]
        )
    portal.start_worker()
    portal.app.send_task("dsar.run_connectors")
    states = "SELECT state FROM dsar_searchtask"
    portal.wait_for(lambda: read(portal, states) == ["found"], "answering")
    assert read(portal, "SELECT count(*) FROM dsar_material") == [1]
    assert read(portal, "SELECT attempts FROM dsar_connectorrun") == [2]
