"""The register at the desk: who may, exact search without a trace in addresses, import."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dsar import provisions
from dsar.models import Controller, StaffMember, ThirdPartyProvision
from tests.dsar.admin.desk import DESK, act_of, page_of, text_of
from tests.dsar.test_provisions import GIVEN, HEADER

pytestmark = pytest.mark.django_db
REGISTER = f"{DESK}dsar/thirdpartyprovision/"


def keep(controller: Controller, **more: Any) -> ThirdPartyProvision:
    return provisions.add(controller, {**GIVEN, **more}, by=None, on=date(2026, 11, 10))


def test_a_record_is_added_and_found_by_its_person(desk: Client, controller: Controller) -> None:
    given = {
        "controller": controller.pk,
        "direction": "received",
        "basis": "consent",
        "manner": "each",
        "party_name": "Kou KK",
        "items": "name, address",
        "name": "見本 花子",
        "email": "hanako@person.example",
    }
    assert desk.post(f"{REGISTER}add/", given).status_code == 302
    page = desk.post(REGISTER, {"email": "hanako@person.example"})
    assert "Kou KK" in text_of(page)
    assert "No record of this person." in text_of(desk.post(REGISTER, {"name": "見本 次郎"}))


def test_what_is_missing_is_told_beside_the_field_and_nothing_is_lost(
    desk: Client, controller: Controller
) -> None:
    given = {"controller": controller.pk, "direction": "provided", "basis": "opt_out"}
    given |= {"manner": "each", "party_name": "Kou KK", "items": "name", "name": "見本 花子"}
    page = desk.post(f"{REGISTER}add/", given)
    assert "provided_on" in page.context["form"].errors
    assert "Kou KK" in page.content.decode()


def test_a_search_without_a_value_is_refused(desk: Client) -> None:
    assert "name" in desk.post(REGISTER, {}).context["form"].errors


def test_faulty_lines_of_an_import_are_listed(desk: Client, controller: Controller) -> None:
    lines = f"{HEADER}\nprovided,2026-04-01,consent,Kou KK,name,A B,\nprovided,x,consent,,n,A,\n"
    upload = SimpleUploadedFile("r.csv", lines.encode(), "text/csv")
    page = desk.post(f"{REGISTER}import/", {"controller": controller.pk, "file": upload})
    assert "Line 3" in text_of(page)
    assert not ThirdPartyProvision.objects.exists()
    good = SimpleUploadedFile("r.csv", "\n".join(lines.split("\n")[:2]).encode(), "text/csv")
    answer = desk.post(f"{REGISTER}import/", {"controller": controller.pk, "file": good})
    assert answer.status_code == 302
    assert ThirdPartyProvision.objects.count() == 1


def test_other_companies_records_are_neither_listed_found_nor_added_to(
    desk: Client, other_controller: Controller
) -> None:
    keep(other_controller, party_name="Otsu KK")
    assert "Otsu KK" not in text_of(desk.get(REGISTER))
    assert "Otsu KK" not in text_of(desk.post(REGISTER, {"email": GIVEN["email"]}))
    page = desk.post(f"{REGISTER}add/", {"controller": other_controller.pk})
    assert "controller" in page.context["form"].errors


def test_auditors_read_and_others_are_kept_out(
    signed_in: Any,
    auditor: StaffMember,
    intake_clerk: StaffMember,
    administrator: StaffMember,
    controller: Controller,
) -> None:
    keep(controller)
    reading = signed_in(auditor)
    assert "見本広告株式会社" in text_of(reading.get(REGISTER))
    assert reading.get(f"{REGISTER}add/").status_code == 403
    for user in (intake_clerk, administrator):
        assert signed_in(user).get(REGISTER).status_code == 403


def test_the_newest_records_take_a_fixed_number_of_queries(
    desk: Client, controller: Controller, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        keep(controller)
    desk.get(REGISTER)
    with django_assert_max_num_queries(10):
        desk.get(REGISTER)


def test_a_case_takes_over_the_records_of_its_person(
    desk: Client, file_case: Any, advance: Any, controller: Controller
) -> None:
    row = keep(controller)
    case = file_case(kind="tp_record_disclosure")
    advance(case, "in_progress")
    assert "1 record that may be about this person" in text_of(desk.get(page_of(case)))
    form = desk.get(act_of(case, "disclose_records")).context["form"]
    assert form["records"].value() == [str(row.pk)]
    answer = desk.post(act_of(case, "disclose_records"), {"records": [row.pk]})
    assert answer.status_code == 302
    assert case.materials.count() == 1


def test_records_of_others_cannot_be_smuggled_in(
    desk: Client, file_case: Any, advance: Any, controller: Controller
) -> None:
    keep(controller)
    other = keep(controller, name="別 人", email="", customer_number="")
    case = file_case(kind="tp_record_disclosure")
    advance(case, "in_progress")
    page = desk.post(act_of(case, "disclose_records"), {"records": [other.pk]})
    assert "records" in page.context["form"].errors
    assert not case.materials.exists()


def test_a_case_of_another_kind_is_not_offered_the_register(desk: Client, file_case: Any) -> None:
    case = file_case()
    assert 'id="provisions"' not in desk.get(page_of(case)).content.decode()
    assert desk.get(act_of(case, "disclose_records")).status_code == 409
