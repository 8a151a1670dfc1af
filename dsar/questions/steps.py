"""The questions in their order, and which of them a request still has to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dsar.law import Question
from dsar.questions import asking, choosing, people
from dsar.questions.base import QuestionForm
from dsar.questions.matter import Answers, Matter

# Parts of the way, as the progress bar shows them.
WISH = pgettext_lazy("part of the form", "Your request")
PEOPLE = pgettext_lazy("part of the form", "People")
DETAILS = pgettext_lazy("part of the form", "Details")
PAPERS = pgettext_lazy("part of the form", "Papers")
CHECK = pgettext_lazy("part of the form", "Check and send")
PARTS = (WISH, PEOPLE, DETAILS, PAPERS, CHECK)


@dataclass(frozen=True)
class Step:
    """One page of the form.

    Attributes:
        form_class: None for a page that asks nothing.
        applies: whether the request needs the step, from what is known so far.
        title: the page's heading; with an agent, `agents_title` if there is one.
        lead: a sentence below the heading, or `""`.
        held_in: under which name the answer is kept, if not the step's own.
    """

    name: str
    part: Promise | str
    form_class: type[QuestionForm] | None
    applies: Callable[[Matter], bool]
    title: Promise | str
    lead: Promise | str = ""
    agents_title: Promise | str = ""
    agents_lead: Promise | str = ""
    held_in: str = ""

    @property
    def key(self) -> str:
        """The name under which the answer is kept."""
        return self.held_in or self.name

    def title_for(self, matter: Matter) -> Promise | str:
        """The heading, by who is asking."""
        return self.agents_title if matter.has_agent and self.agents_title else self.title

    def lead_for(self, matter: Matter) -> Promise | str:
        """The lead, by who is asking."""
        return self.agents_lead if matter.has_agent and self.agents_lead else self.lead

    def form(self, matter: Matter, data: Any = None, *, prefix: str | None = None) -> QuestionForm:
        """The step's form, with the answer so far. TypeError: the step asks nothing."""
        if self.form_class is None:
            raise TypeError(f"step {self.name} has no form")
        initial = self.form_class.initial_of(matter.answers.get(self.key, {}), matter)
        return self.form_class(data, matter=matter, initial=initial, prefix=prefix)

    def is_answered(self, matter: Matter) -> bool:
        """Whether its answer is there and would still be taken; true if it asks nothing."""
        if self.form_class is None:
            return True
        answer = matter.answers.get(self.key)
        return answer is not None and self.form_class.accepts(answer, matter)


def _asked(question: Question) -> Callable[[Matter], bool]:
    return lambda matter: matter.kind is not None and question in matter.kind.questions


def _with_kind(matter: Matter) -> bool:
    return matter.kind is not None


STEPS: tuple[Step, ...] = (
    Step(
        "region",
        WISH,
        choosing.RegionForm,
        lambda matter: len(matter.rule_sets) > 1 and not matter.at_desk,
        _("Where you live"),
    ),
    Step(
        "want",
        WISH,
        choosing.WantForm,
        lambda matter: matter.rules is not None and not matter.at_desk,
        _("What you ask for"),
    ),
    Step(
        "why",
        WISH,
        choosing.WhyForm,
        lambda matter: not matter.at_desk and bool(matter.want and matter.want.reasons),
        _("Your reason"),
        held_in="want",
    ),
    Step("about", WISH, None, _with_kind, _("About this request")),
    Step(
        "controller",
        WISH,
        choosing.ControllerForm,
        lambda matter: _with_kind(matter) and len(matter.offered) > 1 and not matter.at_desk,
        _("The company"),
    ),
    Step(
        "requester",
        PEOPLE,
        choosing.RequesterForm,
        lambda matter: matter.kind is not None and matter.kind.agent_allowed,
        _("Who is asking"),
    ),
    Step(
        "agent",
        PEOPLE,
        people.AgentForm,
        lambda matter: _with_kind(matter) and matter.has_agent,
        _("You, as the agent"),
        _("We deal with you about this request and send the answer to you."),
    ),
    Step(
        "principal",
        PEOPLE,
        people.PrincipalForm,
        _with_kind,
        _("Your name"),
        _("Please write it as our records would have it."),
        _("The person you act for"),
        _("Please write the name as our records would have it."),
    ),
    Step(
        "address",
        PEOPLE,
        people.AddressForm,
        lambda matter: matter.checks_person or matter.at_desk,
        _("Your address"),
        _("We compare it with our records to make sure that we answer the right person."),
        _("The address of the person you act for"),
    ),
    Step(
        "contact",
        PEOPLE,
        people.ContactForm,
        _with_kind,
        _("How to reach you"),
        "",
        _("What else helps us to find the person you act for"),
        _("Leave empty what you do not know."),
    ),
    Step(
        "scope",
        DETAILS,
        asking.ScopeForm,
        _asked("scope"),
        _("Which data your request is about"),
        _("The closer you can say it, the sooner we find it. Leave empty what you do not know."),
    ),
    Step("correction", DETAILS, asking.CorrectionForm, _asked("correction"), _("What is wrong")),
    Step("addition", DETAILS, asking.AdditionForm, _asked("addition"), _("What is missing")),
    Step("deletion", DETAILS, asking.DeletionForm, _asked("deletion"), _("What is untrue")),
    Step("ground", DETAILS, asking.GroundForm, _asked("ground"), _("Your reasons")),
    Step(
        "purpose_objection",
        DETAILS,
        asking.PurposeObjectionForm,
        _asked("purpose_objection"),
        _("Your situation"),
    ),
    Step(
        "recipients", DETAILS, asking.RecipientsForm, _asked("recipients"), _("Who received data")
    ),
    Step("complaint", DETAILS, asking.ComplaintForm, _asked("complaint"), _("Your complaint")),
    Step("range", DETAILS, asking.RangeForm, _asked("range"), _("How far back")),
    Step("method", DETAILS, asking.MethodForm, _asked("method"), _("How you receive the answer")),
    Step("attachments", PAPERS, None, _with_kind, _("Papers")),
    Step("check", CHECK, None, _with_kind, _("Check your answers")),
)
BY_NAME = {step.name: step for step in STEPS}
QUESTION_STEPS = tuple(step.name for step in STEPS if step.part is DETAILS)
"""Steps whose answers a case keeps as `Case.answers`, but for the method, which has columns."""


