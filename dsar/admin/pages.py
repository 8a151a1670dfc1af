"""Lists: their pages, not counted to the end, and their headings."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.text import capfirst

COUNTED = 5_000
"""Up to here rows are counted exactly; nobody leafs further, filters are quicker."""


class BoundedPaginator(Paginator):
    """Counts at most `COUNTED` + 1 rows, once an instance.

    The database stops counting there, so a page costs the same in a table of a million rows.
    """

    @cached_property
    def count(self) -> int:
        """The number of rows that can be leafed through."""
        return min(self._counted, COUNTED)

    @property
    def is_more(self) -> bool:
        """Whether there are rows beyond."""
        return self._counted > COUNTED

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        if hasattr(rows, "order_by"):
            return int(rows.order_by()[: COUNTED + 1].count())
        return len(rows)


def links(request: HttpRequest, last: int, here: int) -> dict[str, Any]:
    """Addresses of the page before and after, keeping what the list is narrowed to."""

    def url(number: int) -> str:
        query = request.GET.copy()
        query["p"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "here": here,
        "last": last,
        "before": url(here - 1) if here > 1 else "",
        "after": url(here + 1) if here < last else "",
    }


class NamedList:
    """A short list headed by what it holds, not by a request to choose one."""

    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The admin's list with its own heading."""
        title = capfirst(self.model._meta.verbose_name_plural)  # type: ignore[attr-defined]
        more = {"title": title, **(extra_context or {})}
        return super().changelist_view(request, more)  # type: ignore[misc]


class ReadOnly:
    """A list in which nothing is added, changed or deleted; what is done to a row is an act."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
