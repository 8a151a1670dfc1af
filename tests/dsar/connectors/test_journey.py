"""An erasure across three systems, one of which is down and comes back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dsar import collection, ledger, lifecycle, tasks
from dsar.models import Case, ConnectorRun, DataSystem, SearchTask
from tests import factories
from tests.dsar.connectors.conftest import (
    SQL_SETTINGS,
    Interface,
    customers,
    fill,
    http_settings,
)

pytestmark = [pytest.mark.django_db, pytest.mark.journey]
PERSON = {
    **factories.PRINCIPAL,
    "email": "hanako@person.example",
    "customer_number": "C-0001234",
}


def ask_all(case: Case, purpose: str, officer: Any, at: datetime) -> None:
    """The officer puts what was proposed to every system."""
    for task in case.tasks.filter(purpose=purpose, state="proposed").select_related("system"):
        task.case = case
        collection.ask(task, "", date(2026, 11, 20), by=ledger.staff(officer), at=at)


def work(queued: list[Any]) -> None:
    """The worker: the sweep, and each run that it queues."""
    for _n in range(5):
        queued.clear()
        tasks.run_connectors.apply(throw=True)
        for name, *ids in list(queued):
            if name == "dsar.run_connector":
                tasks.run_connector.apply(args=ids, throw=True)


def states(case: Case, purpose: str) -> dict[str, str]:
    rows = SearchTask.objects.filter(case=case, purpose=purpose).exclude(state="cancelled")
    return dict(rows.values_list("system__code", "state"))


def test_an_erasure_is_carried_out_at_three_systems_though_one_was_down(
    controller: Any,
    file_case: Any,
    officer: Any,
    approver: Any,
    crm_url: str,
    interface: Interface,
    tmp_path: Path,
    settings: Any,
    media: Any,
    now: datetime,
    freeze: Any,
    queued: list[Any],
) -> None:
    shop = tmp_path / "shop.sqlite3"
    fill(f"sqlite:///{shop}")
    settings.CONNECTOR_SECRETS = {
        "CONNECTOR_SECRET_CRM": crm_url,
        "CONNECTOR_SECRET_SHOP": f"sqlite:///{shop}",
        "CONNECTOR_SECRET_TOKEN": "t0ken",
    }
    for code, connector, given in (
        ("crm", "sql", SQL_SETTINGS),
        ("shop", "sql", {**SQL_SETTINGS, "url_env": "CONNECTOR_SECRET_SHOP"}),
        ("points", "http", http_settings(interface.url)),
    ):
        DataSystem.objects.create(
            controller=controller,
            code=code,
            name_ja=code,
            name_en=code,
            connector=connector,
            settings=given,
        )
    freeze(now)
    case = file_case("erasure", principal=PERSON)
    people = {"officer": officer, "approver": approver}

    # Every system is searched.
    factories.advance(case, "in_progress", **people, at=now)
    ask_all(case, "search", officer, now)
    work(queued)
    assert states(case, "search") == dict.fromkeys(("crm", "shop", "points"), "found")
    assert case.materials.count() == 3

    # Granted: the erasure is put to all three, and tried dry.
    factories.advance(case, "decided", **people, at=now)
    ask_all(case, "carry_out", officer, now)
    work(queued)
    dry = {
        run.task.system.code: run
        for run in ConnectorRun.objects.filter(step="dry_run").select_related("task__system")
    }
    assert {code: run.rows for code, run in dry.items()} == {"crm": 2, "shop": 2, "points": 1}
    assert customers(crm_url) == [1, 2, 3]

    # The approver approves each; the shop's database is gone just then.
    away = shop.rename(tmp_path / "away.sqlite3")
    browser = Client()
    browser.force_login(approver)
    for run in dry.values():
        address = f"/en/desk/dsar/case/{case.pk}/connectors/{run.pk}/approve/"
        assert browser.post(address, {"rows": str(run.rows)}).status_code == 302
    work(queued)
    assert states(case, "carry_out") == {"crm": "done", "shop": "open", "points": "done"}
    assert customers(crm_url) == [3]
    assert interface.rows == []
    waiting = ConnectorRun.objects.get(task__system__code="shop", step="carry_out")
    assert (waiting.state, waiting.last_error) == ("waiting", "unreachable")
    case = Case.objects.get(pk=case.pk)
    with pytest.raises(lifecycle.NotAllowed):
        factories.do(case, "close", by=ledger.staff(officer), at=now)

    # It comes back, and the sweep goes on by itself.
    away.rename(shop)
    later = now + timedelta(minutes=2)
    freeze(later)
    work(queued)
    assert states(case, "carry_out") == dict.fromkeys(("crm", "shop", "points"), "done")
    assert customers(f"sqlite:///{shop}") == [3]
    answers = [task.answer for task in case.tasks.filter(purpose="carry_out", state="done")]
    assert all(answers)
    case = Case.objects.get(pk=case.pk)
    factories.do(case, "close", by=ledger.staff(officer), at=later)
    assert ledger.verify(Case.objects.get(pk=case.pk)) > 20
