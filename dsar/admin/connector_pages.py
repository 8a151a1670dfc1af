"""Pages about the runs of a case's connectors: progress, another try, and the approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dsar import ledger
from dsar.acts import APPROVE
from dsar.admin import acts, connector_card, opening, roles
from dsar.components import PortalForm
from dsar.connectors import at_desk
from dsar.models import Case, ConnectorRun


class ApproveForm(PortalForm):
    """The number of rows, typed again: nobody approves without having read it."""

    rows = forms.IntegerField(
        label=gettext_lazy("Number of rows, to confirm"),
        help_text=gettext_lazy("Type the number of rows that the change may touch."),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "input-short"}
        ),
    )

    def __init__(self, count: int, data: Any = None) -> None:
        super().__init__(data)
        self.count = count

    def clean_rows(self) -> int:
        """The number of the dry run. Raises ValidationError for another."""
        given: int = self.cleaned_data["rows"]
        if given != self.count:
            raise ValidationError(
                _("Type %(count)d, the number of the dry run.") % {"count": self.count}
            )
        return given


def urls(view: Callable[[Any], Any]) -> list[URLPattern]:
    """The addresses below a case."""
    return [
        path("<int:pk>/connectors/", view(progress), name="dsar_case_connectors"),
        *(
            path(
                f"<int:pk>/connectors/<int:run>/{name}/",
                view(page),
                name=f"dsar_case_connector_{name}",
            )
            for name, page in (
                ("retry", retry),
                ("again", again),
                ("nothing", nothing),
                ("approve", approve),
            )
        ),
    ]


@never_cache
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The body of the card as it stands now, for the script that keeps it current.

    Raises:
        Http404: no such case of the user's, or nothing to show.
    """
    case = opening.find(request, pk, looks=False)
    card = connector_card.of(case, roles.officer(request))
    if card is None or case.key.destroyed_at is not None:
        raise Http404
    shown = {"case": case, "connectors": card, "is_update": True}
    return render(request, "admin/dsar/case/connectors.html", shown)


@require_POST
def retry(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """Try a step again at once."""
    case, row = _found(request, pk, run)

    def do(by: ledger.Actor, at: Any) -> str:
        at_desk.retry(row, by=by, at=at)
        return _("“%(system)s” is asked again.") % {"system": row.task.system.name}

    return _done(request, case, do)


@require_POST
def again(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """Start over with a new dry run."""
    case, row = _found(request, pk, run)

    def do(by: ledger.Actor, at: Any) -> str:
        at_desk.begin_again(row.task, by=by, at=at)
        return _("A new dry run was started for “%(system)s”.") % {"system": row.task.system.name}

    return _done(request, case, do)


@require_POST
def nothing(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """Answer a task for which there was nothing to change."""
    case, row = _found(request, pk, run)

    def do(by: ledger.Actor, at: Any) -> str:
        at_desk.note_nothing(row, by=by, at=at)
        return _("It was recorded that “%(system)s” holds nothing to change.") % {
            "system": row.task.system.name
        }

    return _done(request, case, do)


@never_cache
def approve(request: HttpRequest, pk: int, run: int) -> HttpResponse:
    """What a dry run showed; who may approve it has the button."""
    case, row = _found(request, pk, run)
    user = roles.officer(request)
    if row.step != ConnectorRun.Step.DRY_RUN or not (
        roles.may_work(user) or user.has_perm(APPROVE)
    ):
        raise Http404
    refusal = at_desk.why_not_approve(row, ledger.staff(user))
    posted = request.POST if request.method == "POST" else None
    form = ApproveForm(row.rows or 0, posted)
    if posted is not None and refusal is None and form.is_valid():
        try:
            at_desk.approve(row, by=ledger.staff(user), at=timezone.now())
        except at_desk.NotPossible as error:
            refusal = str(error)
        else:
            done = _("The change at “%(system)s” was approved and is being made.")
            messages.success(request, done % {"system": row.task.system.name})
            return _back(case)
    context = acts.context_of(
        request,
        case,
        title=_("Change at “%(system)s”") % {"system": row.task.system.name},
        run=row,
        refusal=refusal,
        form=form,
        statement=statement_of(row),
        sample=[
            [line.get(name, "") for name in row.sample["columns"]]
            for line in row.sample.get("rows", [])
        ],
    )
    status = 409 if posted is not None and refusal else 200
    template = "admin/dsar/case/connector_approve.html"
    return TemplateResponse(request, template, context, status=status)


def statement_of(run: ConnectorRun) -> str:
    """The declared statement or call, as the administrator wrote it."""
    for change in run.task.system.settings.get("changes", []):
        if run.kind in change.get("kinds", ()):
            if "statement" in change:
                return str(change["statement"])
            parts = (change.get("method", "POST"), change.get("url", ""), change.get("body", ""))
            return " ".join(filter(None, parts))
    return ""


def _found(request: HttpRequest, pk: int, run: int) -> tuple[Case, ConnectorRun]:
    """The run of a case of the user's.

    Raises:
        Http404: there is none.
    """
    case = opening.find(request, pk, looks=request.method == "GET")
    rows = ConnectorRun.objects.filter(task__case=case).exclude(state="cancelled")
    row = rows.select_related("task__system", "started_by").filter(pk=run).first()
    if row is None or case.key.destroyed_at is not None:
        raise Http404
    row.task.case = case
    return case, row


def _done(request: HttpRequest, case: Case, do: Callable[[ledger.Actor, Any], str]) -> HttpResponse:
    user = roles.officer(request)
    if not roles.may_work(user):
        messages.error(request, _("Your role does not allow this."))
        return _back(case)
    try:
        messages.success(request, do(ledger.staff(user), timezone.now()))
    except at_desk.NotPossible as error:
        messages.error(request, str(error))
    return _back(case)


def _back(case: Case) -> HttpResponse:
    return redirect(f"{reverse('admin:dsar_case_change', args=[case.pk])}#connectors")
