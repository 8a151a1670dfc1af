"""Tasks to data owners: proposed once, asked, answered, each with its event."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dsar import collection, deadlines, decision, files, ledger, lifecycle
from dsar.models import Attachment, Case, DataSystem, Letter, Processor, SearchTask
from tests.factories import SystemFactory, do

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


# --- Until when ---------------------------------------------------------------------------
def _decision_due(case: Case, day: date) -> None:
    case.deadlines.filter(code="decision").update(due_on=day)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        # Tuesday 10 November: five business days on is Tuesday the 17th.
        (date(2026, 11, 24), date(2026, 11, 17)),
        # Three days before the decision is a Sunday: the Friday before it.
        (date(2026, 11, 18), date(2026, 11, 13)),
        (date(2026, 11, 13), date(2026, 11, 11)),
        (date(2026, 11, 10), date(2026, 11, 10)),
        (date(2026, 11, 2), date(2026, 11, 10)),
    ],
)
def test_a_task_is_due_in_five_business_days_but_before_the_decision(
    file_case: Any, decision: date, expected: date
) -> None:
    case = file_case()
    _decision_due(case, decision)
    assert collection.default_due(case, date(2026, 11, 10)) == expected


def test_the_days_are_the_operators(file_case: Any, settings: Any) -> None:
    settings.OWNER_TASK_DAYS, settings.OWNER_TASK_MARGIN_DAYS = 2, 0
    assert collection.default_due(file_case(), date(2026, 11, 10)) == date(2026, 11, 12)


# --- In step with the case ----------------------------------------------------------------
def _states(case: Case, purpose: str) -> dict[str, str]:
    rows = case.tasks.filter(purpose=purpose).exclude(state="cancelled")
    return {row.system.code: row.state for row in rows.select_related("system")}


@pytest.fixture
def three(controller: Any) -> list[DataSystem]:
    return [SystemFactory.create(controller=controller, code=code) for code in ("a", "b", "c")]


def test_searches_are_proposed_when_the_examination_begins(
    file_case: Any, advance: Any, three: Any
) -> None:
    case = advance(file_case(), "identity_check")
    assert not case.tasks.exists()
    advance(case, "in_progress")
    assert _states(case, "search") == dict.fromkeys("abc", "proposed")


def test_a_kind_without_identity_check_proposes_them_at_once(
    file_case: Any, advance: Any, three: Any
) -> None:
    case = advance(file_case("opt_out", "ccpa"), "in_progress")
    assert len(_states(case, "search")) == 3


def test_a_complaint_asks_no_data_owner(file_case: Any, advance: Any, three: Any) -> None:
    case = advance(file_case("complaint"), "in_progress")
    assert not case.tasks.exists()
    assert collection.purpose_now(case) is None


def _answer_all(case: Case, officer: Any, at: datetime, **states: str) -> None:
    for task in case.tasks.filter(state="proposed").select_related("system"):
        task.case = case
        collection.ask(task, "", DUE, by=ledger.staff(officer), at=at)
        if task.system.code in states:
            state = states[task.system.code]
            collection.answer(task, state, by=ledger.staff(officer), at=at, answer="x")


def test_a_grant_that_changes_data_is_carried_out_where_data_was_found(
    file_case: Any, advance: Any, three: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case("erasure"), "in_progress")
    _answer_all(case, officer, now, a="found", b="nothing")
    advance(case, "decided")
    assert _states(case, "carry_out") == {"a": "proposed"}
    assert "c" not in _states(case, "search"), "an open search ends with the decision"


def test_a_disclosure_is_carried_out_by_nobody(
    file_case: Any, advance: Any, three: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case("disclosure"), "in_progress")
    _answer_all(case, officer, now, a="found", b="found", c="found")
    advance(case, "decided")
    assert _states(case, "carry_out") == {}


def test_a_refusal_is_carried_out_by_nobody(
    file_case: Any, advance: Any, three: Any, officer: Any, approver: Any, now: datetime
) -> None:
    case = advance(file_case("erasure"), "in_progress")
    _answer_all(case, officer, now, a="found")
    advance(case, "in_approval")
    decision.approve(case, by=ledger.staff(approver), at=now)
    assert _states(case, "carry_out") == {}
    assert collection.purpose_now(case) is None


def test_every_kind_that_changes_data_is_marked_in_the_law(
    file_case: Any, law_kind: tuple[str, str]
) -> None:
    regime, kind = law_kind
    changing = ("correct", "rectif", "addition", "delet", "cease", "erasure", "stop_provision")
    also = ("optout", "opt_out", "restriction", "objection", "limit")
    rule = file_case(kind, regime).rule
    assert rule.carried_out == any(part in kind for part in (*changing, *also))


def test_a_case_is_closed_only_when_everyone_has_carried_it_out(
    file_case: Any, advance: Any, three: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case("erasure"), "in_progress")
    _answer_all(case, officer, now, a="found", b="found", c="nothing")
    advance(case, "decided")
    desk = ledger.staff(officer)
    with pytest.raises(lifecycle.NotAllowed, match="2"):
        do(case, "close", by=desk, at=now)
    first, second = case.tasks.filter(purpose="carry_out")
    collection.ask(first, "", DUE, by=desk, at=now)
    collection.answer(first, "done", by=desk, at=now)
    with pytest.raises(lifecycle.NotAllowed):
        do(case, "close", by=desk, at=now)
    collection.cancel(second, by=desk, at=now, reason="別の請求で消去済み")
    case.refresh_from_db()
    do(case, "close", by=desk, at=now)
    letter = case.letters.get(kind=Letter.Kind.COMPLETION)
    assert letter.facts == {"systems": ["a"]}
    assert case.events.get(act="cancel_task").texts() == {"reason": "別の請求で消去済み"}


def test_a_close_without_anything_carried_out_orders_no_completion_letter(
    file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "closed")
    assert not case.letters.filter(kind=Letter.Kind.COMPLETION).exists()


def test_a_withdrawal_takes_open_searches_back(
    file_case: Any, advance: Any, three: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case(), "in_progress")
    _answer_all(case, officer, now, a="found")
    lifecycle.move(case, "withdraw", by=ledger.REQUESTER, at=now, outcome="withdrawn")
    assert _states(case, "search") == {"a": "found"}
    assert case.events.filter(act="cancel_task").count() == 2
    ledger.verify(Case.objects.get(pk=case.pk))


def test_reopening_searches_again_and_stops_carrying_out(
    file_case: Any, advance: Any, three: Any, officer: Any, approver: Any, now: datetime
) -> None:
    case = advance(file_case("erasure"), "in_progress")
    _answer_all(case, officer, now, a="found", b="nothing")
    advance(case, "decided")
    do(case, "reopen", by=ledger.staff(approver), at=now)
    assert _states(case, "carry_out") == {}
    assert _states(case, "search") == {"a": "found", "b": "nothing", "c": "proposed"}


# --- Proof --------------------------------------------------------------------------------
@pytest.fixture
def at_processor(
    file_case: Any, controller: Any, advance: Any, officer: Any, now: datetime
) -> SearchTask:
    """An erasure that a processor is asked to carry out."""
    processor = Processor.objects.create(controller=controller, name_ja="委託先", name_en="P")
    system = SystemFactory.create(controller=controller, processor=processor)
    case = advance(file_case("erasure"), "decided")
    task = collection.propose(case, [system], purpose="carry_out")[0]
    collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    return task


def test_a_processor_proves_what_it_carried_out(
    at_processor: SearchTask, now: datetime, media: Any
) -> None:
    with pytest.raises(collection.NotPossible):
        collection.answer(at_processor, "done", by=ledger.OWNER, at=now)
    assert SearchTask.objects.get(pk=at_processor.pk).state == "open"
    files.keep(
        [b"log"],
        case=at_processor.case,
        name="log.txt",
        content_type="text/plain",
        purpose=Attachment.Purpose.PROOF,
        at=now,
        task=at_processor,
    )
    collection.answer(at_processor, "done", by=ledger.OWNER, at=now)
    event = at_processor.case.events.get(act="answer_task")
    assert (event.actor_kind, event.facts["files"]) == ("owner", 1)


def test_the_name_of_a_document_is_a_proof_too(at_processor: SearchTask, now: datetime) -> None:
    collection.answer(at_processor, "done", by=ledger.OWNER, at=now, answer="消去証明書 第12号")
    assert SearchTask.objects.get(pk=at_processor.pk).state == "done"


def test_a_search_is_not_answered_as_carried_out(
    task: SearchTask, officer: Any, now: datetime
) -> None:
    collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    with pytest.raises(collection.NotPossible):
        collection.answer(task, "done", by=ledger.staff(officer), at=now)


# --- Who may open a task ------------------------------------------------------------------
def test_a_data_owner_finds_the_own_open_tasks_of_the_own_companies(
    task: SearchTask, data_owner: Any, officer: Any, now: datetime
) -> None:
    task.system.owners.add(data_owner)
    assert collection.open_tasks_of(data_owner) == []
    collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    assert collection.open_tasks_of(data_owner) == [task]
    assert collection.open_tasks_of(officer) == []
    data_owner.controllers.clear()
    assert collection.open_task_of(data_owner, task.pk) is None


def test_a_destroyed_case_has_no_open_tasks(
    task: SearchTask, data_owner: Any, officer: Any, now: datetime
) -> None:
    task.system.owners.add(data_owner)
    collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    task.case.key.destroy(now)
    assert collection.open_tasks_of(data_owner) == []


def test_what_the_question_tells_of_the_person_is_on_record_by_name_only(
    task: SearchTask, officer: Any, now: datetime
) -> None:
    collection.ask(
        task, "会員番号: 4821", DUE, by=ledger.staff(officer), at=now, shared=["customer_number"]
    )
    event = task.case.events.get(act="ask_task")
    assert event.facts["shared"] == ["customer_number"]
    assert "4821" not in str(event.facts)


def test_reminding_needs_somebody_to_reach(task: SearchTask, officer: Any, now: datetime) -> None:
    collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    with pytest.raises(collection.NotPossible):
        collection.remind(task, by=ledger.staff(officer), at=now + timedelta(days=1))


def test_today_is_counted_in_the_rule_sets_zone(file_case: Any, now: datetime) -> None:
    case = file_case()
    today = deadlines.today(case, now)
    latest = collection.latest_due(case)
    assert latest is not None
    assert today < collection.default_due(case, today) < latest
