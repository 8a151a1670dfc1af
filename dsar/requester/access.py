"""How a person comes back to a case: number and receipt code, then a code sent by e-mail.

Nobody learns from the answer whether a number exists or a receipt code fits: a pair that does not
match is worked on like one that does, and what was written for it is rolled back.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from dsar import notices, reference, vault
from dsar.models import AccessCode, Case, CaseKey, Release

CODE_MINUTES = 10
MAX_ATTEMPTS = 5
CODES_AN_HOUR = 5
CLAIM_MINUTES = 30
IDLE_MINUTES = 30

_CLAIM = "requester_claim"
_SIGNED_IN = "requester_case"
_RELEASE_CLAIM = "requester_release_claim"
_UNLOCKED = "requester_release"
_NOBODY = 0
# How often a session's last use is written down; every page would be a write otherwise.
_SEEN_STEP = timedelta(minutes=1)

Session = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """A pair of number and receipt code that someone gave, and the code sent for it.

    Both are 0 where nothing was sent; the person cannot see which. A code sent for a `release_id`
    opens that release and no page, and the other way round.
    """

    case_id: int
    code_id: int
    release_id: int = 0


def begin(number: str, receipt_code: str, *, at: datetime) -> Claim:
    """Send a one-time code if the receipt code belongs to the case of that number.

    Args:
        number: 12 digits, as `reference.read_case_number` gives them.
        receipt_code: as `reference.read_receipt_code` gives it.
    """
    case = Case.objects.select_related("key").filter(number=number).first()
    given = vault.keyed_digest("receipt", receipt_code)
    kept = bytes(case.receipt_code_digest) if case else bytes(len(given))
    return _send(case if vault.same(kept, given) else None, at)


def send_again(claim: Claim, *, at: datetime) -> Claim:
    """Send another code for the same pair; the one before no longer counts."""
    case = Case.objects.select_related("key").filter(pk=claim.case_id).first()
    return _send(case, at)


def send_for_release(release: Release, *, at: datetime) -> Claim:
    """Send a fresh code for one release to the person who has opened the case.

    The claim's code is 0 where none was sent: no address, or too many in an hour.
    """
    return _send(release.case, at, release)


def enter(claim: Claim, typed: str, *, at: datetime) -> bool:
    """Whether `typed` is the code sent for the claim; it is spent by this.

    False for a wrong, old, used or too often tried code alike. Of several uses at once one wins.
    """
    given = _digest(claim.case_id, reference.read_one_time_code(typed), claim.release_id)
    live = AccessCode.objects.filter(
        pk=claim.code_id, case_id=claim.case_id, used_at=None, expires_at__gt=at
    )
    with transaction.atomic():
        # Counted before it is compared, so that parallel guesses do not get more tries.
        may_try = live.filter(attempts__lt=MAX_ATTEMPTS).update(attempts=F("attempts") + 1)
        row = AccessCode.objects.filter(pk=claim.code_id).first()
        kept = bytes(row.digest) if row else bytes(len(given))
        if not vault.same(kept, given) or not may_try:
            return False
        return live.update(used_at=at) == 1


def _send(case: Case | None, at: datetime, release: Release | None = None) -> Claim:
    """Write code and mail for the case; without one, do the same and take it back."""
    subject = case if case is not None and case.key.destroyed_at is None else _nobody()
    email = subject.email()
    lately = AccessCode.objects.filter(
        case_id=subject.pk, release=release, sent_at__gt=at - timedelta(hours=1)
    ).count()
    sends = bool(email) and lately < CODES_AN_HOUR
    code = reference.new_one_time_code()
    release_id = release.pk if release is not None else _NOBODY
    kind = notices.ACCESS_CODE if release is None else notices.DOWNLOAD_CODE
    with transaction.atomic():
        with transaction.atomic():
            row = AccessCode.objects.create(
                case=subject,
                release=release,
                digest=_digest(subject.pk, code, release_id),
                sent_at=at,
                expires_at=at + timedelta(minutes=CODE_MINUTES),
            )
            mail = notices.new(kind, at, case=subject, secret={"code": code})
            notices.write([mail], at)
            transaction.set_rollback(not sends)
        if not sends:
            transaction.on_commit(partial(notices.queue, "dsar.sweep_notices"))
    return Claim(subject.pk, row.pk if sends else _NOBODY, release_id)


def _nobody() -> Case:
    """A case that is in no table, for the work that is taken back."""
    return Case(pk=_NOBODY, key=CaseKey.fresh())


def _digest(case_id: int, code: str, release_id: int = _NOBODY) -> bytes:
    opens = f"release {release_id}:" if release_id else ""
    return vault.keyed_digest("access", f"{case_id}:{opens}{code}")


# --- What the session remembers -----------------------------------------------------------


def remember(session: Session, claim: Claim, *, at: datetime) -> None:
    """Note the claim until its code is entered."""
    session[_CLAIM] = {"case": claim.case_id, "code": claim.code_id, "at": at.isoformat()}


def remembered(session: Session, *, at: datetime) -> Claim | None:
    """The claim of this session, for half an hour."""
    kept = session.get(_CLAIM)
    if kept is None or at - datetime.fromisoformat(kept["at"]) > timedelta(minutes=CLAIM_MINUTES):
        return None
    return Claim(kept["case"], kept["code"])


def sign_in(session: Any, claim: Claim, *, at: datetime) -> None:
    """Open the one case to this session, under a new session key."""
    session.cycle_key()
    for name in (_CLAIM, _RELEASE_CLAIM, _UNLOCKED):
        session.pop(name, None)
    session[_SIGNED_IN] = {"case": claim.case_id, "seen": at.isoformat()}


def switch(session: Session, case: Case, *, at: datetime) -> None:
    """Look at another request of the same filing; the caller has made sure that it is one."""
    session[_SIGNED_IN] = {"case": case.pk, "seen": at.isoformat()}


def sign_out(session: Any) -> None:
    """Forget the case; whoever else is signed in with this browser stays."""
    for name in (_CLAIM, _RELEASE_CLAIM, _UNLOCKED):
        session.pop(name, None)
    if session.pop(_SIGNED_IN, None) is not None:
        session.cycle_key()


def is_signed_in(session: Session) -> bool:
    """Whether a case was opened in this session, be it too long ago."""
    return _SIGNED_IN in session


def case_of(session: Session, *, at: datetime) -> Case | None:
    """The case this session may see; None after half an hour without a page."""
    kept = session.get(_SIGNED_IN)
    if kept is None:
        return None
    unused = at - datetime.fromisoformat(kept["seen"])
    if unused > timedelta(minutes=IDLE_MINUTES):
        return None
    case = (
        Case.objects.select_related("key", "controller")
        .filter(pk=kept["case"], key__destroyed_at=None)
        .first()
    )
    if case is not None and unused >= _SEEN_STEP:
        session[_SIGNED_IN] = {**kept, "seen": at.isoformat()}
    return case


def remember_release(session: Session, claim: Claim, *, at: datetime) -> None:
    """Note for which release a code was sent, until it is entered."""
    session[_RELEASE_CLAIM] = {
        "case": claim.case_id,
        "code": claim.code_id,
        "release": claim.release_id,
        "at": at.isoformat(),
    }


def release_claim(session: Session, release: Release, *, at: datetime) -> Claim | None:
    """The claim to this release, as long as its code is good."""
    kept = session.get(_RELEASE_CLAIM)
    if kept is None or kept["release"] != release.pk or _is_past(kept["at"], at):
        return None
    return Claim(kept["case"], kept["code"], kept["release"])


def unlock(session: Session, claim: Claim, *, at: datetime) -> None:
    """Open one release to this session for ten minutes."""
    session.pop(_RELEASE_CLAIM, None)
    session[_UNLOCKED] = {"release": claim.release_id, "at": at.isoformat()}


def is_unlocked(session: Session, release: Release, *, at: datetime) -> bool:
    """Whether a code for this release was entered within the last ten minutes."""
    kept = session.get(_UNLOCKED)
    return kept is not None and kept["release"] == release.pk and not _is_past(kept["at"], at)


def lock(session: Session) -> None:
    """The next time needs a fresh code."""
    session.pop(_UNLOCKED, None)


def _is_past(noted: str, at: datetime) -> bool:
    return at - datetime.fromisoformat(noted) > timedelta(minutes=CODE_MINUTES)
