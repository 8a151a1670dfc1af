"""What proves who a person is and that an agent may act: practice as data, one file a statute.

The law leaves the way of checking to the business, which must not ask more than the data
warrants (APPI Art. 37(1)(4), Cabinet Order Arts. 12-13; GDPR Art. 12(6); 11 CCR §7060-7063).
Files are in ``papers/``; an operator's folder may hold a ``papers/`` of its own, whose file
replaces ours of the same statute. No Django here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from .book import BUNDLED, LawError, _lines
from .parts import Code, Line, Part, Text, coded, some

FOLDER = "papers"

Method = Literal[
    "email",
    "account",
    "documents",
    "in_person",
    "registered_data",
    "seal",
    "post",
    "ekyc",
    "other",
]
"""How something is proven; ``email`` is the link in the first mail, used by the person."""
Shows = Literal["name", "birth_date", "address", "relation", "mandate"]


class Mask(Part):
    """Something to be covered before a paper is copied.

    ``never``: why a picture that shows it is not kept at all (the individual number).
    """

    code: Code
    text: Text
    never: Text | None = None


class Document(Part):
    """A type of paper.

    ``alone``: enough by itself although it bears no photograph. ``issued_within_months``: no older
    than this on the day it arrives. ``expires``: whether it bears a last day of validity.
    ``accepted_from`` and ``accepted_until``: the days on which such a paper may be shown.
    """

    code: Code
    title: Text
    hint: Text | None = None
    for_: Annotated[Literal["identity", "authority"], Field(alias="for")] = "identity"
    has_photo: bool = False
    alone: bool = False
    shows: tuple[Shows, ...] = ("name",)
    issued_within_months: Annotated[int, Field(gt=0)] | None = None
    expires: bool = False
    mask: tuple[Code, ...] = ()
    accepted_from: date | None = None
    accepted_until: date | None = None

    @property
    def suffices(self) -> bool:
        """Whether one such paper shows who someone is."""
        return self.has_photo or self.alone

    def accepted_on(self, day: date) -> bool:
        """Whether such a paper may be shown on a day."""
        return (self.accepted_from is None or self.accepted_from <= day) and (
            self.accepted_until is None or day <= self.accepted_until
        )


class Level(Part):
    """How sure one has to be. ``ways``: each a set of methods that together suffice."""

    code: Code
    rank: int = Field(ge=0)
    title: Text
    needs: Text
    ways: Annotated[tuple[Annotated[tuple[Method, ...], some], ...], some]


class LevelRule(Part):
    """Which level is required; the first rule that fits counts. Empty lists fit everything."""

    kinds: tuple[Code, ...] = ()
    sensitivity: tuple[Literal["ordinary", "sensitive"], ...] = ()
    channels: tuple[Literal["web", "post", "phone", "counter", "email"], ...] = ()
    level: Code

    def fits(self, kind: str, sensitivity: str, channel: str) -> bool:
        """Whether the rule is about such a request."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.sensitivity or sensitivity in self.sensitivity)
            and (not self.channels or channel in self.channels)
        )


class Agent(Part):
    """A kind of agent: ``papers`` holds sets of types, each set enough for the authority."""

    code: Code
    role: Literal["statutory_agent", "mandated_agent"]
    title: Text
    needs: Text
    papers: Annotated[tuple[Annotated[tuple[Code, ...], some], ...], some]
    shows_identity: bool = True


class ProofRules(Part):
    """What one statute's practice asks. ``without_photo``: how many papers lacking a photograph."""

    regime: Code
    source: Text
    without_photo: int = Field(gt=0)
    masks: Annotated[dict[Code, Mask], coded] = {}
    documents: Annotated[dict[Code, Document], coded, some]
    levels: Annotated[dict[Code, Level], coded, some]
    rules: Annotated[tuple[LevelRule, ...], some]
    agents: Annotated[dict[Code, Agent], coded, some]

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        for document in self.documents.values():
            _known(document.mask, self.masks, f"documents.{document.code}.mask")
        for agent in self.agents.values():
            for papers in agent.papers:
                _known(papers, self.documents, f"agents.{agent.code}.papers")
        _known([rule.level for rule in self.rules], self.levels, "rules.level")
        last = self.rules[-1]
        if last.kinds or last.sensitivity or last.channels:
            raise ValueError("the last rule must fit everything")
        ranks = [level.rank for level in self.levels.values()]
        if len(set(ranks)) != len(ranks):
            raise ValueError("two levels have one rank")
        return self

    def level_for(self, kind: str, sensitivity: str, channel: str) -> Level:
        """The level a request needs."""
        fitting = (rule for rule in self.rules if rule.fits(kind, sensitivity, channel))
        return self.levels[next(fitting).level]

    def reaches(self, methods: Iterable[str], level: Level) -> bool:
        """Whether these methods together prove a level, or a higher one."""
        shown = set(methods)
        return "other" in shown or any(
            shown.issuperset(way)
            for other in self.levels.values()
            if other.rank >= level.rank
            for way in other.ways
        )

    def agents_of(self, role: str) -> tuple[Agent, ...]:
        """The kinds of agent of a role."""
        return tuple(agent for agent in self.agents.values() if agent.role == role)

    def identity_papers(self, on: date) -> tuple[Document, ...]:
        """The papers that show who someone is and may be shown on a day, the sufficient first."""
        found = [
            document
            for document in self.documents.values()
            if document.for_ == "identity" and document.accepted_on(on)
        ]
        return tuple(sorted(found, key=lambda document: not document.suffices))


def _known(codes: Iterable[str], there: Mapping[str, object], where: str) -> None:
    for code in codes:
        if code not in there:
            raise ValueError(f"{where}: {code!r} is not in this file")


def load_papers(folders: Iterable[Path] = (BUNDLED,)) -> dict[str, ProofRules]:
    """Read ``papers/*.toml`` of the folders, by statute; a later folder replaces.

    Raises:
        LawError: naming every fault found.
    """
    found: dict[str, ProofRules] = {}
    faults: list[str] = []
    for folder in folders:
        for path in sorted((folder / FOLDER).glob("*.toml")):
            try:
                rules = _read(path)
            except LawError as error:
                faults.extend(error.faults)
            else:
                found[rules.regime] = rules
    if faults:
        raise LawError(*faults)
    return found


def missing_kinds(rules: ProofRules, kinds: Iterable[Line]) -> Iterator[str]:
    """Kinds that a file names and the statute does not know."""
    known = set(kinds)
    for rule in rules.rules:
        yield from (kind for kind in rule.kinds if kind not in known)


def _read(path: Path) -> ProofRules:
    name = f"{FOLDER}/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LawError(f"{name}: not valid TOML: {error}") from None
    try:
        return ProofRules.model_validate(data)
    except ValidationError as error:
        raise LawError(*(f"{name}: {line}" for line in _lines(error, data))) from None
