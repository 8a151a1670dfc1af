"""The tracked letter to the address on the document: sent, and shown to have arrived.

It carries a code that the person enters on the status page; a record of delivery will do as well.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from dsar import ledger, reference, vault
from dsar.identity.acts import Incomplete, settle
from dsar.ledger import Actor
from dsar.lifecycle import NotAllowed
from dsar.models import Case, IdentityProof, Person, Subject

CODE_LETTERS = 8
MOST_TRIES = 5
State = IdentityProof.State


def person_of(case: Case, subject: str) -> Person | None:
    """Whose address a subject's letter goes to."""
    role = Person.Role.PRINCIPAL if subject == Subject.PRINCIPAL else Person.Role.AGENT
    return next((row for row in case.people.all() if row.role == role), None)


def post_letter(
    case: Case, subject: str, tracking: str, *, by: Actor, at: datetime
) -> IdentityProof:
    """Note a letter about to be posted, with a fresh code; one that is under way gives way.

    Raises:
        Incomplete: the request names no address, or the tracking number is missing.
    """
    person = person_of(case, subject)
    if person is None or not person.address:
        raise Incomplete({"subject": _("The request names no address to write to.")})
    if not tracking:
        raise Incomplete({"tracking": _("Enter the tracking number: only tracked post proves.")})
    code = reference.new_receipt_code()[:CODE_LETTERS]
    with transaction.atomic():
        waiting(case).filter(subject=subject).update(state=State.REJECTED, checked_at=at)
        proof = IdentityProof.objects.create(
            case=case,
            subject=subject,
            method=IdentityProof.Method.POST,
            details={"tracking": tracking, "code": code},
            digest=_digest(case, code),
            started_at=at,
        )
        facts = {"proof": proof.pk, "subject": str(subject)}
        ledger.append(case, "identity_posted", by=by, at=at, facts=facts)
    return proof


def enter_code(case: Case, typed: str, *, at: datetime) -> bool:
    """Whether `typed` is the code of the letter under way; the fifth wrong one ends it.

    The right code proves that the letter arrived; no officer has to look at it.
    """
    code = reference.read_receipt_code(typed)
    with transaction.atomic():
        proof = waiting(case).select_for_update().first()
        if proof is None:
            return False
        proof.case = case
        if vault.same(bytes(proof.digest), _digest(case, code)):
            _arrived(case, proof, "code", by=ledger.REQUESTER, at=at)
            return True
        IdentityProof.objects.filter(pk=proof.pk).update(attempts=F("attempts") + 1)
        if proof.attempts + 1 >= MOST_TRIES:
            _over(case, proof, "code", by=ledger.SYSTEM, at=at)
    return False


def record_delivery(
    proof: IdentityProof, arrived: bool, note: str, *, by: Actor, at: datetime
) -> None:
    """Note what the carrier says: delivered to the addressee, or come back.

    Raises:
        Incomplete: the note that says what the record is.
        NotAllowed: it is not under way any more.
    """
    if not note:
        raise Incomplete({"note": _("Say what the record of delivery is.")})
    case = proof.case
    with transaction.atomic():
        locked = IdentityProof.objects.select_for_update().get(pk=proof.pk)
        if locked.state != State.WAITING:
            raise NotAllowed(_("This letter is no longer under way. Look at it again."))
        proof.details = {**proof.details, "note": note}
        end = _arrived if arrived else _over
        end(case, proof, "record", by=by, at=at)


def waiting(case: Case) -> QuerySet[IdentityProof]:
    """Letters under way."""
    return case.identity_proofs.filter(method=IdentityProof.Method.POST, state=State.WAITING)


def _arrived(case: Case, proof: IdentityProof, how: str, *, by: Actor, at: datetime) -> None:
    _end(case, proof, State.ACCEPTED, how, by, at)
    settle(case, by=by, at=at)


def _over(case: Case, proof: IdentityProof, how: str, *, by: Actor, at: datetime) -> None:
    _end(case, proof, State.REJECTED, how, by, at)


def _end(
    case: Case, proof: IdentityProof, state: IdentityProof.State, how: str, by: Actor, at: datetime
) -> None:
    proof.state, proof.done_at = state, at
    proof.checked_at, proof.checked_by = at, by.user
    proof.details = {name: text for name, text in proof.details.items() if name != "code"}
    proof.digest = b""
    proof.save()
    facts = {"proof": proof.pk, "subject": proof.subject, "result": str(state), "how": how}
    ledger.append(case, "identity_delivery", by=by, at=at, facts=facts)


def _digest(case: Case, code: str) -> bytes:
    return vault.keyed_digest("identity_post", f"{case.pk}:{code}")
