"""Blacking out by hand: drawn on the page with the mouse, taken back, and gone from the copy."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from dsar import files, filing, ledger, materials
from dsar.demo.papers import document
from dsar.models import Controller, Material
from tests.browser import desk
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import DESKTOP
from tests.factories import RECEIPT_CODE, filing_for

pytestmark = pytest.mark.browser


@pytest.fixture
def paper(portal: Any) -> Material:
    """A PDF of a case that came just now."""
    now = timezone.now()
    wanted = filing_for(Controller.objects.get(code="sample"), received_at=now)
    case = filing.file(wanted, by=ledger.REQUESTER, at=now, receipt_code=RECEIPT_CODE)
    return materials.add_file(case, [document("SECRET words")], name="記録.pdf", at=now)


def test_an_officer_draws_over_a_line_and_gives_the_rest(
    paper: Material, visitor: NewVisitor
) -> None:
    officer = visitor(language="ja", size=DESKTOP)
    desk.signs_in(officer, "officer")
    officer.goes_to("admin:dsar_case_material", paper.case_id, paper.pk)
    officer.looks_at("material")
    page = officer.page
    sheet = page.locator("[data-marking]")
    sheet.evaluate("sheet => sheet.scrollIntoView({block: 'start'})")
    place = sheet.bounding_box()
    assert place is not None

    def draw(left: float, top: float, right: float, bottom: float) -> None:
        page.mouse.move(place["x"] + left * place["width"], place["y"] + top * place["height"])
        page.mouse.down()
        page.mouse.move(place["x"] + right * place["width"], place["y"] + bottom * place["height"])
        page.mouse.up()

    draw(0.5, 0.3, 0.7, 0.35)
    draw(0.02, 0.05, 0.95, 0.18)
    assert page.locator(".marking-box").count() == 2
    page.locator("[data-drawn-undo]").click()
    draw(0.02, 0.05, 0.95, 0.18)
    page.locator(".mark-form button.button-primary").click()
    page.wait_for_load_state()
    assert paper.redactions.count() == 2
    page.locator("#settle input[value=included]").check(force=True)
    page.locator("#settle button.button-primary").click()
    page.wait_for_load_state()
    row = Material.objects.select_related("case__key", "released", "original").get(pk=paper.pk)
    assert materials.is_ready(row)
    assert b"SECRET" not in b"".join(files.read(materials.delivered(row)))
