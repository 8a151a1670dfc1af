"""The pages of the data owners. Who may open a task is settled before a byte of a file is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from dsar import clock_words, collection, deadlines, ledger, limits, owner_answers
from dsar.answer_form import AnswerForm, state_of
from dsar.components import FileRow, SummaryRow
from dsar.ledger import Actor
from dsar.models import SearchTask
from dsar.owners import access
from dsar.uploads import SealedUploadHandler


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that the visitor may answer, and how its pages are addressed."""

    task: SearchTask
    by: Actor
    at: datetime
    is_linked: bool

    @property
    def url(self) -> str:
        """The task's page."""
        return reverse("owners:open") if self.is_linked else reverse("owners:task", args=[self._pk])

    def remove_url(self, file: int) -> str:
        """Where one file is taken back."""
        if self.is_linked:
            return reverse("owners:remove_linked", args=[file])
        return reverse("owners:remove", args=[self._pk, file])

    @property
    def _pk(self) -> int:
        return self.task.pk


# --- By login -----------------------------------------------------------------------------
@never_cache
@require_safe
def own_tasks(request: HttpRequest) -> HttpResponse:
    """The open tasks of who is signed in."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    found = collection.open_tasks_of(request.user)
    now = timezone.now()
    rows = [
        {
            "task": task,
            "due_on": _day(task),
            "is_late": task.due_on is not None and task.due_on < deadlines.today(task.case, now),
            "url": reverse("owners:task", args=[task.pk]),
        }
        for task in found
    ]
    return render(request, "owners/tasks.html", {"rows": rows})


@csrf_exempt  # `_answer` checks it, once the body may be read
@never_cache
@sensitive_post_parameters()
def own_task(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the own open tasks."""
    opened = _own(request, pk)
    return opened if isinstance(opened, HttpResponse) else _received(request, opened)


@never_cache
@require_POST
def remove_own(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Take a file of an own task back."""
    opened = _own(request, pk)
    return opened if isinstance(opened, HttpResponse) else _removed(request, opened, file)


def _own(request: HttpRequest, pk: int) -> Opened | HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    user = request.user
    task = collection.open_task_of(user, pk)
    if task is None:
        return _gone(request)
    return Opened(task, ledger.staff(user), timezone.now(), False)


# --- By link ------------------------------------------------------------------------------
@never_cache
@sensitive_post_parameters()
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A button, and what it does: mail scanners open links but press no buttons.

    The page before the button is the same for every token, good or not.
    """
    if request.method != "POST":
        return render(request, "owners/link.html")
    if not limits.hit("task_link", request):
        return limits.too_many_requests(request, "task_link")
    if not access.enter(request.session, token, at=timezone.now()):
        return _gone(request)
    return redirect("owners:open")


@csrf_exempt  # `_answer` checks it, once the body may be read
@never_cache
@sensitive_post_parameters()
def linked_task(request: HttpRequest) -> HttpResponse:
    """The task that this session's link opened."""
    opened = _linked(request)
    return opened if isinstance(opened, HttpResponse) else _received(request, opened)


@never_cache
@require_POST
def remove_linked(request: HttpRequest, file: int) -> HttpResponse:
    """Take a file of the link's task back."""
    opened = _linked(request)
    return opened if isinstance(opened, HttpResponse) else _removed(request, opened, file)


def _linked(request: HttpRequest) -> Opened | HttpResponse:
    at = timezone.now()
    task = access.task_of(request.session, at=at)
    if task is None:
        return _gone(request)
    return Opened(task, ledger.OWNER, at, True)


@never_cache
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Thanks, and nothing about the task."""
    return render(request, "owners/done.html")


# --- Answering ----------------------------------------------------------------------------
def _received(request: HttpRequest, opened: Opened) -> HttpResponse:
    request.upload_handlers = [SealedUploadHandler(request)]
    response: HttpResponse = _answer(request, opened)
    return response


@csrf_protect
def _answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    task = opened.task
    given = owner_answers.given(task)
    if request.method != "POST":
        return _shown(request, opened, AnswerForm(task, len(given)), given)
    form = AnswerForm(task, len(given), request.POST, request.FILES)
    form.full_clean()
    uploads = form.cleaned_data.get("uploads", [])
    status = 200
    if uploads and not limits.hit("owner_upload", request, cost=len(uploads)):
        status = 429
        form.add_error(None, _("That was a lot at once. Please wait a while."))
    elif "add" in request.POST and "uploads" not in form.errors:
        return _added(request, opened, uploads)
    elif form.is_valid():
        try:
            owner_answers.give(
                task,
                state_of(form.cleaned_data),
                form.cleaned_data["answer"],
                uploads,
                by=opened.by,
                at=opened.at,
            )
        except collection.NotPossible as reason:
            messages.warning(request, str(reason))
            return redirect(opened.url)
        if opened.is_linked:
            access.leave(request.session)
            return redirect("owners:done")
        messages.success(request, _("Thank you. Your answer has reached the desk."))
        return redirect("owners:tasks")
    form.ask_for_files_again()
    return _shown(request, opened, form, given, status)


def _added(request: HttpRequest, opened: Opened, uploads: list[Any]) -> HttpResponse:
    try:
        owner_answers.add(opened.task, uploads, by=opened.by, at=opened.at)
    except collection.NotPossible as reason:
        messages.warning(request, str(reason))
    else:
        if uploads:
            messages.success(request, _("The files were added. Your answer is not sent yet."))
        else:
            messages.info(request, _("Choose files first."))
    return redirect(opened.url)


def _removed(request: HttpRequest, opened: Opened, file: int) -> HttpResponse:
    try:
        if owner_answers.take_back(opened.task, file):
            messages.success(request, _("The file was removed."))
    except collection.NotPossible as reason:
        messages.warning(request, str(reason))
    return redirect(opened.url)


def _shown(
    request: HttpRequest,
    opened: Opened,
    form: AnswerForm,
    given: list[owner_answers.Given],
    status: int = 200,
) -> HttpResponse:
    task, language = opened.task, get_language() or "ja"
    system, case = task.system, task.case
    rows = [
        SummaryRow(label=_("System"), value=system.name),
        SummaryRow(label=_("Company"), value=case.controller.name),
        SummaryRow(label=_("Answer by"), value=_day(task)),
        SummaryRow(label=_("Case number"), value=case.shown_number),
        SummaryRow(label=_("Questions go to"), value=case.controller.desk_email),
    ]
    context = {
        "task": task,
        "form": form,
        "rows": rows,
        "kind": case.rule.title.in_language(language),
        "is_search": task.purpose == SearchTask.Purpose.SEARCH,
        "given": [
            {"row": FileRow(name=row.name, size=row.size), "url": opened.remove_url(row.pk)}
            for row in given
        ],
        "is_linked": opened.is_linked,
        "url": opened.url,
        "idle_seconds": access.IDLE_MINUTES * 60,
    }
    return render(request, "owners/task.html", context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    """The same for a task that ended, one of somebody else's, and a link that never was."""
    return render(request, "owners/gone.html", status=404)


def _day(task: SearchTask) -> str:
    return clock_words.long_date(task.due_on, get_language() or "ja") if task.due_on else ""
