"""One question a page, and the page on which everything is checked and sent."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import limits
from dsar.components import SummaryRow
from dsar.intake import draft as drafts
from dsar.intake import further as further_pages
from dsar.intake import spam
from dsar.intake.forms import ConsentForm
from dsar.intake.pages import Visit, page, show, url_of, way_back
from dsar.intake.submit import submit
from dsar.intake.uploads import files_of
from dsar.models import RequesterRole
from dsar.questions import (
    BY_NAME,
    QuestionForm,
    Step,
    Unfinished,
    answered,
    fees,
    first_missing,
    further,
    law_text,
    next_step,
    papers_for,
    period,
    steps_for,
    summary,
)
from dsar.questions.matter import Matter

AGE_OF_MAJORITY = 18


@page(needs_draft=False)
def start(visit: Visit) -> HttpResponse:
    """Lead to the first page that needs an answer, and take along what was chosen at home."""
    first = first_missing(visit.matter) or BY_NAME["check"]
    if not visit.matter.rule_sets:
        return render(visit.request, "intake/closed.html")
    return redirect(url_of(first, **_wish(visit)))


@page(needs_draft=False)
def step(visit: Visit, name: str) -> HttpResponse:
    """Show a question, or take its answer."""
    here = BY_NAME.get(name)
    if here is None:
        raise Http404
    missing = first_missing(visit.matter)
    if here not in steps_for(visit.matter) or _is_ahead(here, missing, visit.matter):
        return _where_it_stands(visit, missing)
    if here.form_class is None:
        return _show_about(visit, here)
    if visit.request.method != "POST":
        form = here.form(visit.matter)
        wish = _wish(visit).get("want")
        if name == "want" and wish and "want" not in visit.matter.answers:
            form.initial["want"] = wish
        return _show_form(visit, here, form)
    return _take(visit, here)


def _take(visit: Visit, here: Step) -> HttpResponse:
    form = here.form(visit.matter, visit.request.POST)
    judged = spam.judge(visit.request, at=visit.at)
    if visit.draft is not None and visit.request.POST.get("then") in ("back", "later"):
        return _leave(visit, here, form, keeps=judged is not spam.Visitor.MACHINE)
    if not form.is_valid():
        return _show_form(visit, here, form)
    fresh = answered(visit.matter, here, form.answer())
    if judged is spam.Visitor.MACHINE:
        return redirect(_after(visit, here, fresh))
    if visit.draft is not None:
        drafts.save(visit.draft, fresh.answers, at=visit.at)
        response = redirect(_after(visit, here, fresh))
        drafts.remember(response, drafts.token_of(visit.request))
        return response
    # The first answer of all makes a row and a key, so here a machine would do harm.
    if judged is spam.Visitor.HASTY:
        spam.ask_to_look_again(form)
        return _show_form(visit, here, form)
    if not limits.hit("draft", visit.request):
        return limits.too_many_requests(visit.request, "draft")
    _draft, token = drafts.begin(fresh.answers, at=visit.at)
    response = redirect(_after(visit, here, fresh))
    drafts.remember(response, token)
    return response


def _leave(visit: Visit, here: Step, form: QuestionForm, *, keeps: bool) -> HttpResponse:
    """Go back, or stop for now, without losing what was typed on an unfinished page."""
    goes_back = visit.request.POST["then"] == "back"
    if form.has_unreadable and not goes_back:
        return _show_form(visit, here, form)
    draft, matter = visit.draft, visit.matter
    if draft is not None and keeps and form.has_something:
        matter = answered(matter, here, form.answer())
        drafts.save(draft, matter.answers, at=visit.at)
    response = redirect(way_back(visit, here, matter) if goes_back else "intake:save")
    if draft is not None:
        drafts.remember(response, drafts.token_of(visit.request))
    return response


def _after(visit: Visit, here: Step, matter: Matter) -> str:
    """The next page; after a change, the check page once nothing is missing."""
    if visit.changing:
        missing = first_missing(matter)
        return url_of(missing, change="1") if missing else url_of(BY_NAME["check"])
    following = next_step(matter, here.name) or BY_NAME["check"]
    return url_of(following, **(_wish(visit) if following.name == "want" else {}))


def _is_ahead(here: Step, missing: Step | None, matter: Matter) -> bool:
    if missing is None:
        return False
    steps = steps_for(matter)
    return steps.index(here) > steps.index(missing)


def _where_it_stands(visit: Visit, missing: Step | None) -> HttpResponse:
    if visit.draft is None and visit.request.COOKIES.get(drafts.COOKIE):
        return redirect("intake:expired")
    return redirect(url_of(missing or BY_NAME["check"], **_wish(visit)))


def _wish(visit: Visit) -> dict[str, str]:
    """What was chosen on the home page: a code of some want, never free text."""
    code = visit.request.GET.get("want", "")
    known = {w.code for rules in visit.matter.rule_sets.values() for w in rules.wants}
    return {"want": code} if code in known else {}


def _show_form(visit: Visit, here: Step, form: QuestionForm) -> HttpResponse:
    is_choice = len(form.fields) == 1 and hasattr(next(iter(form.fields.values())), "choices")
    papers = papers_for(visit.matter) if here.name == "agent" else ()
    return show(visit, here, "intake/step.html", form=form, is_choice=is_choice, papers=papers)


def _show_about(visit: Visit, here: Step) -> HttpResponse:
    """Plain words on what the request means, before anything personal is asked."""
    matter = visit.matter
    following = next_step(matter, here.name) or BY_NAME["check"]
    chooser = BY_NAME["why"] if matter.want and matter.want.reasons else BY_NAME["want"]
    return show(
        visit,
        here,
        "intake/about.html",
        kind=matter.known_kind,
        rules=matter.known_rules,
        ack=period(matter, "ack"),
        decision=period(matter, "decision"),
        fees=fees(matter),
        next_url=url_of(following),
        reason_url=url_of(chooser),
        want_url=url_of(BY_NAME["want"]),
        papers=papers_for(matter),
    )


@page(scope="submit")
def check(visit: Visit) -> HttpResponse:
    """Show every answer, and send the request."""
    here, draft = BY_NAME["check"], visit.draft
    missing = first_missing(visit.matter)
    if missing is not None or draft is None:
        return _where_it_stands(visit, missing)
    form = ConsentForm(visit.posted)
    if visit.request.method == "POST" and form.is_valid():
        judged = spam.judge(visit.request, at=visit.at)
        if judged is spam.Visitor.MACHINE:
            return redirect("intake:receipt")
        unfinished_one = _unfinished_further(visit.matter)
        if unfinished_one:
            return redirect(unfinished_one)
        if judged is spam.Visitor.PERSON:
            try:
                submit(draft, visit.matter, at=visit.at)
            except Unfinished as unfinished:
                return redirect(url_of(BY_NAME[unfinished.step]))
            return redirect("intake:receipt")
        spam.ask_to_look_again(form)
    language = get_language() or "ja"
    rows = [
        SummaryRow(
            label=line.label,
            value=line.value,
            change_url=url_of(BY_NAME[line.step], change="1"),
        )
        for line in summary(visit.matter, language)
    ]
    rows.append(
        SummaryRow(
            label=BY_NAME["attachments"].title,
            value=[row.name for row in files_of(draft)] or _("None attached"),
            change_url=url_of(BY_NAME["attachments"], change="1"),
        )
    )
    return show(
        visit,
        here,
        "intake/check.html",
        form=form,
        rows=rows,
        further=_further_rows(visit.matter, language),
        may_add=further.count(visit.matter) < further.MOST,
        is_minor=_is_minor(visit.matter),
    )


def _unfinished_further(matter: Matter) -> str:
    """The address of the first page that a further request still needs; empty if none does."""
    for position, one in enumerate(further.matters(matter)):
        missing = further.missing_of(one)
        if missing is not None:
            return further_pages.url_of(position, missing)
    return ""


def _further_rows(matter: Matter, language: str) -> list[dict[str, Any]]:
    """The requests that were added, each with its own answers and the ways to change it."""
    found = []
    for position, one in enumerate(further.matters(matter)):
        own = {step.name: step for step in further.own_steps(one)}
        missing = further.missing_of(one)
        found.append(
            {
                "title": law_text(one.kind.title) if one.kind else "",
                "rows": [
                    SummaryRow(
                        label=line.label,
                        value=line.value,
                        change_url=further_pages.url_of(position, own[line.step], change="1"),
                    )
                    for line in summary(one, language)
                    if line.step in own
                ],
                "go_on_url": further_pages.url_of(position, missing) if missing else "",
                "remove_url": reverse("intake:remove_further", args=[position]),
            }
        )
    return found


def _is_minor(matter: Matter) -> bool:
    """Whether the person concerned asks alone and is under 18 (Civil Code Art. 4)."""
    born = matter.answer("principal", "birth_date")
    if not born or matter.role != RequesterRole.SELF:
        return False
    year, rest = int(born[:4]), born[4:]
    today = matter.today.isoformat()
    return int(today[:4]) - year - (today[4:] < rest) < AGE_OF_MAJORITY
