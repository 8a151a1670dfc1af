"""Mail that the portal sends, above all what did not go out."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from dsar import mail, notices, reminders
from dsar.admin import roles
from dsar.admin.pages import BoundedPaginator, ReadOnly, links
from dsar.models import DUTIES, Notice, StaffMember

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
    notices.FEE: _("A fee is due"),
    notices.FEE_PAID: _("The fee has arrived"),
    notices.FEE_WAIVED: _("The fee is waived"),
    notices.DECIDED: _("The decision is there"),
    notices.CLOSED: _("The case is closed"),
    notices.WITHDRAWN: _("The request is withdrawn"),
    notices.MERGED: _("The request is merged with an earlier one"),
    notices.MESSAGE: _("A message is there"),
    notices.ACCESS_CODE: _("One-time code"),
    notices.RELEASED: _("Data is ready"),
    notices.DOWNLOAD_CODE: _("One-time code for the download"),
    notices.PACKAGE_MAIL: _("Encrypted file"),
    notices.DRAFT_LINK: _("Link to a draft"),
    notices.DESK_NEW: _("To the desk: new case"),
    notices.DESK_NEWS: _("To the desk: news from the requester"),
    notices.DESK_ASSIGNED: _("To the desk: case assigned"),
    notices.DESK_DUE: _("To the desk: reminder of a due date"),
    notices.DESK_APPROVAL: _("To the desk: decision waits for approval"),
    notices.DESK_TASK_LATE: _("To the desk: a data owner is late"),
    notices.DESK_ANSWERED: _("To the desk: data owners have answered"),
    notices.DESK_RELEASE: _("To the desk: sending waits for approval"),
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


def visible_to(user: StaffMember) -> QuerySet[Notice]:
    """The mail that the user may see and send again.

    Those who work on cases: what is about cases of their controllers, and what goes to colleagues
    there. Administrators, who see no cases: what is about none, such as links to drafts.
    """
    own = Q(pk__in=[])
    if roles.may_work(user):
        controllers = user.controllers.all()
        colleagues = StaffMember.objects.filter(controllers__in=controllers)
        own |= Q(case__controller__in=controllers) | Q(case=None, recipient__in=colleagues)
    if roles.may_administer(user):
        own |= Q(case=None)
    return Notice.objects.filter(own)


def may_see_mail(user: StaffMember) -> bool:
    """Whether the user sees any mail at all."""
    return roles.may_work(user) or roles.may_administer(user)


def entry(row: Notice) -> dict[str, Any]:
    """One mail as the lists show it, with a way to send it if it did not go out."""
    put_off = reminders.is_put_off(row)
    return {
        "row": row,
        "title": title_of(row),
        "problem": problem(row.last_error),
        "tone": "warning" if put_off else TONES[Notice.State(row.state)],
        "state": gettext("Waiting for another try") if put_off else row.get_state_display(),
        "next_try_at": row.next_try_at if put_off else None,
        "send_label": gettext("Send now") if put_off else gettext("Send again"),
        "send_url": _send_url(row) if reminders.is_stuck(row) else "",
    }


def _send_url(row: Notice) -> str:
    if row.case_id is None:
        return reverse("admin:dsar_notice_send", args=[row.pk])
    return reverse("admin:dsar_case_resend", args=[row.case_id, row.pk])


def say_how_it_went(request: HttpRequest, row: Notice, *, is_sent: bool) -> None:
    """The message after somebody asked for a mail to be sent again."""
    if is_sent:
        said = gettext("“%(title)s” is sent again.") % {"title": kind_title(row.kind)}
        messages.success(request, said)
    else:
        messages.info(request, gettext("This mail has not failed, so it is not sent again."))


class StateFilter(admin.SimpleListFilter):
    """What did not go out, unless a state is asked for."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The other states, and all."""
        others = [choice for choice in Notice.State.choices if choice[0] != Notice.State.FAILED]
        return [*others, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        """The first choice is what did not go out."""
        for position, choice in enumerate(super().choices(changelist)):
            if position == 0:
                choice["display"] = _("Failed or to be tried again")
            yield choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        """Notices of the state."""
        if self.value() == "all":
            return queryset
        if self.value() in Notice.State.values:
            return queryset.filter(state=self.value())
        return queryset.filter(reminders.stuck(timezone.now()))


@admin.register(Notice)
class NoticeAdmin(ReadOnly, admin.ModelAdmin):
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
        """The mail that the user may see."""
        rows = visible_to(roles.officer(request))
        return rows.select_related("case", "recipient").order_by("-id")

    def get_urls(self) -> list[URLPattern]:
        """With the address for mail about no case; that about one is sent from the case's."""
        send = self.admin_site.admin_view(require_POST(self.send))
        return [path("<int:pk>/send/", send, name="dsar_notice_send"), *super().get_urls()]

    def send(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send mail about no case now, and note who asked for it.

        Raises:
            Http404: no such mail that the user may see.
        """
        row = get_object_or_404(self.get_queryset(request), pk=pk, case=None)
        with transaction.atomic():
            is_sent = reminders.is_stuck(row) and reminders.resend(row, at=timezone.now())
            if is_sent:
                self.log_change(request, row, "sent again")
        say_how_it_went(request, row, is_sent=is_sent)
        return redirect("admin:dsar_notice_changelist")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Those who see any mail."""
        return may_see_mail(roles.officer(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who see any mail; one notice has no page of its own."""
        return obj is None and may_see_mail(roles.officer(request))

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
            "rows": [entry(row) for row in queue.result_list],
        }
