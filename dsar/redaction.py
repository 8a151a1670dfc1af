"""What the person gets of the material: given or left out, with areas, columns, rows and texts
masked, and the copy that truly lacks them.

Every change is an event of the case. A copy is made from the material as it came and its marks; a
change of these makes the copy void at once and asks for a new one (see `copies`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsar import blackout_room, copies, files, items, ledger, materials, notices
from dsar.blackout import Box
from dsar.ledger import Actor
from dsar.lifecycle import NotAllowed
from dsar.models import Case, Material, Redaction, RequestedItem

LOOKED_AGAIN = timedelta(minutes=30)
"""A second look at the same material within this time is part of the first."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be masked; see `Redaction` for what each kind needs."""

    kind: str
    box: Box | None = None
    row: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class MaskedPart:
    """What was masked of one material on one ground, for the letter and the preview.

    Attributes:
        item: the item that the material answers, if it is known.
        code, reason: as the officer gave them; both may be empty.
        places: in words, each once: pages, columns, how many rows.
    """

    material: str
    item: RequestedItem | None
    code: str
    reason: str
    places: tuple[str, ...]


# --- Deciding what is given ---------------------------------------------------------------
def settle(
    material: Material,
    state: str,
    *,
    title: str,
    item: RequestedItem | None,
    as_pictures: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Note whether the person gets the material, under which name, and for which item.

    Raises:
        NotAllowed: the case is decided or waits for approval, or the item is of another case.
    """
    if item is not None and item.case_id != material.case_id:
        raise NotAllowed(_("This item does not belong to the case."))
    with transaction.atomic():
        case = _held(material)
        before = (material.state, material.title, material.item_id, material.as_pictures)
        after = (state, title, item.pk if item else None, as_pictures)
        if before == after:
            return
        material.state, material.title, material.item = state, title, item
        material.as_pictures = as_pictures
        material.save(update_fields=["state", "title", "item", "as_pictures"])
        act = "include_material" if state == Material.State.INCLUDED else "leave_out_material"
        facts = {"material": material.pk, **({"item": item.position} if item else {})}
        ledger.append(case, act, by=by, at=at, facts=facts, texts={"material": title})
        _void(material)


def mark(
    material: Material,
    marks: Sequence[Mark],
    *,
    code: str = "",
    reason: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Mask something; returns how much of it is new.

    Raises:
        NotAllowed: see `settle`; or the ground is none of this kind's.
    """
    if by.user is None:
        raise NotAllowed(_("Only the desk can do this."))
    if code and code not in grounds(material.case):
        raise NotAllowed(_("Choose a ground that the law allows for this kind of request."))
    with transaction.atomic():
        case = _held(material)
        known = {_likeness(row) for row in material.redactions.all()}
        fresh = []
        for one in marks:
            row = _row(material, one, code, reason, at)
            if _likeness(row) not in known:
                known.add(_likeness(row))
                fresh.append(row)
        if not fresh:
            return 0
        for row in fresh:
            row.added_by = by.user
            row.save(force_insert=True)
        facts = {"material": material.pk, "count": len(fresh), "kind": fresh[0].kind}
        if code:
            facts["code"] = code
        said = {"material": material.title, "reason": reason}
        ledger.append(case, "mark_material", by=by, at=at, facts=facts, texts=said)
        _void(material)
    return len(fresh)


def unmark(material: Material, pk: int, *, by: Actor, at: datetime) -> None:
    """Take a mark away again; one that is gone already is no fault.

    Raises:
        NotAllowed: see `settle`.
    """
    with transaction.atomic():
        case = _held(material)
        row = material.redactions.filter(pk=pk).first()
        if row is None:
            return
        facts = {"material": material.pk, "kind": row.kind}
        row.delete()
        texts = {"material": material.title}
        ledger.append(case, "unmark_material", by=by, at=at, facts=facts, texts=texts)
        _void(material)


def try_again(material: Material) -> None:
    """Ask once more for a copy that could not be made.

    Raises:
        NotAllowed: see `settle`.
    """
    with transaction.atomic():
        _held(material)
        if material.copy_state == Material.Copy.FAILED:
            _void(material)


def why_not(case: Case) -> str | None:
    """Why the material cannot be changed now, or None."""
    return items.why_not(case)


def grounds(case: Case) -> list[str]:
    """The codes on which a part may be withheld from this kind of request."""
    return [code for code in case.rule.refusals if case.rules.refusals[code].is_refusal]


def note_look(material: Material, *, by: Actor, at: datetime) -> None:
    """Write that somebody looked into the material, once in half an hour."""
    lately = material.case.events.filter(
        act="view_material", actor=by.user, at__gt=at - LOOKED_AGAIN, facts__material=material.pk
    )
    if lately.exists():
        return
    with transaction.atomic():
        ledger.append(material.case, "view_material", by=by, at=at, facts={"material": material.pk})


def masked_parts(case: Case) -> list[MaskedPart]:
    """What was masked of the material that is given, with its grounds."""
    found = []
    given = case.materials.filter(state=Material.State.INCLUDED)
    for material in given.select_related("item").prefetch_related("redactions"):
        material.case = case
        by_ground: dict[tuple[str, str], list[Redaction]] = {}
        for row in material.redactions.all():
            row.material = material
            by_ground.setdefault((row.code, row.reason), []).append(row)
        for (code, reason), rows in by_ground.items():
            places = tuple(_places(rows))
            found.append(MaskedPart(material.title, material.item, code, reason, places))
    return found


def _places(rows: Sequence[Redaction]) -> Iterator[str]:
    """Where something is masked, without what it says."""
    is_pdf = rows[0].material.form == Material.Form.PDF
    pages = sorted({row.page for row in rows if row.kind == Redaction.Kind.AREA and row.page})
    if pages and is_pdf:
        yield _("Page %(pages)s") % {"pages": _(", ").join(str(page) for page in pages)}
    elif pages:
        yield _("A part of the picture")
    for row in rows:
        if row.kind == Redaction.Kind.COLUMN:
            yield _("Column “%(name)s”") % {"name": row.text}
    count = sum(row.kind == Redaction.Kind.ROW for row in rows)
    if count:
        yield ngettext("%(count)d row", "%(count)d rows", count) % {"count": count}
    if any(row.kind == Redaction.Kind.VALUE for row in rows):
        yield _("Single words")


# --- Looking at it ------------------------------------------------------------------------
def pages(material: Material) -> int:
    """How many pages it has; a picture has one.

    Raises:
        Refused, vault.VaultError
    """
    if material.form != Material.Form.PDF:
        return 1
    return blackout_room.pages_of(copies.content(material))


def shown(material: Material, page: int) -> bytes:
    """A page or picture as a PNG, its marked areas shaded. IndexError: no such page.

    Raises:
        Refused, vault.VaultError
    """
    if material.form == Material.Form.PDF:
        return blackout_room.show_pdf(copies.content(material), page, copies.boxes(material, page))
    if page != 1:
        raise IndexError(page)
    return blackout_room.show_image(copies.content(material), copies.boxes(material))


def some_rows(material: Material, first: int, count: int) -> list[dict[str, Any]]:
    """Rows of a table as they came, from `first` (counted from 1)."""
    return list(islice(materials.rows(material.original), first - 1, first - 1 + count))


# --- Common to all changes ------------------------------------------------------------------
def _held(material: Material) -> Case:
    """The case, locked and open for changes; the material brought up to date."""
    case = material.case
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    refusal = why_not(locked)
    if refusal:
        raise NotAllowed(refusal)
    fields = ["state", "revision", "copy_state", "released", "title", "item", "as_pictures"]
    material.refresh_from_db(fields=fields)
    material.case = case
    return case


def _void(material: Material) -> None:
    """The copy no longer holds; a new one is asked for if the person is to get it."""
    old = material.released
    wanted = material.state == Material.State.INCLUDED and material.form != Material.Form.OTHER
    material.released = None
    material.revision += 1
    material.copy_state = Material.Copy.WAITING if wanted else Material.Copy.NONE
    material.copy_fault, material.copy_tries, material.copy_claimed_at = "", 0, None
    material.save(
        update_fields=[
            "released",
            "revision",
            "copy_state",
            "copy_fault",
            "copy_tries",
            "copy_claimed_at",
        ]
    )
    if old is not None:
        files.remove(old)
    if wanted:
        transaction.on_commit(partial(notices.queue, "dsar.make_copy", material.pk))


def _row(material: Material, one: Mark, code: str, reason: str, at: datetime) -> Redaction:
    box = one.box
    return Redaction(
        material=material,
        kind=one.kind,
        page=box.page if box else None,
        left=box.left if box else None,
        top=box.top if box else None,
        width=box.width if box else None,
        height=box.height if box else None,
        row=one.row,
        text=one.text,
        code=code,
        reason=reason,
        added_at=at,
    )


def _likeness(row: Redaction) -> tuple[Any, ...]:
    """What makes two marks the same, so that a form sent twice marks once."""
    place = (row.page, row.left, row.top, row.width, row.height)
    return (row.kind, *place, row.row, row.text)
