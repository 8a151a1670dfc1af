"""What the desk does: ask for proof, note how it came, and say that it is enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import correspondence, ledger, lifecycle
from dsar.identity.rules import rules_of, sensitivity_of
from dsar.identity.standing import Standing, standing
from dsar.ledger import Actor
from dsar.lifecycle import NotAllowed
from dsar.models import (
    Case,
    Event,
    IdentityCheck,
    IdentityProof,
    Sensitivity,
    Subject,
)

State = IdentityCheck.State
PROOF_OF = {
    "photo_id": IdentityProof.Method.PAPERS,
    "two_papers": IdentityProof.Method.PAPERS,
    "account": IdentityProof.Method.ACCOUNT,
    "registered_data": IdentityProof.Method.REGISTERED,
    "seal": IdentityProof.Method.SEAL,
    "counter": IdentityProof.Method.IN_PERSON,
    "other": IdentityProof.Method.OTHER,
}
"""How a check that was made beside the portal counts."""
CHECKED_HERE = "checked"
"""The method of a confirmation that rests on what is recorded in the case."""


class Incomplete(Exception):
    """Something is missing or wrong; `faults` says what, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__(", ".join(faults))


def ask(
    case: Case,
    wanted: Iterable[str],
    message: str,
    *,
    reason: str,
    doubt: str = "",
    by: Actor,
    at: datetime,
    seen: int | None = None,
) -> Event:
    """Ask for proof: the clock does what the rule set says, letter and mail are ordered.

    Raises:
        NotAllowed: see `lifecycle.move`.
    """
    subjects = [str(subject) for subject in wanted]
    with transaction.atomic():
        event = lifecycle.move(
            case,
            "ask_identity",
            by=by,
            at=at,
            seen=seen,
            facts={"subjects": subjects},
            texts={"reason": reason, "doubt": doubt, "message": message},
        )
        for row in standing(case):
            if row.subject in subjects:
                row.check.asked_at = at
                if row.check.state == State.REJECTED:
                    row.check.state = State.OPEN
                _save(row)
        correspondence.send(case, message, by=by, at=at, tell=False)
    return event


def ask_in_words(case: Case, rows: Iterable[Standing]) -> str:
    """A message that asks for what is lacking, in the case's language, to be changed at will."""
    with override(case.language):
        parts = [_("Before we go on with your request, please show us the following.")]
        for row in rows:
            needs = row.agent.needs if row.agent else row.level.needs if row.level else None
            if needs is not None:
                parts.append(f"■ {row.subject.label}\n{needs.in_language(case.language)}")
        parts.append(
            _(
                "You can add pictures of papers on the status page. It also says what to cover "
                "before you take them."
            )
        )
        return "\n\n".join(str(part) for part in parts)


def set_sensitivity(case: Case, value: Sensitivity, *, by: Actor, at: datetime) -> None:
    """Note how sensitive the data is; the required level follows."""
    with transaction.atomic():
        before = sensitivity_of(case)
        for row in standing(case):
            row.check.sensitivity = value
            _save(row)
        for row in standing(case):  # the level follows the rows
            _save(row)
        facts = {"sensitivity": str(value), "before": str(before)}
        ledger.append(case, "identity_level", by=by, at=at, facts=facts)
        settle(case, by=by, at=at)


def set_agent(case: Case, code: str, *, by: Actor, at: datetime) -> None:
    """Note the kind of agent: it says which papers show the authority.

    Raises:
        NotAllowed: no such kind for this requester.
    """
    if code not in {agent.code for agent in rules_of(case).agents_of(case.requester_role)}:
        raise NotAllowed(_("There is no such kind of agent."))
    with transaction.atomic():
        row = _row(case, Subject.AUTHORITY)
        row.check.papers = code
        _save(row)
        ledger.append(case, "identity_agent", by=by, at=at, facts={"agent": code})


def record_proof(
    case: Case, subject: str, method: str, note: str = "", *, by: Actor, at: datetime
) -> IdentityProof:
    """Note a proof that the officer saw beside the portal: at the counter, on paper, by a call.

    Raises:
        Incomplete: another way needs a note.
    """
    if method == IdentityProof.Method.OTHER and not note:
        raise Incomplete({"note": _("Say in the note how it was checked.")})
    with transaction.atomic():
        proof = IdentityProof.objects.create(
            case=case,
            subject=subject,
            method=method,
            state=IdentityProof.State.ACCEPTED,
            details={"note": note} if note else {},
            started_at=at,
            done_at=at,
            checked_at=at,
            checked_by=by.user,
        )
        facts = {"proof": proof.pk, "subject": str(subject), "method": str(method)}
        ledger.append(case, "identity_proof", by=by, at=at, facts=facts, texts={"result": note})
        if subject != Subject.AUTHORITY:
            settle(case, by=by, at=at)
    return proof


def judge_proof(
    proof: IdentityProof, *, accepted: bool, note: str = "", by: Actor, at: datetime
) -> None:
    """Accept or reject what the person showed by an account or a provider.

    Raises:
        Incomplete: a rejection without a reason.
        NotAllowed: someone else judged it meanwhile.
    """
    if not accepted and not note:
        raise Incomplete({"note": _("Say why it is not accepted.")})
    state = IdentityProof.State.ACCEPTED if accepted else IdentityProof.State.REJECTED
    with transaction.atomic():
        locked = IdentityProof.objects.select_for_update().filter(pk=proof.pk).first()
        if locked is None or locked.state != IdentityProof.State.SHOWN:
            raise NotAllowed(_("This proof was checked meanwhile. Look at it again."))
        proof.state, proof.checked_at, proof.checked_by = state, at, by.user
        proof.details = {**proof.details, **({"note": note} if note else {})}
        proof.save()
        facts = {
            "proof": proof.pk,
            "subject": proof.subject,
            "method": proof.method,
            "result": str(state),
        }
        ledger.append(
            proof.case, "identity_proof_judged", by=by, at=at, facts=facts, texts={"result": note}
        )
        settle(proof.case, by=by, at=at)


