"""Views of the queue that an officer keeps under a name of their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dsar.admin import filters, roles
from dsar.models import SavedView

MOST = 20
"""Views one person may keep; they stand above the queue."""


def clean_query(query: str) -> str:
    """The filters of an address in a fixed order, without page, search and empty choices."""
    given = QueryDict(query)
    kept = QueryDict(mutable=True)
    for name in sorted(filters.PARAMETERS - {filters.FOUND}):
        if value := given.get(name, "")[:60]:
            kept[name] = value
    return kept.urlencode()


def saved(user: Any, query: str) -> list[dict[str, Any]]:
    """The user's views as the queue shows them (one query)."""
    here = clean_query(query)
    return [
        {"row": view, "url": f"?{view.query}", "is_here": view.query == here}
        for view in SavedView.objects.filter(owner=user)
    ]


class _NameForm(forms.ModelForm):
    class Meta:
        model = SavedView
        fields = ["name"]


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what the queue is narrowed to; the same name again replaces the view."""
    user = roles.officer(request)
    query = clean_query(request.POST.get("back", ""))
    back = redirect(f"{reverse('admin:dsar_case_changelist')}?{query}")
    form = _NameForm(request.POST)
    if not query:
        messages.warning(request, _("Narrow the list down first, then save it."))
    elif not form.is_valid():
        messages.error(request, _("Give the view a name of at most 40 characters."))
    else:
        name = form.cleaned_data["name"]
        mine = SavedView.objects.filter(owner=user)
        if mine.exclude(name=name).count() >= MOST:
            messages.error(
                request,
                _("You keep %(most)d views already. Delete one first.") % {"most": MOST},
            )
            return back
        _keep(user, name, query)
        messages.success(request, _("The view “%(name)s” was saved.") % {"name": name})
    return back


def _keep(user: Any, name: str, query: str) -> None:
    at = timezone.now()
    try:
        with transaction.atomic():
            SavedView.objects.update_or_create(
                owner=user, name=name, defaults={"query": query, "created_at": at}
            )
    except IntegrityError:  # pressed twice: the other one kept it
        SavedView.objects.filter(owner=user, name=name).update(query=query, created_at=at)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of the user's views.

    Raises:
        Http404: no such view of the user's.
    """
    view = SavedView.objects.filter(pk=pk, owner=roles.officer(request)).first()
    if view is None:
        raise Http404
    view.delete()
    messages.success(request, _("The view “%(name)s” was deleted.") % {"name": view.name})
    return redirect("admin:dsar_case_changelist")
