"""The mark: on each page and picture, and nothing comes back with it."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from dsar import watermark
from tests.dsar import disclosing

TEXT = "2611-4839-2075  2026-11-10"


def texts(content: bytes) -> list[str]:
    """The text of each page as a reader copies it."""
    opened = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in opened]
    finally:
        opened.close()


def darkest(shown: Image.Image) -> int:
    """The darkest grey of a grey picture."""
    return next(grey for grey, count in enumerate(shown.histogram()) if count)


def test_each_page_bears_the_mark_beside_its_own_text() -> None:
    found = texts(watermark.mark(disclosing.a_pdf(3), "application/pdf", TEXT))
    assert len(found) == 3
    for number, text in enumerate(found, 1):
        assert f"record {number}" in text
        assert "2611-4839-2075" in text


def test_pages_can_be_numbered() -> None:
    found = texts(watermark.mark(disclosing.a_pdf(2), "application/pdf", TEXT, numbered=True))
    assert ["1/2" in found[0], "2/2" in found[1]] == [True, True]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_mark_stands_at_the_foot_of_a_turned_page(turn: int) -> None:
    with pikepdf.open(io.BytesIO(disclosing.a_pdf())) as opened:
        opened.pages[0].obj.Rotate = turn
        written = io.BytesIO()
        opened.save(written)
    marked = watermark.mark(written.getvalue(), "application/pdf", TEXT)
    shown = pypdfium2.PdfDocument(marked)[0].render(scale=1).to_pil().convert("L")
    foot = shown.crop((0, shown.height - 20, shown.width // 2, shown.height))
    rest = shown.crop((shown.width // 2, shown.height - 20, shown.width, shown.height))
    assert darkest(foot) < 220
    assert darkest(rest) > 240


def test_what_an_earlier_revision_held_does_not_come_back() -> None:
    secret = disclosing.a_pdf(text="SECRET-TEXT")
    with pikepdf.open(io.BytesIO(secret)) as opened:
        opened.docinfo["/Subject"] = "kept"
        page = opened.pages[0]
        page.Contents = opened.make_stream(b"")
        written = io.BytesIO()
        opened.save(written, compress_streams=False)
    # An update in place leaves the old bytes in the file; so it is done here.
    stale = written.getvalue() + b"\n% (SECRET-TEXT 1) Tj\n"
    marked = watermark.mark(stale, "application/pdf", TEXT)
    assert b"SECRET-TEXT" not in marked
    assert "SECRET" not in "".join(texts(marked))


@pytest.mark.parametrize(("kind", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_bears_the_mark_and_keeps_size_and_kind(kind: str, mime: str) -> None:
    marked = watermark.mark(disclosing.a_picture(kind), mime, TEXT)
    with Image.open(io.BytesIO(marked)) as opened:
        assert (opened.format, opened.size) == (kind, (640, 480))
        foot = opened.convert("L").crop((0, 440, 400, 480))
        rest = opened.convert("L").crop((0, 0, 640, 400))
        assert darkest(foot) < 200
        assert darkest(rest) > 250


def test_a_pictures_metadata_do_not_come_along_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010E] = "SECRET-TEXT"
    written = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(written, "JPEG", exif=exif)
    marked = watermark.mark(written.getvalue(), "image/jpeg", TEXT)
    assert b"SECRET-TEXT" not in marked
    with Image.open(io.BytesIO(marked)) as opened:
        assert opened.size == (200, 300)
        assert not opened.getexif()


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (b"%PDF-1.7 broken", "application/pdf"),
        (b"not a picture", "image/png"),
        (b"words", "text/plain"),
    ],
)
def test_what_cannot_be_marked_is_told(content: bytes, mime: str) -> None:
    with pytest.raises(watermark.CannotMark):
        watermark.mark(content, mime, TEXT)


def test_a_locked_document_is_not_marked() -> None:
    with pikepdf.open(io.BytesIO(disclosing.a_pdf())) as opened:
        written = io.BytesIO()
        opened.save(written, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(watermark.CannotMark):
        watermark.mark(written.getvalue(), "application/pdf", TEXT)
