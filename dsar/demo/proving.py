"""Steps of a demo case in which someone proves who they are, each by the function of the pages."""

from __future__ import annotations

from datetime import timedelta

from dsar import deadlines, identity
from dsar.demo.papers import paper
from dsar.demo.steps import HANDLER, REQUESTER, Step, Turn
from dsar.models import IdentityDocument


def shows(day: int, type_: str, subject: str, file: str) -> Step:
    """The person sends a picture of a paper, issued a month ago."""

    def run(turn: Turn) -> None:
        kind = identity.rules_of(turn.case).documents[type_]
        today = deadlines.today(turn.case, turn.at)
        identity.add_paper(
            turn.case,
            paper(file),
            subject=subject,
            type_=type_,
            issued_on=today - timedelta(days=30) if kind.issued_within_months else None,
            expires_on=today + timedelta(days=900) if kind.expires else None,
            by=turn.by,
            at=turn.at,
        )

    return Step(day, REQUESTER, run)


def looks(day: int, type_: str, reason: str = "") -> Step:
    """The officer looks at a paper: accepts it, or rejects it for a `reason`."""

    def run(turn: Turn) -> None:
        state = IdentityDocument.State.NEW
        row = turn.case.identity_documents.get(type=type_, state=state)
        row.case = turn.case
        identity.note_view(row, 1, by=turn.by, at=turn.at)
        kind = identity.rules_of(turn.case).documents[type_]
        identity.judge_paper(
            row,
            accepted=not reason,
            checklist=() if reason else identity.checklist_of(kind),
            reason=reason,
            dates={"issued_on": row.issued_on, "expires_on": row.expires_on},
            by=turn.by,
            at=turn.at,
        )

    return Step(day, HANDLER, run)


def asks_proof(day: int, reason: str, message: str) -> Step:
    """The officer asks for proof of what is not proven."""

    def run(turn: Turn) -> None:
        lacking = [row.subject for row in identity.standing(turn.case) if not row.is_accepted]
        identity.ask(turn.case, lacking, message, reason=reason, by=turn.by, at=turn.at)

    return Step(day, HANDLER, run)
