"""Entering a request that came on paper, by telephone, at the counter or by e-mail."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import files, filing, law, ledger, reference, vault
from dsar.admin import acts, law_words, opening, roles
from dsar.admin.entry_form import ArrivalForm
from dsar.clock_words import long_date
from dsar.law import shelf
from dsar.models import (
    Case,
    CaseKey,
    Channel,
    Controller,
    IntakeDraft,
    RequesterRole,
    StaffMember,
)
from dsar.questions import DeskForms, Unfinished, desk_forms, rules_at, to_filing

_HEADINGS = {
    "requester": gettext_lazy("Who makes the request"),
    "agent": gettext_lazy("The agent (only if one acts for the person)"),
    "principal": gettext_lazy("The person concerned"),
    "address": gettext_lazy("Address of the person concerned"),
    "contact": gettext_lazy("How to reach the person concerned"),
    "scope": gettext_lazy("Which data is meant"),
    "ground": gettext_lazy("Grounds"),
    "complaint": gettext_lazy("The complaint"),
    "purpose_objection": gettext_lazy("Situation of the person"),
    "method": gettext_lazy("How the answer is to be given"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """The kinds of one rule set that a controller answers."""

    controller: Controller
    rules: law.RuleSet
    kinds: list[tuple[str, str, str]]  # title, article, address


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: a heading and its form."""

    name: str
    heading: Any
    form: Any


def _opened(request: HttpRequest) -> StaffMember:
    """The user, if requests may be entered. Raises PermissionDenied."""
    user = roles.officer(request)
    if not roles.may_file(user):
        raise PermissionDenied
    return user


def choose(request: HttpRequest) -> HttpResponse:
    """Choose the controller and the kind."""
    user = _opened(request)
    offers = list(_offers(roles.own_controllers(user), timezone.now()))
    context = {
        **admin.site.each_context(request),
        "title": _("Enter a request"),
        "offers": offers,
        "several": len({offer.controller.pk for offer in offers}) > 1,
        "several_rules": len({offer.rules.regime for offer in offers}) > 1,
    }
    return TemplateResponse(request, "admin/dsar/case/choose.html", context)


def _offers(controllers: list[Controller], at: datetime) -> Iterator[Offer]:
    language = law_words.language()
    for controller in controllers:
        for regime in controller.regimes:
            rules = rules_at(regime, at) if controller.is_active else None
            if rules is None:
                continue
            kinds = [
                (
                    kind.title.in_language(language),
                    kind.article_label.in_language(language),
                    reverse("admin:dsar_case_enter", args=[controller.code, regime, kind.code]),
                )
                for kind in rules.kinds.values()
            ]
            yield Offer(controller, rules, kinds)


def enter(request: HttpRequest, controller: str, regime: str, kind: str) -> HttpResponse:
    """The page of questions for one kind; filing it leads to the receipt.

    Raises:
        Http404: no such kind, or a controller that is not the user's.
    """
    user, at = _opened(request), timezone.now()
    owner = user.controllers.filter(code=controller, is_active=True).first()
    if owner is None or regime not in owner.regimes:
        raise Http404
    posted = request.method == "POST"
    given: tuple[Any, ...] = ()
    if posted:
        earlier = _filed_before(request.POST.get("arrival-entry", ""))
        if earlier is not None:
            return redirect("admin:dsar_case_receipt", earlier.pk)
        given = (request.POST, request.FILES)
    arrival = ArrivalForm(at, *given, may_take=roles.may_work(user), prefix="arrival")
    received_at = at
    if posted:
        arrival.is_valid()
        received_at = arrival.cleaned_data.get("received_at", at)
    rules = rules_at(regime, received_at)
    if rules is None or kind not in rules.kinds:
        if not posted:
            raise Http404
        rules, received_at = rules_at(regime, at), at
        if rules is None or kind not in rules.kinds:
            raise Http404
        arrival.add_error("received_on", _too_early(rules))
    asked = desk_forms(
        rules, rules.kinds[kind], owner, at=received_at, data=request.POST if posted else None
    )
    _word_for_desk(asked)
    if posted and _all_valid(asked, arrival):
        try:
            case = _file(asked, arrival, user, at)
        except files.Unacceptable as unacceptable:
            arrival.add_error("uploads", str(unacceptable))
        except Unfinished as unfinished:
            arrival.add_error(
                None, _("“%(part)s” is not complete.") % {"part": _heading(asked, unfinished.step)}
            )
        else:
            return redirect("admin:dsar_case_receipt", case.pk)
    context = {
        **admin.site.each_context(request),
        "title": rules.kinds[kind].title.in_language(law_words.language()),
        "article": rules.kinds[kind].article_label.in_language(law_words.language()),
        "controller": owner,
        "sections": [
            Section("arrival", _("How it arrived"), arrival),
            *(Section(name, _heading(asked, name), form) for name, form in asked.forms.items()),
        ],
        "forms": [arrival, *asked],
    }
    return TemplateResponse(request, "admin/dsar/case/enter.html", context)


