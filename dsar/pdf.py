"""Pages as PDF. The same page gives the same bytes; nothing is fetched from anywhere."""

from __future__ import annotations

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


class NoPdf(Exception):
    """The library that draws PDF pages, or what it needs of the system, is missing."""


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="pdf")


# One page is drawn at a time: it takes up to a second of one core. Always by the same thread, since
# each thread that draws would keep some hundred megabytes for the next time.
_drawing = _one_thread()


def _after_fork() -> None:
    """A forked process has none of its parent's threads."""
    global _drawing
    _drawing = _one_thread()


os.register_at_fork(after_in_child=_after_fork)


def draw(html: str, css: Path) -> bytes:
    """A PDF of a page, tagged for those who have it read aloud.

    Raises:
        NoPdf: WeasyPrint or Pango is missing.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise NoPdf from error
    return _drawing.submit(_draw, weasyprint, html, css).result()


def _draw(weasyprint: Any, html: str, css: Path) -> bytes:
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    page = weasyprint.HTML(string=html, url_fetcher=nothing)
    sheet = weasyprint.CSS(filename=str(css))
    drawn = bytes(page.write_pdf(stylesheets=[sheet], pdf_tags=True))
    del page, sheet
    gc.collect()  # boxes of a page point at each other, and at the fonts
    return drawn
