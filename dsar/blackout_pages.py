"""Pages of a PDF taken over with no more than what they draw.

Resources are often shared by all pages of a document: copying a page as it stands would carry the
images of a neighbouring page along. So each page is built anew, with only the resources that its
content names, and so are the forms and patterns in it.
"""

from __future__ import annotations

import zlib
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Stream

_CATEGORIES = ("/XObject", "/Font", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading")
_UNWANTED = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/Thumb",
    "/AF",
    "/AA",
    "/OC",
    "/OPI",
    "/Alternates",
    "/StructParent",
    "/StructParents",
    "/Measure",
    "/PtData",
    "/Ref",
    "/JS",
    "/EF",
    "/Name",
)
_DEEPEST = 20
_MOST_UNPACKED = 400 * 1024 * 1024


class NotCopied(Exception):
    """The page cannot be taken apart safely; it has to be rendered."""


def copied_page(source: pikepdf.Pdf, page: pikepdf.Page) -> pikepdf.Page:
    """A page of `source` anew: content, size, rotation and the resources that it draws with.

    Raises:
        NotCopied: parts of it are cut off from view, or it draws in a way that is not followed.
        pikepdf.PdfError: it cannot be read.
    """
    media, crop = _corners(page.mediabox), _corners(page.cropbox)
    if any(abs(a - b) > 1 for a, b in zip(media, crop, strict=True)):
        raise NotCopied("something may lie outside of what is shown")
    page.contents_coalesce()
    fresh = Dictionary(
        Type=Name.Page,
        MediaBox=pikepdf.Array(media),
        Resources=_drawn_with(page.obj, page.resources, set(), 0),
    )
    if "/Contents" in page.obj:
        fresh.Contents = source.make_stream(page.obj.Contents.read_bytes())
    rotate = _inherited(page.obj, "/Rotate")
    if rotate:
        fresh.Rotate = int(rotate)
    for name in ("/Group", "/UserUnit"):
        if name in page.obj:
            fresh[name] = page.obj[name]
    return pikepdf.Page(source.make_indirect(fresh))


def strip_objects(made: pikepdf.Pdf) -> None:
    """Take from every object of a document what draws nothing, EXIF of embedded JPEGs included."""
    for thing in made.objects:
        if not isinstance(thing, Dictionary | Stream):
            continue
        for name in _UNWANTED:
            # Fonts of old files and forms are named by /Name; nothing else needs it.
            if name in thing:
                del thing[name]
        if isinstance(thing, Stream) and thing.get("/Subtype") == "/Image":
            _strip_image(thing)


def _corners(box: Any) -> list[float]:
    left, bottom, right, top = (float(value) for value in box)
    return [min(left, right), min(bottom, top), max(left, right), max(bottom, top)]


def _inherited(node: Any, name: str) -> Any:
    for _level in range(_DEEPEST):
        if name in node:
            return node[name]
        if "/Parent" not in node:
            return None
        node = node.Parent
    return None


def _drawn_with(content: Any, resources: Any, seen: set[Any], depth: int) -> Dictionary:
    """The part of `resources` that a page, form or pattern names in its content."""
    if depth > _DEEPEST:
        raise NotCopied("forms within forms without end")
    used, has_inline = _names(content)
    kept = Dictionary()
    for category in _CATEGORIES:
        entries = resources.get(category)
        if entries is None:
            continue
        whole = category == "/ColorSpace" and has_inline
        chosen = {name: entries[name] for name in dict(entries) if whole or name in used}
        if chosen:
            kept[category] = Dictionary(chosen)
        for entry in chosen.values():
            _narrow(category, entry, seen, depth)
    return kept


def _names(content: Any) -> tuple[set[str], bool]:
    """Every name that occurs in a content stream, and whether it has inline images."""
    used: set[str] = set()
    has_inline = False
    for instruction in pikepdf.parse_content_stream(content):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            has_inline = True
            continue
        used.update(str(operand) for operand in instruction.operands if isinstance(operand, Name))
    return used, has_inline


