"""Exports: what the list shows, nothing personal, no formula, and on record."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest

from dsar.models import Export
from tests.dsar.admin.desk import CASES, text_of

pytestmark = pytest.mark.django_db
EXPORT = f"{CASES}export/"
LIST = "/en/desk/dsar/export/"


def _csv(response: Any) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode()
    assert content.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(content[1:])))


def test_the_list_as_it_is_narrowed_is_exported(
    desk: Any, file_case: Any, officer: Any, advance: Any
) -> None:
    file_case("correction", assigned_to=officer)
    other = advance(file_case(), "closed")
    rows = _csv(desk.post(f"{EXPORT}?who=mine", {"format": "csv"}))
    assert [(row["Kind"], row["Status"]) for row in rows] == [
        ("Request for correction of retained personal data", "Received")
    ]
    closed = _csv(desk.post(f"{EXPORT}?status=closed", {"format": "csv"}))
    assert [(row["Case number"], row["Outcome"]) for row in closed] == [
        (other.shown_number, "Granted")
    ]
    assert closed[0]["Decided on"] == closed[0]["Received on"] == "2026-11-10"


def test_nothing_personal_leaves_with_it(desk: Any, file_case: Any) -> None:
    file_case()
    content = b"".join(desk.post(EXPORT, {"format": "csv"}).streaming_content).decode()
    assert "見本" not in content
    assert "@" not in content


def test_the_language_is_the_readers(desk: Any, file_case: Any) -> None:
    file_case()
    response = desk.post("/desk/dsar/case/export/", {"format": "csv"})
    assert b"".join(response.streaming_content).decode().startswith("\ufeff受付番号,")


def test_excel_gets_text_only(desk: Any, file_case: Any, controller: Any) -> None:
    controller.name_en = "=HYPERLINK(1)"
    controller.save()
    case = file_case()
    response = desk.post(EXPORT, {"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    assert sheet.cell(2, 1).value == case.shown_number
    assert (sheet.cell(2, 2).value, sheet.cell(2, 2).data_type) == ("=HYPERLINK(1)", "s")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "-1+1", "＝1", " @SUM(A1)"])
def test_no_cell_of_the_csv_begins_a_formula(
    desk: Any, file_case: Any, controller: Any, name: str
) -> None:
    controller.name_en = name
    controller.save()
    file_case()
    (line,) = _csv(desk.post(EXPORT, {"format": "csv"}))
    assert line["Controller"] == f"'{name}"


def test_each_export_is_on_record_for_auditors_of_the_company(
    desk: Any,
    file_case: Any,
    officer: Any,
    signed_in: Any,
    auditor: Any,
    administrator: Any,
    other_controller: Any,
) -> None:
    file_case()
    desk.post(f"{EXPORT}?who=nobody&found=abc", {"format": "xlsx"})
    row = Export.objects.get()
    assert (row.by, row.format, row.query, row.count) == (officer, "xlsx", "who=nobody", 0)
    for reader in (auditor, administrator):
        assert "who=nobody" in text_of(signed_in(reader).get(LIST))
    auditor.controllers.set([other_controller])
    assert "who=nobody" not in text_of(signed_in(auditor).get(LIST))
    assert desk.get(LIST).status_code == 403


def test_only_those_who_see_cases_export_and_only_by_post(
    desk: Any, signed_in: Any, administrator: Any, auditor: Any
) -> None:
    assert signed_in(administrator).post(EXPORT, {"format": "csv"}).status_code == 403
    assert signed_in(auditor).post(EXPORT, {"format": "csv"}).status_code == 200
    assert desk.get(EXPORT).status_code == 302
    assert desk.post(EXPORT, {"format": "pdf"}).status_code == 302


def test_cases_of_other_companies_are_not_exported(
    desk: Any, file_case: Any, other_controller: Any
) -> None:
    file_case(controller=other_controller)
    assert _csv(desk.post(EXPORT, {"format": "csv"})) == []


def test_the_number_of_queries_does_not_grow_with_the_cases(
    desk: Any, file_case: Any, django_assert_max_num_queries: Any
) -> None:
    for _number in range(4):
        file_case()
    with django_assert_max_num_queries(9):
        assert len(_csv(desk.post(EXPORT, {"format": "csv"}))) == 4