def _word_for_desk(asked: DeskForms) -> None:
    """The officer answers about someone else; the agent's fields count only if there is one."""
    requester = asked.forms.get("requester")
    if requester is not None:
        role: Any = requester.fields["role"]
        role.label = _("Who makes the request?")
        role.error_messages["required"] = _("Choose who makes the request.")
        role.choices, role.widget.hints = RequesterRole.choices, {}
    if "agent" in asked.forms:
        asked.forms["agent"].show_requirement = False


def _too_early(rules: law.RuleSet) -> str:
    """Why a day of receipt before the oldest known version of the rules cannot be entered."""
    first = shelf.book().versions(rules.regime)[0].effective_from
    return _("The rules kept here apply from %(day)s. Earlier requests cannot be entered.") % {
        "day": long_date(first, law_words.language())
    }


def _heading(asked: DeskForms, name: str) -> Any:
    return _HEADINGS.get(name) or asked.title_of(name)


def _all_valid(asked: DeskForms, arrival: ArrivalForm) -> bool:
    """Both are asked, so that every fault is shown at once."""
    valid = asked.is_valid()
    return arrival.is_valid() and valid


def _filed_before(token: str) -> Case | None:
    """The case that this page made before, when its button was pressed twice."""
    if not token:
        return None
    draft = IntakeDraft.objects.select_related("case").filter(token_digest=_digest(token)).first()
    return draft.case if draft else None


def _digest(token: str) -> bytes:
    return vault.keyed_digest("desk entry", token)


def _file(asked: DeskForms, arrival: ArrivalForm, user: StaffMember, at: datetime) -> Case:
    """Seal the scans, file the request, and keep the receipt code until it is handed over."""
    given = arrival.cleaned_data
    for upload in given["uploads"]:
        files.check(upload)
    wanted = to_filing(
        asked.matter(),
        received_at=given["received_at"],
        language=given["language"],
        channel=given["channel"],
    )
    if given.get("take_it"):
        wanted = dataclasses.replace(wanted, assigned_to=user)
    code = reference.new_receipt_code()
    with transaction.atomic():
        key = CaseKey.fresh()
        key.save(force_insert=True)
        draft = IntakeDraft.objects.create(
            token_digest=_digest(given["entry"]),
            key=key,
            receipt_code=code,
            language=given["language"],
            expires_at=at + timedelta(days=settings.DRAFT_DAYS),
        )
        for upload in given["uploads"]:
            files.store(upload, at=at, draft=draft)
        return filing.file(wanted, by=ledger.staff(user), at=at, receipt_code=code, draft=draft)


def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt to print or hand over, with the code that is shown only here.

    The code of a request made on the web is the person's alone and never shown.

    Raises:
        Http404: no such case of the user's, or one that came by the web form.
    """
    user = _opened(request)
    case = opening.find(request, pk)
    draft = IntakeDraft.objects.filter(case=case).exclude(receipt_code=b"").first()
    if case.channel == Channel.WEB:
        raise Http404
    if request.method == "POST":
        if draft is not None:
            with transaction.atomic():
                draft.receipt_code = ""
                draft.save(update_fields=["receipt_code", "updated_at"])
                ledger.append(case, "receipt_given", by=ledger.staff(user), at=timezone.now())
            messages.success(request, _("The receipt code is no longer shown."))
        return redirect("admin:dsar_case_change", case.pk)
    contact = case.contact()
    context = acts.context_of(
        request,
        case,
        title=_("Receipt"),
        code=reference.show_receipt_code(draft.receipt_code) if draft else "",
        kind_title=case.rule.title,
        contact=contact,
        status_url=settings.PUBLIC_URL + reverse("requester:login"),
        address=case.controller.address_in(case.language),
        controller_name=case.controller.name_in(case.language),
        decision=case.deadlines.filter(code="decision").first(),
    )
    return TemplateResponse(request, "admin/dsar/case/receipt.html", context)
