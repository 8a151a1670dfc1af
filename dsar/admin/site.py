"""The desk as an admin site."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import collection


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the desk's navigation."""

    label: str
    url: str
    is_here: bool = False


class Desk(admin.AdminSite):
    """The officer's desk."""

    site_title = gettext_lazy("Request desk")
    site_header = gettext_lazy("Request desk")
    index_title = gettext_lazy("Today")
    enable_nav_sidebar = False
    index_template = "admin/index.html"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models; roles are fixed by the portal, so groups are not edited here."""
        if model_or_iterable is Group or Group in _as_list(model_or_iterable):
            return
        super().register(model_or_iterable, admin_class, **options)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Adds the navigation; no query beyond the permissions already read."""
        return {**super().each_context(request), "desk_nav": self.navigation(request)}

    def get_urls(self) -> list[Any]:
        """The desk's own pages of settings, beside those of the admin."""
        from dsar.admin import calendar_feed, connector_settings

        view = self.admin_view
        return [
            path("calendar/", view(calendar_feed.page), name="dsar_calendar"),
            # Calendar programs do not sign in: the address itself is the secret.
            path("calendar/<str:token>.ics", calendar_feed.feed, name="dsar_calendar_feed"),
            path("connectors/", view(connector_settings.listing), name="dsar_connectors"),
            path("connectors/<int:pk>/", view(connector_settings.edit), name="dsar_connector"),
            path(
                "connectors/<int:pk>/try/",
                view(connector_settings.attempt),
                name="dsar_connector_try",
            ),
            *super().get_urls(),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A page of the desk; who may not open it is told so in the desk's own words."""

        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response: HttpResponse = view(request, *args, **kwargs)
            except PermissionDenied:
                shown = {**self.each_context(request), "title": _("You cannot open this page")}
                return TemplateResponse(request, "admin/not_allowed.html", shown, status=403)
            return response

        return super().admin_view(inner, cacheable)

    def navigation(self, request: HttpRequest) -> list[Link]:
        """What the user's role may open."""
        from dsar.admin import roles

        user = roles.officer(request)
        if not self.has_permission(request):
            return []
        found = [(_("Today"), reverse("admin:index"), True)]
        if roles.may_view(user):
            found.append((_("Cases"), reverse("admin:dsar_case_changelist"), False))
        if roles.may_file(user):
            found.append((_("Enter a request"), reverse("admin:dsar_case_add"), False))
        if roles.may_work(user):
            found.append((_("Letters"), reverse("admin:dsar_letter_changelist"), False))
        if roles.may_work(user) or roles.may_administer(user):
            found.append((_("Mail"), reverse("admin:dsar_notice_changelist"), False))
        links = []
        for label, url, exact in found:
            here = request.path == url if exact else request.path.startswith(url)
            links.append(Link(label, url, here))
        longest = max(
            (link for link in links if link.is_here), key=lambda x: len(x.url), default=None
        )
        return [Link(link.label, link.url, link is longest) for link in links]

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """What waits today, and the settings the role may change."""
        from dsar.admin import roles, today

        user = roles.officer(request)
        more = {
            "tiles": today.tiles(user, timezone.localdate()),
            "settings_list": self.settings_list(request),
            "sees_cases": roles.may_view(user),
            "is_data_owner": roles.is_data_owner(user),
            "owner_tasks": collection.open_tasks_of(user),
            **(extra_context or {}),
        }
        return super().index(request, more)

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> HttpResponse:
        """Where the settings' breadcrumbs lead: all of an app stands on today's page."""
        return redirect("admin:index")

    def settings_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The models of the settings that the role may open; cases and the like have own links."""
        found = []
        for app in self.get_app_list(request):
            others = ("Case", "Letter", "Notice")
            found += [row for row in app["models"] if row["object_name"] not in others]
        if request.user.has_perm("dsar.change_datasystem"):
            found.append({"name": _("Connectors"), "admin_url": reverse("admin:dsar_connectors")})
        return found

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Sign in; passwords may be tried only so often."""
        from dsar.admin import sign_in

        login = partial(super().login, request, extra_context)
        return sign_in.limited(request, login) if request.method == "POST" else login()


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set) else [value]
