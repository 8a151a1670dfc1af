"""What can happen to the material of a demo case, and a decision item by item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsar import copies, decision, materials, redaction
from dsar.blackout import Box
from dsar.demo.papers import document, picture
from dsar.demo.steps import HANDLER, Step, Turn
from dsar.models import Material, Redaction
from dsar.redaction import Mark


def gather(day: int) -> Step:
    """The officer adds a record of a call and a scanned slip to what the departments gave."""

    def run(turn: Turn) -> None:
        at, by, item = turn.at, turn.by.user, turn.case.items.last()
        calls = document("Call taken by Sample Jiro, extension 0000")
        materials.add_file(turn.case, [calls], name="応対の記録.pdf", at=at, by=by, item=item)
        materials.add_file(turn.case, [picture(7)], name="申込書の控え.png", at=at, by=by)

    return Step(day, HANDLER, run)


def redact(day: int) -> Step:
    """A table and the record are given, without what is about others; the rest is still new."""

    def run(turn: Turn) -> None:
        table = turn.case.materials.filter(form=Material.Form.TABLE).first()
        calls = turn.case.materials.filter(form=Material.Form.PDF).last()
        if table is not None:
            row = Mark(Redaction.Kind.ROW, row=3)
            _give(turn, table, [row], "ほかの方の情報であるため")
        if calls is not None:
            area = Mark(Redaction.Kind.AREA, box=Box(1, 31, 9.5, 27, 4.5))
            _give(turn, calls, [area], "通話に応じた担当者の氏名であるため")

    return Step(day, HANDLER, run)


def _give(turn: Turn, material: Material, marks: Sequence[Mark], reason: str) -> None:
    material.case = turn.case
    redaction.settle(
        material,
        Material.State.INCLUDED,
        title=material.title,
        item=material.item,
        as_pictures=False,
        by=turn.by,
        at=turn.at,
    )
    redaction.mark(material, marks, code="D1_harm", reason=reason, by=turn.by, at=turn.at)
    copies.make(material.pk, turn.at)


def decide_each(day: int, *said: dict[str, Any], answer: str = "") -> Step:
    """The officer decides item by item, in the order of the items."""

    def run(turn: Turn) -> None:
        rows = turn.case.items.all()
        drafts = [
            decision.ItemDraft(row.pk, **words) for row, words in zip(rows, said, strict=True)
        ]
        decision.record(turn.case, decision.by_item(drafts, answer), by=turn.by, at=turn.at)

    return Step(day, HANDLER, run)
