"""The form in which a data owner, or the desk for them, answers a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import collection, owner_answers
from dsar.components import CleanText, MultipleFilesField, PortalForm, RadioCards
from dsar.models import SearchTask

State = SearchTask.State
_HINTS = {
    State.FOUND: gettext_lazy("Add the files below, or say where the data is."),
    State.NOTHING: gettext_lazy("You searched, and there is nothing about this person."),
    State.NOT_OURS: gettext_lazy("Your system does not hold such data. Say below who may have it."),
}


def uploads_field(count: int, label: Any, help_text: Any = "", **more: Any) -> MultipleFilesField:
    """Files of any type, large ones too."""
    megabytes = settings.OWNER_UPLOAD_MAX_BYTES // (1024 * 1024)
    limits = _("Up to %(count)d files of %(megabytes)d MB each.") % {
        "count": count,
        "megabytes": megabytes,
    }
    return MultipleFilesField(
        label=label,
        help_text=" ".join(filter(None, [str(help_text), limits])),
        max_count=count,
        max_bytes=settings.OWNER_UPLOAD_MAX_BYTES,
        **more,
    )


def answer_fields(task: SearchTask, given: int) -> dict[str, forms.Field]:
    """The questions of an answer to this task; `given` files were handed in before."""
    room = max(0, settings.OWNER_UPLOAD_MAX_COUNT - given)
    if task.purpose == SearchTask.Purpose.CARRY_OUT:
        found: dict[str, forms.Field] = {
            "uploads": uploads_field(room, _("Proof"), _proof_help(task), required=False)
        }
        remarks = _("What was done, and where it is documented")
    else:
        state = forms.ChoiceField(
            label=_("Result of the search"),
            choices=[(code, State(code).label) for code in collection.ANSWERS[task.purpose]],
            widget=RadioCards(hints=_HINTS),
            error_messages={"required": _("Choose an answer.")},
        )
        help_text = _("A CSV file becomes a table.")
        found = {
            "state": state,
            "uploads": uploads_field(room, _("Files that you found"), help_text, required=False),
        }
        remarks = _("Remarks")
    found["answer"] = CleanText(
        label=remarks, required=False, multiline=True, rows=4, max_length=5000
    )
    return found


def state_of(cleaned: Mapping[str, Any]) -> str:
    """The state that was answered; a decision has no other than carried out."""
    return str(cleaned.get("state") or State.DONE)


def check(form: forms.Form, task: SearchTask, given: int) -> None:
    """Say at the field what an answer lacks."""
    if form.errors:
        return
    data = form.cleaned_data
    count = given + len(data["uploads"])
    try:
        owner_answers.check(task, state_of(data), data["answer"], count)
    except owner_answers.Incomplete as incomplete:
        for name, fault in incomplete.faults.items():
            form.add_error(name if name in form.fields else None, fault)


class AnswerForm(PortalForm):
    """Found, nothing, not ours; or, for a decision, carried out with its proof."""

    def __init__(self, task: SearchTask, given: int, *args: Any, **kwargs: Any) -> None:
        self.task, self.given = task, given
        super().__init__(*args, **kwargs)
        self.fields.update(answer_fields(task, given))

    def clean(self) -> None:
        """Complete, or with errors at its fields."""
        super().clean()
        check(self, self.task, self.given)

    def ask_for_files_again(self) -> None:
        """Say that files must be chosen anew: browsers forget them when a form comes back."""
        if self.files and self.files.getlist("uploads") and "uploads" not in self.errors:
            self.add_error("uploads", _("Please choose your files again."))


def _proof_help(task: SearchTask) -> str:
    if collection.needs_proof(task):
        return _(
            "The processor’s confirmation, a log or a screenshot without personal data. "
            "A file, or the name of the document below, is required."
        )
    return _("If there is one: a log or a screenshot without personal data.")
