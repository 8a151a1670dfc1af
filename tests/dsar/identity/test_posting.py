"""The tracked letter: sent with a code, and shown to have arrived."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dsar import identity, lifecycle, limits
from dsar.models import Case, Subject
from dsar.requester import access
from tests.dsar.admin.desk import act_of, page_of, text_of
from tests.factories import PRINCIPAL

pytestmark = pytest.mark.django_db
P = Subject.PRINCIPAL


def posted(case: Case, by: Any, at: datetime) -> str:
    proof = identity.post_letter(case, P, "1234-5678-9012", by=by, at=at)
    return str(proof.details["code"])


def test_the_code_of_the_letter_proves_that_it_arrived(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = file_case()
    code = posted(case, by, now)
    assert not identity.enter_code(case, "ABCDEFGH", at=now)
    assert identity.enter_code(case, f"{code[:4].lower()} {code[4:]}", at=now)
    proof = case.identity_proofs.get()
    assert (proof.state, proof.done_at) == ("accepted", now)
    assert proof.details == {"tracking": "1234-5678-9012"}
    assert not identity.enter_code(case, code, at=now)
    assert case.events.get(act="identity_delivery").facts["how"] == "code"


def test_documents_and_the_letter_together_prove_the_strong_level(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = file_case()
    identity.set_sensitivity(case, "sensitive", by=by, at=now)  # type: ignore[arg-type]
    identity.record_proof(case, P, "documents", by=by, at=now)
    assert not identity.is_proven(case)
    identity.enter_code(case, posted(case, by, now), at=now)
    assert identity.is_proven(case)
    assert case.identity_checks.get().state == "accepted"


def test_five_wrong_codes_end_the_letter(file_case: Any, by: Any, now: datetime) -> None:
    case = file_case()
    code = posted(case, by, now)
    for _ in range(5):
        assert not identity.enter_code(case, "WRNGCDE0", at=now)
    assert not identity.enter_code(case, code, at=now)
    assert case.identity_proofs.get().state == "rejected"


def test_the_code_of_another_case_proves_nothing(file_case: Any, by: Any, now: datetime) -> None:
    case, other = file_case(), file_case()
    code = posted(case, by, now)
    posted(other, by, now)
    assert not identity.enter_code(other, code, at=now)


def test_a_second_letter_takes_the_place_of_the_first(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = file_case()
    first = posted(case, by, now)
    second = posted(case, by, now)
    assert not identity.enter_code(case, first, at=now)
    assert identity.enter_code(case, second, at=now)


def test_a_record_of_delivery_will_do_as_well(file_case: Any, by: Any, now: datetime) -> None:
    case = file_case()
    posted(case, by, now)
    proof = identity.letters_under_way(case).get()
    with pytest.raises(identity.Incomplete):
        identity.record_delivery(proof, True, "", by=by, at=now)
    identity.record_delivery(proof, True, "配達証明 11月12日", by=by, at=now)
    assert case.identity_proofs.get().state == "accepted"
    with pytest.raises(lifecycle.NotAllowed):
        identity.record_delivery(proof, False, "x", by=by, at=now)


def test_without_address_or_tracking_nothing_is_posted(
    file_case: Any, by: Any, now: datetime
) -> None:
    bare = file_case(principal={**PRINCIPAL, "address": ""})
    with pytest.raises(identity.Incomplete) as lacking:
        posted(bare, by, now)
    assert set(lacking.value.faults) == {"subject"}
    with pytest.raises(identity.Incomplete):
        identity.post_letter(file_case(), P, "", by=by, at=now)


# --- At the desk and on the status page ---------------------------------------------------
@pytest.fixture
def desk(officer: Any) -> Client:
    browser = Client()
    browser.force_login(officer)
    return browser


def test_the_desk_posts_prints_and_records(desk: Client, file_case: Any, auditor: Any) -> None:
    case = file_case(language="en")
    desk.post(act_of(case, "identity_post"), {"tracking": "1234-5678"})
    proof = identity.letters_under_way(case).get()
    address = reverse("admin:dsar_case_identity_letter", args=[case.pk, proof.pk])
    page = text_of(desk.get(address))
    code = proof.details["code"]
    assert f"{code[:4]}-{code[4:]}" in page
    assert "東京都千代田区見本町4-5-6" in page
    assert address in desk.get(page_of(case)).content.decode()
    reader = Client()
    reader.force_login(auditor)
    assert reader.get(address).status_code == 404
    desk.post(act_of(case, "identity_delivery"), {"verdict": "accepted", "note": "delivered"})
    assert case.identity_proofs.get().state == "accepted"
    assert desk.get(address).status_code == 404


def test_an_address_that_is_missing_is_said_on_the_form(desk: Client, file_case: Any) -> None:
    case = file_case(principal={**PRINCIPAL, "address": ""})
    page = desk.post(act_of(case, "identity_post"), {"tracking": "1"})
    assert "names no address" in text_of(page)


def test_the_person_enters_the_code_on_the_status_page(
    client: Client, file_case: Any, by: Any
) -> None:
    limits.reset()
    case = file_case(at=timezone.now())
    session = client.session
    access.sign_in(session, access.Claim(case.pk, 0), at=timezone.now())
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    page = "/en/status/request/identity/"
    assert "Code in the letter" not in client.get(page).content.decode()
    code = posted(case, by, timezone.now())
    assert "Code in the letter" in client.get(page).content.decode()
    short = client.post(f"{page}code/", {"code": "ABC"}, follow=True)
    assert "8 letters and digits" in short.content.decode()
    wrong = client.post(f"{page}code/", {"code": "ABCDEFGH"}, follow=True)
    assert "This is not the code" in wrong.content.decode()
    right = client.post(f"{page}code/", {"code": code}, follow=True)
    assert "has arrived at your address" in right.content.decode()
    limits.reset()
