"""Runs: found from rows, one a system, resumed after a crash, and never done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dsar import collection, ledger, materials
from dsar.connectors import at_desk, runs
from dsar.connectors.sql import SqlConnector
from dsar.models import Case, ConnectorRun, DataSystem, SearchTask
from tests.dsar.connectors.conftest import (
    SQL_SETTINGS,
    Interface,
    customers,
    http_settings,
)
from tests.factories import PRINCIPAL

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 17)
Step, State = ConnectorRun.Step, ConnectorRun.State
AskFor = Callable[..., SearchTask]
PERSON = {**PRINCIPAL, "email": "hanako@person.example", "customer_number": "C-0001234"}


@pytest.fixture(autouse=True)
def _files(media: Any, freeze: Any, now: datetime) -> None:
    freeze(now)


@pytest.fixture
def case(file_case: Any) -> Case:
    found: Case = file_case("erasure", principal=PERSON)
    return found


@pytest.fixture
def ask_for(case: Case, officer: Any, now: datetime) -> AskFor:
    """`ask_for("crm", "sql", settings, purpose)`: a task that was put to a system."""

    def ask(code: str, connector: str, given: Any, purpose: str = "search") -> SearchTask:
        system, _made = DataSystem.objects.get_or_create(
            controller=case.controller,
            code=code,
            defaults={
                "name_ja": f"{code}（顧客）",
                "name_en": code,
                "connector": connector,
                "settings": given,
            },
        )
        task = collection.propose(case, [system], purpose=purpose)[0]
        collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
        return task

    return ask


def work(now: datetime, queued: list[Any]) -> None:
    """What the worker does: sweep, then every run that was queued, until nothing is due."""
    while True:
        queued.clear()
        runs.sweep(now)
        due = [args[1] for args in queued if args[0] == "dsar.run_connector"]
        if not due:
            return
        for pk in due:
            runs.run(pk, now)


def run_of(task: SearchTask, step: str) -> ConnectorRun:
    return ConnectorRun.objects.exclude(state=State.CANCELLED).get(task=task, step=step)


def reloaded(task: SearchTask) -> SearchTask:
    return SearchTask.objects.select_related("case__key", "system").get(pk=task.pk)


# --- Searching ----------------------------------------------------------------------------
def test_a_search_becomes_a_table_and_an_answer(
    crm_url: str, ask_for: AskFor, now: datetime, queued: list[Any]
) -> None:
    task = ask_for("crm", "sql", SQL_SETTINGS)
    work(now, queued)
    answered = reloaded(task)
    assert answered.state == "found"
    assert "2" in answered.answer
    [material] = answered.materials.all()
    assert material.title == "crm（顧客）"
    assert [row["id"] for row in materials.rows(material.original)] == [1, 2]
    run = run_of(task, Step.SEARCH)
    assert (run.state, run.rows, run.attempts) == (State.DONE, 2, 1)
    [event] = answered.case.events.filter(act="connector_search")
    assert event.facts["rows"] == 2
    assert "hanako" not in str(event.facts)
    assert ledger.verify(Case.objects.get(pk=answered.case_id)) == 4


def test_nothing_found_is_an_answer_without_material(
    crm_url: str, ask_for: AskFor, now: datetime, queued: list[Any]
) -> None:
    nobody = {
        **SQL_SETTINGS,
        "search": "SELECT id FROM customers WHERE name = :former_name OR "
        "email = :kana OR name = :address",
    }
    task = ask_for("crm", "sql", nobody)
    work(now, queued)
    assert reloaded(task).state == "nothing"
    assert not reloaded(task).materials.exists()


def test_asking_a_system_with_a_connector_queues_it(
    ask_for: AskFor, queued: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask_for("crm", "sql", SQL_SETTINGS)
        ask_for("paper", "manual", {})
    assert queued.count(("dsar.run_connectors",)) == 1


def test_a_task_of_a_data_owner_gets_no_run(ask_for: AskFor, now: datetime) -> None:
    ask_for("paper", "manual", {})
    runs.sweep(now)
    assert not ConnectorRun.objects.exists()


def test_planning_twice_makes_one_run(ask_for: AskFor, now: datetime) -> None:
    ask_for("crm", "sql", SQL_SETTINGS)
    runs.plan(now)
    runs.plan(now)
    assert ConnectorRun.objects.count() == 1
    assert len(runs.claim(now)) == 1
    assert runs.claim(now) == []


def test_one_system_down_does_not_keep_the_others_from_answering(
    crm_url: str,
    interface: Interface,
    ask_for: AskFor,
    now: datetime,
    queued: list[Any],
    settings: Any,
) -> None:
    settings.CONNECTOR_SECRETS = {
        "CONNECTOR_SECRET_CRM": crm_url,
        "CONNECTOR_SECRET_TOKEN": "t0ken",
        "CONNECTOR_SECRET_DOWN": "postgresql://127.0.0.1:1/down",
    }
    down = ask_for("down", "sql", {**SQL_SETTINGS, "url_env": "CONNECTOR_SECRET_DOWN"})
    broken = ask_for("broken", "sql", {})
    crm = ask_for("crm", "sql", SQL_SETTINGS)
    shop = ask_for("shop", "http", http_settings(interface.url))
    work(now, queued)
    assert reloaded(crm).state == reloaded(shop).state == "found"
    waiting, failed = run_of(down, Step.SEARCH), run_of(broken, Step.SEARCH)
    assert (waiting.state, waiting.last_error) == (State.WAITING, "unreachable")
    assert waiting.next_try_at == now + timedelta(minutes=1)
    assert (failed.state, failed.last_error) == (State.FAILED, "settings")
    assert reloaded(down).state == "open"


def test_tries_are_spaced_and_end_and_a_retry_begins_anew(
    ask_for: AskFor, crm_url: str, now: datetime, queued: list[Any], settings: Any, officer: Any
) -> None:
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_CRM": "postgresql://127.0.0.1:1/down"}
    task = ask_for("crm", "sql", SQL_SETTINGS)
    moments = []
    at = now
    for _n in range(8):
        work(at, queued)
        run = run_of(task, Step.SEARCH)
        if run.state == State.FAILED:
            break
        moments.append(run.next_try_at - at)
        at = run.next_try_at
    assert [moment.total_seconds() / 60 for moment in moments] == [1, 5, 15, 60]
    assert run.attempts == runs.MAX_TRIES
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_CRM": crm_url}
    work(at + timedelta(days=1), queued)
    assert reloaded(task).state == "open"
    at_desk.retry(run, by=ledger.staff(officer), at=at)
    work(at, queued)
    assert reloaded(task).state == "found"
    with pytest.raises(at_desk.NotPossible):
        at_desk.retry(run, by=ledger.staff(officer), at=at)


def test_a_task_answered_by_hand_ends_its_runs(
    ask_for: AskFor, now: datetime, queued: list[Any], officer: Any
) -> None:
    task = ask_for("broken", "sql", {})
    work(now, queued)
    collection.answer(reloaded(task), "not_ours", by=ledger.staff(officer), at=now)
    runs.sweep(now)
    assert [run.state for run in task.runs.all()] == [State.CANCELLED]


def test_a_system_that_lost_its_connector_is_left_to_its_data_owner(
    ask_for: AskFor, now: datetime
) -> None:
    task = ask_for("crm", "sql", SQL_SETTINGS)
    runs.plan(now)
    DataSystem.objects.update(connector="manual")
    [pk] = runs.claim(now)
    assert runs.run(pk, now) == State.CANCELLED
    runs.plan(now)
    assert task.runs.count() == 1


def test_an_answer_given_while_the_system_was_asked_stands(
    crm_url: str, ask_for: AskFor, now: datetime, officer: Any, monkeypatch: Any
) -> None:
    task = ask_for("crm", "sql", SQL_SETTINGS)
    runs.plan(now)
    [pk] = runs.claim(now)
    search = SqlConnector.search

    def meanwhile(self: SqlConnector, values: Any) -> Any:
        collection.answer(reloaded(task), "not_ours", by=ledger.staff(officer), at=now)
        return search(self, values)

    monkeypatch.setattr(SqlConnector, "search", meanwhile)
    assert runs.run(pk, now) == State.CANCELLED
    assert reloaded(task).state == "not_ours"
    assert not reloaded(task).materials.exists()


# --- Crashes ------------------------------------------------------------------------------
class Killed(BaseException):
    """What a worker that is killed looks like from inside: nothing catches it."""


def test_a_search_cut_off_is_done_again_after_its_lease_and_kept_once(
    crm_url: str, ask_for: AskFor, now: datetime, queued: list[Any], monkeypatch: Any
) -> None:
    task = ask_for("crm", "sql", SQL_SETTINGS)
    runs.plan(now)
    [pk] = runs.claim(now)
    with monkeypatch.context() as patch:
        patch.setattr(SqlConnector, "search", _killed)
        with pytest.raises(Killed):
            runs.run(pk, now)
    assert runs.run(pk, now + timedelta(minutes=1)) is None
    assert runs.claim(now + timedelta(minutes=9)) == []
    work(now + runs.LEASE, queued)
    assert reloaded(task).state == "found"
    assert reloaded(task).materials.count() == 1
    assert run_of(task, Step.SEARCH).attempts == 2


def test_a_try_that_lost_its_lease_writes_nothing(
    crm_url: str, ask_for: AskFor, now: datetime, queued: list[Any], monkeypatch: Any
) -> None:
    task = ask_for("crm", "sql", SQL_SETTINGS)
    runs.plan(now)
    [pk] = runs.claim(now)
    search = SqlConnector.search

    def slow(self: SqlConnector, values: Any) -> Any:
        monkeypatch.setattr(SqlConnector, "search", search)
        work(now + runs.LEASE, queued)
        return search(self, values)

    monkeypatch.setattr(SqlConnector, "search", slow)
    runs.run(pk, now)
    assert reloaded(task).materials.count() == 1
    assert run_of(task, Step.SEARCH).attempts == 2


def test_a_run_over_which_workers_die_is_given_up(
    crm_url: str, ask_for: AskFor, now: datetime, monkeypatch: Any
) -> None:
    task = ask_for("crm", "sql", SQL_SETTINGS)
    monkeypatch.setattr(SqlConnector, "search", _killed)
    runs.plan(now)
    for n in range(runs.MAX_TRIES + 1):
        at = now + n * runs.LEASE
        [pk] = runs.claim(at)
        if n < runs.MAX_TRIES:
            with pytest.raises(Killed):
                runs.run(pk, at)
        else:
            assert runs.run(pk, at) == State.FAILED
    assert run_of(task, Step.SEARCH).last_error == "gave_up"


def _killed(*_given: Any, **_more: Any) -> Any:
    raise Killed


# --- Carrying out -------------------------------------------------------------------------
@pytest.fixture
def erasure(crm_url: str, ask_for: AskFor, now: datetime, queued: list[Any]) -> SearchTask:
    """A task to erase whose dry run has ended."""
    task = ask_for("crm", "sql", SQL_SETTINGS, "carry_out")
    work(now, queued)
    return reloaded(task)


def test_a_change_waits_for_a_second_person_and_is_proven(
    erasure: SearchTask, crm_url: str, approver: Any, now: datetime, queued: list[Any]
) -> None:
    dry = run_of(erasure, Step.DRY_RUN)
    assert (dry.state, dry.rows, dry.before_rows) == (State.DONE, 2, 2)
    assert [row["id"] for row in dry.sample["rows"]] == ["1", "2"]
    assert customers(crm_url) == [1, 2, 3]
    at_desk.approve(dry, by=ledger.staff(approver), at=now)
    work(now, queued)
    assert customers(crm_url) == [3]
    done = reloaded(erasure)
    assert done.state == "done"
    assert "2" in done.answer
    made, proven = run_of(erasure, Step.CARRY_OUT), run_of(erasure, Step.VERIFY)
    assert (made.rows, made.approved_by, made.approved_rows) == (2, approver, 2)
    assert (proven.state, proven.rows) == (State.DONE, 0)
    acts = done.case.events.filter(act__startswith="connector_").values_list("act", flat=True)
    assert list(acts) == [
        "connector_dry_run",
        "connector_approved",
        "connector_change_begun",
        "connector_carry_out",
        "connector_verify",
    ]
    assert ledger.verify(Case.objects.get(pk=done.case_id)) == done.case.events.count()


def test_nobody_approves_what_they_asked_for_or_may_not(
    erasure: SearchTask, officer: Any, approver: Any, now: datetime
) -> None:
    dry = run_of(erasure, Step.DRY_RUN)
    with pytest.raises(at_desk.NotPossible):
        at_desk.approve(dry, by=ledger.staff(officer), at=now)
    SearchTask.objects.update(asked_by=approver)
    with pytest.raises(at_desk.NotPossible):
        at_desk.approve(run_of(erasure, Step.DRY_RUN), by=ledger.staff(approver), at=now)
    with pytest.raises(at_desk.NotPossible):
        at_desk.approve(dry, by=ledger.SYSTEM, at=now)


def test_a_change_is_approved_once(erasure: SearchTask, approver: Any, now: datetime) -> None:
    dry = run_of(erasure, Step.DRY_RUN)
    at_desk.approve(dry, by=ledger.staff(approver), at=now)
    with pytest.raises(at_desk.NotPossible):
        at_desk.approve(dry, by=ledger.staff(approver), at=now)


def test_more_rows_than_approved_stop_the_change(
    erasure: SearchTask,
    crm_url: str,
    approver: Any,
    officer: Any,
    now: datetime,
    queued: list[Any],
) -> None:
    dry = run_of(erasure, Step.DRY_RUN)
    at_desk.approve(dry, by=ledger.staff(approver), at=now)
    _execute(crm_url, "INSERT INTO customers VALUES (4, '', '', 'C-0001234', 0)")
    work(now, queued)
    run = run_of(erasure, Step.CARRY_OUT)
    assert (run.state, run.last_error, run.error_detail) == (
        State.FAILED,
        "more_than_approved",
        "3",
    )
    assert customers(crm_url) == [1, 2, 3, 4]
    at_desk.begin_again(reloaded(erasure), by=ledger.staff(officer), at=now)
    work(now, queued)
    again = run_of(erasure, Step.DRY_RUN)
    assert (again.rows, again.pk > dry.pk) == (3, True)


def test_settings_changed_since_the_dry_run_stop_the_change(
    erasure: SearchTask, crm_url: str, approver: Any, now: datetime, queued: list[Any]
) -> None:
    dry = run_of(erasure, Step.DRY_RUN)
    at_desk.approve(dry, by=ledger.staff(approver), at=now)
    DataSystem.objects.update(settings={**SQL_SETTINGS, "row_limit": 7})
    work(now, queued)
    assert run_of(erasure, Step.CARRY_OUT).last_error == "settings_changed"
    assert customers(crm_url) == [1, 2, 3]


def test_a_verification_that_could_prove_nothing_is_told_at_the_dry_run(
    crm_url: str, ask_for: AskFor, now: datetime, queued: list[Any]
) -> None:
    change = {
        **SQL_SETTINGS["changes"][0],
        "verify": "SELECT id FROM customers WHERE number = :customer_number AND id > 99",
    }
    task = ask_for("crm", "sql", {**SQL_SETTINGS, "changes": [change]}, "carry_out")
    work(now, queued)
    assert run_of(task, Step.DRY_RUN).last_error == "unproven"


def test_a_change_that_leaves_something_is_not_called_done(
    erasure: SearchTask,
    crm_url: str,
    approver: Any,
    officer: Any,
    now: datetime,
    queued: list[Any],
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(SqlConnector, "carry_out", lambda *_given, **_more: 2)
    at_desk.approve(run_of(erasure, Step.DRY_RUN), by=ledger.staff(approver), at=now)
    work(now, queued)
    run = run_of(erasure, Step.VERIFY)
    assert (run.state, run.last_error, run.rows) == (State.FAILED, "left_over", 2)
    assert reloaded(erasure).state == "open"
    _execute(crm_url, "DELETE FROM customers WHERE number = 'C-0001234'")
    at_desk.retry(run, by=ledger.staff(officer), at=now)
    work(now, queued)
    assert reloaded(erasure).state == "done"


@pytest.mark.parametrize("committed", [True, False])
def test_a_worker_killed_over_a_change_leaves_it_done_once(
    erasure: SearchTask,
    crm_url: str,
    approver: Any,
    now: datetime,
    queued: list[Any],
    monkeypatch: Any,
    committed: bool,
) -> None:
    at_desk.approve(run_of(erasure, Step.DRY_RUN), by=ledger.staff(approver), at=now)
    made: list[int] = []
    carry_out = SqlConnector.carry_out

    def killed(self: SqlConnector, *given: Any, **more: Any) -> int:
        if committed:
            made.append(carry_out(self, *given, **more))
        raise Killed

    [pk] = runs.claim(now)
    with monkeypatch.context() as patch:
        patch.setattr(SqlConnector, "carry_out", killed)
        with pytest.raises(Killed):
            runs.run(pk, now)
    assert customers(crm_url) == ([3] if committed else [1, 2, 3])

    def counted(self: SqlConnector, *given: Any, **more: Any) -> int:
        made.append(carry_out(self, *given, **more))
        return made[-1]

    monkeypatch.setattr(SqlConnector, "carry_out", counted)
    work(now + runs.LEASE, queued)
    assert made == [2]
    assert customers(crm_url) == [3]
    run = run_of(erasure, Step.CARRY_OUT)
    assert (run.state, run.rows, run.attempts) == (State.DONE, 2, 2)
    assert reloaded(erasure).state == "done"


def test_a_file_cannot_be_changed_and_says_so(
    ask_for: AskFor, now: datetime, queued: list[Any], settings: Any, tmp_path: Any
) -> None:
    settings.CONNECTOR_FOLDERS = [str(tmp_path)]
    given = {
        "folder": ".",
        "tables": "a = a.csv",
        "search": "SELECT * FROM a WHERE email = :email",
    }
    task = ask_for("files", "folder", given, "carry_out")
    work(now, queued)
    run = run_of(task, Step.DRY_RUN)
    assert (run.state, run.last_error) == (State.FAILED, "read_only")


def test_a_dry_run_that_found_nothing_is_answered_so(
    erasure: SearchTask,
    crm_url: str,
    officer: Any,
    approver: Any,
    now: datetime,
    queued: list[Any],
) -> None:
    _execute(crm_url, "DELETE FROM customers WHERE number = 'C-0001234'")
    at_desk.begin_again(erasure, by=ledger.staff(officer), at=now)
    work(now, queued)
    dry = run_of(erasure, Step.DRY_RUN)
    assert dry.rows == 0
    with pytest.raises(at_desk.NotPossible):
        at_desk.approve(dry, by=ledger.staff(approver), at=now)
    at_desk.note_nothing(dry, by=ledger.staff(officer), at=now)
    assert reloaded(erasure).state == "done"


def _execute(url: str, statement: str) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
