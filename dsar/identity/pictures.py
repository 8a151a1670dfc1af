"""A paper as a picture made anew for the officer's screen; the file itself is never handed out.

What was uploaded is decoded and drawn again, so nothing hidden in it reaches a browser: no
script, no metadata, no further pages than the one asked for.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageOps

from dsar import files
from dsar.models import Attachment

WIDTHS = (900, 1800, 2700)
"""Widths in pixels by zoom step."""
MOST_PAGES = 20
MOST_PIXELS = 60_000_000

# PDFium is one machine for the whole process and must not be entered twice at once.
_pdfium = threading.Lock()


class Unreadable(Exception):
    """The file is damaged or too large to be drawn."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page, drawn."""

    content: bytes
    content_type: str
    pages: int


def page_count(attachment: Attachment) -> int:
    """How many pages there are to look at.

    Raises:
        Unreadable: not a file that can be drawn.
    """
    if attachment.content_type != "application/pdf":
        return 1
    with _pdfium:
        return min(len(_opened(_whole(attachment))), MOST_PAGES)


def picture(attachment: Attachment, page: int, zoom: int) -> Picture:
    """Draw a page, counted from 1, at a zoom step from 1.

    Raises:
        Unreadable: no such page, damaged, or too large.
        vault.VaultError: the sealed bytes were altered.
    """
    width = WIDTHS[min(max(zoom, 1), len(WIDTHS)) - 1]
    content = _whole(attachment)
    if attachment.content_type == "application/pdf":
        drawn, pages = _page_of_pdf(content, page, width)
    else:
        drawn, pages = _photograph(content, width), 1
    if page > pages:
        raise Unreadable("there is no such page")
    made = io.BytesIO()
    drawn.convert("RGB").save(made, "JPEG", quality=88)
    return Picture(made.getvalue(), "image/jpeg", pages)


def _whole(attachment: Attachment) -> bytes:
    return b"".join(files.read(attachment))


def _photograph(content: bytes, width: int) -> Image.Image:
    try:
        opened = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
        if opened.width * opened.height > MOST_PIXELS:
            raise Unreadable("the picture is too large")
        drawn = ImageOps.exif_transpose(opened)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable("the picture is damaged") from error
    height = max(1, round(drawn.height * width / drawn.width))
    if width * height > MOST_PIXELS:
        raise Unreadable("the picture is too long")
    return drawn.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)


def _page_of_pdf(content: bytes, page: int, width: int) -> tuple[Image.Image, int]:
    with _pdfium:
        document = _opened(content)
        pages = min(len(document), MOST_PAGES)
        if not 1 <= page <= pages:
            raise Unreadable("there is no such page")
        try:
            shown = document[page - 1]
            across, along = shown.get_size()
            scale = width / max(across, 1)
            if width * along * scale > MOST_PIXELS:
                raise Unreadable("the page is too long")
            return shown.render(scale=scale, may_draw_forms=False).to_pil(), pages
        except pypdfium2.PdfiumError as error:
            raise Unreadable("the page is damaged") from error
        finally:
            document.close()


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("the PDF is damaged or locked") from error
