"""What a statute file may say: the shape of one rule set, frozen once it is read.

Every model forbids unknown keys: a misspelt key in a file is an error, never a silent default.
Checks that need more than one entry (unknown codes, unreachable kinds) live in ``crossrefs``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from .parts import Code, Line, Part, Text, coded, some
from .periods import Closure, DeadlineRule, Extension, Incomplete

Question = Literal[
    "scope",
    "correction",
    "addition",
    "deletion",
    "ground",
    "recipients",
    "method",
    "complaint",
    "range",
    "purpose_objection",
]


class ExternalBody(Part):
    """An authority outside the company that a person may turn to."""

    code: Code
    name: Text
    url: Annotated[str, StringConstraints(pattern=r"^https://")]
    text: Text


class Ground(Part):
    """A circumstance the person has to show for a kind of request that depends on one.

    ``needs_circumstances`` is false where naming the ground is enough (GDPR Art. 21(2)-(3)).
    """

    code: Code
    article: Line
    article_label: Text
    text: Text
    plain: Text
    needs_circumstances: bool = True


class Refusal(Part):
    """A statutory reason for not, or not wholly, doing what was asked; or a like outcome.

    ``is_refusal`` is false for outcomes such as "no such data", which are kept apart in statistics.
    ``requires_alternative``: only lawful together with an alternative measure, described in words.
    """

    code: Code
    article: Line
    article_label: Text
    text: Text
    partial_only: bool = False
    is_refusal: bool = True
    requires_alternative: bool = False


class Threshold(Part):
    """Why a request is not effective at all; never counted as a refusal.

    ``curable``: the person is told and may put it right within the ``cure`` period.
    """

    code: Code
    article: Line
    article_label: Text
    text: Text
    curable: bool


class Delivery(Part):
    """The way an answer travels. ``needs_address``: a postal address is needed.

    ``package``: the form in which data is put together for it, ``way``: how that is then sent.
    """

    code: Code
    title: Text
    needs_address: bool = False
    package: Literal["open", "locked", "print"] = "open"
    way: Literal["portal", "mail", "disc", "post", "counter"] = "portal"


class Method(Part):
    """A form of disclosure the law knows, and the ways of delivery that carry it."""

    code: Code
    title: Text
    deliveries: Annotated[tuple[Code, ...], Field(min_length=1)]


class Kind(Part):
    """One kind of request: its basis, what it needs, and what may be answered.

    ``effect``: what granting it brings about: the person is told something, data is changed or no
    longer used, or data is gone for good.
    ``measure``: what is done when it is granted, to be continued by します or put after "will".
    """

    code: Code
    article: Line
    article_label: Text
    title: Text
    plain: Text
    needs: Text
    duty: Text
    measure: Text | None = None
    is_litigable: bool
    art39: bool = False
    grounds: tuple[Code, ...] = ()
    refusals: tuple[Code, ...] = ()
    thresholds: tuple[Code, ...] = ()
    fee_allowed: bool
    methods: tuple[Code, ...] = ()
    identity: Literal["required", "none"]
    deadlines: Annotated[tuple[Code, ...], Field(min_length=1)]
    extension_allowed: bool
    no_data_code: Code | None = None
    reason_duty: Literal["mandatory", "effort", "none"]
    agent_allowed: bool
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    effect: Literal["tell", "change", "erase"] = "tell"

    @property
    def carried_out(self) -> bool:
        """Whether a grant changes data, so that every system that holds it has to act."""
        return self.effect != "tell"

    @property
    def no_data_outcome(self) -> bool:
        """Whether "we hold no such data" is itself an answer (see ``no_data_code``)."""
        return self.no_data_code is not None


class Reason(Part):
    """One answer to "why?", which routes to a kind and may choose its ground."""

    code: Code
    title: Text
    hint: Text
    kind: Code
    ground: Code | None = None


class Want(Part):
    """One answer to "what do you want?" in plain words: leads to a kind, or asks why first."""

    code: Code
    title: Text
    hint: Text
    kind: Code | None = None
    reasons: tuple[Reason, ...] = ()

    @model_validator(mode="after")
    def _leads_one_way(self) -> Self:
        if (self.kind is None) == (not self.reasons):
            raise ValueError("give either `kind` or a list of `reasons`, and not both")
        return self


class PaymentWay(Part):
    """A way in which a fee may be paid. Where to, the company says."""

    code: Code
    title: Text
    hint: Text


class Fee(Part):
    """What the law says of fees. The amounts themselves are the company's.

    ``effect``: what happens to the clock from the notice of the fee until it is paid.
    """

    article: Line
    text: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    effect: Literal["pause", "restart", "none"] = "none"
    source: Text | None = None
    ways: Annotated[dict[Code, PaymentWay], coded] = {}


class Repeats(Part):
    """What the law says of asking again and again within ``months``.

    ``times``: how often a request has to be answered in that time, where the law names a number.
    ``kinds``: the kinds it is about; all if empty.
    """

    months: int = Field(gt=0)
    times: int | None = Field(default=None, gt=0)
    kinds: tuple[Code, ...] = ()
    article: Line
    text: Text


class ComplaintCategory(Part):
    """What a complaint may be about."""

    code: Code
    title: Text


class Retention(Part):
    """How long a closed case is kept, in calendar months, unless the company sets another time."""

    months: int = Field(gt=0)
    minimum_months: int = Field(ge=0)
    source: Text


class RuleSet(Part):
    """One statute as it stood from ``effective_from`` to ``effective_to``, its last day."""

    regime: Code
    effective_from: date
    effective_to: date | None = None
    name: Text
    short_name: Text
    timezone: str
    calendar: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|none)$")]
    subdivision: str | None = None
    working_week: Annotated[
        tuple[Annotated[int, Field(ge=0, le=6)], ...],
        Field(max_length=6, description="weekend days, Monday = 0"),
    ]
    year_end_closure: Closure | None = None
    kinds: Annotated[dict[Code, Kind], coded, some]
    grounds: Annotated[dict[Code, Ground], coded] = {}
    refusals: Annotated[dict[Code, Refusal], coded, some]
    thresholds: Annotated[dict[Code, Threshold], coded, some]
    methods: Annotated[dict[Code, Method], coded, some]
    deliveries: Annotated[dict[Code, Delivery], coded, some]
    wants: Annotated[tuple[Want, ...], some]
    deadlines: Annotated[dict[Code, DeadlineRule], coded, some]
    incomplete: Incomplete
    extension: Extension
    fee: Fee
    repeats: Repeats | None = None
    complaint_categories: tuple[ComplaintCategory, ...] = ()
    retention: Retention
    external_bodies: Annotated[tuple[ExternalBody, ...], some]

    @property
    def version(self) -> str:
        """The name of this version: the ISO date it came into force."""
        return self.effective_from.isoformat()

    @field_validator("timezone")
    @classmethod
    def _is_a_known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no IANA time zone")
        return value

    @field_validator("effective_to")
    @classmethod
    def _ends_after_it_begins(cls, value: date | None, info: Any) -> date | None:
        begins = info.data.get("effective_from")
        if value is not None and begins is not None and value <= begins:
            raise ValueError("must be later than effective_from")
        return value

    def in_force(self, on: date) -> bool:
        """Whether this version was in force on a local date."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def deadline(self, kind: str, role: str) -> DeadlineRule | None:
        """The period that times one step of one kind; None if the step has none. KeyError: kind."""
        for code in self.kinds[kind].deadlines:
            if self.deadlines[code].role == role:
                return self.deadlines[code]
        return None
