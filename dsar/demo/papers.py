"""Small files that could have been attached: a picture and a one-page PDF, made on the spot."""

from __future__ import annotations

import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

_WIDTH, _HEIGHT = 240, 150


def paper(name: str) -> SimpleUploadedFile:
    """A file of that name as it would have been uploaded; ValueError unless .png or .pdf."""
    if name.endswith(".png"):
        return SimpleUploadedFile(name, picture(sum(name.encode())), "image/png")
    if name.endswith(".pdf"):
        return SimpleUploadedFile(
            name, document("Sample document (demonstration only)"), "application/pdf"
        )
    raise ValueError(f"no sample of {name!r} can be made")


def picture(tint: int) -> bytes:
    """A PNG that looks like a card: a frame, a place for a photograph, lines of writing."""
    frame, ground = b"\x5a\x6b\x7c", bytes((200 + tint % 50, 215 + tint % 40, 240))
    face, ink = b"\x9a\xab\xbc", b"\x7b\x8c\x9d"
    rows = []
    for y in range(_HEIGHT):
        row = bytearray(ground * _WIDTH)
        if 30 <= y < 110:
            row[15 * 3 : 75 * 3] = face * 60
            if y % 16 < 5:
                row[90 * 3 : 215 * 3] = ink * 125
        if y < 3 or y >= _HEIGHT - 3:
            row = bytearray(frame * _WIDTH)
        row[: 3 * 3] = row[-3 * 3 :] = frame * 3
        rows.append(b"\0" + bytes(row))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(b"".join(rows), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Length, type, content and CRC (PNG, ISO/IEC 15948 §5.3)."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def document(line: str) -> bytes:
    """A PDF of one A5 page with one line of ASCII text (ISO 32000-1 §7.5)."""
    drawn = f"BT /F1 16 Tf 40 520 Td ({line}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        written += b"%010d 00000 n \n" % place
    written += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(written)
