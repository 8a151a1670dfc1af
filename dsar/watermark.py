"""A small, light mark on what is given out: case number and date at the foot of each page.

The marked copy is written anew from what the file shows now: earlier revisions, thumbnails and
metadata of the file do not come along, and nothing that was taken out comes back.
"""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from PIL import Image, ImageDraw, ImageFont, ImageOps

MARKED_TYPES = ("application/pdf", "image/jpeg", "image/png", "image/webp")
GREY = 0.55
POINTS = 7.0
MARGIN = 12.0
MOST_PIXELS = 60_000_000


class CannotMark(Exception):
    """The file cannot be marked: locked, broken, too large, or of another type."""


def mark(content: bytes, content_type: str, text: str, *, numbered: bool = False) -> bytes:
    """The file with `text` (ASCII) at the foot of each page or picture.

    Args:
        numbered: whether each page of a PDF also tells its number and how many there are.

    Raises:
        CannotMark: it is given out as it is.
    """
    if content_type == "application/pdf":
        return _mark_pdf(content, text, numbered)
    if content_type in MARKED_TYPES:
        return _mark_image(content, text)
    raise CannotMark(content_type)


def _mark_pdf(content: bytes, text: str, numbered: bool) -> bytes:
    marked = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            font = pdf.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Font,
                    Subtype=pikepdf.Name.Type1,
                    BaseFont=pikepdf.Name.Helvetica,
                )
            )
            for number, page in enumerate(pdf.pages, 1):
                words = f"{text}  {number}/{len(pdf.pages)}".strip() if numbered else text
                name = page.add_resource(font, pikepdf.Name.Font, prefix="Mark")
                page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
                page.contents_add(pdf.make_stream(_foot(page, str(name), words)))
            pdf.save(marked, deterministic_id=True)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, RuntimeError) as error:
        raise CannotMark(type(error).__name__) from error
    return marked.getvalue()


def _foot(page: Any, font: str, text: str) -> bytes:
    """What is drawn: at the lower left of the page as it is shown, whichever way it is turned."""
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    turn = int(page.obj.get("/Rotate", 0)) % 360
    matrix = {
        0: (1, 0, 0, 1, left + MARGIN, bottom + MARGIN / 2),
        90: (0, 1, -1, 0, right - MARGIN / 2, bottom + MARGIN),
        180: (-1, 0, 0, -1, right - MARGIN, top - MARGIN / 2),
        270: (0, -1, 1, 0, left + MARGIN / 2, top - MARGIN),
    }[turn]
    words = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    at = " ".join(f"{number:g}" for number in matrix)
    drawn = f"\nQ\nq\nBT\n{font} {POINTS:g} Tf\n{GREY:g} g\n{at} Tm\n({words}) Tj\nET\nQ\n"
    return drawn.encode("ascii", "replace")


def _mark_image(content: bytes, text: str) -> bytes:
    marked = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content)) as opened:
            kind = opened.format
            if getattr(opened, "n_frames", 1) > 1 or opened.width * opened.height > MOST_PIXELS:
                raise CannotMark("several pictures, or too large")
            shown = ImageOps.exif_transpose(opened)
            shown = shown.convert("RGBA" if _has_alpha(shown) else "RGB")
        size = max(11, min(shown.size) // 45)
        font = ImageFont.load_default(size)
        layer = Image.new("RGBA", shown.size, (0, 0, 0, 0))
        at = (size, shown.height - 2 * size)
        ImageDraw.Draw(layer).text(
            at,
            text,
            font=font,
            fill=(120, 120, 120, 170),
            stroke_width=1,
            stroke_fill=(255, 255, 255, 120),
        )
        if shown.mode == "RGBA":
            drawn = Image.alpha_composite(shown, layer)
        else:
            drawn = shown
            drawn.paste(layer.convert("RGB"), mask=layer.getchannel("A"))
        more: dict[str, Any] = {"quality": 92} if kind in ("JPEG", "WEBP") else {}
        drawn.save(marked, kind, **more)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CannotMark(type(error).__name__) from error
    return marked.getvalue()


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
