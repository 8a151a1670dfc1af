"""The returning person's pages beside the great journey, and the pages of errors."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.utils import timezone

from dsar import filing, ledger, limits
from dsar.models import Case, Controller, Status
from tests.browser.conftest import NewVisitor
from tests.browser.mailbox import code_in, letter_to
from tests.browser.portal import Portal
from tests.browser.visitor import PHONE, Visitor
from tests.factories import PRINCIPAL, RECEIPT_CODE, filing_for

pytestmark = pytest.mark.browser

LANGUAGES = ["ja", "en"]


@pytest.fixture
def case(portal: Any) -> Case:
    """A request that came by the web form just now."""
    now = timezone.now()
    email = f"{uuid.uuid4().hex[:12]}@person.example"
    wanted = filing_for(
        Controller.objects.get(code="sample"),
        received_at=now,
        principal={**PRINCIPAL, "email": email},
    )
    return filing.file(wanted, by=ledger.REQUESTER, at=now, receipt_code=RECEIPT_CODE)


def sign_in(visitor: Visitor, case: Case) -> None:
    """Come back with number, receipt code and the code from the mail."""
    visitor.goes_to("requester:login")
    visitor.fills(number=case.shown_number, receipt_code=RECEIPT_CODE)
    visitor.goes_on()
    visitor.arrives_at("requester:code")
    contact = case.contact()
    assert contact is not None
    visitor.fills(code=code_in(letter_to(contact.email)))
    visitor.goes_on()
    visitor.arrives_at("requester:case")


@pytest.mark.parametrize("language", LANGUAGES)
def test_message_method_and_withdrawal_can_be_used_by_everyone(
    language: str, case: Case, visitor: NewVisitor
) -> None:
    person = visitor(language=language, size=PHONE)
    sign_in(person, case)
    person.goes_to("requester:message")
    person.goes_on()
    person.looks_at("message-empty")
    person.fills(body="住所が変わりました。")
    person.goes_on()
    person.arrives_at("requester:case")
    person.goes_to("requester:method")
    person.looks_at("method")
    person.goes_to("requester:withdraw")
    person.looks_at("withdraw")
    person.page.locator("main form button[type='submit']").first.click()
    person.arrives_at("requester:case")
    person.looks_at("status-withdrawn")
    case.refresh_from_db()
    assert case.status == Status.CLOSED


def test_a_wrong_pair_and_a_wrong_code_look_like_a_right_pair(
    case: Case, visitor: NewVisitor
) -> None:
    person = visitor(language="en")
    person.goes_to("requester:login")
    person.fills(number="123", receipt_code="abc")
    person.goes_on()
    person.looks_at("sign-in-slip")
    assert person.control("number").input_value() == "123"
    person.fills(number=case.shown_number, receipt_code="ZZZZZZZZZZZZZZZZ")
    person.goes_on()
    person.arrives_at("requester:code")
    person.fills(code="000000")
    person.goes_on()
    person.looks_at("code-wrong")
    person.arrives_at("requester:code")
    assert person.page.locator("[data-error-summary]").count() == 1


def test_after_signing_out_the_back_button_shows_nothing_of_the_case(
    case: Case, visitor: NewVisitor
) -> None:
    person = visitor()
    sign_in(person, case)
    person.presses("Sign out")
    person.arrives_at("requester:login")
    person.page.go_back()
    person.arrives_at("requester:login")
    assert case.shown_number not in person.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_forms_to_print_are_listed_and_shown(language: str, visitor: NewVisitor) -> None:
    person = visitor(language=language, size=PHONE)
    person.goes_to("blank_forms")
    person.looks_at("blank-forms")
    person.goes_to("blank_form", "appi", "disclosure")
    person.looks_at("blank-form")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_errors_say_what_to_do(language: str, visitor: NewVisitor) -> None:
    person = visitor(language=language, size=PHONE)
    start = "/en" if language == "en" else ""
    with person.expecting(404, 410):
        person.goes_to(f"{start}/no-such-page/")
        person.looks_at("error-404")
        person.goes_to("intake:resume", "no-such-draft")
        person.looks_at("error-410-draft")
        person.goes_to("requester:confirm_email", "no-such-link")
        person.goes_on()
        person.looks_at("error-404-confirm")


@pytest.mark.parametrize(
    ("refusal", "status", "language", "scripts"),
    [
        (SuspiciousOperation, 400, "ja", True),  # in both languages on one page
        (PermissionDenied, 403, "ja", False),
        (PermissionDenied, 403, "en", True),
    ],
)
def test_what_is_refused_is_refused_in_words(
    refusal: type[Exception],
    status: int,
    language: str,
    scripts: bool,
    visitor: NewVisitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise refusal("on purpose")

    monkeypatch.setattr("dsar.questions.matter.Matter.load", refuse)
    person = visitor(language=language, size=PHONE, scripts=scripts)
    with person.expecting(status):
        person.goes_to("home")
    person.looks_at(f"error-{status}")


def test_a_page_that_breaks_says_so_calmly(
    portal: Portal, visitor: NewVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("dsar.questions.matter.Matter.load", broken)
    person = visitor(size=PHONE)
    with person.expecting(500):
        person.goes_to("home")
    person.looks_at("error-500")
    assert "broken on purpose" in portal.taken_failures()[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_without_its_cookie_is_refused_in_words(language: str, visitor: NewVisitor) -> None:
    person = visitor(language=language, size=PHONE)
    person.goes_to("requester:login")
    person.context.clear_cookies()
    person.fills(number="123", receipt_code="abc")
    with person.expecting(403):
        person.goes_on()
        person.looks_at("error-403-cookie")


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_many_tries_are_refused_in_words(
    language: str, visitor: NewVisitor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    settings.RATE_LIMIT_STORAGE = "memory://"
    monkeypatch.setitem(limits.SCOPES, "link", limits.Scope("1/hour", "1/hour"))
    limits.reset()
    person = visitor(language=language, size=PHONE)
    person.goes_to("requester:confirm_email", "no-such-link")
    with person.expecting(404):
        person.goes_on()
        person.goes_to("requester:confirm_email", "no-such-link")
    with person.expecting(429):
        person.goes_on()
    person.looks_at("error-429")
    limits.reset()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_picture_without_words_is_noted_with_and_without_scripts(
    scripts: bool, visitor: NewVisitor
) -> None:
    person = visitor(scripts=scripts)
    person.goes_to("home")
    person.page.evaluate(
        """document.querySelector("main").insertAdjacentHTML(
            "beforeend", "<img src='/static/img/icon.svg'>")"""
    )
    person.looks_at("picture-without-words")
    assert ["axe image-alt" in problem for problem in person.problems] == [True]
    person.problems.clear()
