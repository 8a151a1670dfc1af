"""Deciding at the desk: only what the law knows, and a preview before it is final."""

from __future__ import annotations

from typing import Any

import pytest

from dsar import ledger, materials
from dsar.models import Case, Decision
from tests.dsar.admin.desk import act_of, messages_of, tags_of, text_of
from tests.factories import refusal

pytestmark = pytest.mark.django_db

PARTIAL = {
    "outcome": "partial",
    "code": "U2_excess",
    "withheld": "退会前の取引の記録",
    "reason": "会計上の保存が必要なためです。",
    "answer": "配信用の登録は消去しました。",
}

_REFUSAL = {"outcome": "refused", "code": "D1_harm", "reason": "第三者の記録を含むためです。"}


def _fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def _decide(browser: Any, case: Case, act: str = "decide", **given: Any) -> Any:
    posted = {"seen": _fresh(case).version, **given}
    return browser.post(act_of(case, act), posted, follow=True)


def _offered(page: Any, name: str) -> set[str]:
    return {attrs["value"] for _tag, attrs in tags_of(page).tags if attrs.get("name") == name}


def test_only_outcomes_and_grounds_of_the_kind_are_offered(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case("erasure_35_5"), "in_progress")
    page = desk.get(act_of(case, "decide"))
    assert _offered(page, "outcome") == {"granted", "partial", "refused"}
    assert _offered(page, "code") == {"", "U1_unfounded", "U2_excess", "U3_alternative"}
    text = text_of(page)
    assert "APPI Art. 35(2) and (6) – for a part only" in text
    assert "Goes to a second person for approval." in text


def test_no_data_is_offered_where_the_law_knows_it(desk: Any, file_case: Any, advance: Any) -> None:
    page = desk.get(act_of(advance(file_case(), "in_progress"), "decide"))
    assert "no_data" in _offered(page, "outcome")
    assert "D5_no_data" not in _offered(page, "code")
    assert 'name="alternative_measure"' not in page.content.decode()


def test_a_grant_in_another_way_than_asked_is_offered_and_told_with_its_article(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    assert "granted, in another way than was asked" in text_of(desk.get(act_of(case, "decide")))
    given = {"outcome": "granted", "code": "D6_method"}
    assert "Explain the reasons" in text_of(_decide(desk, case, **given))
    preview = _decide(desk, case, **given, reason="The tapes cannot be copied.")
    assert case.rules.refusals["D6_method"].article_label.ja in text_of(preview)


def test_a_complaint_is_only_answered(desk: Any, file_case: Any, advance: Any) -> None:
    case = advance(file_case("complaint"), "in_progress")
    page = desk.get(act_of(case, "decide"))
    assert _offered(page, "outcome") == {"answered"}
    assert 'name="code"' not in page.content.decode()
    empty = _decide(desk, case, outcome="answered")
    assert "Write the answer to the complaint." in text_of(empty)
    _decide(desk, case, outcome="answered", answer="止めました。", step="confirm")
    assert _fresh(case).outcome == "answered"


def test_every_kind_can_be_decided_from_its_form(
    desk: Any, file_case: Any, advance: Any, law_kind: tuple[str, str]
) -> None:
    regime, kind = law_kind
    case = advance(file_case(kind, regime), "in_progress")
    outcome = "answered" if "complaint" in case.rule.questions else "granted"
    _decide(desk, case, outcome=outcome, answer="ご請求のとおりにいたします。", step="confirm")
    assert Decision.objects.get(case=case).outcome == outcome
    assert _fresh(case).outcome == ("" if case.rule.effect == "erase" else outcome)


def test_nothing_is_decided_before_the_preview_is_confirmed(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case("erasure_35_5"), "in_progress")
    preview = _decide(desk, case, **PARTIAL)
    text = text_of(preview)
    assert "Nothing is decided yet." in text
    for words in (PARTIAL["withheld"], PARTIAL["reason"], PARTIAL["answer"]):
        assert words in text
    assert not Decision.objects.filter(case=case).exists()
    assert _fresh(case).status == "in_progress"
    kept = {
        attrs["name"]: attrs.get("value", "")
        for _tag, attrs in tags_of(preview).tags
        if attrs.get("type") == "hidden" and attrs.get("name") != "csrfmiddlewaretoken"
    }
    confirmed = desk.post(act_of(case, "decide"), {**kept, "step": "confirm"}, follow=True)
    assert messages_of(confirmed) == ["The decision waits for approval by a second person."]
    row = Decision.objects.get(case=case)
    assert (row.state, row.outcome, row.code) == ("proposed", "partial", "U2_excess")
    assert (row.withheld, row.answer) == (PARTIAL["withheld"], PARTIAL["answer"])


def test_the_preview_is_in_the_persons_language_whatever_the_officers(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case("erasure_35_5", language="ja"), "in_progress")
    text = text_of(_decide(desk, case, **PARTIAL))
    assert "権利利益の保護を理由とする消去の請求" in text
    assert "個人情報保護法第35条第2項・第6項" in text
    english = advance(file_case("erasure_35_5", language="en"), "in_progress")
    assert "APPI Art. 35(2) and (6)" in text_of(_decide(desk, english, **PARTIAL))


def test_from_the_preview_one_can_go_back_and_change(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case("erasure_35_5"), "in_progress")
    page = _decide(desk, case, **PARTIAL, step="edit")
    assert PARTIAL["reason"] in text_of(page)
    checked = {attrs["value"] for _tag, attrs in tags_of(page).tags if "checked" in attrs}
    assert checked == {"partial", "U2_excess"}
    assert "There is a problem" not in text_of(page)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**PARTIAL, "code": ""}, "code"),
        ({**PARTIAL, "outcome": "refused"}, "code"),
        ({**PARTIAL, "withheld": " "}, "withheld"),
        ({**PARTIAL, "reason": ""}, "reason"),
        ({**PARTIAL, "code": "U3_alternative"}, "alternative_measure"),
        ({**PARTIAL, "code": "D1_harm"}, "code"),
        ({**PARTIAL, "outcome": "no_data"}, "outcome"),
    ],
)
def test_what_the_law_does_not_allow_is_refused_at_its_field(
    desk: Any, file_case: Any, advance: Any, given: dict[str, str], field: str
) -> None:
    case = advance(file_case("erasure_35_5"), "in_progress")
    page = _decide(desk, case, **given, step="confirm")
    assert list(page.context["form"].errors) == [field]
    assert not Decision.objects.filter(case=case).exists()


