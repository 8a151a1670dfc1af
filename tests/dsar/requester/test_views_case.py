"""What the returning person sees and does on the pages of the case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dsar import casework, correspondence, decision, files, ledger, lifecycle, vault
from dsar.models import Attachment, Case, Event, Message, Notice, Outcome, StaffMember, Status

pytestmark = pytest.mark.django_db

CASE = "/status/request/"
MESSAGE = "/status/request/message/"
METHOD = "/status/request/method/"
WITHDRAW = "/status/request/withdraw/"
PDF = b"%PDF-1.7\n" + b"x" * 64


@pytest.fixture
def case(filed: Any) -> Case:
    made: Case = filed()
    return made


@pytest.fixture
def browser(opened: Any, case: Case) -> Client:
    made: Client = opened(case)
    return made


@pytest.fixture
def desk(officer: StaffMember) -> ledger.Actor:
    return ledger.staff(officer)


def pdf(name: str = "住民票.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def text_of(page: Any) -> str:
    return str(page.content.decode())


def ask(case: Case, desk: ledger.Actor, message: str) -> None:
    """As the desk does it: the question is an act and a message at the same time."""
    at = timezone.now()
    texts = {"reason": "not for the person", "message": message}
    lifecycle.move(case, "ask", by=desk, at=at, texts=texts)
    correspondence.send(case, message, by=desk, at=at, tell=False)


def begin_examination(case: Case, desk: ledger.Actor) -> None:
    now = timezone.now()
    lifecycle.move(case, "accept", by=desk, at=now)
    lifecycle.move(case, "confirm_identity", by=desk, at=now, facts={"check_method": "document"})


def decide(case: Case, desk: ledger.Actor, approver: StaffMember, **draft: Any) -> None:
    begin_examination(case, desk)
    decision.record(case, decision.Draft(**draft), by=desk, at=timezone.now())
    if case.status == Status.IN_APPROVAL:
        decision.approve(case, by=ledger.staff(approver), at=timezone.now())


def close(case: Case, desk: ledger.Actor) -> None:
    now = timezone.now()
    facts = {"notified_by": "portal", "notified_on": now.date()}
    lifecycle.move(case, "close", by=desk, at=now, facts=facts)


# --- Reading ------------------------------------------------------------------------------


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
    browser.post(MESSAGE, {"body": "お送りします。", "files": [pdf()]})
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
        case, desk, approver, outcome="partial", code="D1_harm",
        reason="第三者の情報が含まれます。", withheld="通話の録音", answer="開示分を添付します。",
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
        for n in range(times):
            correspondence.send(case, f"お知らせ{n}", by=desk, at=timezone.now(), uploads=[pdf()])
            correspondence.send(
                case, f"返事{n}", by=ledger.REQUESTER, at=timezone.now(), uploads=[pdf(), pdf()]
            )
            lifecycle.move(case, "extend", by=desk, at=timezone.now(), texts={"reason": "r"}) if (
                n == 0 and not case.extensions.exists()
            ) else None

    talk(2)
    few = queries()
    talk(12)
    assert queries() == few
    assert few <= 15


# --- Writing ------------------------------------------------------------------------------


def test_a_message_with_files_reaches_the_desk(browser: Client, case: Case) -> None:
    sent = browser.post(MESSAGE, {"body": "書類を送ります。", "files": [pdf("住民票.pdf"), pdf()]})
    assert (sent.status_code, sent["Location"]) == (302, CASE)
    message = Message.objects.select_related("case__key").get()
    assert message.direction == Message.Direction.FROM_REQUESTER
    assert message.body == "書類を送ります。"
    assert message.attachments.count() == 2
    case.refresh_from_db()
    assert case.has_news
    assert "住民票.pdf" in text_of(browser.get(CASE))


def test_a_file_may_be_sent_without_a_word(browser: Client) -> None:
    assert browser.post(MESSAGE, {"body": "", "files": [pdf()]}).status_code == 302
    assert Attachment.objects.count() == 1


def test_an_empty_message_is_not_sent(browser: Client) -> None:
    page = browser.post(MESSAGE, {"body": " \n "})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["body"]
    assert not Message.objects.exists()


def test_a_file_of_a_wrong_type_is_refused_and_the_text_stays(browser: Client) -> None:
    wrong = SimpleUploadedFile("表.xlsx", b"PK\x03\x04" + b"x" * 64, "application/pdf")
    page = browser.post(MESSAGE, {"body": "長い文章を書きました。", "files": [wrong]})
    body = text_of(page)
    assert page.status_code == 200
    assert "長い文章を書きました。</textarea>" in body
    assert "表.xlsx" in str(page.context["form"].errors["files"])
    assert "data-error-summary" in body
    assert not Message.objects.exists()
    assert not Attachment.objects.exists()


def test_a_text_that_is_too_long_stays_and_files_are_asked_for_again(browser: Client) -> None:
    long = "あ" * 10_001
    page = browser.post(MESSAGE, {"body": long, "files": [pdf()]})
    assert set(page.context["form"].errors) == {"body", "files"}
    assert long in text_of(page)
    assert not Message.objects.exists()


def test_a_very_long_text_is_sent_and_shown_whole(browser: Client) -> None:
    long = "あ" * 9_999 + "終"
    assert browser.post(MESSAGE, {"body": long}).status_code == 302
    assert long in text_of(browser.get(CASE))


def test_too_many_messages_have_to_wait_and_the_text_stays(browser: Client) -> None:
    for n in range(20):
        assert browser.post(MESSAGE, {"body": f"{n}"}).status_code == 302
    page = browser.post(MESSAGE, {"body": "もう一通"})
    assert page.status_code == 429
    assert "もう一通</textarea>" in text_of(page)
    assert Message.objects.count() == 20


def test_a_message_to_a_case_that_closes_meanwhile_is_not_sent(
    browser: Client, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = files.check

    def closing(upload: Any) -> str:
        # The desk closes the case between the page's first look and the sending.
        Case.objects.filter(pk=case.pk).update(status=Status.CLOSED)
        return check(upload)

    monkeypatch.setattr(files, "check", closing)
    answer = browser.post(MESSAGE, {"body": "間に合うか", "files": [pdf()]})
    assert answer["Location"] == CASE
    assert not Message.objects.exists()


# --- Files --------------------------------------------------------------------------------


def test_a_file_is_handed_out_as_a_download_with_its_japanese_name(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    correspondence.send(case, "開示資料", by=desk, at=timezone.now(), uploads=[pdf("開示 資料.pdf")])
    row = Attachment.objects.get()
    answer = browser.get(f"/status/request/files/{row.pk}/")
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E9%96%8B%E7%A4%BA%20%E8%B3%87%E6%96%99.pdf"
    )
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.filter(case=case, act="view_file", actor_kind="requester").count() == 1


def test_the_file_of_another_case_is_not_found(browser: Client, filed: Any) -> None:
    other = filed()
    correspondence.send(other, "x", by=ledger.REQUESTER, at=timezone.now(), uploads=[pdf()])
    row = Attachment.objects.get(case=other)
    assert browser.get(f"/status/request/files/{row.pk}/").status_code == 404


def test_a_file_that_came_with_the_request_is_shown_and_handed_out(
    filed: Any, opened: Any, noon: datetime
) -> None:
    case = filed(at=noon)
    row = files.store(pdf(), at=noon - timedelta(minutes=5), case=case)
    browser = opened(case)
    assert "住民票.pdf" in text_of(browser.get(CASE))
    assert browser.get(f"/status/request/files/{row.pk}/").status_code == 200


def test_a_file_the_desk_keeps_for_itself_is_neither_shown_nor_handed_out(
    filed: Any, opened: Any, noon: datetime
) -> None:
    case = filed(at=noon)
    row = files.store(pdf("内部.pdf"), at=noon + timedelta(days=1), case=case)
    browser = opened(case)
    assert "内部.pdf" not in text_of(browser.get(CASE))
    assert browser.get(f"/status/request/files/{row.pk}/").status_code == 404


def test_a_file_that_was_altered_on_the_storage_is_not_handed_out(
    browser: Client, case: Case, desk: ledger.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    correspondence.send(case, "x", by=desk, at=timezone.now(), uploads=[pdf()])
    row = Attachment.objects.get()

    def broken(_row: Attachment) -> Any:
        raise vault.Tampered("altered")
        yield b""

    monkeypatch.setattr(files, "read", broken)
    answer = browser.get(f"/status/request/files/{row.pk}/", follow=True)
    assert answer.redirect_chain == [(CASE, 302)]
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]


# --- Changing and withdrawing -------------------------------------------------------------


def test_the_method_can_be_changed_until_the_decision(
    browser: Client, case: Case, desk: ledger.Actor, approver: StaffMember
) -> None:
    assert browser.post(METHOD, {"method": "paper:post_kan-i_kakitome"}).status_code == 302
    case.refresh_from_db()
    assert (case.method, case.delivery) == ("paper", "post_kan-i_kakitome")
    decide(case, desk, approver, outcome="granted")
    refused = browser.post(METHOD, {"method": "electronic_record:portal_download"}, follow=True)
    assert refused.redirect_chain == [(CASE, 302)]
    case.refresh_from_db()
    assert case.method == "paper"


def test_a_way_by_post_needs_an_address(filed: Any, opened: Any) -> None:
    case = filed(address="")
    page = opened(case).post(METHOD, {"method": "paper:post_kan-i_kakitome"})
    assert page.context["form"].errors.as_data()["method"][0].code == "no_address"
    case.refresh_from_db()
    assert case.method == "electronic_record"


def test_a_method_the_law_does_not_know_is_refused(browser: Client, case: Case) -> None:
    page = browser.post(METHOD, {"method": "paper:portal_download"})
    assert list(page.context["form"].errors) == ["method"]


def test_a_kind_without_methods_offers_no_choice(filed: Any, opened: Any) -> None:
    case = filed(kind="purpose_notice", method="", delivery="")
    browser = opened(case)
    assert METHOD not in text_of(browser.get(CASE))
    assert browser.get(METHOD)["Location"] == CASE


def test_withdrawing_asks_once_more_and_closes_the_case(browser: Client, case: Case) -> None:
    assert browser.get(WITHDRAW).status_code == 200
    case.refresh_from_db()
    assert case.status == Status.RECEIVED
    assert browser.post(WITHDRAW, {"seen": case.version})["Location"] == CASE
    case.refresh_from_db()
    assert (case.status, case.outcome) == (Status.CLOSED, Outcome.WITHDRAWN)
    assert Notice.objects.filter(case=case, kind="withdrawn").exists()
    assert ledger.verify(case) == case.event_count


def test_withdrawing_on_an_outdated_page_does_nothing_and_names_no_officer(
    browser: Client, case: Case, desk: ledger.Actor, officer: StaffMember
) -> None:
    seen = case.version
    lifecycle.move(case, "accept", by=desk, at=timezone.now())
    answer = browser.post(WITHDRAW, {"seen": seen}, follow=True)
    case.refresh_from_db()
    assert case.status == Status.IDENTITY_CHECK
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert officer.shown_name() not in text_of(answer)


def test_a_decided_request_is_not_withdrawn(
    browser: Client, case: Case, desk: ledger.Actor, approver: StaffMember
) -> None:
    decide(case, desk, approver, outcome="granted")
    browser.post(WITHDRAW, {"seen": case.version})
    case.refresh_from_db()
    assert case.status == Status.DECIDED
    assert WITHDRAW not in text_of(browser.get(CASE))


def test_a_closed_case_can_be_read_but_not_written_to(
    browser: Client, case: Case, desk: ledger.Actor, approver: StaffMember
) -> None:
    correspondence.send(case, "開示資料です。", by=desk, at=timezone.now(), uploads=[pdf()])
    decide(case, desk, approver, outcome="granted", answer="お送りしました。")
    close(case, desk)
    page = browser.get(CASE)
    body = text_of(page)
    assert "開示資料です。" in body
    assert "お送りしました。" in body
    assert "<textarea" not in body
    for path, data in (
        (MESSAGE, {"body": "追伸"}),
        (METHOD, {"method": "paper:counter"}),
        (WITHDRAW, {"seen": case.version}),
    ):
        assert browser.post(path, data)["Location"] == CASE
    before = case.version
    case.refresh_from_db()
    assert case.version == before
    assert Message.objects.count() == 1
    row = Attachment.objects.get()
    assert browser.get(f"/status/request/files/{row.pk}/").status_code == 200
