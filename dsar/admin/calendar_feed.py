"""An officer's due dates as a calendar (iCalendar, RFC 5545) that calendar programs subscribe to.

The address holds a secret of 256 bits, kept as a keyed digest and shown once. What it leads to
names case numbers and duties, nothing personal; a lost address is renewed with one click.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from dsar import limits, vault
from dsar.admin import law_words, roles
from dsar.models import NO_DUE, CalendarLink, Case, StaffMember, Status

MOST = 1000


def page(request: HttpRequest) -> HttpResponse:
    """Make, renew or remove one's own address.

    Raises:
        PermissionDenied: the user sees no cases.
    """
    user = roles.officer(request)
    if not roles.may_view(user):
        raise PermissionDenied
    if request.method == "POST":
        if "remove" in request.POST:
            CalendarLink.objects.filter(owner=user).delete()
            messages.success(request, _("The calendar address no longer works."))
            return redirect("admin:dsar_calendar")
        token = vault.new_token()
        CalendarLink.objects.update_or_create(
            owner=user,
            defaults={"digest": _digest(token), "created_at": timezone.now()},
        )
        address = reverse("admin:dsar_calendar_feed", args=[token])
        return _shown(request, f"{settings.PUBLIC_URL}{address}")
    return _shown(request, "")


def _shown(request: HttpRequest, address: str) -> HttpResponse:
    link = CalendarLink.objects.filter(owner=roles.officer(request)).first()
    context = {
        **admin.site.each_context(request),
        "title": _("Due dates in your calendar"),
        "link": link,
        "address": address,
    }
    response = TemplateResponse(request, "admin/dsar/calendar.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind an address.

    Raises:
        Http404: unknown, renewed or removed, or its owner may no longer see cases.
    """
    if not limits.hit("calendar", request):
        return limits.too_many_requests(request, "calendar")
    link = CalendarLink.objects.select_related("owner").filter(digest=_digest(token[:100])).first()
    if link is None or not roles.may_view(link.owner):
        raise Http404
    with override(link.owner.language):
        body = calendar_of(link.owner, timezone.now()).to_ical()
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = 'inline; filename="due-dates.ics"'
    return response


def calendar_of(user: StaffMember, at: datetime) -> Calendar:
    """The due dates of the open cases that are assigned to the user, a day each."""
    calendar = Calendar()
    calendar.add("prodid", "-//Madoguchi//due dates//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Due dates of requests"))
    for event in _events(user, at):
        calendar.add_component(event)
    return calendar


def _events(user: StaffMember, at: datetime) -> Iterator[Event]:
    cases = (
        Case.objects.visible_to(user)
        .filter(assigned_to=user, next_due_on__lt=NO_DUE)
        .exclude(status=Status.CLOSED)
        .select_related("controller")
        .defer("answers")
        .order_by("next_due_on", "id")[:MOST]
    )
    host = settings.PUBLIC_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    for case in cases:
        event = Event()
        event.add("uid", f"{case.number}-{case.next_due_code}@{host}")
        event.add("dtstamp", at)
        event.add("dtstart", case.next_due_on)
        event.add("dtend", case.next_due_on + timedelta(days=1))
        duty = law_words.duty_title(case, case.next_due_code)
        event.add("summary", f"{case.shown_number} {duty}")
        event.add("description", law_words.kind_title(case))
        url = reverse("admin:dsar_case_change", args=[case.pk])
        event.add("url", f"{settings.PUBLIC_URL}{url}")
        event.add("transp", "TRANSPARENT")  # a due date does not make anybody busy
        yield event


def _digest(token: str) -> bytes:
    return vault.keyed_digest("calendar", token)