def test_an_alternative_measure_makes_the_ground_lawful(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case("erasure_35_5"), "in_progress")
    _decide(
        desk,
        case,
        **{**PARTIAL, "code": "U3_alternative"},
        step="confirm",
        alternative_measure="検索できないようにしました。",
    )
    assert Decision.objects.get(case=case).alternative_measure == "検索できないようにしました。"


def test_a_grant_is_final_at_once(desk: Any, file_case: Any, advance: Any) -> None:
    case = advance(file_case(), "in_progress")
    done = _decide(desk, case, outcome="granted", step="confirm")
    assert messages_of(done) == ["The decision was made, and the person is told."]
    assert _fresh(case).status == "decided"


def test_without_four_eyes_a_refusal_is_final_at_once(
    desk: Any, file_case: Any, advance: Any, settings: Any
) -> None:
    settings.FOUR_EYES = False
    case = advance(file_case("erasure_35_5"), "in_progress")
    _decide(desk, case, **PARTIAL, step="confirm")
    assert _fresh(case).status == "decided"


def test_a_request_that_is_not_effective_ends_without_decision(desk: Any, file_case: Any) -> None:
    case = file_case()
    page = desk.get(act_of(case, "end_without_decision"))
    assert _offered(page, "code") == set(case.rule.thresholds)
    assert "This is not a refusal and is counted apart." in text_of(page)
    given = {"code": "T3_identity", "reason": "ご本人であることを確認できませんでした。"}
    assert "Nothing is decided yet." in text_of(
        _decide(desk, case, "end_without_decision", **given)
    )
    _decide(desk, case, "end_without_decision", **given, step="confirm")
    case = _fresh(case)
    assert (case.status, case.outcome, case.outcome_code) == (
        "decided",
        "not_accepted",
        "T3_identity",
    )


def test_the_approver_reads_the_decision_and_approves_it(
    signed_in: Any, approver: Any, file_case: Any, advance: Any
) -> None:
    case, browser = advance(file_case(), "in_approval"), signed_in(approver)
    page = text_of(browser.get(act_of(case, "approve")))
    assert "Decided by 窓口 一郎" in page
    assert refusal(case).reason in page
    _decide(browser, case, "approve")
    row = Decision.objects.get(case=case)
    assert (row.state, row.approved_by) == ("final", approver)
    assert _fresh(case).status == "decided"


