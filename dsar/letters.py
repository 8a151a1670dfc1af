"""Letters to the person: ordered by acts, composed, drawn as PDF, and frozen when issued.

An act orders a letter in its own transaction (`notices.order_letter`); a sweep writes what is
ordered. Writing takes a lease, so that a worker that dies loses nothing: the lease runs out and
the letter is written anew. The PDF, the sealed text and the event with the SHA-256 of the PDF are
written in one transaction, so a letter is issued once or not at all.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import override

from dsar import blanks, deadlines, files, ledger, letter_address, letter_pdf, notices, vault
from dsar.ledger import Actor
from dsar.letter_blanks import Decided, Source, values
from dsar.letter_wording import BLANKS, TITLES, wording
from dsar.models import Attachment, Case, Channel, Event, Letter, Outcome

LEASE = timedelta(minutes=5)
MAX_TRIES = 6
SWEEP_SECONDS = 50.0
"""A sweep that has more to write than this hands over to the next."""

logger = logging.getLogger(__name__)
# Of the threads of one worker one writes letters, so that mail never waits for them.
_sweeping = threading.Lock()
_State = Letter.State


# --- Composing ----------------------------------------------------------------------------
def name_of(kind: str, decided: Decided | None) -> str:
    """Which text a letter has: a decision has one for each outcome."""
    if kind != Letter.Kind.DECISION or decided is None:
        return "decision_granted" if kind == Letter.Kind.DECISION else kind
    return {
        Outcome.PARTIAL: "decision_partial",
        Outcome.REFUSED: "decision_refused",
        Outcome.NO_DATA: "decision_no_data",
        Outcome.NOT_ACCEPTED: "threshold",
        Outcome.ANSWERED: "complaint",
    }.get(Outcome(decided.outcome), "decision_granted")


def compose(
    case: Case,
    kind: str,
    *,
    on: date,
    facts: dict[str, Any] | None = None,
    texts: dict[str, Any] | None = None,
    decided: Decided | None = None,
    nth_extension: int = 0,
    is_draft: bool = False,
) -> letter_pdf.Sheet:
    """A letter as it would be issued on a day; nothing is written.

    Args:
        kind: one of `Letter.Kind`.
        facts, texts: of the act that orders it.
        decided: the decision it tells, or the draft of one.
        nth_extension: which of the case's extensions it tells; 0 for one yet to be granted.

    Raises:
        vault.KeyDestroyed: the case's content was destroyed.
    """
    to = letter_address.addressee(case, kind)
    source = Source(
        case,
        on,
        to=to,
        facts=facts or {},
        texts=texts or {},
        decided=decided,
        nth_extension=nth_extension,
    )
    name = name_of(kind, decided)
    subject, body = wording(name, case)
    filled = values(source, BLANKS[name])
    with override(source.language):
        title = str(TITLES[name])
    return letter_pdf.Sheet(
        language=source.language,
        title=f"{title} – {case.controller.name_in(source.language)}",
        subject=" ".join(blanks.fill(subject, filled).split()),
        body=blanks.fill(body, filled),
        recipient=letter_address.block(case, to, source.language),
        number=case.shown_number,
        dated_on=on,
        sender=letter_pdf.sender_of(case.controller, source.language),
        window=case.controller.window,
        is_draft=is_draft,
    )


def compose_ordered(letter: Letter) -> letter_pdf.Sheet:
    """The letter that was ordered, dated on the day of the act that ordered it."""
    case = letter.case
    event = case.events.get(position=letter.event)
    extensions = 0
    if letter.kind == Letter.Kind.EXTENSION:
        earlier = case.events.filter(act=event.act, position__lte=event.position)
        extensions = earlier.count()
    return compose(
        case,
        letter.kind,
        on=deadlines.today(case, event.at),
        facts={**event.facts, **letter.facts},
        texts=event.texts(),
        decided=_decided(case, event),
        nth_extension=extensions,
    )


def _decided(case: Case, event: Event) -> Decided | None:
    """The decision that an event made final; later ones are none of its business."""
    made_final = Q(approved_at=event.at) | Q(approved_at=None, decided_at=event.at)
    return case.decisions.filter(made_final).first()


def goes_by_post(case: Case, kind: str) -> bool:
    """Whether a letter is to be posted: no e-mail, a request on paper, or so chosen."""
    if not case.email() or case.channel in (Channel.POST, Channel.COUNTER, Channel.PHONE):
        return True
    delivery = case.rules.deliveries.get(case.delivery)
    return kind == Letter.Kind.DECISION and delivery is not None and delivery.needs_address


# --- Writing ------------------------------------------------------------------------------
def sweep(now: datetime, seconds: float = SWEEP_SECONDS) -> int:
    """Write what is ordered and due, the oldest first; returns how many were issued.

    Stops after `seconds` and queues another run. Does nothing while another thread sweeps.
    """
    if not _sweeping.acquire(blocking=False):
        return 0
    try:
        written, is_done = _sweep(now, seconds)
    finally:
        _sweeping.release()
    if not is_done:
        transaction.on_commit(partial(notices.queue, "dsar.write_letters"))
    return written


def _sweep(now: datetime, seconds: float) -> tuple[int, bool]:
    """How many were issued, and whether none is left that is due."""
    began, written = time.monotonic(), 0
    while (pk := _due(now).values_list("pk", flat=True).first()) is not None:
        if time.monotonic() - began > seconds:
            return written, False
        written += write(pk, now) == _State.ISSUED
    return written, True


def _due(now: datetime) -> QuerySet[Letter]:
    may_begin = Q(next_try_at=None) | Q(next_try_at__lte=now)
    return Letter.objects.filter(may_begin, state=_State.ORDERED).order_by("id")


def write(letter_id: int, now: datetime) -> Letter.State | None:
    """Write one letter that is due; returns its state afterwards.

    None: there was nothing to do, since it is issued, failed, not due, or in other hands.
    """
    begun = (
        _due(now)
        .filter(pk=letter_id)
        .order_by()
        .update(next_try_at=now + LEASE, attempts=F("attempts") + 1)
    )
    if not begun:
        return None
    letter = Letter.objects.select_related("case__key", "case__controller").get(pk=letter_id)
    if letter.attempts > MAX_TRIES:  # workers died over it
        return _end(letter, _State.FAILED, "given up")
    try:
        sheet = compose_ordered(letter)
        drawn = letter_pdf.as_pdf(sheet)
        _freeze(letter, sheet, drawn, now)
    except vault.KeyDestroyed:
        return _end(letter, _State.FAILED, "erased meanwhile")
    except Exception as error:  # one letter that cannot be written must not stop the others
        # Neither the message nor the traceback: they may quote what stands in the letter.
        logger.error("letter %d cannot be written: %s", letter.pk, type(error).__name__)
        return _put_off(letter, now, type(error).__name__)
    return _State.ISSUED


def _freeze(letter: Letter, sheet: letter_pdf.Sheet, drawn: bytes, now: datetime) -> None:
    """Store PDF, text, digest and event: all or nothing, and once."""
    case = letter.case
    digest = hashlib.sha256(drawn)
    with transaction.atomic():
        locked = Letter.objects.select_for_update().only("state").get(pk=letter.pk)
        if locked.state != _State.ORDERED:
            return
        letter.pdf = files.keep(
            [drawn],
            case=case,
            name=f"{case.shown_number}-{letter.kind}-{letter.pk}.pdf",
            content_type="application/pdf",
            purpose=Attachment.Purpose.LETTER,
            at=now,
        )
        letter.subject, letter.body, letter.recipient = sheet.subject, sheet.body, sheet.recipient
        letter.digest, letter.issued_at, letter.state = digest.digest(), now, _State.ISSUED
        letter.by_post = goes_by_post(case, letter.kind)
        letter.last_error, letter.next_try_at = "", None
        letter.save()
        ledger.append(
            case,
            "issue_letter",
            by=ledger.SYSTEM,
            at=now,
            facts={"letter": letter.pk, "kind": letter.kind, "sha256": digest.hexdigest()},
        )


def retry(letter: Letter, *, by: Actor, at: datetime) -> bool:
    """Have a letter that failed written once more; False if it has not failed."""
    with transaction.atomic():
        done = Letter.objects.filter(pk=letter.pk, state=_State.FAILED).update(
            state=_State.ORDERED, attempts=0, next_try_at=None, last_error=""
        )
        if not done:
            return False
        facts = {"letter": letter.pk, "kind": letter.kind}
        ledger.append(letter.case, "retry_letter", by=by, at=at, facts=facts)
        transaction.on_commit(partial(notices.queue, "dsar.write_letters"))
    return True


def _put_off(letter: Letter, now: datetime, error: str) -> Letter.State:
    """Another try later, or none after too many."""
    if letter.attempts >= MAX_TRIES:
        return _end(letter, _State.FAILED, error)
    later = notices.next_try(letter.attempts, now)
    return _end(letter, _State.ORDERED, error, next_try_at=later)


def _end(letter: Letter, state: Letter.State, error: str, **fields: Any) -> Letter.State:
    """Write how a try ended, unless somebody else has begun another one."""
    rows = Letter.objects.filter(pk=letter.pk, state=_State.ORDERED, attempts=letter.attempts)
    rows.update(state=state, last_error=error[:300], **fields)
    return state


# --- Reading ------------------------------------------------------------------------------
def issued(case: Case) -> list[Letter]:
    """The letters of a case that the person may read, the newest first."""
    rows = case.letters.filter(state=_State.ISSUED).select_related("pdf").order_by("-id")
    found = list(rows)
    for row in found:
        row.case = case
        if row.pdf is not None:
            row.pdf.case = case
    return found


def envelope(letter: Letter) -> letter_pdf.Envelope:
    """What stands on the envelope of an issued letter."""
    sender = letter_pdf.sender_of(letter.case.controller, letter.language)
    return letter_pdf.Envelope(letter.recipient, sender, letter.language)
