"""What is known of a request while it is being written: rule set, kind, company, role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings

from dsar import clock, law
from dsar.law import shelf
from dsar.models import Case, Controller, RequesterRole, Service

HOME_REGIME = "appi"
"""Offered before all others."""

Answers = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Matter:
    """Answers so far, read against the law of the day and the companies that take requests.

    Attributes:
        answers: by step; see `dsar.questions`.
        controllers: the active ones, in their order.
        at: the moment the request reaches the business; decides which rules apply.
        at_desk: an officer types what came on paper or by telephone; some answers may lack.
        pinned: the rule set a filed case is bound to; other rule sets are then not looked at.
        stored: answers are shown or checked again, so a service that was named since stands.
    """

    answers: Answers
    controllers: tuple[Controller, ...]
    at: datetime
    at_desk: bool = False
    pinned: law.RuleSet | None = None
    stored: bool = field(default=False, compare=False)

    @classmethod
    def load(cls, answers: Answers, at: datetime, *, at_desk: bool = False) -> Matter:
        """The matter with the companies that take requests now (one query)."""
        return cls(answers, tuple(Controller.objects.filter(is_active=True)), at, at_desk)

    @classmethod
    def of_case(cls, case: Case, answers: Answers) -> Matter:
        """The matter of a filed case, under the rules it is pinned to (no query)."""
        return cls(answers, (case.controller,), case.received_at, True, case.rules, True)

    def with_answers(self, answers: Answers) -> Matter:
        """The same with other answers."""
        return replace(self, answers=answers)

    # --- The law ---------------------------------------------------------------------------

    @cached_property
    def rule_sets(self) -> dict[str, law.RuleSet]:
        """The rule sets on offer, by regime: those of the active companies, Japan's first."""
        if self.pinned is not None:
            return {self.pinned.regime: self.pinned}
        wanted = {regime for controller in self.controllers for regime in controller.regimes}
        found = {}
        for regime in sorted(wanted, key=lambda code: (code != HOME_REGIME, code != "gdpr", code)):
            rules = rules_at(regime, self.at)
            if rules is not None:
                found[regime] = rules
        return found

    @cached_property
    def rules(self) -> law.RuleSet | None:
        """The rule set that applies; None while the place of residence is not known."""
        if len(self.rule_sets) == 1:
            return next(iter(self.rule_sets.values()))
        return self.rule_sets.get(self.answer("region", "regime"))

    @cached_property
    def want(self) -> law.Want | None:
        """What the person wants, in plain words."""
        code = self.answer("want", "want")
        wants = self.rules.wants if self.rules else ()
        return next((want for want in wants if want.code == code), None)

    @cached_property
    def reason(self) -> law.Reason | None:
        """Why the person wants it, where that decides on the kind."""
        code = self.answer("want", "reason")
        reasons = self.want.reasons if self.want else ()
        return next((reason for reason in reasons if reason.code == code), None)

    @cached_property
    def kind(self) -> law.Kind | None:
        """The kind of request: from what is wanted and why, or as the desk named it."""
        if self.rules is None:
            return None
        if self.at_desk:
            return self.rules.kinds.get(self.answer("kind", "kind"))
        if self.want is None:
            return None
        code = self.reason.kind if self.reason else self.want.kind
        return self.rules.kinds[code] if code else None

    @property
    def known_kind(self) -> law.Kind:
        """The kind, where a step is shown that depends on one. ValueError: it is not known."""
        if self.kind is None:
            raise ValueError("the kind of request is not known yet")
        return self.kind

    @property
    def known_rules(self) -> law.RuleSet:
        """The rule set, where a step depends on one. ValueError: it is not known."""
        if self.rules is None:
            raise ValueError("the rule set is not known yet")
        return self.rules

    # --- Company and people ----------------------------------------------------------------

    @cached_property
    def offered(self) -> tuple[Controller, ...]:
        """The companies that take requests under the rule set."""
        if self.rules is None or self.pinned is not None:
            return self.controllers
        return tuple(c for c in self.controllers if self.rules.regime in c.regimes)

    @cached_property
    def controller(self) -> Controller | None:
        """The company the request goes to; the only one needs no choosing."""
        if len(self.offered) == 1:
            return self.offered[0]
        code = self.answer("controller", "controller")
        return next((c for c in self.offered if c.code == code), None)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The company's services (one query)."""
        return tuple(self.controller.services.all()) if self.controller else ()

    @property
    def role(self) -> str:
        """Who makes the request; the person concerned while nothing else is known."""
        if self.kind is not None and not self.kind.agent_allowed:
            return RequesterRole.SELF
        return self.answer("requester", "role") or RequesterRole.SELF

    @property
    def has_agent(self) -> bool:
        """Whether someone acts for the person concerned."""
        return self.role != RequesterRole.SELF

    @property
    def needs_identity(self) -> bool:
        """Whether the law lets, or makes, the company check who is asking."""
        return self.kind is not None and self.kind.identity == "required"

    @cached_property
    def further(self) -> tuple[Answers, ...]:
        """The answers of further requests that are filed together with this one."""
        return tuple(self.answers.get("further", {}).get("requests", ()))

    @cached_property
    def checks_person(self) -> bool:
        """Whether this or a further request makes the company check who is asking."""
        kinds = [answers.get("kind", {}).get("kind") for answers in self.further]
        known = self.rules.kinds if self.rules else {}
        return self.needs_identity or any(
            known[code].identity == "required" for code in kinds if code in known
        )

    @cached_property
    def today(self) -> date:
        """The local date of the request."""
        zone = self.rules.timezone if self.rules else settings.TIME_ZONE
        return clock.received_on(self.at, zone)

    def answer(self, step: str, name: str) -> str:
        """One answer as text; `""` when it was not given."""
        return str(self.answers.get(step, {}).get(name) or "")


def rules_at(regime: str, at: datetime) -> law.RuleSet | None:
    """The version of a statute in force where it applies; None if there is none."""
    book = shelf.book()
    try:
        newest = book.versions(regime)[-1]
        return book.version(regime, clock.received_on(at, newest.timezone))
    except law.LawError:
        return None
