"""What a role is called, and what the person at the desk may do."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsar.models import Controller, StaffMember

NAMES: dict[str, str | Promise] = {
    "intake": _("Intake: enters requests"),
    "officer": _("Officer: works on cases"),
    "approver": _("Approver: works on cases and approves decisions"),
    "data_owner": _("Data owner: supplies data"),
    "auditor": _("Auditor: reads only"),
    "administrator": _("Administrator: sets up the desk"),
}
OPENS_CASES = frozenset({"intake", "officer", "approver", "auditor"})
"""Roles that see what is in a case."""


def name_of(group: str) -> str:
    """A role in the language in use; an operator's own group keeps its name."""
    return str(NAMES.get(group, group))


def officer(request: HttpRequest) -> StaffMember:
    """The member of staff who is signed in."""
    return cast(StaffMember, request.user)


def may_view(user: StaffMember) -> bool:
    """Whether the user sees cases at all."""
    return user.has_perm("dsar.view_case")


def may_file(user: StaffMember) -> bool:
    """Whether the user enters requests."""
    return user.has_perm("dsar.file_case")


def may_work(user: StaffMember) -> bool:
    """Whether the user works on cases."""
    return user.has_perm("dsar.work_case")


def may_administer(user: StaffMember) -> bool:
    """Whether the user sets up the desk."""
    return user.has_perm("dsar.change_staffmember")


def is_data_owner(user: StaffMember) -> bool:
    """Whether the user supplies data without seeing cases."""
    return not may_view(user) and user.groups.filter(name="data_owner").exists()


def own_controllers(user: StaffMember) -> list[Controller]:
    """The controllers whose cases the user sees (one query)."""
    return list(user.controllers.all())
