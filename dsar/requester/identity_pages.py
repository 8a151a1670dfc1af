"""Proving who one is on the status page: what is needed, the guide, papers, and the account."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dsar import deadlines, files, identity, ledger, lifecycle, limits, links
from dsar.models import Case
from dsar.questions import ProofPaperForm
from dsar.requester import proof_ways
from dsar.requester.proof import Need, needs
from dsar.requester.views import of_the_case


@of_the_case
def prove(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """What is needed, what was shown, and a form for papers."""
    found = needs(case, links.filed_with(case))
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
    return _shown(request, case, found, form)


def _shown(
    request: HttpRequest,
    case: Case,
    found: list[Need],
    form: ProofPaperForm,
    code: proof_ways.LetterCodeForm | None = None,
) -> HttpResponse:
    context = {
        "case": case,
        "form": form,
        "forms": [each for each in (form, code) if each is not None],
        "needs": found,
        "never": identity.never_send(identity.rules_of(case), get_language() or "ja"),
        "ways": proof_ways.offered(case, code),
        "is_done": all(need.is_done for need in found),
    }
    return render(request, "requester/identity.html", context)


@require_POST
@of_the_case
def enter_letter_code(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """The code of the letter: it proves that the letter arrived."""
    code = proof_ways.LetterCodeForm(request.POST)
    if not limits.hit("one_time_code", request):
        return limits.too_many_requests(request, "one_time_code")
    if code.is_valid():
        if identity.enter_code(case, code.cleaned_data["code"], at=at):
            messages.success(request, _("Thank you. The letter has arrived at your address."))
            return redirect("requester:identity")
        code.add_error(
            "code", _("This is not the code of our last letter, or it was tried too often.")
        )
    if not identity.is_wanted(case) or not identity.letters_under_way(case).exists():
        return redirect("requester:identity")
    rules, today = identity.rules_of(case), deadlines.today(case, at)
    form = ProofPaperForm(rules, case.requester_role, today)
    return _shown(request, case, needs(case, links.filed_with(case)), form, code)
