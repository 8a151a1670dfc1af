"""Mail that the portal sends about cases, above all what failed."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dsar import mail, notices
from dsar.admin import roles
from dsar.admin.pages import BoundedPaginator, links
from dsar.models import DUTIES, Notice

TONES = {
    Notice.State.WAITING: "neutral",
    Notice.State.CLAIMED: "progress",
    Notice.State.SENT: "success",
    Notice.State.FAILED: "error",
    Notice.State.CANCELLED: "neutral",
}
KINDS: dict[str, str | Promise] = {
    notices.RECEIPT: _("Receipt of the request"),
    notices.CONFIRM_EMAIL: _("Receipt with a link to confirm the e-mail"),
    notices.MISSING: _("Something is missing"),
    notices.RESUMED: _("The case goes on"),
    notices.EXTENDED: _("The due date was extended"),
    notices.DECIDED: _("The decision is there"),
    notices.CLOSED: _("The case is closed"),
    notices.WITHDRAWN: _("The request is withdrawn"),
    notices.MESSAGE: _("A message is there"),
    notices.ACCESS_CODE: _("One-time code"),
    notices.DRAFT_LINK: _("Link to a draft"),
    notices.DESK_NEW: _("To the desk: new case"),
    notices.DESK_NEWS: _("To the desk: news from the requester"),
    notices.DESK_ASSIGNED: _("To the desk: case assigned"),
    notices.DESK_DUE: _("To the desk: reminder of a due date"),
    notices.DESK_APPROVAL: _("To the desk: decision waits for approval"),
    notices.DESK_TASK_LATE: _("To the desk: a data owner is late"),
    notices.DESK_ANSWERED: _("To the desk: data owners have answered"),
    notices.DESK_DIGEST: _("To the desk: daily summary"),
    notices.OWNER_ASKED: _("To the data owner: a task"),
    notices.OWNER_REMINDER: _("To the data owner: reminder"),
    notices.OWNER_CANCELLED: _("To the data owner: task no longer needed"),
}


_PROBLEMS: dict[str, str | Promise] = {
    mail.NO_ADDRESS: _("The person gave no e-mail address."),
    "not an e-mail address": _("This is not an e-mail address."),
    "to nobody": _("There is nobody to write to."),
    "no longer due": _("The due date is no longer open or has moved."),
    "no longer waiting for approval": _("The decision no longer waits for approval."),
    "assigned to someone else": _("Someone else has the case now."),
    "given up": _("Sending was given up after several tries."),
    "erased meanwhile": _("The content was erased meanwhile."),
    "its link has expired": _("The link in it has expired."),
    "its code has expired": _("The code in it has expired."),
    "ConnectionRefusedError": _("The mail server could not be reached."),
    "TimeoutError": _("The mail server did not answer in time."),
    "gaierror": _("The mail server was not found."),
    "SMTPServerDisconnected": _("The mail server broke off the connection."),
}
_SMTP = re.compile(r"SMTP (\d+)(: address refused)?$")


def problem(error: str) -> str:
    """Why a mail was not sent, in the language in use; an unknown cause as it was written."""
    answered = _SMTP.match(error)
    if answered is None:
        return str(_PROBLEMS.get(error, error))
    if answered[2]:
        return gettext("The mail server refused the address (code %(code)s).") % {
            "code": answered[1]
        }
    return gettext("The mail server reported an error (code %(code)s).") % {"code": answered[1]}


def kind_title(kind: str) -> str:
    """What a mail is about; reminders are told apart by what stands after the colon."""
    return str(KINDS.get(kind.partition(":")[0], kind))


def title_of(notice: Notice) -> str:
    """What this mail is about; a reminder says which due date it means."""
    title, deadline = kind_title(notice.kind), notice.facts.get("deadline")
    return f"{title} · {DUTIES[deadline]}" if deadline in DUTIES else title


class StateFilter(admin.SimpleListFilter):
    """Failed mail unless another state is asked for."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The other states, and all."""
        others = [choice for choice in Notice.State.choices if choice[0] != Notice.State.FAILED]
        return [*others, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        """The first choice is the failed ones."""
        for position, choice in enumerate(super().choices(changelist)):
            if position == 0:
                choice["display"] = Notice.State.FAILED.label
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        """Notices of the state."""
        if self.value() == "all":
            return queryset
        if self.value() in Notice.State.values:
            return queryset.filter(state=self.value())
        return queryset.filter(state=Notice.State.FAILED)


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    """A list to look at and to send again from; nothing can be changed by hand."""

    list_display = ("id",)
    list_display_links = None
    list_filter = (StateFilter,)
    actions = None
    ordering = ("-id",)
    paginator = BoundedPaginator
    show_full_result_count = False
    sortable_by = ()
    list_per_page = 50
    change_list_template = "admin/dsar/notice/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        """Notices about cases of the user's controllers."""
        user = roles.officer(request)
        rows = super().get_queryset(request).select_related("case")
        return rows.filter(case__controller__in=user.controllers.all())

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Those who work on cases."""
        return roles.may_work(roles.officer(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who work on cases; one notice has no page of its own."""
        return obj is None and roles.may_work(roles.officer(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Nothing but the filter: other look-ups could probe what is not shown."""
        return lookup == StateFilter.parameter_name

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list with what each mail is about."""
        response = super().changelist_view(request, extra_context)
        queue = getattr(response, "context_data", {}).get("cl")
        if queue is not None:
            response.context_data |= self.shown(request, queue)  # type: ignore[attr-defined]
        return response

    def shown(self, request: HttpRequest, queue: Any) -> dict[str, Any]:
        """What the list's template needs."""
        return {
            "title": _("Mail"),
            "choices": list(queue.filter_specs[0].choices(queue)),
            "pages": links(request, queue.paginator.num_pages, queue.page_num),
            "is_narrowed": "state" in request.GET,
            "rows": [
                {
                    "row": row,
                    "title": title_of(row),
                    "problem": problem(row.last_error),
                    "tone": TONES[Notice.State(row.state)],
                    "is_failed": row.state == Notice.State.FAILED,
                }
                for row in queue.result_list
            ],
        }
