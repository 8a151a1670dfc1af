"""From answers to what is filed, and from a filed case back to answers in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from dsar.filing import Filing
from dsar.models import Case, Channel, Person
from dsar.questions import further
from dsar.questions.base import Line, law_text
from dsar.questions.matter import Matter
from dsar.questions.steps import QUESTION_STEPS, STEPS, first_missing, steps_for


class Unfinished(Exception):
    """Answers are missing; `step` is the name of the first page that lacks one."""

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(step)


def to_filing(
    matter: Matter, *, received_at: datetime, language: str, channel: str = Channel.WEB
) -> Filing:
    """The complete request.

    Raises:
        Unfinished: a page of the form still lacks an answer.
    """
    missing = first_missing(matter)
    if missing is not None:
        raise Unfinished(missing.name)
    if matter.kind is None or matter.controller is None or matter.rules is None:
        raise Unfinished("want" if matter.kind is None else "controller")
    answers = matter.answers
    asked = {step.key: answers[step.key] for step in steps_for(matter) if step.key in answers}
    method = asked.get("method", {})
    return Filing(
        controller=matter.controller,
        regime=matter.rules.regime,
        kind=matter.kind.code,
        received_at=received_at,
        principal=_person(asked.get("principal"), asked.get("address"), asked.get("contact")),
        agent=_person(asked.get("agent")) if matter.has_agent else None,
        answers={
            name: asked[name]
            for name in QUESTION_STEPS
            if name in asked and name != "method" and any(asked[name].values())
        },
        requester_role=matter.role,
        method=method.get("method", ""),
        delivery=method.get("delivery", ""),
        language=language,
        channel=channel,
    )


def to_filings(matter: Matter, *, received_at: datetime, language: str) -> list[Filing]:
    """The complete request, and those that are filed together with it.

    Raises:
        Unfinished: a page of one of them still lacks an answer.
    """
    return [
        to_filing(one, received_at=received_at, language=language)
        for one in (matter, *further.matters(matter))
    ]


def _person(*given: Mapping[str, Any] | None) -> dict[str, str]:
    """The values of a person's fields, from several answers."""
    together: dict[str, str] = {}
    for answer in given:
        together.update({k: str(v) for k, v in (answer or {}).items() if k in Person.FIELDS and v})
    return together


def summary(matter: Matter, language: str) -> list[Line]:
    """Every answer in words, in the order of the questions.

    The first lines say what is asked; labels and values are in `language`.
    """
    with override(language):
        return list(_lines(matter))


def case_summary(case: Case, language: str) -> list[Line]:
    """What a filed case asks, in words: for the officer's and the requester's page.

    Reads `case.people` (prefetch it) and, if services were named, the company's services.
    """
    people = {person.role: person for person in case.people.all()}
    answers: dict[str, Mapping[str, Any]] = {
        **case.answers,
        "kind": {"kind": case.kind},
        "requester": {"role": case.requester_role},
        "method": {"method": case.method, "delivery": case.delivery},
    }
    principal = people.get(Person.Role.PRINCIPAL)
    if principal is not None:
        values = {name: getattr(principal, name) for name in Person.FIELDS}
        answers.update(principal=values, address=values, contact=values)
    agent = people.get(Person.Role.AGENT)
    if agent is not None:
        answers["agent"] = {name: getattr(agent, name) for name in Person.FIELDS}
    return summary(Matter.of_case(case, answers), language)


def _lines(matter: Matter) -> Iterator[Line]:
    if matter.kind is None:
        return
    if matter.at_desk:
        yield Line(step="want", label=str(_("Kind of request")), value=law_text(matter.kind.title))
    for step in STEPS:
        if step.form_class is None or not step.applies(matter):
            continue
        if step.key not in matter.answers:
            continue
        for line in step.form_class.lines(step.name, matter.answers[step.key], matter):
            yield Line(step=line.step, label=str(line.label), value=_plain(line.value))
        if step.name in ("why", "want") and matter.kind and _says_kind(step.name, matter):
            yield Line(
                step=step.name, label=str(_("Kind of request")), value=law_text(matter.kind.title)
            )


def _says_kind(step: str, matter: Matter) -> bool:
    """The kind stands after the answer that decided on it."""
    return (step == "why") == bool(matter.want and matter.want.reasons)


def _plain(value: Any) -> str | list[str]:
    return [str(item) for item in value] if isinstance(value, list) else str(value)
