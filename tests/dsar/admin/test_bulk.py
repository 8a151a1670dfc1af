"""One act on many cases: shown first, done one by one, each with what came of it."""

from __future__ import annotations

from typing import Any

import pytest

from dsar import casework, ledger
from dsar.models import Case, Note
from tests.dsar.admin.desk import CASES, text_of

pytestmark = pytest.mark.django_db
BULK = f"{CASES}bulk/"


def _ids(*cases: Case) -> list[str]:
    return [f"{case.pk}-{case.version}" for case in cases]


def test_the_chosen_cases_are_shown_before_anything_is_done(desk: Any, file_case: Any) -> None:
    first, second = file_case(), file_case("correction")
    page = desk.post(BULK, {"act": "accept", "ids": [f"{first.pk}-0", f"{second.pk}-0"]})
    assert "This will be done with 2 cases" in text_of(page)
    assert {case.status for case in Case.objects.all()} == {"received"}


def test_each_case_is_accepted_as_its_kind_needs(desk: Any, file_case: Any) -> None:
    disclosure, complaint = file_case(), file_case("complaint")
    desk.post(BULK, {"act": "accept", "step": "confirm", "ids": _ids(disclosure, complaint)})
    disclosure.refresh_from_db()
    complaint.refresh_from_db()
    assert (disclosure.status, complaint.status) == ("identity_check", "in_progress")


def test_what_cannot_be_done_is_named_with_its_reason_and_the_rest_is_done(
    desk: Any, file_case: Any, advance: Any
) -> None:
    fresh, closed = file_case(), advance(file_case(), "closed")
    page = desk.post(
        BULK, {"act": "accept", "step": "confirm", "ids": _ids(fresh, closed)}, follow=True
    )
    shown = text_of(page)
    assert "Not done in 1 case" in shown
    assert "Done in 1 case" in shown
    assert f"{closed.shown_number}" in shown
    assert "is not possible while the case is “Closed”" in shown


def test_a_case_that_changed_since_it_was_shown_is_left_alone(
    desk: Any, file_case: Any, officer: Any, now: Any
) -> None:
    case = file_case()
    shown = _ids(case)
    Case.objects.filter(pk=case.pk).update(version=case.version + 1)
    page = desk.post(BULK, {"act": "accept", "step": "confirm", "ids": shown}, follow=True)
    assert "Not done in 1 case" in text_of(page)
    case.refresh_from_db()
    assert case.status == "received"


def test_a_note_goes_into_each_case(desk: Any, file_case: Any) -> None:
    cases = [file_case(), file_case()]
    given = {"act": "note", "step": "confirm", "ids": _ids(*cases)}
    empty = desk.post(BULK, {**given, "text": ""})
    assert empty.status_code == 200
    assert not Note.objects.exists()
    desk.post(BULK, {**given, "text": "Campaign of March"})
    assert [note.body for note in Note.objects.all()] == ["Campaign of March"] * 2


def test_a_due_date_is_extended_with_one_reason_for_all(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    desk.post(
        BULK, {"act": "extend", "step": "confirm", "ids": _ids(case), "text": "Many requests"}
    )
    assert case.extensions.get().reason == "Many requests"


def test_cases_of_other_companies_are_not_found(
    desk: Any, file_case: Any, other_controller: Any
) -> None:
    foreign, own = file_case(controller=other_controller), file_case()
    page = desk.post(
        BULK, {"act": "accept", "step": "confirm", "ids": _ids(foreign, own)}, follow=True
    )
    assert "1 case was not found." in text_of(page)
    foreign.refresh_from_db()
    assert foreign.status == "received"


def test_an_auditor_and_an_unknown_act_change_nothing(
    desk: Any, signed_in: Any, auditor: Any, file_case: Any
) -> None:
    case = file_case()
    given = {"step": "confirm", "ids": _ids(case)}
    assert signed_in(auditor).post(BULK, {**given, "act": "accept"}).status_code == 403
    assert desk.post(BULK, {**given, "act": "purge"}).status_code == 302
    assert desk.post(BULK, {"act": "accept"}).status_code == 302
    assert desk.get(BULK).status_code == 405
    case.refresh_from_db()
    assert case.status == "received"


def test_results_hold_nothing_personal(desk: Any, file_case: Any) -> None:
    desk.post(BULK, {"act": "accept", "step": "confirm", "ids": _ids(file_case())})
    assert "見本" not in str(dict(desk.session))


def test_without_results_the_page_leads_to_the_cases(desk: Any) -> None:
    assert desk.get(f"{BULK}results/").headers["Location"] == CASES


def test_assigning_meanwhile_does_not_stop_a_note(
    desk: Any, file_case: Any, officer: Any, now: Any
) -> None:
    case = file_case()
    ids = _ids(case)
    casework.assign(case, officer, by=ledger.staff(officer), at=now)
    desk.post(BULK, {"act": "note", "step": "confirm", "ids": ids, "text": "x"})
    assert Note.objects.count() == 1
