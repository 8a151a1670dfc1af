"""The sign-in pages as a browser meets them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dsar import notices, reference, vault
from dsar.models import Case, EmailConfirmation, Event, Notice
from dsar.requester import access

pytestmark = pytest.mark.django_db

LOGIN = "/status/"
CODE = "/status/code/"
CASE = "/status/request/"


@pytest.fixture
def case(filed: Any) -> Case:
    made: Case = filed()
    return made


def give(client: Client, number: str, code: str, **extra: Any) -> Any:
    return client.post(LOGIN, {"number": number, "receipt_code": code}, **extra)


def mailed_code() -> str:
    row = Notice.objects.select_related("case__key").filter(kind=notices.ACCESS_CODE).latest("pk")
    return str(row.secret["code"])


def words(response: Any) -> str:
    """The page without its CSRF token."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())


def test_number_receipt_code_and_mailed_code_open_the_case(
    client: Client, case: Case, receipt_code: str
) -> None:
    first = give(client, case.shown_number, reference.show_receipt_code(receipt_code).lower())
    assert (first.status_code, first["Location"]) == (302, CODE)
    second = client.post(CODE, {"code": mailed_code()})
    assert (second.status_code, second["Location"]) == (302, CASE)
    page = client.get(CASE)
    assert page.status_code == 200
    assert case.shown_number in page.content.decode()


def test_the_number_may_be_typed_in_full_width(
    client: Client, case: Case, receipt_code: str
) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in case.number)
    assert give(client, wide, receipt_code).status_code == 302
    assert access.AccessCode.objects.count() == 1


@pytest.mark.parametrize("wrong", ["number", "receipt code", "no e-mail"])
def test_the_answer_is_the_same_whether_or_not_the_details_are_right(
    filed: Any, receipt_code: str, wrong: str
) -> None:
    right = filed()
    number = {
        "number": "26110000000" + reference.check_digit("26110000000"),
        "receipt code": right.number,
        "no e-mail": filed(email="").number,
    }[wrong]
    code = "0" * 16 if wrong == "receipt code" else receipt_code
    answers = []
    for given in ((right.number, receipt_code), (number, code)):
        client = Client()
        first = give(client, *given)
        page = client.get(CODE)
        mistaken = client.post(CODE, {"code": "000000"})
        again = client.post("/status/code/again/")
        after = client.get(CODE)
        answers.append(
            [
                (answer.status_code, answer.get("Location"), words(answer))
                for answer in (first, page, mistaken, again, after)
            ]
        )
    assert answers[0] == answers[1]
    assert not Notice.objects.filter(kind=notices.ACCESS_CODE).exclude(case=right).exists()


def test_a_slip_of_typing_is_told_beside_the_field_and_keeps_what_was_typed(
    client: Client, case: Case
) -> None:
    last = (int(case.number[-1]) + 1) % 10
    mistyped = f"{case.number[:-1]}{last}"
    page = give(client, mistyped, "7F3K")
    body = page.content.decode()
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {"number", "receipt_code"}
    assert page.context["form"].errors.as_data()["number"][0].code == "check_digit"
    assert f'value="{mistyped}"' in body
    assert 'id="id_number_error"' in body or 'aria-describedby="id_number_error' in body


def test_a_wrong_code_is_refused_with_one_message(
    client: Client, case: Case, receipt_code: str
) -> None:
    give(client, case.number, receipt_code)
    right = mailed_code()
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    refused = client.post(CODE, {"code": wrong})
    assert refused.status_code == 200
    [message] = refused.context["form"].errors["code"]
    assert client.get(CASE)["Location"] == LOGIN
    for _try in range(access.MAX_ATTEMPTS):
        late = client.post(CODE, {"code": right if _try == 4 else wrong})
    assert late.context["form"].errors["code"] == [message]
    assert client.get(CASE)["Location"] == LOGIN


def test_an_expired_code_is_refused_with_the_same_message(
    client: Client, case: Case, receipt_code: str, time_machine: Any, noon: datetime
) -> None:
    time_machine.move_to(noon, tick=False)
    give(client, case.number, receipt_code)
    time_machine.move_to(noon + timedelta(minutes=11), tick=False)
    refused = client.post(CODE, {"code": mailed_code()})
    assert list(refused.context["form"].errors) == ["code"]


def test_the_code_page_without_number_and_receipt_code_leads_back(client: Client) -> None:
    assert client.get(CODE)["Location"] == LOGIN
    assert client.post("/status/code/again/")["Location"] == LOGIN


def test_the_session_key_changes_when_the_case_is_opened(
    client: Client, case: Case, receipt_code: str
) -> None:
    give(client, case.number, receipt_code)
    before = client.cookies["sessionid"].value
    client.post(CODE, {"code": mailed_code()})
    assert client.cookies["sessionid"].value != before


