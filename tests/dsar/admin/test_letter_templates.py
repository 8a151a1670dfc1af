"""The desk's own wording of letters: checked, shown before it is kept, and used."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest

from dsar import letter_samples, letter_wording, letters
from dsar.models import LetterTemplate
from tests.dsar.admin.desk import text_of
from tests.factories import NOW, REGIMES

pytestmark = pytest.mark.django_db

TEMPLATES = "/en/desk/dsar/lettertemplate/"
GOOD = {
    "kind": "receipt",
    "language": "ja",
    "controller": "",
    "regime": "",
    "subject": "受付のご連絡",
    "body": "{case_number} を {received_on} に受け付けました。",
}


@pytest.fixture
def admin(signed_in: Any, administrator: Any) -> Any:
    """The browser of the one who sets up the desk."""
    return signed_in(administrator)


def test_a_wording_is_kept_and_used(admin: Any, file_case: Any) -> None:
    assert admin.post(f"{TEMPLATES}add/", GOOD).status_code == 302
    sheet = letters.compose(file_case(), "receipt", on=NOW.date())
    assert sheet.subject == "受付のご連絡"
    assert "受付のご連絡" in text_of(admin.get(TEMPLATES))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"body": "{name}"}, "“{name}” is no blank of this text."),
        ({"body": "{case_number"}, "A brace stands alone."),
        ({"body": "{case_number}"}, "“{received_on}” must be in the text"),
        ({"subject": "x" * 201}, "200"),
        ({"subject": ""}, "Write a subject."),
    ],
)
def test_a_wording_that_cannot_be_used_is_refused_and_stays_typed(
    admin: Any, given: dict[str, str], said: str
) -> None:
    page = admin.post(f"{TEMPLATES}add/", {**GOOD, **given})
    assert said in text_of(page)
    assert not LetterTemplate.objects.exists()
    shown = admin.post(f"{TEMPLATES}preview/", {**GOOD, **given, "as": "pdf"})
    assert said in text_of(shown)


def test_there_is_one_wording_a_letter_language_company_and_law(
    admin: Any, controller: Any
) -> None:
    admin.post(f"{TEMPLATES}add/", GOOD)
    again = admin.post(f"{TEMPLATES}add/", GOOD)
    assert "There is a wording of this letter already." in text_of(again)
    for narrower in ({"regime": "gdpr"}, {"controller": controller.pk}, {"language": "en"}):
        assert admin.post(f"{TEMPLATES}add/", {**GOOD, **narrower}).status_code == 302
    kept = LetterTemplate.objects.get(regime="", controller=None, language="ja")
    assert admin.post(f"{TEMPLATES}{kept.pk}/change/", GOOD).status_code == 302


def test_what_is_written_is_shown_as_page_and_pdf_without_being_kept(
    admin: Any, controller: Any
) -> None:
    given = {**GOOD, "controller": controller.pk, "regime": "appi"}
    page = text_of(admin.post(f"{TEMPLATES}preview/", {**given, "as": "page"}))
    assert "2611-4839-2075 を 2026年11月4日（水） に受け付けました。" in page
    assert "株式会社サンプル" in page
    drawn = admin.post(f"{TEMPLATES}preview/", {**given, "as": "pdf"})
    with pypdfium2.PdfDocument(drawn.content) as document:
        assert "受付のご連絡" in document[0].get_textpage().get_text_range()
    assert not LetterTemplate.objects.exists()


def test_the_wording_begins_from_ours_and_lists_the_blanks(admin: Any) -> None:
    page = admin.get(f"{TEMPLATES}add/", {"kind": "identity", "language": "en", "regime": "gdpr"})
    decided = admin.get(f"{TEMPLATES}add/", {"kind": "decision_partial"})
    assert "The decision on each thing asked for" in text_of(decided)
    text = text_of(page)
    assert "GDPR Art. 12(6)" in text
    assert "{cure_due_on}" in text
    assert "Begin from our wording" in text_of(admin.get(f"{TEMPLATES}add/", {"kind": "x"}))


def test_only_who_sets_up_the_desk_edits_wordings(desk: Any) -> None:
    assert desk.get(TEMPLATES).status_code == 403
    assert desk.post(f"{TEMPLATES}preview/", GOOD).status_code == 403


@pytest.mark.parametrize("language", letter_wording.LANGUAGES)
@pytest.mark.parametrize("name", letter_wording.TITLES)
def test_every_letter_has_a_sample(name: str, language: str, controller: Any) -> None:
    for regime in ("", *REGIMES):
        subject, body = letter_wording.default_wording(name, language, regime)
        sheet = letter_samples.sheet(name, language, subject, body, controller, regime)
        assert "{" not in sheet.subject + sheet.body
