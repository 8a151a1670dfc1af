"""The card of the identity check: what is required, what was shown, what is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dsar import identity
from dsar.admin import law_words
from dsar.models import (
    Case,
    IdentityCheck,
    IdentityDocument,
    IdentityProof,
    Sensitivity,
    Status,
    Subject,
)

_TONES = {
    IdentityCheck.State.OPEN: "neutral",
    IdentityCheck.State.ACCEPTED: "success",
    IdentityCheck.State.REJECTED: "error",
}
_PAPER_TONES = {
    IdentityDocument.State.NEW: "warning",
    IdentityDocument.State.ACCEPTED: "success",
    IdentityDocument.State.REJECTED: "error",
}
_PROOF_TONES = {
    IdentityProof.State.WAITING: "neutral",
    IdentityProof.State.SHOWN: "warning",
    IdentityProof.State.ACCEPTED: "success",
    IdentityProof.State.REJECTED: "error",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper on the card; `url` leads to its check while it can be looked at."""

    title: str
    state: str
    tone: str
    url: str
    row: IdentityDocument


@dataclass(frozen=True, slots=True)
class Proof:
    """One other proof on the card; `url` leads to what is to be done with it."""

    title: str
    state: str
    tone: str
    row: IdentityProof
    url: str = ""
    link: str = ""
    letter_url: str = ""


@dataclass(frozen=True, slots=True)
class SubjectCard:
    """One subject: what it needs and how far it is."""

    title: str
    state: str
    tone: str
    level: str
    needs: str
    is_authority: bool
    is_accepted: bool
    check: IdentityCheck
    papers: list[Paper]
    proofs: list[Proof]


def card(case: Case, today: date, together: Sequence[Case]) -> dict[str, Any] | None:
    """What the card shows; None where nothing has to be proven."""
    rows = identity.standing(case)
    if not rows:
        return None
    failed = identity.failure(case, today)
    return {
        "elsewhere": identity.papers_with(case, together),
        "subjects": [_subject(case, row) for row in rows],
        "sensitivity": Sensitivity(rows[0].check.sensitivity).label,
        "source": _in_words(identity.rules_of(case).source),
        "is_open": case.status not in (Status.DECIDED, Status.CLOSED),
        "has_agent": any(row.subject == Subject.AUTHORITY for row in rows),
        "failed": case.rules.thresholds[failed.code].text.in_language(law_words.language())
        if failed
        else "",
        "waiting": sum(len(row.waiting) for row in rows),
    }


def _subject(case: Case, row: identity.Standing) -> SubjectCard:
    needs = row.agent.needs if row.agent else row.level.needs if row.level else None
    title = row.agent.title if row.agent else row.level.title if row.level else None
    state = (
        IdentityCheck.State.ACCEPTED if row.is_accepted else IdentityCheck.State(row.check.state)
    )
    return SubjectCard(
        title=str(row.subject.label),
        state=str(state.label),
        tone=_TONES[state],
        level=_in_words(title) if title else "",
        needs=_in_words(needs) if needs else "",
        is_authority=row.subject == Subject.AUTHORITY,
        is_accepted=row.is_accepted,
        check=row.check,
        papers=[_paper(case, document) for document in row.documents],
        proofs=[_proof(case, proof) for proof in row.proofs],
    )


def _paper(case: Case, row: IdentityDocument) -> Paper:
    state = IdentityDocument.State(row.state)
    looks = state == IdentityDocument.State.NEW and row.attachment_id is not None
    return Paper(
        title=paper_title(case, row.type),
        state=str(state.label),
        tone=_PAPER_TONES[state],
        url=reverse("admin:dsar_case_identity", args=[case.pk, row.pk]) if looks else "",
        row=row,
    )


def _proof(case: Case, row: IdentityProof) -> Proof:
    state = IdentityProof.State(row.state)
    url = link = letter_url = ""
    if state == IdentityProof.State.SHOWN:
        url = reverse("admin:dsar_case_act", args=[case.pk, "identity_judge"])
        link = _("Check what was shown online")
    elif state == IdentityProof.State.WAITING and row.method == IdentityProof.Method.POST:
        url = reverse("admin:dsar_case_act", args=[case.pk, "identity_delivery"])
        link = _("Record the delivery of the letter")
        letter_url = reverse("admin:dsar_case_identity_letter", args=[case.pk, row.pk])
    return Proof(
        title=str(IdentityProof.Method(row.method).label),
        state=str(state.label),
        tone=_PROOF_TONES[state],
        row=row,
        url=url,
        link=link,
        letter_url=letter_url,
    )


def paper_title(case: Case, code: str) -> str:
    """What a type of paper is called; one the rules no longer know by its code."""
    known = identity.rules_of(case).documents.get(code)
    return _in_words(known.title) if known else code


def facts_in_words(case: Case, facts: Mapping[str, Any]) -> dict[str, str]:
    """The facts of an event of the check, as the timeline says them."""
    found = {}
    if isinstance(facts.get("type"), str):
        found["type"] = paper_title(case, facts["type"])
    if facts.get("subject") in Subject.values:
        found["subject"] = str(Subject(facts["subject"]).label)
    if facts.get("method") in IdentityProof.Method.values:
        found["method"] = str(IdentityProof.Method(facts["method"]).label)
    results = {
        "accepted": _("accepted"),
        "rejected": _("not accepted"),
        "new": _("not checked"),
    }
    if facts.get("result") in results:
        found["result"] = results[facts["result"]]
    return found


def _in_words(text: Any) -> str:
    return str(text.in_language(law_words.language()))
