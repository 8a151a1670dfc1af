"""The demo's two systems with a connector: they answer, and an erasure waits for approval."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsar import ledger
from dsar.connectors import at_desk, runs
from dsar.demo import builder, telling
from dsar.demo.cases_connected import CONNECTED
from dsar.demo.connected import DATABASE
from dsar.models import Case, ConnectorRun, SearchTask, StaffMember
from tests.dsar.demo.test_seed_demo import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(settings: Any, tmp_path: Path, monkeypatch: Any, media: Any, freeze: Any) -> None:
    settings.DEMO_SYSTEMS = tmp_path
    settings.CONNECTOR_FOLDERS = [str(tmp_path / "files")]
    settings.CONNECTOR_SECRETS = {DATABASE: f"sqlite:///{tmp_path / 'crm.sqlite3'}"}
    monkeypatch.setattr(builder, "PLOTS", CONNECTED)
    freeze(NOW)
    builder.seed(NOW)
    builder.seed(NOW)


def work() -> None:
    for _n in range(4):
        runs.plan(NOW)
        for pk in runs.claim(NOW):
            runs.run(pk, NOW)


def tasks_of(key: str) -> dict[str, SearchTask]:
    case = Case.objects.get(receipt_code_digest=telling.seed_digest(key))
    asked = case.tasks.exclude(state__in=("proposed", "cancelled"))
    return {task.system.code: task for task in asked}


def test_the_search_finds_what_the_systems_hold(seeded: None) -> None:
    work()
    found = tasks_of("connected-search")
    assert {code: task.state for code, task in found.items()} == {
        "crm": "found",
        "points": "found",
    }
    assert found["points"].materials.count() == 1
    assert ledger.verify(found["crm"].case) == found["crm"].case.event_count


def test_the_erasure_waits_for_the_approver_and_is_then_made(seeded: None) -> None:
    work()
    task = tasks_of("connected-erasure")["crm"]
    dry = ConnectorRun.objects.get(task=task, step="dry_run")
    assert (dry.state, dry.rows) == ("done", 1)
    approver = StaffMember.objects.get(username="approver")
    at_desk.approve(dry, by=ledger.staff(approver), at=NOW)
    work()
    assert tasks_of("connected-erasure")["crm"].state == "done"
