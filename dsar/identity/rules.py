"""What a case's rules ask for, and who gets its letters."""

from __future__ import annotations

from django.db.models import Q

from dsar.law import shelf
from dsar.law.proof import ProofRules
from dsar.models import (
    Case,
    IdentityCheck,
    Letter,
    Person,
    RequesterRole,
    Sensitivity,
    Subject,
)


def rules_of(case: Case) -> ProofRules:
    """What is asked under the case's statute."""
    return shelf.papers()[case.regime]


def requester(case: Case) -> Subject:
    """Whose identity the person at the other end proves."""
    return Subject.PRINCIPAL if case.requester_role == RequesterRole.SELF else Subject.AGENT


def sensitivity_of(case: Case) -> Sensitivity:
    """As the officer set it; else sensitive where a service that was named is."""
    row = case.identity_checks.first()
    return by_services(case) if row is None else Sensitivity(row.sensitivity)


def by_services(case: Case) -> Sensitivity:
    """Sensitive where a service that the request names is."""
    named = [str(name) for name in (case.answers.get("scope") or {}).get("services") or ()]
    if named:
        services = case.controller.services.filter(is_sensitive=True)
        if services.filter(Q(name_ja__in=named) | Q(name_en__in=named)).exists():
            return Sensitivity.SENSITIVE
    return Sensitivity.ORDINARY


_CARRY_CONTENT = (Letter.Kind.DECISION, Letter.Kind.COMPLETION)


def addressee(case: Case, kind: str = "") -> Person | None:
    """Whom a letter goes to; None where the case names nobody.

    Letters about the request go to who made it. What tells of the data goes to a statutory agent,
    but to an agent with a mandate only if the mandate covers receiving the answer; otherwise to
    the principal.
    """
    people = {person.role: person for person in case.people.all()}
    agent, principal = people.get(Person.Role.AGENT), people.get(Person.Role.PRINCIPAL)
    if agent is None or principal is None:
        return agent or principal
    if kind in _CARRY_CONTENT and case.requester_role == RequesterRole.MANDATED_AGENT:
        check = case.identity_checks.filter(subject=Subject.AUTHORITY).first()
        accepted = check is not None and check.state == IdentityCheck.State.ACCEPTED
        if not (check is not None and accepted and check.covers_answer):
            return principal
    return agent
