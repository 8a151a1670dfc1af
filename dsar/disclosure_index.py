"""The first page of a package: what was decided, what is inside, how to open it. HTML and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import deadlines, decision, pdf
from dsar.clock_words import long_date
from dsar.models import Case, Material, Outcome, Person

CSS = Path(settings.BASE_DIR) / "static" / "css" / "package.css"

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Disclosure package",
    "description": "manifest.json matches the root; each tables/*.json matches $defs/table.",
    "type": "object",
    "required": ["version", "case", "controller", "language", "rule_set", "made_on", "members"],
    "properties": {
        "version": {"const": 1},
        "case": {"type": "string", "description": "Case number."},
        "controller": {"type": "string", "description": "Who discloses the data."},
        "language": {"type": "string", "description": "Of index and titles: ja or en."},
        "rule_set": {"type": "string", "description": "Law and version it was decided under."},
        "made_on": {"type": "string", "format": "date"},
        "members": {"type": "array", "items": {"$ref": "#/$defs/member"}},
    },
    "$defs": {
        "member": {
            "type": "object",
            "required": ["path", "title", "type", "size", "sha256"],
            "properties": {
                "path": {"type": "string", "description": "Within the package."},
                "title": {"type": "string", "description": "What it holds, in words."},
                "type": {"type": "string", "description": "Media type."},
                "size": {"type": "integer", "minimum": 0, "description": "In bytes."},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "rows": {"type": "integer", "minimum": 0, "description": "Of a table."},
                "marked": {"const": True, "description": "Bears case number and date."},
            },
        },
        "table": {
            "type": "object",
            "required": ["title", "rows"],
            "properties": {
                "title": {"type": "string"},
                "rows": {
                    "type": "array",
                    "items": {"type": "object"},
                    "description": "One object a row, all with the same keys in one order.",
                },
            },
        },
    },
}


class _Member(Protocol):
    name: str
    size: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One material on the page, with the files that hold it."""

    title: str
    item: int | None
    form: str
    rows: int | None
    files: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on one of the things asked for."""

    title: str
    outcome: str
    ground: str
    withheld: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The page, in one language."""

    title: str
    html: str
    language: str
    context: dict[str, Any]

    def pdf(self) -> bytes:
        """The page as PDF.

        Raises:
            pdf.NoPdf: WeasyPrint or Pango is missing.
        """
        with override(self.language):
            return pdf.draw(render_to_string("disclosure/index.html", {**self.context}), CSS)


def entry(material: Material, members: Sequence[_Member]) -> Entry:
    """How a material is told, once its files are written."""
    return Entry(
        title=material.title,
        item=material.item_id,
        form=material.form,
        rows=members[0].rows if members else None,
        files=tuple((member.name, member.size) for member in members),
    )


def page(
    case: Case,
    entries: Sequence[Entry],
    on: date,
    *,
    for_print: bool = False,
    apart: Sequence[str] = (),
) -> Page:
    """The first page in the case's language; `apart`: what could not be printed."""
    language = "ja" if case.language.startswith("ja") else "en"
    with override(language):
        context = _context(case, entries, on, language) | {
            "for_print": for_print,
            "apart": apart,
        }
        html = render_to_string(
            "disclosure/index.html", {**context, "style": CSS.read_text(encoding="utf-8")}
        )
    return Page(context["title"], html, language, context)


def _context(case: Case, entries: Sequence[Entry], on: date, language: str) -> dict[str, Any]:
    final = decision.final(case)
    principal = next((one for one in case.people.all() if one.role == Person.Role.PRINCIPAL), None)
    items = decision.items_of(case, final) if final else []
    verdicts = [
        Verdict(
            title=row.title,
            outcome=str(Outcome(row.outcome).label),
            ground=_ground(case, row.code, language),
            withheld=row.withheld,
            entries=tuple(one for one in entries if one.item == row.item_id and row.item_id),
        )
        for row in items
    ]
    placed = {id(one) for verdict in verdicts for one in verdict.entries}
    return {
        "language": language,
        "title": _("What we disclose to you"),
        "case": case,
        "kind": case.rule.title.in_language(language),
        "article": case.rule.article_label.in_language(language),
        "controller": case.controller.name_in(language),
        "address": case.controller.address_in(language),
        "name": principal.name if principal else "",
        "decided_on": long_date(_day(case, final), language) if final else "",
        "made_on": long_date(on, language),
        "answer": final.answer if final else "",
        "verdicts": verdicts,
        "others": [one for one in entries if id(one) not in placed],
        "has_tables": any(one.form == Material.Form.TABLE for one in entries),
    }


def _day(case: Case, final: Any) -> date:
    return deadlines.today(case, case.decided_at or final.decided_at)


def _ground(case: Case, code: str, language: str) -> str:
    basis = case.rules.refusals.get(code)
    if basis is None:
        return ""
    return f"{basis.article_label.in_language(language)} {basis.text.in_language(language)}"
