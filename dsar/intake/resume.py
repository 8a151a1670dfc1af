"""Going on later: a secret link, a button to open it, and a way to delete everything."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dsar import limits, notices
from dsar.intake import draft as drafts
from dsar.intake.forms import LinkForm
from dsar.intake.pages import Visit, page, url_of
from dsar.questions import BY_NAME, first_missing


@page()
def save(visit: Visit) -> HttpResponse:
    """Show the link, say until when it works, and mail it if asked to."""
    draft, request = visit.draft, visit.request
    if draft is None:
        return redirect("intake:start")
    token = drafts.token_of(request)
    holder = "agent" if visit.matter.has_agent else "contact"
    known = visit.matter.answer(holder, "email")
    form = LinkForm(visit.posted, initial={"email": known})
    if request.method == "POST" and form.is_valid():
        # Counted by the draft too: nobody shall fill a stranger's mailbox from many addresses.
        within = [limits.hit("mail", request), limits.hit("mail", f"draft {draft.pk}")]
        if not all(within):
            return limits.too_many_requests(request, "mail")
        answers = {name: dict(answer) for name, answer in draft.answers.items()}
        answers.setdefault(holder, {})["email"] = form.cleaned_data["email"]
        with transaction.atomic():
            drafts.save(draft, answers, at=visit.at)
            link = notices.new(notices.DRAFT_LINK, visit.at, draft=draft, secret={"token": token})
            notices.write([link], visit.at)
        messages.success(request, _("We are sending the link to your e-mail address."))
        response = redirect("intake:save")
        drafts.remember(response, token)
        return response
    path = reverse("intake:resume", args=[token])
    return render(
        request,
        "intake/save.html",
        {
            "form": form,
            "link": f"{settings.PUBLIC_URL}{path}",
            "expires_at": draft.expires_at,
            "days": settings.DRAFT_DAYS,
            "go_on_url": url_of(first_missing(visit.matter) or BY_NAME["check"]),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Open a draft by its link: the button does it, so that mail scanners do nothing."""
    if not limits.hit("link", request):
        return limits.too_many_requests(request, "link")
    draft = drafts.find(token, at=timezone.now())
    # Once it was sent, the receipt stays with the browser that sent it: whoever reads the mailbox
    # would otherwise have the receipt code and the one-time codes at once.
    if draft is not None and draft.case_id is not None:
        return render(request, "intake/sent.html", status=410)
    if draft is None:
        return render(request, "intake/expired.html", {"days": settings.DRAFT_DAYS}, status=410)
    if request.method == "POST":
        response = redirect("intake:start")
        drafts.remember(response, token)
        return response
    return render(request, "intake/resume.html", {"expires_at": draft.expires_at})


@page()
def delete(visit: Visit) -> HttpResponse:
    """Ask once, then delete the draft with its files and its key."""
    if visit.draft is None:
        return redirect("intake:start")
    if visit.request.method == "POST":
        drafts.delete(visit.draft)
        response = redirect("intake:deleted")
        drafts.forget(response)
        return response
    back = url_of(first_missing(visit.matter) or BY_NAME["check"])
    return render(visit.request, "intake/delete.html", {"back_url": back})


@never_cache
def deleted(request: HttpRequest) -> HttpResponse:
    """Say that nothing is kept."""
    return render(request, "intake/deleted.html")


@never_cache
def expired(request: HttpRequest) -> HttpResponse:
    """Say calmly that the draft is gone, and how to begin again."""
    response = render(request, "intake/expired.html", {"days": settings.DRAFT_DAYS}, status=410)
    drafts.forget(response)
    return response
