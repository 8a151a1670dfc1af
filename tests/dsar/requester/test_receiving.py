"""Receiving a release: only with a fresh code sent for it, only one's own, counted."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar import ledger, notices, release
from dsar.models import AccessCode, Case, Notice, Release, StaffMember
from tests.dsar import disclosing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _that_day(freeze: Any, noon: Any) -> None:
    freeze(noon)


@pytest.fixture
def case(filed: Any, officer: StaffMember, approver: StaffMember) -> Case:
    made: Case = filed()
    return disclosing.granted(made, officer=officer, approver=approver, at=timezone.now())


def released(
    case: Case,
    officer: StaffMember,
    approver: StaffMember,
    form: str = "open",
    way: str = "portal",
    **more: Any,
) -> Release:
    at = timezone.now()
    package = disclosing.built(case, form, officer=officer, at=at)
    row = release.propose(package, way, by=ledger.staff(officer), at=at, **more)
    release.approve(row, by=ledger.staff(approver), at=at)
    return row


@pytest.fixture
def row(case: Case, officer: StaffMember, approver: StaffMember) -> Release:
    return released(case, officer, approver)


def page_of(row: Release) -> str:
    return f"/status/request/data/{row.pk}/"


def code_for(case: Case) -> str:
    found = Notice.objects.select_related("case__key").filter(case=case, kind=notices.DOWNLOAD_CODE)
    return str(found.latest("pk").secret["code"])


def unlock(browser: Client, row: Release) -> Any:
    browser.post(f"{page_of(row)}code/")
    return browser.post(page_of(row), {"code": code_for(row.case)})


def fetch(browser: Client, row: Release) -> Any:
    return browser.post(f"{page_of(row)}file/")


def test_the_status_page_offers_what_was_released(browser: Client, row: Release) -> None:
    page = browser.get("/status/request/").content.decode()
    assert page_of(row) in page
    assert "データのご用意ができました" in page


def test_before_the_release_nothing_is_offered(browser: Client, case: Case) -> None:
    assert "/status/request/data/" not in browser.get("/status/request/").content.decode()


def test_with_the_code_from_the_mail_the_file_is_downloaded(
    browser: Client, row: Release, case: Case
) -> None:
    assert unlock(browser, row).status_code == 302
    response = fetch(browser, row)
    content = b"".join(response.streaming_content)
    assert response["Content-Length"] == str(len(content))
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(BytesIO(content)) as opened:
        assert opened.testzip() is None
    row.refresh_from_db()
    assert row.fetched == 1
    assert row.downloads.get().finished_at is not None
    assert case.events.filter(act="fetch_release").count() == 1


def test_without_a_code_there_is_no_file(browser: Client, row: Release) -> None:
    assert fetch(browser, row)["Location"] == page_of(row)
    row.refresh_from_db()
    assert row.fetched == 0


def test_a_file_is_never_given_to_a_mere_link(browser: Client, row: Release) -> None:
    unlock(browser, row)
    assert browser.get(f"{page_of(row)}file/").status_code == 405


def test_each_download_needs_a_fresh_code(browser: Client, row: Release) -> None:
    unlock(browser, row)
    b"".join(fetch(browser, row).streaming_content)
    assert fetch(browser, row).status_code == 302
    used = code_for(row.case)
    answer = browser.post(page_of(row), {"code": used})
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.fetched == 1


def test_a_code_is_good_for_ten_minutes_and_so_is_what_it_opened(
    browser: Client, row: Release, freeze: Any
) -> None:
    unlock(browser, row)
    freeze(timezone.now() + timedelta(minutes=11))
    assert fetch(browser, row).status_code == 302
    browser.post(f"{page_of(row)}code/")
    code = code_for(row.case)
    freeze(timezone.now() + timedelta(minutes=11))
    browser.post(page_of(row), {"code": code})
    assert fetch(browser, row).status_code == 302


def test_the_code_for_signing_in_opens_no_release(browser: Client, row: Release) -> None:
    from dsar.requester import access

    browser.post(f"{page_of(row)}code/")
    claim = access.send_again(access.Claim(row.case_id, 0), at=timezone.now())
    signing = Notice.objects.filter(case=row.case, kind=notices.ACCESS_CODE).latest("pk")
    assert claim.code_id
    browser.post(page_of(row), {"code": signing.secret["code"]})
    assert fetch(browser, row).status_code == 302


def test_the_code_for_a_release_does_not_sign_in(browser: Client, row: Release) -> None:
    from dsar.requester import access

    browser.post(f"{page_of(row)}code/")
    code = AccessCode.objects.get(release=row)
    claim = access.Claim(row.case_id, code.pk)
    assert not access.enter(claim, code_for(row.case), at=timezone.now())


def test_the_mail_with_the_code_says_nothing_of_the_content(browser: Client, row: Release) -> None:
    from dsar import mail

    browser.post(f"{page_of(row)}code/")
    for kind in (notices.DOWNLOAD_CODE, notices.RELEASED):
        notice = Notice.objects.select_related("case__key", "case__controller").get(kind=kind)
        body = str(mail.compose(notice, timezone.now()).body)
        assert "見本 太郎" not in body
        assert "会員情報" not in body


def test_a_release_of_another_case_is_not_found(row: Release, filed: Any, opened: Any) -> None:
    stranger = opened(filed())
    for address in (page_of(row), f"{page_of(row)}code/", f"{page_of(row)}file/"):
        assert stranger.post(address).status_code == 404


def test_nobody_who_is_not_signed_in_sees_it(client: Client, row: Release) -> None:
    assert client.get(page_of(row))["Location"] == "/status/"


def test_a_release_that_expired_is_told_and_not_given(
    case: Case, row: Release, opened: Any, freeze: Any
) -> None:
    freeze(timezone.now() + timedelta(days=7))
    browser = opened(case)
    page = browser.get("/status/request/").content.decode()
    assert "ダウンロードできなくなりました" in page
    assert browser.get(page_of(row)).status_code == 302
    assert fetch(browser, row).status_code == 302


def test_the_passphrase_is_shown_once_for_each_code(
    case: Case, officer: StaffMember, approver: StaffMember, browser: Client
) -> None:
    row = released(case, officer, approver, "locked", "mail", tells_passphrase=True)
    phrase = row.package.passphrase
    assert phrase not in browser.get("/status/request/").content.decode()
    unlock(browser, row)
    assert phrase in browser.get(page_of(row)).content.decode()
    assert phrase not in browser.get(page_of(row)).content.decode()
    assert fetch(browser, row).status_code == 302
    assert case.events.filter(act="read_passphrase").count() == 1


def test_a_case_that_was_reopened_takes_it_back(
    browser: Client, case: Case, row: Release, approver: StaffMember
) -> None:
    from tests import factories

    unlock(browser, row)
    factories.do(case, "reopen", by=ledger.staff(approver), at=timezone.now())
    assert fetch(browser, row).status_code == 404


def test_a_release_adds_a_fixed_number_of_queries_to_the_status_page(
    browser: Client, case: Case, row: Release, django_assert_max_num_queries: Any
) -> None:
    browser.get("/status/request/")
    with django_assert_max_num_queries(22):
        browser.get("/status/request/")
