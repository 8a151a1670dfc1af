"""Receiving what was released: a fresh code by mail, then the file, each time anew."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dsar import files, limits, release, vault
from dsar.models import Case, Download, Release
from dsar.requester import access
from dsar.requester.forms import CodeForm
from dsar.requester.views import not_possible, of_the_case

log = logging.getLogger(__name__)


@of_the_case
def receive(request: HttpRequest, case: Case, at: datetime, pk: int) -> HttpResponseBase:
    """Ask for the code sent for this release; with it, show the button or the passphrase."""
    row = _find(case, pk)
    closed = release.why_closed(row, at)
    if closed:
        return not_possible(request, closed)
    claim = access.release_claim(request.session, row, at=at)
    form = CodeForm(request.POST or None) if claim else None
    if request.method == "POST" and claim and form and form.is_valid():
        if not limits.hit("one_time_code", request):
            return limits.too_many_requests(request, "one_time_code")
        if access.enter(claim, form.cleaned_data["code"], at=at):
            access.unlock(request.session, claim, at=at)
            return redirect("requester:receive", pk)
        form.add_error(
            "code",
            _(
                "This code is wrong, was used already, or is too old. Use the code in the newest "
                "e-mail, or have a new one sent."
            ),
        )
    is_unlocked = access.is_unlocked(request.session, row, at=at)
    passphrase = ""
    if is_unlocked and row.way != Release.Way.PORTAL:
        access.lock(request.session)  # shown once a code
        passphrase = release.note_passphrase_read(row, at)
    context = {
        "case": case,
        "release": row,
        "form": form if not is_unlocked else None,
        "is_unlocked": is_unlocked,
        "passphrase": passphrase,
        "is_file": row.way == Release.Way.PORTAL,
        "left": row.allowed - row.fetched,
        "minutes": access.CODE_MINUTES,
        "attempts": access.MAX_ATTEMPTS,
    }
    return render(request, "requester/receive.html", context)


@require_POST
@of_the_case
def send_code(request: HttpRequest, case: Case, at: datetime, pk: int) -> HttpResponseBase:
    """Send a fresh code for this release."""
    row = _find(case, pk)
    closed = release.why_closed(row, at)
    if closed:
        return not_possible(request, closed)
    if not limits.hit("mail", request):
        return limits.too_many_requests(request, "mail")
    with transaction.atomic():
        claim = access.send_for_release(row, at=at)
        access.lock(request.session)
        access.remember_release(request.session, claim, at=at)
        request.session.save()
    if not claim.code_id:
        return not_possible(
            request, _("Too many codes were sent within the hour. Please try again later.")
        )
    messages.info(request, _("A code was sent to your e-mail address."))
    return redirect("requester:receive", pk)


@require_POST
@of_the_case
def fetch(request: HttpRequest, case: Case, at: datetime, pk: int) -> HttpResponseBase:
    """Hand the file out once for the code that was entered; it is counted and written down."""
    row = _find(case, pk)
    if row.way != Release.Way.PORTAL or not access.is_unlocked(request.session, row, at=at):
        return redirect("requester:receive", pk)
    if not limits.hit("document", request):
        return limits.too_many_requests(request, "document")
    closed = release.why_closed(row, at)
    if closed:
        return not_possible(request, closed)
    kept = row.package.file
    if kept is None:
        raise Http404
    kept.case = case
    pieces = files.read(kept)
    try:
        # The first piece is opened here: an error in the middle would only cut the answer off.
        first = next(pieces, b"")
    except (vault.VaultError, OSError):
        log.exception("package %s of case %s cannot be read", row.package_id, case.pk)
        return not_possible(
            request, _("This file cannot be opened at the moment. Please tell the desk.")
        )
    access.lock(request.session)
    request.session.save()
    counted = release.fetch(row, at)
    if counted is None:
        return not_possible(request, release.why_closed(_find(case, pk), at) or "")
    response = StreamingHttpResponse(
        _finished(counted, chain([first], pieces)), content_type=kept.content_type
    )
    response["Content-Disposition"] = content_disposition_header(True, kept.name) or "attachment"
    response["Content-Length"] = str(kept.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Accept-Ranges"] = "none"
    return response


def _finished(counted: Download, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces; that all of them were sent is noted after the last."""
    yield from pieces
    Download.objects.filter(pk=counted.pk).update(finished_at=timezone.now())


def _find(case: Case, pk: int) -> Release:
    """A release of this case that the person may see; Http404 for any other."""
    found = next((row for row in release.offered(case) if row.pk == pk), None)
    if found is None:
        raise Http404
    return found
