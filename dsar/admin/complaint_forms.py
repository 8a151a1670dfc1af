"""What the desk does with a complaint before it answers: category and investigation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import complaints
from dsar.admin import law_words
from dsar.admin.act_form import WorkForm
from dsar.form_fields import CleanText
from dsar.models import FINISHED, Case, StaffMember
from dsar.widgets import RadioCards


class ComplaintForm(WorkForm):
    """Of complaints that are not answered yet."""

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only complaints, and not once they are answered; the role is looked at first."""
        refused = super().refusal(case, user, today)
        if refused is not None:
            return refused
        if not complaints.is_complaint(case):
            return _("This case is not a complaint.")
        if case.status in FINISHED:
            return _("The complaint is answered already.")
        return None


class CategoryForm(ComplaintForm):
    """What the complaint is about."""

    act = "categorise"

    category = forms.ChoiceField(label=gettext_lazy("Category"), widget=RadioCards)

    def prepare(self) -> None:
        """The categories of the law's file."""
        tongue = law_words.language()
        field: Any = self.fields["category"]
        field.choices = [
            (row.code, row.title.in_language(tongue))
            for row in self.case.rules.complaint_categories
        ]
        self.initial.setdefault("category", complaints.category_of(self.case))

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Change the category")

    def run(self) -> None:
        """Change it."""
        code = self.cleaned_data["category"]
        complaints.categorise(self.case, code, by=self.by, at=self.at)


class InvestigateForm(ComplaintForm):
    """What was looked into and what came out."""

    act = "investigate"

    examined = CleanText(
        label=gettext_lazy("What was looked into"),
        help_text=gettext_lazy("For example: which department or record was asked, and when."),
        multiline=True,
        rows=3,
        max_length=5000,
    )
    finding = CleanText(
        label=gettext_lazy("What was found out"),
        help_text=gettext_lazy("The requester does not see it. A finding is not changed later."),
        multiline=True,
        rows=5,
        max_length=5000,
    )

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Note a finding")

    def run(self) -> None:
        """Write it."""
        given = self.cleaned_data
        complaints.investigate(
            self.case, given["examined"], given["finding"], by=self.by, at=self.at
        )
