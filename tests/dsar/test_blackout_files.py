"""A released copy truly lacks what was masked or hidden: looked for in every way one could look."""

from __future__ import annotations

import contextlib
import io
import zlib
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from dsar import blackout_files
from dsar.blackout import Box, Refused
from dsar.blackout_pages import bare_jpeg

SECRET = "SECRET-4711"
OPEN = "Plain words"


# --- Looking for it -----------------------------------------------------------------------
def everything_in(pdf: bytes) -> bytes:
    """The raw bytes, every stream unpacked, every object printed, and the text of every page."""
    found = [pdf]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found.append(repr(opened.trailer).encode())
        for thing in opened.objects:
            found.append(repr(thing).encode())
            if isinstance(thing, Stream):
                found.append(thing.read_raw_bytes())
                with contextlib.suppress(pikepdf.PdfError):  # pictures are not unpacked
                    found.append(thing.read_bytes())
    found.append(text_of(pdf).encode())
    return b"\n".join(found)


def shades(picture: Image.Image) -> tuple[Any, Any]:
    """The darkest and the lightest shade of a grey picture."""
    darkest, lightest = picture.getextrema()
    return darkest, lightest


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def pixels_of(pdf: bytes, page: int = 1) -> Image.Image:
    return pypdfium2.PdfDocument(pdf)[page - 1].render(scale=1).to_pil().convert("L")


# --- Documents that hide something --------------------------------------------------------
def a_pdf(*texts: str) -> pikepdf.Pdf:
    """One A5 page a text."""
    made = pikepdf.new()
    for text in texts:
        page = made.add_blank_page(page_size=(420, 595))
        page.obj.Resources = Dictionary(
            Font=Dictionary(
                F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            )
        )
        page.obj.Contents = made.make_stream(f"BT /F1 24 Tf 40 500 Td ({text}) Tj ET".encode())
    return made


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def jpeg_with_exif(text: str, colour: str = "blue") -> bytes:
    picture = Image.new("RGB", (60, 40), colour)
    exif = Image.Exif()
    exif[0x010E] = text
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=text)
    return out.getvalue()


def image_of(pdf: pikepdf.Pdf, jpeg: bytes) -> Any:
    return Stream(
        pdf,
        jpeg,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=60,
        Height=40,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )


WHOLE = Box(1, 0, 0, 100, 100)


def test_a_marked_page_becomes_a_picture_without_its_text() -> None:
    pdf = saved(a_pdf(SECRET, OPEN))
    assert SECRET in text_of(pdf)
    copy = blackout_files.clean_pdf(pdf, [Box(1, 5, 10, 90, 10)])
    assert SECRET.encode() not in everything_in(copy)
    assert text_of(copy).strip() == OPEN
    picture = pixels_of(copy)
    assert picture.getpixel((100, 90)) == 0
    assert picture.getpixel((200, 400)) == 255
    assert pypdfium2.PdfDocument(copy)[0].get_size() == (420, 595)


def test_nothing_of_the_text_shows_beside_a_tight_box() -> None:
    """Every dark pixel of the line lies beneath the box."""
    pdf = saved(a_pdf(SECRET))
    inked = Image.eval(pixels_of(pdf), lambda value: 255 - value).getbbox()
    assert inked is not None
    left, top, right, bottom = inked
    share = (100 * left / 420, 100 * top / 595)
    box = Box(1, *share, 100 * right / 420 - share[0], 100 * bottom / 595 - share[1])
    copy = blackout_files.clean_pdf(pdf, [box])
    within = pixels_of(copy).crop(inked)
    assert shades(within)[1] < 60


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_lie_where_they_were_drawn_on_a_turned_page(rotation: int) -> None:
    made = a_pdf(OPEN)
    made.pages[0].obj.Rotate = rotation
    pdf = saved(made)
    shown = Image.open(io.BytesIO(blackout_files.show_pdf(pdf, 1, [])))
    copy = blackout_files.clean_pdf(pdf, [Box(1, 0, 0, 30, 20)])
    picture = pixels_of(copy)
    assert (picture.width > picture.height) == (shown.width > shown.height)
    assert picture.getpixel((int(picture.width * 0.15), int(picture.height * 0.1))) == 0
    assert picture.getpixel((int(picture.width * 0.6), int(picture.height * 0.6))) == 255


