"""What the desk does about data searches: propose, ask, add, take out.

What is asked names as little of the person as the search needs: the officer ticks it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dsar import collection, owner_answers, owner_mail
from dsar.admin import law_words
from dsar.admin.act_form import WorkForm
from dsar.admin.sharing import SHAREABLE
from dsar.answer_form import uploads_field
from dsar.components import SummaryRow
from dsar.form_fields import CleanText, DatePartsField, MultipleFilesField
from dsar.models import FINISHED, Case, DataSystem, Material, Person, SearchTask, StaffMember
from dsar.questions import case_summary
from dsar.widgets import CheckboxGroup


def reached(task: SearchTask) -> str:
    """Who is told, by name or address; or that nobody is."""
    if task.system.connector != DataSystem.Connector.MANUAL:
        return str(task.system.get_connector_display())
    found = [
        owner.shown_name() if owner else owner_mail.link_address(task.system)
        for owner in owner_mail.addressees(task.system)
    ]
    return ", ".join(found) or _("Nobody is registered: tell them yourself, and note the answer.")


Purpose = SearchTask.Purpose
State = SearchTask.State

_SEARCHED_STEPS = ("scope",)
_CARRIED_STEPS = ("scope", "correction", "addition", "deletion", "recipients")


def attributes(case: Case) -> dict[str, str]:
    """What is known of the person that could be shared."""
    person = case.people.filter(role=Person.Role.PRINCIPAL).first()
    if person is None:
        return {}
    person.case = case
    return {name: value for name in SHAREABLE if (value := getattr(person, name))}


def minimum(known: Iterable[str]) -> list[str]:
    """The least that finds the right person: the number, else what is rare beside the name."""
    given = list(known)
    rare = ("customer_number", "email", "phone", "birth_date", "address")
    found = next((name for name in rare if name in given), None)
    return [name for name in SHAREABLE if name in given and name in (found, "name")]


def question(case: Case, purpose: str) -> str:
    """The question as it is proposed; the officer edits it."""
    if purpose == Purpose.CARRY_OUT:
        said = _("The request “%(kind)s” was granted. Please carry it out for this person.")
    else:
        said = _(
            "Please search for the personal data of this person, and hand in what you find "
            "as it is (files, or tables as CSV)."
        )
    steps = _CARRIED_STEPS if purpose == Purpose.CARRY_OUT else _SEARCHED_STEPS
    lines = [
        _line(line.label, _flat(line.value))
        for line in case_summary(case, law_words.language())
        if line.step in steps
    ]
    about = said % {"kind": law_words.kind_title(case)}
    return "\n".join([about, *([""] if lines else []), *lines])


def _line(label: Any, value: str) -> str:
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def _flat(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def composed(text: str, known: dict[str, str], shared: Iterable[str]) -> str:
    """The question with the attributes that were chosen."""
    lines = [_line(SHAREABLE[name], known[name]) for name in shared if name in known]
    return "\n".join([text, *([""] if lines else []), *lines])


# --- Of the whole case --------------------------------------------------------------------
class CollectionForm(WorkForm):
    """An act about tasks; what the stage refuses is said on the form."""

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only while something may be asked of data owners."""
        reason = super().refusal(case, user, today)
        if reason is None and collection.purpose_now(case) is None:
            return _(
                "Data owners are asked while the case is examined, and after a decision that "
                "changes data."
            )
        return reason

    @property
    def purpose(self) -> str:
        """What tasks are about as the case stands."""
        return str(collection.purpose_now(self.case) or Purpose.SEARCH)

    def attempt(self) -> bool:
        """Do it, or note on the form why it could not be done."""
        try:
            return super().attempt()
        except collection.NotPossible as reason:
            self.add_error(None, str(reason))
        except owner_answers.Incomplete as incomplete:
            for name, fault in incomplete.faults.items():
                self.add_error(name if name in self.fields else None, fault)
        return False


class ProposeForm(CollectionForm):
    """Note a task for every system in use that has none."""

    act = "propose_tasks"

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Propose all systems in use")

    def intro(self) -> list[str]:
        """What happens."""
        return [_("A task is noted for every system in use that has none yet. Nobody is asked.")]

    def run(self) -> None:
        """Propose."""
        self.made = len(collection.propose(self.case, purpose=self.purpose))

    def done(self) -> str:
        """How many."""
        return ngettext(
            "%(count)d system was proposed.", "%(count)d systems were proposed.", self.made
        ) % {"count": self.made}


class AddSystemsForm(CollectionForm):
    """Choose systems by hand."""

    act = "add_systems"

    systems = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Systems"),
        queryset=DataSystem.objects.none(),
        widget=CheckboxGroup,
    )

    def prepare(self) -> None:
        """Systems in use that have no task of this purpose."""
        known = self.case.tasks.filter(purpose=self.purpose).exclude(state=State.CANCELLED)
        field: Any = self.fields["systems"]
        rows = self.case.controller.systems.filter(is_active=True)
        field.queryset = rows.exclude(pk__in=known.values("system"))

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Add systems")

    def intro(self) -> list[str]:
        """Where they come from."""
        field: Any = self.fields["systems"]
        if not field.queryset.exists():
            return [_("Every system of the inventory has a task. Administrators add further ones.")]
        return []

    def run(self) -> None:
        """Propose them."""
        collection.propose(self.case, self.cleaned_data["systems"], purpose=self.purpose)


