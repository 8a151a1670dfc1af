"""Files of a case, streamed from the vault to those who may see the case."""

from __future__ import annotations

import itertools

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dsar import files, ledger, vault
from dsar.admin import opening, roles
from dsar.models import Attachment


@require_safe
def download(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """One file as an attachment; the download is written into the case's log.

    Raises:
        Http404: no such file of a case of the user's.
    """
    case = opening.find(request, pk)
    # An identity document is opened only in the check it was sent for.
    row = case.attachments.exclude(purpose=Attachment.Purpose.IDENTITY).filter(pk=file).first()
    if row is None:
        raise Http404
    user = roles.officer(request)
    try:
        pieces = files.read(row)
        first = next(pieces, b"")
    except (vault.VaultError, OSError):
        messages.error(
            request,
            _("This file cannot be opened: it is missing or was altered. Tell the administrator."),
        )
        return redirect("admin:dsar_case_change", pk)
    with transaction.atomic():
        ledger.append(
            case, "view_file", by=ledger.staff(user), at=timezone.now(), facts={"file": row.pk}
        )
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(content_type=row.content_type)
    else:
        response = StreamingHttpResponse(
            itertools.chain([first], pieces), content_type=row.content_type
        )
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["Content-Length"] = str(row.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
