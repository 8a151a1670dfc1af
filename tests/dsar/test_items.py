"""What is asked for is read out of the request, and put right by the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dsar import decision, items, ledger, lifecycle, materials
from dsar.items import Change
from dsar.models import Case
from tests.factories import do, refusal

pytestmark = pytest.mark.django_db


def titles(case: Case) -> list[str]:
    return [row.title for row in case.items.all()]


# --- Read out of the request --------------------------------------------------------------
def test_every_kind_has_an_item_from_the_start(law_kind: tuple[str, str], file_case: Any) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    assert [row.position for row in case.items.all()] == [1]
    assert titles(case)[0]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            {
                "scope": {
                    "services": ["会員"],
                    "items": "・注文の履歴\n 2. 通話の録音\n\n2025年分の明細",
                }
            },
            ["注文の履歴", "通話の録音", "2025年分の明細"],
        ),
        ({"scope": {"services": ["会員", "店舗"], "items": ""}}, ["会員のデータ", "店舗のデータ"]),
        (
            {
                "scope": {"items": "住所"},
                "correction": {"wrong": "4-5-5\n見本 花", "right": "4-5-6\n見本 花子"},
            },
            ["「4-5-5」→「4-5-6」", "「見本 花」→「見本 花子」"],
        ),
        (
            {"correction": {"wrong": "4-5-5\n見本 花", "right": "4-5-6"}},
            ["「4-5-5 / 見本 花」→「4-5-6」"],
        ),
        ({"addition": {"missing": "解約\n再入会"}}, ["解約", "再入会"]),
        ({"deletion": {"untrue": "講座の記録"}}, ["講座の記録"]),
        ({"recipients": {"recipients": "見本広告社"}}, ["見本広告社への提供"]),
        ({"scope": {"services": [], "items": " \n"}}, ["開示の請求"]),
        ({}, ["開示の請求"]),
    ],
)
def test_the_most_exact_answer_names_the_items(
    answers: dict[str, Any], expected: list[str]
) -> None:
    assert items.asked_for("開示の請求", answers, "ja") == expected


def test_titles_are_in_the_language_of_the_person() -> None:
    named = items.asked_for("Access", {"scope": {"services": ["Membership"]}}, "en")
    assert named == ["Data of Membership"]


def test_an_endless_list_stays_within_what_can_be_decided() -> None:
    many = "\n".join(f"項目{n:03}" for n in range(200))
    found = items.asked_for("開示", {"scope": {"items": many}}, "ja")
    assert len(found) == items.MOST
    assert found[-1].endswith("項目199")


# --- Put right by the desk ----------------------------------------------------------------
@pytest.fixture
def case(file_case: Any) -> Case:
    made: Case = file_case(answers={"scope": {"services": [], "items": "一\n二\n三"}})
    return made


def test_renaming_splitting_removing_and_adding_keep_the_order(
    case: Case, officer: Any, now: datetime
) -> None:
    one, two, three = case.items.all()
    changes = [Change(one.pk, ("壱",)), Change(two.pk, ("二の一", "二の二")), Change(three.pk, ())]
    done = items.change(case, changes, ["四"], by=ledger.staff(officer), at=now)
    assert done == 4
    assert titles(case) == ["壱", "二の一", "二の二", "四"]
    assert [row.position for row in case.items.all()] == [1, 2, 3, 4]
    assert case.items.first() == one
    acts = list(case.events.values_list("act", flat=True))
    assert acts == ["file", "rename_item", "split_item", "remove_item", "add_item"]
    assert case.events.get(act="rename_item").texts() == {"before": "一", "after": "壱"}
    assert ledger.verify(Case.objects.get(pk=case.pk)) == 5


def test_merging_takes_the_material_along(
    case: Case, officer: Any, now: datetime, media: Any
) -> None:
    one, two, _three = case.items.all()
    table = materials.add_table(case, "表", ["n"], [{"n": 1}], at=now, item=two)
    items.change(case, [Change(two.pk, (two.title,), one.pk)], [], by=ledger.staff(officer), at=now)
    assert titles(case) == ["一", "三"]
    table.refresh_from_db()
    assert table.item == one


def test_nothing_changes_and_nothing_is_logged_without_a_change(
    case: Case, officer: Any, now: datetime
) -> None:
    before, one = case.version, case.items.all()[0]
    assert items.change(case, [Change(one.pk, ("一",))], [], by=ledger.staff(officer), at=now) == 0
    assert (case.version, case.events.count()) == (before, 1)


@pytest.mark.parametrize("what", ["all", "into_removed", "into_itself", "too_many"])
def test_what_cannot_be_is_refused_whole(
    case: Case, officer: Any, now: datetime, what: str
) -> None:
    one, two, three = case.items.all()
    changes = {
        "all": [Change(row.pk, ()) for row in (one, two, three)],
        "into_removed": [Change(one.pk, ()), Change(two.pk, ("二",), one.pk)],
        "into_itself": [Change(two.pk, ("二",), two.pk)],
        "too_many": [Change(one.pk, tuple(str(n) for n in range(items.MOST + 1)))],
    }[what]
    with pytest.raises(lifecycle.NotAllowed):
        items.change(case, changes, [], by=ledger.staff(officer), at=now)
    assert titles(case) == ["一", "二", "三"]


def test_the_second_of_two_officers_is_told(
    case: Case, officer: Any, other_officer: Any, now: datetime
) -> None:
    seen, one = case.version, case.items.all()[0]
    items.change(
        case, [Change(one.pk, ("壱",))], [], by=ledger.staff(other_officer), at=now, seen=seen
    )
    copy = Case.objects.get(pk=case.pk)
    with pytest.raises(lifecycle.Conflict, match="窓口 二葉"):
        items.change(
            copy, [Change(one.pk, ("ひとつ",))], [], by=ledger.staff(officer), at=now, seen=seen
        )
    with pytest.raises(lifecycle.Conflict):  # nor may a page from before it decide
        do(copy, "accept", by=ledger.staff(officer), at=now, seen=seen)


@pytest.mark.parametrize("status", ["in_approval", "decided", "closed"])
def test_items_stand_still_once_they_are_decided_on(
    case: Case, advance: Any, officer: Any, now: datetime, status: str
) -> None:
    if status == "in_approval":
        advance(case, "in_progress")
        decision.record(case, refusal(case), by=ledger.staff(officer), at=now)
    else:
        advance(case, status)
    with pytest.raises(lifecycle.NotAllowed):
        items.change(case, [], ["四"], by=ledger.staff(officer), at=now)