def steps_for(matter: Matter) -> tuple[Step, ...]:
    """The pages this request goes through, in order, as far as is known."""
    return tuple(step for step in STEPS if step.applies(matter))


def next_step(matter: Matter, after: str) -> Step | None:
    """The page after one; None after the last. KeyError: no such step."""
    order = [step.name for step in STEPS]
    position = order.index(BY_NAME[after].name)
    return next((step for step in STEPS[position + 1 :] if step.applies(matter)), None)


def step_before(matter: Matter, name: str) -> Step | None:
    """The page before one; None before the first. KeyError: no such step."""
    order = [step.name for step in STEPS]
    position = order.index(BY_NAME[name].name)
    return next((step for step in reversed(STEPS[:position]) if step.applies(matter)), None)


def missing_steps(matter: Matter) -> tuple[Step, ...]:
    """The pages that still need an answer, or whose answer no longer fits."""
    return tuple(_missing(matter))


def first_missing(matter: Matter) -> Step | None:
    """The first page that still needs an answer."""
    return next(_missing(matter), None)


def _missing(matter: Matter) -> Iterator[Step]:
    for step in STEPS:
        if step.applies(matter) and not step.is_answered(matter):
            yield step


def answered(matter: Matter, step: Step, answer: dict[str, Any]) -> Matter:
    """The matter with one step answered (anew).

    What no longer applies is dropped once the kind is known; the rest is kept, even where it has
    to be looked at again because the law or the company offers other choices now.
    """
    answers: dict[str, dict[str, Any]] = {name: dict(a) for name, a in matter.answers.items()}
    if step.name == "want" and answers.get("want", {}).get("want") == answer["want"]:
        answer = {**answers["want"], **answer}
    if step.name == "why":
        if answers.get("want", {}).get("reason") != answer["reason"]:
            # The grounds belonged to another reason; the circumstances may still be of use.
            answers.get("ground", {}).pop("grounds", None)
        answer = {**answers.get("want", {}), **answer}
    answers[step.key] = answer
    fresh = matter.with_answers(answers)
    if fresh.has_agent and not matter.has_agent and "email" in answers.get("contact", {}):
        # Who types is the agent now, so the address that was given is the agent's.
        answers.setdefault("agent", {})["email"] = answers["contact"].pop("email")
    if fresh.kind is None:
        answers.pop("kind", None)
        return matter.with_answers(answers)
    answers["kind"] = {"kind": fresh.kind.code}
    fresh = matter.with_answers(answers)
    return fresh.with_answers(_that_apply(fresh))


def _that_apply(matter: Matter) -> Answers:
    kept = {step.key for step in steps_for(matter)} | {"kind", "further"}
    return {name: answer for name, answer in matter.answers.items() if name in kept}
