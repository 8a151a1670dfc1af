"""What the returning person does: write, fetch files, change the method, withdraw."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from dsar import correspondence, files, ledger, lifecycle, vault
from dsar.models import Attachment, Case, Event, Message, Notice, Outcome, StaffMember, Status
from tests.dsar.requester.desk import (
    CASE,
    MESSAGE,
    METHOD,
    PDF,
    WITHDRAW,
    close,
    decide,
    pdf,
    text_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(filed: Any) -> Case:
    made: Case = filed()
    return made


# --- Writing ------------------------------------------------------------------------------


def test_a_message_with_files_reaches_the_desk(browser: Client, case: Case) -> None:
    sent = browser.post(
        MESSAGE, {"body": "書類を送ります。", "uploads": [pdf("住民票.pdf"), pdf()]}
    )
    assert (sent.status_code, sent["Location"]) == (302, CASE)
    message = Message.objects.select_related("case__key").get()
    assert message.direction == Message.Direction.FROM_REQUESTER
    assert message.body == "書類を送ります。"
    assert message.attachments.count() == 2
    case.refresh_from_db()
    assert case.has_news
    assert "住民票.pdf" in text_of(browser.get(CASE))


def test_a_file_may_be_sent_without_a_word(browser: Client) -> None:
    assert browser.post(MESSAGE, {"body": "", "uploads": [pdf()]}).status_code == 302
    assert Attachment.objects.count() == 1


def test_an_empty_message_is_not_sent(browser: Client) -> None:
    page = browser.post(MESSAGE, {"body": " \n "})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["body"]
    assert not Message.objects.exists()


def test_a_file_of_a_wrong_type_is_refused_and_the_text_stays(browser: Client) -> None:
    wrong = SimpleUploadedFile("表.xlsx", b"PK\x03\x04" + b"x" * 64, "application/pdf")
    page = browser.post(MESSAGE, {"body": "長い文章を書きました。", "uploads": [wrong]})
    body = text_of(page)
    assert page.status_code == 200
    assert "長い文章を書きました。</textarea>" in body
    assert "表.xlsx" in str(page.context["form"].errors["uploads"])
    assert "data-error-summary" in body
    assert not Message.objects.exists()
    assert not Attachment.objects.exists()


def test_a_text_that_is_too_long_stays_and_files_are_asked_for_again(browser: Client) -> None:
    long = "あ" * 10_001
    page = browser.post(MESSAGE, {"body": long, "uploads": [pdf()]})
    assert set(page.context["form"].errors) == {"body", "uploads"}
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
    answer = browser.post(MESSAGE, {"body": "間に合うか", "uploads": [pdf()]})
    assert answer["Location"] == CASE
    assert not Message.objects.exists()


# --- Files --------------------------------------------------------------------------------


def test_a_file_is_handed_out_as_a_download_with_its_japanese_name(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    correspondence.send(
        case, "開示資料", by=desk, at=timezone.now(), uploads=[pdf("開示 資料.pdf")]
    )
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

    def broken(piece: bytes) -> bytes:
        raise vault.Tampered("altered")

    monkeypatch.setattr(files, "read", lambda _row: map(broken, [PDF]))
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
    assert browser.get(WITHDRAW)["Location"] == CASE
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
