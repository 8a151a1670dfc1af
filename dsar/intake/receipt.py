"""The receipt: number and code, shown until the person has saved them, and what comes next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dsar import clock_words, deadlines, links, reference
from dsar.intake import draft as drafts
from dsar.intake.forms import SavedForm
from dsar.models import IntakeDraft


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """Show number and code again and again, until the box is ticked; then both are gone."""
    draft = drafts.of_request(request, at=timezone.now())
    if draft is None:
        known = bool(request.COOKIES.get(drafts.COOKIE))
        return redirect("intake:expired" if known else "intake:start")
    if draft.case is None:
        return redirect("intake:check")
    form = SavedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        drafts.delete(draft)
        response = redirect("intake:done")
        drafts.forget(response)
        return response
    return _show(request, draft, form)


def _show(request: HttpRequest, draft: IntakeDraft, form: SavedForm) -> HttpResponse:
    case = draft.case
    if case is None:
        raise ValueError("a draft that was not filed has no receipt")
    language = get_language() or "ja"
    counted = deadlines.reckon(case, deadlines.facts_of(case), deadlines.calendar_of(case))
    decision = counted["decision"][1] if "decision" in counted else None
    due_on = decision.due if decision else None
    return render(
        request,
        "intake/receipt.html",
        {
            "form": form,
            "case": case,
            "together": [
                {
                    "number": one.shown_number,
                    "kind": one.rule.title.in_language(language),
                    "due_on": clock_words.long_date(one.due_on, language) if one.due_on else "",
                }
                for one in links.filed_with(case)
            ],
            "kind": case.rule.title.in_language(language),
            "controller": case.controller.name_in(language),
            "received_on": clock_words.long_date(case.received_on, language),
            "due_on": clock_words.long_date(due_on, language) if due_on else "",
            "explained": decision.explain(language) if decision else (),
            "code": reference.show_receipt_code(draft.receipt_code),
            "checks_identity": case.rule.identity == "required",
            "has_method": bool(case.rule.methods),
        },
    )


@never_cache
def done(request: HttpRequest) -> HttpResponse:
    """What to do now; the same page for everyone, as nothing of the request is known any more."""
    return render(request, "intake/done.html")
