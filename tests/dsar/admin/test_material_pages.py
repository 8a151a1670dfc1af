"""The officer looks at the material, masks parts of it and says what is given, without a script."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from dsar import decision, files, ledger, materials
from dsar.demo.papers import document, picture
from dsar.models import Case, Material
from tests.dsar.admin.desk import CASES, act_of, messages_of, page_of, tags_of, text_of

pytestmark = pytest.mark.django_db

ROWS = [{"氏名": "見本 花子", "担当": "山田", "n": n} for n in range(1, 61)]
AREA = {"left": "5", "top": "10", "width": "90", "height": "12.5"}


@pytest.fixture
def case(file_case: Any, advance: Any) -> Case:
    scope = {"scope": {"services": [], "items": "注文の履歴\n通話の録音"}}
    made: Case = advance(file_case(answers=scope), "in_progress")
    return made


@pytest.fixture
def paper(case: Case, now: datetime) -> Material:
    return materials.add_file(case, [document("SECRET words")], name="記録.pdf", at=now)


@pytest.fixture
def table(case: Case, now: datetime) -> Material:
    return materials.add_table(case, "会員台帳", ["氏名", "担当", "n"], ROWS, at=now)


def page(material: Material) -> str:
    return f"{CASES}{material.case_id}/materials/{material.pk}/"


def settle(browser: Any, material: Material, state: str = "included", **given: str) -> Any:
    posted = {"state": state, "title": material.title, "item": "", **given}
    return browser.post(f"{page(material)}settle/", posted, follow=True)


def mark(browser: Any, material: Material, **given: Any) -> Any:
    return browser.post(f"{page(material)}mark/", {"page": "1", **given}, follow=True)


def fresh(material: Material) -> Material:
    return Material.objects.select_related("case__key", "released", "original").get(pk=material.pk)


def test_the_case_lists_its_material_with_its_state(desk: Any, case: Case, paper: Material) -> None:
    seen = desk.get(page_of(case))
    assert "記録.pdf PDF Not looked at yet" in text_of(seen)
    assert page(paper) in seen.content.decode()


def test_a_small_copy_is_there_when_the_page_comes_back(
    desk: Any, case: Case, paper: Material
) -> None:
    second = case.items.all()[1]
    done = settle(desk, paper, title="相談の記録.pdf", item=str(second.pk))
    assert messages_of(done) == ["Saved: Given to the person."]
    assert "Copy for the person: Ready" in text_of(done)
    assert "Download the copy for the person" in text_of(done)
    row = fresh(paper)
    assert (row.state, row.title, row.item) == ("included", "相談の記録.pdf", second)
    assert materials.is_ready(row)


def test_an_area_is_typed_in_per_cent_and_blacked_out(desk: Any, paper: Material) -> None:
    settle(desk, paper)
    done = mark(desk, paper, **AREA, code="D1_harm", reason="第三者の氏名")
    assert messages_of(done) == ["1 part is masked."]
    text = text_of(done)
    assert "Page 1: left 5.0%, top 10.0%, 90.0 × 12.5%" in text
    assert "第三者の氏名" in text
    assert "APPI Art. 33(2)(i)" in text
    row = fresh(paper)
    assert materials.is_ready(row)
    assert b"SECRET" not in b"".join(files.read(materials.delivered(row)))


def test_areas_that_were_drawn_come_as_one_list(desk: Any, paper: Material) -> None:
    drawn = json.dumps([[1, 2, 10, 10], [50.5, 50.5, 20, 5]])
    done = mark(desk, paper, drawn=drawn)
    assert messages_of(done) == ["2 parts are masked."]
    assert [row.left for row in paper.redactions.all()] == [1, 50.5]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "left"),
        ({**AREA, "left": "120"}, "left"),
        ({**AREA, "width": "0"}, "width"),
        ({**AREA, "top": "abc"}, "top"),
        ({**AREA, "left": "nan"}, "left"),
        ({**AREA, "left": "100"}, "width"),
        ({"drawn": "[[1,2,3]]"}, "drawn"),
        ({"drawn": "[[1,2,NaN,4]]"}, "drawn"),
        ({"drawn": "[[90,90,50,50]]"}, "drawn"),
        ({"drawn": '{"a":1}'}, "drawn"),
        ({**AREA, "code": "U1_unfounded"}, "code"),
    ],
)
def test_an_area_that_is_none_is_refused_at_its_field(
    desk: Any, paper: Material, given: dict[str, str], field: str
) -> None:
    seen = mark(desk, paper, **given, reason="残る文")
    assert seen.status_code == 400
    form = seen.context["mark_form"]
    assert field in form.errors or (field == "width" and "left" in form.errors)
    assert "残る文" in seen.content.decode()
    assert not paper.redactions.exists()


def test_a_mark_is_taken_back(desk: Any, paper: Material) -> None:
    settle(desk, paper)
    mark(desk, paper, **AREA)
    gone = desk.post(f"{page(paper)}unmark/", {"mark": paper.redactions.get().pk}, follow=True)
    assert messages_of(gone) == ["The mark was taken away."]
    assert not paper.redactions.exists()
    assert materials.is_ready(fresh(paper))
    again = desk.post(f"{page(paper)}unmark/", {"mark": "999"}, follow=True)
    assert again.status_code == 200


def test_the_page_is_shown_as_a_picture_with_its_marks(desk: Any, paper: Material) -> None:
    plain = desk.get(f"{page(paper)}pages/1.png")
    assert plain["Content-Type"] == "image/png"
    assert "no-store" in plain["Cache-Control"]
    mark(desk, paper, **AREA)
    marked = desk.get(f"{page(paper)}pages/1.png")
    assert marked.content != plain.content
    assert Image.open(io.BytesIO(marked.content)).width > 500
    assert desk.get(f"{page(paper)}pages/2.png").status_code == 404
    assert desk.get(f"{page(paper)}?page=2").status_code == 404


def test_a_picture_is_shown_and_marked_the_same_way(desk: Any, case: Case, now: Any) -> None:
    photo = materials.add_file(case, [picture(1)], name="写真.png", at=now)
    assert desk.get(f"{page(photo)}pages/1.png").status_code == 200
    mark(desk, photo, **AREA)
    settle(desk, photo)
    assert materials.is_ready(fresh(photo))


def test_columns_rows_and_words_leave_a_table(desk: Any, table: Material) -> None:
    settle(desk, table)
    done = mark(desk, table, columns=["2"], rows=["2", "3"], texts="山田\n")
    assert messages_of(done) == ["4 parts are masked."]
    row = fresh(table)
    copy = materials.delivered(row)
    copy.case = row.case
    left = list(materials.rows(copy))
    assert left[0] == {"氏名": "見本 花子", "担当": "■■■"}
    assert len(left) == 58
    assert "<s>3</s>" in done.content.decode()
    assert "<td>山田</td>" not in done.content.decode()


def test_a_long_table_is_leafed_through(desk: Any, table: Material) -> None:
    first, second = desk.get(page(table)), desk.get(f"{page(table)}?page=2")
    assert [line["number"] for line in first.context["lines"]] == list(range(1, 51))
    assert [line["number"] for line in second.context["lines"]] == list(range(51, 61))
    assert "Next page" in text_of(first)
    assert desk.get(f"{page(table)}?page=3").status_code == 404
    mark(desk, table, page="2", rows=["60"])
    assert table.redactions.get().row == 60


@pytest.mark.parametrize(
    "given",
    [{}, {"columns": ["0", "1", "2"]}, {"columns": ["7"]}, {"rows": ["500"]}, {"rows": ["x"]}],
)
def test_a_table_is_not_masked_by_nothing_or_whole(
    desk: Any, table: Material, given: dict[str, Any]
) -> None:
    seen = mark(desk, table, **given)
    assert seen.status_code == 400
    assert seen.context["mark_form"].errors
    assert not table.redactions.exists()


def test_what_cannot_be_opened_says_why_and_can_be_left_out(
    desk: Any, case: Case, now: Any
) -> None:
    broken = materials.add_file(case, [b"%PDF-1.7 nothing"], name="壊れた.pdf", at=now)
    assert "is damaged or built in an unusual way" in text_of(desk.get(page(broken)))
    assert desk.get(f"{page(broken)}pages/1.png").status_code == 404
    seen = settle(desk, broken)
    assert "Could not be made" in text_of(seen)
    assert "Try again" in text_of(seen)
    desk.post(f"{page(broken)}retry/")
    assert fresh(broken).copy_state == "failed"
    settle(desk, broken, "left_out")
    assert fresh(broken).state == "left_out"


def test_a_file_of_another_form_is_given_as_it_is_and_the_officer_is_told(
    desk: Any, case: Case, now: Any
) -> None:
    other = materials.add_file(case, [b"plain"], name="記録.txt", at=now)
    assert "gives them as they are" in text_of(desk.get(page(other)))
    settle(desk, other)
    assert fresh(other).state == "included"


@pytest.mark.parametrize("given", [{"state": ""}, {"title": " "}, {"item": "999"}])
def test_a_faulty_answer_is_told_at_its_field(
    desk: Any, paper: Material, given: dict[str, str]
) -> None:
    seen = settle(desk, paper, **{"state": "included", **given})
    assert seen.status_code == 400
    assert list(seen.context["settle_form"].errors) == list(given)
    assert fresh(paper).state == "new"


# --- Who may, and what is written down ----------------------------------------------------
def test_looking_is_written_into_the_log(desk: Any, paper: Material, officer: Any) -> None:
    desk.get(page(paper))
    desk.get(f"{page(paper)}pages/1.png")
    event = paper.case.events.get(act="view_material")
    assert (event.actor, event.facts) == (officer, {"material": paper.pk})
    assert "Looked into a material." in text_of(desk.get(page_of(paper.case)))


def test_an_auditor_looks_and_changes_nothing(
    signed_in: Any, auditor: Any, paper: Material
) -> None:
    browser = signed_in(auditor)
    seen = browser.get(page(paper))
    assert seen.status_code == 200
    assert not [1 for tag, attrs in tags_of(seen).tags if attrs.get("name") == "state"]
    settle(browser, paper)
    mark(browser, paper, **AREA)
    assert (fresh(paper).state, paper.redactions.count()) == ("new", 0)


def test_material_of_another_company_or_case_does_not_exist(
    signed_in: Any, foreign_officer: Any, desk: Any, paper: Material, file_case: Any
) -> None:
    browser = signed_in(foreign_officer)
    for address in (page(paper), f"{page(paper)}pages/1.png"):
        assert browser.get(address).status_code == 404
    assert settle(browser, paper).status_code == 404
    other = file_case()
    assert desk.get(f"{CASES}{other.pk}/materials/{paper.pk}/").status_code == 404
    assert desk.post(f"{page(paper)}unknown/").status_code == 404
    assert fresh(paper).state == "new"


def test_a_decided_case_shows_its_material_and_takes_no_more_marks(
    desk: Any, case: Case, paper: Material, officer: Any, now: Any
) -> None:
    settle(desk, paper)
    decision.record(case, decision.Draft("granted"), by=ledger.staff(officer), at=now)
    seen = desk.get(page(paper))
    assert "can no longer be changed" in text_of(seen)
    refused = mark(desk, paper, **AREA, reason="残る文")
    assert "残る文" in refused.content.decode() or "can no longer" in text_of(refused)
    assert not paper.redactions.exists()


# --- With the decision --------------------------------------------------------------------
def test_the_preview_shows_what_goes_along_and_what_is_masked(
    desk: Any, signed_in: Any, approver: Any, case: Case, paper: Material, table: Material
) -> None:
    settle(desk, paper)
    settle(desk, table, "left_out")
    mark(desk, paper, **AREA, reason="第三者の氏名")
    given = {"outcome": "partial", "code": "D1_harm", "withheld": "氏名", "reason": "第三者です。"}
    posted = {"seen": Case.objects.get(pk=case.pk).version, **given}
    preview = desk.post(act_of(case, "decide"), posted)
    copy = fresh(paper).released
    assert copy is not None
    for seen in (preview,):
        text = text_of(seen)
        assert "What the person gets with it 記録.pdf PDF" in text
        assert "Page 1 – 第三者の氏名" in text
        assert "会員台帳" not in text
        assert f"/files/{copy.pk}/" in seen.content.decode()
    desk.post(act_of(case, "decide"), {**posted, "step": "confirm"})
    waiting = text_of(signed_in(approver).get(act_of(case, "approve")))
    assert "What the person gets with it 記録.pdf PDF" in waiting


def test_a_refusal_gives_nothing_along(desk: Any, case: Case, paper: Material) -> None:
    settle(desk, paper)
    given = {"outcome": "refused", "code": "D1_harm", "reason": "第三者です。"}
    posted = {"seen": Case.objects.get(pk=case.pk).version, **given}
    assert "What the person gets with it" not in text_of(desk.post(act_of(case, "decide"), posted))


def test_the_list_of_material_costs_the_same_for_many(desk: Any, case: Case, now: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.get(page_of(case))
        return len(seen)

    materials.add_table(case, "表", ["n"], [{"n": 1}], at=now)
    desk.get(page_of(case))
    one = queries()
    for number in range(8):
        materials.add_table(case, f"表{number}", ["n"], [{"n": 1}], at=now)
    assert queries() == one
