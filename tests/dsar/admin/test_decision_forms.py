"""Deciding at the desk: only what the law knows, and a preview before it is final."""

from __future__ import annotations

from typing import Any

import pytest

from dsar import ledger
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
    assert _fresh(case).outcome == outcome


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
