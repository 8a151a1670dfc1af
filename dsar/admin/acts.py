"""The pages on which the desk acts on a case: one address an act, one form a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dsar import deadlines, decision, ledger, lifecycle
from dsar.acts import ACTS
from dsar.admin import (
    act_forms,
    complaint_forms,
    decide_form,
    decision_forms,
    disclosure_forms,
    due,
    fee_forms,
    identity_forms,
    identity_notes,
    items_form,
    letter_drafts,
    link_forms,
    material_cards,
    opening,
    proof_forms,
    provision_forms,
    roles,
    search_forms,
    timeline,
    work_forms,
)
from dsar.admin.act_form import ActForm
from dsar.models import Case, Decision, StaffMember

FORMS: dict[str, type[ActForm]] = {
    form.act: form
    for form in (
        act_forms.AcceptForm,
        act_forms.StartForm,
        identity_forms.ConfirmIdentityForm,
        identity_forms.AskIdentityForm,
        act_forms.AskForm,
        act_forms.ResumeForm,
        act_forms.ExtendForm,
        fee_forms.ChargeFeeForm,
        fee_forms.PayFeeForm,
        fee_forms.WaiveFeeForm,
        decide_form.DecideForm,
        decision_forms.EndForm,
        act_forms.ApproveForm,
        act_forms.SendBackForm,
        act_forms.CloseForm,
        act_forms.WithdrawForm,
        act_forms.ReopenForm,
        link_forms.LinkForm,
        link_forms.UnlinkForm,
        link_forms.MergeForm,
        complaint_forms.CategoryForm,
        complaint_forms.InvestigateForm,
        work_forms.AssignForm,
        work_forms.NoteForm,
        work_forms.MessageForm,
        work_forms.ReadForm,
        work_forms.MethodForm,
        items_form.ItemsForm,
        search_forms.ProposeForm,
        search_forms.AddSystemsForm,
        search_forms.AskAllForm,
        search_forms.AddMaterialForm,
        identity_notes.LevelForm,
        identity_notes.AgentKindForm,
        identity_notes.ProofForm,
        identity_notes.AuthorityForm,
        identity_notes.RejectIdentityForm,
        identity_notes.PaperForm,
        proof_forms.PostForm,
        proof_forms.DeliveryForm,
        proof_forms.JudgeProofForm,
        *disclosure_forms.FORMS,
        provision_forms.DiscloseRecordsForm,
    )
}

FORWARD = ("accept", "start", "confirm_identity", "resume", "pay_fee", "decide", "approve", "close")
"""Acts that bring the case nearer to its end: the buttons that stand first."""
RARE = ("waive_fee", "merge", "end_without_decision", "withdraw", "reopen")
"""Acts that are kept apart, so that nobody presses them by mistake."""


_BACK: dict[str, dict[str, str]] = {"edit": {}, "each": {"each": "1"}, "alike": {"each": ""}}
"""Buttons of a form with a preview that lead back to the form, and what they set in it."""


@dataclass(frozen=True, slots=True)
class Button:
    """One act that is possible now."""

    act: str
    label: str
    url: str
    weight: str  # first, second, rare


def buttons(case: Case, user: StaffMember, today: date) -> list[Button]:
    """The acts of the lifecycle that the user may do now, the way forward first."""
    found = []
    for act in lifecycle.possible(case, ledger.staff(user), today):
        form = FORMS.get(act)
        if form is None or form.refusal(case, user, today) is not None:
            continue  # "propose" is what "decide" does where four eyes are wanted
        weight = "first" if act in FORWARD else "rare" if act in RARE else "second"
        found.append(Button(act, form.title(case), url(case, act), weight))
    order = {"first": 0, "second": 1, "rare": 2}
    return sorted(found, key=lambda button: order[button.weight])


def url(case: Case, act: str) -> str:
    """The address of an act's page."""
    return reverse("admin:dsar_case_act", args=[case.pk, act])


def page_url(case: Case) -> str:
    """The address of the case's page."""
    return reverse("admin:dsar_case_change", args=[case.pk])


