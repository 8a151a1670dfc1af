"""The start page: what can be asked, how it works, and where else to turn."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dsar.questions import Matter


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the wants of the first rule set as cards; the form asks where the person lives."""
    matter = Matter.load({}, timezone.now())
    language = get_language() or "ja"
    rule_sets = tuple(matter.rule_sets.values())
    start = reverse("intake:start")
    wants: list[dict[str, Any]] = [
        {
            "title": want.title.in_language(language),
            "hint": want.hint.in_language(language),
            "url": f"{start}?{urlencode({'want': want.code})}",
        }
        for rules in rule_sets[:1]
        for want in rules.wants
    ]
    companies = [
        {
            "name": controller.name_in(language),
            "address": controller.address_in(language),
            "phone": controller.phone,
        }
        for controller in matter.controllers
    ]
    return render(
        request,
        "home/home.html",
        {
            "wants": wants,
            "companies": companies,
            "rule_sets": rule_sets,
            "bodies": [body for rules in rule_sets for body in rules.external_bodies],
        },
    )
