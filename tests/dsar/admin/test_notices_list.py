"""The list of mail: what failed comes first, of one's own companies, and can be sent again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar.models import Notice
from tests.dsar.admin.desk import CASES, NOTICES, messages_of, text_of

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