def test_metadata_scripts_attachments_and_notes_stay_behind() -> None:
    made = a_pdf(OPEN)
    made.docinfo["/Author"] = SECRET
    with made.open_metadata() as meta:
        meta["dc:title"] = SECRET
    made.attachments["notes.txt"] = pikepdf.AttachedFileSpec(made, SECRET.encode())
    made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{SECRET}')"))
    made.Root.Outlines = made.make_indirect(Dictionary(Title=String(SECRET)))
    page = made.pages[0]
    page.obj.Annots = Array(
        [
            made.make_indirect(
                Dictionary(
                    Type=Name.Annot,
                    Subtype=kind,
                    Rect=Array([0, 0, 50, 50]),
                    Contents=String(SECRET),
                )
            )
            for kind in (Name.Text, Name.FreeText, Name.Popup)
        ]
    )
    page.obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String(SECRET)))
    page.obj.PieceInfo = Dictionary(App=Dictionary(Private=String(SECRET)))
    page.obj.Thumb = made.make_stream(SECRET.encode())
    page.obj.Metadata = made.make_stream(SECRET.encode())
    copy = blackout_files.clean_pdf(saved(made), [])
    assert SECRET.encode() not in everything_in(copy)
    assert OPEN in text_of(copy)
    with pikepdf.open(io.BytesIO(copy)) as opened:
        assert set(opened.Root.keys()) == {"/Pages", "/Type"}
        assert len(opened.docinfo) == 0


def test_earlier_revisions_stay_behind() -> None:
    """An incremental update: the old page content is still in the file, behind a new table."""
    first = saved(a_pdf(SECRET))
    with pikepdf.open(io.BytesIO(first)) as opened:
        number = opened.pages[0].obj.Contents.objgen[0]
        root, size = opened.trailer.Root.objgen[0], int(opened.trailer.Size)
    place, before = len(first) + 1, first.rindex(b"startxref")
    old = int(first[before + 9 :].split()[0])
    body = f"BT /F1 24 Tf 40 500 Td ({OPEN}) Tj ET".encode()
    update = b"\n%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        len(body),
        body,
    )
    table = place + len(update) - 1
    update += b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (
        number,
        place,
        size,
        root,
        old,
    )
    both = first + update + b"startxref\n%d\n%%%%EOF\n" % table
    assert OPEN in text_of(both)
    copy = blackout_files.clean_pdf(both, [])
    assert OPEN in text_of(copy)
    assert SECRET.encode() not in everything_in(copy)
    assert copy.count(b"startxref") == 1


def test_a_hidden_layer_is_not_carried_along() -> None:
    made = a_pdf(OPEN)
    layer = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("layer")))
    made.Root.OCProperties = Dictionary(
        OCGs=Array([layer]), D=Dictionary(OFF=Array([layer]), Order=Array([layer]))
    )
    page = made.pages[0]
    page.obj.Resources.Properties = Dictionary(L1=layer)
    page.contents_add(f"/OC /L1 BDC BT /F1 24 Tf 40 300 Td ({SECRET}) Tj ET EMC".encode())
    pdf = saved(made)
    copy = blackout_files.clean_pdf(pdf, [])
    assert SECRET.encode() not in everything_in(copy)
    # Nor is it shown: where the hidden words would stand the page is white.
    assert shades(pixels_of(copy).crop((30, 270, 400, 310))) == (255, 255)
    assert shades(pixels_of(copy).crop((30, 70, 400, 100)))[0] < 100


def test_pictures_of_a_marked_page_do_not_hide_in_shared_resources() -> None:
    made = a_pdf(OPEN, OPEN)
    marked, kept = image_of(made, jpeg_with_exif("x", "red")), image_of(made, jpeg_with_exif("y"))
    shared = made.make_indirect(Dictionary(XObject=Dictionary(Red=marked, Blue=kept)))
    for page, name in zip(made.pages, ("Red", "Blue"), strict=True):
        page.obj.Resources = shared
        page.obj.Contents = made.make_stream(f"q 60 0 0 40 50 50 cm /{name} Do Q".encode())
    copy = blackout_files.clean_pdf(saved(made), [WHOLE])
    with pikepdf.open(io.BytesIO(copy)) as opened:
        sizes = [
            (int(thing.Width), int(thing.Height))
            for thing in opened.objects
            if isinstance(thing, Stream) and thing.get("/Subtype") == "/Image"
        ]
    assert min(sizes) == (60, 40)
    assert len(sizes) == 2  # the picture of the marked page, and the blue one


def test_resources_of_forms_are_narrowed_too() -> None:
    made = a_pdf(OPEN)
    hidden = image_of(made, jpeg_with_exif("x", "red"))
    form = made.make_stream(b"BT /F1 10 Tf (in a form) Tj ET")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 100, 100])
    font = made.pages[0].obj.Resources.Font.F1
    form.Resources = Dictionary(Font=Dictionary(F1=font), XObject=Dictionary(Unused=hidden))
    made.pages[0].obj.Resources.XObject = Dictionary(Fm=form)
    made.pages[0].contents_add(b"q /Fm Do Q")
    copy = blackout_files.clean_pdf(saved(made), [])
    assert "in a form" in text_of(copy)
    with pikepdf.open(io.BytesIO(copy)) as opened:
        kinds = [str(o.get("/Subtype")) for o in opened.objects if isinstance(o, Stream)]
    assert "/Image" not in kinds


