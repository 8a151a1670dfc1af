"""Each thing that is asked for gets its own decision; who approves is the controller's policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from dsar import decision, items, ledger, lifecycle, materials
from dsar.decision import Draft, Incomplete, ItemDraft, by_item
from dsar.models import Case, Decision, Material

pytestmark = pytest.mark.django_db

PARTLY = {
    "outcome": "partial",
    "code": "D1_harm",
    "withheld": "第三者の氏名",
    "reason": "他の方の情報です。",
}
REFUSED = {"outcome": "refused", "code": "D2_operations", "reason": "審査に支障があります。"}


@pytest.fixture
def case(file_case: Any, advance: Any, media: Path) -> Case:
    """A disclosure of two things, under examination."""
    scope = {"scope": {"services": [], "items": "注文の履歴\n通話の録音"}}
    made: Case = advance(file_case(answers=scope), "in_progress")
    return made


def drafts(case: Case, *given: dict[str, str]) -> list[ItemDraft]:
    rows = case.items.all()
    return [ItemDraft(row.pk, **said) for row, said in zip(rows, given, strict=True)]


GRANTED, NOT_HELD = {"outcome": "granted"}, {"outcome": "no_data"}


@pytest.mark.parametrize(
    ("given", "outcome", "code"),
    [
        ((GRANTED, GRANTED), "granted", ""),
        ((REFUSED, REFUSED), "refused", "D2_operations"),
        ((NOT_HELD, NOT_HELD), "no_data", "D5_no_data"),
        ((GRANTED, NOT_HELD), "partial", "D5_no_data"),
        ((GRANTED, REFUSED), "partial", "D2_operations"),
        ((PARTLY, GRANTED), "partial", "D1_harm"),
        ((NOT_HELD, REFUSED), "partial", "D5_no_data"),
    ],
)
def test_what_comes_of_the_case_follows_from_its_items(
    case: Case,
    officer: Any,
    approver: Any,
    now: datetime,
    given: tuple[dict[str, str], ...],
    outcome: str,
    code: str,
) -> None:
    draft = by_item(drafts(case, *given), answer="ご確認ください。")
    decision.record(case, draft, by=ledger.staff(officer), at=now)
    if outcome != "granted":
        assert case.status == "in_approval"
        decision.approve(case, by=ledger.staff(approver), at=now)
    assert (case.status, case.outcome, case.outcome_code) == ("decided", outcome, code)
    row = decision.final(case)
    assert row is not None
    assert [item.outcome for item in row.items.all()] == [said["outcome"] for said in given]
    assert [item.title for item in row.items.all()] == ["注文の履歴", "通話の録音"]


def test_the_decision_names_each_item_in_its_own_words_too(
    case: Case, officer: Any, now: datetime
) -> None:
    decision.record(case, by_item(drafts(case, PARTLY, REFUSED)), by=ledger.staff(officer), at=now)
    row = case.decisions.get()
    assert row.reason == "注文の履歴: 他の方の情報です。\n通話の録音: 審査に支障があります。"
    assert row.withheld == "注文の履歴: 第三者の氏名"
    first, second = row.items.all()
    assert (first.withheld, first.reason, first.code) == (
        "第三者の氏名",
        "他の方の情報です。",
        "D1_harm",
    )
    assert (second.withheld, second.code) == ("", "D2_operations")
    assert case.events.last().facts["items_partial"] == 1  # type: ignore[union-attr]


def test_one_decision_for_all_is_written_down_for_each(
    case: Case, officer: Any, now: datetime
) -> None:
    draft = Draft("refused", "D1_harm", reason="理由の説明です。")
    decision.record(case, draft, by=ledger.staff(officer), at=now)
    found = case.decisions.get().items.all()
    assert {(item.outcome, item.code, item.reason) for item in found} == {
        ("refused", "D1_harm", "理由の説明です。")
    }
    assert len(found) == 2


def test_the_words_of_an_item_rest_sealed(case: Case, officer: Any, now: datetime) -> None:
    decision.record(case, by_item(drafts(case, PARTLY, REFUSED)), by=ledger.staff(officer), at=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, reason, withheld FROM dsar_itemdecision")
        stored = b"".join(bytes(value) for line in cursor.fetchall() for value in line)
    for words in ("注文の履歴", "他の方の情報です。", "第三者の氏名"):
        assert words.encode() not in stored


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({**PARTLY, "withheld": ""}, "withheld"),
        ({**PARTLY, "reason": " "}, "reason"),
        ({**PARTLY, "code": "U1_unfounded"}, "code"),
        ({**REFUSED, "code": "D5_no_data"}, "code"),
        ({"outcome": "answered"}, "outcome"),
        ({"outcome": "not_accepted", "code": "T3_identity", "reason": "理由"}, "outcome"),
        ({"outcome": ""}, "outcome"),
    ],
)
def test_faults_are_named_by_their_item(case: Case, said: dict[str, str], field: str) -> None:
    second = case.items.all()[1]
    with pytest.raises(Incomplete) as incomplete:
        decision.check(case, by_item(drafts(case, GRANTED, said)))
    assert set(incomplete.value.faults) == {f"{second.pk}_{field}"}


def test_only_a_part_and_alternative_measure_hold_for_items(file_case: Any, advance: Any) -> None:
    case = advance(file_case("erasure"), "in_progress")
    said = {"code": "U2_excess", "reason": "理由", "outcome": "refused"}
    with pytest.raises(Incomplete):
        decision.check(case, by_item(drafts(case, said)))
    measure = {**said, "code": "U3_alternative"}
    with pytest.raises(Incomplete):
        decision.check(case, by_item(drafts(case, measure)))
    decision.check(case, by_item(drafts(case, {**measure, "alternative_measure": "閲覧停止"})))


def test_every_item_is_decided_on_and_no_other(case: Case, officer: Any, now: datetime) -> None:
    all_items = drafts(case, GRANTED, GRANTED)
    stranger = replace(all_items[1], item=999_999)
    for given in (all_items[:1], [all_items[0], stranger], [*all_items, stranger]):
        with pytest.raises(Incomplete):
            decision.record(case, by_item(given), by=ledger.staff(officer), at=now)
    assert not Decision.objects.exists()


def test_a_decision_keeps_the_titles_it_was_made_under(
    case: Case, officer: Any, approver: Any, now: datetime
) -> None:
    desk, second = ledger.staff(officer), ledger.staff(approver)
    decision.record(case, by_item(drafts(case, PARTLY, REFUSED)), by=desk, at=now)
    decision.send_back(case, "分けてください。", by=second, at=now)
    first, last = case.items.all()
    items.change(
        case, [items.Change(first.pk, ("注文",)), items.Change(last.pk, ())], [], by=desk, at=now
    )
    assert [row.title for row in case.decisions.get().items.all()] == ["注文の履歴", "通話の録音"]


# --- Who approves -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("policy", "setting", "kind", "outcome", "expected"),
    [
        (None, True, "disclosure", "refused", True),
        (None, True, "disclosure", "granted", False),
        (None, True, "erasure", "granted", True),
        (None, True, "correction", "granted", False),
        (None, False, "erasure", "granted", False),
        (None, False, "disclosure", "no_data", False),
        (["refusal"], False, "disclosure", "partial", True),
        (["refusal"], True, "erasure", "granted", False),
        (["erasure"], True, "disclosure", "refused", False),
        (["erasure"], True, "erasure", "partial", True),
        (["change"], True, "correction", "granted", True),
        (["change"], True, "erasure", "granted", False),
        ([], True, "disclosure", "refused", False),
    ],
)
def test_the_controller_says_what_a_second_person_approves(
    file_case: Any,
    controller: Any,
    settings: Any,
    policy: list[str] | None,
    setting: bool,
    kind: str,
    outcome: str,
    expected: bool,
) -> None:
    settings.FOUR_EYES = setting
    controller.four_eyes = policy
    controller.save()
    case = Case.objects.get(pk=file_case(kind).pk)
    assert decision.needs_approval(case, Draft(outcome)) == expected


@pytest.mark.parametrize(
    ("policy", "setting", "expected"),
    [(None, True, True), (None, False, False), (["sending"], False, True), ([], True, False)],
)
def test_sending_is_approved_where_the_policy_asks(
    file_case: Any, controller: Any, settings: Any, policy: Any, setting: bool, expected: bool
) -> None:
    settings.FOUR_EYES = setting
    controller.four_eyes = policy
    controller.save()
    assert decision.sending_needs_approval(Case.objects.get(pk=file_case().pk)) == expected


# --- Nothing is given that was not looked at ----------------------------------------------
def _refused_for(case: Case, officer: Any, now: datetime, draft: Draft | None = None) -> str:
    with pytest.raises(Incomplete) as incomplete:
        decision.record(case, draft or Draft("granted"), by=ledger.staff(officer), at=now)
    assert not Decision.objects.exists()
    return str(incomplete.value)


def test_material_nobody_looked_at_keeps_a_disclosure_from_being_granted(
    case: Case, officer: Any, now: datetime
) -> None:
    table = materials.add_table(case, "会員台帳", ["n"], [{"n": 1}], at=now)
    assert "会員台帳" in _refused_for(case, officer, now)
    assert "会員台帳" in _refused_for(case, officer, now, by_item(drafts(case, PARTLY, REFUSED)))
    Material.objects.filter(pk=table.pk).update(state="included")
    assert "会員台帳" in _refused_for(case, officer, now)
    Material.objects.filter(pk=table.pk).update(state="left_out")
    decision.record(case, Draft("granted"), by=ledger.staff(officer), at=now)
    assert case.status == "decided"


def test_a_refusal_does_not_wait_for_material(case: Case, officer: Any, now: datetime) -> None:
    materials.add_table(case, "会員台帳", ["n"], [{"n": 1}], at=now)
    draft = Draft("refused", "D1_harm", reason="理由")
    decision.record(case, draft, by=ledger.staff(officer), at=now)
    assert case.status == "in_approval"


def test_material_that_comes_while_a_decision_waits_is_looked_at_first(
    case: Case, officer: Any, approver: Any, now: datetime
) -> None:
    draft = by_item(drafts(case, PARTLY, GRANTED))
    decision.record(case, draft, by=ledger.staff(officer), at=now)
    materials.add_table(case, "後から届いた表", ["n"], [{"n": 1}], at=now)
    with pytest.raises(lifecycle.NotAllowed, match="後から届いた表"):
        decision.approve(case, by=ledger.staff(approver), at=now)
    assert case.decisions.get().state == "proposed"


def test_kinds_that_give_no_data_out_do_not_wait_for_material(
    file_case: Any, advance: Any, officer: Any, now: datetime, media: Path
) -> None:
    case = advance(file_case("correction"), "in_progress")
    materials.add_table(case, "会員台帳", ["n"], [{"n": 1}], at=now)
    decision.record(case, Draft("granted"), by=ledger.staff(officer), at=now)
    assert case.status == "decided"
