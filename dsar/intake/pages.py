"""What the pages of the form have in common: the visitor's draft, and how a page is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dsar import limits
from dsar.intake import draft as drafts
from dsar.intake import spam
from dsar.models import IntakeDraft
from dsar.questions import PARTS, Matter, Step, first_missing, step_before, steps_for

P = ParamSpec("P")


@dataclass
class Visit:
    """One call of a page: who calls, when, with which draft."""

    request: HttpRequest
    at: datetime
    draft: IntakeDraft | None
    matter: Matter

    @property
    def posted(self) -> Any:
        """What was posted, for a form; None if the page is only looked at."""
        return self.request.POST if self.request.method == "POST" else None

    @property
    def changing(self) -> bool:
        """Whether the person came from the check page to change one answer."""
        return "change" in self.request.GET


def page(
    scope: str = "step", *, needs_draft: bool = True
) -> Callable[
    [Callable[Concatenate[Visit, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Make a view of a function of a visit: never cached, posts counted under `scope`.

    A draft that is gone leads to the calm page that says so; a filed one to its receipt.
    """

    def wrap(
        view: Callable[Concatenate[Visit, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def called(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method == "POST" and not limits.hit(scope, request):
                return limits.too_many_requests(request, scope)
            at = timezone.now()
            draft = drafts.of_request(request, at=at)
            if draft is None and needs_draft:
                known = bool(request.COOKIES.get(drafts.COOKIE))
                return redirect("intake:expired" if known else "intake:start")
            if draft is not None and draft.case is not None:
                return redirect("intake:receipt")
            answers = draft.answers if draft is not None else {}
            return view(Visit(request, at, draft, Matter.load(answers, at)), *args, **kwargs)

        guarded = require_http_methods(["GET", "HEAD", "POST"])(called)
        return never_cache(sensitive_post_parameters()(guarded))

    return wrap


def url_of(step: Step, **query: str) -> str:
    """The address of a page of the form."""
    path = (
        reverse(f"intake:{step.name}")
        if step.name in ("attachments", "check")
        else reverse("intake:step", args=[step.name])
    )
    return f"{path}?{urlencode(query)}" if query else path


def show(visit: Visit, step: Step, template: str, **context: Any) -> HttpResponse:
    """Render a page with progress, way back and the marks against machines."""
    return render(
        visit.request,
        template,
        {
            "step": step,
            "title": step.title_for(visit.matter),
            "lead": step.lead_for(visit.matter),
            "matter": visit.matter,
            "language": get_language() or "ja",
            "back_url": way_back(visit, step, visit.matter),
            "progress": progress(visit.matter),
            "position": PARTS.index(step.part) + 1,
            "has_draft": visit.draft is not None,
            "changing": visit.changing,
            "trap": spam.TRAP,
            "stamp_name": spam.STAMP,
            "stamp": visit.request.POST.get(spam.STAMP) or spam.stamp(visit.at),
            **context,
        },
    )


def way_back(visit: Visit, step: Step, matter: Matter) -> str:
    """The address of the page before; from a change, the check page."""
    if visit.changing:
        return reverse("intake:check")
    before = step_before(matter, step.name)
    return url_of(before) if before is not None else reverse("home")


def progress(matter: Matter) -> list[dict[str, Any]]:
    """The parts of the way; one that was passed leads back to its first page."""
    missing = first_missing(matter)
    steps = steps_for(matter)
    passed = [step for step in steps if missing is None or _comes_before(step, missing, steps)]
    return [
        {
            "label": part,
            "url": next((url_of(step) for step in passed if step.part is part), ""),
        }
        for part in PARTS
    ]


def _comes_before(step: Step, other: Step, steps: tuple[Step, ...]) -> bool:
    return steps.index(step) <= steps.index(other)
