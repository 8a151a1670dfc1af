"""The desk's own wording of mail: checked before it is kept, shown with sample values."""

from __future__ import annotations

from typing import Any

import pytest

from dsar import wording
from dsar.admin.notices import KINDS
from dsar.models import MailTemplate
from tests.dsar.admin.desk import DESK, tags_of, text_of

pytestmark = pytest.mark.django_db

MAIL = f"{DESK}dsar/mailtemplate/"


@pytest.fixture
def setup(signed_in: Any, administrator: Any) -> Any:
    return signed_in(administrator)


def _form(**given: str) -> dict[str, str]:
    return {
        "kind": "decision",
        "language": "en",
        "subject": "Our answer {case_number}",
        "body": "Read it here:\n{status_link}\n",
        **given,
    }


def test_a_good_wording_is_kept_and_used(setup: Any) -> None:
    setup.post(f"{MAIL}add/", _form())
    assert wording.wording("decision", "en") == (
        "Our answer {case_number}",
        "Read it here:\n{status_link}",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"body": "Dear {name},"}, "“{name}” is no blank of this text."),
        ({"body": "Answer: {case_number"}, "A brace stands alone."),
        ({"subject": " "}, "This field is required."),
    ],
)
def test_a_wrong_wording_is_refused_in_words(setup: Any, given: dict[str, str], said: str) -> None:
    response = setup.post(f"{MAIL}add/", _form(**given))
    assert said in text_of(response)
    assert not MailTemplate.objects.exists()


def test_the_blanks_are_listed_and_the_mail_is_shown_with_sample_values(setup: Any) -> None:
    setup.post(f"{MAIL}add/", _form())
    text = text_of(setup.get(f"{MAIL}{MailTemplate.objects.get().pk}/change/"))
    assert "{case_number}" in text
    assert "Our answer 2611-4839-2075" in text


def test_a_saved_wording_is_named_by_its_subject(setup: Any) -> None:
    saved = setup.post(f"{MAIL}add/", _form(), follow=True)
    assert "Our answer {case_number} (English)" in text_of(saved)


@pytest.mark.parametrize("place", ["", "add/"])
def test_one_begins_from_our_own_wording(setup: Any, place: str) -> None:
    page = setup.get(f"{MAIL}{place}")
    starts = [
        attrs["href"]
        for tag, attrs in tags_of(page).tags
        if tag == "a" and "kind=" in attrs.get("href", "")
    ]
    assert f"{MAIL}add/?kind=decision&language=ja" in starts
    subject, _body = wording.default_wording("decision", "ja")
    begun = setup.get(f"{MAIL}add/", {"kind": "decision", "language": "ja"})
    assert begun.context["adminform"].form["subject"].value() == subject


def test_every_mail_can_be_begun_from_our_wording(setup: Any) -> None:
    for kind in KINDS:
        page = setup.get(f"{MAIL}add/", {"kind": kind, "language": "en"})
        assert page.context["shown"], kind
