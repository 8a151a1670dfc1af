"""What of a case waits to be done, as lines above the buttons that lead to the cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsar.admin.connector_card import SystemRow
from dsar.models import ConnectorRun, Material


@dataclass(frozen=True, slots=True)
class Line:
    """Something that waits, and the card on which it is done."""

    text: str
    anchor: str


def of(cards: Mapping[str, Any]) -> list[Line]:
    """The lines, made of the cards without any query, in the order of the page."""
    return [*_searches(cards), *_materials(cards), *_data(cards), *_letters(cards)]


def _searches(cards: Mapping[str, Any]) -> Iterable[Line]:
    search, connectors = cards["search"], cards["connectors"]
    if search and search["unasked"]:
        count = search["unasked"]
        yield Line(
            ngettext(
                "%(count)d system is proposed and not asked yet.",
                "%(count)d systems are proposed and not asked yet.",
                count,
            )
            % {"count": count},
            "#search",
        )
    rows: list[SystemRow] = connectors["rows"] if connectors else []
    waiting = [row for row in rows if row.buttons and not _is_under_way(row)]
    if waiting:
        names = ", ".join(row.task.system.name for row in waiting)
        yield Line(
            _("A connector waits for the desk: %(names)s.") % {"names": names}, "#connectors"
        )


def _is_under_way(row: SystemRow) -> bool:
    return row.steps[-1].run.state in ConnectorRun.ACTIVE


def _materials(cards: Mapping[str, Any]) -> Iterable[Line]:
    count = sum(row.material.state == Material.State.NEW for row in cards["materials"])
    if count:
        yield Line(
            ngettext(
                "%(count)d material is to be looked through: given or left out?",
                "%(count)d materials are to be looked through: given or left out?",
                count,
            )
            % {"count": count},
            "#materials",
        )


def _data(cards: Mapping[str, Any]) -> Iterable[Line]:
    disclosure = cards["disclosure"]
    if not disclosure or not disclosure["is_unsent"]:
        return
    if not disclosure["packages"]:
        yield Line(_("The data has still to be put together."), "#disclosure")
    elif not disclosure["is_unbuilt"]:
        yield Line(_("The person does not have the data yet."), "#disclosure")


def _letters(cards: Mapping[str, Any]) -> Iterable[Line]:
    prepared = [entry for entry in cards["letters_of_case"] if entry["waiting"]]
    if prepared:
        titles = ", ".join(str(entry["title"]) for entry in prepared)
        yield Line(_("Prepared for the post: %(letters)s.") % {"letters": titles}, "#letters")
