"""A letter that is not written yet, to look at and print before the act that orders it."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from dsar import letter_pdf, pdf


def shown_pdf(drawn: bytes, name: str) -> HttpResponse:
    """A PDF to look at and print; no copy stays in the browser."""
    response = HttpResponse(drawn, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def draft(request: HttpRequest, sheet: letter_pdf.Sheet) -> HttpResponse:
    """The draft as PDF; as a page where no PDF can be drawn."""
    try:
        return shown_pdf(letter_pdf.as_pdf(sheet), "draft.pdf")
    except pdf.NoPdf:
        return page(request, sheet)


def page(request: HttpRequest, sheet: letter_pdf.Sheet) -> HttpResponse:
    """The draft as a page of the desk."""
    shown = {
        **admin.site.each_context(request),
        "title": _("How the letter reads"),
        "sheet": sheet,
    }
    response = TemplateResponse(request, "admin/dsar/letter/draft.html", shown)
    response["Cache-Control"] = "no-store"
    return response