def test_the_approver_sends_the_decision_back_with_a_reason(
    signed_in: Any, approver: Any, file_case: Any, advance: Any
) -> None:
    case, browser = advance(file_case(), "in_approval"), signed_in(approver)
    assert "Enter “What should be changed”." in text_of(_decide(browser, case, "send_back"))
    _decide(browser, case, "send_back", reason="根拠をもう一度確かめてください。")
    assert Decision.objects.get(case=case).state == "sent_back"
    assert _fresh(case).status == "in_progress"
    assert ledger.verify(_fresh(case)) > 0


def test_what_was_sent_back_is_there_to_be_changed_with_what_was_wanted(
    desk: Any, signed_in: Any, approver: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    _decide(desk, case, **_REFUSAL, step="confirm")
    assert "What should be changed" not in text_of(desk.get(act_of(case, "decide")))
    browser = signed_in(approver)
    browser.post(
        act_of(case, "send_back"), {"seen": _fresh(case).version, "reason": "もっと具体的に。"}
    )
    page = desk.get(act_of(case, "decide"))
    assert "What should be changed もっと具体的に。" in text_of(page)
    form = page.context["form"]
    assert {name: form[name].value() for name in _REFUSAL} == _REFUSAL


def test_a_part_that_is_not_granted_is_refused_with_a_refusal_of_the_whole(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    page = _decide(desk, case, **_REFUSAL, withheld="一部", step="confirm")
    assert "Leave this empty unless the request is granted in part." in text_of(page)
    assert _fresh(case).status == "in_progress"


# --- Item by item -------------------------------------------------------------------------
@pytest.fixture
def two_things(file_case: Any, advance: Any) -> Case:
    scope = {"scope": {"services": [], "items": "注文の履歴\n通話の録音"}}
    made: Case = advance(file_case(answers=scope), "in_progress")
    return made


def _each(case: Case, *given: dict[str, str]) -> dict[str, str]:
    fields = {"each": "1"}
    for item, said in zip(case.items.all(), given, strict=True):
        fields |= {f"{item.pk}_{name}": value for name, value in said.items()}
    return fields


_PART = {
    "outcome": "partial",
    "code": "D1_harm",
    "withheld": "他の方の声",
    "reason": "第三者です。",
}


def test_several_items_are_decided_alike_unless_one_asks(desk: Any, two_things: Case) -> None:
    page = desk.get(act_of(two_things, "decide"))
    text = text_of(page)
    assert "Decided alike 注文の履歴 通話の録音" in text
    assert "Decide item by item" in text
    _decide(desk, two_things, outcome="granted", step="confirm")
    rows = Decision.objects.get(case=two_things).items.all()
    assert [(row.title, row.outcome) for row in rows] == [
        ("注文の履歴", "granted"),
        ("通話の録音", "granted"),
    ]


def test_a_single_item_is_not_asked_about_apart(desk: Any, file_case: Any, advance: Any) -> None:
    case = advance(file_case(), "in_progress")
    assert "Decide item by item" not in text_of(desk.get(act_of(case, "decide")))
    _decide(desk, case, each="1", outcome="granted", step="confirm")
    assert _fresh(case).outcome == "granted"


def test_going_to_each_item_keeps_what_was_written_for_all(desk: Any, two_things: Case) -> None:
    page = _decide(desk, two_things, **_REFUSAL, answer="補足です。", step="each")
    form = page.context["form"]
    for item in two_things.items.all():
        assert {name: form[f"{item.pk}_{name}"].value() for name in _REFUSAL} == _REFUSAL
    assert form["answer"].value() == "補足です。"
    assert not form.errors
    back = _decide(desk, two_things, **_each(two_things, _PART, {}), step="alike")
    assert "Decide item by item" in text_of(back)


def test_each_item_gets_its_own_outcome_after_a_preview(desk: Any, two_things: Case) -> None:
    given = _each(two_things, {"outcome": "granted", "withheld": "残った文"}, _PART)
    preview = _decide(desk, two_things, **given, answer="同封します。")
    text = text_of(preview)
    assert "Nothing is decided yet." in text
    for words in (
        "注文の履歴",
        "他の方の声",
        "第三者です。",
        "個人情報保護法第33条第2項第1号",
        "同封します。",
    ):
        assert words in text
    kept = {
        attrs["name"]: attrs.get("value", "")
        for _tag, attrs in tags_of(preview).tags
        if attrs.get("type") == "hidden" and attrs.get("name") != "csrfmiddlewaretoken"
    }
    desk.post(act_of(two_things, "decide"), {**kept, "step": "confirm"})
    row = Decision.objects.get(case=two_things)
    assert (row.outcome, row.code, row.state) == ("partial", "D1_harm", "proposed")
    first, second = row.items.all()
    assert (first.outcome, first.withheld, first.code) == ("granted", "", "")
    assert (second.outcome, second.withheld) == ("partial", "他の方の声")


def test_a_fault_stands_at_the_field_of_its_item_and_nothing_is_lost(
    desk: Any, two_things: Case
) -> None:
    no_ground = {"outcome": "refused", "reason": "長い理由"}
    given = _each(two_things, no_ground, {**_PART, "withheld": ""})
    page = _decide(desk, two_things, **given, step="confirm")
    first, second = two_things.items.all()
    assert set(page.context["form"].errors) == {f"{first.pk}_code", f"{second.pk}_withheld"}
    assert "長い理由" in text_of(page)
    empty = _decide(desk, two_things, **_each(two_things, {}, {}), step="confirm")
    assert f"{first.pk}_outcome" in empty.context["form"].errors
    assert not Decision.objects.exists()


def test_what_was_sent_back_comes_back_item_by_item(
    desk: Any, signed_in: Any, approver: Any, two_things: Case
) -> None:
    _decide(desk, two_things, **_each(two_things, {"outcome": "granted"}, _PART), step="confirm")
    page = text_of(signed_in(approver).get(act_of(two_things, "approve")))
    assert "注文の履歴" in page
    assert "他の方の声" in page
    _decide(signed_in(approver), two_things, "send_back", reason="根拠を。")
    form = desk.get(act_of(two_things, "decide")).context["form"]
    second = two_things.items.all()[1]
    assert form.is_by_item
    assert form[f"{second.pk}_withheld"].value() == "他の方の声"


def test_material_that_is_not_ready_is_said_where_one_decides(
    desk: Any, two_things: Case, now: Any
) -> None:
    materials.add_table(two_things, "会員台帳", ["n"], [{"n": 1}], at=now)
    page = _decide(desk, two_things, outcome="granted", step="confirm")
    assert "First decide whether the person gets: 会員台帳." in text_of(page)
    each = _each(two_things, {"outcome": "granted"}, {"outcome": "granted"})
    assert "会員台帳" in text_of(_decide(desk, two_things, **each, step="confirm"))
    assert not Decision.objects.exists()


# --- What is asked for --------------------------------------------------------------------
def test_the_officer_puts_the_items_in_order_on_one_page(desk: Any, two_things: Case) -> None:
    first, second = two_things.items.all()
    page = desk.get(act_of(two_things, "items"))
    assert page.context["form"][f"{first.pk}_title"].value() == "注文の履歴"
    posted = {
        "seen": two_things.version,
        f"{first.pk}_title": "注文の履歴\n返品の履歴",
        f"{second.pk}_title": "通話の録音",
        f"{second.pk}_into": str(first.pk),
        "added": "応対の記録",
    }
    done = desk.post(act_of(two_things, "items"), posted, follow=True)
    assert messages_of(done) == ["The items were saved."]
    assert [row.title for row in two_things.items.all()] == [
        "注文の履歴",
        "返品の履歴",
        "応対の記録",
    ]
    assert "Item 1 was split into 2." in text_of(done)
    assert "Item 2 became a part of item 1." in text_of(done)


def test_an_item_without_words_is_asked_about_at_its_field(desk: Any, two_things: Case) -> None:
    first, second = two_things.items.all()
    posted = {"seen": two_things.version, f"{first.pk}_title": " ", f"{second.pk}_title": "通話"}
    page = desk.post(act_of(two_things, "items"), posted)
    assert list(page.context["form"].errors) == [f"{first.pk}_title"]
    gone = {**posted, f"{first.pk}_remove": "on", f"{second.pk}_remove": "on"}
    page = desk.post(act_of(two_things, "items"), gone)
    assert "At least one item has to be left." in text_of(page)
    assert two_things.items.count() == 2


def test_items_of_a_complaint_or_a_decided_case_are_not_changed(
    desk: Any, file_case: Any, advance: Any
) -> None:
    complaint = advance(file_case("complaint"), "in_progress")
    assert desk.get(act_of(complaint, "items")).status_code == 409
    decided = advance(file_case(), "decided")
    assert desk.get(act_of(decided, "items")).status_code == 409
