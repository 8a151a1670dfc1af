"""The disclosure on paper: one PDF with a first page, tables laid out, documents and pictures.

It is put together in memory, so that nothing lies in clear on a disk; what is too much for that
is refused in words, and given on disc instead.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pikepdf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override
from PIL import Image, ImageOps

from dsar import disclosure_index, files, materials, pdf, watermark
from dsar.models import Attachment, Case, Material

CSS = Path(settings.BASE_DIR) / "static" / "css" / "package.css"
A4_AT_200_DPI = (1654, 2339)
FRAME = 120
ROWS_AT_ONCE = 200
"""Rows laid out in one go: the layout of a long table takes more memory than its PDF."""
TABLE_BYTES = 4 * 1024 * 1024
MOST_COLUMNS = 8
"""A wider table is printed row by row, one value a line."""
_PIECE = 256 * 1024
_UNPRINTABLE = (
    pikepdf.PdfError,
    pikepdf.PasswordError,
    Image.DecompressionBombError,
    OSError,
    ValueError,
)


class TooLarge(Exception):
    """More than can be laid out on paper in one file."""


@dataclass
class Printed:
    """One disclosure on paper; the attributes are those of `disclosure_package.Package`."""

    case: Case
    found: Sequence[Material]
    on: date
    step: Callable[[int], None]
    part: Callable[[], None]
    _apart: list[str] = field(default_factory=list)

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the PDF.

        Raises:
            TooLarge, pdf.NoPdf
        """
        self._check_size()
        entries = [disclosure_index.entry(material, ()) for material in self.found]
        with pikepdf.new() as whole:
            for material in self.found:
                for content in self._pages(material):
                    with pikepdf.open(io.BytesIO(content)) as pages:
                        whole.pages.extend(pages.pages)
                    self.step(len(content))
                self.part()
            # Last, since only now it is known what has to be given apart.
            page = disclosure_index.page(
                self.case, entries, self.on, for_print=True, apart=self._apart
            )
            with pikepdf.open(io.BytesIO(page.pdf())) as first:
                for position, leaf in enumerate(first.pages):
                    whole.pages.insert(position, leaf)
                written = io.BytesIO()
                whole.save(written)
        text = ""
        if self.case.controller.watermark:
            text = f"{self.case.shown_number}  {self.on.isoformat()}"
        marked = watermark.mark(written.getvalue(), "application/pdf", text, numbered=True)
        self.part()
        for start in range(0, len(marked), _PIECE):
            yield marked[start : start + _PIECE]

    def _check_size(self) -> None:
        tables = other = 0
        for material in self.found:
            size = materials.delivered(material).size
            if material.form == Material.Form.TABLE:
                tables += size
            elif material.form != Material.Form.OTHER:
                other += size
        if tables > TABLE_BYTES or other > settings.PRINT_MAX_BYTES:
            raise TooLarge

    def _pages(self, material: Material) -> Iterator[bytes]:
        """The pages of one material; what cannot be printed is noted as given apart."""
        given = materials.delivered(material)
        given.case = self.case
        try:
            if material.form == Material.Form.TABLE:
                yield from self._table(material, given)
            elif material.form == Material.Form.PDF:
                yield _readable(b"".join(files.read(given)))
            elif material.form == Material.Form.IMAGE:
                yield _picture(b"".join(files.read(given)))
            else:
                self._apart.append(material.title)
        except _UNPRINTABLE:
            self._apart.append(material.title)

    def _table(self, material: Material, given: Attachment) -> Iterator[bytes]:
        rows, first = materials.rows(given), 1
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            columns = list(batch[0])
            context: dict[str, Any] = {
                "language": self.case.language,
                "title": material.title,
                "columns": columns,
                "rows": [(number, list(row.items())) for number, row in enumerate(batch, first)],
                "is_wide": len(columns) > MOST_COLUMNS,
                "goes_on": first > 1,
            }
            with override(self.case.language):
                html = render_to_string("disclosure/table.html", context)
            yield pdf.draw(html, CSS)
            first += len(batch)


def _readable(content: bytes) -> bytes:
    """The PDF if its pages can be read at all. Raises pikepdf.PdfError."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        len(opened.pages)
    return content


def _picture(content: bytes) -> bytes:
    """A picture on a sheet of A4, upright or across as it fits best."""
    with Image.open(io.BytesIO(content)) as opened:
        shown = ImageOps.exif_transpose(opened).convert("RGBA")
    sheet = A4_AT_200_DPI if shown.height >= shown.width else A4_AT_200_DPI[::-1]
    room = (sheet[0] - 2 * FRAME, sheet[1] - 2 * FRAME)
    shown = (
        ImageOps.contain(shown, room) if shown.width > room[0] or shown.height > room[1] else shown
    )
    page = Image.new("RGB", sheet, "white")
    at = ((sheet[0] - shown.width) // 2, (sheet[1] - shown.height) // 2)
    page.paste(shown, at, shown)
    written = io.BytesIO()
    page.save(written, "PDF", resolution=200.0, quality=90)
    return written.getvalue()
