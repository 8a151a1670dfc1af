"""What a connector gives back, and the ways in which it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

ATTRIBUTES = (
    "name",
    "kana",
    "email",
    "phone",
    "customer_number",
    "birth_date",
    "postal_code",
    "address",
    "former_name",
)
"""What of a person may be handed to a system, and nothing else."""

Values = Mapping[str, str | None]
"""The person's attributes; None where nothing is known, which in SQL equals nothing."""

PASSING = frozenset({"unreachable", "timeout", "unavailable"})
"""Failures that may be gone the next time."""


class Failure(Exception):
    """A system could not be asked, or what it answered cannot be used.

    Attributes:
        code: what went wrong, one of a fixed list; the desk has words for each.
        detail: an error's class or a status number; never what the system or the person said.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail

    @property
    def is_passing(self) -> bool:
        """Whether it is worth another try later."""
        return self.code in PASSING


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that a system found; every row has the same columns in the same order."""

    columns: tuple[str, ...] = ()
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change would touch: how many rows, and the first of them."""

    count: int
    sample: Table


class Connector(Protocol):
    """One system. Every method opens and closes its own connection and raises `Failure`."""

    def search(self, values: Values) -> Table:
        """Everything the system holds about the person."""

    def touched(self, kind: str, values: Values) -> Touched:
        """What the change for this kind of request would touch; only reads."""

    def carry_out(self, kind: str, values: Values, *, at_most: int, key: str) -> int:
        """Make the change, all or nothing; the number of rows.

        Raises:
            Failure: "more_than_approved" when it would touch more than `at_most` rows.
        """

    def left(self, kind: str, values: Values) -> int:
        """How many rows the verification still finds; 0 proves the change."""


def needed(used: tuple[str, ...], values: Values) -> dict[str, str | None]:
    """The attributes that a query uses.

    Raises:
        Failure: "no_values" when the case knows none of them.
    """
    given = {name: values.get(name) or None for name in used}
    if not any(given.values()):
        raise Failure("no_values")
    return given
