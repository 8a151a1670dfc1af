"""The account as proof: what the provider told, held beside what the request says."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dsar import correspondence, ledger, notices
from dsar.identity.rules import requester
from dsar.models import (
    AccountSignIn,
    Case,
    IdentityProof,
    Person,
    Subject,
)


def sign_in_of(case: Case) -> AccountSignIn | None:
    """The sign-in that the case's company offers."""
    return AccountSignIn.objects.filter(controller=case.controller_id, is_active=True).first()


def show_account(
    case: Case, account: AccountSignIn, claims: Mapping[str, Any], *, at: datetime
) -> IdentityProof:
    """Keep a verified sign-in for the officer to look at; an earlier one gives way."""
    subject = requester(case)
    with transaction.atomic():
        waiting = case.identity_proofs.filter(
            subject=subject,
            method=IdentityProof.Method.ACCOUNT,
            state=IdentityProof.State.SHOWN,
        )
        waiting.delete()
        proof = IdentityProof.objects.create(
            case=case,
            subject=subject,
            method=IdentityProof.Method.ACCOUNT,
            state=IdentityProof.State.SHOWN,
            details={"claims": dict(claims), "number_claim": account.number_claim},
            started_at=at,
            done_at=at,
        )
        note_shown(case, proof, at)
    return proof


def note_shown(case: Case, proof: IdentityProof, at: datetime) -> None:
    """Write that the person has shown something, and tell the desk; the transaction is open."""
    facts = {"proof": proof.pk, "subject": proof.subject, "method": proof.method}
    ledger.append(case, "identity_shown", by=ledger.REQUESTER, at=at, facts=facts)
    correspondence.raise_news(case)
    notices.write([notices.new(notices.DESK_NEWS, at, case=case)], at)


def comparison(case: Case, proof: IdentityProof) -> list[tuple[str, str, str, bool | None]]:
    """What the account says beside what the request says: label, both, and whether they agree.

    None where the request is silent, or the account's e-mail is not verified.
    """
    claims = proof.details.get("claims") or {}
    role = Person.Role.AGENT if proof.subject == Subject.AGENT else Person.Role.PRINCIPAL
    person = next((row for row in case.people.all() if row.role == role), None)
    if person is None:
        return []
    number = str(claims.get(proof.details.get("number_claim") or "", ""))
    verified = claims.get("email_verified") in (True, "true")
    found = []
    for label, told, asked in (
        (_("E-mail"), str(claims.get("email", "")), person.email),
        (_("Customer number"), number, person.customer_number),
        (_("Name"), str(claims.get("name", "")), person.name),
        (_("Date of birth"), str(claims.get("birthdate", "")), person.birth_date),
        (_("Address"), str(claims.get("address", "")), person.address),
    ):
        if told:
            fits = _same(told, asked) if told and asked else None
            found.append((label, told, asked, fits))
    if found and claims.get("email") and not verified:
        label, told, asked, _fits = found[0]
        found[0] = (label, told, asked, None)
    return found


def _same(told: str, asked: str) -> bool:
    def plain(text: str) -> str:
        return "".join(unicodedata.normalize("NFKC", text).casefold().split())

    return plain(told) == plain(asked)
