"""One act on many cases: shown first, then done case by case, each with what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dsar import casework, ledger, lifecycle
from dsar.admin import queue, roles
from dsar.components import PortalForm
from dsar.form_fields import CleanText
from dsar.models import Case, StaffMember

RESULTS = "bulk results"


class NothingForm(PortalForm):
    """An act that asks nothing."""


class NoteForm(PortalForm):
    """A note for all chosen cases."""

    text = CleanText(
        label=gettext_lazy("Internal note"),
        help_text=gettext_lazy("It is written into each of the chosen cases."),
        multiline=True,
        rows=4,
        max_length=5000,
    )


class ReasonForm(PortalForm):
    """The reason for all chosen cases, which each person is told."""

    text = CleanText(
        label=gettext_lazy("Reason for the extension"),
        help_text=gettext_lazy(
            "Each requester reads this reason with the new date: name nothing of one case."
        ),
        multiline=True,
        rows=4,
        max_length=2000,
    )


def _accept(case: Case, user: StaffMember, at: datetime, seen: int, text: str) -> None:
    by = ledger.staff(user)
    act = "accept" if case.rule.identity == "required" else "start"
    lifecycle.move(case, act, by=by, at=at, seen=seen)


def _extend(case: Case, user: StaffMember, at: datetime, seen: int, text: str) -> None:
    lifecycle.move(case, "extend", by=ledger.staff(user), at=at, seen=seen, texts={"reason": text})


def _note(case: Case, user: StaffMember, at: datetime, seen: int, text: str) -> None:
    casework.note(case, text, by=ledger.staff(user), at=at)


@dataclass(frozen=True, slots=True)
class BulkAct:
    """Something that can be done to many cases at once."""

    label: str | Promise
    form: type[PortalForm]
    run: Callable[[Case, StaffMember, datetime, int, str], None]


ACTS: dict[str, BulkAct] = {
    "accept": BulkAct(gettext_lazy("Accept"), NothingForm, _accept),
    "extend": BulkAct(gettext_lazy("Extend the due date"), ReasonForm, _extend),
    "note": BulkAct(gettext_lazy("Write an internal note"), NoteForm, _note),
}


def choices() -> list[tuple[str, str]]:
    """The acts as the queue offers them."""
    return [(name, str(act.label)) for name, act in ACTS.items()]


@require_POST
def page(request: HttpRequest) -> HttpResponse:
    """Show the chosen cases and what is asked; on confirmation do it, one case at a time.

    Raises:
        PermissionDenied: the user does not work on cases.
    """
    user = roles.officer(request)
    if not roles.may_work(user):
        raise PermissionDenied
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        messages.warning(request, _("Choose what is to be done with the cases."))
        return queue.back(request)
    confirmed = request.POST.get("step") == "confirm"
    seen = queue.chosen(request.POST.getlist("ids"))
    cases = list(_cases(user, seen))
    if not cases:
        messages.warning(request, _("Choose cases first."))
        return queue.back(request)
    form = act.form(request.POST) if confirmed else act.form()
    if confirmed and form.is_valid():
        text = form.cleaned_data.get("text", "")
        results = [_result(case, act, user, seen[case.pk] or 0, text) for case in cases]
        request.session[RESULTS] = {
            "act": request.POST["act"],
            "rows": results,
            "missing": len(seen) - len(cases),
        }
        return redirect("admin:dsar_case_bulk_results")
    context = {
        **admin.site.each_context(request),
        "title": act.label,
        "act": request.POST["act"],
        "form": form,
        # What is confirmed is what this page showed: a case changed since is refused.
        "rows": [
            (row, f"{row.case.pk}-{seen[row.case.pk] if confirmed else row.case.version}")
            for row in queue.rows(cases, user)
        ],
        "back": request.POST.get("back", ""),
    }
    return TemplateResponse(request, "admin/dsar/case/bulk.html", context)


def _cases(user: StaffMember, chosen: Mapping[int, int | None]) -> QuerySet[Case]:
    found = Case.objects.visible_to(user).filter(pk__in=chosen)
    return queue.with_names(found).order_by("next_due_on", "id")


def _result(case: Case, act: BulkAct, user: StaffMember, seen: int, text: str) -> dict[str, Any]:
    """Do the act to one case; what the results page shows of it. Holds nothing personal."""
    reason = ""
    try:
        act.run(case, user, timezone.now(), seen, text)
    except lifecycle.NotAllowed as refused:
        reason = str(refused)
    return {"pk": case.pk, "number": case.shown_number, "reason": reason}


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """What came of the last bulk act, case by case."""
    found = request.session.get(RESULTS)
    if not found:
        return redirect("admin:dsar_case_changelist")
    rows = found["rows"]
    context = {
        **admin.site.each_context(request),
        "title": ACTS[found["act"]].label,
        "done": [row for row in rows if not row["reason"]],
        "refused": [row for row in rows if row["reason"]],
        "missing": found["missing"],
    }
    return TemplateResponse(request, "admin/dsar/case/bulk_results.html", context)
