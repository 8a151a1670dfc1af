"""Links between cases: set, taken away, and what a complaint says of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dsar import ledger, lifecycle, links
from dsar.models import Case, CaseLink
from tests.factories import PRINCIPAL, answers_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(officer: Any) -> ledger.Actor:
    return ledger.staff(officer)


def test_both_files_say_that_cases_belong_together(
    file_case: Any, desk: ledger.Actor, now: Any, django_assert_num_queries: Any
) -> None:
    first, second = file_case(), file_case(at=now + timedelta(days=1))
    links.link(second, first, CaseLink.Kind.REPEAT, by=desk, at=now)
    links.link(second, first, CaseLink.Kind.REPEAT, by=desk, at=now)
    with django_assert_num_queries(1):
        [later] = links.of(second)
    [earlier] = links.of(first)
    assert (later.case, later.is_later) == (first, True)
    assert (earlier.case, earlier.is_later) == (second, False)
    for case in (first, second):
        assert case.events.filter(act="link").count() == 1
        assert ledger.verify(Case.objects.get(pk=case.pk)) == 2


def test_cases_of_two_companies_and_a_case_with_itself_are_not_linked(
    file_case: Any, other_controller: Any, desk: ledger.Actor, now: Any
) -> None:
    case, foreign = file_case(), file_case(controller=other_controller)
    for other in (foreign, case):
        with pytest.raises(lifecycle.NotAllowed):
            links.link(case, other, CaseLink.Kind.REPEAT, by=desk, at=now)
    assert not CaseLink.objects.exists()


def test_only_a_complaint_is_about_a_case(file_case: Any, desk: ledger.Actor, now: Any) -> None:
    request, complaint = file_case(), file_case("complaint")
    with pytest.raises(lifecycle.NotAllowed):
        links.link(request, complaint, CaseLink.Kind.COMPLAINT_ABOUT, by=desk, at=now)
    links.link(complaint, request, CaseLink.Kind.COMPLAINT_ABOUT, by=desk, at=now)


def test_a_link_set_by_hand_can_be_taken_away_and_others_cannot(
    file_case: Any, desk: ledger.Actor, now: Any
) -> None:
    first, second = file_case(), file_case()
    row = links.link(second, first, CaseLink.Kind.REPEAT, by=desk, at=now)
    links.unlink(row, by=desk, at=now)
    assert not CaseLink.objects.exists()
    assert second.events.filter(act="unlink").exists()
    together = CaseLink.objects.create(
        case=second, other=first, kind=CaseLink.Kind.FILED_TOGETHER, at=now
    )
    with pytest.raises(lifecycle.NotAllowed):
        links.unlink(together, by=desk, at=now)


def complaint_answers(number: str) -> dict[str, Any]:
    answers = answers_for("appi", "complaint")
    answers["complaint"]["about_case"] = number
    return answers


def test_a_complaint_that_names_a_case_of_the_company_is_linked_with_it(file_case: Any) -> None:
    case = file_case()
    complaint = file_case("complaint", answers=complaint_answers(case.number))
    [linked] = links.of(complaint)
    assert (linked.case, linked.link.kind) == (case, CaseLink.Kind.COMPLAINT_ABOUT)


def test_a_number_that_is_another_companys_or_nobodys_links_nothing(
    file_case: Any, other_controller: Any
) -> None:
    foreign = file_case(controller=other_controller)
    for number in (foreign.number, "261100000000"):
        complaint = file_case("complaint", answers=complaint_answers(number))
        assert links.of(complaint) == []
    assert foreign.event_count == 1


def test_a_case_filed_alone_was_filed_with_itself(file_case: Any) -> None:
    case = file_case(principal=PRINCIPAL)
    assert links.filed_with(case) == [case]
