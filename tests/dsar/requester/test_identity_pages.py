"""Proving who one is on the status page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar import identity, ledger, lifecycle
from dsar.models import Case, CaseLink, IdentityDocument, Subject
from tests.dsar.admin.desk import parts
from tests.dsar.requester.desk import CASE, begin_examination, text_of
from tests.factories import AGENT, png

pytestmark = pytest.mark.django_db
IDENTITY = "/en/status/request/identity/"


@pytest.fixture
def case(filed: Any) -> Case:
    made: Case = filed()
    return made


def test_the_status_page_says_what_is_still_needed(browser: Client) -> None:
    page = text_of(browser.get("/en" + CASE))
    assert "Still needed" in page
    assert IDENTITY in page


def test_the_guide_says_what_to_cover_and_what_never_to_send(browser: Client) -> None:
    page = text_of(browser.get(IDENTITY))
    assert "do not send the back of the card" in page
    assert "Insurer number, symbol and number of the insured, QR code" in page
    assert "The registered domicile (honseki)" in page


def test_a_paper_is_sent_and_waits_to_be_looked_at(browser: Client, case: Case) -> None:
    page = browser.post(
        IDENTITY, {"type": "principal:passport", "upload": png("p.png")}, follow=True
    )
    assert "We are looking at it" in text_of(page)
    row = case.identity_documents.get()
    assert (row.type, row.subject, row.state) == ("passport", "principal", "new")
    assert "You sent a paper for the identity check." in text_of(browser.get("/en" + CASE))


def test_a_certificate_without_its_day_is_asked_for_it_beside_the_field(
    browser: Client, case: Case
) -> None:
    given = {"type": "principal:certificate_of_residence"}
    page = browser.post(IDENTITY, {**given, "upload": png("p.png")})
    assert "Enter the day of issue" in text_of(page)
    assert "Please choose your file again." in text_of(page)
    assert not case.identity_documents.exists()
    day = timezone.localdate() - timedelta(days=10)
    sent = {**given, **parts("issued_on", day.year, day.month, day.day)}
    browser.post(IDENTITY, {**sent, "upload": png("p.png")})
    assert case.identity_documents.get().issued_on == day


def test_an_old_or_expired_paper_is_refused(browser: Client, case: Case) -> None:
    sent = {"type": "principal:passport", **parts("expires_on", 2020, 1, 1)}
    assert "no longer valid" in text_of(browser.post(IDENTITY, {**sent, "upload": png("p.png")}))
    sent = {"type": "principal:seal_certificate", **parts("issued_on", 2020, 1, 1)}
    assert "too old" in text_of(browser.post(IDENTITY, {**sent, "upload": png("p.png")}))
    assert not case.identity_documents.exists()


def test_types_of_other_roles_are_not_taken(browser: Client, case: Case) -> None:
    browser.post(IDENTITY, {"type": "authority:family_register", "upload": png("p.png")})
    assert not IdentityDocument.objects.exists()


def test_why_a_paper_was_rejected_is_told(browser: Client, case: Case, desk: Any) -> None:
    row = identity.add_paper(
        case,
        png("p.png"),
        subject=Subject.PRINCIPAL,
        type_="passport",
        by=ledger.REQUESTER,
        at=timezone.now(),
    )
    identity.judge_paper(
        row, accepted=False, reason="The picture is blurred.", by=desk, at=timezone.now()
    )
    page = text_of(browser.get(IDENTITY))
    assert "Could not be accepted" in page
    assert "The picture is blurred." in page


def test_the_picture_cannot_be_fetched_back(browser: Client, case: Case) -> None:
    browser.post(IDENTITY, {"type": "principal:passport", "upload": png("p.png")})
    pk = case.identity_documents.get().attachment_id
    assert browser.get(f"/status/request/files/{pk}/").status_code == 404


def test_papers_answer_the_question_for_proof(browser: Client, case: Case, desk: Any) -> None:
    at = timezone.now() - timedelta(minutes=5)
    lifecycle.move(case, "accept", by=desk, at=at)
    identity.ask(case, ["principal"], "Please show a paper.", reason="r", by=desk, at=at)
    assert "Please show a paper." in text_of(browser.get("/en" + CASE))
    browser.post(IDENTITY, {"type": "principal:passport", "upload": png("p.png")})
    page = text_of(browser.get("/en" + CASE))
    assert "Thank you, your answer has arrived" in page
    assert "We asked you for proof of identity." in page


def test_once_examined_nothing_is_needed(browser: Client, case: Case, desk: Any) -> None:
    begin_examination(case, desk)
    assert IDENTITY not in text_of(browser.get("/en" + CASE))
    assert browser.get(IDENTITY).status_code == 302


def test_an_agent_is_asked_for_both(opened: Any, filed: Any) -> None:
    case = filed(agent=dict(AGENT), requester_role="statutory_agent")
    page = text_of(opened(case).get(IDENTITY))
    assert "That you may act for the person concerned" in page
    assert "Family register extract (koseki)" in page
    assert "Letter of attorney" not in page


def test_a_date_that_is_to_come_is_no_day_of_issue(browser: Client) -> None:
    far = timezone.localdate() + timedelta(days=40)
    sent = {
        "type": "principal:seal_certificate",
        **parts("issued_on", far.year, far.month, far.day),
    }
    assert "still to come" in text_of(browser.post(IDENTITY, {**sent, "upload": png("p.png")}))


def test_nobody_else_gets_in(client: Client, case: Case) -> None:
    assert client.get(IDENTITY).status_code == 302


def test_a_wrong_code_of_the_letter_is_told_beside_the_field_and_kept(
    browser: Client, case: Case, officer: Any
) -> None:
    identity.post_letter(
        case, Subject.PRINCIPAL, "1234-5678", by=ledger.staff(officer), at=timezone.now()
    )
    for typed, said in (("AB", "8 letters and digits"), ("ABCD-EFGH", "not the code")):
        page = browser.post(f"{IDENTITY}code/", {"code": typed})
        assert said in text_of(page)
        assert f'value="{typed}"' in page.content.decode()
        assert 'href="#id_code"' in page.content.decode()


def test_papers_that_came_with_a_request_filed_together_are_not_asked_for_again(
    opened: Any, case: Case, filed: Any
) -> None:
    second = filed()
    CaseLink.objects.create(
        case=second, other=case, kind=CaseLink.Kind.FILED_TOGETHER, at=timezone.now()
    )
    browser = opened(second)
    assert "Still needed" in text_of(browser.get(IDENTITY))
    identity.add_paper(
        case,
        png("p.png"),
        subject=Subject.PRINCIPAL,
        type_="passport",
        issued_on=None,
        expires_on=None,
        by=ledger.REQUESTER,
        at=timezone.now(),
    )
    shown = text_of(browser.get(IDENTITY))
    assert f"Your papers came with request {case.shown_number}" in shown
    assert "Still needed" not in shown
