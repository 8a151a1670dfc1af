"""The periods a statute sets, and how a decision may be put off."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from .parts import Code, Part, Roll, Text, Unit


class Variant(Part):
    """Another length a company may choose for the same period."""

    code: Code
    n: int = Field(gt=0)
    unit: Unit
    title: Text


class DeadlineRule(Part):
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


class Incomplete(Part):
    """What happens to the clock while the person is asked to complete the request.

    ``doubt_required``: only with a recorded reason for doubting the identity (GDPR Art. 12(6)).
    """

    effect: Literal["pause", "restart", "none"]
    doubt_required: bool
    source: Text


class ExtensionPeriod(Part):
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


class Closure(Part):
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
