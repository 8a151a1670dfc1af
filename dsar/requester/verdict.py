"""The decision and what follows from it, as the person reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from dsar import clock, decision
from dsar.models import (
    Case,
    ItemDecision,
    Outcome,
)


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """The decision on one of the things that were asked for, in words."""

    title: str
    outcome: str
    article: str
    ground: str
    reason: str
    withheld: str
    alternative_measure: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision in words.

    Attributes:
        items: the things that were asked for, if they are several.
        is_alike: whether all of them were decided alike, so that the words stand once for all.
    """

    headline: str
    on: date
    article: str
    ground: str
    may_be_cured: bool
    reason: str
    withheld: str
    alternative_measure: str
    answer: str
    items: tuple[ItemVerdict, ...]
    is_alike: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """How one due date was counted."""

    title: str
    source: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lawsuit:
    """From when the law lets the matter go to court (APPI Art. 39(1))."""

    explained: Explained
    is_refused: bool


def explained(case: Case, role: str, sentences: tuple[str, ...], language: str) -> Explained:
    rule = case.rules.deadline(case.kind, role) or next(
        rule for rule in case.rules.deadlines.values() if rule.role == role
    )
    return Explained(rule.title.in_language(language), rule.source.in_language(language), sentences)


def verdict(case: Case, language: str) -> Verdict | None:
    found = decision.final(case)
    if found is None:
        return None
    basis = case.rules.refusals.get(found.code) or case.rules.thresholds.get(found.code)
    items = tuple(_on_item(case, row, language) for row in decision.items_of(case, found))
    headline = {
        Outcome.GRANTED: _("We do what you asked for."),
        Outcome.PARTIAL: _("We do a part of what you asked for."),
        Outcome.REFUSED: _("We cannot do what you asked for."),
        Outcome.NO_DATA: _("We do not hold the data you asked about."),
        Outcome.NOT_ACCEPTED: _("We could not treat your request as effective."),
        Outcome.ANSWERED: _("We have answered your complaint."),
    }[Outcome(found.outcome)]
    return Verdict(
        headline=headline,
        on=clock.received_on(case.decided_at or found.decided_at, case.rules.timezone),
        article=basis.article_label.in_language(language) if basis else "",
        ground=basis.text.in_language(language) if basis else "",
        may_be_cured=bool(getattr(basis, "curable", False)),
        reason=found.reason,
        withheld=found.withheld,
        alternative_measure=found.alternative_measure,
        answer=found.answer,
        items=items if len(items) > 1 else (),
        is_alike=len({replace(item, title="") for item in items}) < 2,
    )


def _on_item(case: Case, row: ItemDecision, language: str) -> ItemVerdict:
    basis = case.rules.refusals.get(row.code)
    return ItemVerdict(
        title=row.title,
        outcome=str(Outcome(row.outcome).label),
        article=basis.article_label.in_language(language) if basis else "",
        ground=basis.text.in_language(language) if basis else "",
        reason=row.reason,
        withheld=row.withheld,
        alternative_measure=row.alternative_measure,
    )


def lawsuit(case: Case, reckoned: dict[str, tuple[str, ...]], language: str) -> Lawsuit | None:
    if "art39_marker" not in reckoned or case.outcome in (Outcome.WITHDRAWN, Outcome.MERGED):
        return None
    # The last sentence calls the marker a due date; it is nobody's, so it ends with the suit day.
    sentences = reckoned["art39_marker"][:-1]
    return Lawsuit(
        explained(case, "art39_marker", sentences, language),
        case.outcome in (Outcome.REFUSED, Outcome.PARTIAL),
    )
