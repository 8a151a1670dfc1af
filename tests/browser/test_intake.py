"""The form for a request, as people of all sorts fill it in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dsar import files
from dsar.models import Attachment, Case, Controller, IntakeDraft, Person
from tests.browser import ways
from tests.browser.conftest import NewVisitor
from tests.browser.mailbox import letter_to, link_in
from tests.browser.uploading import attach
from tests.browser.visitor import DESKTOP, PHONE
from tests.browser.ways import Answer
from tests.factories import pdf, png

pytestmark = pytest.mark.browser

Way = Callable[[str], Sequence[Answer]]


@pytest.fixture
def email() -> str:
    """An address that nobody else has used."""
    return f"{uuid.uuid4().hex[:12]}@person.example"


def case_of(email: str) -> Case:
    """The one case that was filed with this address."""
    found = [row.case for row in Person.objects.select_related("case__key") if row.email == email]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("way", "language", "size", "kind"),
    [
        (ways.european_erasure, "en", DESKTOP, "erasure"),
        (ways.californian_opt_out, "en", PHONE, "opt_out"),
        (ways.erasure_for_a_child, "ja", PHONE, "erasure_35_5"),
    ],
    ids=["gdpr-erasure", "ccpa-opt-out", "erasure-for-a-child"],
)
def test_a_request_goes_from_the_start_page_to_the_receipt(
    way: Way, language: str, size: dict[str, int], kind: str, visitor: NewVisitor, email: str
) -> None:
    person = visitor(language=language, size=size)
    person.goes_to("home")
    person.looks_at("home")
    person.goes_to("intake:start")
    ways.goes(person, way(email), looking=True)
    person.arrives_at("intake:attachments")
    person.looks_at("50-attachments")
    attach(person, pdf("paper.pdf"))
    person.goes_on()
    person.arrives_at("intake:check")
    person.looks_at("60-check")
    person.ticks("consent")
    person.goes_on()
    person.arrives_at("intake:receipt")
    person.looks_at("70-receipt")

    case = case_of(email)
    assert case.kind == kind
    assert case.language == language
    assert case.attachments.count() == 1
    assert case.shown_number in person.text
    person.ticks("saved")
    person.goes_on()
    person.arrives_at("intake:done")
    person.looks_at("80-done")
    assert case.shown_number not in person.text


def test_a_person_on_a_phone_without_scripts_can_stop_go_on_elsewhere_and_file_once(
    visitor: NewVisitor, email: str
) -> None:
    person = visitor(size=PHONE, scripts=False)
    person.goes_to("intake:start")
    way = ways.disclosure(email)
    ways.goes(person, way[:6], looking=True)
    person.presses("Save and go on later")
    person.looks_at("save")
    person.fills(email=email)
    person.presses("Send the link")
    person.looks_at("save-sent")

    later = visitor(size=PHONE, scripts=False)
    later.opens(link_in(letter_to(email), "/resume/"))
    later.looks_at("resume")
    later.goes_on()
    ways.goes(later, way[6:], looking=True)
    attach(later, png("免許証.png"))
    later.presses("Add the chosen files")
    later.looks_at("attachments")
    assert "免許証.png" in later.text
    later.presses("Next", context="button")
    later.arrives_at("intake:check")
    later.looks_at("check")
    later.ticks("consent")
    later.main_button.dblclick()
    later.arrives_at("intake:receipt")
    later.looks_at("receipt")

    case = case_of(email)
    person_of_case = case.people.get()
    assert person_of_case.birth_date == "1988-03-15"
    assert person_of_case.postal_code == "100-0000"
    assert case.answers["scope"]["services"] == ["サンプル会員サービス"]
    assert Attachment.objects.get(case=case).name == "免許証.png"
    assert case.shown_number in later.text


def test_an_empty_form_says_what_to_do_beside_each_field_and_at_the_top(
    visitor: NewVisitor, email: str
) -> None:
    person = visitor(language="en")
    person.goes_to("intake:start")
    person.goes_on()
    person.looks_at("empty-choice")
    assert person.page.locator("[data-error-summary]").evaluate(
        "summary => summary === document.activeElement"
    )
    assert "Where do you live?" in person.page.locator(".field-errors").inner_text()
    ways.goes(person, ways.disclosure(email)[:5])
    person.goes_on()
    person.looks_at("empty-text")
    links = person.page.locator("[data-error-summary] li a")
    assert links.count() == 2
    links.first.click()
    assert person.control("name").evaluate("control => control === document.activeElement")
    assert person.control("name").get_attribute("aria-invalid") == "true"
    described = person.control("name").get_attribute("aria-describedby") or ""
    assert person.page.locator(f"#{described.split()[0]}").inner_text().strip()


def test_a_date_that_does_not_exist_is_named_and_nothing_typed_is_lost(
    visitor: NewVisitor, email: str
) -> None:
    person = visitor(size=PHONE)
    person.goes_to("intake:start")
    ways.goes(person, ways.disclosure(email)[:5])
    typed = {
        "name": "見本 花子",
        "kana": "みほん はなこ",
        "birth_date_year": "1988",
        "birth_date_month": "13",
        "birth_date_day": "15",
        "former_name": "見本 桜",
    }
    person.fills(**typed)
    person.goes_on()
    person.looks_at("wrong-date")
    for name, text in typed.items():
        assert person.control(name).input_value() == text
    assert person.control("birth_date_month").get_attribute("aria-invalid") == "true"
    assert person.control("birth_date_day").get_attribute("aria-invalid") is None
    assert person.page.locator("#id_birth_date_field .field-errors li").count() == 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_before_a_paper_is_removed_it_is_asked_about(language: str, visitor: NewVisitor) -> None:
    person = visitor(language=language, size=PHONE, scripts=language == "en")
    person.goes_to("intake:resume", ways.draft_of("appi", "see", ""))
    person.goes_on()
    draft = IntakeDraft.objects.latest("pk")
    row = files.store(png("免許証.png"), at=timezone.now(), draft=draft)
    person.goes_to("intake:remove_attachment", row.pk)
    person.looks_at("remove")
    assert "免許証.png" in person.text
    person.page.locator("main form button[type='submit']").first.click()
    assert not Attachment.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_desk_that_is_not_set_up_says_so(language: str, visitor: NewVisitor) -> None:
    open_ones = Controller.objects.filter(is_active=True)
    closed = list(open_ones.values_list("pk", flat=True))
    open_ones.update(is_active=False)
    try:
        person = visitor(language=language, size=PHONE, scripts=language == "en")
        person.goes_to("intake:start")
        person.looks_at("closed")
        assert person.heading == person.word("No requests can be made here yet")
    finally:
        Controller.objects.filter(pk__in=closed).update(is_active=True)


def test_a_file_of_the_wrong_sort_is_named_and_the_good_one_beside_it_is_kept(
    visitor: NewVisitor, email: str
) -> None:
    person = visitor(size=PHONE)
    person.goes_to("intake:start")
    ways.goes(person, ways.disclosure(email))
    person.arrives_at("intake:attachments")
    wrong = SimpleUploadedFile("メモ.txt", b"just text, whatever its name says", "text/plain")
    attach(person, wrong, png("免許証.png"))
    assert "免許証.png" in person.page.locator("[data-file-list]").inner_text()
    person.goes_on()
    person.looks_at("wrong-file")
    assert "メモ.txt" in person.page.locator("[data-error-summary]").inner_text()
    assert "免許証.png" in person.page.locator(".file-list").inner_text()
    person.goes_on()
    person.arrives_at("intake:check")


def test_the_first_steps_can_be_taken_with_the_keyboard_alone(visitor: NewVisitor) -> None:
    person = visitor(language="en")
    person.goes_to("home")
    person.tabs_to(person.link("I want to see the data you hold about me"))
    person.page.keyboard.press("Enter")
    person.arrives_at("intake:step", "region")
    person.tabs_to(person.page.locator("main [name='regime']").first)
    person.page.keyboard.press("Space")
    person.tabs_to(person.main_button)
    person.page.keyboard.press("Enter")
    person.arrives_at("intake:step", "want")
    person.tabs_to(person.page.locator("main [name='want']:checked"))
    person.page.keyboard.press("ArrowDown")
    assert person.page.locator("main [name='want']:checked").get_attribute("value") == "purposes"
    person.page.keyboard.press("ArrowUp")
    person.page.keyboard.press("Enter")
    person.arrives_at("intake:step", "about")
    person.tabs_to(person.link("Go on with this request"))
    person.page.keyboard.press("Enter")
    person.arrives_at("intake:step", "controller")


def test_the_skip_link_is_the_first_stop_and_leads_past_the_menu(visitor: NewVisitor) -> None:
    person = visitor(language="en", size=PHONE)
    person.goes_to("home")
    person.page.keyboard.press("Tab")
    focused = person.page.locator(":focus")
    assert focused.get_attribute("class") == "skip-link"
    assert focused.bounding_box() is not None
    person.page.keyboard.press("Enter")
    assert person.page.locator("main").evaluate("main => main === document.activeElement")


def test_the_back_button_of_the_browser_shows_what_was_answered(
    visitor: NewVisitor, email: str
) -> None:
    person = visitor()
    person.goes_to("intake:start")
    ways.goes(person, ways.disclosure(email)[:6])
    person.arrives_at("intake:step", "address")
    person.page.go_back()
    person.arrives_at("intake:step", "principal")
    assert person.control("name").input_value() == "見本　花子"


def test_a_second_press_with_scripts_is_taken_as_a_slip(visitor: NewVisitor, email: str) -> None:
    person = visitor(language="en")
    person.goes_to("intake:start")
    ways.goes(person, ways.californian_opt_out(email))
    person.arrives_at("intake:attachments")
    person.goes_on()
    person.arrives_at("intake:check")
    person.ticks("consent")
    sent: list[str] = []
    person.page.on("request", lambda asked: sent.append(asked.method))
    person.main_button.dblclick()
    person.arrives_at("intake:receipt")
    assert sent.count("POST") == 1
    assert case_of(email).kind == "opt_out"


def test_the_browser_asks_before_typed_text_is_left_for_another_language(
    visitor: NewVisitor, email: str
) -> None:
    person = visitor()
    person.goes_to("intake:start")
    ways.goes(person, ways.disclosure(email)[:5])
    person.arrives_at("intake:step", "principal")
    asked: list[str] = []

    def stays(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    person.page.on("dialog", stays)
    person.control("name").press_sequentially("見本")
    person.page.locator(".languages a").click(no_wait_after=True)
    person.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert person.control("name").input_value() == "見本"
    person.presses("Back", context="button")
    person.arrives_at("intake:step", "requester")
    assert len(asked) == 1
    person.goes_on()
    assert person.control("name").input_value() == "見本"


def test_a_deleted_draft_leaves_nothing_behind(visitor: NewVisitor, email: str) -> None:
    person = visitor()
    person.goes_to("intake:start")
    before = IntakeDraft.objects.count()
    ways.goes(person, ways.disclosure(email)[:6])
    assert IntakeDraft.objects.count() == before + 1
    person.link("Stop and delete what I entered").click()
    person.looks_at("delete")
    person.page.locator("main form button").first.click()
    person.arrives_at("intake:deleted")
    person.looks_at("deleted")
    assert IntakeDraft.objects.count() == before


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    ("step", "regime", "want", "reason"),
    [
        ("correction", "appi", "put_right", "wrong"),
        ("addition", "appi", "put_right", "missing"),
        ("recipients", "appi", "third_party_records", ""),
        ("complaint", "appi", "complain", ""),
        ("range", "ccpa", "see", "contents"),
        ("purpose_objection", "gdpr", "human_review", ""),
    ],
)
def test_the_questions_of_a_rarer_request_can_be_read_by_everyone(
    step: str, regime: str, want: str, reason: str, language: str, visitor: NewVisitor
) -> None:
    person = visitor(language=language, size=PHONE)
    person.goes_to("intake:resume", ways.draft_of(regime, want, reason))
    person.goes_on()
    person.arrives_at("intake:step", step)
    person.looks_at(step)
    person.goes_on()
    person.looks_at(f"{step}-empty")
