"""The package as a ZIP file, written as a stream: nothing larger than one file part is in memory.

What is inside and how it is named is described in docs/reference/package.md.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Any

from django.conf import settings

from dsar import disclosure_index, disclosure_tables, files, materials, watermark
from dsar.models import Attachment, Case, Material

MANIFEST = "manifest.json"
SCHEMA = "schema.json"
VERSION = 1
BITS = 256
_ZIP64_FROM = 1 << 30
_UNSAFE_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e]')
_LONGEST_NAME = 80

Step = Callable[[int], None]
"""Called with the number of bytes written since the last time."""


@dataclass
class Member:
    """One file of the package as the manifest tells of it."""

    name: str
    title: str
    content_type: str
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    rows: int | None = None
    marked: bool = False

    def as_json(self) -> dict[str, Any]:
        """Its entry in the manifest."""
        told: dict[str, Any] = {
            "path": self.name,
            "title": self.title,
            "type": self.content_type,
            "size": self.size,
            "sha256": self.digest.hexdigest(),
        }
        if self.rows is not None:
            told["rows"] = self.rows
        if self.marked:
            told["marked"] = True
        return told


class _Sink:
    """What the ZIP is written into; it is emptied after each piece."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


@dataclass
class Package:
    """One package while it is written.

    Attributes:
        found: the material that is given, in order; rows know their case.
        on: the date that is marked and told.
        passphrase: encrypts every member (WinZip AES-256), or is empty.
        step: told of progress after each piece.
        part: called after each part.
    """

    case: Case
    found: Sequence[Material]
    on: date
    passphrase: str
    step: Step
    part: Callable[[], None]

    def __post_init__(self) -> None:
        self._sink = _Sink()
        self._members: list[Member] = []
        if self.passphrase:
            import pyzipper  # slow to load, and only the worker ever locks a package

            self._zip: Any = pyzipper.AESZipFile(
                self._sink, "w", zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
            )
            self._zip.setpassword(self.passphrase.encode())
            self._zip.setencryption(pyzipper.WZ_AES, nbits=BITS)
            self._info: Any = self._zip.zipinfo_cls
        else:
            self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
            self._info = zipfile.ZipInfo

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the ZIP file, piece by piece."""
        listed: list[disclosure_index.Entry] = []
        for position, material in enumerate(self.found, 1):
            before = len(self._members)
            yield from self._material(position, material)
            listed.append(disclosure_index.entry(material, self._members[before:]))
            self.part()
        page = disclosure_index.page(self.case, listed, self.on)
        yield from self._whole("index.html", page.title, "text/html", page.html.encode())
        yield from self._whole("index.pdf", page.title, "application/pdf", page.pdf())
        schema = json.dumps(disclosure_index.SCHEMA, ensure_ascii=False, indent=2)
        yield from self._whole(SCHEMA, "JSON Schema", "application/schema+json", schema.encode())
        manifest = json.dumps(self._manifest(), ensure_ascii=False, indent=2)
        yield from self._whole(MANIFEST, "Manifest", "application/json", manifest.encode())
        self._zip.close()
        self.part()
        yield self._sink.taken()

    def _manifest(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "case": self.case.shown_number,
            "controller": self.case.controller.name_in(self.case.language),
            "language": self.case.language,
            "rule_set": f"{self.case.regime} {self.case.rule_version}",
            "made_on": self.on.isoformat(),
            "members": [member.as_json() for member in self._members],
        }

    def _material(self, position: int, material: Material) -> Iterator[bytes]:
        given = materials.delivered(material)
        given.case = self.case
        if material.form == Material.Form.TABLE:
            yield from self._table(position, material, given)
        else:
            yield from self._file(position, material, given)

    def _table(self, position: int, material: Material, given: Attachment) -> Iterator[bytes]:
        rows = 0

        def counted() -> Iterator[dict[str, Any]]:
            nonlocal rows
            for row in materials.rows(given):
                rows += 1
                yield row

        title = material.title
        for suffix, content_type, pieces in (
            ("csv", "text/csv", disclosure_tables.csv_of(counted())),
            ("json", "application/json", disclosure_tables.json_of(title, materials.rows(given))),
        ):
            name = f"tables/{self._name(position, title)}.{suffix}"
            member = Member(name, title, content_type)
            # Apostrophes and commas may make a table longer than it rests.
            yield from self._write(member, pieces, given.size * 4)
            member.rows = rows

    def _file(self, position: int, material: Material, given: Attachment) -> Iterator[bytes]:
        suffix = PurePath(given.name).suffix.lower()[:10]
        stem = material.title.removesuffix(suffix)
        name = f"files/{self._name(position, stem)}{suffix}"
        member = Member(name, material.title, given.content_type)
        pieces: Iterable[bytes] = files.read(given)
        if self._marks(given):
            content = b"".join(pieces)
            try:
                content = watermark.mark(content, given.content_type, self._mark)
                member.marked = True
            except watermark.CannotMark:
                pass  # given as it is; the manifest does not call it marked
            pieces = (content,)
        yield from self._write(member, pieces, given.size)

    def _marks(self, given: Attachment) -> bool:
        return (
            self.case.controller.watermark
            and given.content_type in watermark.MARKED_TYPES
            and given.size <= settings.MARKED_MAX_BYTES
        )

    @property
    def _mark(self) -> str:
        return f"{self.case.shown_number}  {self.on.isoformat()}"

    def _name(self, position: int, title: str) -> str:
        """A name no system refuses; one that tells nothing where it stays readable without key."""
        if self.passphrase:
            return f"{position:02d}"
        return f"{position:02d}-{_file_name(title)}"

    def _whole(self, name: str, title: str, content_type: str, content: bytes) -> Iterator[bytes]:
        yield from self._write(Member(name, title, content_type), (content,), len(content))

    def _write(self, member: Member, pieces: Iterable[bytes], expected: int) -> Iterator[bytes]:
        info = self._info(member.name, (self.on.year, self.on.month, self.on.day, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=expected > _ZIP64_FROM) as opened:
            for piece in pieces:
                opened.write(piece)
                member.digest.update(piece)
                member.size += len(piece)
                self.step(len(piece))
                yield self._sink.taken()
        self._members.append(member)
        yield self._sink.taken()


def _file_name(title: str) -> str:
    """A title as a file name: what some system forbids in one becomes a line."""
    plain = _UNSAFE_IN_A_NAME.sub("_", title).strip(" .")
    return plain[:_LONGEST_NAME].strip(" .") or "data"
