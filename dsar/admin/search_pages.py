"""The pages on which the desk acts on one task or one piece of material, and adds large files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from dsar import deadlines
from dsar.admin import acts, opening, roles, search_forms, task_forms
from dsar.admin.act_form import ActForm
from dsar.models import Case
from dsar.uploads import SealedUploadHandler

FORMS: dict[str, type[task_forms.TaskForm]] = {
    form.act: form
    for form in (
        task_forms.AskForm,
        task_forms.RemindForm,
        task_forms.CancelForm,
        task_forms.RecordForm,
    )
}


@csrf_exempt  # `_page` checks it, once the body may be read
def task(request: HttpRequest, pk: int, task: int, act: str) -> HttpResponse:
    """Show the form of an act on a task, or do it.

    Raises:
        Http404: no such act, or no such task in a case of the user's.
    """
    kind = FORMS.get(act)
    if kind is None:
        raise Http404
    case = opening.find(request, pk)
    row = case.tasks.select_related("system__processor").filter(pk=task).first()
    if row is None:
        raise Http404
    row.case = case
    return _received(request, case, kind, row, kind.barred(row))


@csrf_exempt  # `_page` checks it, once the body may be read
def remove(request: HttpRequest, pk: int, material: int) -> HttpResponse:
    """Take material out of the case.

    Raises:
        Http404: no such material in a case of the user's.
    """
    case = opening.find(request, pk)
    row = case.materials.select_related("original", "released").filter(pk=material).first()
    if row is None:
        raise Http404
    row.case = case
    return _received(request, case, search_forms.RemoveForm, row, None)


@csrf_exempt  # the act's page checks it, once the body may be read
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add material: `acts.page` with large files."""
    if roles.may_work(roles.officer(request)):
        opening.find(request, pk, looks=False)
        request.upload_handlers = [SealedUploadHandler(request)]
    response: HttpResponse = csrf_protect(acts.page)(request, pk, search_forms.AddMaterialForm.act)
    return response


def _received(
    request: HttpRequest, case: Case, kind: Any, row: Any, barred: str | None
) -> HttpResponse:
    user = roles.officer(request)
    reason = kind.refusal(case, user, deadlines.today(case, timezone.now())) or barred
    if case.key.destroyed_at is not None:
        reason = _("The content of this case was destroyed; nothing can be done with it any more.")
    if reason is None:
        request.upload_handlers = [SealedUploadHandler(request)]
    response: HttpResponse = _page(request, case, kind, row, reason)
    return response


@csrf_protect
def _page(
    request: HttpRequest, case: Case, kind: Any, row: Any, reason: str | None
) -> HttpResponse:
    if reason is not None:
        return acts.refused(request, case, kind, reason)
    user, at = roles.officer(request), timezone.now()
    posted = request.method == "POST"
    form: ActForm = kind(row, case, user, at, *([request.POST, request.FILES] if posted else []))
    if not posted or not form.is_valid() or not form.attempt():
        return acts.shown(request, form)
    messages.success(request, form.done())
    return redirect(f"{acts.page_url(case)}#search")
