"""The list of mail: what failed comes first, of one's own companies, and can be sent again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import notices
from dsar.models import IntakeDraft, Notice, StaffMember
from tests.dsar.admin.desk import CASES, DESK, NOTICES, links_of, messages_of, text_of
from tests.factories import DraftFactory

pytestmark = pytest.mark.django_db


def _fail(case: Any) -> Notice:
    row: Notice = case.notices.get(kind="confirm_email")
    Notice.objects.filter(pk=row.pk).update(state="failed", last_error="SMTP 550", attempts=3)
    return row


def test_only_failed_mail_of_ones_own_companies_is_listed(
    desk: Any, file_case: Any, other_controller: Any
) -> None:
    failed, fine = file_case(), file_case()
    foreign = file_case(controller=other_controller)
    _fail(failed), _fail(foreign)
    text = text_of(desk.get(NOTICES))
    assert failed.shown_number in text
    assert "3 tries" in text
    assert fine.shown_number not in text
    assert foreign.shown_number not in text
    assert fine.shown_number in text_of(desk.get(NOTICES, {"state": "all"}))


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("no e-mail address", "The person gave no e-mail address."),
        ("SMTP 550: address refused", "The mail server refused the address (code 550)."),
        ("SMTP 451", "The mail server reported an error (code 451)."),
        ("TimeoutError", "The mail server did not answer in time."),
        ("SomethingElse", "SomethingElse"),
    ],
)
def test_why_a_mail_failed_is_said_in_words(
    desk: Any, file_case: Any, kept: str, said: str
) -> None:
    case = file_case()
    _fail(case)
    case.notices.filter(state="failed").update(last_error=kept)
    assert said in text_of(desk.get(NOTICES))
    assert said in text_of(desk.get(f"{CASES}{case.pk}/change/"))


def test_a_reminder_says_which_due_date_it_means(desk: Any, file_case: Any) -> None:
    case = file_case()
    said = "To the desk: reminder of a due date · Decision and its notice"
    assert said in text_of(desk.get(NOTICES, {"state": "waiting"}))
    assert said in text_of(desk.get(f"{CASES}{case.pk}/change/"))


def test_an_empty_list_is_good_news(desk: Any) -> None:
    assert "No mail has failed." in text_of(desk.get(NOTICES))


def test_mail_is_sent_again_from_the_list(desk: Any, file_case: Any) -> None:
    case = file_case()
    row = _fail(case)
    address = f"{CASES}{case.pk}/notices/{row.pk}/resend/"
    response = desk.post(address, {"to_list": "1"}, follow=True)
    assert response.redirect_chain == [(NOTICES, 302)]
    assert "is sent again." in messages_of(response)[0]
    row.refresh_from_db()
    assert row.state == "waiting"


def test_a_notice_is_neither_changed_nor_deleted_nor_probed(desk: Any, file_case: Any) -> None:
    row = _fail(file_case())
    for address in (f"{row.pk}/change/", f"{row.pk}/delete/", "add/"):
        assert desk.post(f"{NOTICES}{address}", {"post": "yes"}).status_code == 403
    assert desk.get(NOTICES, {"message_id__startswith": "<"}).status_code == 400
    assert Notice.objects.filter(pk=row.pk).exists()


def test_the_list_costs_the_same_with_more_mail(desk: Any, file_case: Any) -> None:
    _fail(file_case())
    with CaptureQueriesContext(connection) as one:
        desk.get(NOTICES)
    for _n in range(6):
        _fail(file_case())
    with CaptureQueriesContext(connection) as seven:
        desk.get(NOTICES)
    assert len(seven) == len(one) <= 10


# --- Mail that waits for another try ------------------------------------------------------
def _put_off(case: Any, now: datetime) -> Notice:
    row: Notice = case.notices.get(kind="confirm_email")
    Notice.objects.filter(pk=row.pk).update(
        attempts=2, last_error="TimeoutError", next_try_at=now + timedelta(minutes=5)
    )
    return row


def test_mail_that_waits_for_another_try_is_listed_and_sent_now(
    desk: Any, file_case: Any, now: datetime
) -> None:
    case = file_case()
    row = _put_off(case, now)
    for address in (NOTICES, f"{CASES}{case.pk}/change/"):
        text = text_of(desk.get(address))
        assert "Waiting for another try" in text
        assert "The mail server did not answer in time." in text
        assert "Next try: 10 November 2026, 10:05" in text
        assert "Send now" in text
    assert "Mail that did not go out 1 item" in text_of(desk.get(DESK))
    response = desk.post(f"{CASES}{case.pk}/notices/{row.pk}/resend/", {"to_list": "1"})
    assert response["Location"] == NOTICES
    row.refresh_from_db()
    assert (row.state, row.attempts, row.next_try_at) == ("waiting", 0, now)


def test_mail_that_is_only_planned_is_not_in_the_list_and_not_sent_early(
    desk: Any, file_case: Any
) -> None:
    case = file_case()
    row = case.notices.filter(state="waiting").latest("due_at")
    assert "No mail has failed." in text_of(desk.get(NOTICES))
    said = desk.post(f"{CASES}{case.pk}/notices/{row.pk}/resend/", follow=True)
    assert messages_of(said) == ["This mail has not failed, so it is not sent again."]
    assert Notice.objects.get(pk=row.pk).next_try_at == row.next_try_at


# --- Mail about no case -------------------------------------------------------------------
def _digest(recipient: StaffMember, now: datetime) -> Notice:
    row = notices.new(notices.DESK_DIGEST, now, recipient=recipient)
    row.state, row.attempts, row.last_error = Notice.State.FAILED, 8, "SMTP 550: address refused"
    row.save()
    return row


def _draft_link(now: datetime) -> Notice:
    draft: IntakeDraft = DraftFactory.create()
    row = notices.new(notices.DRAFT_LINK, now, draft=draft, secret={"token": "t0ken"})
    row.state, row.last_error = Notice.State.FAILED, "SMTP 451"
    row.save()
    return row


def _send(browser: Any, row: Notice) -> Any:
    return browser.post(f"{NOTICES}{row.pk}/send/", follow=True)


def test_a_failed_digest_is_seen_and_sent_again_by_colleagues(
    desk: Any, approver: Any, now: datetime
) -> None:
    row = _digest(approver, now)
    text = text_of(desk.get(NOTICES))
    assert "To the desk: daily summary" in text
    assert "承認 三郎" in text
    assert "code 550" in text
    assert "is sent again." in messages_of(_send(desk, row))[0]
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert LogEntry.objects.get().object_id == str(row.pk)
    assert messages_of(_send(desk, row)) == ["This mail has not failed, so it is not sent again."]


def test_mail_to_the_staff_of_another_company_is_not_seen(
    desk: Any, foreign_officer: Any, now: datetime
) -> None:
    row = _digest(foreign_officer, now)
    assert "No mail has failed." in text_of(desk.get(NOTICES))
    assert _send(desk, row).status_code == 404
    assert desk.post(f"{NOTICES}{'9' * 30}/send/").status_code == 404


def test_administrators_see_mail_about_no_case_and_none_about_one(
    signed_in: Any, administrator: Any, officer: Any, file_case: Any, now: datetime
) -> None:
    case, browser = file_case(), signed_in(administrator)
    about_a_case = _fail(case)
    rows = (_draft_link(now), _digest(officer, now))
    assert NOTICES in links_of(browser.get(DESK))
    page = browser.get(NOTICES)
    text = text_of(page)
    assert "Link to a draft" in text
    assert "To the desk: daily summary" in text
    assert case.shown_number not in text
    assert "t0ken" not in page.content.decode()
    for row in rows:
        _send(browser, row)
        row.refresh_from_db()
        assert row.state == "waiting"
    assert _send(browser, about_a_case).status_code == 404
    assert browser.post(f"{CASES}{case.pk}/notices/{about_a_case.pk}/resend/").status_code in (
        403,
        404,
    )
    assert Notice.objects.get(pk=about_a_case.pk).state == "failed"


def test_officers_do_not_see_links_to_drafts_nor_auditors_any_mail(
    desk: Any, signed_in: Any, auditor: Any, now: datetime
) -> None:
    row = _draft_link(now)
    assert "No mail has failed." in text_of(desk.get(NOTICES))
    assert _send(desk, row).status_code == 404
    assert signed_in(auditor).get(NOTICES).status_code == 403
    assert _send(signed_in(auditor), row).status_code == 404


def test_mail_about_no_case_is_sent_by_a_post_only(desk: Any, officer: Any, now: datetime) -> None:
    assert desk.get(f"{NOTICES}{_digest(officer, now).pk}/send/").status_code == 405
