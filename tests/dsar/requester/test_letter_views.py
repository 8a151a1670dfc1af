"""The person reads and takes away every letter of their case, and none of another's."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from dsar import letters, limits
from tests.dsar.requester.desk import CASE, text_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(filed: Any) -> Any:
    """The receipt of the person's case."""
    case = filed()
    letters.sweep(NOW)
    return case.letters.get()


def of(letter: Any, what: str = "") -> str:
    return f"/en/status/request/letters/{letter.pk}/{what}"


def test_the_person_finds_the_letter_on_the_page_of_the_case(opened: Any, letter: Any) -> None:
    page = opened(letter.case).get("/en" + CASE)
    assert letter.subject in text_of(page)
    assert of(letter, "pdf/") in page.content.decode()


def test_its_name_is_marked_as_being_in_its_own_language(opened: Any, letter: Any) -> None:
    page = opened(letter.case).get("/en" + CASE).content.decode()
    assert f'href="{of(letter)}" lang="ja">{letter.subject}<' in page


def test_a_letter_not_yet_written_is_not_there(opened: Any, filed: Any) -> None:
    case = filed()
    page = opened(case).get("/en" + CASE)
    assert page.context["issued"] == []
    assert opened(case).get(of(case.letters.get())).status_code == 404


def test_the_person_reads_it_and_that_is_noted(opened: Any, letter: Any) -> None:
    page = opened(letter.case).get(of(letter))
    assert "下記のとおり受け付けいたしました" in text_of(page)
    assert bytes(letter.digest).hex() in text_of(page)
    looked = letter.case.events.filter(act="view_file", facts={"letter": letter.pk})
    assert looked.get().actor_kind == "requester"


def test_the_person_takes_away_the_very_pdf_that_was_issued(opened: Any, letter: Any) -> None:
    response = opened(letter.case).get(of(letter, "pdf/"))
    drawn = b"".join(response.streaming_content)
    assert hashlib.sha256(drawn).digest() == bytes(letter.digest)
    assert response["Content-Disposition"].startswith("attachment")
    assert "no-store" in response["Cache-Control"]
    assert letter.case.events.filter(act="view_file").count() == 1


def test_nobody_reads_a_letter_of_another_case(opened: Any, filed: Any, letter: Any) -> None:
    other = opened(filed())
    assert other.get(of(letter)).status_code == 404
    assert other.get(of(letter, "pdf/")).status_code == 404


def test_without_signing_in_there_is_no_letter(client: Any, letter: Any) -> None:
    assert client.get(of(letter)).status_code == 302
    assert client.get(of(letter, "pdf/")).status_code == 302


def test_taking_away_is_limited(
    opened: Any, letter: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setitem(limits.SCOPES, "document", limits.Scope("1/hour", "100/hour"))
    limits.reset()
    browser = opened(letter.case)
    codes = [browser.get(of(letter, "pdf/")).status_code for _ in range(2)]
    assert codes == [200, 429]
