"""A letter on paper: A4, the addressee where the envelope's window shows it, n/N on each page.

The same sheet gives the same bytes. The PDF's metadata name the kind of letter and nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from dsar import letter_markup, pdf
from dsar.clock_words import plain_date
from dsar.models import Controller

CSS = Path(settings.BASE_DIR) / "static" / "css" / "letter.css"
LABELS_CSS = Path(settings.BASE_DIR) / "static" / "css" / "envelope.css"
LABELS_A_SHEET = 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter, complete.

    Attributes:
        recipient: the addressee's block, one line a row.
        title: what the PDF calls itself; nothing personal.
        sender: the company's lines, the name first.
        window: of the envelope, see `dsar.models.Window`.
        is_draft: marked as such on each page.
    """

    language: str
    title: str
    subject: str
    body: str
    recipient: str
    number: str
    dated_on: date
    sender: tuple[str, ...]
    window: str
    is_draft: bool = False
    blocks: list[letter_markup.Block] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", letter_markup.parse(self.body))

    @property
    def dated(self) -> str:
        """The date of the letter in words."""
        return plain_date(self.dated_on, self.language)


def sender_of(controller: Controller, language: str) -> tuple[str, ...]:
    """The company's lines on a letter."""
    postal_code, address = controller.postal_code, controller.address_in(language)
    is_japanese = language == "ja"
    if is_japanese:
        place = f"〒{postal_code} {address}" if postal_code else address
    else:
        place = " ".join(part for part in (address, postal_code) if part)
    phone = f"{'電話' if is_japanese else 'Tel.'} {controller.phone}" if controller.phone else ""
    lines = (controller.name_in(language), controller.desk_name_in(language), place, phone)
    return tuple(line for line in lines if line)


def as_html(sheet: Sheet) -> str:
    """The page that the PDF is drawn from."""
    return render_to_string("letters/letter.html", {"sheet": sheet})


def as_pdf(sheet: Sheet) -> bytes:
    """The letter as PDF.

    Raises:
        pdf.NoPdf: WeasyPrint or Pango is missing.
    """
    return pdf.draw(as_html(sheet), CSS)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands on one envelope."""

    recipient: str
    sender: tuple[str, ...]
    language: str

    @property
    def lines(self) -> list[str]:
        """The addressee's lines."""
        return self.recipient.split("\n")


def envelopes(found: Sequence[Envelope]) -> bytes:
    """One page of 長形3号 (235 × 120 mm) an envelope.

    Raises:
        pdf.NoPdf: WeasyPrint or Pango is missing.
    """
    return pdf.draw(render_to_string("letters/envelopes.html", {"envelopes": found}), LABELS_CSS)


def labels(found: Sequence[Envelope], first: int = 1) -> bytes:
    """Sheets of A4 with 2 × 6 labels of 86.4 × 42.3 mm, beginning with label number `first`.

    Raises:
        pdf.NoPdf: WeasyPrint or Pango is missing.
    """
    places: list[Envelope | None] = [None] * (first - 1) + list(found)
    sheets = [
        places[start : start + LABELS_A_SHEET] for start in range(0, len(places), LABELS_A_SHEET)
    ]
    return pdf.draw(render_to_string("letters/labels.html", {"sheets": sheets}), LABELS_CSS)
