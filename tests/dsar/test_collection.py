"""Tasks to data owners: proposed once, asked, answered, each with its event."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from dsar import collection, ledger
from dsar.models import DataSystem, SearchTask

DUE = date(2026, 11, 17)


@pytest.fixture
def system(controller: Any) -> DataSystem:
    return DataSystem.objects.create(
        controller=controller, code="crm", name_ja="顧客管理", name_en="CRM"
    )


@pytest.fixture
def task(file_case: Any, system: DataSystem) -> SearchTask:
    return collection.propose(file_case())[0]


def test_systems_in_use_are_proposed_once(task: SearchTask, controller: Any) -> None:
    DataSystem.objects.create(
        controller=controller, code="old", name_ja="旧", name_en="Old", is_active=False
    )
    assert collection.propose(task.case) == []
    assert [row.system.code for row in task.case.tasks.all()] == ["crm"]


def test_a_task_is_asked_and_answered_on_record(
    task: SearchTask, officer: Any, data_owner: Any, now: datetime
) -> None:
    collection.ask(task, "会員番号 123", DUE, by=ledger.staff(officer), at=now)
    collection.answer(task, "nothing", by=ledger.staff(data_owner), at=now, answer="該当なし")
    kept = SearchTask.objects.get(pk=task.pk)
    assert (kept.state, kept.due_on, kept.question) == ("nothing", DUE, "会員番号 123")
    assert (kept.answer, kept.answered_by) == ("該当なし", data_owner)
    acts = [event.act for event in task.case.events.all()]
    assert acts == ["file", "ask_task", "answer_task"]
    ledger.verify(type(task.case).objects.get(pk=task.case.pk))


def test_a_task_is_answered_by_one_person_only(
    task: SearchTask, officer: Any, data_owner: Any, now: datetime
) -> None:
    collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    stale = SearchTask.objects.get(pk=task.pk)
    collection.answer(task, "found", by=ledger.staff(data_owner), at=now)
    with pytest.raises(collection.NotPossible):
        collection.answer(stale, "nothing", by=ledger.staff(officer), at=now)
    with pytest.raises(collection.NotPossible):
        collection.cancel(task, by=ledger.staff(officer), at=now)


def test_a_cancelled_task_makes_room_for_another(
    task: SearchTask, officer: Any, now: datetime
) -> None:
    collection.cancel(task, by=ledger.staff(officer), at=now)
    assert len(collection.propose(task.case)) == 1
