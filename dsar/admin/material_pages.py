"""One material at the desk: looking at it, masking parts of it, and whether the person gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from dsar import blackout, copies, ledger, redaction, vault
from dsar.admin import acts, law_words, opening, roles
from dsar.admin.material_cards import COPY_TONES, TONES, url
from dsar.admin.material_forms import AreaForm, CellsForm, MarkForm, SettleForm
from dsar.blackout import Refused
from dsar.lifecycle import NotAllowed
from dsar.models import Material, Redaction

ROWS = 50
"""Rows of a table on one page."""
FAULTS = {
    "encrypted": gettext_lazy(
        "The file is locked with a password. Ask for a file without one, or leave it out."
    ),
    "broken": gettext_lazy(
        "The file is damaged or built in an unusual way and cannot be opened safely. Ask for it "
        "again, or leave it out."
    ),
    "too_big": gettext_lazy(
        "The file is too large or unpacks to far more than it should, so it is not opened. Ask for "
        "it in parts, or leave it out."
    ),
    "format": gettext_lazy(
        "Pictures of this format cannot be opened here. Ask for a JPEG or PNG, or leave it out."
    ),
}


@dataclass(frozen=True, slots=True)
class MarkRow:
    """Something that is masked, in words, with the way to take it back."""

    number: int
    words: str
    ground: law_words.Ground | None
    reason: str
    url: str
    page_url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the person gets it."""

    value: str
    is_gone: bool


@require_safe
def page(request: HttpRequest, pk: int, material: int) -> HttpResponse:
    """The material's page.

    Raises:
        Http404: no such material of a case of the user's.
    """
    found = _find(request, pk, material)
    return _shown(request, found)


@require_safe
def picture(request: HttpRequest, pk: int, material: int, number: int) -> HttpResponse:
    """A page or picture as a PNG, with its marked areas shaded.

    Raises:
        Http404: no such material of a case of the user's, or no such page.
    """
    found = _find(request, pk, material)
    if found.form not in (Material.Form.PDF, Material.Form.IMAGE):
        raise Http404
    _note(request, found)
    try:
        content = redaction.shown(found, number)
    except (IndexError, Refused, vault.VaultError, OSError) as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="image/png")
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def act(request: HttpRequest, pk: int, material: int, what: str) -> HttpResponse:
    """Settle, mark, unmark, or ask for the copy once more.

    Raises:
        Http404: no such material of a case of the user's, or no such act.
    """
    found = _find(request, pk, material)
    user, at = roles.officer(request), timezone.now()
    by = ledger.staff(user)
    if not roles.may_work(user):
        messages.error(request, _("Your role does not allow this."))
        return redirect(url(found))
    form: Any = None
    try:
        if what == "settle":
            form = SettleForm(found, request.POST)
            if not form.is_valid():
                return _shown(request, found, settle_form=form)
            said = form.cleaned_data
            redaction.settle(
                found,
                said["state"],
                title=said["title"],
                item=form.item_row(),
                as_pictures=said.get("as_pictures", False),
                by=by,
                at=at,
            )
            messages.success(request, _("Saved: %(state)s.") % {"state": _state_of(found)})
        elif what == "mark":
            form = _mark_form(found, _number(request.POST.get("page")), request.POST)
            if not form.is_valid():
                return _shown(request, found, mark_form=form)
            said = form.cleaned_data
            count = redaction.mark(
                found, form.marks(), code=said["code"], reason=said["reason"], by=by, at=at
            )
            text = ngettext("%(count)d part is masked.", "%(count)d parts are masked.", count)
            messages.success(request, text % {"count": count})
        elif what == "unmark":
            redaction.unmark(found, _number(request.POST.get("mark")), by=by, at=at)
            messages.success(request, _("The mark was taken away."))
        elif what == "retry":
            redaction.try_again(found)
        else:
            raise Http404
    except NotAllowed as refused:
        messages.error(request, str(refused))
        if isinstance(form, MarkForm):
            return _shown(request, found, mark_form=form)
        return redirect(url(found))
    if found.copy_state == Material.Copy.WAITING and found.original.size <= copies.SMALL:
        copies.make(found.pk, at)
    return redirect(url(found, _number(request.POST.get("page"))))


def _find(request: HttpRequest, pk: int, material: int) -> Material:
    case = opening.find(request, pk)
    row = (
        case.materials.select_related("original", "released", "item", "task__system")
        .filter(pk=material)
        .first()
    )
    if row is None or case.key.destroyed_at is not None:
        raise Http404
    row.case = case
    row.original.case = case
    if row.released is not None:
        row.released.case = case
    return row


def _note(request: HttpRequest, material: Material) -> None:
    user = roles.officer(request)
    redaction.note_look(material, by=ledger.staff(user), at=timezone.now())


def _number(given: str | None) -> int:
    """A number from the address or a hidden field; 1 where it is none."""
    return int(given) if given and given.isdecimal() and len(given) < 10 else 1


def _state_of(material: Material) -> str:
    return str(Material.State(material.state).label)


def _mark_form(material: Material, number: int, data: Any = None) -> MarkForm:
    if material.form == Material.Form.TABLE:
        first = (number - 1) * ROWS + 1
        rows = redaction.some_rows(material, 1, 1)
        columns = list(rows[0]) if rows else []
        return CellsForm(material, columns, range(first, first + ROWS), data)
    return AreaForm(material, number, data)