class QuestionForm(CollectionForm):
    """The question, what it tells of the person, and until when."""

    text = CleanText(
        label=gettext_lazy("Question"),
        help_text=gettext_lazy("The data owner reads this, and nothing else of the case."),
        multiline=True,
        rows=8,
        max_length=5000,
    )
    shared = forms.MultipleChoiceField(
        label=gettext_lazy("What the data owner learns of the person"),
        help_text=gettext_lazy("Only what is needed to find the right person."),
        widget=CheckboxGroup,
        required=False,
    )
    due_on = DatePartsField(label=gettext_lazy("Answer by"))

    def prepare(self) -> None:
        """The question and the day proposed, and the least of the person."""
        self.known = attributes(self.case)
        shared: Any = self.fields["shared"]
        shared.choices = [(name, SHAREABLE[name]) for name in self.known]
        shared.widget.hints = dict(self.known)
        self.initial.setdefault("text", question(self.case, self.asked_purpose()))
        self.initial.setdefault("shared", minimum(self.known))
        self.initial.setdefault("due_on", collection.default_due(self.case, self.today))

    def asked_purpose(self) -> str:
        """What is asked for."""
        return self.purpose

    def clean_due_on(self) -> date | None:
        """From today on, and not after the decision is due."""
        day: date | None = self.cleaned_data["due_on"]
        latest = collection.latest_due(self.case)
        if day is not None and day < self.today:
            raise ValidationError(_("This day has passed. Enter a day from today on."))
        if day is not None and latest is not None and latest >= self.today and day > latest:
            raise ValidationError(
                _("The decision is due on %(day)s. Enter a day before that.")
                % {"day": self.long(latest)}
            )
        return day

    def put(self, task: SearchTask) -> None:
        """Ask one data owner."""
        given = self.cleaned_data
        words = composed(given["text"], self.known, given["shared"])
        collection.ask(task, words, given["due_on"], by=self.by, at=self.at, shared=given["shared"])


class AskAllForm(QuestionForm):
    """Ask everyone who is proposed."""

    act = "ask_all"

    def waiting(self) -> list[SearchTask]:
        """The tasks that were not asked yet."""
        rows = self.case.tasks.filter(purpose=self.purpose, state=State.PROPOSED)
        found = list(rows.select_related("system__processor"))
        for task in found:
            task.case = self.case
        return found

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Ask all that are proposed")

    def rows(self) -> list[SummaryRow]:
        """Who is asked."""
        return [SummaryRow(label=task.system.name, value=reached(task)) for task in self.waiting()]

    def clean(self) -> None:
        """There has to be somebody."""
        if not self.waiting():
            raise ValidationError(_("No task is waiting to be asked."))

    def run(self) -> None:
        """Ask, all or none."""
        with transaction.atomic():
            for task in self.waiting():
                self.put(task)


class AddMaterialForm(WorkForm):
    """Add a file that reached the desk in another way."""

    act = "add_material"
    takes_files = True

    uploads = MultipleFilesField()

    def prepare(self) -> None:
        """Large files are taken."""
        self.fields["uploads"] = uploads_field(
            settings.OWNER_UPLOAD_MAX_COUNT, _("Files"), _("A CSV file becomes a table.")
        )

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Add material")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Not once the case is closed."""
        if not case.is_open:
            return _("The case is closed; nothing can be added.")
        return super().refusal(case, user, today)

    def run(self) -> None:
        """Keep them."""
        owner_answers.add_by_desk(self.case, self.cleaned_data["uploads"], by=self.by, at=self.at)


# --- Of one task, or one piece of material ------------------------------------------------


class RemoveForm(WorkForm):
    """Take material out of the case."""

    act = "remove"

    reason = CleanText(label=gettext_lazy("Reason"), multiline=True, rows=2, max_length=500)

    def __init__(self, material: Material, *args: Any, **kwargs: Any) -> None:
        self.material = material
        super().__init__(*args, **kwargs)

    def address(self) -> str:
        """Where the form is sent."""
        return reverse("admin:dsar_case_material_remove", args=[self.case.pk, self.material.pk])

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Take material out")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Not after the decision: what was decided on stays."""
        if case.status in FINISHED:
            return _("The case is decided; its material stays as it is.")
        return super().refusal(case, user, today)

    def rows(self) -> list[SummaryRow]:
        """Which one."""
        return [SummaryRow(label=_("Material"), value=self.material.title)]

    def intro(self) -> list[str]:
        """What happens."""
        return [_("The file is deleted. Its name and your reason are kept in the log.")]

    def run(self) -> None:
        """Take it out."""
        owner_answers.take_out(self.material, self.cleaned_data["reason"], by=self.by, at=self.at)
