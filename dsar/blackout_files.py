"""Blacking out files: copies of PDF files and pictures that truly lack what they must not show.

Pure on bytes. A page of a PDF with a marked area becomes a picture into which black boxes are
burnt; other pages are built anew from what they draw, so that metadata, annotations, attachments,
scripts, hidden layers, unused images and earlier revisions stay behind. Pictures are decoded and
encoded again. What cannot be read safely is refused, never passed on as it is.

Files come from outside: `dsar.blackout_room` runs this in a process of its own with limits.
"""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Iterable
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from dsar.blackout import MOST_BYTES, Box, Refused
from dsar.blackout_pages import NotCopied, copied_page, strip_objects

MOST_PAGES = 3000
MOST_PIXELS = 80_000_000
MOST_UNPACKED = 400 * 1024 * 1024
"""One stream of a PDF may unpack to this much."""
DOTS_PER_INCH = 200
FEWEST_DOTS = 60
SHOWN_WIDTH, _SHOWN_MOST = 1200, 4000
_FORMATS = ("JPEG", "PNG", "WEBP")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


# --- PDF ----------------------------------------------------------------------------------
def clean_pdf(data: bytes, boxes: Iterable[Box], *, as_pictures: bool = False) -> bytes:
    """The copy of a PDF for the person; with `as_pictures` every page becomes a picture.

    Raises:
        Refused
    """
    marked: dict[int, list[Box]] = {}
    for box in boxes:
        marked.setdefault(box.page, []).append(box)
    source, flat = _base(data)
    shown = pypdfium2.PdfDocument(flat)
    made = pikepdf.new()
    # Without the layers' settings a copied page would show what was hidden.
    all_pictures = as_pictures or "/OCProperties" in source.Root
    try:
        for number, page in enumerate(source.pages, 1):
            if number not in marked and not all_pictures:
                try:
                    made.pages.append(copied_page(source, page))
                    continue
                except (NotCopied, pikepdf.PdfError, TypeError, ValueError, KeyError):
                    pass  # what cannot be taken apart is rendered instead
            _append_picture(made, shown[number - 1], marked.get(number, ()))
        strip_objects(made)
        out = io.BytesIO()
        made.save(out, compress_streams=True, deterministic_id=True)
    except (pikepdf.PdfError, pypdfium2.PdfiumError, MemoryError) as error:
        raise Refused("broken") from error
    return out.getvalue()


def pages_of(data: bytes) -> int:
    """How many pages a PDF has.

    Raises:
        Refused
    """
    return len(_open(data).pages)


def show_pdf(data: bytes, page: int, boxes: Iterable[Box], *, width: int = SHOWN_WIDTH) -> bytes:
    """A page as a PNG, areas marked but still legible. IndexError: no such page.

    Raises:
        Refused
    """
    _source, flat = _base(data)
    document = pypdfium2.PdfDocument(flat)
    if not 1 <= page <= len(document):
        raise IndexError(page)
    sheet = document[page - 1]
    across, along = sheet.get_size()
    scale = min(width / max(across, 1), _SHOWN_MOST / max(along, 1))
    return _with_marks(sheet.render(scale=scale, draw_annots=False).to_pil(), boxes)


def _open(data: bytes) -> pikepdf.Pdf:
    if len(data) > MOST_BYTES:
        raise Refused("too_big")
    _refuse_bombs(data)
    try:
        opened = pikepdf.open(io.BytesIO(data))
        if not 1 <= len(opened.pages) <= MOST_PAGES:
            raise Refused("broken" if not len(opened.pages) else "too_big")
    except pikepdf.PasswordError as error:
        raise Refused("encrypted") from error
    except (pikepdf.PdfError, MemoryError, ValueError, TypeError, AttributeError) as error:
        raise Refused("broken") from error
    return opened


def _base(data: bytes) -> tuple[pikepdf.Pdf, bytes]:
    """The document with its filled-in fields drawn and all other annotations gone.

    What the officer sees and what the person gets both come from it.
    """
    source = _open(data)
    try:
        for page in source.pages:
            kept = [
                note
                for note in page.obj.get("/Annots", pikepdf.Array())
                if isinstance(note, pikepdf.Dictionary) and note.get("/Subtype") == "/Widget"
            ]
            page.obj.Annots = pikepdf.Array(kept)
        if "/AcroForm" in source.Root:
            if source.Root.AcroForm.get("/NeedAppearances", False):
                source.generate_appearance_streams()
            source.flatten_annotations("screen")
        out = io.BytesIO()
        source.save(out)
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise Refused("broken") from error
    return source, out.getvalue()


