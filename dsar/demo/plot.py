"""What a demo case is told by: who asked for what and when, and what happened since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dsar.demo.people import AGENTS, PEOPLE
from dsar.demo.steps import Step
from dsar.law import RuleSet
from dsar.models import Channel, RequesterRole

PEOPLES_STEPS = {
    "agent": ("name", "kana", "relation", "postal_code", "address", "email", "phone"),
    "principal": ("name", "kana", "birth_date"),
    "address": ("postal_code", "address"),
    "contact": ("email", "phone", "customer_number"),
}
"""Which of a person's values answer which question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One demo case.

    Attributes:
        key: names the case for good; its receipt code is made from it.
        age: calendar days since receipt.
        answers: to the questions of the kind, as `dsar.questions` has them.
        method: method and delivery; "" where the kind has none, or paper names none.
        further: kinds that are filed together with it, each with its answers.
        papers: names of files that came with the request.
        confirmed: whether the person used the link that proves the e-mail address.
        no_email: the person gave none, as on paper.
        bounced: kind of notice that the person's mail server refused.
    """

    key: str
    age: int
    kind: str
    person: str
    answers: Mapping[str, Mapping[str, Any]]
    steps: tuple[Step, ...] = ()
    regime: str = "appi"
    controller: str = "sample"
    handler: str = "officer"
    role: str = RequesterRole.SELF
    agent: str = ""
    channel: str = Channel.WEB
    language: str = "ja"
    method: tuple[str, str] = ("", "")
    further: tuple[tuple[str, Mapping[str, Mapping[str, Any]]], ...] = ()
    papers: tuple[str, ...] = field(default=())
    confirmed: bool = True
    no_email: bool = False
    bounced: str = ""

    def all_answers(self, rules: RuleSet) -> dict[str, dict[str, Any]]:
        """Every answer of the form, from the place of residence to the method."""
        rule = rules.kinds[self.kind]
        found: dict[str, dict[str, Any]] = {
            "region": {"regime": self.regime},
            "kind": {"kind": self.kind},
            "controller": {"controller": self.controller},
            "requester": {"role": self.role},
            **self._people(rule.identity == "required"),
            **{name: dict(answer) for name, answer in self.answers.items()},
        }
        if self.method[0]:
            found["method"] = {"method": self.method[0], "delivery": self.method[1]}
        if self.channel == Channel.WEB:
            found["want"] = self._want(rules)
        return found

    def _people(self, is_identified: bool) -> dict[str, dict[str, Any]]:
        principal = dict(PEOPLE[self.person])
        if self.agent or self.no_email:
            del principal["email"]
        if not is_identified:
            principal.pop("birth_date")
        given = {"principal": principal, "address": principal, "contact": principal}
        if self.agent:
            given["agent"] = dict(AGENTS[self.agent])
        return {
            step: {name: who[name] for name in PEOPLES_STEPS[step] if name in who}
            for step, who in given.items()
        }

    def _want(self, rules: RuleSet) -> dict[str, str]:
        """What the person chose on the first pages, to come to this kind and ground."""
        grounds = self.answers.get("ground", {}).get("grounds", ())
        for want in rules.wants:
            if want.kind == self.kind:
                return {"want": want.code}
            for reason in want.reasons:
                if reason.kind == self.kind and (not grounds or reason.ground in grounds):
                    return {"want": want.code, "reason": reason.code}
        raise ValueError(f"{self.key}: nothing on the first pages leads to {self.kind}")
