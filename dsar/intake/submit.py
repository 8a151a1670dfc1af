"""A draft becomes a case, at most once."""

from __future__ import annotations

from datetime import datetime

from dsar import filing, ledger
from dsar.models import Case, IntakeDraft
from dsar.questions import Matter, to_filings


def submit(draft: IntakeDraft, matter: Matter, *, at: datetime) -> Case:
    """File the draft, all its requests or none; one that was filed before gives its case again.

    Raises:
        questions.Unfinished: an answer is missing or no longer fits.
    """
    if draft.case is not None:
        return draft.case
    filled, *more = to_filings(matter, received_at=at, language=draft.language)
    try:
        return filing.file(
            filled,
            further=more,
            by=ledger.REQUESTER,
            at=at,
            receipt_code=draft.receipt_code,
            draft=draft,
        )
    except filing.AlreadyFiled as already:
        return already.case
