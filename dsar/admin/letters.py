"""Letters at the desk: what is to be posted, what failed, envelopes, and the posting log."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dsar import deadlines, files, ledger, letter_pdf, letters, lifecycle, pdf, postings, vault
from dsar.admin import acts, letter_cards, letter_drafts, opening, posting_forms, roles
from dsar.admin.pages import BoundedPaginator, ReadOnly, links
from dsar.models import Case, Letter, Posting

TO_POST = "to_post"


class ViewFilter(admin.SimpleListFilter):
    """What is to be posted unless another view is asked for."""

    title = gettext_lazy("State")
    parameter_name = "view"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The other views."""
        return [
            ("check", _("Waiting for the second check")),
            ("ordered", _("Being written")),
            ("failed", _("Could not be written")),
            ("all", _("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        """The first is what is to be posted."""
        for position, choice in enumerate(super().choices(changelist)):
            if position == 0:
                choice["display"] = _("To be posted")
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        """Letters of the view."""
        chosen = self.value()
        if chosen == "all":
            return queryset
        if chosen in (Letter.State.ORDERED, Letter.State.FAILED):
            return queryset.filter(state=chosen)
        if chosen == "check":
            return queryset.filter(postings__state=Posting.State.PREPARED)
        waiting = Posting.objects.filter(state=Posting.State.PREPARED).values("letter")
        return queryset.filter(state=Letter.State.ISSUED, by_post=True).exclude(pk__in=waiting)


@admin.register(Letter)
class LetterAdmin(ReadOnly, admin.ModelAdmin):
    """A list to work from; no letter is ever changed by hand."""

    list_display = ("id",)
    list_display_links = None
    list_filter = (ViewFilter,)
    actions = None
    ordering = ("-id",)
    paginator = BoundedPaginator
    show_full_result_count = False
    sortable_by = ()
    list_per_page = 50
    change_list_template = "admin/dsar/letter/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The desk's own addresses; the admin's for editing are left out."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="dsar_letter_changelist"),
            path("print/", view(envelopes), name="dsar_letter_print"),
            path("<int:pk>/pdf/", view(open_pdf), name="dsar_letter_pdf"),
            path("<int:pk>/envelope/", view(envelope), name="dsar_letter_envelope"),
            path("<int:pk>/retry/", view(retry), name="dsar_letter_retry"),
            path("<int:pk>/post/", view(post), name="dsar_letter_post"),
            path("postings/<int:pk>/check/", view(check), name="dsar_letter_check"),
            path("postings/<int:pk>/cancel/", view(cancel), name="dsar_letter_cancel"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        """Letters of the user's controllers."""
        rows = super().get_queryset(request).select_related("case__key", "case__controller")
        rows = rows.prefetch_related("postings__by", "postings__checked_by")
        return rows.filter(case__controller__in=roles.officer(request).controllers.all())

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Those who work on cases."""
        return roles.may_work(roles.officer(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who work on cases."""
        return obj is None and roles.may_work(roles.officer(request))

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Nothing but the filter."""
        return lookup == ViewFilter.parameter_name

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list with what can be done to each letter."""
        response = super().changelist_view(request, extra_context)
        queue = getattr(response, "context_data", {}).get("cl")
        if queue is not None:
            user = roles.officer(request)
            response.context_data |= {  # type: ignore[attr-defined]
                "title": _("Letters"),
                "choices": list(queue.filter_specs[0].choices(queue)),
                "pages": links(request, queue.paginator.num_pages, queue.page_num),
                "rows": [letter_cards.entry(row, user) for row in queue.result_list],
                "prints": ViewFilter.parameter_name not in request.GET,
                "places": range(1, letter_pdf.LABELS_A_SHEET + 1),
            }
        return response


# --- One letter ---------------------------------------------------------------------------
def find(request: HttpRequest, pk: int) -> Letter:
    """The letter, if its case is one of the user's controllers; the look is written down.

    Raises:
        Http404: no such letter, or none of the user's.
    """
    found = Letter.objects.select_related("pdf").filter(pk=pk).first()
    if found is None:
        raise Http404
    found.case = opening.find(request, found.case_id)
    if found.pdf is not None:
        found.pdf.case = found.case
    return found


def _working(request: HttpRequest) -> ledger.Actor:
    """The user as actor. Raises PermissionDenied for those who do not work on cases."""
    user = roles.officer(request)
    if not roles.may_work(user):
        raise PermissionDenied
    return ledger.staff(user)


@require_safe
def open_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The issued letter, to read and print; that it was opened is written down."""
    letter = find(request, pk)
    if letter.pdf is None:
        raise Http404
    try:
        pieces = files.read(letter.pdf)
        first = next(pieces, b"")
    except (vault.VaultError, OSError):
        messages.error(
            request,
            _("This file cannot be opened: it is missing or was altered. Tell the administrator."),
        )
        return redirect("admin:dsar_case_change", letter.case_id)
    _note_look(request, letter)
    response = StreamingHttpResponse(
        itertools.chain([first], pieces), content_type="application/pdf"
    )
    name = content_disposition_header(False, letter.pdf.name)
    response["Content-Disposition"] = name or "inline"
    response["Content-Length"] = str(letter.pdf.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _note_look(request: HttpRequest, letter: Letter) -> None:
    by = ledger.staff(roles.officer(request))
    with transaction.atomic():
        facts = {"letter": letter.pk}
        ledger.append(letter.case, "view_file", by=by, at=timezone.now(), facts=facts)


@require_safe
def envelope(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The envelope of one letter."""
    letter = find(request, pk)
    if letter.state != Letter.State.ISSUED:
        raise Http404
    return _printed(request, [letter], letter_pdf.envelopes)


@require_POST
def envelopes(request: HttpRequest) -> HttpResponseBase:
    """Labels or envelopes of the letters that were ticked."""
    _working(request)
    ids = [int(text) for text in request.POST.getlist("ids") if text.isdecimal()][:200]
    rows = Letter.objects.filter(pk__in=ids, state=Letter.State.ISSUED)
    rows = rows.filter(case__in=Case.objects.visible_to(roles.officer(request)))
    found = list(rows.select_related("case__key", "case__controller").order_by("id"))
    if not found:
        messages.warning(request, _("Tick the letters first."))
        return redirect("admin:dsar_letter_changelist")
    if request.POST.get("what") == "envelopes":
        return _printed(request, found, letter_pdf.envelopes)
    first = request.POST.get("first", "1")
    place = int(first) if first.isdecimal() else 1
    place = min(max(place, 1), letter_pdf.LABELS_A_SHEET)
    return _printed(request, found, partial(letter_pdf.labels, first=place))


def _printed(
    request: HttpRequest, rows: list[Letter], draw: Callable[[list[letter_pdf.Envelope]], bytes]
) -> HttpResponseBase:
    """The addressees of these letters on paper; each case's log tells of it."""
    try:
        drawn = draw([letters.envelope(letter) for letter in rows])
    except (pdf.NoPdf, vault.VaultError):
        messages.error(request, _("This cannot be printed at the moment."))
        return redirect("admin:dsar_letter_changelist")
    for letter in rows:
        _note_look(request, letter)
    return letter_drafts.shown_pdf(drawn, "envelopes.pdf")


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a letter written once more."""
    by = _working(request)
    letter = find(request, pk)
    if letters.retry(letter, by=by, at=timezone.now()):
        messages.success(request, _("The letter is written again."))
    else:
        messages.info(request, _("This letter has not failed."))
    return _back(request, letter)


# --- The posting log ----------------------------------------------------------------------
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Note how a letter is posted."""
    by = _working(request)
    letter, at = find(request, pk), timezone.now()
    if letter.state != Letter.State.ISSUED:
        raise Http404
    form = posting_forms.PostForm(letter, deadlines.today(letter.case, at), request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = postings.record(
                letter,
                given["way"],
                by=by,
                at=at,
                posted_on=given["posted_on"],
                tracking=given["tracking"],
            )
        except lifecycle.NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            said = _("The posting was noted.")
            if row.state == Posting.State.PREPARED:
                said = _("The letter waits for its check by a second person.")
            messages.success(request, said)
            return _back(request, letter)
    label = _("Note the posting")
    if letter.case.controller.second_check:
        label = _("Note it, or hand it over for the check")
    return _page(request, letter, form, title=_("Post a letter"), label=label)


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The second pair of eyes."""
    by = _working(request)
    row, letter = _posting(request, pk)
    at = timezone.now()
    form = posting_forms.CheckForm(letter, deadlines.today(letter.case, at), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            postings.check(row, form.cleaned_data["posted_on"], by=by, at=at)
        except lifecycle.NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The letter is checked and posted."))
            return _back(request, letter)
    title = _("Check a posting")
    label = _("Checked and posted")
    return _page(request, letter, form, title=title, label=label, posting=row)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Something is wrong with it: it is to be prepared anew."""
    by = _working(request)
    row, letter = _posting(request, pk)
    try:
        postings.cancel(row, by=by, at=timezone.now())
    except lifecycle.NotAllowed as refused:
        messages.info(request, str(refused))
    else:
        messages.success(request, _("The posting was taken back. Prepare it anew."))
    return _back(request, letter)


def _posting(request: HttpRequest, pk: int) -> tuple[Posting, Letter]:
    row = Posting.objects.select_related("by").filter(pk=pk).first()
    if row is None:
        raise Http404
    row.letter = find(request, row.letter_id)
    return row, row.letter


def _page(
    request: HttpRequest, letter: Letter, form: Any, *, title: str, label: str, **more: Any
) -> HttpResponse:
    shown = acts.context_of(
        request,
        letter.case,
        title=title,
        form=form,
        letter=letter,
        label=label,
        to_list=bool(request.GET.get("to_list") or request.POST.get("to_list")),
        **more,
    )
    return TemplateResponse(request, "admin/dsar/letter/posting.html", shown)


def _back(request: HttpRequest, letter: Letter) -> HttpResponse:
    if "to_list" in request.POST:
        return redirect("admin:dsar_letter_changelist")
    return redirect("admin:dsar_case_change", letter.case_id)
