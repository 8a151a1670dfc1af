"""The officer's desk in a browser: signing in, entering paper, the queue, settings."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from dsar import filing, ledger
from dsar.models import Case, Channel, Controller, Person, StaffMember
from tests.browser import desk
from tests.browser.conftest import NewVisitor
from tests.browser.uploading import attach
from tests.browser.visitor import DESKTOP, PHONE
from tests.factories import AGENT, RECEIPT_CODE, do, filing_for, pdf

pytestmark = pytest.mark.browser

LANGUAGES = ["ja", "en"]


@pytest.fixture
def case(portal: Any) -> Case:
    """An agent's request that came by the web form just now."""
    now = timezone.now()
    wanted = filing_for(Controller.objects.get(code="sample"), received_at=now, agent=AGENT)
    return filing.file(wanted, by=ledger.REQUESTER, at=now, receipt_code=RECEIPT_CODE)


@pytest.mark.parametrize(
    ("language", "size"), [("ja", DESKTOP), ("en", PHONE)], ids=["japanese", "english-phone"]
)
def test_a_clerk_enters_a_paper_request_and_hands_the_receipt_over(
    language: str, size: dict[str, int], visitor: NewVisitor
) -> None:
    name = f"見本 {uuid.uuid4().hex[:8]}"
    clerk = visitor(language=language, size=size)
    clerk.goes_to("admin:index")
    clerk.looks_at("sign-in")
    clerk.fills(username="clerk", password="wrong")
    clerk.goes_on()
    clerk.looks_at("sign-in-wrong")
    desk.signs_in(clerk, "clerk")
    clerk.looks_at("today")
    clerk.goes_to("admin:dsar_case_add")
    clerk.looks_at("choose")
    clerk.page.locator("main a[href$='/add/sample/appi/correction/']").click()
    clerk.looks_at("enter")
    clerk.goes_on()
    clerk.looks_at("enter-empty")
    clerk.chooses(
        **{
            "arrival-channel": "post",
            "arrival-language": "ja",
            "requester-role": "self",
        }
    )
    clerk.fills(
        **{
            "principal-name": name,
            "address-address": "東京都千代田区見本町4-5-6",
            "scope-items": "登録した住所",
            "correction-wrong": "見本町4-5-5",
            "correction-right": "見本町4-5-6",
        }
    )
    attach(clerk, pdf("請求書.pdf"))
    clerk.goes_on()
    found = [row.case for row in Person.objects.select_related("case__key") if row.name == name]
    assert len(found) == 1
    clerk.arrives_at("admin:dsar_case_receipt", found[0].pk)
    clerk.looks_at("receipt")
    assert found[0].shown_number in clerk.text
    assert found[0].channel == Channel.POST
    assert found[0].attachments.count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_queue_and_the_rarer_acts_can_be_used_by_everyone(
    language: str, case: Case, visitor: NewVisitor
) -> None:
    officer = visitor(language=language)
    desk.signs_in(officer, "officer")
    officer.goes_to("admin:dsar_case_changelist")
    officer.looks_at("queue")
    officer.page.locator("#desk-search").fill(case.shown_number)
    with officer.page.expect_navigation():
        officer.page.keyboard.press("Enter")
    assert case.shown_number in officer.text
    officer.looks_at("search")
    by = ledger.staff(StaffMember.objects.get(username="officer"))
    do(case, "accept", by=by, at=timezone.now())
    for act in ("confirm_identity", "assign", "note", "message", "method", "withdraw"):
        officer.goes_to("admin:dsar_case_act", case.pk, act)
        officer.looks_at(f"act-{act}")
    officer.goes_to("admin:dsar_case_act", case.pk, "confirm_identity")
    officer.goes_on()
    officer.looks_at("act-empty")
    do(case, "confirm_identity", by=by, at=timezone.now())
    for act in ("extend", "decide", "end_without_decision"):
        officer.goes_to("admin:dsar_case_act", case.pk, act)
        officer.looks_at(f"act-{act}")
    with officer.expecting(409):
        officer.goes_to("admin:dsar_case_act", case.pk, "confirm_identity")
    officer.looks_at("act-refused")
    officer.goes_to("admin:dsar_notice_changelist")
    officer.looks_at("mail")


def test_the_second_of_two_officers_is_told_and_loses_nothing(
    case: Case, visitor: NewVisitor
) -> None:
    first, second = visitor(), visitor(language="en")
    desk.signs_in(first, "officer")
    desk.signs_in(second, "approver")
    second.goes_to("admin:dsar_case_act", case.pk, "ask")
    desk.acts(first, case, "accept")
    first.arrives_at("admin:dsar_case_change", case.pk)
    second.fills(reason="住所の裏付け", message="書類をお送りください。")
    with second.expecting(409):
        second.goes_on()
        second.looks_at("conflict")
    assert "書類をお送りください。" in second.page.content()
    assert desk.status_of(case) == "identity_check"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_administrator_sets_the_desk_up(language: str, visitor: NewVisitor) -> None:
    administrator = visitor(language=language)
    desk.signs_in(administrator, "admin")
    administrator.looks_at("settings")
    for model in ("controller", "closingday", "reminderrule", "mailtemplate", "staffmember"):
        administrator.goes_to(f"admin:dsar_{model}_changelist")
        administrator.looks_at(f"{model}-list")
        administrator.goes_to(f"admin:dsar_{model}_add")
        administrator.looks_at(f"{model}-add")
    administrator.goes_to("admin:dsar_controller_change", Controller.objects.get(code="sample").pk)
    administrator.looks_at("controller-change")
