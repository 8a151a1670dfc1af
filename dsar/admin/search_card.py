"""The card "Data search": tasks with their answers, and the material that was gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import collection, countries, owner_mail
from dsar.admin import due, material_cards, search_forms, search_pages, task_forms
from dsar.components import FileRow
from dsar.models import Attachment, Case, DataSystem, Material, SearchTask, StaffMember

State = SearchTask.State
TONES = {
    State.PROPOSED: "neutral",
    State.OPEN: "progress",
    State.FOUND: "success",
    State.NOTHING: "neutral",
    State.NOT_OURS: "warning",
    State.DONE: "success",
    State.CANCELLED: "neutral",
}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task as the desk reads it."""

    row: SearchTask
    tone: str
    about: str
    owners: str
    has_connector: bool
    due: due.Due | None
    answered_by: str
    files: list[FileRow]
    proofs: list[FileRow]
    buttons: list[tuple[str, str]] = field(default_factory=list)


def of(case: Case, user: StaffMember, today: date) -> dict[str, Any] | None:
    """The card (a fixed number of queries); None where there is nothing to show or do."""
    rows = list(
        case.tasks.select_related("system__processor", "asked_by", "answered_by").prefetch_related(
            "system__owners", "proofs", "materials__original"
        )
    )
    loose = list(case.materials.filter(task=None).select_related("original"))
    purpose = collection.purpose_now(case)
    may = search_forms.CollectionForm.refusal(case, user, today) is None
    if not rows and not loose and not may:
        return None
    shown = [_task(case, row, user, today) for row in rows]
    current = [entry for entry in shown if entry.row.state != State.CANCELLED]
    return {
        "groups": [
            (label, entries)
            for code, label in SearchTask.Purpose.choices
            if (entries := [entry for entry in current if entry.row.purpose == code])
        ],
        "cancelled": [entry for entry in shown if entry.row.state == State.CANCELLED],
        "counts": _counts(current),
        "loose": [_material(case, row, user, today) for row in loose],
        "may": may,
        "is_missing": may and _is_missing(case, current, str(purpose)),
        "unasked": sum(
            entry.row.state == State.PROPOSED and entry.row.purpose == purpose for entry in current
        ),
        "may_add": search_forms.AddMaterialForm.refusal(case, user, today) is None,
    }


def _is_missing(case: Case, entries: list[TaskRow], purpose: str) -> bool:
    """Whether a system in use has no task of this purpose."""
    known = [entry.row.system_id for entry in entries if entry.row.purpose == purpose]
    return case.controller.systems.filter(is_active=True).exclude(pk__in=known).exists()


def _counts(entries: list[TaskRow]) -> str:
    """How many of those asked have answered."""
    asked = [entry for entry in entries if entry.row.state != State.PROPOSED]
    if not asked:
        return ""
    answered = [entry for entry in asked if entry.row.state in SearchTask.ANSWERED]
    return _("%(answered)d of %(asked)d answered") % {
        "answered": len(answered),
        "asked": len(asked),
    }


def _task(case: Case, row: SearchTask, user: StaffMember, today: date) -> TaskRow:
    row.case = case
    system, language = row.system, get_language() or "ja"
    where = countries.name(system.country, language) if system.country != "JP" else ""
    about = [
        system.department_in(language),
        system.processor.name if system.processor else "",
        where,
    ]
    return TaskRow(
        row=row,
        tone=TONES[State(row.state)],
        about=" · ".join(filter(None, about)),
        owners=_owners(system),
        has_connector=system.connector != DataSystem.Connector.MANUAL,
        due=due.row(row.due_on, None, today) if row.state == State.OPEN else None,
        answered_by=_answered_by(row),
        files=[_material(case, material, user, today) for material in row.materials.all()],
        proofs=[_file(case, proof, proof.name) for proof in row.proofs.all()],
        buttons=[
            (form.title(case), task_forms.task_url(row, form.act))
            for form in search_pages.FORMS.values()
            if form.refusal(case, user, today) is None and form.barred(row) is None
        ],
    )


def _owners(system: DataSystem) -> str:
    if system.connector != DataSystem.Connector.MANUAL:
        return str(system.get_connector_display())
    return owner_mail.named(system)


def _answered_by(row: SearchTask) -> str:
    if row.answered_at is None or row.state not in SearchTask.ANSWERED:
        return ""
    if row.answered_by is not None:
        return row.answered_by.shown_name()
    return _owners(row.system)


def _material(case: Case, material: Material, user: StaffMember, today: date) -> FileRow:
    material.case = case
    may = search_forms.RemoveForm.refusal(case, user, today) is None
    remove = reverse("admin:dsar_case_material_remove", args=[case.pk, material.pk])
    return FileRow(
        name=material.title,
        size=material.original.size,
        url=material_cards.url(material),
        note=material.get_form_display(),
        remove_url=remove if may else "",
    )


def _file(case: Case, row: Attachment, name: str) -> FileRow:
    row.case = case
    return FileRow(
        name=name, size=row.size, url=reverse("admin:dsar_case_file", args=[case.pk, row.pk])
    )
