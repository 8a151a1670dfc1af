"""The pages of the returning person; each is about the one case its session was opened for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from itertools import chain
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST, require_safe

from dsar import (
    casework,
    correspondence,
    files,
    filing,
    ledger,
    lifecycle,
    limits,
    links,
    vault,
)
from dsar.models import ActorKind, Attachment, Case, Controller, Outcome
from dsar.requester import access, overview
from dsar.requester.forms import CodeForm, MessageForm, MethodForm, SignInForm, WithdrawForm

log = logging.getLogger(__name__)


def language() -> str:
    """The language of the page."""
    return get_language() or "ja"


# --- Coming back --------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for number and receipt code; the answer is the same whether or not they fit."""
    at = timezone.now()
    if access.case_of(request.session, at=at) is not None:
        return redirect("requester:case")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        # Both are counted, so that the case's own count does not depend on the visitor's.
        within = [limits.hit("sign_in", request), limits.hit("sign_in", f"case {number}")]
        if not all(within):
            return limits.too_many_requests(request, "sign_in")
        with transaction.atomic():
            claim = access.begin(number, form.cleaned_data["receipt_code"], at=at)
            access.remember(request.session, claim, at=at)
            request.session.save()
        return redirect("requester:code")
    controllers = Controller.objects.filter(is_active=True)
    context = {"form": form, "controllers": controllers, "language": language()}
    return render(request, "requester/sign_in.html", context)


@never_cache
@sensitive_post_parameters()
def enter_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code from the e-mail, and open the case to this session."""
    at = timezone.now()
    claim = access.remembered(request.session, at=at)
    if claim is None:
        return redirect("requester:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not limits.hit("one_time_code", request):
            return limits.too_many_requests(request, "one_time_code")
        with transaction.atomic():
            is_right = access.enter(claim, form.cleaned_data["code"], at=at)
            request.session.save()
        if is_right:
            access.sign_in(request.session, claim, at=at)
            return redirect("requester:case")
        form.add_error(
            "code",
            _(
                "This code is wrong, was used already, or is too old. Use the code in the newest "
                "e-mail, or have a new one sent."
            ),
        )
    context = {
        "form": form,
        "minutes": access.CODE_MINUTES,
        "attempts": access.MAX_ATTEMPTS,
    }
    return render(request, "requester/code.html", context)


@never_cache
@require_POST
def send_code_again(request: HttpRequest) -> HttpResponse:
    """Send another code for the same number and receipt code."""
    at = timezone.now()
    claim = access.remembered(request.session, at=at)
    if claim is None:
        return redirect("requester:login")
    if not limits.hit("mail", request):
        return limits.too_many_requests(request, "mail")
    with transaction.atomic():
        access.remember(request.session, access.send_again(claim, at=at), at=at)
        request.session.save()
    messages.info(request, _("If the details are right, a new code was sent."))
    return redirect("requester:code")


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Close the case for this browser."""
    access.sign_out(request.session)
    messages.success(request, _("You are signed out."))
    return redirect("requester:login")


@never_cache
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """A button, and what it does: mail scanners open links but press no buttons."""
    if request.method != "POST":
        return render(request, "requester/confirm_email.html", {"state": "ask"})
    if not limits.hit("link", request):
        return limits.too_many_requests(request, "link")
    case = filing.confirm_email(token, at=timezone.now())
    if case is None:
        context = {"state": "unknown"}
        return render(request, "requester/confirm_email.html", context, status=404)
    return render(request, "requester/confirm_email.html", {"state": "done"})


# --- The case -----------------------------------------------------------------------------

CasePage = Callable[..., HttpResponseBase]


def of_the_case(page: CasePage) -> CasePage:
    """Give the page the session's case and the time; others are led to the sign-in."""

    @never_cache
    @sensitive_post_parameters()
    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        at = timezone.now()
        case = access.case_of(request.session, at=at)
        if case is None:
            if access.is_signed_in(request.session):
                access.sign_out(request.session)
                messages.info(
                    request,
                    _("You were signed out, because the page was not used for %(minutes)d minutes.")
                    % {"minutes": access.IDLE_MINUTES},
                )
            return redirect("requester:login")
        return page(request, case, at, *args, **kwargs)

    return guarded


