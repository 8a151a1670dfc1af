"""Cases at the desk: who may see them, and at which addresses."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from dsar.admin import (
    acts,
    bulk,
    case_page,
    connector_pages,
    disclosure_cards,
    entry,
    export,
    file_views,
    filters,
    identity_views,
    material_pages,
    queue,
    roles,
    saved_views,
    search_pages,
)
from dsar.admin.pages import BoundedPaginator
from dsar.models import Case, Export, Status


@admin.register(Case)
class CaseAdmin(admin.ModelAdmin):
    """The queue comes from the admin; the pages behind it are the desk's own.

    Nobody deletes a case here, and nothing of a case is changed but by an act.
    """

    list_display = ("number",)
    list_filter = filters.QUEUE_FILTERS
    actions = None
    paginator = BoundedPaginator
    show_full_result_count = False
    sortable_by = ()
    list_per_page = queue.PER_PAGE
    list_max_show_all = 0
    change_list_template = "admin/dsar/case/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The desk's own addresses; the admin's for editing, history and deletion are left out."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="dsar_case_changelist"),
            path("search/", view(self.guarded(queue.find)), name="dsar_case_search"),
            path("assign/", view(self.guarded(queue.assign)), name="dsar_case_assign"),
            path("bulk/", view(self.guarded(bulk.page)), name="dsar_case_bulk"),
            path("bulk/results/", view(self.guarded(bulk.results)), name="dsar_case_bulk_results"),
            path("export/", view(self.guarded(self.exported)), name="dsar_case_export"),
            path("views/", view(self.guarded(saved_views.save)), name="dsar_view_save"),
            path(
                "views/<int:pk>/delete/",
                view(self.guarded(saved_views.delete)),
                name="dsar_view_delete",
            ),
            path("add/", view(entry.choose), name="dsar_case_add"),
            path(
                "add/<slug:controller>/<slug:regime>/<slug:kind>/",
                view(entry.enter),
                name="dsar_case_enter",
            ),
            path("<int:pk>/receipt/", view(entry.receipt), name="dsar_case_receipt"),
            path("<int:pk>/change/", view(case_page.page), name="dsar_case_change"),
            path("<int:pk>/act/add_material/", view(search_pages.add)),
            path("<int:pk>/act/<slug:act>/", view(acts.page), name="dsar_case_act"),
            path(
                "<int:pk>/tasks/<int:task>/<slug:act>/",
                view(search_pages.task),
                name="dsar_case_task",
            ),
            path(
                "<int:pk>/materials/<int:material>/remove/",
                view(search_pages.remove),
                name="dsar_case_material_remove",
            ),
            path(
                "<int:pk>/materials/<int:material>/",
                view(material_pages.page),
                name="dsar_case_material",
            ),
            path(
                "<int:pk>/materials/<int:material>/pages/<int:number>.png",
                view(material_pages.picture),
                name="dsar_material_picture",
            ),
            path(
                "<int:pk>/materials/<int:material>/<slug:what>/",
                view(material_pages.act),
                name="dsar_material_act",
            ),
            path(
                "<int:pk>/packages/<int:package>/passphrase/",
                view(disclosure_cards.passphrase),
                name="dsar_case_passphrase",
            ),
            path("<int:pk>/files/<int:file>/", view(file_views.download), name="dsar_case_file"),
            path(
                "<int:pk>/identity/letters/<int:proof>/",
                view(identity_views.slip),
                name="dsar_case_identity_letter",
            ),
            path(
                "<int:pk>/identity/<int:document>/",
                view(identity_views.check),
                name="dsar_case_identity",
            ),
            path(
                "<int:pk>/identity/<int:document>/pages/<int:page>/",
                view(identity_views.picture),
                name="dsar_case_identity_page",
            ),
            path(
                "<int:pk>/notices/<int:notice>/resend/",
                view(case_page.resend),
                name="dsar_case_resend",
            ),
            *connector_pages.urls(view),
        ]

    def guarded(self, view: Any) -> Any:
        """A page for those who see cases at all."""

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            response: HttpResponse = view(request, *args, **kwargs)
            return response

        return inner

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """The cases of the user's controllers, with what a row needs."""
        return queue.with_names(Case.objects.visible_to(roles.officer(request)))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """What is due first; among closed cases, of which none is due, the newest first.

        Both are the order of an index, read forward or backward, so that nothing is sorted.
        """
        if request.GET.get("status") == Status.CLOSED:
            return ("-next_due_on", "-id")
        return ("next_due_on", "id")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[queue.Queue]:
        """The queue."""
        return queue.Queue

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The queue's page."""
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None)
        if shown and "cl" in shown:
            shown.update(queue.context(request, shown["cl"]), bulk_acts=bulk.choices())
        return response

    def exported(self, request: HttpRequest) -> HttpResponseBase:
        """The queue as it is narrowed, as a file."""
        kind = request.POST.get("format", "")
        if request.method != "POST" or kind not in Export.Format.values:
            return redirect("admin:dsar_case_changelist")
        cases = self.get_changelist_instance(request).queryset
        return export.respond(request, roles.officer(request), cases, kind)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Nothing but the filters: other look-ups could probe what is not shown."""
        return lookup in filters.PARAMETERS

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Those who see cases."""
        return roles.may_view(roles.officer(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who see cases; which ones is for `get_queryset`."""
        return roles.may_view(roles.officer(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Those who enter requests."""
        return roles.may_file(roles.officer(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody by a plain form: acts change cases."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
