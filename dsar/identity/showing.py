"""Papers: handed in, looked at by an officer, and their pictures destroyed."""

from __future__ import annotations

import calendar
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from dsar import correspondence, deadlines, files, ledger, notices
from dsar.clock_words import long_date
from dsar.identity.acts import Incomplete, settle
from dsar.identity.rules import rules_of
from dsar.law.proof import Document
from dsar.ledger import Actor
from dsar.lifecycle import NotAllowed
from dsar.models import (
    ActorKind,
    Attachment,
    Case,
    IdentityDocument,
    IdentityProof,
    IntakeDraft,
    Status,
    Subject,
)

ACCEPTED_TYPES = ("application/pdf", "image/jpeg", "image/png", "image/webp")
"""What can be shown without handing the file itself to a browser."""

logger = logging.getLogger(__name__)


def paper_faults(
    document: Document, issued_on: date | None, expires_on: date | None, today: date, language: str
) -> dict[str, str]:
    """What the dates of a paper lack, by field; empty when they are in order."""
    faults = {}
    if document.issued_within_months is not None:
        first = _months_before(today, document.issued_within_months)
        if issued_on is None:
            faults["issued_on"] = _("Enter the day of issue: this paper must not be too old.")
        elif issued_on < first:
            faults["issued_on"] = _(
                "This paper is too old. It must have been issued on or after %(day)s."
            ) % {"day": long_date(first, language)}
    if issued_on is not None and issued_on > today:
        faults["issued_on"] = _("This day is still to come. Enter a day up to today.")
    if expires_on is not None and expires_on < today:
        faults["expires_on"] = _("This paper is no longer valid. Choose another one.")
    return faults


def check_upload(upload: Any) -> None:
    """Take only what can be shown to the officer.

    Raises:
        files.Unacceptable: another type, too large, or empty.
    """
    if files.check(upload) not in ACCEPTED_TYPES:
        raise files.Unacceptable(
            _("“%(name)s” cannot be shown here. Send it as JPEG, PNG or PDF.")
            % {"name": files.shown_name(upload.name)}
        )


def add_paper(
    owner: Case | IntakeDraft,
    upload: Any,
    *,
    subject: str,
    type_: str,
    issued_on: date | None = None,
    expires_on: date | None = None,
    by: Actor,
    at: datetime,
) -> IdentityDocument:
    """Seal a picture of a paper and note its type; the desk is told when the person sent it.

    Raises:
        files.Unacceptable: the file cannot be taken.
        NotAllowed: the case is decided.
    """
    check_upload(upload)
    case = owner if isinstance(owner, Case) else None
    with transaction.atomic():
        if case is not None:
            locked = Case.objects.select_for_update().only("status").get(pk=case.pk)
            if locked.status in (Status.DECIDED, Status.CLOSED):
                raise NotAllowed(_("The request is decided; no more papers are needed."))
        kept = files.store(
            upload,
            at=at,
            case=case,
            draft=None if isinstance(owner, Case) else owner,
            purpose=Attachment.Purpose.IDENTITY,
        )
        row = IdentityDocument.objects.create(
            case_id=kept.case_id,
            subject=subject,
            type=type_,
            attachment=kept,
            issued_on=issued_on,
            expires_on=expires_on,
            added_at=at,
        )
        if case is not None:
            row.case = case
            facts = {"document": row.pk, "type": type_, "subject": str(subject)}
            ledger.append(case, "identity_paper", by=by, at=at, facts=facts)
            if by.kind == ActorKind.REQUESTER:
                correspondence.raise_news(case)
                notices.write([notices.new(notices.DESK_NEWS, at, case=case)], at)
    return row


def note_view(document: IdentityDocument, page: int, *, by: Actor, at: datetime) -> None:
    """Write that an officer is about to see a page.

    Raises:
        NotAllowed: it was checked already, or its picture is gone.
    """
    case = document.case
    if (
        case is None
        or document.state != IdentityDocument.State.NEW
        or document.attachment_id is None
    ):
        raise NotAllowed(_("The picture is shown only while the paper is being checked."))
    with transaction.atomic():
        facts = {"document": document.pk, "type": document.type, "page": page}
        ledger.append(case, "view_identity", by=by, at=at, facts=facts)


CHECKLIST = ("name", "birth_date", "address", "relation", "mandate", "valid", "issued", "masked")
"""What is compared, of which each type of paper has a part: see `checklist_of`."""


