"""Handing over, noting, and changing the method."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dsar import casework, ledger
from dsar.lifecycle import NotAllowed
from dsar.models import Case, Notice

pytestmark = pytest.mark.django_db


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# --- Handing over -------------------------------------------------------------------------
def test_the_one_who_gets_a_case_is_told_and_it_is_written_down(
    file_case: Any, officer: Any, other_officer: Any, now: datetime
) -> None:
    case = file_case()
    casework.assign(case, other_officer, by=ledger.staff(officer), at=now)
    assert fresh(case).assigned_to == other_officer
    event = case.events.get(act="assign")
    assert (event.actor, event.facts) == (officer, {"to": other_officer.pk})
    notice = case.notices.get(kind="desk_assigned")
    assert (notice.recipient, notice.audience) == (other_officer, Notice.Audience.DESK)


def test_who_takes_a_case_is_not_told_of_it(file_case: Any, officer: Any, now: datetime) -> None:
    case = file_case()
    casework.assign(case, officer, by=ledger.staff(officer), at=now)
    assert fresh(case).assigned_to == officer
    assert not case.notices.filter(kind="desk_assigned").exists()


def test_a_case_can_be_handed_back_to_everyone(file_case: Any, officer: Any, now: datetime) -> None:
    case = file_case(assigned_to=officer)
    casework.assign(case, None, by=ledger.staff(officer), at=now)
    assert fresh(case).assigned_to is None
    assert case.events.get(act="assign").facts == {"to": None}


def test_assigning_to_who_has_it_already_writes_nothing(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case(assigned_to=officer)
    casework.assign(case, officer, by=ledger.staff(officer), at=now)
    assert case.events.count() == 1


def test_of_two_who_assign_at_once_the_second_is_told(
    file_case: Any, officer: Any, other_officer: Any, now: datetime
) -> None:
    case = file_case()
    seen_by_the_second = fresh(case)
    casework.assign(case, other_officer, by=ledger.staff(other_officer), at=now)
    with pytest.raises(NotAllowed, match="二葉"):
        casework.assign(seen_by_the_second, officer, by=ledger.staff(officer), at=now)
    assert fresh(case).assigned_to == other_officer
    assert case.events.filter(act="assign").count() == 1


@pytest.mark.parametrize(
    "who",
    ["auditor", "intake_clerk", "data_owner", "administrator", "foreign_officer"],
)
def test_only_who_may_work_on_the_companys_cases_gets_one(
    file_case: Any, officer: Any, now: datetime, request: pytest.FixtureRequest, who: str
) -> None:
    case, to = file_case(), request.getfixturevalue(who)
    assert not casework.may_work_on(to, case)
    with pytest.raises(NotAllowed, match="株式会社サンプル"):
        casework.assign(case, to, by=ledger.staff(officer), at=now)
    assert fresh(case).assigned_to is None
    assert case.events.count() == 1


def test_who_has_left_gets_no_case(file_case: Any, officer: Any, now: datetime) -> None:
    case = file_case()
    officer.is_active = False
    officer.save()
    with pytest.raises(NotAllowed):
        casework.assign(case, officer, by=ledger.SYSTEM, at=now)


def test_a_closed_case_is_assigned_to_nobody(
    file_case: Any, advance: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    shown = fresh(case)  # a page from before it was closed
    advance(case, "closed")
    for copy in (case, shown):
        with pytest.raises(NotAllowed):
            casework.assign(copy, officer, by=ledger.staff(officer), at=now)
    assert fresh(case).assigned_to is None
    assert not case.events.filter(act="assign").exists()


# --- Notes --------------------------------------------------------------------------------
def test_a_note_is_kept_in_order_with_its_author(
    file_case: Any, officer: Any, other_officer: Any, now: datetime
) -> None:
    case = file_case()
    casework.note(case, "電話で確認。", by=ledger.staff(officer), at=now)
    casework.note(case, "倉庫に照会。", by=ledger.staff(other_officer), at=now)
    assert [(note.body, note.author) for note in case.notes.all()] == [
        ("倉庫に照会。", other_officer),
        ("電話で確認。", officer),
    ]
    assert list(case.events.values_list("act", flat=True)) == ["file", "note", "note"]
    assert "電話" not in str(list(case.events.values_list("facts", flat=True)))


@pytest.mark.parametrize("by", [ledger.REQUESTER, ledger.SYSTEM])
def test_only_the_desk_writes_notes(file_case: Any, now: datetime, by: ledger.Actor) -> None:
    case = file_case()
    with pytest.raises(NotAllowed):
        casework.note(case, "x", by=by, at=now)
    assert not case.notes.exists()


# --- The method ---------------------------------------------------------------------------
def test_the_method_can_be_changed_and_the_change_is_written_down(
    file_case: Any, now: datetime
) -> None:
    case = file_case()
    casework.change_method(case, "paper", "counter", by=ledger.REQUESTER, at=now)
    after = fresh(case)
    assert (after.method, after.delivery) == ("paper", "counter")
    assert case.events.last().facts == {
        "from": ["electronic_record", "portal_download"],
        "to": ["paper", "counter"],
    }


def test_choosing_the_same_method_writes_nothing(file_case: Any, now: datetime) -> None:
    case = file_case()
    casework.change_method(
        case, "electronic_record", "portal_download", by=ledger.REQUESTER, at=now
    )
    assert case.events.count() == 1


@pytest.mark.parametrize(
    ("kind", "method", "delivery"),
    [
        ("disclosure", "fax", "counter"),
        ("disclosure", "paper", "portal_download"),
        ("disclosure", "", ""),
        ("correction", "paper", "counter"),
    ],
)
def test_only_methods_of_the_law_are_taken(
    file_case: Any, now: datetime, kind: str, method: str, delivery: str
) -> None:
    case = file_case(kind)
    with pytest.raises(NotAllowed):
        casework.change_method(case, method, delivery, by=ledger.REQUESTER, at=now)
    assert case.events.count() == 1


@pytest.mark.parametrize("status", ["decided", "closed"])
def test_after_the_decision_the_method_stays(
    file_case: Any, advance: Any, now: datetime, status: str
) -> None:
    case = file_case()
    shown = fresh(case)
    advance(case, status)
    for copy in (case, shown):
        with pytest.raises(NotAllowed):
            casework.change_method(copy, "paper", "counter", by=ledger.REQUESTER, at=now)
    assert fresh(case).method == "electronic_record"
    assert not case.events.filter(act="change_method").exists()