def _append_picture(made: pikepdf.Pdf, sheet: Any, boxes: Iterable[Box]) -> None:
    """A page as a picture with the areas burnt in."""
    width, height = sheet.get_size()
    inches = max(width * height, 1) / 72**2
    dots = min(DOTS_PER_INCH, math.floor(math.sqrt(MOST_PIXELS / 2 / inches)))
    if dots < FEWEST_DOTS:
        raise Refused("too_big")
    picture = sheet.render(scale=dots / 72, draw_annots=False).to_pil().convert("RGB")
    _burn(picture, boxes)
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=88)
    image = pikepdf.Stream(
        made,
        packed.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = made.add_blank_page(page_size=(width, height))
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image))
    drawn = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q"
    page.obj.Contents = made.make_stream(drawn.encode())


def _refuse_bombs(data: bytes) -> None:
    """Unpack every stream to nowhere, and refuse one that grows beyond all measure.

    Looks at the bytes, not at the structure: reading that would already unpack object streams.
    """
    place = data.find(b"stream")
    while place >= 0:
        start = place + len(b"stream")
        start += 2 if data[start : start + 2] == b"\r\n" else 1
        if data[place - 3 : place] != b"end" and data[start : start + 1] and _grows(data, start):
            raise Refused("too_big")
        place = data.find(b"stream", start)


def _grows(data: bytes, start: int) -> bool:
    """Whether deflated data from there on unpacks to more than is allowed."""
    unpacker, size, fed = zlib.decompressobj(), 0, memoryview(data)[start : start + 65536]
    while len(fed):
        try:
            size += len(unpacker.decompress(fed, 1 << 20))
        except zlib.error:
            return False  # not deflated, or at its end
        if size > MOST_UNPACKED:
            return True
        if unpacker.eof:
            return False
        if unpacker.unconsumed_tail:
            fed = memoryview(unpacker.unconsumed_tail)
        else:
            start += 65536
            fed = memoryview(data)[start : start + 65536]
    return False


# --- Pictures -----------------------------------------------------------------------------
def clean_image(data: bytes, boxes: Iterable[Box]) -> tuple[bytes, str]:
    """The copy of a picture for the person, and its content type.

    Only the pixels of the first frame remain: no EXIF, no profile, nothing beneath transparency.

    Raises:
        Refused
    """
    picture, made_as = _picture(data)
    _burn(picture, boxes)
    out = io.BytesIO()
    if made_as == "PNG":
        picture.save(out, "PNG", optimize=False)
        return out.getvalue(), "image/png"
    picture.save(out, "JPEG", quality=92)
    return out.getvalue(), "image/jpeg"


def show_image(data: bytes, boxes: Iterable[Box], *, width: int = SHOWN_WIDTH) -> bytes:
    """A picture as a PNG of moderate size, areas marked but still legible.

    Raises:
        Refused
    """
    picture, _made_as = _picture(data)
    picture.thumbnail((width, _SHOWN_MOST))
    return _with_marks(picture, boxes)


def _picture(data: bytes) -> tuple[Image.Image, str]:
    """The decoded picture, upright, on white where it was transparent."""
    if len(data) > MOST_BYTES:
        raise Refused("too_big")
    try:
        opened = Image.open(io.BytesIO(data), formats=_FORMATS)
        if opened.width * opened.height > MOST_PIXELS:
            raise Refused("too_big")
        made_as = opened.format or ""
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        if upright.has_transparency_data:
            layer = upright.convert("RGBA")
            plain = Image.new("RGB", layer.size, "white")
            plain.paste(layer, mask=layer.getchannel("A"))
        else:
            plain = upright.convert("RGB")
    except UnidentifiedImageError as error:
        raise Refused("format") from error
    except Image.DecompressionBombError as error:
        raise Refused("too_big") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, zlib.error) as error:
        raise Refused("broken") from error
    bare = Image.new("RGB", plain.size)
    bare.paste(plain)  # pixels only: none of what came along with them
    return bare, made_as


def _burn(picture: Image.Image, boxes: Iterable[Box]) -> None:
    drawing = ImageDraw.Draw(picture)
    for box in boxes:
        drawing.rectangle(box.pixels(*picture.size), fill="black")


def _with_marks(picture: Image.Image, boxes: Iterable[Box]) -> bytes:
    """The picture with its areas shaded and numbered, for the officer."""
    base = picture.convert("RGBA")
    shade = Image.new("RGBA", base.size, (0, 0, 0, 0))
    drawing = ImageDraw.Draw(shade)
    for number, box in enumerate(boxes, 1):
        left, top, right, bottom = box.pixels(*base.size)
        drawing.rectangle((left, top, right, bottom), fill=(0, 0, 0, 150), outline=(206, 0, 0, 255))
        drawing.text((left + 4, top + 2), str(number), fill=(255, 255, 255, 255), font_size=20)
    out = io.BytesIO()
    Image.alpha_composite(base, shade).convert("RGB").save(out, "PNG")
    return out.getvalue()
