"""How cases belong together: link, take a link away, merge with an earlier case."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import complaints, duplicates, links, reference
from dsar.admin import link_words
from dsar.admin.act_form import ActForm, WorkForm
from dsar.form_fields import CleanText
from dsar.models import Case, CaseLink, StaffMember
from dsar.widgets import RadioCards

TYPED = "typed"
"""Chosen where none of the cases on offer is meant."""


class OtherCaseForm(ActForm):
    """The common part: one of the cases that are probably of the person, or any by its number."""

    guards = False

    other = forms.ChoiceField(label=gettext_lazy("Which case?"), widget=RadioCards)
    number = CleanText(
        label=gettext_lazy("Case number"),
        help_text=gettext_lazy("Only if you chose another case. 12 digits."),
        required=False,
        max_length=20,
    )

    def offered(self) -> list[duplicates.Likely]:
        """The cases on offer."""
        return duplicates.likely(self.case, today=self.today)

    def prepare(self) -> None:
        """Offer the likely cases, each with what it shares with this one."""
        rows = self.offered()
        field: Any = self.fields["other"]
        field.choices = [
            *((row.case.number, link_words.case_line(row.case)) for row in rows),
            (TYPED, _("Another case")),
        ]
        field.widget.hints = {row.case.number: link_words.reasons(row.same) for row in rows}
        if not rows:
            self.initial.setdefault("other", TYPED)

    def clean(self) -> dict[str, Any]:
        """The case that is meant, of this company alone."""
        given = super().clean() or {}
        chosen = given.get("other")
        number = reference.read_case_number(given.get("number") or "")
        if chosen and chosen != TYPED:
            number = chosen
        elif chosen and number is None:
            self.add_error("number", _("Enter the 12 digits of the case number."))
        if chosen and number is not None:
            found = Case.objects.filter(controller=self.case.controller_id, number=number)
            self.found = found.select_related("key", "controller").first()
            if self.found is None or self.found.pk == self.case.pk:
                self.add_error("number", _("This company has no other case with this number."))
        return given

    @property
    def meant(self) -> Case:
        """The case that was chosen. ValidationError: there is none."""
        if self.found is None:
            raise ValidationError(_("This company has no other case with this number."))
        return self.found


class LinkForm(OtherCaseForm, WorkForm):
    """Note that this case belongs to an earlier one."""

    act = "link"

    kind = forms.ChoiceField(label=gettext_lazy("How do they belong together?"), widget=RadioCards)

    def prepare(self) -> None:
        """A complaint is about a case; a request was made before."""
        super().prepare()
        kinds = [CaseLink.Kind.REPEAT]
        if complaints.is_complaint(self.case):
            kinds.insert(0, CaseLink.Kind.COMPLAINT_ABOUT)
        field: Any = self.fields["kind"]
        field.choices = [(kind.value, kind.label) for kind in kinds]
        self.initial.setdefault("kind", kinds[0].value)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Link with another case")

    def run(self) -> None:
        """Link."""
        kind = self.cleaned_data["kind"]
        links.link(self.case, self.meant, kind, by=self.by, at=self.at)


class UnlinkForm(WorkForm):
    """Take a link away that was a mistake."""

    act = "unlink"

    link = forms.ChoiceField(label=gettext_lazy("Which link?"), widget=RadioCards)

    def prepare(self) -> None:
        """Only links that were set by hand."""
        self.rows_by_id = {
            str(row.link.pk): row for row in links.of(self.case) if row.link.kind in links.BY_HAND
        }
        field: Any = self.fields["link"]
        field.choices = [
            (pk, f"{link_words.kind_of(row)} – {row.case.shown_number}")
            for pk, row in self.rows_by_id.items()
        ]

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only where there is one."""
        refused = super().refusal(case, user, today)
        if refused is None and not any(r.link.kind in links.BY_HAND for r in links.of(case)):
            return _("No link of this case can be taken away.")
        return refused

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Take a link away")

    def run(self) -> None:
        """Take it away."""
        row = self.rows_by_id[self.cleaned_data["link"]]
        links.unlink(row.link, by=self.by, at=self.at)


class MergeForm(OtherCaseForm):
    """Close the case because an earlier one asks for the same."""

    act = "merge"
    guards = True

    reason = CleanText(
        label=gettext_lazy("Why do both ask for the same?"),
        help_text=gettext_lazy("For the file. The requester does not see this line."),
        multiline=True,
        rows=3,
        max_length=1000,
    )

    def offered(self) -> list[duplicates.Likely]:
        """Earlier ones only."""
        return [
            row
            for row in super().offered()
            if duplicates.why_not_merge(self.case, row.case) is None
        ]

    def intro(self) -> list[str]:
        """What happens."""
        return [
            _(
                "This case is closed, and the person is told that it is dealt with under the "
                "number of the earlier case."
            ),
            _(
                "Make sure that both are of the same person and ask for the same. Messages and "
                "files stay readable here. Reopening the case undoes it."
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """Also an earlier case that is not merged itself."""
        given = super().clean()
        found = getattr(self, "found", None)
        if found is not None and not self.errors:
            refusal = duplicates.why_not_merge(self.case, found)
            if refusal:
                self.add_error("other", refusal)
        return given

    def run(self) -> None:
        """Merge."""
        given = self.cleaned_data
        duplicates.merge(
            self.case,
            self.meant,
            reason=given["reason"],
            by=self.by,
            at=self.at,
            seen=given["seen"],
        )

    def done(self) -> str:
        """With which case."""
        return _("This case was merged with %(number)s.") % {"number": self.meant.shown_number}
