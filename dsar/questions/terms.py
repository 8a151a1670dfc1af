"""How long a request takes and what it costs, in words, before anyone asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import clock_words
from dsar.fees import amounts, in_words
from dsar.questions.matter import Matter


@dataclass(frozen=True)
class Fee:
    """What one company charges, in words."""

    company: str
    amount: str


def period(matter: Matter, role: str) -> str:
    """The length of a step ("14 calendar days"), or `""` if the kind has no such step."""
    rule = matter.known_rules.deadline(matter.known_kind.code, role)
    if rule is None:
        return ""
    return clock_words.length(rule.n, rule.unit, get_language() or "ja")


def fees(matter: Matter) -> tuple[Fee, ...]:
    """The fee of each company in question; empty if the law or the companies charge none."""
    chosen = (matter.controller,) if matter.controller else matter.offered
    rules = matter.known_rules
    asked = amounts(chosen, rules, matter.known_kind.code)
    if not any(amount for _company, amount in asked):
        return ()
    return tuple(
        Fee(
            company.name,
            in_words(amount, rules.fee.currency) if amount else _("Free of charge"),
        )
        for company, amount in asked
    )