def test_what_is_cropped_away_is_gone() -> None:
    made = a_pdf(OPEN)
    made.pages[0].contents_add(f"BT /F1 12 Tf 20 20 Td ({SECRET}) Tj ET".encode())
    made.pages[0].cropbox = Array([0, 100, 420, 595])
    copy = blackout_files.clean_pdf(saved(made), [])
    assert SECRET.encode() not in everything_in(copy)


def test_exif_within_an_embedded_jpeg_is_gone_and_the_picture_is_not() -> None:
    made = a_pdf(OPEN)
    made.pages[0].obj.Resources.XObject = Dictionary(Im=image_of(made, jpeg_with_exif(SECRET)))
    made.pages[0].contents_add(b"q 60 0 0 40 50 50 cm /Im Do Q")
    pdf = saved(made)
    assert SECRET.encode() in everything_in(pdf)
    copy = blackout_files.clean_pdf(pdf, [])
    assert SECRET.encode() not in everything_in(copy)
    shown = pypdfium2.PdfDocument(copy)[0].render(scale=1).to_pil().convert("RGB")
    red, _green, blue = shown.getpixel((70, 595 - 70))
    assert blue > 200
    assert red < 60


def test_filled_in_fields_stay_as_drawing() -> None:
    made = a_pdf(OPEN)
    drawn = made.make_stream(b"/Tx BMC BT /Helv 12 Tf 2 4 Td (typed in) Tj ET EMC")
    drawn.Type, drawn.Subtype, drawn.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 20])
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    drawn.Resources = Dictionary(Font=Dictionary(Helv=font))
    field = made.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("name"),
            V=String("typed in"),
            Rect=Array([40, 300, 240, 320]),
            F=4,
            AP=Dictionary(N=drawn),
            P=made.pages[0].obj,
        )
    )
    made.pages[0].obj.Annots = Array([field])
    made.Root.AcroForm = Dictionary(
        Fields=Array([field]), DR=Dictionary(Font=Dictionary(Helv=font))
    )
    copy = blackout_files.clean_pdf(saved(made), [])
    assert "typed in" in text_of(copy)
    assert b"/Widget" not in everything_in(copy)


def test_every_page_as_a_picture_leaves_no_text() -> None:
    copy = blackout_files.clean_pdf(saved(a_pdf(SECRET, OPEN)), [], as_pictures=True)
    assert text_of(copy).strip() == ""
    assert shades(pixels_of(copy).crop((30, 70, 400, 100)))[0] < 100


def test_the_same_marks_make_the_same_copy() -> None:
    pdf = saved(a_pdf(SECRET, OPEN))
    assert blackout_files.clean_pdf(pdf, [WHOLE]) == blackout_files.clean_pdf(pdf, [WHOLE])


# --- What is refused ----------------------------------------------------------------------
def test_a_locked_file_is_refused() -> None:
    out = io.BytesIO()
    a_pdf(OPEN).save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    with pytest.raises(Refused, match="encrypted"):
        blackout_files.clean_pdf(out.getvalue(), [])


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"%PDF-1.4\n1 0 obj\n<<>>", b"\x00" * 99])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="broken"):
        blackout_files.clean_pdf(data, [])


def test_a_stream_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blackout_files, "MOST_UNPACKED", 1_000_000)
    made = a_pdf(OPEN)
    bomb = Stream(made, zlib.compress(bytes(3_000_000)), Filter=Name.FlateDecode)
    made.Root.Bomb = bomb
    out = io.BytesIO()
    made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    with pytest.raises(Refused, match="too_big"):
        blackout_files.clean_pdf(out.getvalue(), [])


def test_a_page_of_endless_size_is_refused() -> None:
    made = a_pdf(OPEN)
    made.pages[0].mediabox = Array([0, 0, 14_400 * 3, 14_400 * 3])
    with pytest.raises(Refused, match="too_big"):
        blackout_files.clean_pdf(saved(made), [WHOLE])


def test_a_picture_of_endless_size_is_refused_before_it_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blackout_files, "MOST_PIXELS", 10_000)
    out = io.BytesIO()
    Image.new("1", (500, 500)).save(out, "PNG")
    with pytest.raises(Refused, match="too_big"):
        blackout_files.clean_image(out.getvalue(), [])


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x00\x00\x00\x18ftypheic", b"\xff\xd8\xff"])
def test_what_is_no_known_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        blackout_files.clean_image(data, [])


