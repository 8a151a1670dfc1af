"""What the person gets of the material: nothing that was masked, and never an outdated copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from dsar import blackout, copies, decision, files, ledger, lifecycle, materials, redaction
from dsar.blackout import Box
from dsar.demo.papers import document, picture
from dsar.models import Attachment, Case, Event, Material, Redaction
from dsar.redaction import Mark

pytestmark = pytest.mark.django_db

BOX = Mark(Redaction.Kind.AREA, box=Box(1, 5, 5, 90, 20))
ROWS = [{"氏名": "見本 花子", "担当": "山田", "n": n} for n in range(1, 4)]


@pytest.fixture
def case(file_case: Any, advance: Any, media: Any) -> Case:
    made: Case = advance(file_case(), "in_progress")
    return made


@pytest.fixture
def by(officer: Any) -> ledger.Actor:
    return ledger.staff(officer)


@pytest.fixture
def paper(case: Case, now: datetime) -> Material:
    return materials.add_file(case, [document("SECRET words")], name="記録.pdf", at=now)


@pytest.fixture
def table(case: Case, now: datetime) -> Material:
    return materials.add_table(case, "会員", ["氏名", "担当", "n"], ROWS, at=now)


def include(material: Material, by: ledger.Actor, at: datetime, **given: Any) -> None:
    said = {"title": material.title, "item": None, "as_pictures": False, **given}
    redaction.settle(material, "included", by=by, at=at, **said)


def made(material: Material, at: datetime) -> Material:
    copies.make(material.pk, at)
    return Material.objects.select_related("case__key", "released").get(pk=material.pk)


def content(material: Material) -> bytes:
    return b"".join(files.read(materials.delivered(material)))


# --- Given or left out --------------------------------------------------------------------
def test_what_is_included_gets_a_cleaned_copy_of_its_own(
    paper: Material,
    by: ledger.Actor,
    now: datetime,
    queued: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        include(paper, by, now, title="相談の記録.pdf")
    assert ("dsar.make_copy", paper.pk) in queued
    assert not materials.is_ready(paper)
    after = made(paper, now)
    assert materials.is_ready(after)
    assert after.released is not None
    assert (after.released.name, after.released.purpose) == ("相談の記録.pdf", "released")
    assert content(after) != document("SECRET words")
    assert content(after).startswith(b"%PDF")
    event = after.case.events.get(act="copy_made")
    assert event.facts["sha256"]
    acts = list(after.case.events.values_list("act", flat=True))
    assert acts[-2:] == ["include_material", "copy_made"]


def test_a_table_is_given_without_columns_rows_and_words(
    table: Material, by: ledger.Actor, now: datetime
) -> None:
    include(table, by, now)
    marks = [
        Mark(Redaction.Kind.COLUMN, text="n"),
        Mark(Redaction.Kind.ROW, row=2),
        Mark(Redaction.Kind.VALUE, text="山田"),
    ]
    assert redaction.mark(table, marks, by=by, at=now) == 3
    after = made(table, now)
    assert after.released is not None
    after.released.case = after.case
    assert list(materials.rows(after.released)) == [{"氏名": "見本 花子", "担当": "■■■"}] * 2
    assert "山田".encode() not in content(after)


def test_a_picture_is_given_anew(case: Case, by: ledger.Actor, now: datetime) -> None:
    photo = materials.add_file(case, [picture(1)], name="写真.png", at=now)
    include(photo, by, now)
    redaction.mark(photo, [BOX], by=by, at=now)
    after = made(photo, now)
    assert after.released is not None
    assert after.released.content_type == "image/png"
    assert content(after) != picture(1)


def test_other_files_go_as_they_are(case: Case, by: ledger.Actor, now: datetime) -> None:
    other = materials.add_file(case, [b"plain text"], name="記録.txt", at=now)
    include(other, by, now)
    assert (other.copy_state, materials.is_ready(other)) == ("", True)
    assert content(other) == b"plain text"


def test_what_is_left_out_has_no_copy(paper: Material, by: ledger.Actor, now: datetime) -> None:
    include(paper, by, now)
    before = made(paper, now)
    redaction.settle(
        before, "left_out", title="記録.pdf", item=None, as_pictures=False, by=by, at=now
    )
    assert (before.state, before.copy_state, before.released) == ("left_out", "", None)
    assert not Attachment.objects.filter(purpose="released").exists()


def test_saying_the_same_again_changes_nothing(
    paper: Material, by: ledger.Actor, now: datetime
) -> None:
    include(paper, by, now)
    after = made(paper, now)
    count = Event.objects.count()
    include(after, by, now)
    assert (after.copy_state, Event.objects.count()) == ("ready", count)


# --- Marks --------------------------------------------------------------------------------
def test_a_new_mark_makes_the_old_copy_void_at_once(
    paper: Material, by: ledger.Actor, now: datetime
) -> None:
    include(paper, by, now)
    after = made(paper, now)
    redaction.mark(after, [BOX], by=by, at=now)
    assert after.released is None
    assert not materials.is_ready(after)
    assert not Attachment.objects.filter(purpose="released").exists()
    again = made(after, now)
    redaction.unmark(again, again.redactions.get().pk, by=by, at=now)
    assert (again.copy_state, again.redactions.count()) == ("waiting", 0)
    acts = set(again.case.events.values_list("act", flat=True))
    assert {"mark_material", "unmark_material"} <= acts
    assert ledger.verify(Case.objects.get(pk=again.case_id)) > 0


def test_a_form_sent_twice_marks_once(paper: Material, by: ledger.Actor, now: datetime) -> None:
    assert redaction.mark(paper, [BOX, BOX], by=by, at=now) == 1
    assert redaction.mark(paper, [BOX], by=by, at=now) == 0
    assert paper.redactions.count() == 1


def test_a_mark_carries_only_a_ground_of_the_kind(
    paper: Material, by: ledger.Actor, now: datetime
) -> None:
    with pytest.raises(lifecycle.NotAllowed):
        redaction.mark(paper, [BOX], code="U1_unfounded", by=by, at=now)
    with pytest.raises(lifecycle.NotAllowed):
        redaction.mark(paper, [BOX], code="D5_no_data", by=by, at=now)
    redaction.mark(paper, [BOX], code="D1_harm", reason="第三者の氏名", by=by, at=now)
    event = paper.case.events.last()
    assert event is not None
    assert (event.facts["code"], event.texts()["reason"]) == ("D1_harm", "第三者の氏名")


def test_words_of_marks_rest_sealed(table: Material, by: ledger.Actor, now: datetime) -> None:
    redaction.mark(
        table, [Mark(Redaction.Kind.VALUE, text="山田")], reason="担当者名", by=by, at=now
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, reason FROM dsar_redaction")
        stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert "山田".encode() not in stored
    assert "担当者名".encode() not in stored


def test_what_was_masked_is_told_by_ground(
    table: Material, paper: Material, by: ledger.Actor, now: datetime
) -> None:
    item = table.case.items.get()
    include(table, by, now, item=item)
    include(paper, by, now)
    column, row = Mark(Redaction.Kind.COLUMN, text="担当"), Mark(Redaction.Kind.ROW, row=3)
    redaction.mark(table, [column, row], code="D1_harm", reason="第三者", by=by, at=now)
    redaction.mark(paper, [BOX], by=by, at=now)
    first, second = redaction.masked_parts(table.case)
    assert (first.material, first.item, first.code, first.reason) == (
        "会員",
        item,
        "D1_harm",
        "第三者",
    )
    assert first.places == ("列「担当」", "1行")
    assert (second.code, second.places) == ("", ("1ページ",))


@pytest.mark.parametrize("status", ["in_approval", "decided"])
def test_nothing_changes_once_it_is_decided(
    case: Case, paper: Material, by: ledger.Actor, now: datetime, status: str
) -> None:
    redaction.settle(paper, "left_out", title="記録", item=None, as_pictures=False, by=by, at=now)
    draft = decision.Draft("granted")
    if status == "in_approval":
        draft = decision.Draft("refused", "D1_harm", reason="理由")
    decision.record(case, draft, by=by, at=now)
    assert case.status == status
    for change in (
        lambda: include(paper, by, now),
        lambda: redaction.mark(paper, [BOX], by=by, at=now),
        lambda: redaction.unmark(paper, 1, by=by, at=now),
        lambda: redaction.try_again(paper),
    ):
        with pytest.raises(lifecycle.NotAllowed):
            change()
    paper.refresh_from_db()
    assert paper.state == "left_out"


def test_an_item_of_another_case_is_refused(
    paper: Material, file_case: Any, by: ledger.Actor, now: datetime
) -> None:
    with pytest.raises(lifecycle.NotAllowed):
        include(paper, by, now, item=file_case().items.get())


def test_a_disclosure_is_decided_once_every_copy_is_ready(
    case: Case, paper: Material, by: ledger.Actor, now: datetime
) -> None:
    include(paper, by, now)
    with pytest.raises(decision.Incomplete, match="記録"):
        decision.record(case, decision.Draft("granted"), by=by, at=now)
    made(paper, now)
    decision.record(case, decision.Draft("granted"), by=by, at=now)
    assert case.status == "decided"


def test_a_look_is_logged_once_in_half_an_hour(
    paper: Material, table: Material, by: ledger.Actor, now: datetime
) -> None:
    for minutes in (0, 5, 40):
        redaction.note_look(paper, by=by, at=now + timedelta(minutes=minutes))
    redaction.note_look(table, by=by, at=now)
    looks = paper.case.events.filter(act="view_material")
    assert [event.facts["material"] for event in looks] == [paper.pk, paper.pk, table.pk]


# --- Copies, whatever happens -------------------------------------------------------------
def test_a_mark_made_while_the_copy_is_made_wins(
    paper: Material, by: ledger.Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    include(paper, by, now)
    real = copies._copy

    def slow(material: Material, at: datetime) -> Any:
        done = real(material, at)
        redaction.mark(Material.objects.get(pk=material.pk), [BOX], by=by, at=at)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_copy", slow)
        after = made(paper, now)
    assert (after.copy_state, after.released) == ("waiting", None)
    assert not Attachment.objects.filter(purpose="released").exists()
    assert b"SECRET" not in content(made(paper, now))


def test_a_worker_that_dies_is_made_up_for(
    paper: Material, by: ledger.Actor, now: datetime, monkeypatch: pytest.MonkeyPatch, queued: Any
) -> None:
    include(paper, by, now)

    def die(*_given: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_copy", die)
        with pytest.raises(KeyboardInterrupt):
            copies.make(paper.pk, now)
    assert made(paper, now).copy_state == "waiting"  # it is claimed for a while
    later = now + timedelta(minutes=20)
    queued.clear()
    assert copies.sweep(later) == 1
    assert queued == [("dsar.make_copy", paper.pk)]
    assert made(paper, later).copy_state == "ready"
    assert copies.sweep(later) == 0


def test_a_file_that_kills_every_worker_is_given_up(
    paper: Material, by: ledger.Actor, now: datetime
) -> None:
    include(paper, by, now)
    Material.objects.filter(pk=paper.pk).update(copy_tries=copies.MOST_TRIES)
    after = made(paper, now)
    assert (after.copy_state, after.copy_fault) == ("failed", "broken")
    redaction.try_again(after)
    assert made(after, now).copy_state == "ready"


def test_a_damaged_file_has_no_copy_and_says_why(
    case: Case, by: ledger.Actor, now: datetime
) -> None:
    broken = materials.add_file(case, [b"%PDF-1.7 nothing"], name="壊れた.pdf", at=now)
    include(broken, by, now)
    after = made(broken, now)
    assert (after.copy_state, after.copy_fault, after.released) == ("failed", "broken", None)
    assert case.events.filter(act="copy_failed").exists()
    with pytest.raises(decision.Incomplete, match="壊れた"):
        decision.record(case, decision.Draft("granted"), by=by, at=now)


def test_a_file_too_large_to_open_is_refused_unread(
    paper: Material, by: ledger.Actor, now: datetime
) -> None:
    Attachment.objects.filter(pk=paper.original_id).update(size=blackout.MOST_BYTES + 1)
    include(paper, by, now)
    assert made(paper, now).copy_fault == "too_big"


def test_running_twice_makes_one_copy(paper: Material, by: ledger.Actor, now: datetime) -> None:
    include(paper, by, now)
    first = made(paper, now)
    assert made(paper, now).released_id == first.released_id
    assert paper.case.events.filter(act="copy_made").count() == 1


def test_copies_that_nothing_points_at_are_dropped_after_a_day(case: Case, now: datetime) -> None:
    left = files.keep([b"x"], case=case, name="x", content_type="a/b", purpose="released", at=now)
    copies.sweep(now + timedelta(hours=1))
    assert Attachment.objects.filter(pk=left.pk).exists()
    copies.sweep(now + timedelta(days=2))
    assert not Attachment.objects.filter(pk=left.pk).exists()
