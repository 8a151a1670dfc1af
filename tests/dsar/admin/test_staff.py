"""Accounts: roles by their names, nobody is deleted, nobody becomes more by a form."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from dsar.models import StaffMember
from tests.dsar.admin.desk import DESK, messages_of, tags_of, text_of
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db

STAFF = f"{DESK}dsar/staffmember/"


@pytest.fixture
def setup(signed_in: Any, administrator: Any) -> Any:
    return signed_in(administrator)


def _form(member: StaffMember, **given: Any) -> dict[str, Any]:
    return {
        "username": member.username,
        "last_name": member.last_name,
        "first_name": member.first_name,
        "email": member.email,
        "language": "ja",
        "is_active": "on",
        "groups": [group.pk for group in member.groups.all()],
        "controllers": [controller.pk for controller in member.controllers.all()],
        **given,
    }


def _role(name: str) -> int:
    return Group.objects.get(name=name).pk


def test_roles_are_listed_by_what_they_do(setup: Any, officer: Any) -> None:
    text = text_of(setup.get(f"{STAFF}{officer.pk}/change/"))
    assert "Approver: works on cases and approves decisions" in text
    assert "Officer: works on cases" in text_of(setup.get(STAFF))


def test_an_account_gets_a_role_and_controllers(setup: Any, controller: Any) -> None:
    posted = {
        "username": "new",
        "password1": "a long demo password",
        "usable_password": "true",
        "password2": "a long demo password",
    }
    setup.post(f"{STAFF}add/", posted)
    member = StaffMember.objects.get(username="new")
    assert member.is_staff
    given = {"groups": [_role("officer")], "controllers": [controller.pk]}
    setup.post(f"{STAFF}{member.pk}/change/", _form(member, **given))
    member = StaffMember.objects.get(pk=member.pk)
    assert member.has_perm("dsar.work_case")
    assert list(member.controllers.all()) == [controller]


def test_nobody_becomes_a_superuser_by_the_form(setup: Any, officer: Any) -> None:
    setup.post(
        f"{STAFF}{officer.pk}/change/", _form(officer, is_superuser="on", user_permissions=["1"])
    )
    officer.refresh_from_db()
    assert not officer.is_superuser
    assert not officer.user_permissions.exists()


def test_an_account_that_may_do_everything_is_out_of_an_administrators_reach(setup: Any) -> None:
    root: StaffMember = StaffFactory.create(username="root", is_superuser=True)
    setup.post(f"{STAFF}{root.pk}/change/", _form(root, username="taken"))
    posted = {"password1": "another long password", "password2": "another long password"}
    assert setup.post(f"{STAFF}{root.pk}/password/", posted).status_code == 403
    root.refresh_from_db()
    assert root.username == "root"
    assert root.check_password("a long demo password")


def test_nobody_is_deleted(setup: Any, officer: Any) -> None:
    assert setup.post(f"{STAFF}{officer.pk}/delete/", {"post": "yes"}).status_code == 403
    assert StaffMember.objects.filter(pk=officer.pk).exists()
    actions = [
        attrs
        for tag, attrs in tags_of(setup.get(STAFF)).tags
        if attrs.get("name") == "action" and tag == "select"
    ]
    assert actions == []


def test_an_administrator_who_takes_a_case_role_is_told_that_it_shows(
    setup: Any, administrator: Any, officer: Any
) -> None:
    both = {"groups": [_role("administrator"), _role("officer")]}
    own = setup.post(
        f"{STAFF}{administrator.pk}/change/", _form(administrator, **both), follow=True
    )
    assert any("You gave yourself a role that opens cases." in said for said in messages_of(own))
    other = setup.post(f"{STAFF}{officer.pk}/change/", _form(officer), follow=True)
    assert not any("You gave yourself" in said for said in messages_of(other))


def test_a_case_role_is_told_once_and_not_with_every_change(setup: Any, administrator: Any) -> None:
    both = {"groups": [_role("administrator"), _role("auditor")]}
    setup.post(f"{STAFF}{administrator.pk}/change/", _form(administrator, **both), follow=True)
    again = setup.post(
        f"{STAFF}{administrator.pk}/change/", _form(administrator, **both), follow=True
    )
    assert not any("You gave yourself" in said for said in messages_of(again))


@pytest.mark.parametrize("name", ["groups", "controllers"])
def test_an_id_beyond_any_row_is_an_error_beside_the_field(
    setup: Any, officer: Any, name: str
) -> None:
    kept = list(getattr(officer, name).all())
    page = setup.post(f"{STAFF}{officer.pk}/change/", _form(officer, **{name: ["9" * 30]}))
    assert page.status_code == 200
    assert page.context["adminform"].form.errors[name]
    assert list(getattr(officer, name).all()) == kept


def test_groups_are_not_edited_at_the_desk(signed_in: Any) -> None:
    assert signed_in(StaffFactory(is_superuser=True)).get(f"{DESK}auth/group/").status_code == 404
