"""What has to be proven, as the person reads it on the status page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import deadlines, identity
from dsar.clock_words import long_date
from dsar.models import Case, IdentityCheck, IdentityDocument, Subject


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to be proven, as the person reads it."""

    title: str
    needs: str
    state: str
    tone: str
    is_done: bool
    papers: tuple[tuple[str, str, str, str], ...]  # title, state, tone, reason


def needs(case: Case, together: Sequence[Case]) -> list[Need]:
    """What has to be proven, in the reader's language; `together` are those filed with the case."""
    rows = identity.standing(case)
    elsewhere = identity.papers_with(case, together) if rows else None
    return [_need(case, row, elsewhere) for row in rows]


def _need(case: Case, row: identity.Standing, elsewhere: Case | None) -> Need:
    text = row.agent.needs if row.agent else row.level.needs if row.level else None
    if row.is_accepted:
        state, tone = _("Done"), "success"
    elif row.waiting:
        state, tone = _("We are looking at it"), "info"
    elif row.check.state == IdentityCheck.State.REJECTED:
        state, tone = _("Not proven"), "warning"
    elif elsewhere is not None and not row.documents:
        said = _("Your papers came with request %(number)s")
        state, tone = said % {"number": elsewhere.shown_number}, "info"
    else:
        state, tone = _("Still needed"), "warning"
    title = {
        Subject.PRINCIPAL: _("Who you are"),
        Subject.AGENT: _("Who you are"),
        Subject.AUTHORITY: _("That you may act for the person concerned"),
    }[row.subject]
    return Need(
        title=title,
        needs=text.in_language(_language()) if text else "",
        state=state,
        tone=tone,
        is_done=row.is_accepted,
        papers=tuple(_paper(case, document) for document in row.documents),
    )


def _paper(case: Case, row: IdentityDocument) -> tuple[str, str, str, str]:
    known = identity.rules_of(case).documents.get(row.type)
    title = known.title.in_language(_language()) if known else row.type
    day = long_date(deadlines.today(case, row.added_at), _language())
    tones = {
        IdentityDocument.State.NEW: (_("Arrived on %(day)s") % {"day": day}, "info"),
        IdentityDocument.State.ACCEPTED: (_("Accepted"), "success"),
        IdentityDocument.State.REJECTED: (_("Could not be accepted"), "warning"),
    }
    state, tone = tones[IdentityDocument.State(row.state)]
    return title, state, tone, row.reason


def _language() -> str:
    return get_language() or "ja"
