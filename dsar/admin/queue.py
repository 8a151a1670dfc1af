"""The queue: the cases of the user's controllers, what is due first on top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from dsar import casework, deadlines, ledger, lifecycle, vault
from dsar.admin import due, filters, law_words, roles, saved_views, search
from dsar.admin.pages import links
from dsar.admin.work_forms import ColleagueField, assignees
from dsar.models import Case, Person, StaffMember

PER_PAGE = 100
MOST_AT_ONCE = 500
ID_DIGITS = 19
"""A number of so many digits may be beyond what the database can compare with an id."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the queue shows it."""

    case: Case
    url: str
    kind: str
    article: str
    name: str
    status: str
    status_tone: str
    due: due.Due
    assigned_to: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A view that is often wanted."""

    label: str
    url: str
    is_here: bool


_TABS: tuple[tuple[Any, dict[str, str]], ...] = (
    (gettext_lazy("Open cases"), {}),
    (gettext_lazy("My cases"), {"who": "mine"}),
    (gettext_lazy("Unassigned"), {"who": "nobody"}),
    (gettext_lazy("Overdue"), {"due": "overdue"}),
    (gettext_lazy("Due within 7 days"), {"due": "week"}),
    (gettext_lazy("News"), {"news": "1"}),
    (gettext_lazy("Waiting for approval"), {"status": "in_approval"}),
)


class Queue(ChangeList):
    """The admin's list of cases, without what the queue does not need."""

    def get_results(self, request: HttpRequest) -> None:
        """One page, counted once; a number beyond the end shows the last page, not an error."""
        pages = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.page_num = min(max(self.page_num, 1), pages.num_pages)
        self.result_count, self.full_result_count = pages.count, None
        self.show_admin_actions = self.show_full_result_count = self.can_show_all = False
        self.result_list = pages.page(self.page_num).object_list
        self.multi_page, self.paginator = pages.num_pages > 1, pages


def rows(cases: Iterable[Case], user: StaffMember) -> list[Row]:
    """What the queue shows of the cases of one page."""
    at = timezone.now()
    days: dict[str, date] = {}
    found = []
    for case in cases:
        zone = case.rules.timezone
        today = days.setdefault(zone, deadlines.today(case, at))
        holder = case.assigned_to
        found.append(
            Row(
                case=case,
                url=reverse("admin:dsar_case_change", args=[case.pk]),
                kind=law_words.kind_title(case),
                article=law_words.kind_in_short(case),
                name=_name(case),
                status=str(case.get_status_display()),
                status_tone=due.status_tone(case.status),
                due=due.of(case, today),
                assigned_to=holder.shown_name() if holder else "",
                is_mine=holder is not None and holder.pk == user.pk,
            )
        )
    return found


