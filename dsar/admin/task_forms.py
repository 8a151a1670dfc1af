"""What the desk does about one task: ask, remind, take back, record the answer."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import collection, owner_answers, owner_mail
from dsar.admin import roles
from dsar.admin.search_forms import CollectionForm, Purpose, QuestionForm, State, reached
from dsar.answer_form import answer_fields, check, state_of
from dsar.components import SummaryRow
from dsar.form_fields import CleanText
from dsar.models import Case, DataSystem, SearchTask, StaffMember


class TaskForm(CollectionForm):
    """An act on one task."""

    states: ClassVar[tuple[State, ...]] = (State.OPEN,)

    def __init__(self, task: SearchTask, *args: Any, **kwargs: Any) -> None:
        self.task = task
        super().__init__(*args, **kwargs)

    def address(self) -> str:
        """Where the form is sent."""
        return task_url(self.task, self.act)

    @classmethod
    def barred(cls, task: SearchTask) -> str | None:
        """Why nothing of the kind can be done to this task, or None."""
        if task.state not in cls.states:
            return _("This is not possible while the task is “%(state)s”.") % {
                "state": task.get_state_display()
            }
        return None

    def rows(self) -> list[SummaryRow]:
        """Which system, and who is told."""
        has_connector = self.task.system.connector != DataSystem.Connector.MANUAL
        label = _("Connector") if has_connector else _("Data owner")
        return [
            SummaryRow(label=_("System"), value=self.task.system.name),
            SummaryRow(label=label, value=reached(self.task)),
        ]


def task_url(task: SearchTask, act: str) -> str:
    """The address of an act on a task."""
    return reverse("admin:dsar_case_task", args=[task.case_id, task.pk, act])


class AskForm(TaskForm, QuestionForm):
    """Put the question to one data owner or connector."""

    act = "ask"
    states = (State.PROPOSED,)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Send the question")

    def asked_purpose(self) -> str:
        """The task's."""
        return self.task.purpose

    def run(self) -> None:
        """Ask."""
        self.put(self.task)


class RemindForm(TaskForm):
    """Remind a data owner now."""

    act = "remind"

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Remind now")

    @classmethod
    def barred(cls, task: SearchTask) -> str | None:
        """Nor where nobody is registered, as for most systems with a connector."""
        if not owner_mail.named(task.system):
            return _("Nobody is registered whom a mail could reach.")
        return super().barred(task)

    def intro(self) -> list[str]:
        """What happens."""
        return [_("A mail goes out at once. A link that was mailed before stops working.")]

    def run(self) -> None:
        """Remind."""
        collection.remind(self.task, by=self.by, at=self.at)


class CancelForm(TaskForm):
    """Take a task back."""

    act = "cancel"
    states = (State.PROPOSED, State.OPEN)

    reason = CleanText(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the file. The data owner does not see it."),
        multiline=True,
        rows=3,
        max_length=1000,
    )

    def prepare(self) -> None:
        """A search that was only proposed needs no reason."""
        if self.task.state == State.PROPOSED and self.task.purpose == Purpose.SEARCH:
            self.fields["reason"].required = False

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Take the task back")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Whenever there is a task to take back."""
        return None if roles.may_work(user) else _("Your role does not allow this.")

    def run(self) -> None:
        """Take it back."""
        collection.cancel(self.task, by=self.by, at=self.at, reason=self.cleaned_data["reason"])


class RecordForm(TaskForm):
    """Note an answer that came by telephone, in house mail or on paper."""

    act = "record"
    takes_files = True

    def prepare(self) -> None:
        """What a data owner would be asked."""
        self.handed_in = len(owner_answers.given(self.task))
        self.fields.update(answer_fields(self.task, self.handed_in))

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Note the answer yourself")

    def clean(self) -> None:
        """Complete, or with errors at its fields."""
        check(self, self.task, self.handed_in)

    def run(self) -> None:
        """Hand it in for the data owner."""
        given = self.cleaned_data
        owner_answers.give(
            self.task,
            state_of(given),
            given["answer"],
            given["uploads"],
            by=self.by,
            at=self.at,
        )
