"""Files from outside are opened in a process of its own, which may die without harm."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from dsar import blackout_room
from dsar.blackout import Box, Refused
from dsar.demo.papers import document, picture


def test_what_is_done_in_the_room_comes_out_of_it() -> None:
    pdf, box = document("SECRET words"), Box(1, 0, 0, 100, 30)
    assert blackout_room.pages_of(pdf) == 1
    assert blackout_room.clean_pdf(pdf, [box]).startswith(b"%PDF")
    assert len(blackout_room.clean_pdf(pdf, [], as_pictures=True)) > 2000
    assert Image.open(io.BytesIO(blackout_room.show_pdf(pdf, 1, [box]))).format == "PNG"
    made, kind = blackout_room.clean_image(picture(1), [box])
    assert (Image.open(io.BytesIO(made)).format, kind) == ("PNG", "image/png")
    assert Image.open(io.BytesIO(blackout_room.show_image(picture(1), []))).format == "PNG"


def test_a_refusal_and_a_missing_page_come_out_as_such() -> None:
    with pytest.raises(Refused, match="broken"):
        blackout_room.clean_pdf(b"%PDF-1.7", [])
    with pytest.raises(IndexError):
        blackout_room.show_pdf(document("one page"), 2, [])


def test_a_process_that_dies_or_hangs_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsar.blackout_room.sys.executable", "/bin/false")
    with pytest.raises(Refused, match="broken"):
        blackout_room.pages_of(b"")
    monkeypatch.undo()
    monkeypatch.setattr(blackout_room, "SECONDS", 0.01)
    with pytest.raises(Refused, match="too_big"):
        blackout_room.pages_of(b"")


def test_the_room_knows_no_secrets_of_the_portal() -> None:
    assert set(blackout_room._ENVIRONMENT) == {"PATH", "LANG"}
