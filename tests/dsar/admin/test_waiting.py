"""The lines above the buttons of a case: what waits, and where it is done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from dsar import collection, ledger, materials
from dsar.models import Case, StaffMember
from tests.dsar import disclosing
from tests.dsar.admin.desk import page_of
from tests.factories import SystemFactory

pytestmark = pytest.mark.django_db


def lines(desk: Client, case: Case) -> list[tuple[str, str]]:
    response = desk.get(page_of(case))
    rows = response.context["waiting"]
    page = response.content.decode()
    for row in rows:
        assert f'<a href="{row.anchor}">{row.text}</a>' in page
        assert f'id="{row.anchor[1:]}"' in page
    return [(row.anchor, row.text) for row in rows]


def test_systems_to_ask_and_material_to_look_through_are_named_first(
    desk: Client,
    file_case: Any,
    advance: Any,
    controller: Any,
    officer: StaffMember,
    now: datetime,
) -> None:
    SystemFactory.create(controller=controller)
    SystemFactory.create(controller=controller)
    case = advance(file_case(), "in_progress")
    materials.add_file(case, [b"x"], name="x.bin", at=now)
    assert lines(desk, case) == [
        ("#search", "2 systems are proposed and not asked yet."),
        ("#materials", "1 material is to be looked through: given or left out?"),
    ]
    for task in case.tasks.all():
        collection.ask(task, "x", date(2026, 11, 17), by=ledger.staff(officer), at=now)
    case.materials.update(state="left_out")
    assert lines(desk, case) == []


def test_data_the_person_does_not_have_yet_is_named(
    desk: Client, file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    case = disclosing.granted(file_case(), officer=officer, approver=approver, at=now)
    assert ("#disclosure", "The data has still to be put together.") in lines(desk, case)
    disclosing.built(case, "open", officer=officer, at=now)
    assert ("#disclosure", "The person does not have the data yet.") in lines(desk, case)


def test_whoever_only_reads_is_told_of_no_work(
    signed_in: Any, auditor: StaffMember, file_case: Any, advance: Any, controller: Any
) -> None:
    SystemFactory.create(controller=controller)
    case = advance(file_case(), "in_progress")
    assert lines(signed_in(auditor), case) == []
