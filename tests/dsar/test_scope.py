"""Staff see the cases of their companies, if their role sees cases at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from dsar.models import Case, StaffMember
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(file_case: Any, other_controller: Any) -> tuple[Case, Case]:
    """One case of each company."""
    return file_case(), file_case(controller=other_controller)


def seen(user: Any) -> set[Case]:
    return set(Case.objects.visible_to(StaffMember.objects.get(pk=user.pk)))


@pytest.mark.parametrize("who", ["officer", "approver", "auditor", "intake_clerk"])
def test_the_desk_sees_the_cases_of_its_company_only(
    cases: Any, request: pytest.FixtureRequest, who: str
) -> None:
    assert seen(request.getfixturevalue(who)) == {cases[0]}


@pytest.mark.parametrize("who", ["administrator", "data_owner"])
def test_roles_that_see_no_cases_see_none_of_their_own_company(
    cases: Any, request: pytest.FixtureRequest, who: str
) -> None:
    assert seen(request.getfixturevalue(who)) == set()


def test_an_officer_of_another_company_sees_only_its_cases(
    cases: Any, foreign_officer: Any
) -> None:
    assert seen(foreign_officer) == {cases[1]}


def test_who_works_for_two_companies_sees_both_once(
    cases: Any, officer: Any, other_controller: Any
) -> None:
    officer.controllers.add(other_controller)
    assert list(Case.objects.visible_to(officer).order_by("pk")) == list(cases)


def test_who_works_for_no_company_sees_nothing(cases: Any) -> None:
    assert seen(StaffFactory.create(role="officer")) == set()


def test_a_superuser_sees_no_other_company_either(cases: Any, controller: Any) -> None:
    chief = StaffMember.objects.create_superuser("chief", "chief@sample.example", "x")
    assert seen(chief) == set()
    chief.controllers.add(controller)
    assert seen(chief) == {cases[0]}


def test_who_has_left_sees_nothing(cases: Any, officer: Any) -> None:
    officer.is_active = False
    officer.save()
    assert seen(officer) == set()


def test_who_is_not_signed_in_sees_nothing(cases: Any) -> None:
    assert not Case.objects.visible_to(AnonymousUser()).exists()


def test_it_is_the_permission_that_counts_not_the_name_of_the_group(
    cases: Any, data_owner: Any
) -> None:
    data_owner.user_permissions.add(Permission.objects.get(codename="view_case"))
    assert seen(data_owner) == {cases[0]}


def test_the_scope_narrows_what_was_asked_and_does_not_widen_it(cases: Any, officer: Any) -> None:
    assert not Case.objects.filter(pk=cases[1].pk).visible_to(officer).exists()
    assert Case.objects.open().visible_to(officer).get() == cases[0]
