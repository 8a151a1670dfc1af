"""How far the proof of a case has come, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import deadlines
from dsar.clock_words import long_date
from dsar.identity.rules import by_services, requester, rules_of
from dsar.law.proof import Agent, Level, ProofRules
from dsar.models import (
    Case,
    IdentityCheck,
    IdentityDocument,
    IdentityProof,
    Status,
    Subject,
)
from dsar.models.identity import subjects

EMAIL, PAPERS = "email", "documents"


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject: what it needs, what was shown, and whether that is enough.

    Attributes:
        check: its row, not saved where nothing was done yet.
        level: required; None for the authority.
        agent: the kind of agent whose papers are asked; None for an identity.
        methods: what was accepted so far.
        is_reached: whether that is enough; the authority also needs the officer's word.
    """

    subject: Subject
    check: IdentityCheck
    level: Level | None
    agent: Agent | None
    documents: tuple[IdentityDocument, ...]
    proofs: tuple[IdentityProof, ...]
    methods: frozenset[str]
    is_reached: bool

    @property
    def is_accepted(self) -> bool:
        """Whether it is settled."""
        if self.subject == Subject.AUTHORITY:
            return self.check.state == IdentityCheck.State.ACCEPTED
        return self.is_reached

    @property
    def waiting(self) -> tuple[IdentityDocument, ...]:
        """Papers nobody has looked at."""
        return tuple(row for row in self.documents if row.state == IdentityDocument.State.NEW)


def standing(case: Case) -> list[Standing]:
    """Every subject of the case, in order."""
    asked = subjects(case)
    if not asked:
        return []
    rules = rules_of(case)
    rows = {row.subject: row for row in case.identity_checks.all()}
    documents = _of(case, list(case.identity_documents.all()))
    proofs = _of(case, list(case.identity_proofs.all()))
    sensitivity = next(iter(rows.values())).sensitivity if rows else by_services(case)
    level = rules.level_for(case.kind, sensitivity, case.channel)
    found = []
    for subject in asked:
        check = rows.get(subject) or IdentityCheck(
            case=case, subject=subject, sensitivity=sensitivity
        )
        check.case = case
        own_documents = tuple(row for row in documents if row.subject == subject)
        own_proofs = tuple(row for row in proofs if row.subject == subject)
        methods = frozenset(_methods(case, rules, subject, own_documents, own_proofs))
        if subject == Subject.AUTHORITY:
            agent = agent_of(case, rules, check)
            reached = bool(methods - {PAPERS}) or _has_papers(agent, own_documents)
            needed = None
        else:
            agent, needed = None, level
            reached = rules.reaches(methods, level)
        found.append(
            Standing(subject, check, needed, agent, own_documents, own_proofs, methods, reached)
        )
    return found


def agent_of(case: Case, rules: ProofRules, check: IdentityCheck) -> Agent:
    """The kind of agent that was noted, else the first of the requester's role."""
    known = rules.agents_of(case.requester_role)
    return next((agent for agent in known if agent.code == check.papers), known[0])


def is_proven(case: Case) -> bool:
    """Whether everything that has to be proven is."""
    return all(row.is_accepted for row in standing(case))


def _of(case: Case, rows: list) -> list:
    """Rows that know their case, so that its key is not fetched again for each."""
    for row in rows:
        row.case = case
    return rows


def _methods(
    case: Case,
    rules: ProofRules,
    subject: Subject,
    documents: tuple[IdentityDocument, ...],
    proofs: tuple[IdentityProof, ...],
) -> set[str]:
    found = {row.method for row in proofs if row.state == IdentityProof.State.ACCEPTED}
    if subject == requester(case) and case.email_confirmed_at is not None:
        found.add(EMAIL)
    types = {row.type for row in documents if row.state == IdentityDocument.State.ACCEPTED}
    if subject != Subject.AUTHORITY:
        known = [rules.documents[code] for code in types if code in rules.documents]
        alone = any(document.suffices for document in known)
        if alone or len(known) >= rules.without_photo:
            found.add(PAPERS)
    return found


def _has_papers(agent: Agent, documents: tuple[IdentityDocument, ...]) -> bool:
    accepted = {row.type for row in documents if row.state == IdentityDocument.State.ACCEPTED}
    return any(accepted.issuperset(papers) for papers in agent.papers)


# --- What was not shown in time -----------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Failure:
    """A threshold outcome that the case may end with, and its reason in the person's language."""

    code: str
    reason: str


def failure(case: Case, today: date) -> Failure | None:
    """What may be ended for want of proof: asked for, and not shown within the cure period.

    A threshold outcome (T3, T4), never a refusal.
    """
    if case.status in (Status.DECIDED, Status.CLOSED, Status.IN_APPROVAL):
        return None
    last = case.events.filter(act__in=("ask", "ask_identity")).order_by("-position").first()
    if last is None or last.act != "ask_identity":
        return None
    found = standing(case)
    lacking = [row for row in found if not row.is_accepted]
    if not lacking:
        return None
    if case.status == Status.AWAITING_REQUESTER:
        cure = case.deadlines.filter(code="cure").first()
        if cure is None or cure.due_on is None or cure.due_on >= today:
            return None
    elif not any(row.check.state == IdentityCheck.State.REJECTED for row in lacking):
        return None
    only_authority = all(row.subject == Subject.AUTHORITY for row in lacking)
    code = "T4_authority" if only_authority else "T3_identity"
    if code not in case.rule.thresholds:
        return None
    day = long_date(deadlines.today(case, last.at), case.language)
    with override(case.language):
        said = (
            _(
                "We asked you on %(day)s to show that you may act for the person concerned. We "
                "could not confirm it within the period set."
            )
            if only_authority
            else _(
                "We asked you on %(day)s to prove who you are. We could not confirm it within the "
                "period set."
            )
        )
        return Failure(code, said % {"day": day})


def is_wanted(case: Case) -> bool:
    """Whether the person is to show something now: before the check is confirmed, or when asked."""
    early = (Status.RECEIVED, Status.IDENTITY_CHECK)
    if case.status in early or (
        case.status == Status.AWAITING_REQUESTER and case.waiting_from in early
    ):
        return bool(subjects(case))
    if case.status != Status.AWAITING_REQUESTER:
        return False
    asked = case.identity_checks.exclude(asked_at=None)
    return asked.exclude(state=IdentityCheck.State.ACCEPTED).exists()


def papers_with(case: Case, together: Sequence[Case]) -> Case | None:
    """The request that holds the papers of this one, of those filed together (`links.filed_with`).

    None where this one holds its own.
    """
    first = together[0]
    if first.pk == case.pk or not first.identity_documents.exists():
        return None
    return first
