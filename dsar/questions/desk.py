"""The same questions on one page: for what came on paper, by telephone or at the counter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dsar.law import Kind, RuleSet
from dsar.models import Controller, RequesterRole
from dsar.questions.base import QuestionForm
from dsar.questions.matter import Matter
from dsar.questions.steps import Step, steps_for


class DeskForms:
    """The forms of one kind for one company, with the step's name as prefix of each.

    Iterates over the forms in order; `forms` gives them by step. E-mail, date of birth and much
    else may be missing on paper, so the forms let it be missing here.
    """

    def __init__(
        self,
        rules: RuleSet,
        kind: Kind,
        controller: Controller,
        *,
        at: datetime,
        data: Any = None,
    ) -> None:
        self._start = Matter(
            {
                "region": {"regime": rules.regime},
                "kind": {"kind": kind.code},
                "controller": {"controller": controller.code},
            },
            (controller,),
            at,
            at_desk=True,
            pinned=rules,
        )
        self._data = data
        self._matter = self._typed_so_far() if data is not None else self._start
        self.steps = tuple(self._steps())
        self.forms: dict[str, QuestionForm] = {
            step.name: step.form(self._matter, data, prefix=step.name) for step in self.steps
        }
        if "agent" in self.forms and not self._counts("agent"):
            # Shown all the same, and no fault of a form that does not count may be named.
            for field in self.forms["agent"].fields.values():
                field.required = False

    def __iter__(self) -> Iterator[QuestionForm]:
        return iter(self.forms.values())

    def title_of(self, name: str) -> Any:
        """The heading above a form."""
        return next(step.title for step in self.steps if step.name == name)

    @property
    def matter_so_far(self) -> Matter:
        """The matter before anything is checked: law, kind and company."""
        return self._start

    def is_valid(self) -> bool:
        """Whether every form that counts is in order; the agent's counts only if there is one."""
        checked = [form.is_valid() for name, form in self.forms.items() if self._counts(name)]
        return all(checked)

    def matter(self) -> Matter:
        """The matter with the cleaned answers, for `to_filing`; call it when all are valid."""
        answers = {
            **self._start.answers,
            **{n: form.answer() for n, form in self.forms.items() if self._counts(n)},
        }
        return self._start.with_answers(answers)

    def _counts(self, name: str) -> bool:
        return name != "agent" or self._matter.has_agent

    def _steps(self) -> Iterator[Step]:
        # Who asks is answered on the same page, so the agent's form is always there.
        with_agent = self._start.with_answers(
            {**self._start.answers, "requester": {"role": RequesterRole.MANDATED_AGENT}}
        )
        return (step for step in steps_for(with_agent) if step.form_class is not None)

    def _typed_so_far(self) -> Matter:
        """The matter with the typed answers that other forms depend on: who asks, how to send."""
        answers = dict(self._start.answers)
        for step in steps_for(self._start):
            if step.name in ("requester", "method", "ground"):
                form = step.form(self._start, self._data, prefix=step.name)
                if form.is_valid():
                    answers[step.key] = form.answer()
        return self._start.with_answers(answers)


def desk_forms(
    rules: RuleSet, kind: Kind, controller: Controller, *, at: datetime, data: Any = None
) -> DeskForms:
    """The forms to show for a kind; bound if `data` is given.

    Args:
        at: when the request reached the business.
    """
    return DeskForms(rules, kind, controller, at=at, data=data)
