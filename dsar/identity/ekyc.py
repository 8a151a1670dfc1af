"""Online identification by a provider (eKYC), behind one small adapter.

The operator names a class in `EKYC_PROVIDER` (a dotted path). It sends the person to the provider
and fetches the result afterwards; `dsar.identity.ekyc_http.HttpProvider` is a worked example. See
docs/reference/identity.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from dsar import ledger
from dsar.identity.account import note_shown
from dsar.identity.rules import requester
from dsar.models import Case, IdentityProof


class ProviderFailed(Exception):
    """The provider did not answer as it should; the message holds nothing personal."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a provider found. Its words are held beside the request's by an officer."""

    state: Literal["waiting", "verified", "failed"]
    name: str = ""
    birth_date: str = ""
    address: str = ""
    document: str = ""


class Provider(Protocol):
    """An adapter; made without arguments, it reads its own settings."""

    def begin(self, return_url: str) -> tuple[str, str]:
        """Open a session: its reference at the provider, and where the person goes.

        Raises:
            ProviderFailed: no session could be opened.
        """

    def result(self, reference: str) -> Result:
        """What came of a session.

        Raises:
            ProviderFailed: it could not be asked.
        """


@cache
def _made(path: str) -> Provider:
    made: Provider = import_string(path)()
    return made


def provider() -> Provider | None:
    """The provider in use, or None."""
    return _made(settings.EKYC_PROVIDER) if settings.EKYC_PROVIDER else None


def begin(case: Case, used: Provider, return_url: str, *, at: datetime) -> str:
    """Open a session and return where the person goes; an earlier one gives way.

    Raises:
        ProviderFailed: see `Provider.begin`.
    """
    reference, url = used.begin(return_url)
    subject = requester(case)
    with transaction.atomic():
        waiting(case).delete()
        proof = IdentityProof.objects.create(
            case=case,
            subject=subject,
            method=IdentityProof.Method.EKYC,
            details={"reference": reference},
            started_at=at,
        )
        facts = {"proof": proof.pk, "subject": str(subject), "method": proof.method}
        ledger.append(case, "identity_begun", by=ledger.REQUESTER, at=at, facts=facts)
    return url


def fetch(case: Case, used: Provider, *, at: datetime) -> IdentityProof | None:
    """Ask what came of the session under way; None while there is none or it goes on.

    Raises:
        ProviderFailed: see `Provider.result`.
    """
    proof = waiting(case).first()
    if proof is None:
        return None
    proof.case = case
    found = used.result(str(proof.details["reference"]))
    if found.state == "waiting":
        return None
    with transaction.atomic():
        locked = IdentityProof.objects.select_for_update().filter(pk=proof.pk).first()
        if locked is None or locked.state != IdentityProof.State.WAITING:
            return None
        proof.done_at = at
        if found.state == "failed":
            proof.state = IdentityProof.State.REJECTED
        else:
            proof.state = IdentityProof.State.SHOWN
            claims = {
                "name": found.name,
                "birthdate": found.birth_date,
                "address": found.address,
                "document": found.document,
            }
            told = {name: text for name, text in claims.items() if text}
            proof.details = {**proof.details, "claims": told}
        proof.save()
        note_shown(case, proof, at)
    return proof


def waiting(case: Case) -> QuerySet[IdentityProof]:
    """Sessions under way."""
    return case.identity_proofs.filter(
        method=IdentityProof.Method.EKYC, state=IdentityProof.State.WAITING
    )