def _narrow(category: str, entry: Any, seen: set[Any], depth: int) -> None:
    """Narrow the resources of what a resource itself draws."""
    if category == "/Font":
        if entry.get("/Subtype") == "/Type3" and "/XObject" in entry.get("/Resources", {}):
            raise NotCopied("a font that draws pictures")
        return
    if category == "/ExtGState":
        mask = entry.get("/SMask")
        entry = mask.get("/G") if isinstance(mask, Dictionary) else None
    if not isinstance(entry, Stream):
        return
    if category == "/XObject" and entry.get("/Subtype") != "/Form":
        return
    if entry.objgen in seen:
        return
    seen.add(entry.objgen)
    if "/Resources" not in entry:
        # It draws with the resources of the page, which were narrowed to the page's own names.
        names, has_inline = _names(entry)
        if names or has_inline:
            raise NotCopied("a form without resources of its own")
        return
    entry.Resources = _drawn_with(entry, entry.Resources, seen, depth + 1)


def _strip_image(image: Stream) -> None:
    """Leave of a JPEG or JPEG 2000 in a PDF only what draws."""
    filters = image.get("/Filter")
    names = [str(filters)] if isinstance(filters, Name) else [str(name) for name in filters or ()]
    if not names or names[-1] not in ("/DCTDecode", "/JPXDecode"):
        return
    data = image.read_raw_bytes()
    for name in names[:-1]:
        if name not in ("/FlateDecode", "/Fl"):
            raise ValueError("an image packed in an unusual way")
        data = zlib.decompressobj().decompress(data, _MOST_UNPACKED)
    bare = bare_jpeg(data) if names[-1] == "/DCTDecode" else _bare_jpx(data)
    parameters = image.get("/DecodeParms")
    last = parameters[-1] if isinstance(parameters, pikepdf.Array) else parameters
    kept = last if isinstance(last, Dictionary) else None
    image.write(bare, filter=Name(names[-1]), decode_parms=kept)


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG without comments and application data other than JFIF and Adobe's (ITU T.81 B.1).

    What follows its end is cut off: previews and depth maps are put there.

    Raises:
        ValueError: it is no JPEG.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("not a JPEG")
    out, place, size = bytearray(b"\xff\xd8"), 2, len(data)
    while place + 1 < size:
        if data[place] != 0xFF:
            raise ValueError("not a JPEG marker")
        marker = data[place + 1]
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        if marker == 0xD9:
            break
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if length < 2:
            raise ValueError("a JPEG segment without length")
        end = place + 2 + length
        is_extra = marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in (0xE0, 0xEE))
        if not is_extra:
            out += data[place:end]
        place = end
        if marker == 0xDA:  # coded data up to the next marker that is not a restart
            stop = place
            while True:
                stop = data.find(b"\xff", stop)
                if stop < 0 or stop + 1 >= size:
                    stop = size
                    break
                if data[stop + 1] == 0 or 0xD0 <= data[stop + 1] <= 0xD7:
                    stop += 2
                    continue
                break
            out += data[place:stop]
            place = stop
    return bytes(out) + b"\xff\xd9"


_JPX_BOXES = (b"jP  ", b"ftyp", b"jp2h", b"jp2c")


def _bare_jpx(data: bytes) -> bytes:
    """A JPEG 2000 file with only the boxes that draw (ISO 15444-1 Annex I)."""
    if data[:4] == b"\xff\x4f\xff\x51":
        return data  # a bare codestream
    out, place = bytearray(), 0
    while place + 8 <= len(data):
        length, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if length == 1:
            length = int.from_bytes(data[place + 8 : place + 16], "big")
        end = len(data) if length == 0 else place + length
        if end <= place:
            raise ValueError("a JPEG 2000 box without length")
        if kind in _JPX_BOXES:
            out += data[place:end]
        place = end
    return bytes(out)
