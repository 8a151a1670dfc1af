"""What the person is told before taking pictures: which papers will do, and what to cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from dsar.law.proof import Document, ProofRules
from dsar.models import RequesterRole, Subject


@dataclass(frozen=True, slots=True)
class GuidePaper:
    """One type of paper in words."""

    code: str
    title: str
    hint: str
    masks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuideGroup:
    """The papers that show one thing, and how many are needed."""

    subject: Subject
    title: str
    needs: str
    papers: tuple[GuidePaper, ...]


def guide(rules: ProofRules, role: str, today: date, language: str) -> list[GuideGroup]:
    """The papers for a requester's role that may be shown today."""
    own = Subject.PRINCIPAL if role == RequesterRole.SELF else Subject.AGENT
    identity = rules.identity_papers(today)
    groups: list[GuideGroup] = []
    for suffices, needs in (
        (True, _("One of these is enough.")),
        (False, _("Without one of those: %(count)d of these.") % {"count": rules.without_photo}),
    ):
        papers = tuple(
            _paper(rules, document, language)
            for document in identity
            if document.suffices == suffices
        )
        if papers:
            groups.append(GuideGroup(own, str(own.label), needs, papers))
    for agent in rules.agents_of(role):
        codes = dict.fromkeys(code for papers in agent.papers for code in papers)
        groups.append(
            GuideGroup(
                Subject.AUTHORITY,
                _("As %(agent)s") % {"agent": agent.title.in_language(language)},
                agent.needs.in_language(language),
                tuple(_paper(rules, rules.documents[code], language) for code in codes),
            )
        )
    return groups


def refused(rules: ProofRules, language: str) -> list[str]:
    """What must never be sent."""
    return [mask.never.in_language(language) for mask in rules.masks.values() if mask.never]


def choices(groups: list[GuideGroup]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The types as grouped choices, each "subject:type" once."""
    seen: set[str] = set()
    found: dict[str, list[tuple[str, str]]] = {}
    for group in groups:
        for paper in group.papers:
            value = f"{group.subject.value}:{paper.code}"
            if value not in seen:
                seen.add(value)
                found.setdefault(str(group.subject.label), []).append((value, paper.title))
    return list(found.items())


def hints(groups: list[GuideGroup]) -> dict[str, str]:
    """What to cover, by choice."""
    return {
        f"{group.subject.value}:{paper.code}": _hint(paper)
        for group in groups
        for paper in group.papers
    }


def _hint(paper: GuidePaper) -> str:
    if not paper.masks:
        return paper.hint
    cover = _("Cover: %(what)s.") % {"what": _(", ").join(paper.masks)}
    return _("%(hint)s. %(cover)s") % {"hint": paper.hint, "cover": cover} if paper.hint else cover


def _paper(rules: ProofRules, document: Document, language: str) -> GuidePaper:
    return GuidePaper(
        document.code,
        document.title.in_language(language),
        document.hint.in_language(language) if document.hint else "",
        tuple(rules.masks[code].text.in_language(language) for code in document.mask),
    )
