"""Papers that come with the request: added one by one or together, listed, removed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language

from dsar import files, limits
from dsar.components import FileRow
from dsar.intake import draft as drafts
from dsar.intake import spam
from dsar.intake.forms import UploadsForm
from dsar.intake.pages import Visit, page, show, url_of
from dsar.law import shelf
from dsar.models import Attachment, IdentityDocument, IntakeDraft
from dsar.questions import BY_NAME, Matter, first_missing, hides_numbers, papers_for

BYTES_IN_A_MEGABYTE = 1024 * 1024


@page()
def attachments(visit: Visit) -> HttpResponse:
    """List the papers; take further ones. A bad file is named, the good ones stay."""
    here, draft = BY_NAME["attachments"], visit.draft
    missing = first_missing(visit.matter)
    if draft is None or (missing is not None and missing.name != "check"):
        return redirect(url_of(missing or BY_NAME["check"]))
    form = UploadsForm(visit.posted, visit.request.FILES if visit.posted is not None else None)
    rows = files_of(draft)
    if visit.request.method == "POST" and spam.judge(visit.request, at=visit.at) is (
        spam.Visitor.MACHINE
    ):
        return redirect("intake:check")
    if visit.request.method == "POST" and form.is_valid():
        uploads = form.cleaned_data["papers"]
        if uploads and not limits.hit("upload", visit.request, cost=len(uploads)):
            return limits.too_many_requests(visit.request, "upload")
        problems = _store(uploads, draft, at=visit.at)
        if uploads:
            drafts.save(draft, draft.answers, at=visit.at)
        if not problems:
            stays = visit.request.POST.get("then") == "stay"
            response = redirect("intake:attachments" if stays else "intake:check")
            drafts.remember(response, drafts.token_of(visit.request))
            return response
        for problem in problems:
            form.add_error("papers", problem)
        rows = files_of(draft)
    return show(
        visit,
        here,
        "intake/attachments.html",
        form=form,
        files=[_shown(row, visit.matter) for row in rows],
        papers=papers_for(visit.matter),
        hides_numbers=hides_numbers(visit.matter),
        max_count=settings.ATTACHMENT_MAX_COUNT,
        max_megabytes=settings.ATTACHMENT_MAX_BYTES // BYTES_IN_A_MEGABYTE,
    )


@page()
def remove(visit: Visit, pk: int) -> HttpResponse:
    """Ask once, then remove one file of the visitor's own draft."""
    draft = visit.draft
    row = next((row for row in files_of(draft) if row.pk == pk), None) if draft else None
    if row is None:
        raise Http404
    if visit.request.method == "POST":
        with transaction.atomic():
            IdentityDocument.objects.filter(attachment=row).delete()
            files.remove(row)
        return redirect("intake:attachments")
    return show(visit, BY_NAME["attachments"], "intake/remove.html", name=row.name)


def files_of(draft: IntakeDraft) -> list[Attachment]:
    """The draft's files (one query), each with the draft's opened key."""
    rows = list(Attachment.objects.filter(draft=draft).select_related("identity_document"))
    for row in rows:
        row.draft = draft
    return rows


def _store(uploads: Iterable[Any], draft: IntakeDraft, *, at: datetime) -> list[str]:
    """Store what can be taken; returns what to tell of the rest."""
    problems = []
    for upload in uploads:
        try:
            files.store(upload, at=at, draft=draft)
        except files.Unacceptable as refusal:
            problems.append(str(refusal))
    return problems


def _shown(row: Attachment, matter: Matter) -> FileRow:
    return FileRow(
        name=row.name,
        size=row.size,
        note=_proves(row, matter),
        remove_url=reverse("intake:remove_attachment", args=[row.pk]),
    )


def _proves(row: Attachment, matter: Matter) -> str:
    """What type of identity paper a file is; empty for others."""
    paper = getattr(row, "identity_document", None)
    if paper is None:
        return ""
    known = shelf.papers()[matter.known_rules.regime].documents.get(paper.type)
    return known.title.in_language(get_language() or "ja") if known else paper.type
