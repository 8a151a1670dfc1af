"""The desk's acts on a disclosure: what is offered when, to whom, and what they do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dsar import disclosure, ledger, release
from dsar.models import Case, Package, Release, StaffMember
from tests.dsar import disclosing
from tests.dsar.admin.desk import act_of, page_of, parts, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime) -> Case:
    made: Case = file_case()
    return disclosing.granted(made, officer=officer, approver=approver, at=now)


@pytest.fixture
def second(signed_in: Any, approver: StaffMember) -> Client:
    browser: Client = signed_in(approver)
    return browser


def propose(desk: Client, case: Case, package: Package, way: str, **more: str) -> Any:
    given = {"what": f"{package.pk}:{way}", "seen": case.version, **more}
    return desk.post(act_of(case, "release"), given)


def test_the_card_leads_from_putting_together_to_release(
    desk: Client, second: Client, case: Case, officer: StaffMember, now: datetime
) -> None:
    page = text_of(desk.get(page_of(case)))
    assert "Giving the data" in page
    assert "The data is not put together yet." in page
    answer = desk.post(act_of(case, "build_package"), {"form": "open", "seen": case.version})
    assert answer.status_code == 302
    package = case.packages.get()
    assert "Waiting to be built" in text_of(desk.get(page_of(case)))
    disclosure.build(package.pk, now)
    page = text_of(desk.get(page_of(case)))
    assert "Release (goes to approval)" in page
    assert propose(desk, case, package, "portal").status_code == 302
    assert "Waiting for approval" in text_of(desk.get(page_of(case)))
    assert "Approve the release" not in text_of(desk.get(page_of(case)))
    assert "Approve the release" in text_of(second.get(page_of(case)))
    row = case.releases.get()
    answer = second.post(act_of(case, "approve_release"), {"release": row.pk})
    assert answer.status_code == 302
    page = text_of(desk.get(page_of(case)))
    assert "downloaded 0 of 5 times" in page
    assert "Revoke the release" in page


def test_no_card_where_nothing_is_given_out(desk: Client, file_case: Any, advance: Any) -> None:
    for kind, to in (("disclosure", "in_progress"), ("correction", "decided")):
        case = file_case(kind=kind)
        advance(case, to)
        assert 'id="disclosure"' not in desk.get(page_of(case)).content.decode()


def test_the_proposer_is_refused_the_approval(
    second: Client, case: Case, officer: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "open", officer=officer, at=now)
    assert propose(second, case, package, "portal").status_code == 302
    row = case.releases.get()
    answer = second.post(act_of(case, "approve_release"), {"release": row.pk})
    assert answer.status_code == 409
    row.refresh_from_db()
    assert row.state == Release.State.PROPOSED


def test_declining_needs_a_reason_beside_the_field(
    desk: Client, second: Client, case: Case, officer: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "open", officer=officer, at=now)
    propose(desk, case, package, "portal")
    row = case.releases.get()
    url = act_of(case, "decline_release")
    answer = second.post(url, {"release": row.pk, "reason": ""})
    assert answer.status_code == 200
    assert "reason" in answer.context["form"].errors
    assert second.post(url, {"release": row.pk, "reason": "wrong form"}).status_code == 302
    row.refresh_from_db()
    assert row.state == Release.State.DECLINED


def test_a_package_of_another_case_cannot_be_released(
    desk: Client,
    case: Case,
    file_case: Any,
    officer: StaffMember,
    approver: StaffMember,
    now: datetime,
) -> None:
    other = disclosing.granted(file_case(), officer=officer, approver=approver, at=now)
    foreign = disclosing.built(other, "open", officer=officer, at=now)
    disclosing.built(case, "open", officer=officer, at=now)
    answer = propose(desk, case, foreign, "portal")
    assert answer.status_code == 200
    assert "what" in answer.context["form"].errors
    assert not Release.objects.exists()


def test_an_officer_of_another_company_finds_nothing(
    signed_in: Any, foreign_officer: StaffMember, case: Case, officer: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "locked", officer=officer, at=now)
    browser = signed_in(foreign_officer)
    for act in ("build_package", "release", "approve_release", "revoke_release", "hand_over"):
        assert browser.get(act_of(case, act)).status_code == 404
    passphrase = page_of(case).replace("change/", f"packages/{package.pk}/passphrase/")
    assert browser.post(passphrase).status_code == 404


def test_an_auditor_sees_the_state_and_no_buttons(
    signed_in: Any, auditor: StaffMember, case: Case, officer: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "locked", officer=officer, at=now)
    browser = signed_in(auditor)
    page = browser.get(page_of(case)).content.decode()
    assert 'id="disclosure"' in page
    assert "/act/release/" not in page
    assert "/passphrase/" not in page
    assert browser.get(act_of(case, "build_package")).status_code == 403
    passphrase = page_of(case).replace("change/", f"packages/{package.pk}/passphrase/")
    assert browser.post(passphrase).status_code == 404


def test_the_passphrase_is_shown_after_a_button_and_once(
    desk: Client, case: Case, officer: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "locked", officer=officer, at=now)
    url = page_of(case).replace("change/", f"packages/{package.pk}/passphrase/")
    assert package.passphrase not in desk.get(url).content.decode()
    answer = desk.post(url)
    assert package.passphrase in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert desk.post(url).status_code == 302


def test_the_form_for_the_way_that_was_chosen_is_chosen_already(
    desk: Client, file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    case = file_case(method="electronic_record", delivery="cd_r")
    disclosing.granted(case, officer=officer, approver=approver, at=now)
    form = desk.get(act_of(case, "build_package")).context["form"]
    assert form["form"].value() == "locked"


def test_handing_over_at_the_counter_records_the_proof_of_identity(
    desk: Client, case: Case, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "print", officer=officer, at=now)
    row = release.propose(package, "counter", by=ledger.staff(officer), at=now)
    release.approve(row, by=ledger.staff(approver), at=now)
    url = act_of(case, "hand_over")
    given = {"release": row.pk, "note": "", **parts("on", 2026, 11, 10)}
    answer = desk.post(url, given)
    assert "note" in answer.context["form"].errors
    early = {**given, "note": "運転免許証", **parts("on", 2026, 11, 9)}
    assert "on" in desk.post(url, early).context["form"].errors
    assert desk.post(url, {**given, "note": "運転免許証"}).status_code == 302
    page = text_of(desk.get(page_of(case)))
    assert "Handed over" in page
    assert "運転免許証" in page


def test_renewing_and_revoking_from_the_card(
    desk: Client, case: Case, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "open", officer=officer, at=now)
    row = release.propose(package, "portal", by=ledger.staff(officer), at=now)
    release.approve(row, by=ledger.staff(approver), at=now)
    Release.objects.update(expires_at=now - timedelta(days=1))
    assert "Expired" in text_of(desk.get(page_of(case)))
    assert desk.post(act_of(case, "renew_release"), {"release": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.expires_at == now + timedelta(days=7)
    assert desk.post(act_of(case, "revoke_release"), {"release": row.pk}).status_code == 302
    row.refresh_from_db()
    assert row.state == Release.State.REVOKED
    assert desk.get(act_of(case, "renew_release")).status_code == 409


def test_closing_warns_as_long_as_nothing_left_the_house(
    desk: Client, case: Case, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    warning = "nothing was released or handed over yet"
    assert warning in text_of(desk.get(act_of(case, "close")))
    package = disclosing.built(case, "open", officer=officer, at=now)
    row = release.propose(package, "portal", by=ledger.staff(officer), at=now)
    release.approve(row, by=ledger.staff(approver), at=now)
    assert warning not in text_of(desk.get(act_of(case, "close")))


def test_a_package_that_failed_says_why(
    desk: Client, case: Case, officer: StaffMember, now: datetime, settings: Any
) -> None:
    settings.PRINT_MAX_BYTES = 1
    package = disclosure.order(case, "print", by=ledger.staff(officer), at=now)
    disclosure.build(package.pk, now)
    page = text_of(desk.get(page_of(case)))
    assert "too much to print" in page
    assert "Put the data together" in page
