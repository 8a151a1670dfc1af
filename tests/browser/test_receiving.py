"""What the returning person is given: the decision, letters, a release; and other ways of proof."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from dsar import fees, filing, identity, ledger, letters, release
from dsar.models import (
    AccountSignIn,
    Case,
    Controller,
    Letter,
    Release,
    StaffMember,
    Subject,
)
from tests.browser.conftest import NewVisitor
from tests.browser.mailbox import code_in, letter_to
from tests.browser.test_requester import sign_in
from tests.browser.visitor import PHONE
from tests.dsar import disclosing
from tests.factories import PRINCIPAL, RECEIPT_CODE, filing_for, take_fees

pytestmark = pytest.mark.browser


@pytest.fixture
def case(portal: Any) -> Case:
    """A disclosure that came by the web form just now."""
    now = timezone.now()
    email = f"{uuid.uuid4().hex[:12]}@person.example"
    wanted = filing_for(
        Controller.objects.get(code="sample"),
        received_at=now,
        principal={**PRINCIPAL, "email": email},
    )
    return filing.file(wanted, by=ledger.REQUESTER, at=now, receipt_code=RECEIPT_CODE)


@pytest.mark.parametrize(
    ("language", "scripts"), [("ja", False), ("en", True)], ids=["ja-without-scripts", "en"]
)
def test_a_release_is_received_with_a_fresh_code_until_none_is_left(
    language: str, scripts: bool, case: Case, visitor: NewVisitor
) -> None:
    officer = StaffMember.objects.get(username="officer")
    approver = StaffMember.objects.get(username="approver")
    at = timezone.now()
    disclosing.granted(case, officer=officer, approver=approver, at=at)
    package = disclosing.built(case, "open", officer=officer, at=at)
    row = release.propose(package, "portal", by=ledger.staff(officer), at=at)
    release.approve(row, by=ledger.staff(approver), at=at)
    Release.objects.filter(pk=row.pk).update(allowed=1)
    letters.sweep(timezone.now())
    person = visitor(language=language, size=PHONE, scripts=scripts)
    sign_in(person, case)
    person.looks_at("10-status-released")
    letter = case.letters.filter(kind=Letter.Kind.DECISION).get()
    person.goes_to("requester:letter", letter.pk)
    person.looks_at("11-letter")
    person.goes_to("requester:receive", row.pk)
    person.looks_at("12-receive")
    person.goes_on()
    person.arrives_at("requester:receive", row.pk)
    person.looks_at("13-receive-code")
    person.fills(code="000000")
    person.goes_on()
    person.looks_at("14-receive-code-wrong")
    person.fills(code=code_in(letter_to(case.email())))
    person.goes_on()
    person.looks_at("15-receive-button")
    with person.page.expect_download() as got:
        person.main_button.click()
    assert got.value.suggested_filename.endswith(".zip")
    person.goes_to("requester:case")
    person.looks_at("16-status-received")
    assert person.page.locator("main a[href*='/request/data/']").count() == 0


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_ways_to_prove_oneself_and_a_fee_can_be_used_by_everyone(
    language: str, case: Case, visitor: NewVisitor, settings: Any
) -> None:
    settings.EKYC_PROVIDER = "dsar.identity.ekyc_http.HttpProvider"
    settings.EKYC_URL, settings.EKYC_SECRET = "http://127.0.0.1:9", "key"
    officer = ledger.staff(StaffMember.objects.get(username="officer"))
    at = timezone.now()
    AccountSignIn.objects.get_or_create(
        controller=case.controller,
        defaults={
            "issuer": "http://127.0.0.1:9",
            "client_id": "desk",
            "name_ja": "サンプル会員",
            "name_en": "Sample Account",
        },
    )
    identity.post_letter(case, Subject.PRINCIPAL, "1234-5678-9012", by=officer, at=at)
    take_fees(case.controller)
    fees.charge(case, 300, by=officer, at=at)
    person = visitor(language=language, size=PHONE)
    sign_in(person, case)
    person.looks_at("20-status-fee")
    person.goes_to("requester:identity")
    person.looks_at("21-identity-ways")
    person.fills(code="12")
    person.goes_on()
    person.arrives_at("requester:letter_code")
    person.looks_at("22-identity-code-wrong")
