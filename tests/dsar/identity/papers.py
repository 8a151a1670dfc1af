"""Papers handed in and looked at, for the tests beside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from dsar import identity, ledger
from dsar.models import Case, IdentityDocument
from tests.factories import png


def shown(
    case: Case, type_: str, subject: str, at: datetime, upload: Any = None, **dates: date | None
) -> IdentityDocument:
    """The person hands in a paper."""
    return identity.add_paper(
        case,
        upload or png(f"{type_}.png"),
        subject=subject,
        type_=type_,
        by=ledger.REQUESTER,
        at=at,
        **dates,
    )


def accept(row: IdentityDocument, by: ledger.Actor, at: datetime, **given: Any) -> None:
    """The officer finds everything in order."""
    assert row.case is not None
    kind = identity.rules_of(row.case).documents[row.type]
    given.setdefault("dates", {"issued_on": row.issued_on, "expires_on": row.expires_on})
    identity.judge_paper(
        row, accepted=True, checklist=identity.checklist_of(kind), by=by, at=at, **given
    )


def show_and_accept(
    case: Case, type_: str, subject: str, by: ledger.Actor, at: datetime, **dates: date | None
) -> IdentityDocument:
    """Both."""
    row = shown(case, type_, subject, at, **dates)
    accept(row, by, at)
    return row