def _shown(
    request: HttpRequest,
    material: Material,
    *,
    settle_form: SettleForm | None = None,
    mark_form: MarkForm | None = None,
) -> HttpResponse:
    _note(request, material)
    number = _number(request.POST.get("page") or request.GET.get("page"))
    refusal = redaction.why_not(material.case)
    may_change = roles.may_work(roles.officer(request)) and refusal is None
    context = acts.context_of(
        request,
        material.case,
        title=material.title,
        material=material,
        state_tone=TONES[material.state],
        copy_tone=COPY_TONES.get(material.copy_state, ""),
        fault=FAULTS.get(material.copy_fault, ""),
        number=number,
        may_change=may_change,
        why_not=refusal,
        settle_form=settle_form or SettleForm(material),
        forms=[form for form in (settle_form, mark_form) if form is not None],
        urls={
            what: reverse("admin:dsar_material_act", args=[material.case_id, material.pk, what])
            for what in ("settle", "mark", "unmark", "retry")
        },
        original_url=reverse("admin:dsar_case_file", args=[material.case_id, material.original_id]),
        released_url=reverse("admin:dsar_case_file", args=[material.case_id, material.released_id])
        if material.released_id
        else "",
    )
    try:
        context |= _content(material, number, mark_form)
    except Refused as refused:
        context["unreadable"] = FAULTS.get(refused.code, FAULTS["broken"])
    except (vault.VaultError, OSError):
        context["unreadable"] = _(
            "This file cannot be opened: it is missing or was altered. Tell the administrator."
        )
    status = 400 if mark_form is not None or settle_form is not None else 200
    return TemplateResponse(request, "admin/dsar/material/page.html", context, status=status)


def _content(material: Material, number: int, mark_form: MarkForm | None) -> dict[str, Any]:
    """What is looked at, and what is masked in it."""
    found: dict[str, Any] = {"marks": _marks(material, number)}
    if material.form == Material.Form.OTHER:
        return found
    found["mark_form"] = mark_form or _mark_form(material, number)
    if material.form == Material.Form.TABLE:
        return found | _table(material, number, found["mark_form"])
    last = redaction.pages(material)
    if number > last:
        raise Http404
    args = [material.case_id, material.pk, number]
    # The revision in the address: a browser that kept the picture would show old marks.
    address = reverse("admin:dsar_material_picture", args=args)
    return found | {
        "picture_url": f"{address}?r={material.revision}",
        "last": last,
        "before_url": url(material, number - 1) if number > 1 else "",
        "after_url": url(material, number + 1) if number < last else "",
    }


def _marks(material: Material, number: int) -> list[MarkRow]:
    found, on_page = [], 0
    for row in material.redactions.all():
        row.material = material
        if row.kind == Redaction.Kind.AREA:
            if row.page == number:
                on_page += 1
            words = _("Page %(page)d: left %(left)s%%, top %(top)s%%, %(width)s × %(height)s%%")
            words %= {
                "page": row.page or 1,
                **{n: f"{getattr(row, n) or 0:.1f}" for n in ("left", "top", "width", "height")},
            }
        elif row.kind == Redaction.Kind.COLUMN:
            words = _("Column “%(name)s”") % {"name": row.text}
        elif row.kind == Redaction.Kind.ROW:
            words = _("Row %(number)d") % {"number": row.row or 0}
        else:
            words = _("The words “%(text)s”") % {"text": row.text}
        is_here = row.kind == Redaction.Kind.AREA and row.page == number
        found.append(
            MarkRow(
                on_page if is_here else 0,
                words,
                law_words.ground(material.case, row.code) if row.code else None,
                row.reason,
                str(row.pk),
                "" if is_here or not row.page else url(material, row.page),
            )
        )
    return found


def _table(material: Material, number: int, form: Any) -> dict[str, Any]:
    """A page of the table as the person gets it, with what is left out greyed."""
    first = (number - 1) * ROWS + 1
    rows = redaction.some_rows(material, first, ROWS + 1)
    if not rows and number > 1:
        raise Http404
    marks = list(material.redactions.all())
    for mark in marks:
        mark.material = material
    gone_columns = {mark.text for mark in marks if mark.kind == Redaction.Kind.COLUMN}
    gone_rows = {mark.row for mark in marks if mark.kind == Redaction.Kind.ROW}
    texts = [mark.text for mark in marks if mark.kind == Redaction.Kind.VALUE]
    lines = []
    for place, row in enumerate(blackout.clean_rows(rows[:ROWS], texts=texts), first):
        cells = [
            Cell("" if value is None else str(value), name in gone_columns or place in gone_rows)
            for name, value in row.items()
        ]
        lines.append({"number": place, "cells": cells, "is_gone": place in gone_rows})
    names = form.names
    columns = [
        {"number": str(place), "name": name, "is_gone": name in gone_columns}
        for place, name in enumerate(names)
    ]
    bound = form if form.is_bound else None
    return {
        "columns": columns,
        "lines": lines,
        "ticked_columns": bound.data.getlist("columns") if bound else [],
        "ticked_rows": [_number(n) for n in bound.data.getlist("rows")] if bound else [],
        "before_url": url(material, number - 1) if number > 1 else "",
        "after_url": url(material, number + 1) if len(rows) > ROWS else "",
    }
