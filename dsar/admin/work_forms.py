"""What the desk does beside moving a case on: assign, write, note, change the method."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dsar import casework, correspondence, files
from dsar.admin import law_words
from dsar.admin.act_form import WorkForm
from dsar.form_fields import CleanText, MultipleFilesField
from dsar.models import ActorKind, Case, Controller, StaffMember, Status
from dsar.widgets import RadioCards

ACCEPTED_FILES = ",".join(suffix for kinds in files.ALLOWED_TYPES.values() for suffix in kinds)


def assignees(controllers: Iterable[Controller]) -> QuerySet[StaffMember]:
    """Who may work on cases of any of the controllers."""
    able = StaffMember.objects.with_perm("dsar.work_case")
    return able.filter(controllers__in=list(controllers)).distinct().order_by("username")


class ColleagueField(forms.ModelChoiceField):
    """One of the colleagues, by the name they go by; or nobody."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Assign to"))
        kwargs.setdefault("empty_label", pgettext_lazy("assigned to", "Nobody"))
        super().__init__(queryset=StaffMember.objects.none(), required=False, **kwargs)

    def label_from_instance(self, obj: StaffMember) -> str:
        """Family name first."""
        return obj.shown_name()


class AssignForm(WorkForm):
    """Hand the case to a colleague, take it, or give it back."""

    act = "assign"

    to = ColleagueField()
    held_by = forms.CharField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        """Only those who may work on this controller's cases."""
        cast(ColleagueField, self.fields["to"]).queryset = assignees([self.case.controller])
        holder = self.case.assigned_to_id
        self.initial.setdefault("held_by", str(holder or ""))
        self.initial.setdefault("to", holder)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Assign the case")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Closed cases are nobody's."""
        if not case.is_open:
            return _("A closed case is not assigned to anyone.")
        return super().refusal(case, user, today)

    def clean(self) -> None:
        """Someone else may have taken it since the page was shown."""
        shown = self.cleaned_data.get("held_by")
        holder = self.case.assigned_to
        if "held_by" in self.data and shown != str(holder.pk if holder else ""):
            raise ValidationError(casework.meanwhile(holder))

    def run(self) -> None:
        """Assign."""
        casework.assign(self.case, self.cleaned_data["to"], by=self.by, at=self.at)

    def done(self) -> str:
        """Who has it now."""
        holder = self.case.assigned_to
        if holder is None:
            return _("The case was handed back; nobody has it.")
        return _("The case was assigned to %(to)s.") % {"to": holder.shown_name()}


class NoteForm(WorkForm):
    """An internal note."""

    act = "note"

    body = CleanText(
        label=gettext_lazy("Internal note"),
        help_text=gettext_lazy("The requester never sees it. A note cannot be changed afterwards."),
        multiline=True,
        rows=3,
        max_length=5000,
    )

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Add an internal note")

    def submit_label(self) -> str:
        """The button."""
        return _("Save the note")

    def run(self) -> None:
        """Write it."""
        casework.note(self.case, self.cleaned_data["body"], by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("The note was saved.")


class MessageForm(WorkForm):
    """A message to the person, with files."""

    act = "message"
    takes_files = True

    body = CleanText(
        label=gettext_lazy("Message to the requester"),
        help_text=gettext_lazy(
            "The person reads it on the status page and is told by e-mail that it is there."
        ),
        multiline=True,
        rows=6,
        max_length=5000,
    )
    uploads = MultipleFilesField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy("PDF, JPEG, PNG, HEIC or WebP."),
        required=False,
        accept=ACCEPTED_FILES,
    )

    def prepare(self) -> None:
        """The limits of the settings."""
        field = cast(MultipleFilesField, self.fields["uploads"])
        field.max_count = settings.ATTACHMENT_MAX_COUNT
        field.max_bytes = settings.ATTACHMENT_MAX_BYTES

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Write to the requester")

    def submit_label(self) -> str:
        """The button."""
        return _("Send the message")

    def run(self) -> None:
        """Send it."""
        given = self.cleaned_data
        correspondence.send(
            self.case, given["body"], by=self.by, at=self.at, uploads=given["uploads"]
        )

    def done(self) -> str:
        """Said afterwards."""
        return _("The message was sent.")


class ReadForm(WorkForm):
    """Take the news mark away although the case is someone else's."""

    act = "read"

    @classmethod
    def title(cls, case: Case) -> str:
        """The words on the button."""
        return _("Mark as read")

    def run(self) -> None:
        """Mark."""
        correspondence.mark_read(self.case, ActorKind.STAFF, self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("Marked as read.")


class MethodForm(WorkForm):
    """Change how the person receives the disclosure."""

    act = "method"

    way = forms.ChoiceField(label=gettext_lazy("Method and delivery"), widget=RadioCards)

    def prepare(self) -> None:
        """What the law offers for this kind."""
        field = cast(forms.ChoiceField, self.fields["way"])
        methods = self.case.rules.methods
        field.choices = [
            (f"{code}|{way}", law_words.method_in_words(self.case, code, way))
            for code in self.case.rule.methods
            for way in methods[code].deliveries
        ]
        self.initial.setdefault("way", f"{self.case.method}|{self.case.delivery}")

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Change the method")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only before the decision, and only where there are methods."""
        if not case.rule.methods:
            return _("This method is not offered for this kind of request.")
        if case.status in (Status.DECIDED, Status.CLOSED):
            return _("The case is decided; the method can no longer be changed.")
        return super().refusal(case, user, today)

    def run(self) -> None:
        """Change it."""
        method, _bar, delivery = self.cleaned_data["way"].partition("|")
        casework.change_method(self.case, method, delivery, by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        if "way" not in self.changed_data:
            return _("The method stays as it was.")
        return _("The method was changed.")