def with_names(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The cases with all that a row needs, in two queries whatever their number."""
    principals = Person.objects.filter(role=Person.Role.PRINCIPAL).only(
        "id", "case", "role", "name"
    )
    return (
        cases.select_related("key", "controller", "assigned_to")
        .defer("answers")
        .prefetch_related(Prefetch("people", principals, to_attr="principals"))
    )


def _name(case: Case) -> str:
    principals: list[Person] = case.principals  # type: ignore[attr-defined]
    if not principals:
        return ""
    try:
        return str(principals[0].name)
    except vault.VaultError:
        return _("(cannot be read)")


def context(request: HttpRequest, queue: Queue) -> dict[str, Any]:
    """What the queue's template needs beside the admin's own."""
    user = roles.officer(request)
    specs = cast(list[filters.Choice], queue.filter_specs)
    own = next(spec for spec in specs if isinstance(spec, filters.ControllerFilter))
    controllers = own.controllers
    works = roles.may_work(user)
    shown = rows(queue.result_list, user)
    tabs = _tabs(request)
    views = saved_views.saved(user, request.GET.urlencode())
    assign_form = None
    if works and shown:
        assign_form = AssignForm(assignees(controllers), initial={"to": user})
    return {
        "title": _("Cases"),
        "rows": shown,
        "tabs": tabs,
        "opens_filters": bool(request.GET)
        and not any(tab.is_here for tab in tabs)
        and not any(view["is_here"] for view in views),
        "filters": [
            spec
            for spec in specs
            if spec.parameter_name != filters.FOUND
            and not (spec.parameter_name == "controller" and len(controllers) < 2)
        ],
        "found": request.GET.get(filters.FOUND, ""),
        "is_narrowed": any(key not in ("p", "e") for key in request.GET),
        "shows_controller": len(controllers) > 1,
        "has_controllers": bool(controllers),
        "assign_form": assign_form,
        "saved_views": views,
        "saves_view": bool(saved_views.clean_query(request.GET.urlencode())),
        "back": request.GET.urlencode(),
        "empty": _empty(request, bool(controllers)),
        "may_file": roles.may_file(user),
        "counted": queue.paginator,
        "pages": links(request, queue.paginator.num_pages, queue.page_num),
    }


def _tabs(request: HttpRequest) -> list[Tab]:
    here = {key: value for key, value in request.GET.items() if value and key != "p"}
    found = []
    for label, params in _TABS:
        query = QueryDict(mutable=True)
        query.update(params)
        url = f"?{query.urlencode()}" if params else reverse("admin:dsar_case_changelist")
        found.append(Tab(str(label), url, here == params))
    return found


def _empty(request: HttpRequest, has_controllers: bool) -> str:
    """What is said when there is no row: why, and what to do."""
    asked = {key: value for key, value in request.GET.items() if value and key != "p"}
    if not has_controllers:
        return _("No controller is assigned to you yet. Ask an administrator to add one.")
    if filters.FOUND in asked:
        return _(
            "Nobody was found. The search needs the whole name, e-mail address, telephone or "
            "customer number, or the 12-digit case number."
        )
    if asked == {"who": "mine"}:
        return _("No open case is assigned to you.")
    if asked == {"who": "nobody"}:
        return _("Every open case has someone who looks after it.")
    if asked == {"due": "overdue"}:
        return _("Nothing is overdue.")
    if asked == {"due": "week"}:
        return _("Nothing is due within the next 7 days.")
    if asked == {"news": "1"}:
        return _("There is nothing unread.")
    if asked == {"status": "in_approval"}:
        return _("No decision waits for approval.")
    if asked:
        return _("No case fits these choices.")
    return _("There are no open cases.")


class AssignForm(forms.Form):
    """To whom the chosen cases go."""

    to = ColleagueField()

    def __init__(self, people: QuerySet[StaffMember], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(ColleagueField, self.fields["to"]).queryset = people


def back(request: HttpRequest) -> HttpResponse:
    """To the queue as it was narrowed."""
    query = QueryDict(request.POST.get("back", ""), mutable=True)
    for key in list(query):
        if key not in filters.PARAMETERS | {"p"}:
            del query[key]
    url = reverse("admin:dsar_case_changelist")
    return redirect(f"{url}?{query.urlencode()}" if query else url)


def chosen(values: list[str]) -> dict[int, int | None]:
    """The chosen cases' ids, each with the number beside it: who had it (0: nobody), or version."""
    found: dict[int, int | None] = {}
    for value in values[:MOST_AT_ONCE]:
        numbers = value.split("-")
        if all(number.isdecimal() and len(number) < ID_DIGITS for number in numbers[:2]):
            found[int(numbers[0])] = int(numbers[1]) if len(numbers) > 1 else None
    return found


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Assign the chosen cases; each that could not be assigned is named with the reason."""
    user, at = roles.officer(request), timezone.now()
    if not roles.may_work(user):
        messages.error(request, _("Your role does not allow this."))
        return back(request)
    holders = chosen(request.POST.getlist("ids"))
    form = AssignForm(assignees(roles.own_controllers(user)), request.POST)
    if not holders:
        messages.warning(request, _("Choose the cases to assign first."))
        return back(request)
    if not form.is_valid():
        messages.error(request, _("Choose someone who may work on these cases."))
        return back(request)
    to = form.cleaned_data["to"]
    cases = Case.objects.visible_to(user).select_related("controller", "assigned_to", "key")
    found = cases.filter(pk__in=holders).order_by("next_due_on", "id")
    done: list[str] = []
    for case in found:
        try:
            if holders[case.pk] not in (None, case.assigned_to_id or 0):
                raise lifecycle.NotAllowed(casework.meanwhile(case.assigned_to))
            casework.assign(case, to, by=ledger.staff(user), at=at)
        except lifecycle.NotAllowed as refused:
            messages.error(
                request,
                format_html("{}: {}", case.shown_number, str(refused)),
            )
        else:
            done.append(case.shown_number)
    if done:
        messages.success(request, _assigned(done, to))
    missing = len(holders) - len(found)
    if missing:
        messages.warning(
            request,
            ngettext("%(count)d case was not found.", "%(count)d cases were not found.", missing)
            % {"count": missing},
        )
    return back(request)


def _assigned(numbers: list[str], to: StaffMember | None) -> str:
    facts = {
        "count": len(numbers),
        "numbers": ", ".join(numbers),
        "name": to.shown_name() if to else "",
    }
    if to is None:
        return (
            ngettext(
                "%(count)d case was handed back: %(numbers)s",
                "%(count)d cases were handed back: %(numbers)s",
                len(numbers),
            )
            % facts
        )
    return (
        ngettext(
            "%(count)d case was assigned to %(name)s: %(numbers)s",
            "%(count)d cases were assigned to %(name)s: %(numbers)s",
            len(numbers),
        )
        % facts
    )


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Search: a number leads to its case, anything else to the cases that bear it exactly."""
    user = roles.officer(request)
    typed = request.POST.get("typed", "")[:200].strip()
    if not typed:
        return redirect("admin:dsar_case_changelist")
    case = search.by_number(typed, user)
    if case is not None:
        return redirect("admin:dsar_case_change", case.pk)
    tokens = search.tokens_of(typed)
    if search.looks_like_number(typed) and not search.cases_with(tokens):
        messages.warning(
            request,
            _("None of your controllers has a case with this number. Check the digits."),
        )
        return redirect("admin:dsar_case_changelist")
    query = QueryDict(mutable=True)
    query[filters.FOUND] = tokens or "-"
    return redirect(f"{reverse('admin:dsar_case_changelist')}?{query.urlencode()}")
