"""Letters at the desk: read, printed, written again, posted, checked; only of one's own cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import ledger, letter_pdf, letters, notices, pdf, postings
from dsar.models import Letter, Posting
from tests.dsar.admin.desk import act_of, messages_of, page_of, parts, text_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db

LETTERS = "/en/desk/dsar/letter/"


def of(letter: Letter, what: str) -> str:
    return f"{LETTERS}{letter.pk}/{what}/"


def words_of(response: Any) -> str:
    """The text of a PDF."""
    drawn = b"".join(response.streaming_content) if response.streaming else response.content
    with pypdfium2.PdfDocument(drawn) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


@pytest.fixture
def letter(file_case: Any) -> Letter:
    """The receipt of a request that came by post."""
    file_case(channel="post")
    letters.sweep(NOW)
    return Letter.objects.get()


@pytest.fixture
def failed(file_case: Any) -> Letter:
    """A letter that could not be written."""
    made: Letter = file_case().letters.get()
    made.state, made.last_error = Letter.State.FAILED, "NoPdf"
    made.save()
    return made


def test_the_case_shows_its_letters_and_the_pdf_opens_to_be_printed(
    desk: Any, letter: Letter
) -> None:
    page = desk.get(page_of(letter.case))
    assert "Receipt of the request (PDF)" in text_of(page)
    assert "To be posted" in text_of(page)
    response = desk.get(of(letter, "pdf"))
    assert response["Content-Disposition"].startswith("inline")
    assert "no-store" in response["Cache-Control"]
    assert letter.case.shown_number in words_of(response)
    assert letter.case.events.filter(act="view_file", facts={"letter": letter.pk}).exists()
    assert "A letter was issued: Receipt of the request (SHA-256" in text_of(page)


def test_the_list_has_what_is_to_be_posted_and_apart_what_failed(
    desk: Any, letter: Letter, failed: Letter, other_controller: Any, file_case: Any
) -> None:
    foreign = file_case(controller=other_controller, channel="post")
    Letter.objects.filter(case=foreign).update(state="issued", by_post=True)
    text = text_of(desk.get(LETTERS))
    assert letter.case.shown_number in text
    assert failed.case.shown_number not in text
    assert foreign.shown_number not in text
    text = text_of(desk.get(LETTERS, {"view": "failed"}))
    assert failed.case.shown_number in text
    assert "The library that draws PDF pages is missing" in text


def test_a_failed_letter_is_written_again_from_the_list(desk: Any, failed: Letter) -> None:
    response = desk.post(of(failed, "retry"), {"to_list": "1"}, follow=True)
    assert response.redirect_chain == [(LETTERS, 302)]
    assert messages_of(response) == ["The letter is written again."]
    failed.refresh_from_db()
    assert failed.state == Letter.State.ORDERED
    again = desk.post(of(failed, "retry"), follow=True)
    assert messages_of(again) == ["This letter has not failed."]


@pytest.mark.parametrize("what", ["pdf", "envelope", "post", "retry"])
def test_letters_of_other_companies_do_not_exist(
    signed_in: Any, foreign_officer: Any, letter: Letter, what: str
) -> None:
    browser = signed_in(foreign_officer)
    visit = browser.post if what == "retry" else browser.get
    assert visit(of(letter, what)).status_code == 404
    listed = browser.post(f"{LETTERS}print/", {"ids": [letter.pk]}, follow=True)
    assert messages_of(listed) == ["Tick the letters first."]


def test_an_auditor_reads_letters_and_posts_none(
    signed_in: Any, auditor: Any, letter: Letter
) -> None:
    browser = signed_in(auditor)
    assert browser.get(of(letter, "pdf")).status_code == 200
    assert browser.get(of(letter, "post")).status_code == 403
    assert browser.post(of(letter, "retry")).status_code == 403
    assert browser.get(LETTERS).status_code == 403
    assert "Post it" not in text_of(browser.get(page_of(letter.case)))


def test_envelopes_and_labels_are_printed_for_the_ticked_letters(desk: Any, letter: Letter) -> None:
    assert "見本 花子" in words_of(desk.get(of(letter, "envelope")))
    for what in ("labels", "envelopes"):
        asked = {"ids": [letter.pk, "x"], "what": what, "first": "99"}
        assert "見本 花子" in words_of(desk.post(f"{LETTERS}print/", asked))
    none = desk.post(f"{LETTERS}print/", {"what": "labels"}, follow=True)
    assert messages_of(none) == ["Tick the letters first."]


def test_posting_a_letter_is_noted(desk: Any, letter: Letter) -> None:
    page = desk.get(of(letter, "post"))
    assert "見本 花子" in text_of(page)
    given = {"way": "simple_registered", **parts("posted_on", 2026, 11, 10)}
    refused = desk.post(of(letter, "post"), given)
    assert "Enter the tracking number of this way." in text_of(refused)
    desk.post(of(letter, "post"), {**given, "tracking": "１２３-45"}, follow=True)
    row = Posting.objects.get()
    assert (row.way, row.tracking, row.state) == ("simple_registered", "123-45", "posted")
    page = text_of(desk.get(page_of(letter.case)))
    assert "Simple registered mail (簡易書留)" in page
    assert "Tracking number 123-45" in page
    assert "No letter is waiting to be posted." in text_of(desk.get(LETTERS))


@pytest.mark.parametrize(
    ("day", "said"), [(9, "was not written yet on this day"), (11, "still to come")]
)
def test_a_letter_is_posted_between_its_issue_and_today(
    desk: Any, letter: Letter, day: int, said: str
) -> None:
    given = {"way": "ordinary", **parts("posted_on", 2026, 11, day)}
    assert said in text_of(desk.post(of(letter, "post"), given))
    without = desk.post(of(letter, "post"), {"way": "ordinary"})
    assert "Enter" in text_of(without)
    assert not Posting.objects.exists()


def test_a_second_person_checks_where_the_company_wants_it(
    desk: Any, signed_in: Any, other_officer: Any, letter: Letter, controller: Any
) -> None:
    controller.second_check = True
    controller.save()
    said = desk.post(of(letter, "post"), {"way": "ordinary", "to_list": "1"}, follow=True)
    assert messages_of(said) == ["The letter waits for its check by a second person."]
    row = Posting.objects.get()
    check = f"{LETTERS}postings/{row.pk}/check/"
    given = {"compared": "on", **parts("posted_on", 2026, 11, 10)}
    own = desk.post(check, given)
    assert "by someone other than who prepared it" in text_of(own)
    assert "Check it" not in text_of(desk.get(LETTERS, {"view": "check"}))
    other = signed_in(other_officer)
    assert "Check it" in text_of(other.get(LETTERS, {"view": "check"}))
    untouched = other.post(check, parts("posted_on", 2026, 11, 10))
    assert "Compare them, then tick the box." in text_of(untouched)
    done = other.post(check, given, follow=True)
    assert messages_of(done) == ["The letter is checked and posted."]
    row.refresh_from_db()
    assert row.checked_by == other_officer


def test_a_prepared_posting_is_taken_back(desk: Any, letter: Letter, controller: Any) -> None:
    controller.second_check = True
    controller.save()
    desk.post(of(letter, "post"), {"way": "ordinary"})
    cancel = f"{LETTERS}postings/{Posting.objects.get().pk}/cancel/"
    said = messages_of(desk.post(cancel, {"to_list": "1"}, follow=True))
    assert said[-1] == "The posting was taken back. Prepare it anew."
    assert desk.post(cancel).status_code == 404


def test_a_letter_is_neither_changed_nor_deleted_nor_probed(desk: Any, letter: Letter) -> None:
    for address in (f"{letter.pk}/change/", f"{letter.pk}/delete/", "add/"):
        assert desk.post(f"{LETTERS}{address}", {"post": "yes"}).status_code in (403, 404)
    assert desk.get(LETTERS, {"case__number__startswith": "2"}).status_code == 400


def test_the_list_and_the_case_cost_the_same_with_more_letters(
    desk: Any, letter: Letter, file_case: Any, officer: Any
) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(address)
        return len(seen)

    postings.record(letter, "ordinary", by=ledger.staff(officer), at=NOW, posted_on=NOW.date())
    Letter.objects.update(by_post=True)
    file_case(channel="post")  # the person's other requests cost a query, however many
    desk.get(page_of(letter.case))
    before = queries(LETTERS), queries(page_of(letter.case))
    for n in range(4):
        file_case(channel="post")
        event = letter.case.events.get(position=1)
        event.position = 1000 + n
        notices.order_letter(letter.case, Letter.Kind.COMPLETION, event)
    letters.sweep(NOW + timedelta(minutes=1))
    issued = Letter.objects.filter(state="issued").exclude(pk=letter.pk)
    for row in issued:
        postings.record(row, "ordinary", by=ledger.staff(officer), at=NOW, posted_on=NOW.date())
    Letter.objects.update(by_post=True)
    assert (queries(LETTERS), queries(page_of(letter.case))) == before


# --- Before the act -----------------------------------------------------------------------
def test_the_decision_shows_its_letter_before_it_is_made(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    given = {
        "outcome": "refused",
        "code": "D1_harm",
        "reason": "第三者の権利を害するためです。",
        "seen": case.version,
    }
    page = desk.post(act_of(case, "decide"), given)
    assert "保有個人データを開示しません。" in text_of(page)
    drawn = desk.post(act_of(case, "decide"), {**given, "step": "letter"})
    text = words_of(drawn)
    assert "第三者の権利を害するためです。" in text
    assert "案" in text
    case.refresh_from_db()
    assert case.status == "in_progress"
    assert not case.letters.filter(kind="decision").exists()
    wrong = desk.post(act_of(case, "decide"), {**given, "reason": "", "step": "letter"})
    assert "Explain the reasons" in text_of(wrong)


def test_ending_asking_extending_and_approving_show_theirs(
    desk: Any, signed_in: Any, approver: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    for act, given, said in (
        (
            "end_without_decision",
            {"code": "T3_identity", "reason": "確認できません。"},
            "確認できません。",
        ),
        ("ask", {"reason": "x", "message": "書類をお送りください。"}, "書類をお送りください。"),
        ("extend", {"reason": "調査に時間を要します。"}, "調査に時間を要します。"),
    ):
        asked = {**given, "seen": case.version, "step": "letter"}
        assert said in words_of(desk.post(act_of(case, act), asked)), act
    waiting = advance(file_case(), "in_approval")
    asked = {"seen": waiting.version, "step": "letter"}
    drawn = signed_in(approver).post(act_of(waiting, "approve"), asked)
    assert "理由の説明です。" in words_of(drawn)
    waiting.refresh_from_db()
    assert waiting.status == "in_approval"


def test_where_no_pdf_can_be_drawn_the_draft_is_a_page(
    desk: Any, file_case: Any, advance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(sheet: Any) -> bytes:
        raise pdf.NoPdf

    monkeypatch.setattr(letter_pdf, "as_pdf", missing)
    case = advance(file_case(), "in_progress")
    asked = {"reason": "調査に時間を要します。", "seen": case.version, "step": "letter"}
    assert "調査に時間を要します。" in text_of(desk.post(act_of(case, "extend"), asked))
