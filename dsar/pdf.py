"""Pages as PDF. The same page gives the same bytes; nothing is fetched from anywhere."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any


class NoPdf(Exception):
    """The library that draws PDF pages, or what it needs of the system, is missing."""


# One page is drawn at a time: it takes up to a second of one core.
_drawing = threading.Lock()


def draw(html: str, css: Path) -> bytes:
    """A PDF of a page, tagged for those who have it read aloud.

    Raises:
        NoPdf: WeasyPrint or Pango is missing.
    """
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise NoPdf from error
    with _drawing:
        page = weasyprint.HTML(string=html, url_fetcher=_refuse)
        sheet = weasyprint.CSS(filename=str(css))
        return bytes(page.write_pdf(stylesheets=[sheet], pdf_tags=True))


def _refuse(url: str, *args: Any, **kwargs: Any) -> Any:
    raise ValueError("a page to print fetches nothing")
