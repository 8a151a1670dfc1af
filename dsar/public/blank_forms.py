"""Request forms to print and fill in by hand, made from the same questions as the web form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dsar import limits, pdf
from dsar.components import CleanText, DatePartsField
from dsar.law import Kind, RuleSet
from dsar.models import Controller, RequesterRole
from dsar.questions import DeskForms, Matter, Papers, desk_forms, fees, papers_for

SHEET_CSS = Path(settings.BASE_DIR) / "static" / "css" / "sheet.css"
ROWS_OF_AN_ADDRESS = 3
_PEOPLE = ("principal", "address", "contact")
_AGENT = ("requester", "agent")


@dataclass
class Box:
    """One field on paper. `shape`: line, short, area, date or choices."""

    label: str
    shape: str
    support: str = ""
    groups: list[tuple[str, list[str]]] = field(default_factory=list)


@require_safe
def forms_index(request: HttpRequest) -> HttpResponse:
    """List every kind of every rule set that one company offers; others can be chosen."""
    matter = Matter.load({}, timezone.now())
    language = get_language() or "ja"
    code = request.GET.get("controller", "")
    company = next((c for c in matter.controllers if c.code == code), None)
    if company is None and matter.controllers:
        company = matter.controllers[0]
    regimes = company.regimes if company else ()
    query = f"?controller={company.code}" if company and len(matter.controllers) > 1 else ""
    sections = [
        {
            "name": rules.name.in_language(language),
            "kinds": [
                {
                    "title": kind.title.in_language(language),
                    "article": kind.article_label.in_language(language),
                    "pdf": reverse("blank_form_pdf", args=[rules.regime, kind.code]) + query,
                    "page": reverse("blank_form", args=[rules.regime, kind.code]) + query,
                }
                for kind in rules.kinds.values()
            ],
        }
        for rules in matter.rule_sets.values()
        if rules.regime in regimes
    ]
    context = {"sections": sections, "company": company, "companies": matter.controllers}
    return render(request, "forms_to_print/index.html", context)


@require_safe
@cache_control(max_age=3600)
def blank_form(request: HttpRequest, regime: str, kind: str) -> HttpResponse:
    """The form as a page that prints on A4."""
    context = _sheet(*_asked_for(request, regime, kind))
    return render(request, "forms_to_print/sheet.html", context)


@require_safe
@cache_control(max_age=3600)
def blank_form_pdf(request: HttpRequest, regime: str, kind: str) -> HttpResponse:
    """The form as PDF; where no PDF can be drawn, the page to print, which says so."""
    if not limits.hit("document", request):
        return limits.too_many_requests(request, "document")
    rules, asked, controller = _asked_for(request, regime, kind)
    context = _sheet(rules, asked, controller)
    try:
        drawn = _drawn(render_to_string("forms_to_print/sheet.html", {**context, "for_pdf": True}))
    except pdf.NoPdf:
        return render(request, "forms_to_print/sheet.html", {**context, "no_pdf": True})
    response = HttpResponse(drawn, content_type="application/pdf")
    language = get_language() or "ja"
    name = f"{controller.code}-{regime}-{kind}-{language}.pdf"
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return response


@lru_cache(maxsize=128)
def _drawn(html: str) -> bytes:
    """The same page is drawn once."""
    return pdf.draw(html, SHEET_CSS)


def _asked_for(request: HttpRequest, regime: str, kind: str) -> tuple[RuleSet, Kind, Controller]:
    """Rule set, kind and company of an address; Http404 if one of them is not on offer."""
    matter = Matter.load({}, timezone.now())
    rules = matter.rule_sets.get(regime)
    if rules is None or kind not in rules.kinds:
        raise Http404
    code = request.GET.get("controller", "")
    companies = [c for c in matter.controllers if regime in c.regimes]
    chosen = next((c for c in companies if c.code == code), None if code else companies[0])
    if chosen is None:
        raise Http404
    return rules, rules.kinds[kind], chosen


def _sheet(rules: RuleSet, kind: Kind, controller: Controller) -> dict[str, Any]:
    language = get_language() or "ja"
    paper = desk_forms(rules, kind, controller, at=timezone.now())
    matter = paper.matter_so_far
    return {
        "language": language,
        "kind": kind,
        "rules": rules,
        "company": controller.name_in(language),
        "company_address": controller.address_in(language),
        "people": list(_boxes(paper, _PEOPLE)),
        "agent": list(_boxes(paper, _AGENT)),
        "details": [
            {"title": step.title, "boxes": list(_boxes(paper, (step.name,)))}
            for step in paper.steps
            if step.name not in (*_PEOPLE, *_AGENT)
        ],
        "papers": _papers(matter),
        "fees": fees(matter),
    }


def _papers(matter: Matter) -> list[Papers]:
    """The papers of everyone who might ask, each once."""
    found: list[Papers] = []
    for role in RequesterRole:
        if role != RequesterRole.SELF and not matter.known_kind.agent_allowed:
            continue
        answers = {**matter.answers, "requester": {"role": role.value}}
        found += [p for p in papers_for(matter.with_answers(answers)) if p not in found]
    return found


def _boxes(paper: DeskForms, names: tuple[str, ...]) -> Iterator[Box]:
    for name in names:
        form = paper.forms.get(name)
        for item in form.fields.values() if form is not None else ():
            yield _box(item)


def _box(item: forms.Field) -> Box:
    label, support = str(item.label), str(item.help_text)
    if isinstance(item, DatePartsField):
        return Box(label, "date")
    if isinstance(item, forms.ChoiceField):
        groups: list[tuple[str, list[str]]] = []
        loose: list[str] = []
        for code, text in cast(Iterable[Any], item.choices):
            if isinstance(text, list | tuple):
                groups.append((str(code), [str(inner) for _code, inner in text]))
            elif code:
                loose.append(str(text))
        if loose:
            groups.insert(0, ("", loose))
        return Box(label, "choices", groups=groups)
    if isinstance(item, CleanText) and item.multiline:
        rows = int(item.widget.attrs.get("rows", 0))
        return Box(label, "area" if rows > ROWS_OF_AN_ADDRESS else "short", support)
    return Box(label, "line")
