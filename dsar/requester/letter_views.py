"""The letters of the case, to read on the page and to take away as PDF."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from dsar import ledger, letter_markup, letters, limits
from dsar.models import Case, Letter
from dsar.requester import access, overview
from dsar.requester.views import hand_out, of_the_case


def find(case: Case, pk: int) -> Letter:
    """The issued letter of this case. Raises Http404 if there is none."""
    found = next((row for row in letters.issued(case) if row.pk == pk), None)
    if found is None:
        raise Http404
    return found


@require_safe
@of_the_case
def read(request: HttpRequest, case: Case, at: datetime, pk: int) -> HttpResponse:
    """The letter as a page; that it was opened is noted."""
    letter = find(case, pk)
    with transaction.atomic():
        facts = {"letter": letter.pk}
        ledger.append(case, "view_file", by=ledger.REQUESTER, at=at, facts=facts)
    context = {
        "case": case,
        "letter": letter,
        "shown": overview.shown_letter(letter),
        "blocks": letter_markup.parse(letter.body),
        "digest": bytes(letter.digest).hex(),
        "idle_seconds": access.IDLE_MINUTES * 60,
    }
    return render(request, "requester/issued_letter.html", context)


@require_GET
@of_the_case
def download(request: HttpRequest, case: Case, at: datetime, pk: int) -> HttpResponseBase:
    """The letter as PDF."""
    letter = find(case, pk)
    if letter.pdf is None:
        raise Http404
    if not limits.hit("document", request):
        return limits.too_many_requests(request, "document")
    return hand_out(request, case, letter.pdf, at=at, facts={"letter": letter.pk})
