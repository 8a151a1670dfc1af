"""The material of a case in lists: on the case's page, and as what goes along with a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from dsar import materials, redaction
from dsar.models import Case, Material

TONES = {"new": "warning", "included": "success", "left_out": "neutral"}
COPY_TONES = {"waiting": "progress", "ready": "success", "failed": "error"}


@dataclass(frozen=True, slots=True)
class Row:
    """A material in a list."""

    material: Material
    url: str
    tone: str
    copy_tone: str
    item: str


def listed(case: Case) -> list[Row]:
    """The materials of a case, in the order they came."""
    found = []
    for material in case.materials.select_related("item"):
        material.case = case
        if material.item is not None:
            material.item.case = case
        found.append(
            Row(
                material,
                url(material),
                TONES[material.state],
                COPY_TONES.get(material.copy_state, ""),
                material.item.title if material.item else "",
            )
        )
    return found


def given(case: Case) -> list[dict[str, Any]]:
    """What goes along with a decision: each material with the address of the copy."""
    rows = case.materials.filter(state=Material.State.INCLUDED)
    found = []
    for material in rows.select_related("original", "released", "item"):
        material.case = case
        file = materials.delivered(material)
        found.append(
            {
                "material": material,
                "url": reverse("admin:dsar_case_file", args=[case.pk, file.pk]),
                "size": file.size,
                "is_ready": materials.is_ready(material),
            }
        )
    return found


def what_goes(case: Case) -> dict[str, Any]:
    """The material that the person gets with a decision, and what is masked in it."""
    if not case.rule.methods:
        return {}
    return {"given": given(case), "masked": redaction.masked_parts(case)}


def url(material: Material, number: int = 1) -> str:
    """The address of a material, on one of its pages."""
    address = reverse("admin:dsar_case_material", args=[material.case_id, material.pk])
    return f"{address}?page={number}" if number > 1 else address
