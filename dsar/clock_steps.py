"""What a reckoning is made of: the stops and grants given to the clock, and its steps as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from dsar.law import Text, Unit

ClosedDay = tuple[date, Text]


@dataclass(frozen=True)
class Stop:
    """The clock stopped while the person was asked for something; ``resumed_on`` None while open.

    ValueError if it resumes before it stopped.
    """

    stopped_on: date
    resumed_on: date | None
    effect: Literal["pause", "restart"] = "pause"

    def __post_init__(self) -> None:
        if self.resumed_on is not None and self.resumed_on < self.stopped_on:
            raise ValueError("a stop cannot end before it began")


@dataclass(frozen=True)
class Granted:
    """An extension was notified on this day."""

    on: date


@dataclass(frozen=True)
class Reading:
    """One way to count an extension, and the day it leads to."""

    n: int
    unit: Unit
    base: Literal["due", "receipt"]
    due: date


@dataclass(frozen=True)
class Begun:
    """The day the period is counted from, which is not itself counted."""

    on: date
    what: Literal["receipt", "documents_complete", "event"]


@dataclass(frozen=True)
class NotStopped:
    """There were stops, but this rule is never paused."""


@dataclass(frozen=True)
class Restarted:
    """The period began anew on the day this stop ended."""

    stopped_on: date
    resumed_on: date


@dataclass(frozen=True)
class Counted:
    """The period, with the closed days left out of it: by name, and how many at weekends."""

    n: int
    unit: Unit
    closed: tuple[ClosedDay, ...]
    weekend_days: int


@dataclass(frozen=True)
class Paused:
    """A pause that took days out of the count; overlapping stops are one pause."""

    stopped_on: date
    resumed_on: date
    days: int


@dataclass(frozen=True)
class Extended:
    """A granted extension: the readings that were weighed, and what the earliest left out."""

    on: date
    first_due: date
    due: date
    readings: tuple[Reading, ...]
    closed: tuple[ClosedDay, ...]
    weekend_days: int


@dataclass(frozen=True)
class Rolled:
    """The last day was closed and moved on; ``closed`` are the days passed over."""

    unrolled: date
    closed: tuple[ClosedDay, ...]
    to: date


@dataclass(frozen=True)
class Suspended:
    """An open stop: there is no due date for now."""

    since: date


@dataclass(frozen=True)
class SuitDay:
    """The first day on which a lawsuit may be filed (APPI Art. 39)."""

    on: date


@dataclass(frozen=True)
class Due:
    """The last day of the period."""

    on: date


Step = (
    Begun
    | NotStopped
    | Restarted
    | Counted
    | Paused
    | Extended
    | Rolled
    | Suspended
    | SuitDay
    | Due
)
