"""Asking for something else as well: another kind of request in the same filing."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from dsar.intake import draft as drafts
from dsar.intake import spam
from dsar.intake.pages import Visit, page, show
from dsar.questions import (
    BY_NAME,
    Matter,
    QuestionForm,
    Step,
    answered,
    fees,
    first_missing,
    further,
    period,
)


def url_of(position: int, step: Step | None, **query: str) -> str:
    """The address of a page of a further request; without one, the page that checks all."""
    if step is None:
        return reverse("intake:check")
    path = reverse("intake:further", args=[position, step.name])
    return f"{path}?change=1" if query.get("change") else path


@page()
def add(visit: Visit) -> HttpResponse:
    """Begin another request, once the first one is complete."""
    position = further.count(visit.matter)
    if first_missing(further.alone(visit.matter)) is not None or position >= further.MOST:
        return redirect("intake:check")
    return redirect(url_of(position, BY_NAME["want"]))


@page()
def step(visit: Visit, position: int, name: str) -> HttpResponse:
    """Show a question of a further request, or take its answer."""
    here = BY_NAME.get(name)
    if here is None or position > further.count(visit.matter) or position >= further.MOST:
        raise Http404
    if first_missing(further.alone(visit.matter)) is not None:
        return redirect("intake:check")
    one = further.matter_at(visit.matter, position)
    steps, missing = further.own_steps(one), further.missing_of(one)
    if here not in steps or (missing and steps.index(here) > steps.index(missing)):
        return redirect(url_of(position, missing))
    if here.form_class is None:
        return _show_about(visit, position, one)
    if visit.request.method != "POST":
        return _show(visit, position, here, one, here.form(one))
    return _take(visit, position, here, one)


def _take(visit: Visit, position: int, here: Step, one: Matter) -> HttpResponse:
    draft = visit.draft
    form = here.form(one, visit.request.POST)
    is_machine = spam.judge(visit.request, at=visit.at) is spam.Visitor.MACHINE
    then = visit.request.POST.get("then")
    if then in ("back", "later"):
        keeps = draft is not None and not is_machine and form.has_something
        if keeps and draft is not None:
            fresh = answered(one, here, form.answer())
            if not further.why_not(visit.matter, position, fresh):
                answers = further.with_one(visit.matter, position, fresh)
                drafts.save(draft, answers, at=visit.at)
        return redirect(_back(position, here, one) if then == "back" else "intake:save")
    if not form.is_valid():
        return _show(visit, position, here, one, form)
    fresh = answered(one, here, form.answer())
    refusal = further.why_not(visit.matter, position, fresh)
    if refusal:
        form.add_error(next(iter(form.fields)), refusal)
        return _show(visit, position, here, one, form)
    if draft is not None and not is_machine:
        drafts.save(draft, further.with_one(visit.matter, position, fresh), at=visit.at)
    if visit.changing:
        return redirect(url_of(position, further.missing_of(fresh), change="1"))
    return redirect(url_of(position, _after(here, fresh)))


def _after(here: Step, one: Matter) -> Step | None:
    steps = further.own_steps(one)
    return next(iter(steps[steps.index(here) + 1 :]), None)


def _back(position: int, here: Step, one: Matter) -> str:
    steps = further.own_steps(one)
    place = steps.index(here)
    return url_of(position, steps[place - 1] if place else None)


def _show(visit: Visit, position: int, here: Step, one: Matter, form: QuestionForm) -> HttpResponse:
    is_choice = len(form.fields) == 1 and hasattr(next(iter(form.fields.values())), "choices")
    return show(
        visit,
        here,
        "intake/step.html",
        **_about_it(position, here, one),
        form=form,
        is_choice=is_choice,
    )


def _show_about(visit: Visit, position: int, one: Matter) -> HttpResponse:
    here = BY_NAME["about"]
    chooser = BY_NAME["why"] if one.want and one.want.reasons else BY_NAME["want"]
    return show(
        visit,
        here,
        "intake/about.html",
        **_about_it(position, here, one),
        kind=one.known_kind,
        rules=one.known_rules,
        ack=period(one, "ack"),
        decision=period(one, "decision"),
        fees=fees(one),
        next_url=url_of(position, _after(here, one)),
        reason_url=url_of(position, chooser),
        want_url=url_of(position, BY_NAME["want"]),
    )


def _about_it(position: int, here: Step, one: Matter) -> dict[str, Any]:
    """What tells the page that it is about a further request."""
    return {
        "matter": one,
        "title": here.title_for(one),
        "lead": here.lead_for(one),
        "back_url": _back(position, here, one),
        "further_note": _("This is a further request of the same filing."),
    }


@page()
def remove(visit: Visit, position: int) -> HttpResponse:
    """Ask once, then leave a further request out."""
    if position >= further.count(visit.matter) or visit.draft is None:
        raise Http404
    if visit.request.method == "POST":
        drafts.save(visit.draft, further.without(visit.matter, position), at=visit.at)
        return redirect("intake:check")
    one = further.matter_at(visit.matter, position)
    context = {
        "title": _("Leave this request out?"),
        "kind": one.kind,
        "back_url": reverse("intake:check"),
    }
    return render(visit.request, "intake/remove_further.html", context)
