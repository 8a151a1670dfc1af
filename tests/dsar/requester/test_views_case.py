"""What the returning person reads on the page of the case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dsar import casework, correspondence, decision, ledger, lifecycle
from dsar.models import Case, StaffMember
from tests.dsar.requester.desk import CASE, MESSAGE, ask, begin_examination, decide, pdf, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(filed: Any) -> Case:
    made: Case = filed()
    return made


def test_the_page_says_where_the_case_stands_and_by_when_the_answer_comes(
    filed: Any, opened: Any, time_machine: Any
) -> None:
    received = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    time_machine.move_to(received + timedelta(days=4), tick=False)
    page = opened(filed(at=received)).get("/en" + CASE)
    body = text_of(page)
    assert "We have received your request." in body
    assert "Tuesday 8 December 2026" in body
    assert "10 days left" in body


def test_a_date_we_missed_is_told_with_an_apology(
    filed: Any, opened: Any, time_machine: Any
) -> None:
    received = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    time_machine.move_to(received + timedelta(days=15), tick=False)
    page = opened(filed(at=received)).get("/en" + CASE)
    assert page.context["standing"].is_late
    assert "We are sorry" in text_of(page)


def test_the_clock_is_explained_step_by_step(browser: Client) -> None:
    page = browser.get("/en" + CASE)
    [explained] = page.context["clock"]
    assert explained.sentences[-1].startswith("Due by the end of")
    assert explained.sentences[-1] in text_of(page)


def test_the_question_of_the_desk_stands_on_top_until_it_is_answered(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    ask(case, desk, "住所が分かる書類をお送りください。")
    page = browser.get(CASE)
    body = text_of(page)
    assert page.context["question"].text == "住所が分かる書類をお送りください。"
    assert body.index("住所が分かる書類をお送りください。") < body.index('class="stages"')
    assert "not for the person" not in body
    browser.post(MESSAGE, {"body": "お送りします。", "uploads": [pdf()]})
    assert browser.get(CASE).context["question"].is_answered


def test_reading_marks_the_messages_of_the_desk_as_read(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    message = correspondence.send(case, "お知らせです。", by=desk, at=timezone.now())
    first = browser.get(CASE)
    message.refresh_from_db()
    assert message.read_at is not None
    assert first.context["letters"][0].is_new
    assert not browser.get(CASE).context["letters"][0].is_new


def test_nothing_of_the_inside_of_the_desk_is_shown(
    browser: Client, case: Case, desk: ledger.Actor, officer: StaffMember
) -> None:
    now = timezone.now()
    casework.note(case, "内部のメモ", by=desk, at=now)
    casework.assign(case, officer, by=desk, at=now)
    correspondence.send(case, "お知らせです。", by=desk, at=now)
    body = text_of(browser.get(CASE))
    assert "お知らせです。" in body
    for hidden in ("内部のメモ", officer.shown_name(), officer.username, officer.email):
        assert hidden not in body


def test_little_is_shown_back_of_the_person(filed: Any, opened: Any) -> None:
    case = filed(email="taro@example.jp", address="東京都千代田区1-1")
    body = text_of(opened(case).get(CASE))
    assert "t•••@example.jp" in body
    for hidden in ("taro@example.jp", "見本 太郎", "千代田区1-1"):
        assert hidden not in body


def test_a_refusal_is_told_with_article_ground_reasons_and_where_to_turn(
    browser: Client, case: Case, desk: ledger.Actor, approver: StaffMember
) -> None:
    decide(
        case,
        desk,
        approver,
        outcome="partial",
        code="D1_harm",
        reason="第三者の情報が含まれます。",
        withheld="通話の録音",
        answer="開示分を添付します。",
    )
    page = browser.get(CASE)
    body = text_of(page)
    refusal = case.rules.refusals["D1_harm"]
    for shown in (
        refusal.article_label.ja,
        refusal.text.ja,
        "第三者の情報が含まれます。",
        "通話の録音",
        "開示分を添付します。",
        case.rules.external_bodies[0].name.ja,
    ):
        assert shown in body
    assert page.context["lawsuit"].is_refused


def test_a_proposed_decision_is_not_shown_before_it_is_approved(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    begin_examination(case, desk)
    draft = decision.Draft(outcome="refused", code="D1_harm", reason="まだ言わない理由")
    decision.record(case, draft, by=desk, at=timezone.now())
    page = browser.get(CASE)
    assert page.context["verdict"] is None
    assert "まだ言わない理由" not in text_of(page)


def test_the_way_to_court_is_told_only_where_the_law_has_a_waiting_time(
    filed: Any, opened: Any
) -> None:
    disclosure = opened(filed()).get(CASE).context["lawsuit"]
    purpose = opened(filed(kind="purpose_notice", method="", delivery="")).get(CASE)
    assert disclosure is not None
    assert purpose.context["lawsuit"] is None


def test_the_page_of_a_gdpr_case_speaks_of_its_own_law(filed: Any, opened: Any) -> None:
    case = filed(regime="gdpr", kind="access", method="", delivery="", language="en")
    page = opened(case).get("/en" + CASE)
    assert case.rules.external_bodies[0].name.en in text_of(page)
    assert page.context["lawsuit"] is None


def test_english_pages_carry_no_japanese_of_ours(browser: Client, case: Case) -> None:
    body = text_of(browser.get("/en" + CASE))
    assert '<html lang="en">' in body
    assert case.rule.title.en in body
    assert case.rule.title.ja not in body


def test_what_people_write_is_shown_as_text(browser: Client, case: Case) -> None:
    browser.post(MESSAGE, {"body": "<script>alert(1)</script>\n二行目"})
    body = text_of(browser.get(CASE))
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>二行目" in body


def test_the_number_of_queries_does_not_grow_with_messages_and_events(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as done:
            assert browser.get(CASE).status_code == 200
        return len(done)

    def talk(times: int) -> None:
        now = timezone.now()
        for n in range(times):
            correspondence.send(case, f"お知らせ{n}", by=desk, at=now, uploads=[pdf()])
            correspondence.send(case, f"返事{n}", by=ledger.REQUESTER, at=now, uploads=[pdf()])

    lifecycle.move(case, "extend", by=desk, at=timezone.now(), texts={"reason": "r"})
    talk(2)
    few = queries()
    talk(12)
    assert queries() == few
    assert few <= 20