def checklist_of(document: Document) -> tuple[str, ...]:
    """What an officer has to find in order on a paper of this type."""
    points: list[str] = [point for point in CHECKLIST if point in document.shows]
    if document.expires:
        points.append("valid")
    if document.issued_within_months is not None:
        points.append("issued")
    if document.mask:
        points.append("masked")
    return tuple(points)


def judge_paper(
    document: IdentityDocument,
    *,
    accepted: bool,
    checklist: Iterable[str] = (),
    reason: str = "",
    destroy: bool = False,
    dates: Mapping[str, date | None] | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Accept or reject a paper; accepting enough of them proves the identity.

    With `destroy` the picture of a rejected paper goes at once (an individual number, say).

    Raises:
        Incomplete: a point of the checklist, a date or the reason is missing, by field.
        NotAllowed: someone else judged it meanwhile.
    """
    case = document.case
    if case is None:
        raise NotAllowed(_("This paper belongs to a request that is not filed."))
    kind = rules_of(case).documents.get(document.type)
    found = set(checklist)
    faults: dict[str, str] = {}
    given = dict(dates or {})
    if accepted and kind is not None:
        open_points = [point for point in checklist_of(kind) if point not in found]
        if open_points:
            faults["checklist"] = _(
                "A paper is accepted only if every point is in order. Otherwise reject it and say "
                "why."
            )
        arrived = deadlines.today(case, document.added_at)
        faults |= paper_faults(
            kind, given.get("issued_on"), given.get("expires_on"), arrived, case.language
        )
    if accepted and destroy:
        faults["destroy"] = _("A paper that shows this is rejected, not accepted.")
    if not accepted and not reason:
        faults["reason"] = _("Say why it is rejected: the person reads it.")
    if faults:
        raise Incomplete(faults)
    state = IdentityDocument.State.ACCEPTED if accepted else IdentityDocument.State.REJECTED
    with transaction.atomic():
        locked = IdentityDocument.objects.select_for_update().get(pk=document.pk)
        if locked.state != IdentityDocument.State.NEW:
            raise NotAllowed(_("This paper was checked meanwhile. Look at it again."))
        document.state, document.checklist = state, sorted(found)
        document.reason = "" if accepted else reason
        document.checked_at, document.checked_by = at, by.user
        if "issued_on" in given:
            document.issued_on = given["issued_on"]
        if "expires_on" in given:
            document.expires_on = given["expires_on"]
        document.save()
        ledger.append(
            case,
            "identity_judged",
            by=by,
            at=at,
            facts={
                "document": document.pk,
                "type": document.type,
                "subject": document.subject,
                "result": str(state),
                "checked": sorted(found),
            },
            texts={} if accepted else {"reason": reason},
        )
        if document.subject != Subject.AUTHORITY:
            settle(case, by=by, at=at)
        if destroy and not accepted:
            _destroy(document.pk, at)


# --- The end of the pictures --------------------------------------------------------------
def destroy_pictures(now: datetime) -> int:
    """Destroy pictures some days after their check, or after the end of a case without one.

    Idempotent: each paper is claimed in its own transaction. Returns how many went.
    """
    before = now - timedelta(days=settings.IDENTITY_IMAGE_DAYS)
    due = Q(checked_at__lte=before) | Q(checked_at=None, case__closed_at__lte=before)
    rows = IdentityDocument.objects.filter(due, destroyed_at=None, case__isnull=False)
    gone = 0
    told = IdentityProof.objects.filter(due).exclude(details=b"")
    told.update(details=b"")  # claims of an account and the like; the result stays
    for pk in list(rows.values_list("pk", flat=True)):
        try:
            gone += _destroy(pk, now)
        except Exception as error:  # one that fails must not keep the others
            logger.error("the picture of paper %s stays: %s", pk, type(error).__name__)
    return gone


def _destroy(pk: int, now: datetime) -> int:
    with transaction.atomic():
        row = (
            IdentityDocument.objects.select_for_update(of=("self",))
            .select_related("case__key", "attachment")
            .filter(pk=pk, destroyed_at=None)
            .first()
        )
        if row is None or row.case is None:
            return 0
        if row.attachment is not None:
            files.remove(row.attachment)
        row.attachment = None
        row.issued_on = row.expires_on = None
        row.destroyed_at = now
        row.save(update_fields=["attachment", "issued_on", "expires_on", "destroyed_at"])
        facts = {"document": row.pk, "type": row.type, "result": row.state}
        ledger.append(row.case, "identity_destroyed", by=ledger.SYSTEM, at=now, facts=facts)
    return 1


def _months_before(day: date, months: int) -> date:
    """The same day some months earlier, or that month's last."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
