"""What a statute file may say: the shape of one rule set, frozen once it is read.

Every model forbids unknown keys: a misspelt key in a file is an error, never a silent default.
Checks that need more than one entry (unknown codes, unreachable kinds) live in ``crossrefs``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=40)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Unit = Literal["calendar_day", "business_day", "week", "calendar_month"]
Roll = Literal["none", "next_business_day"]
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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Part):
    """One sentence or label in both languages of the portal."""

    ja: Line
    en: Line

    def in_language(self, language: str) -> str:
        """The text for a tag such as ``ja``, ``en`` or ``en-us``; English if not Japanese."""
        return self.ja if language.lower().split("-")[0] == "ja" else self.en


class ExternalBody(_Part):
    """An authority outside the company that a person may turn to."""

    code: Code
    name: Text
    url: Annotated[str, StringConstraints(pattern=r"^https://")]
    text: Text


class Ground(_Part):
    """A circumstance the person has to show for a kind of request that depends on one.

    ``needs_circumstances`` is false where naming the ground is enough (GDPR Art. 21(2)-(3)).
    """

    code: Code
    article: Line
    article_label: Text
    text: Text
    plain: Text
    needs_circumstances: bool = True


class Refusal(_Part):
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


class Threshold(_Part):
    """Why a request is not effective at all; never counted as a refusal.

    ``curable``: the person is told and may put it right within the ``cure`` period.
    """

    code: Code
    article: Line
    article_label: Text
    text: Text
    curable: bool


class Delivery(_Part):
    """The way an answer travels. ``needs_address``: a postal address is needed.

    ``package``: the form in which data is put together for it, ``way``: how that is then sent.
    """

    code: Code
    title: Text
    needs_address: bool = False
    package: Literal["open", "locked", "print"] = "open"
    way: Literal["portal", "mail", "disc", "post", "counter"] = "portal"


class Method(_Part):
    """A form of disclosure the law knows, and the ways of delivery that carry it."""

    code: Code
    title: Text
    deliveries: Annotated[tuple[Code, ...], Field(min_length=1)]


class Kind(_Part):
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


class Reason(_Part):
    """One answer to "why?", which routes to a kind and may choose its ground."""

    code: Code
    title: Text
    hint: Text
    kind: Code
    ground: Code | None = None


class Want(_Part):
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


class Variant(_Part):
    """Another length a company may choose for the same period."""

    code: Code
    n: int = Field(gt=0)
    unit: Unit
    title: Text


class DeadlineRule(_Part):
    """A period: how long, in which unit, counted from what.

    ``role`` says which step it times, so that two kinds can use two lengths for one step.
    ``use`` names the variant in force; ``n`` and ``unit`` are already those of the variant.
    ``roll_options`` are the rolls that :meth:`rolled` may switch to.
    ``on_expiry`` is the threshold outcome when a period set to the person runs out.
    """

    code: Code
    role: Literal["ack", "id_check", "decision", "art39_marker", "cure", "fee_payment"]
    n: int = Field(gt=0)
    unit: Unit
    start: Literal["receipt", "documents_complete", "event"]
    roll: Roll = "none"
    roll_options: tuple[Roll, ...] = ()
    pausable: bool
    extendable: bool
    warn: tuple[Annotated[int, Field(gt=0)], ...] = ()
    title: Text
    source: Text
    statutory: bool
    variants: tuple[Variant, ...] = ()
    use: Code | None = None
    on_expiry: Code | None = None

    @model_validator(mode="before")
    @classmethod
    def _apply_variant(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not data.get("use"):
            return data
        for variant in data.get("variants", ()):
            if isinstance(variant, dict) and variant.get("code") == data["use"]:
                return {**data, "n": variant.get("n"), "unit": variant.get("unit")}
        return data

    @field_validator("warn")
    @classmethod
    def _warn_descends(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value), reverse=True):
            raise ValueError("days before the due date must descend without repeats")
        return value

    @model_validator(mode="after")
    def _marker_is_strict(self) -> Self:
        if self.role == "art39_marker" and (
            self.pausable or self.extendable or self.roll != "none" or self.roll_options
        ):
            raise ValueError("the Article 39 marker is never paused, extended or rolled")
        return self

    def variant(self, code: str) -> DeadlineRule:
        """This rule with the length of a variant; KeyError if there is no such variant."""
        for variant in self.variants:
            if variant.code == code:
                return self.model_copy(
                    update={"n": variant.n, "unit": variant.unit, "use": variant.code}
                )
        raise KeyError(code)

    def rolled(self, roll: Roll) -> DeadlineRule:
        """This rule with another roll; ValueError if the rule does not offer it."""
        if roll != self.roll and roll not in self.roll_options:
            raise ValueError(f"{self.code} does not offer roll {roll!r}")
        return self.model_copy(update={"roll": roll})


class Incomplete(_Part):
    """What happens to the clock while the person is asked to complete the request.

    ``doubt_required``: only with a recorded reason for doubting the identity (GDPR Art. 12(6)).
    """

    effect: Literal["pause", "restart", "none"]
    doubt_required: bool
    source: Text


class ExtensionPeriod(_Part):
    """A length of extension. ``base``: on top of the due date, or in total from receipt."""

    n: int = Field(gt=0)
    unit: Unit
    base: Literal["due", "receipt"]


class Extension(ExtensionPeriod):
    """How long, how often and on what conditions the decision may be put off.

    ``also`` are further ways to count the same extension; the earliest result is the due date.
    """

    also: tuple[ExtensionPeriod, ...] = ()
    max_times: int = Field(gt=0)
    requires: Annotated[tuple[Literal["reason", "new_date", "notice"], ...], Field(min_length=1)]
    latest: Literal["before_due"]
    source: Text

    @property
    def periods(self) -> tuple[ExtensionPeriod, ...]:
        """Every way to count, the main one first."""
        return (ExtensionPeriod(n=self.n, unit=self.unit, base=self.base), *self.also)


class Closure(_Part):
    """Days of every year on which the office is closed; may run over New Year. Bounds included."""

    first: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")]
    last: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")]
    name: Text

    @field_validator("first", "last")
    @classmethod
    def _is_a_day_of_every_year(cls, value: str) -> str:
        # 2001 is no leap year, so 02-29 is refused: it would be a closure only now and then.
        date.fromisoformat(f"2001-{value}")
        return value


def _with_codes(entries: Any) -> Any:
    """Give each entry of a table its key as ``code``."""
    if not isinstance(entries, dict):
        return entries
    return {
        key: {"code": key, **value} if isinstance(value, dict) else value
        for key, value in entries.items()
    }


_coded = BeforeValidator(_with_codes)


class PaymentWay(_Part):
    """A way in which a fee may be paid. Where to, the company says."""

    code: Code
    title: Text
    hint: Text


class Fee(_Part):
    """What the law says of fees. The amounts themselves are the company's.

    ``effect``: what happens to the clock from the notice of the fee until it is paid.
    """

    article: Line
    text: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    effect: Literal["pause", "restart", "none"] = "none"
    source: Text | None = None
    ways: Annotated[dict[Code, PaymentWay], _coded] = {}


class Repeats(_Part):
    """What the law says of asking again and again within ``months``.

    ``times``: how often a request has to be answered in that time, where the law names a number.
    ``kinds``: the kinds it is about; all if empty.
    """

    months: int = Field(gt=0)
    times: int | None = Field(default=None, gt=0)
    kinds: tuple[Code, ...] = ()
    article: Line
    text: Text


class ComplaintCategory(_Part):
    """What a complaint may be about."""

    code: Code
    title: Text


class Retention(_Part):
    """How long a closed case is kept, in calendar months, unless the company sets another time."""

    months: int = Field(gt=0)
    minimum_months: int = Field(ge=0)
    source: Text


_some = Field(min_length=1)


class RuleSet(_Part):
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
    kinds: Annotated[dict[Code, Kind], _coded, _some]
    grounds: Annotated[dict[Code, Ground], _coded] = {}
    refusals: Annotated[dict[Code, Refusal], _coded, _some]
    thresholds: Annotated[dict[Code, Threshold], _coded, _some]
    methods: Annotated[dict[Code, Method], _coded, _some]
    deliveries: Annotated[dict[Code, Delivery], _coded, _some]
    wants: Annotated[tuple[Want, ...], _some]
    deadlines: Annotated[dict[Code, DeadlineRule], _coded, _some]
    incomplete: Incomplete
    extension: Extension
    fee: Fee
    repeats: Repeats | None = None
    complaint_categories: tuple[ComplaintCategory, ...] = ()
    retention: Retention
    external_bodies: Annotated[tuple[ExternalBody, ...], _some]

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
