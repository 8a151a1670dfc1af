"""The queue as a file for a spreadsheet: dates, kinds and outcomes, and nothing personal.

Every export is written down. Cells never begin a formula (OWASP, CSV injection), since a
spreadsheet would run what somebody typed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import deadlines
from dsar.admin import law_words, roles, saved_views
from dsar.admin.pages import NamedList, ReadOnly
from dsar.disclosure_tables import safe
from dsar.models import Case, Export, StaffMember

MOST = 50_000
_CHUNK = 1000


def headings() -> list[str]:
    """The columns, in the reader's language."""
    return [
        _("Case number"),
        _("Controller"),
        _("Rule set"),
        _("Kind"),
        _("Article"),
        _("Channel"),
        _("Status"),
        _("Outcome"),
        _("Ground"),
        _("Received on"),
        _("Due"),
        _("What is due"),
        _("Decided on"),
        _("Closed on"),
        _("Assigned to"),
    ]


def lines(cases: QuerySet[Case]) -> Iterator[list[str]]:
    """One line a case; dates in ISO 8601, in the rule set's time zone."""
    language = law_words.language()
    # Without keys and people: nothing of a line is sealed.
    plain = cases.select_related(None).prefetch_related(None).defer("answers")
    rows = plain.select_related("controller", "assigned_to")
    for case in rows.iterator(chunk_size=_CHUNK):
        yield [
            case.shown_number,
            case.controller.name,
            case.rules.short_name.in_language(language),
            case.rule.title.in_language(language),
            case.rule.article_label.in_language(language),
            str(case.get_channel_display()),
            str(case.get_status_display()),
            str(case.get_outcome_display()) if case.outcome else "",
            case.outcome_code,
            _day(case.received_on),
            _day(case.due_on),
            law_words.duty_title(case, case.next_due_code) if case.due_on else "",
            _local(case, case.decided_at),
            _local(case, case.closed_at),
            case.assigned_to.shown_name() if case.assigned_to else "",
        ]


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _local(case: Case, at: datetime | None) -> str:
    return _day(deadlines.today(case, at)) if at else ""


class _Echo:
    """What `csv.writer` writes to: gives each line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(cases: QuerySet[Case], language: str) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180), with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    with override(language):  # streamed after the request has left the middleware
        yield "\ufeff" + writer.writerow(headings())
        for line in lines(cases):
            yield writer.writerow([safe(cell) for cell in line])


def as_xlsx(cases: QuerySet[Case]) -> bytes:
    """An Excel workbook of one sheet; every cell is text, so nothing is computed."""
    output = BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings()):
            sheet.write_string(0, column, heading, bold)
            sheet.set_column(column, column, 18)
        for number, line in enumerate(lines(cases), 1):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell)
    return output.getvalue()


def respond(
    request: HttpRequest, user: StaffMember, cases: QuerySet[Case], kind: str
) -> HttpResponseBase:
    """The file of these cases, at most `MOST`; the export is written down first."""
    found = cases.order_by("next_due_on", "id")[:MOST]
    Export.objects.create(
        by=user,
        at=timezone.now(),
        format=kind,
        query=saved_views.clean_query(request.GET.urlencode()),
        count=found.count(),
    )
    stem = f"cases-{timezone.localdate():%Y%m%d}"
    if kind == Export.Format.XLSX:
        response: HttpResponseBase = HttpResponse(
            as_xlsx(found),
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    else:
        response = StreamingHttpResponse(
            as_csv(found, law_words.language()), content_type="text/csv; charset=utf-8"
        )
    response["Content-Disposition"] = f'attachment; filename="{stem}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


@admin.register(Export)
class ExportAdmin(ReadOnly, NamedList, admin.ModelAdmin):
    """The list of exports, for auditors and administrators; nothing can be changed in it."""

    list_display = ("at", "by", "format", "count", "query")
    list_display_links = None
    list_select_related = ("by",)
    actions = None
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        """Exports by colleagues: those who share a controller with the reader."""
        mine = roles.officer(request).controllers.all()
        return super().get_queryset(request).filter(by__controllers__in=mine).distinct()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Those who audit or administer."""
        return bool(roles.officer(request).has_perm("dsar.view_export"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same."""
        return self.has_module_permission(request)
