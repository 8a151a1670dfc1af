"""Several requests in one filing, with a paper; and the way from one to the other afterwards."""

from __future__ import annotations

import uuid

import pytest

from dsar import links
from dsar.models import IdentityDocument
from tests.browser import ways
from tests.browser.conftest import NewVisitor
from tests.browser.mailbox import code_in, letter_to
from tests.browser.uploading import attach
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.factories import png

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "size", "scripts"),
    [("ja", PHONE, False), ("en", DESKTOP, True)],
    ids=["japanese-phone-without-scripts", "english-desktop"],
)
def test_two_further_requests_are_added_changed_left_out_and_filed_with_the_first(
    language: str, size: dict[str, int], scripts: bool, visitor: NewVisitor
) -> None:
    email = f"{uuid.uuid4().hex[:12]}@person.example"
    person = visitor(language=language, size=size, scripts=scripts)
    person.goes_to("intake:start")
    ways.goes(person, ways.disclosure(email))
    _shows_a_licence(person)
    person.goes_on()
    person.arrives_at("intake:check")

    _adds_a_correction(person)
    person.looks_at("20-check-with-two")
    _adds_a_stop_of_provision(person)
    person.looks_at("21-check-with-three")
    first = person.page.locator(".further").first
    first.locator("a[href*='/more/0/correction/']").first.click()
    person.arrives_at("intake:further", 0, "correction")
    person.fills(right="見本町4-5-7")
    person.goes_on()
    person.arrives_at("intake:check")
    assert "見本町4-5-7" in person.text
    person.page.locator("main a[href$='/more/1/remove/']").click()
    person.looks_at("22-leave-out")
    with person.page.expect_navigation():
        person.page.locator("main form button[type='submit']").first.click()
    person.arrives_at("intake:check")
    assert person.page.locator(".further").count() == 1
    _adds_a_stop_of_provision(person)
    person.ticks("consent")
    person.main_button.dblclick()
    person.arrives_at("intake:receipt")
    person.looks_at("30-receipt-of-three")

    paper = IdentityDocument.objects.latest("pk")
    assert paper.attachment is not None
    assert paper.attachment.case is not None
    cases = links.filed_with(paper.attachment.case)
    assert [case.kind for case in cases] == ["disclosure", "correction", "stop_provision"]
    for case in cases:
        assert case.shown_number in person.text
    code = person.page.locator("main code").nth(1).inner_text().strip()
    person.ticks("saved")
    person.goes_on()

    # Any of the numbers opens all of them.
    person.goes_to("requester:login")
    person.fills(number=cases[1].shown_number, receipt_code=code)
    person.goes_on()
    person.fills(code=code_in(letter_to(email)))
    person.goes_on()
    person.arrives_at("requester:case")
    person.looks_at("40-status-of-the-second")
    assert f"{cases[1].shown_number}" in person.page.locator(".case-number").inner_text()
    person.page.locator(".together button").first.click()
    person.arrives_at("requester:case")
    person.page.get_by_text(cases[0].shown_number).first.wait_for()
    person.looks_at("41-status-of-the-first")
    person.goes_to("requester:identity")
    person.looks_at("42-identity")


def _shows_a_licence(person: Visitor) -> None:
    person.goes_to("intake:attachments")
    person.looks_at("10-attachments")
    person.page.locator("main a[href$='/attachments/identity/']").click()
    person.arrives_at("intake:add_proof")
    person.looks_at("11-proof")
    person.goes_on()
    person.looks_at("12-proof-empty")
    person.chooses(type="principal:drivers_licence")
    attach(person, png("免許証.png"))
    person.goes_on()
    person.arrives_at("intake:attachments")
    person.looks_at("13-attachments-with-proof")


def _adds_a_correction(person: Visitor) -> None:
    person.link("Ask for something else as well").click()
    person.arrives_at("intake:further", 0, "want")
    person.looks_at("14-further-want")
    person.chooses(want="put_right")
    person.goes_on()
    person.arrives_at("intake:further", 0, "why")
    person.looks_at("15-further-why")
    person.chooses(reason="wrong")
    person.goes_on()
    person.arrives_at("intake:further", 0, "about")
    person.looks_at("16-further-about")
    person.link("Go on with this request").click()
    person.fills(items="登録した住所")
    person.goes_on()
    person.arrives_at("intake:further", 0, "correction")
    person.looks_at("17-further-correction")
    person.fills(wrong="見本町4-5-5", right="見本町4-5-6", why="転居しました。")
    person.goes_on()
    person.arrives_at("intake:check")


def _adds_a_stop_of_provision(person: Visitor) -> None:
    person.link("Ask for something else as well").click()
    person.arrives_at("intake:further", 1, "want")
    person.chooses(want="stop_sharing")
    person.goes_on()
    person.chooses(reason="no_consent")
    person.goes_on()
    person.link("Go on with this request").click()
    person.arrives_at("intake:further", 1, "scope")
    person.fills(items="登録した住所")
    person.goes_on()
    person.arrives_at("intake:further", 1, "ground")
    person.looks_at("18-further-ground")
    person.fills(circumstances="知らない会社から案内が届きました。")
    person.goes_on()
    person.arrives_at("intake:further", 1, "recipients")
    person.goes_on()
    person.arrives_at("intake:check")
