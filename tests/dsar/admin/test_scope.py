"""Who gets to see and do what: every address of a case, tried by everyone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dsar import correspondence, files, ledger
from dsar.admin.acts import FORMS
from dsar.models import Case, Event, Notice
from tests.dsar.admin.desk import (
    CASES,
    DESK,
    NOTICES,
    act_of,
    links_of,
    numbers_on,
    page_of,
    tags_of,
    text_of,
)
from tests.factories import StaffFactory, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(file_case: Any, now: Any) -> Case:
    """A case with a message, a file and a failed mail."""
    case: Case = file_case()
    correspondence.send(case, "秘密の相談です。", by=ledger.REQUESTER, at=now, uploads=[png()])
    case.notices.update(state=Notice.State.FAILED)
    return case


def _addresses(case: Case) -> list[str]:
    file, notice = case.attachments.get(), case.notices.first()
    assert notice is not None
    return [
        page_of(case),
        f"{CASES}{case.pk}/files/{file.pk}/",
        f"{CASES}{case.pk}/receipt/",
        *(act_of(case, act) for act in FORMS),
    ]


def _posts(case: Case) -> list[str]:
    notice = case.notices.first()
    assert notice is not None
    return [
        f"{CASES}{case.pk}/notices/{notice.pk}/resend/",
        f"{CASES}{case.pk}/receipt/",
        *(act_of(case, act) for act in FORMS),
    ]


def _state(case: Case) -> tuple[Any, ...]:
    kept = Case.objects.get(pk=case.pk)
    acts = list(case.events.exclude(act="view").values_list("act", flat=True))
    return (kept.status, kept.version, kept.assigned_to_id, kept.method, kept.has_news, acts)


def test_an_officer_of_another_company_finds_nothing_at_any_address(
    signed_in: Any, foreign_officer: Any, case: Case
) -> None:
    browser, before = signed_in(foreign_officer), _state(case)
    for address in _addresses(case):
        assert browser.get(address).status_code == 404, address
    for address in _posts(case):
        assert browser.post(address, {"seen": case.version}).status_code == 404, address
    assert numbers_on(browser.get(CASES)) == []
    assert "Mail that did not go out 0 items" in text_of(browser.get(DESK))
    assert case.shown_number not in text_of(browser.get(NOTICES))
    assert _state(case) == before
    assert not case.events.filter(act="view").exists()


def test_the_autocompletion_of_the_admin_gives_nothing_away(
    signed_in: Any, foreign_officer: Any, officer: Any, administrator: Any, case: Case
) -> None:
    staff = [("case", "assigned_to"), ("case", "controller")]
    for user, fields in ((foreign_officer, staff), (officer, staff), (administrator, [])):
        for model, field in (("notice", "case"), *fields):
            asked = {"app_label": "dsar", "model_name": model, "field_name": field, "term": ""}
            page = signed_in(user).get(f"{DESK}autocomplete/", asked)
            assert page.status_code in (403, 404), (user, model, field)


def test_an_administrator_sees_settings_and_no_case(
    signed_in: Any, administrator: Any, case: Case
) -> None:
    browser, before = signed_in(administrator), _state(case)
    for address in _addresses(case):
        assert browser.get(address).status_code in (403, 404), address
    for address in _posts(case):
        assert browser.post(address, {}).status_code in (403, 404), address
    for address in (CASES, f"{CASES}add/"):
        assert browser.get(address).status_code == 403, address
    today, mail = browser.get(DESK), browser.get(NOTICES, {"state": "all"})
    assert f"{DESK}dsar/controller/" in links_of(today)
    for page in (today, mail):
        assert not any("/case/" in link for link in links_of(page))
        assert case.shown_number not in text_of(page)
    assert _state(case) == before


def test_an_auditor_reads_and_can_do_nothing(signed_in: Any, auditor: Any, case: Case) -> None:
    browser, before = signed_in(auditor), _state(case)
    page = browser.get(page_of(case))
    assert "秘密の相談です。" in text_of(page)
    assert "You may read this case. Your role does not change it." in text_of(page)
    posting = [attrs for tag, attrs in tags_of(page).tags if tag == "form"]
    assert [attrs["action"] for attrs in posting if "logout" not in attrs["action"]] == []
    assert not any("/act/" in link for link in links_of(page))
    for act in FORMS:
        response = browser.post(act_of(case, act), {"seen": case.version, "body": "x"})
        assert response.status_code == 403, act
        assert "Your role does not allow this." in text_of(response)
    browser.post(_posts(case)[0])
    assert _state(case) == before
    assert case.notices.exclude(state=Notice.State.FAILED).count() == 0


def test_intake_reads_and_enters_but_does_not_work_on_cases(
    signed_in: Any, intake_clerk: Any, case: Case
) -> None:
    browser, before = signed_in(intake_clerk), _state(case)
    assert browser.get(page_of(case)).status_code == 200
    assert browser.get(f"{CASES}add/").status_code == 200
    for act in FORMS:
        assert browser.post(act_of(case, act), {"seen": case.version}).status_code == 403, act
    assert browser.get(NOTICES).status_code == 403
    assert _state(case) == before


def test_officers_do_not_approve_and_auditors_do_not_enter(
    desk: Any, signed_in: Any, auditor: Any, file_case: Any, advance: Any
) -> None:
    waiting = advance(file_case(), "in_approval")
    assert desk.post(act_of(waiting, "approve"), {"seen": waiting.version}).status_code == 403
    assert signed_in(auditor).get(f"{CASES}add/").status_code == 403


def test_without_signing_in_every_address_asks_for_it(case: Case) -> None:
    browser = Client()
    for address in [*_addresses(case), CASES, DESK, NOTICES, f"{CASES}add/"]:
        response: Any = browser.get(address)
        assert response.status_code == 302, address
        assert response.url.startswith(f"{DESK}login/"), address
    for address in _posts(case):
        assert browser.post(address).status_code == 302, address


def test_a_role_less_account_and_a_data_owner_see_an_empty_desk(
    signed_in: Any, data_owner: Any, case: Case
) -> None:
    said = {
        data_owner: "You are registered as a data owner.",
        StaffFactory(): "Your account has no role yet.",
    }
    for user, words in said.items():
        browser = signed_in(user)
        shown = text_of(browser.get(DESK))
        assert [text for text in said.values() if text in shown] == [words]
        assert browser.get(page_of(case)).status_code == 404
        assert browser.get(CASES).status_code == 403


def test_who_may_not_open_a_page_is_told_so_at_the_desk_and_not_as_a_requester(
    signed_in: Any, auditor: Any
) -> None:
    response = signed_in(auditor).get(f"{CASES}add/")
    assert response.status_code == 403
    assert "Your role does not allow this." in text_of(response)
    assert "receipt code" not in text_of(response)


def test_even_a_superuser_sees_only_the_cases_of_their_companies(
    signed_in: Any, case: Case
) -> None:
    browser = signed_in(StaffFactory(is_superuser=True))
    assert browser.get(page_of(case)).status_code == 404
    assert numbers_on(browser.get(CASES)) == []


def test_someone_who_left_is_signed_out(desk: Any, officer: Any, case: Case) -> None:
    officer.is_active = False
    officer.save()
    assert desk.get(page_of(case)).status_code == 302


def test_the_controller_filter_offers_only_ones_own(
    desk: Any, officer: Any, file_case: Any, other_controller: Any, controller: Any
) -> None:
    file_case()
    foreign = file_case(controller=other_controller)
    assert 'name="controller"' not in desk.get(CASES).content.decode()
    assert numbers_on(desk.get(CASES, {"controller": other_controller.pk})) != [
        foreign.shown_number
    ]
    officer.controllers.add(other_controller)
    both = desk.get(CASES, {"controller": other_controller.pk})
    assert numbers_on(both) == [foreign.shown_number]


# --- Files --------------------------------------------------------------------------------
def test_a_file_comes_as_an_attachment_and_the_download_is_logged(
    desk: Any, case: Case, officer: Any
) -> None:
    row = case.attachments.get()
    response = desk.get(f"{CASES}{case.pk}/files/{row.pk}/")
    assert b"".join(response.streaming_content) == b"".join(files.read(row))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    event = case.events.get(act="view_file")
    assert (event.actor, event.facts) == (officer, {"file": row.pk})
    case.refresh_from_db()
    assert ledger.verify(case) == case.event_count


def test_a_file_of_another_case_is_not_given_out(desk: Any, case: Case, file_case: Any) -> None:
    other = file_case()
    assert desk.get(f"{CASES}{other.pk}/files/{case.attachments.get().pk}/").status_code == 404


def test_an_altered_file_is_refused_in_words(desk: Any, case: Case, media: Any) -> None:
    row = case.attachments.get()
    (media / row.stored_as).write_bytes(b"something else")
    response = desk.get(f"{CASES}{case.pk}/files/{row.pk}/", follow=True)
    assert "This file cannot be opened" in text_of(response)
    assert not case.events.filter(act="view_file").exists()


def test_a_missing_file_is_refused_in_words(desk: Any, case: Case, media: Any) -> None:
    row = case.attachments.get()
    (media / row.stored_as).unlink()
    assert "This file cannot be opened" in text_of(
        desk.get(f"{CASES}{case.pk}/files/{row.pk}/", follow=True)
    )


# --- Looks --------------------------------------------------------------------------------
def test_a_look_is_logged_once_in_half_an_hour(
    desk: Any, case: Case, officer: Any, freeze: Any, now: Any
) -> None:
    for minutes in (0, 5, 29):
        freeze(now + timedelta(minutes=minutes))
        desk.get(page_of(case))
    assert Event.objects.filter(case=case, act="view", actor=officer).count() == 1
    freeze(now + timedelta(minutes=31))
    desk.get(page_of(case))
    assert Event.objects.filter(case=case, act="view").count() == 2
    case.refresh_from_db()
    assert case.version == 1
    assert ledger.verify(case) == case.event_count
