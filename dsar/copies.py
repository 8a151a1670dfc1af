"""The copies of material that the person gets: made from what came and its marks, by a task.

Making one may be cut off or run twice: the row says what is still to be done, and a copy that was
made for older marks is thrown away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePath

from django.db import transaction
from django.db.models import F, Q

from dsar import blackout, blackout_room, files, ledger, materials, notices
from dsar.blackout import Box, Refused
from dsar.models import Attachment, Material, Redaction

SMALL = 2 * 1024 * 1024
"""A copy of up to this size is made while the officer waits."""
MOST_TRIES = 3
_CLAIM = timedelta(minutes=15)
_LEFT_OVER = timedelta(days=1)
_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    materials.TABLE_TYPE: ".jsonl",
}
_KNOWN_SUFFIXES = (".pdf", ".png", ".jpg", ".jpeg", ".webp", ".jsonl", ".csv")


def make(pk: int, at: datetime) -> None:
    """Make the copy of one material, if one is wanted and nobody else is at it."""
    waiting = Material.objects.filter(pk=pk, copy_state=Material.Copy.WAITING)
    free = Q(copy_claimed_at=None) | Q(copy_claimed_at__lt=at - _CLAIM)
    if not waiting.filter(free).update(copy_claimed_at=at, copy_tries=F("copy_tries") + 1):
        return
    material = Material.objects.select_related("case__key", "original").get(pk=pk)
    material.original.case = material.case
    if material.copy_tries > MOST_TRIES:
        _finish(material, None, "broken", at)
        return
    try:
        made, digest = _copy(material, at)
    except Refused as refused:
        _finish(material, None, refused.code, at)
        return
    _finish(material, made, "", at, digest)


def sweep(at: datetime) -> int:
    """Queue every copy that waits, drop those nothing points at; returns how many wait."""
    free = Q(copy_claimed_at=None) | Q(copy_claimed_at__lt=at - _CLAIM)
    waiting = Material.objects.filter(free, copy_state=Material.Copy.WAITING)
    found = list(waiting.values_list("pk", flat=True)[:100])
    for pk in found:
        notices.queue("dsar.make_copy", pk)
    left = Attachment.objects.filter(
        purpose=Attachment.Purpose.RELEASED, released_of=None, added_at__lt=at - _LEFT_OVER
    )
    for row in left[:100]:
        with transaction.atomic():
            files.remove(row)
    return len(found)


def _copy(material: Material, at: datetime) -> tuple[Attachment, str]:
    """The copy, kept sealed, and the SHA-256 of its content."""
    kind = materials.TABLE_TYPE
    chunks: Iterable[bytes]
    if material.form == Material.Form.TABLE:
        chunks = _table_lines(material)
    elif material.form == Material.Form.PDF:
        kind = "application/pdf"
        made = blackout_room.clean_pdf(
            content(material), boxes(material), as_pictures=material.as_pictures
        )
        chunks = [made]
    else:
        made, kind = blackout_room.clean_image(content(material), boxes(material))
        chunks = [made]
    digest = hashlib.sha256()

    def told() -> Iterator[bytes]:
        for chunk in chunks:
            digest.update(chunk)
            yield chunk

    stem = material.title
    if PurePath(stem).suffix.lower() in _KNOWN_SUFFIXES:
        stem = stem[: -len(PurePath(stem).suffix)]
    row = files.keep(
        told(),
        case=material.case,
        name=f"{stem}{_SUFFIXES[kind]}",
        content_type=kind,
        purpose=Attachment.Purpose.RELEASED,
        at=at,
    )
    return row, digest.hexdigest()


def _table_lines(material: Material) -> Iterator[bytes]:
    rows = list(material.redactions.all())
    wanted = {
        kind: {row.text for row in rows if row.kind == kind}
        for kind in (Redaction.Kind.COLUMN, Redaction.Kind.VALUE)
    }
    left = blackout.clean_rows(
        materials.rows(material.original),
        columns=wanted[Redaction.Kind.COLUMN],
        numbers={row.row for row in rows if row.kind == Redaction.Kind.ROW and row.row},
        texts=wanted[Redaction.Kind.VALUE],
    )
    for line in left:
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _finish(
    material: Material, made: Attachment | None, fault: str, at: datetime, digest: str = ""
) -> None:
    """Note what came of it, unless the marks changed meanwhile: then it is made once more."""
    state = Material.Copy.READY if made is not None else Material.Copy.FAILED
    with transaction.atomic():
        current = Material.objects.filter(
            pk=material.pk, revision=material.revision, copy_state=Material.Copy.WAITING
        )
        done = {"copy_state": state, "released": made, "copy_fault": fault}
        if current.update(**done, copy_claimed_at=None):
            act, told = "copy_failed", {"code": fault}
            if made is not None:
                act, told = "copy_made", {"sha256": digest}
            facts = {"material": material.pk, **told}
            ledger.append(material.case, act, by=ledger.SYSTEM, at=at, facts=facts)
            return
        if made is not None:
            files.remove(made)
        Material.objects.filter(pk=material.pk).update(copy_claimed_at=None)
        transaction.on_commit(partial(notices.queue, "dsar.make_copy", material.pk))


def content(material: Material) -> bytes:
    """The material as it came, in memory: what cannot be is refused before it is read."""
    if material.original.size > blackout.MOST_BYTES:
        raise Refused("too_big")
    return b"".join(files.read(material.original))


def boxes(material: Material, page: int | None = None) -> list[Box]:
    """The marked areas, of one page or of all."""
    rows = material.redactions.filter(kind=Redaction.Kind.AREA)
    if page is not None:
        rows = rows.filter(page=page)
    return [
        Box(row.page or 1, row.left or 0, row.top or 0, row.width or 0, row.height or 0)
        for row in rows
    ]
