"""Pages as PDF: the same bytes for the same page, nothing fetched, little memory kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dsar import pdf

PAGE = "<html lang='ja'><title>t</title><p>髙橋 𠮷子</p></html>"


@pytest.fixture
def css(tmp_path: Path) -> Path:
    sheet = tmp_path / "page.css"
    sheet.write_text("@page { size: A6 }")
    return sheet


@pytest.fixture
def drawers(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The threads that drew."""
    seen: set[int] = set()
    draw = pdf._draw

    def noted(*given: Any) -> bytes:
        seen.add(threading.get_ident())
        return draw(*given)

    monkeypatch.setattr(pdf, "_draw", noted)
    return seen


def test_the_same_page_gives_the_same_bytes(css: Path) -> None:
    assert pdf.draw(PAGE, css) == pdf.draw(PAGE, css)


def test_whoever_asks_one_thread_draws(css: Path, drawers: set[int]) -> None:
    with ThreadPoolExecutor(4) as askers:
        drawn = list(askers.map(lambda _n: pdf.draw(PAGE, css), range(4)))
    assert len(set(drawn)) == 1
    assert len(drawers) == 1


def test_a_page_fetches_nothing(css: Path) -> None:
    plain = pdf.draw(PAGE, css)
    with_image = PAGE.replace("<p>", "<img src='file:///etc/hostname'><p>")
    assert b"/Image" not in pdf.draw(with_image, css)
    assert plain.startswith(b"%PDF")
