"""Administrators' pages: which systems have a connector, its settings, and trying it out.

A try only reads, and shows numbers and column names: administrators see no one's data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dsar.admin import connector_form, connector_words, roles
from dsar.connectors import declared, runs
from dsar.connectors.outcome import ATTRIBUTES, Connector, Failure, Values
from dsar.models import DataSystem

PERMISSION = "dsar.change_datasystem"
TRY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """One system with a connector, and whether it is ready."""

    system: DataSystem
    tone: str
    state: str
    url: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What one part of a try came to."""

    label: str
    result: str
    tone: str


def listing(request: HttpRequest) -> HttpResponse:
    """The systems of the user's controllers that have a connector."""
    rows = [_listed(system) for system in _systems(request)]
    context = {**admin.site.each_context(request), "title": _("Connectors"), "rows": rows}
    return TemplateResponse(request, "admin/dsar/connectors/list.html", context)


@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The settings of one connector.

    Raises:
        Http404: no such system of the user's.
    """
    system = _find(request, pk)
    kind = connector_form.FORMS[system.connector]
    form = kind(system, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        system.settings = form.settings()
        system.save(update_fields=["settings"])
        _log(request, system, "connector settings")
        messages.success(request, _("The settings were saved."))
        return redirect("admin:dsar_connector", system.pk)
    return _shown(request, system, form)


@never_cache
@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the system for sample values, with the settings that are saved.

    Raises:
        Http404: no such system of the user's.
    """
    system = _find(request, pk)
    names = names_used(system)
    if not names:
        messages.error(request, _("Complete and save the settings first."))
        return redirect("admin:dsar_connector", system.pk)
    form = connector_form.TryForm(names, request.POST)
    form.is_valid()
    _log(request, system, "connector tried")
    settings_form = connector_form.FORMS[system.connector](system)
    tried = try_out(system, {**dict.fromkeys(ATTRIBUTES), **form.values()})
    return _shown(request, system, settings_form, try_form=form, tried=tried)


def try_out(system: DataSystem, values: Values) -> list[Tried]:
    """Search and, for each declared change, count: nothing is written, no value is shown."""
    limited = {**system.settings, "timeout": TRY_SECONDS}
    connector = runs.opened(DataSystem(connector=system.connector, settings=limited))
    found = [_tried(_("Search"), lambda: _searched(connector, values))]
    for number, change in enumerate(limited.get("changes") or [], 1):
        kind = change["kinds"][0]
        label = _("Change %(number)d") % {"number": number}
        found.append(_tried(label, lambda kind=kind: _counted(connector, kind, values)))
    return found


def _searched(connector: Connector, values: Values) -> str:
    table = connector.search(values)
    if not table.rows:
        return _("No rows.")
    return _("Rows found: %(count)d. Columns: %(columns)s.") % {
        "count": len(table.rows),
        "columns": ", ".join(table.columns),
    }


def _counted(connector: Connector, kind: str, values: Values) -> str:
    touched, left = connector.touched(kind, values), connector.left(kind, values)
    return _(
        "Rows that would be changed: %(count)d. Rows that the verification finds now: %(left)d."
    ) % {
        "count": touched.count,
        "left": left,
    }


def _tried(label: str, do: Any) -> Tried:
    try:
        return Tried(label, do(), "success")
    except Failure as failure:
        detail = f" ({failure.detail})" if failure.detail else ""
        return Tried(label, f"{connector_words.error(failure.code)}{detail}", "error")


def names_used(system: DataSystem) -> tuple[str, ...]:
    """The attributes that the saved settings use; none while they are not complete."""
    try:
        found = declared.read(system.connector, system.settings)
    except declared.Misconfigured:
        return ()
    names = set(found.search.names)
    if isinstance(found, declared.Sql):
        for change in found.changes:
            names |= {*change.change.statement.names, *change.verify.names}
    if isinstance(found, declared.Http):
        for call in found.changes:
            names |= {*call.call.names, *call.verify.names}
    return tuple(name for name in ATTRIBUTES if name in names)


def _listed(system: DataSystem) -> Listed:
    url = reverse("admin:dsar_connector", args=[system.pk])
    try:
        found = declared.read(system.connector, system.settings)
        if isinstance(found, declared.Sql):
            declared.secret(found.url_env)
    except declared.Misconfigured:
        return Listed(system, "warning", _("Not set up yet"), url)
    except Failure as failure:
        return Listed(system, "error", connector_words.error(failure.code), url)
    return Listed(system, "success", _("Set up"), url)


def _shown(
    request: HttpRequest,
    system: DataSystem,
    form: connector_form.ConnectorForm,
    try_form: connector_form.TryForm | None = None,
    tried: list[Tried] | None = None,
) -> HttpResponse:
    names = names_used(system)
    context = {
        **admin.site.each_context(request),
        "title": _("Connector of “%(system)s”") % {"system": system.name},
        "system": system,
        "form": form,
        "try_form": try_form or (connector_form.TryForm(names) if names else None),
        "tried": tried,
    }
    return TemplateResponse(request, "admin/dsar/connectors/edit.html", context)


def _systems(request: HttpRequest) -> Any:
    """The systems with a connector of the user's controllers. Raises PermissionDenied."""
    user = roles.officer(request)
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
    rows = DataSystem.objects.filter(
        controller__in=user.controllers.all(), connector__in=runs.CONNECTED
    )
    return rows.select_related("controller")


def _find(request: HttpRequest, pk: int) -> DataSystem:
    system: DataSystem | None = _systems(request).filter(pk=pk).first()
    if system is None:
        raise Http404
    return system


def _log(request: HttpRequest, system: DataSystem, what: str) -> None:
    """Who set or tried what, in the admin's log; never with which values."""
    LogEntry.objects.log_actions(
        roles.officer(request).pk,
        DataSystem.objects.filter(pk=system.pk),
        CHANGE,
        change_message=what,
        single_object=True,
    )
