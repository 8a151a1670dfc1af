"""Proving who one is on the status page: what is needed, the guide, papers, and the account."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import deadlines, files, identity, ledger, lifecycle, limits
from dsar.models import Case
from dsar.questions import ProofPaperForm
from dsar.requester import proof_ways
from dsar.requester.proof import needs
from dsar.requester.views import of_the_case


@of_the_case
def prove(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """What is needed, what was shown, and a form for papers."""
    found = needs(case)
    if not found or not identity.is_wanted(case):
        messages.info(request, _("No proof of identity is needed now."))
        return redirect("requester:case")
    rules, today = identity.rules_of(case), deadlines.today(case, at)
    posted = [request.POST, request.FILES] if request.method == "POST" else []
    form = ProofPaperForm(rules, case.requester_role, today, *posted)
    if request.method == "POST" and form.is_valid():
        if not limits.hit("upload", request):
            return limits.too_many_requests(request, "upload")
        given = form.cleaned_data
        subject, code = form.chosen
        try:
            identity.add_paper(
                case,
                given["upload"],
                subject=subject,
                type_=code,
                issued_on=given["issued_on"],
                expires_on=given["expires_on"],
                by=ledger.REQUESTER,
                at=at,
            )
        except (files.Unacceptable, lifecycle.NotAllowed) as refused:
            messages.warning(request, str(refused))
            return redirect("requester:case")
        messages.success(request, _("Your paper has arrived. An officer will look at it."))
        return redirect("requester:identity")
    context = {
        "case": case,
        "form": form,
        "needs": found,
        "never": identity.never_send(rules, get_language() or "ja"),
        "ways": proof_ways.offered(case),
        "is_done": all(need.is_done for need in found),
    }
    return render(request, "requester/identity.html", context)
