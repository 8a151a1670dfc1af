"""Other requests of a person at the desk, and a complaint's investigation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import duplicates, ledger, links
from dsar.models import Case, CaseLink, Investigation
from tests.dsar.admin.desk import act_of, links_of, messages_of, page_of, text_of

pytestmark = pytest.mark.django_db


def _fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def _post(browser: Any, case: Case, act: str, **given: Any) -> Any:
    return browser.post(act_of(case, act), {"seen": _fresh(case).version, **given}, follow=True)


def test_other_requests_of_the_person_are_listed_with_the_reasons(
    desk: Any, file_case: Any, now: Any
) -> None:
    first = file_case(at=now - timedelta(days=3))
    case = file_case()
    page = desk.get(page_of(case))
    words = text_of(page)
    assert "Probably of the same person" in words
    assert "Same: name, e-mail address, telephone number" in words
    assert "asks for the same kind" in words
    assert page_of(first) in links_of(page)
    assert act_of(case, "merge") in links_of(page)


def test_a_case_is_merged_with_an_earlier_one_on_offer(desk: Any, file_case: Any, now: Any) -> None:
    first = file_case(at=now - timedelta(days=3))
    case = file_case()
    form = desk.get(act_of(case, "merge")).context["form"]
    assert [value for value, _label in form.fields["other"].choices] == [first.number, "typed"]
    response = _post(desk, case, "merge", other=first.number, reason="同じ内容")
    assert messages_of(response) == [f"This case was merged with {first.shown_number}."]
    words = text_of(response)
    assert f"Closed as merged with case {first.shown_number}." in words
    assert "Merged with the earlier case" in words
    assert f"Case {case.shown_number} was merged with this one." in text_of(
        desk.get(page_of(first))
    )


def test_a_later_case_or_an_unknown_number_is_refused_beside_the_field(
    desk: Any, file_case: Any, now: Any, other_controller: Any
) -> None:
    foreign = file_case(controller=other_controller)
    case, later = file_case(), file_case(at=now + timedelta(hours=1))
    typed = {"other": "typed", "reason": "同じ内容"}
    answers = {
        later.number: "The later case is merged with the earlier one.",
        foreign.number: "This company has no other case with this number.",
        case.number: "This company has no other case with this number.",
        "12": "Enter the 12 digits of the case number.",
    }
    for number, words in answers.items():
        page = _post(desk, case, "merge", number=number, **typed)
        assert words in text_of(page)
        assert page.context["form"]["reason"].value() == "同じ内容"
    assert not CaseLink.objects.exists()


def test_a_complaint_is_linked_with_its_case_and_the_link_taken_away(
    desk: Any, file_case: Any
) -> None:
    request, case = file_case(), file_case("complaint")
    _post(desk, case, "link", other=request.number, kind="complaint_about")
    page = desk.get(page_of(case))
    assert "The complaint is about this case" in text_of(page)
    assert "Complaint about this case" in text_of(desk.get(page_of(request)))
    [row] = links.of(case)
    assert act_of(case, "unlink") in links_of(page)
    _post(desk, case, "unlink", link=row.link.pk)
    assert not CaseLink.objects.exists()
    assert desk.get(act_of(case, "unlink")).status_code == 409


def test_a_repeated_request_is_counted_with_the_laws_words(
    desk: Any, file_case: Any, now: Any
) -> None:
    file_case("access", "gdpr", at=now - timedelta(days=30))
    page = text_of(desk.get(page_of(file_case("access", "gdpr"))))
    assert "Request no. 2 of this kind within 12 months" in page
    assert "manifestly excessive" in page


def test_a_complaint_shows_category_findings_and_whom_the_answer_names(
    desk: Any, file_case: Any, controller: Any
) -> None:
    controller.accredited_org_ja, controller.accredited_org_en = "見本協会", "Sample Association"
    controller.save()
    case = file_case("complaint")
    page = text_of(desk.get(page_of(case)))
    for words in (
        "The way personal information is used",
        "Nothing has been looked into yet.",
        "Personal Information Protection Commission (PPC)",
        "Sample Association",
    ):
        assert words in page
    _post(desk, case, "categorise", category="answer")
    _post(desk, case, "investigate", examined="記録", finding="説明が足りない")
    page = text_of(desk.get(page_of(case)))
    assert "The answer to a request, or its delay" in page
    assert "説明が足りない" in page


def test_a_finding_without_words_is_refused(desk: Any, file_case: Any) -> None:
    case = file_case("complaint")
    page = _post(desk, case, "investigate", examined="記録", finding="")
    assert page.context["form"]["examined"].value() == "記録"
    assert not Investigation.objects.exists()


def test_a_request_has_no_investigation(desk: Any, file_case: Any) -> None:
    assert desk.get(act_of(file_case(), "investigate")).status_code == 409


def test_only_those_who_work_on_cases_of_the_company_link_them(
    signed_in: Any, file_case: Any, foreign_officer: Any, auditor: Any
) -> None:
    first, case = file_case(), file_case("complaint")
    for act in ("link", "unlink", "merge", "categorise", "investigate"):
        assert signed_in(foreign_officer).get(act_of(case, act)).status_code == 404
        assert signed_in(auditor).post(act_of(case, act), {}).status_code in (403, 409)
    assert first.event_count == 1


def test_many_other_requests_do_not_make_the_page_slower(
    desk: Any, file_case: Any, officer: Any, now: Any
) -> None:
    case = file_case()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            desk.get(page_of(case))
        return len(found)

    links.link(case, file_case(), CaseLink.Kind.REPEAT, by=ledger.staff(officer), at=now)
    file_case()
    queries()
    before = queries()
    for _n in range(4):
        links.link(case, file_case(), CaseLink.Kind.REPEAT, by=ledger.staff(officer), at=now)
        file_case()
    assert queries() == before


def test_the_person_is_told_under_which_number_the_answer_comes(
    file_case: Any, officer: Any, now: Any, client: Any
) -> None:
    from dsar.requester import access

    first, case = file_case(), file_case()
    duplicates.merge(case, first, reason="社内の理由", by=ledger.staff(officer), at=now)
    session = client.session
    access.sign_in(session, access.Claim(case.pk, 0), at=now)
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    page = text_of(client.get("/en/status/request/"))
    assert first.shown_number in page
    assert "We deal with this request together with an earlier one." in page
    assert "社内の理由" not in page
