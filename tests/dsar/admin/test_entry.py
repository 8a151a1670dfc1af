"""Entering what came on paper, by telephone, at the counter or by e-mail."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dsar import ledger, vault
from dsar.models import Case, IntakeDraft
from tests.dsar.admin.desk import CASES, links_of, page_of, parts, tags_of, text_of
from tests.factories import DraftFactory, pdf

pytestmark = pytest.mark.django_db

ADD = f"{CASES}add/"
CORRECTION = f"{CASES}add/sample/appi/correction/"


def _letter(**given: Any) -> dict[str, Any]:
    """What an officer types from a letter that came on 9 November."""
    return {
        "arrival-channel": "post",
        **parts("arrival-received_on", 2026, 11, 9),
        "arrival-received_time": "９：３０",
        "arrival-language": "ja",
        "arrival-entry": "one page shown once",
        "requester-role": "self",
        "principal-name": "見本 花子",
        "address-address": "東京都千代田区見本町4-5-6",
        "correction-wrong": "見本町4-5-5",
        "correction-right": "見本町4-5-6",
        "correction-why": "転居しました。",
        **given,
    }


def _code_on(response: Any) -> str:
    page = response.content.decode()
    return page.split('id="receipt-code">')[1].split("<")[0].replace("-", "")


def test_every_kind_of_ones_companies_can_be_entered(
    desk: Any, signed_in: Any, foreign_officer: Any
) -> None:
    ours = [link for link in links_of(desk.get(ADD)) if "/add/" in link]
    assert CORRECTION in ours
    assert any("/gdpr/access/" in link for link in ours)
    theirs = [link for link in links_of(signed_in(foreign_officer).get(ADD)) if "/add/" in link]
    assert not any("/sample/" in link or "/gdpr/" in link for link in theirs)
    assert any("/travel/appi/correction/" in link for link in theirs)


def test_every_kind_has_its_page(desk: Any, controller: Any, law_kind: tuple[str, str]) -> None:
    regime, kind = law_kind
    response = desk.get(f"{CASES}add/sample/{regime}/{kind}/")
    assert response.status_code == 200
    ids = tags_of(response).ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "address", ["travel/appi/correction", "sample/appi/nothing", "sample/xx/correction"]
)
def test_what_is_not_ones_own_or_unknown_is_not_found(
    desk: Any, other_controller: Any, address: str
) -> None:
    assert desk.get(f"{CASES}add/{address}/").status_code == 404
    assert desk.post(f"{CASES}add/{address}/", _letter()).status_code == 404


def test_a_letter_becomes_a_case_whose_clock_began_when_it_arrived(
    desk: Any, controller: Any, officer: Any
) -> None:
    response = desk.post(CORRECTION, _letter(), follow=True)
    case = Case.objects.select_related("key", "controller").get()
    assert (case.channel, case.kind, str(case.received_on)) == ("post", "correction", "2026-11-09")
    assert case.received_at.isoformat() == "2026-11-09T00:30:00+00:00"
    assert str(case.deadlines.get(code="decision").due_on) == "2026-11-23"
    assert case.answers["correction"]["right"] == "見本町4-5-6"
    assert case.people.get().name == "見本 花子"
    event = case.events.get(act="file")
    assert (event.actor, event.facts["channel"]) == (officer, "post")
    assert response.redirect_chain == [(f"{CASES}{case.pk}/receipt/", 302)]


def test_the_receipt_shows_number_and_code_until_it_is_handed_over(
    desk: Any, controller: Any
) -> None:
    shown = desk.post(CORRECTION, _letter(), follow=True)
    case = Case.objects.select_related("key", "controller").get()
    code = _code_on(shown)
    assert vault.keyed_digest("receipt", code) == bytes(case.receipt_code_digest)
    assert case.shown_number in text_of(shown)
    assert 'lang="ja"' in shown.content.decode()
    assert "見本 花子" in text_of(shown)
    assert f"{CASES}{case.pk}/receipt/" in links_of(desk.get(page_of(case)))
    desk.post(f"{CASES}{case.pk}/receipt/")
    gone = desk.get(f"{CASES}{case.pk}/receipt/")
    assert code[:4] not in text_of(gone)
    assert "The receipt code is no longer shown." in text_of(gone)
    assert case.events.filter(act="receipt_given").exists()
    assert f"{CASES}{case.pk}/receipt/" not in links_of(desk.get(page_of(case)))


def test_the_code_of_a_web_request_is_never_shown_to_the_desk(
    desk: Any, file_case: Any, now: Any
) -> None:
    draft = DraftFactory(receipt_code="7F3K2M9QABCDEFGH")
    case = file_case(draft=draft)
    assert desk.get(f"{CASES}{case.pk}/receipt/").status_code == 404


def test_a_button_pressed_twice_makes_one_case(desk: Any, controller: Any) -> None:
    first = desk.post(CORRECTION, _letter())
    second = desk.post(CORRECTION, _letter())
    assert first.url == second.url
    assert Case.objects.count() == 1


def test_scans_are_sealed_with_the_case(desk: Any, controller: Any) -> None:
    desk.post(CORRECTION, {**_letter(), "arrival-uploads": [pdf()]})
    case = Case.objects.get()
    assert [row.name for row in case.attachments.all()] == ["委任状.pdf"]
    assert ledger.verify(case) == case.event_count


def test_a_scan_that_cannot_be_taken_leaves_nothing_behind(desk: Any, controller: Any) -> None:
    wrong = SimpleUploadedFile("scan.pdf", b"MZ no pdf at all")
    response = desk.post(CORRECTION, {**_letter(), "arrival-uploads": [wrong]})
    assert "“scan.pdf” is not a PDF" in text_of(response)
    assert "転居しました。" in text_of(response)
    assert not Case.objects.exists()
    assert not IntakeDraft.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (parts("arrival-received_on", 2026, 11, 11), "This is still to come."),
        (
            {**parts("arrival-received_on", 2026, 11, 10), "arrival-received_time": "10:01"},
            "This is still to come.",
        ),
        ({"arrival-received_time": "half past nine"}, "Enter the time as hours and minutes"),
        ({"arrival-channel": "web"}, "Select a valid choice"),
        ({"arrival-channel": ""}, "Choose an answer for “How did the request arrive?”."),
        ({"principal-name": ""}, "Enter “Full name”."),
        (parts("arrival-received_on", 1999, 1, 4), "The rules kept here apply from Friday 1 April"),
        (
            {**parts("arrival-received_on", 1999, 1, 4), "arrival-channel": ""},
            "The rules kept here apply from Friday 1 April",
        ),
        ({"requester-role": ""}, "Choose who makes the request."),
    ],
)
def test_what_is_missing_or_impossible_is_said_and_nothing_is_filed(
    desk: Any, controller: Any, given: dict[str, str], said: str
) -> None:
    response = desk.post(CORRECTION, _letter(**given))
    text = text_of(response)
    assert said in text
    assert "There is a problem" in text
    assert "転居しました。" in text
    assert not Case.objects.exists()


def test_a_letter_without_e_mail_or_birth_date_is_taken(desk: Any, controller: Any) -> None:
    desk.post(CORRECTION, _letter())
    person = Case.objects.select_related("key").get().people.get()
    assert (person.email, person.birth_date) == ("", "")


def test_an_agents_letter_names_both(desk: Any, controller: Any) -> None:
    desk.post(
        CORRECTION,
        _letter(
            **{
                "requester-role": "statutory_agent",
                "agent-name": "見本 太郎",
                "agent-relation": "父",
            }
        ),
    )
    people = Case.objects.select_related("key").get().people
    assert {row.role: row.name for row in people.all()} == {
        "principal": "見本 花子",
        "agent": "見本 太郎",
    }


def test_the_officer_can_take_the_case_at_once_but_intake_cannot(
    desk: Any, signed_in: Any, officer: Any, intake_clerk: Any
) -> None:
    desk.post(CORRECTION, _letter(**{"arrival-take_it": "on"}))
    assert Case.objects.get().assigned_to == officer
    clerk = signed_in(intake_clerk)
    clerk.post(CORRECTION, _letter(**{"arrival-take_it": "on", "arrival-entry": "another"}))
    assert Case.objects.latest("id").assigned_to is None
    assert 'name="arrival-take_it"' not in clerk.get(CORRECTION).content.decode()
