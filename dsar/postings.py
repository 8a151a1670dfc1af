"""The posting log: letters handed to the post, and the second pair of eyes before that.

Where the controller wants it, a posting is prepared by one person and counts once another has
compared the envelope with the letter (see reference law.md §6, physical measures).
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dsar import ledger, lifecycle
from dsar.ledger import Actor
from dsar.models import Case, Letter, Posting, StaffMember

USUAL_WAYS = {
    "post_kan-i_kakitome": Posting.Way.SIMPLE_REGISTERED,
    "post_honnin_gentei": Posting.Way.TO_PERSON,
    "counter": Posting.Way.COUNTER,
}
"""The way that belongs to a delivery the person chose (law/*.toml)."""


def usual_way(case: Case) -> str:
    """How a letter of the case is posted unless somebody says otherwise."""
    return USUAL_WAYS.get(case.delivery, Posting.Way.ORDINARY)


def needs_check(letter: Letter, way: str) -> bool:
    """Whether another person checks the envelope; not where the letter is handed over."""
    return letter.case.controller.second_check and way != Posting.Way.COUNTER


def to_post(user: StaffMember) -> QuerySet[Letter]:
    """Issued letters of the user's controllers that are still to be posted, the oldest first."""
    rows = Letter.objects.filter(state=Letter.State.ISSUED, by_post=True)
    return rows.filter(case__controller__in=user.controllers.all()).order_by("id")


def record(
    letter: Letter,
    way: str,
    *,
    by: Actor,
    at: datetime,
    posted_on: date | None = None,
    tracking: str = "",
) -> Posting:
    """Note that a letter was posted, or that it lies ready for the second check.

    Args:
        posted_on: the day; not used where the posting is still to be checked.
        tracking: the number on the slip; sealed.

    Raises:
        lifecycle.NotAllowed: the letter is not issued, waits for its check, or has no day.
    """
    if by.user is None:
        raise lifecycle.NotAllowed(_("Only the desk can do this."))
    with transaction.atomic():
        locked = Letter.objects.select_for_update().only("state").get(pk=letter.pk)
        if locked.state != Letter.State.ISSUED:
            raise lifecycle.NotAllowed(_("This letter is not written yet."))
        if letter.postings.filter(state=Posting.State.PREPARED).exists():
            raise lifecycle.NotAllowed(_("This letter already waits for its second check."))
        is_ready = not needs_check(letter, way)
        if is_ready and posted_on is None:
            raise lifecycle.NotAllowed(_("Enter the day on which it was posted."))
        row = Posting.objects.create(
            letter=letter,
            state=Posting.State.POSTED if is_ready else Posting.State.PREPARED,
            way=way,
            tracking=tracking,
            posted_on=posted_on if is_ready else None,
            by=by.user,
            at=at,
        )
        _note("post_letter" if is_ready else "prepare_posting", row, by, at)
        if is_ready:
            Letter.objects.filter(pk=letter.pk).update(by_post=False)
    return row


def check(row: Posting, posted_on: date, *, by: Actor, at: datetime) -> None:
    """Another person has compared the envelope with the letter; now it counts as posted.

    Raises:
        lifecycle.NotAllowed: by the one who prepared it, or it does not wait any more.
    """
    if by.user is None or by.user.pk == row.by_id:
        raise lifecycle.NotAllowed(_("A posting is checked by someone other than who prepared it."))
    with transaction.atomic():
        done = Posting.objects.filter(pk=row.pk, state=Posting.State.PREPARED).update(
            state=Posting.State.POSTED, posted_on=posted_on, checked_by=by.user, checked_at=at
        )
        if not done:
            raise lifecycle.NotAllowed(_("This posting does not wait for a check any more."))
        row.posted_on = posted_on
        _note("post_letter", row, by, at)
        Letter.objects.filter(pk=row.letter_id).update(by_post=False)


def cancel(row: Posting, *, by: Actor, at: datetime) -> None:
    """Take back a posting that waits for its check: something on it is wrong.

    Raises:
        lifecycle.NotAllowed: it does not wait any more.
    """
    with transaction.atomic():
        done = Posting.objects.filter(pk=row.pk, state=Posting.State.PREPARED).delete()[0]
        if not done:
            raise lifecycle.NotAllowed(_("This posting does not wait for a check any more."))
        _note("cancel_posting", row, by, at)


def _note(act: str, row: Posting, by: Actor, at: datetime) -> None:
    facts = {"letter": row.letter_id, "kind": row.letter.kind, "way": row.way}
    if row.posted_on:
        facts["posted_on"] = row.posted_on.isoformat()
    texts = {"tracking": row.tracking} if act != "cancel_posting" else None
    ledger.append(row.letter.case, act, by=by, at=at, facts=facts, texts=texts)
