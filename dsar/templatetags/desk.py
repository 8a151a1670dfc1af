"""Template tags of the officer's desk: `{% load desk %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import law
from dsar.clock_words import long_date
from dsar.components import SummaryRow
from dsar.models import Case, Deadline

register = template.Library()


@register.filter
def in_language(text: law.Text) -> str:
    """A text of the law in the language in use."""
    return text.in_language(get_language() or "ja")


@register.filter
def kind_of(case: Case) -> str:
    """What kind of request a case is, in the language in use."""
    return in_language(case.rule.title)


@register.simple_tag
def receipt_rows(case: Case, decision: Deadline | None) -> list[SummaryRow]:
    """What the receipt says of the case, in the language in use."""
    language = get_language() or "ja"
    rows = [
        SummaryRow(label=_("Case number"), value=case.shown_number),
        SummaryRow(label=_("Kind of request"), value=case.rule.title.in_language(language)),
        SummaryRow(label=_("Received on"), value=long_date(case.received_on, language)),
    ]
    if decision is not None and decision.due_on is not None:
        rows.append(
            SummaryRow(label=_("We will answer by"), value=long_date(decision.due_on, language))
        )
    return rows
