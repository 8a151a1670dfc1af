"""A whole request in browsers on both sides: filed, asked about, decided, closed, read."""

from __future__ import annotations

import re
import uuid

import pytest

from dsar.models import Case, Outcome, Person, Status
from tests.browser import desk, ways
from tests.browser.conftest import NewVisitor
from tests.browser.mailbox import code_in, letter_to, link_in
from tests.browser.uploading import attach
from tests.browser.visitor import DESKTOP, PHONE
from tests.factories import pdf, png

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "size", "scripts"),
    [("ja", PHONE, False), ("en", DESKTOP, True)],
    ids=["japanese-phone-without-scripts", "english-desktop"],
)
def test_a_request_goes_from_the_form_to_the_decision_and_its_closing(
    language: str, size: dict[str, int], scripts: bool, visitor: NewVisitor
) -> None:
    email = f"{uuid.uuid4().hex[:12]}@person.example"
    person = visitor(language=language, size=size, scripts=scripts)
    person.goes_to("intake:start")
    ways.goes(person, ways.disclosure(email))
    attach(person, png("licence.png"))
    person.goes_on()
    person.ticks("consent")
    person.goes_on()
    person.arrives_at("intake:receipt")
    number, code = (
        person.page.locator("main code").nth(index).inner_text().strip() for index in (0, 1)
    )
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", code)
    person.ticks("saved")
    person.goes_on()
    case = Case.objects.get(number=number.replace("-", ""))
    assert [row.email for row in Person.objects.filter(case=case)] == [email]

    # The address is proven by the link in the mail.
    person.opens(link_in(letter_to(email), "/confirm/"))
    person.looks_at("10-confirm-email")
    person.goes_on()
    person.looks_at("11-email-confirmed")
    case.refresh_from_db()
    assert case.email_confirmed_at is not None

    # The person signs in with number, receipt code and the one-time code.
    person.goes_to("requester:login")
    person.looks_at("12-sign-in")
    person.fills(number=number, receipt_code=code.lower().replace("-", " "))
    person.goes_on()
    person.arrives_at("requester:code")
    person.looks_at("13-code")
    person.fills(code=code_in(letter_to(email)))
    person.goes_on()
    person.arrives_at("requester:case")
    person.looks_at("14-status-received")
    assert number in person.text

    # The desk accepts, checks who is asking, and asks for a better copy: the clock stops.
    officer = visitor(language=language)
    desk.signs_in(officer, "officer")
    officer.looks_at("20-today")
    desk.opens(officer, case)
    officer.looks_at("21-case-received")
    desk.acts(officer, case, "accept")
    desk.acts(officer, case, "confirm_identity", chosen={"check_method": "photo_id"}, looking=True)
    officer.arrives_at("admin:dsar_case_change", case.pk)
    desk.acts(
        officer,
        case,
        "ask",
        looking=True,
        reason="住所の裏付け",
        message="現在のご住所が分かる書類をお送りください。",
    )
    officer.arrives_at("admin:dsar_case_change", case.pk)
    officer.looks_at("22-case-waiting")
    case.refresh_from_db()
    assert case.status == Status.AWAITING_REQUESTER
    assert case.is_stopped

    # The person is told, and answers with a paper.
    letter_to(email)
    person.goes_to("requester:case")
    person.looks_at("30-status-asked")
    assert "現在のご住所が分かる書類をお送りください。" in person.text
    person.fills(body="免許証の裏面を添付します。")
    attach(person, pdf("裏面.pdf"))
    person.goes_on()
    person.arrives_at("requester:case")
    person.looks_at("31-status-answered")
    assert "裏面.pdf" in person.text

    # The officer goes on, and wants to grant in part.
    desk.opens(officer, case)
    officer.looks_at("40-case-answered")
    assert "免許証の裏面を添付します。" in officer.text
    desk.acts(officer, case, "resume", looking=True, reason="書類が届いた")
    officer.arrives_at("admin:dsar_case_change", case.pk)
    assert desk.status_of(case) == Status.IN_PROGRESS
    desk.acts(
        officer,
        case,
        "decide",
        looking=True,
        chosen={"outcome": "partial", "code": "D1_harm"},
        withheld="通話の録音のうち、担当者の氏名が分かる部分",
        reason="開示すると担当者の権利利益を害するおそれがあるためです。",
    )
    officer.looks_at("41-decide-preview")
    assert "開示すると担当者の権利利益を害するおそれがあるためです。" in officer.text
    officer.goes_on()
    officer.arrives_at("admin:dsar_case_change", case.pk)
    assert desk.status_of(case) == Status.IN_APPROVAL
    assert officer.page.locator("main a[href$='/act/approve/']").count() == 0

    # A second person approves; the case is closed.
    approver = visitor(language=language)
    desk.signs_in(approver, "approver")
    desk.acts(approver, case, "approve", looking=True)
    approver.arrives_at("admin:dsar_case_change", case.pk)
    assert desk.status_of(case) == Status.DECIDED
    desk.acts(officer, case, "close", chosen={"notified_by": "portal"}, looking=True)
    officer.arrives_at("admin:dsar_case_change", case.pk)
    officer.looks_at("42-case-closed")
    case.refresh_from_db()
    assert (case.status, case.outcome) == (Status.CLOSED, Outcome.PARTIAL)

    # The person reads the decision.
    letter_to(email)
    person.goes_to("requester:case")
    person.looks_at("50-status-closed")
    assert "開示すると担当者の権利利益を害するおそれがあるためです。" in person.text
    assert "通話の録音のうち、担当者の氏名が分かる部分" in person.text
