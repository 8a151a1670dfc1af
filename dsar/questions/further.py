"""Several kinds of request in one filing: what else the same person asks of the same company.

A further request has questions of its own kind only; people and company are those of the first.
Its answers stand in the draft under `further`: `{requests: [{want, kind, scope, …}, …]}`.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from dsar.questions.matter import Answers, Matter
from dsar.questions.steps import DETAILS, Step, steps_for

MOST = 4
"""So many requests may be added to the first."""
SHARED = ("region", "controller", "requester", "agent", "principal", "address", "contact")
"""Steps that are answered once for all requests of a filing."""
_CHOOSING = ("want", "why", "about")


def count(matter: Matter) -> int:
    """How many requests were added to the first."""
    return len(matter.further)


def alone(matter: Matter) -> Matter:
    """The first request without those that were added, which may ask more of the person."""
    return matter.with_answers(_with(matter, []))


def matter_at(matter: Matter, position: int) -> Matter:
    """The request at a position as a matter of its own; one that is not there yet is empty."""
    own = matter.further[position] if position < count(matter) else {}
    shared = {name: matter.answers[name] for name in SHARED if name in matter.answers}
    if "requester" not in shared:
        shared["requester"] = {"role": matter.role}
    return matter.with_answers({**shared, **own})


def matters(matter: Matter) -> list[Matter]:
    """Every request that was added, as a matter of its own."""
    return [matter_at(matter, position) for position in range(count(matter))]


def with_one(matter: Matter, position: int, one: Matter) -> Answers:
    """The answers of the whole with the request at a position answered (anew)."""
    own = {name: dict(a) for name, a in one.answers.items() if name not in (*SHARED, "further")}
    rows: list[Answers] = list(matter.further)
    rows[position : position + 1] = [own]
    return _with(matter, rows)


def without(matter: Matter, position: int) -> Answers:
    """The answers of the whole without the request at a position."""
    rows: list[Answers] = list(matter.further)
    del rows[position]
    return _with(matter, rows)


def _with(matter: Matter, rows: list[Answers]) -> Answers:
    kept = {name: answer for name, answer in matter.answers.items() if name != "further"}
    return {**kept, "further": {"requests": rows}} if rows else kept


def own_steps(one: Matter) -> tuple[Step, ...]:
    """The pages a further request goes through: what is wanted, and the questions of its kind."""
    return tuple(step for step in steps_for(one) if step.part is DETAILS or step.name in _CHOOSING)


def missing_of(one: Matter) -> Step | None:
    """The first of its pages that still needs an answer."""
    return next((step for step in own_steps(one) if not step.is_answered(one)), None)


def why_not(matter: Matter, position: int, one: Matter) -> str:
    """Why the kind that was chosen cannot be added, in words; empty if it can."""
    kind = one.kind
    if kind is None:
        return ""
    others = [matter, *(m for n, m in enumerate(matters(matter)) if n != position)]
    if kind.code in {other.kind.code for other in others if other.kind is not None}:
        return _("You already ask for this. Change it on the page where you check your answers.")
    if matter.has_agent and not kind.agent_allowed:
        return _("Only the person concerned can make this request, not an agent.")
    return ""
