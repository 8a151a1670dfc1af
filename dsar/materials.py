"""What was found for a case: files and tables, kept sealed until they are decided on.

A table rests as JSON lines (UTF-8): one object a row, every row with the same keys in one order.
So it streams row by row, and dropping a column or a row is dropping it from each line.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import filetype
from django.utils.translation import gettext as _

from dsar import files
from dsar.models import Attachment, Case, Material, RequestedItem, SearchTask, StaffMember

TABLE_TYPE = "application/x-ndjson"
_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/heic")


class NotATable(Exception):
    """A CSV file cannot be read as a table; the message says why."""


def add_table(
    case: Case,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    *,
    at: datetime,
    by: StaffMember | None = None,
    task: SearchTask | None = None,
    item: RequestedItem | None = None,
) -> Material:
    """Keep rows as a table; values that JSON lacks (dates, decimals, bytes) become text."""

    def lines() -> Iterator[bytes]:
        for row in rows:
            ordered = {name: row.get(name) for name in columns}
            yield json.dumps(ordered, ensure_ascii=False, default=_as_text).encode() + b"\n"

    original = files.keep(
        lines(),
        case=case,
        name=f"{title}.jsonl",
        content_type=TABLE_TYPE,
        purpose=Attachment.Purpose.MATERIAL,
        at=at,
    )
    return _added(case, title, Material.Form.TABLE, original, at, by, task, item)


def add_file(
    case: Case,
    chunks: Iterable[bytes],
    *,
    name: str,
    at: datetime,
    by: StaffMember | None = None,
    task: SearchTask | None = None,
    item: RequestedItem | None = None,
) -> Material:
    """Keep a file as it came; its type is found from its content. For CSV see `add_csv`."""
    pieces = iter(chunks)
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= 8192:
            break
    guessed = filetype.guess(head)
    mime = guessed.mime if guessed else "application/octet-stream"
    if mime == "application/pdf":
        form = Material.Form.PDF
    else:
        form = Material.Form.IMAGE if mime in _IMAGES else Material.Form.OTHER

    def whole() -> Iterator[bytes]:
        yield head
        yield from pieces

    original = files.keep(
        whole(),
        case=case,
        name=name,
        content_type=mime,
        purpose=Attachment.Purpose.MATERIAL,
        at=at,
    )
    return _added(case, original.name, form, original, at, by, task, item)


def add_csv(case: Case, content: bytes, *, name: str, at: datetime, **more: Any) -> Material:
    """Keep a CSV file with a header line as a table (UTF-8 or Shift_JIS as Excel writes it).

    Raises:
        NotATable: neither encoding fits, or the lines do not fit the header.
    """
    lines = csv.reader(io.StringIO(decoded(content), newline=""), strict=True)
    try:
        header = next(lines, None)
        if not header or len(set(header)) != len(header):
            raise NotATable("the first line does not name the columns, each once")
        rows = [line for line in lines if line]
    except csv.Error as error:
        raise NotATable(str(error)) from error
    for number, line in enumerate(rows, 2):
        if len(line) != len(header):
            raise NotATable(f"line {number} has {len(line)} values, the header {len(header)}")
    title = name.removesuffix(".csv")
    table = (dict(zip(header, line, strict=True)) for line in rows)
    return add_table(case, title, header, table, at=at, **more)


def rows(attachment: Attachment) -> Iterator[dict[str, Any]]:
    """The rows of a kept table, one at a time."""
    held = b""
    for piece in files.read(attachment):
        held += piece
        *whole, held = held.split(b"\n")
        for line in whole:
            if line:
                yield json.loads(line)
    if held:
        yield json.loads(held)


def delivered(material: Material) -> Attachment:
    """The file that leaves the house: the redacted copy where there is one."""
    return material.released or material.original


def unready(case: Case) -> str | None:
    """Which material keeps a disclosure from being decided, in words; None where none does.

    Looked at are requests that give data out (those with a method of disclosure): material that
    nobody has decided on yet, and copies for the person that are not made.
    """
    if not case.rule.methods:
        return None
    fresh, unmade = [], []
    for row in case.materials.exclude(state=Material.State.LEFT_OUT):
        row.case = case
        if row.state == Material.State.NEW:
            fresh.append(row.title)
        elif not is_ready(row):
            unmade.append(row.title)
    if fresh:
        return _("First decide whether the person gets: %(titles)s.") % {
            "titles": _(", ").join(fresh)
        }
    if unmade:
        return _("The copy for the person is not ready yet: %(titles)s.") % {
            "titles": _(", ").join(unmade)
        }
    return None


def is_ready(material: Material) -> bool:
    """Whether what the person gets of included material is made; other files go as they are."""
    if material.form == Material.Form.OTHER:
        return True
    return material.released_id is not None and material.copy_state == Material.Copy.READY


def remove(material: Material) -> None:
    """Take material out of the case, its files included; the caller's transaction is open."""
    kept = [row for row in (material.original, material.released) if row is not None]
    material.delete()
    for row in kept:
        files.remove(row)


def _added(
    case: Case,
    title: str,
    form: Material.Form,
    original: Attachment,
    at: datetime,
    by: StaffMember | None,
    task: SearchTask | None,
    item: RequestedItem | None,
) -> Material:
    return Material.objects.create(
        case=case,
        title=title,
        form=form,
        original=original,
        added_at=at,
        added_by=by,
        task=task,
        item=item,
    )


def decoded(content: bytes) -> str:
    """The text of a CSV file, in UTF-8 or in Shift_JIS as Excel writes it.

    Raises:
        NotATable: neither fits.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    for encoding in ("utf-8", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotATable("the text is neither UTF-8 nor Shift_JIS")


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
