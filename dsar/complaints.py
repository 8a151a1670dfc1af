"""Complaints: category, investigation and where else the person may turn (APPI Art. 40).

The answer is a decision with the outcome "answered" (`dsar.decision`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from dsar import ledger
from dsar.ledger import Actor
from dsar.lifecycle import NotAllowed
from dsar.models import FINISHED, Case, ComplaintCategory, Investigation, StaffMember


@dataclass(frozen=True, slots=True)
class Body:
    """Somebody outside the desk to whom a person may turn; `url` may be empty."""

    name: str
    url: str
    text: str


def is_complaint(case: Case) -> bool:
    """Whether the case is a complaint, not a request."""
    return "complaint" in case.rule.questions


def category_of(case: Case) -> str:
    """What the complaint is about: as the desk says, else as the person said."""
    row = ComplaintCategory.objects.filter(case=case).first()
    return row.code if row else str(case.answers.get("complaint", {}).get("category", ""))


def category_title(case: Case, code: str, language: str) -> str:
    """A category in words; the code itself if the law's file knows it no more."""
    found = next((row for row in case.rules.complaint_categories if row.code == code), None)
    return found.title.in_language(language) if found else code


def categorise(case: Case, code: str, *, by: Actor, at: datetime) -> None:
    """Say what the complaint is about.

    Raises:
        NotAllowed: no complaint, no such category, or already answered.
    """
    _check(case, by)
    if code not in {row.code for row in case.rules.complaint_categories}:
        raise NotAllowed(_("Choose a category."))
    before = category_of(case)
    if before == code:
        return
    with transaction.atomic():
        ComplaintCategory.objects.update_or_create(case=case, defaults={"code": code})
        facts = {"category_before": before, "category": code}
        ledger.append(case, "categorise", by=by, at=at, facts=facts)


def investigate(case: Case, examined: str, finding: str, *, by: Actor, at: datetime) -> None:
    """Note what was looked into and what came out.

    Raises:
        NotAllowed: no complaint, or already answered.
    """
    user = _check(case, by)
    with transaction.atomic():
        row = Investigation.objects.create(
            case=case, examined=examined, finding=finding, at=at, by=user
        )
        ledger.append(case, "investigate", by=by, at=at, facts={"investigation": row.pk})


def _check(case: Case, by: Actor) -> StaffMember:
    if by.user is None:
        raise NotAllowed(_("Only the desk can do this."))
    if not is_complaint(case):
        raise NotAllowed(_("This case is not a complaint."))
    if case.status in FINISHED:
        raise NotAllowed(_("The complaint is answered already."))
    return by.user


def bodies(case: Case, language: str) -> list[Body]:
    """Whom the person may turn to: the authorities, and the company's accredited organization.

    The organization deals with complaints under Japan's Act alone (APPI Art. 53).
    """
    found = [
        Body(body.name.in_language(language), body.url, body.text.in_language(language))
        for body in case.rules.external_bodies
    ]
    organization = case.controller.accredited_org_in(language)
    if organization and case.regime == "appi":
        contact = case.controller.accredited_org_contact
        is_link = contact.startswith(("https://", "http://"))
        told = _("The accredited personal information protection organization of the company.")
        text = told if is_link or not contact else f"{told} {contact}"
        found.append(Body(organization, contact if is_link else "", text))
    return found
