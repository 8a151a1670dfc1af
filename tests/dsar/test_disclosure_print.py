"""The disclosure on paper: everything that can be printed, in order, with numbered pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dsar import disclosure, disclosure_print, ledger, materials
from dsar.models import Case, Package, StaffMember
from tests import factories
from tests.dsar import disclosing
from tests.dsar.test_watermark import texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _that_day(freeze: Any, now: datetime, media: Any) -> None:
    freeze(now)


@pytest.fixture
def case(file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime) -> Case:
    made: Case = file_case(method="paper", delivery="post_kan-i_kakitome")
    return disclosing.granted(made, officer=officer, approver=approver, at=now)


def test_first_page_tables_documents_and_pictures_are_one_pdf(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "print", officer=officer, at=now)
    pages = texts(disclosing.content(package))
    assert len(pages) == 5
    assert "お渡しするデータ" in pages[0] or case.shown_number in pages[0]
    assert "メモ.txt" in pages[0]  # cannot be printed, so it is given apart
    assert "見本 花子" in pages[1]
    assert "record 1" in pages[2]
    assert "record 2" in pages[3]
    assert [f"{n}/5" in page for n, page in enumerate(pages, 1)] == [True] * 5
    assert not any("1 / 1" in page for page in pages)  # numbered as a whole only
    assert package.file is not None
    assert package.file.content_type == "application/pdf"


def test_a_long_table_goes_on_over_pages_and_a_wide_one_is_told_row_by_row(
    file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    case = file_case()
    factories.advance(case, "in_progress", officer=officer, approver=approver, at=now)
    long = [{"番号": n, "値": f"value-{n}"} for n in range(disclosure_print.ROWS_AT_ONCE + 5)]
    wide = {f"c{n}": f"v{n}" for n in range(disclosure_print.MOST_COLUMNS + 1)}
    for title, rows in (("長い表", long), ("広い表", [wide])):
        disclosing.include(materials.add_table(case, title, list(rows[0]), rows, at=now))
    factories.advance(case, "decided", officer=officer, approver=approver, at=now)
    package = disclosing.built(case, "print", officer=officer, at=now)
    whole = "".join(texts(disclosing.content(package)))
    assert "value-0" in whole
    assert f"value-{disclosure_print.ROWS_AT_ONCE + 4}" in whole
    assert all(f"v{n}" in whole for n in range(len(wide)))


def test_a_broken_document_is_named_as_given_apart(
    file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    case = file_case()
    factories.advance(case, "in_progress", officer=officer, approver=approver, at=now)
    broken = materials.add_file(case, [b"%PDF-1.7\nbroken"], name="壊れた.pdf", at=now)
    disclosing.include(broken)
    factories.advance(case, "decided", officer=officer, approver=approver, at=now)
    pages = texts(disclosing.content(disclosing.built(case, "print", officer=officer, at=now)))
    assert len(pages) == 1
    assert "壊れた.pdf" in pages[0]


def test_too_much_to_print_is_refused_in_words(
    case: Case, officer: StaffMember, now: datetime, settings: Any
) -> None:
    settings.PRINT_MAX_BYTES = 10
    package = disclosure.order(case, "print", by=ledger.staff(officer), at=now)
    assert disclosure.build(package.pk, now) == Package.State.FAILED
    package.refresh_from_db()
    assert package.fault == "too_large"