@require_safe
@of_the_case
def case_page(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Where the case stands. Opening it marks the desk's messages as read."""
    context = overview.of(case, at=at, language=language())
    _mark_read(case, context["letters"], at)
    context |= {"form": MessageForm(), "idle_seconds": access.IDLE_MINUTES * 60}
    return render(request, "requester/case.html", context)


@require_POST
@of_the_case
def switch(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Open another request of the same filing; its place in the list is posted, no number."""
    together = links.filed_with(case)
    place = request.POST.get("place", "")
    if not place.isascii() or not place.isdecimal() or int(place) >= len(together):
        raise Http404
    if together[int(place)].key.destroyed_at is not None:
        return not_possible(request, _("This request can no longer be opened."))
    access.switch(request.session, together[int(place)], at=at)
    return redirect("requester:case")


@of_the_case
def write_message(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Write to the desk, with or without files. What was typed stays when something is wrong."""
    if not case.is_open:
        return not_possible(request, _("The case is closed; nothing can be added."))
    form = MessageForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            uploads = form.cleaned_data["uploads"]
            if not _within_limits(request, case, len(uploads)):
                status = 429
                form.add_error(None, _("That was a lot at once. Please wait a while."))
            elif _send(case, form.cleaned_data["body"], uploads, at):
                messages.success(request, _("Your message has been sent to the desk."))
                return redirect("requester:case")
            else:
                return not_possible(request, _("The case was closed meanwhile."))
        form.ask_for_files_again()
    letters = overview.conversation(case)
    _mark_read(case, letters, at)
    context = {
        "case": case,
        "form": form,
        "letters": letters,
        "question": overview.open_question(case, overview.told_events(case), letters),
        "idle_seconds": access.IDLE_MINUTES * 60,
    }
    return render(request, "requester/message.html", context, status=status)


def _mark_read(case: Case, letters: list[overview.Letter], at: datetime) -> None:
    if any(letter.is_new for letter in letters):
        correspondence.mark_read(case, ActorKind.REQUESTER, at)


def _within_limits(request: HttpRequest, case: Case, uploads: int) -> bool:
    within = [limits.hit("message", request), limits.hit("message", f"case {case.pk}")]
    if uploads:
        within.append(limits.hit("upload", request, cost=uploads))
    return all(within)


def _send(case: Case, body: str, uploads: list[Any], at: datetime) -> bool:
    """Send the message unless the case is closed by now."""
    with transaction.atomic():
        locked = Case.objects.select_for_update().only("status").get(pk=case.pk)
        if not locked.is_open:
            return False
        correspondence.send(case, body, by=ledger.REQUESTER, at=at, uploads=uploads)
    return True


@require_GET
@of_the_case
def open_file(request: HttpRequest, case: Case, at: datetime, pk: int) -> HttpResponseBase:
    """Hand out one file of this case, as a download only; that it was fetched is noted."""
    row = Attachment.objects.filter(case=case, pk=pk).first()
    if row is None:
        # The papers of a filing lie with its first request.
        case = links.filed_with(case)[0]
        row = Attachment.objects.filter(case=case, pk=pk, message=None).first()
    if row is None:
        raise Http404
    row.case = case
    if row.message_id is None:
        filed_at = case.events.values_list("at", flat=True).get(position=1)
        if row.added_at > filed_at:
            raise Http404
    if not limits.hit("document", request):
        return limits.too_many_requests(request, "document")
    return hand_out(request, case, row, at=at, facts={"file": row.pk})


def hand_out(
    request: HttpRequest, case: Case, row: Attachment, *, at: datetime, facts: dict[str, Any]
) -> HttpResponseBase:
    """A file of the case as a download; that it was fetched is noted."""
    pieces = files.read(row)
    try:
        # The first piece is opened here: an error in the middle would only cut the answer off.
        first = next(pieces, b"")
    except (vault.VaultError, OSError):
        log.exception("file %s of case %s cannot be read", row.pk, case.pk)
        return not_possible(
            request, _("This file cannot be opened at the moment. Please tell the desk.")
        )
    with transaction.atomic():
        ledger.append(case, "view_file", by=ledger.REQUESTER, at=at, facts=facts)
    response = StreamingHttpResponse(chain([first], pieces), content_type=row.content_type)
    response["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    response["Content-Length"] = str(row.size)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@of_the_case
def choose_method(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Change how the answer is received, until the decision."""
    if not overview.may_change_method(case):
        return not_possible(request, _("This can no longer be changed."))
    chosen = {"method": f"{case.method}:{case.delivery}"}
    form = MethodForm(case, language(), request.POST or None, initial=chosen)
    if request.method == "POST" and form.is_valid():
        method, delivery = form.cleaned_data["method"]
        try:
            casework.change_method(case, method, delivery, by=ledger.REQUESTER, at=at)
        except lifecycle.NotAllowed:
            return not_possible(request, _("This can no longer be changed."))
        messages.success(request, _("We have noted how you wish to receive our answer."))
        return redirect("requester:case")
    return render(request, "requester/method.html", {"case": case, "form": form})


@of_the_case
def withdraw(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Ask once more, then close the case as withdrawn."""
    if not overview.may_withdraw(case):
        return not_possible(request, _("The request can no longer be withdrawn."))
    form = WithdrawForm(request.POST or None, initial={"seen": case.version})
    if request.method == "POST" and form.is_valid():
        try:
            lifecycle.move(
                case,
                "withdraw",
                by=ledger.REQUESTER,
                at=at,
                seen=form.cleaned_data["seen"],
                outcome=Outcome.WITHDRAWN,
            )
        except lifecycle.Conflict:
            # The exception names the officer who was first, which is not told outside.
            return not_possible(
                request,
                _("We worked on your request meanwhile. Please look at it before you withdraw it."),
            )
        except lifecycle.NotAllowed:
            return not_possible(request, _("The request can no longer be withdrawn."))
        messages.success(request, _("Your request is withdrawn."))
        return redirect("requester:case")
    context = {
        "case": case,
        "form": form,
        "kind": case.rule.title.in_language(language()),
    }
    return render(request, "requester/withdraw.html", context)


def not_possible(request: HttpRequest, why: str) -> HttpResponse:
    """Back to the case, with a calm word on why."""
    messages.warning(request, why)
    return redirect("requester:case")