def judge_authority(
    case: Case,
    *,
    accepted: bool,
    covers_answer: bool = False,
    note: str = "",
    by: Actor,
    at: datetime,
) -> None:
    """Say whether the agent may act; apart from who the agent is.

    Raises:
        Incomplete: papers are missing and no note says what was seen, or a rejection has no reason.
    """
    with transaction.atomic():
        row = _row(case, Subject.AUTHORITY)
        if accepted and not row.is_reached and not note:
            raise Incomplete(
                {"note": _("The papers are not complete. Say what you saw instead, or reject.")}
            )
        if not accepted and not note:
            raise Incomplete({"note": _("Say why the authority is not accepted.")})
        check = row.check
        check.state = State.ACCEPTED if accepted else State.REJECTED
        check.covers_answer = accepted and covers_answer
        check.note, check.checked_at, check.checked_by = note, at, by.user
        check.method = "+".join(sorted(row.methods)) or ("documents" if row.is_reached else "")
        _save(row)
        facts = {
            "result": str(check.state),
            "agent": row.agent.code if row.agent else "",
            "covers_answer": check.covers_answer,
        }
        ledger.append(case, "identity_authority", by=by, at=at, facts=facts, texts={"result": note})


def reject_identity(case: Case, subject: str, reason: str, *, by: Actor, at: datetime) -> None:
    """Say that an identity could not be established with what was shown.

    Raises:
        NotAllowed: it is proven.
    """
    with transaction.atomic():
        row = _row(case, subject)
        if row.is_accepted:
            raise NotAllowed(_("The identity is proven; there is nothing to reject."))
        row.check.state, row.check.note = State.REJECTED, reason
        row.check.checked_at, row.check.checked_by = at, by.user
        _save(row)
        facts = {"subject": str(subject), "result": str(State.REJECTED)}
        ledger.append(case, "identity_settled", by=by, at=at, facts=facts, texts={"reason": reason})


def settle(case: Case, *, by: Actor, at: datetime) -> None:
    """Bring the rows of the identities in line with what was accepted; the transaction is open."""
    for row in standing(case):
        if row.subject == Subject.AUTHORITY:
            continue
        target = State.ACCEPTED if row.is_reached else State.OPEN
        if row.check.state == target or (row.check.state == State.REJECTED and not row.is_reached):
            continue
        row.check.state = target
        row.check.method = "+".join(sorted(row.methods)) if row.is_reached else ""
        row.check.checked_at = at if row.is_reached else None
        row.check.checked_by = by.user if row.is_reached else None
        _save(row)
        if row.is_reached and row.level is not None:
            facts = {
                "subject": str(row.subject),
                "result": str(target),
                "level": row.level.code,
                "methods": sorted(row.methods),
            }
            ledger.append(case, "identity_settled", by=by, at=at, facts=facts)


def confirm(
    case: Case,
    *,
    method: str = "",
    authority: str = "",
    covers_answer: bool = False,
    note: str = "",
    by: Actor,
    at: datetime,
    seen: int | None = None,
) -> Event:
    """Confirm that everything required is proven, and go on to the examination.

    `method` and `authority` name a check that was made beside the portal (`PROOF_OF`); it is
    recorded as a proof and counts like any other. Nothing is written if it is not enough.

    Raises:
        NotAllowed: something is not proven; the message says what is needed.
        Conflict: see `lifecycle.move`.
    """
    with transaction.atomic():
        for row in standing(case):
            if row.is_accepted:
                continue
            if row.subject == Subject.AUTHORITY:
                if authority:
                    judge_authority(
                        case,
                        accepted=True,
                        covers_answer=covers_answer,
                        note=note or authority,
                        by=by,
                        at=at,
                    )
            elif method:
                record_proof(case, row.subject, PROOF_OF[method], note, by=by, at=at)
        settle(case, by=by, at=at)
        lacking = [row for row in standing(case) if not row.is_accepted]
        if lacking:
            raise NotAllowed(" ".join(_lacks(row) for row in lacking))
        return lifecycle.move(
            case,
            "confirm_identity",
            by=by,
            at=at,
            seen=seen,
            facts={"check_method": method or CHECKED_HERE, "authority": authority},
            texts={"result": note},
        )


def _lacks(row: Standing) -> str:
    from django.utils.translation import get_language

    language = get_language() or "ja"
    needs = row.agent.needs if row.agent else row.level.needs if row.level else None
    return _("%(subject)s is not proven yet. Needed: %(needs)s.") % {
        "subject": row.subject.label,
        "needs": needs.in_language(language) if needs else "",
    }


def _row(case: Case, subject: str) -> Standing:
    found = next((row for row in standing(case) if row.subject == subject), None)
    if found is None:
        raise NotAllowed(_("This request needs no such check."))
    return found


def _save(row: Standing) -> None:
    """Write a check's row; of two officers at once the second finds the first one's row."""
    check = row.check
    check.level = row.level.code if row.level else ""
    if check._state.adding:
        known, made = IdentityCheck.objects.get_or_create(
            case=check.case,
            subject=check.subject,
            defaults={"sensitivity": check.sensitivity, "level": check.level},
        )
        if not made and known.state != State.OPEN:
            raise NotAllowed(_("The case was changed meanwhile. Reload the page."))
        check.pk = known.pk
        check._state.adding = False
    check.save()