def test_a_page_that_is_not_there_is_told() -> None:
    with pytest.raises(IndexError):
        blackout_files.show_pdf(saved(a_pdf(OPEN)), 2, [])


# --- Pictures -----------------------------------------------------------------------------
def test_a_picture_keeps_neither_exif_nor_comments() -> None:
    copy, kind = blackout_files.clean_image(jpeg_with_exif(SECRET), [])
    assert kind == "image/jpeg"
    assert SECRET.encode() not in copy
    opened = Image.open(io.BytesIO(copy))
    assert not opened.getexif()
    assert "comment" not in opened.info
    assert opened.size == (60, 40)


def test_a_png_keeps_neither_text_chunks_nor_what_follows_its_end() -> None:
    note = PngInfo()
    note.add_itxt("Comment", SECRET)
    out = io.BytesIO()
    Image.new("RGB", (30, 30), "green").save(out, "PNG", pnginfo=note)
    copy, kind = blackout_files.clean_image(out.getvalue() + SECRET.encode(), [])
    assert kind == "image/png"
    assert SECRET.encode() not in copy
    assert Image.open(io.BytesIO(copy)).text == {}  # type: ignore[attr-defined]


def test_what_lies_beneath_transparency_is_gone() -> None:
    layer = Image.new("RGBA", (20, 20), (200, 0, 0, 0))
    out = io.BytesIO()
    layer.save(out, "PNG")
    copy, _kind = blackout_files.clean_image(out.getvalue(), [])
    assert Image.open(io.BytesIO(copy)).convert("RGB").getextrema() == ((255, 255),) * 3


def test_a_turned_photograph_is_marked_as_it_is_seen() -> None:
    picture = Image.new("RGB", (80, 40), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    copy, _kind = blackout_files.clean_image(out.getvalue(), [Box(1, 0, 0, 50, 25)])
    opened = Image.open(io.BytesIO(copy)).convert("L")
    assert opened.size == (40, 80)
    assert opened.getpixel((5, 5)) < 20  # type: ignore[operator]
    assert opened.getpixel((35, 70)) > 235  # type: ignore[operator]


_SHARE = st.floats(0, 99, allow_nan=False)
_SIZE = st.floats(0.05, 100, allow_nan=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(boxes=st.lists(st.tuples(_SHARE, _SHARE, _SIZE, _SIZE), max_size=4))
def test_every_pixel_within_a_box_is_black_and_none_far_from_one_is(
    boxes: list[tuple[float, float, float, float]],
) -> None:
    picture = Image.new("RGB", (90, 70), "white")
    out = io.BytesIO()
    picture.save(out, "PNG")
    places = [Box(1, *box) for box in boxes]
    copy, _kind = blackout_files.clean_image(out.getvalue(), places)
    made = Image.open(io.BytesIO(copy)).convert("L")
    for x in range(0, 90, 3):
        for y in range(0, 70, 3):
            # The middle of the pixel, in per cent.
            across, down = 100 * (x + 0.5) / 90, 100 * (y + 0.5) / 70
            inside = any(
                box.left <= across <= box.left + box.width
                and box.top <= down <= box.top + box.height
                for box in places
            )
            near = any(
                box.left - 4 <= across <= box.left + box.width + 4
                and box.top - 4 <= down <= box.top + box.height + 4
                for box in places
            )
            value = made.getpixel((x, y))
            if inside:
                assert value == 0
            elif not near:
                assert value == 255


def test_the_officer_sees_what_lies_under_a_mark() -> None:
    picture = Image.new("RGB", (100, 100), "white")
    ImageDraw.Draw(picture).rectangle((20, 20, 60, 60), fill="yellow")
    out = io.BytesIO()
    picture.save(out, "PNG")
    shown = Image.open(
        io.BytesIO(blackout_files.show_image(out.getvalue(), [Box(1, 0, 0, 90, 90)]))
    )
    under, beside = shown.getpixel((40, 70)), shown.getpixel((40, 40))
    assert under != beside


@pytest.mark.parametrize("progressive", [False, True])
def test_a_bare_jpeg_draws_the_same_picture(progressive: bool) -> None:
    out = io.BytesIO()
    picture = Image.effect_noise((64, 48), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = SECRET
    picture.save(out, "JPEG", exif=exif, progressive=progressive, quality=80)
    bare = bare_jpeg(out.getvalue() + SECRET.encode())
    assert SECRET.encode() not in bare
    before, after = Image.open(io.BytesIO(out.getvalue())), Image.open(io.BytesIO(bare))
    assert before.tobytes() == after.tobytes()