def page(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Show the form of an act, or do it.

    Raises:
        Http404: no such act, or no case of the user's.
    """
    kind = FORMS.get(act)
    if kind is None:
        raise Http404
    case = opening.find(request, pk)
    user, at = roles.officer(request), timezone.now()
    today = deadlines.today(case, at)
    if case.key.destroyed_at is not None:
        gone = _("The content of this case was destroyed; nothing can be done with it any more.")
        return refused(request, case, kind, gone)
    posted = request.method == "POST"
    form = kind(case, user, at, request.POST, request.FILES) if posted else kind(case, user, at)
    if posted and kind.guards and form["seen"].data != str(case.version) and _may(kind, user):
        return _conflict(request, form, None)
    refusal = kind.refusal(case, user, today)
    if refusal is not None:
        return refused(request, case, kind, refusal, form if posted else None)
    if not posted:
        return shown(request, form)
    step = request.POST.get("step", "")
    if kind.previews and step in _BACK:
        kept = {name: request.POST.get(name, "") for name in form.fields} | _BACK[step]
        return shown(request, kind(case, user, at, initial=kept))
    if not form.is_valid():
        return shown(request, form)
    if isinstance(form, decision_forms.DecisionForm) and not form.check():
        return shown(request, form)
    if kind.shows_letter and step == "letter":
        return letter_drafts.draft(request, form.letter())
    if isinstance(form, decision_forms.DecisionForm) and step != "confirm":
        goes = material_cards.what_goes(case) if form.gives() else {}
        more = {"reading": form.reading(), "sheet": form.letter(), **goes}
        return shown(request, form, "admin/dsar/case/preview.html", **more)
    try:
        if not form.attempt():
            return shown(request, form)
    except lifecycle.Conflict as conflict:
        return _conflict(request, form, conflict)
    messages.success(request, form.done())
    return redirect("admin:dsar_case_change", case.pk)


def _may(kind: type[ActForm], user: StaffMember) -> bool:
    """Whether the role allows the act at all; else a conflict is not the user's business."""
    row = ACTS.get(kind.act)
    return roles.may_work(user) if row is None else any(user.has_perm(name) for name in row.who)


def context_of(request: HttpRequest, case: Case, **more: Any) -> dict[str, Any]:
    """What every page about a case needs."""
    today = deadlines.today(case, timezone.now())
    return {
        **admin.site.each_context(request),
        "opts": Case._meta,
        "case": case,
        "today": today,
        "due": due.of(case, today),
        "status_tone": due.status_tone(case.status),
        **more,
    }


def shown(
    request: HttpRequest, form: ActForm, template: str = "admin/dsar/case/act.html", **more: Any
) -> HttpResponse:
    """The page with the form of an act."""
    case = Case.objects.select_related("key", "controller", "assigned_to").get(pk=form.case.pk)
    proposed = None
    if form.act in ("approve", "send_back"):
        proposed = waiting_reading(case)
        if proposed[0].outcome in decision.GIVES:
            more |= material_cards.what_goes(case)
    context = context_of(
        request, case, title=form.title(case), form=form, proposed=proposed, **more
    )
    return TemplateResponse(request, template, context)


def waiting_reading(case: Case) -> tuple[Decision, decision_forms.Reading]:
    """The decision that waits for approval, and what the person would read."""
    row = decision.waiting(case)
    return row, decision_forms.reading(case, row)


def refused(
    request: HttpRequest,
    case: Case,
    kind: type[ActForm],
    reason: str,
    form: ActForm | None = None,
) -> HttpResponse:
    """Say why the act is not possible; 403 where the role forbids it, else 409."""
    status = 409 if _may(kind, roles.officer(request)) else 403
    context = context_of(
        request,
        case,
        title=_("This is not possible now"),
        act_title=kind.title(case),
        reason=reason,
        typed=form.typed() if form is not None and status == 409 else [],
    )
    return TemplateResponse(request, "admin/dsar/case/refused.html", context, status=status)


def _conflict(
    request: HttpRequest, form: ActForm, conflict: lifecycle.Conflict | None
) -> HttpResponse:
    """Someone else was first: show what they did, and keep what was typed."""
    case = Case.objects.select_related("key", "controller", "assigned_to").get(pk=form.case.pk)
    user, at = roles.officer(request), timezone.now()
    still = form.refusal(case, user, deadlines.today(case, at)) is None
    fresh = None
    if still:
        # What was typed goes into a form for the case as it is now.
        data = cast(QueryDict, form.data).copy()
        data["seen"] = str(case.version)
        data.pop("step", None)
        fresh = type(form)(case, user, at, data)
    events = case.events.select_related("actor").exclude(act__in=timeline.LOOKED)
    latest = list(events.order_by("-position")[:3])
    context = context_of(
        request,
        case,
        title=_("The case was changed meanwhile"),
        act_title=form.title(case),
        message=str(conflict) if conflict else "",
        latest=timeline.of(case, latest),
        form=fresh,
        typed=[] if fresh else form.typed(),
    )
    return TemplateResponse(request, "admin/dsar/case/conflict.html", context, status=409)