def test_a_visitor_who_tries_too_often_has_to_wait(client: Client, case: Case) -> None:
    for _try in range(10):
        assert give(client, case.number, "0" * 16).status_code == 302
    assert give(client, case.number, "0" * 16).status_code == 429


def test_one_case_is_not_tried_from_many_addresses(case: Case) -> None:
    statuses = [
        give(Client(), case.number, "0" * 16, REMOTE_ADDR=f"198.51.{block}.7").status_code
        for block in range(11)
    ]
    assert statuses == [302] * 10 + [429]


def test_codes_are_not_guessed_without_end(client: Client, case: Case, receipt_code: str) -> None:
    give(client, case.number, receipt_code)
    statuses = [client.post(CODE, {"code": f"{n:06d}"}).status_code for n in range(11)]
    assert statuses[-1] == 429
    assert 429 not in statuses[:10]


def test_a_case_not_used_for_half_an_hour_is_closed_with_a_word_why(
    opened: Any, case: Case, time_machine: Any, noon: datetime
) -> None:
    time_machine.move_to(noon, tick=False)
    client = opened(case)
    assert client.get(CASE).status_code == 200
    time_machine.move_to(noon + timedelta(minutes=31), tick=False)
    gone = client.get(CASE, follow=True)
    assert gone.redirect_chain == [(LOGIN, 302)]
    assert "30" in str(next(iter(gone.context["messages"])))
    assert client.get(CASE)["Location"] == LOGIN


def test_signing_out_closes_the_case(opened: Any, case: Case) -> None:
    client = opened(case)
    assert client.post("/status/sign-out/")["Location"] == LOGIN
    assert client.get(CASE)["Location"] == LOGIN


def test_signing_out_needs_a_button(opened: Any, case: Case) -> None:
    client = opened(case)
    assert client.get("/status/sign-out/").status_code == 405
    assert client.get(CASE).status_code == 200


@pytest.mark.parametrize("name", ["case", "message", "method", "withdraw", "file"])
def test_every_page_of_a_case_needs_its_session(client: Client, name: str) -> None:
    url = reverse(f"requester:{name}", args=[1] if name == "file" else [])
    assert client.get(url)["Location"] == LOGIN


@pytest.mark.parametrize(
    "path", [LOGIN, "/confirm/x/", CASE, "/status/request/message/", "/status/request/withdraw/"]
)
def test_no_page_is_kept_by_the_browser(opened: Any, case: Case, path: str) -> None:
    client = Client() if path in (LOGIN, "/confirm/x/") else opened(case)
    page = client.get(path)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


def test_who_gave_no_email_is_told_how_to_reach_the_desk(client: Client, controller: Any) -> None:
    body = client.get(LOGIN).content.decode()
    assert controller.phone in body
    assert controller.address_ja in body


def test_the_pages_speak_english_under_en(client: Client, controller: Any) -> None:
    page = client.get("/en/status/")
    body = page.content.decode()
    assert '<html lang="en">' in body
    assert "Receipt code" in body
    assert controller.address_en in body


# --- The link that confirms the address ---------------------------------------------------


@pytest.fixture
def token(case: Case) -> str:
    notice = Notice.objects.select_related("case__key").get(kind=notices.CONFIRM_EMAIL)
    return str(notice.secret["token"])


def test_opening_the_confirmation_link_confirms_nothing_yet(
    client: Client, case: Case, token: str
) -> None:
    assert client.get(f"/confirm/{token}/").status_code == 200
    assert EmailConfirmation.objects.get().used_at is None


def test_pressing_the_button_confirms_the_address_once(
    client: Client, case: Case, token: str
) -> None:
    for _press in range(2):
        assert client.post(f"/confirm/{token}/").status_code == 200
    case.refresh_from_db()
    assert case.email_confirmed_at is not None
    assert Event.objects.filter(act="confirm_email").count() == 1


def test_an_unknown_link_is_answered_calmly(client: Client, db: None) -> None:
    assert client.get("/confirm/unknown/").status_code == 200
    page = client.post("/confirm/unknown/")
    assert page.status_code == 404
    assert page.context["state"] == "unknown"
    assert LOGIN in page.content.decode()


def test_a_link_that_is_too_old_is_answered_calmly(client: Client, case: Case, token: str) -> None:
    EmailConfirmation.objects.update(expires_at=case.received_at - timedelta(days=1))
    assert client.post(f"/confirm/{token}/").status_code == 404
    case.refresh_from_db()
    assert case.email_confirmed_at is None


def test_links_are_not_tried_without_end(client: Client, db: None) -> None:
    statuses = [client.post(f"/confirm/{vault.new_token()}/").status_code for _n in range(31)]
    assert statuses == [404] * 30 + [429]
