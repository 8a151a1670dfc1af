"""What the queue can be narrowed to; choices show the user's own controllers only.

The admin's machinery reads the addresses; how the filters look is the queue's own template.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dsar.admin import due, search
from dsar.admin.roles import officer, own_controllers
from dsar.law import shelf
from dsar.models import NO_DUE, Case, Controller, Status

OPEN, ALL = "open", "all"
FOUND = "found"


class Choice(admin.SimpleListFilter):
    """One drop-down of the queue; an unknown value in the address narrows nothing."""

    empty: Any = _("All")

    def has_output(self) -> bool:
        """Always: a filter that is not listed is not applied either."""
        return True

    def options(self) -> Iterator[tuple[str, Any, bool]]:
        """Value, label and whether it is chosen; first the one that narrows nothing."""
        chosen = self.value()
        known = {str(value) for value, _label in self.lookup_choices}
        yield "", self.empty, chosen not in known
        for value, label in self.lookup_choices:
            yield str(value), label, str(value) == chosen


class StatusFilter(Choice):
    """Open cases unless another status, or a search, is asked for."""

    title = _("Status")
    parameter_name = "status"
    empty = _("Open cases")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every status, and all."""
        self.searching = FOUND in request.GET
        if self.searching:
            self.empty = _("All cases")
            return [(OPEN, _("Open cases")), *Status.choices]
        return [*Status.choices, (ALL, _("All cases"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Cases of the status."""
        chosen = self.value()
        if chosen in Status.values:
            return queryset.filter(status=chosen)
        if chosen == ALL or (self.searching and chosen != OPEN):
            return queryset
        return queryset.exclude(status=Status.CLOSED)


class AssigneeFilter(Choice):
    """Whose cases."""

    title = _("Assigned to")
    parameter_name = "who"
    empty = _("Everyone")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The user, and nobody."""
        return [("mine", _("Me")), ("nobody", _("Nobody yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Cases in those hands."""
        if self.value() == "mine":
            return queryset.filter(assigned_to=officer(request))
        if self.value() == "nobody":
            return queryset.filter(assigned_to=None)
        return queryset


class DueFilter(Choice):
    """How near the due date is."""

    title = _("Due")
    parameter_name = "due"
    empty = _("Any time")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """From overdue to nothing due."""
        return [
            ("overdue", _("Overdue")),
            ("week", _("Due within 7 days")),
            ("unpaid", _("Fee not paid in time")),
            ("stopped", _("Clock stopped")),
            ("none", _("Nothing due")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Cases due then; today is the desk's own date."""
        today = timezone.localdate()
        match self.value():
            case "overdue":
                return queryset.filter(next_due_on__lt=today)
            case "week":
                return queryset.due_within(today, due.WEEK_DAYS)  # type: ignore[attr-defined]
            case "unpaid":
                return queryset.filter(next_due_code="fee_payment", next_due_on__lt=today)
            case "stopped":
                return queryset.filter(is_stopped=True)
            case "none":
                return queryset.filter(next_due_on=NO_DUE, is_stopped=False)
        return queryset


class NewsFilter(Choice):
    """Whether the person wrote something that nobody has read."""

    title = _("News")
    parameter_name = "news"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Only those with news."""
        return [("1", _("Unread from the requester"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Cases with news."""
        return queryset.filter(has_news=True) if self.value() == "1" else queryset


class ControllerFilter(Choice):
    """One of the user's controllers; with only one there is nothing to choose."""

    title = _("Controller")
    parameter_name = "controller"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The user's controllers."""
        self.controllers: list[Controller] = own_controllers(officer(request))
        request.own_controllers = self.controllers  # type: ignore[attr-defined]
        return [(str(row.pk), row.name) for row in self.controllers]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Cases of the controllers, by their ids: the index serves that without a join."""
        mine = [row.pk for row in self.controllers]
        chosen = [pk for pk in mine if str(pk) == self.value()]
        return queryset.filter(controller__in=chosen or mine)


class KindFilter(Choice):
    """A kind of request of the rule sets that the user's controllers answer under."""

    title = _("Kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The kinds, with the rule set's name where there are several."""
        language, book = get_language() or "ja", shelf.book()
        controllers = getattr(request, "own_controllers", None)
        if controllers is None:
            controllers = own_controllers(officer(request))
        regimes = list(dict.fromkeys(code for row in controllers for code in row.regimes))
        found = []
        for regime in regimes:
            rules = book.versions(regime)[-1]
            prefix = f"{rules.short_name.in_language(language)} " if len(regimes) > 1 else ""
            found += [
                (f"{regime}:{kind.code}", prefix + kind.title.in_language(language))
                for kind in rules.kinds.values()
            ]
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """Cases of the kind."""
        regime, _colon, kind = (self.value() or "").partition(":")
        return queryset.filter(regime=regime, kind=kind) if kind else queryset


class FoundFilter(Choice):
    """What a search found: the tokens of what was typed (see `dsar.admin.search`)."""

    title = _("Search")
    parameter_name = FOUND

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Nothing to choose from."""
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        """The cases that bear one of the tokens."""
        tokens = self.value()
        return queryset.filter(pk__in=search.cases_with(tokens)) if tokens else queryset


QUEUE_FILTERS = (
    FoundFilter,
    StatusFilter,
    AssigneeFilter,
    DueFilter,
    ControllerFilter,
    KindFilter,
    NewsFilter,
)
PARAMETERS = frozenset(str(kind.parameter_name) for kind in QUEUE_FILTERS)
