"""Records of third-party provision put into a case that asks for them (APPI Art. 33(5))."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dsar import provisions
from dsar.admin.act_form import WorkForm
from dsar.admin.provision_pages import PERSON
from dsar.models import FINISHED, Case, StaffMember
from dsar.widgets import CheckboxGroup


class DiscloseRecordsForm(WorkForm):
    """Choose the records that are about the principal."""

    act = "disclose_records"

    records = forms.MultipleChoiceField(
        label=gettext_lazy("Which records are about this person?"),
        help_text=gettext_lazy("Those that share only the name may be about someone else."),
        widget=CheckboxGroup,
    )

    def prepare(self) -> None:
        """The records that share a value with the principal; the strong ones are ticked."""
        self.matches = provisions.proposed(self.case)
        field: Any = self.fields["records"]
        field.choices = [(str(match.record.pk), named(match)) for match in self.matches]
        field.widget.hints = {
            str(match.record.pk): _("Agrees: %(fields)s")
            % {"fields": ", ".join(str(PERSON[name]) for name in match.fields)}
            for match in self.matches
        }
        self.initial.setdefault(
            "records", [str(match.record.pk) for match in self.matches if match.is_strong]
        )

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Take over third-party records")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only for this kind, before the decision, and where something was found."""
        refused = super().refusal(case, user, today)
        if refused:
            return refused
        if case.kind != provisions.KIND:
            return _("This request does not ask for records of provision to third parties.")
        if case.status in FINISHED:
            return _("The case is decided; nothing can be added.")
        if not provisions.proposed(case):
            return _("The register holds no record of this person.")
        return None

    def run(self) -> None:
        """Put them into the case."""
        wanted = set(self.cleaned_data["records"])
        chosen = [match.record for match in self.matches if str(match.record.pk) in wanted]
        provisions.disclose(self.case, chosen, by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        n = len(self.cleaned_data["records"])
        text = ngettext(
            "%(n)d record was put into the case.", "%(n)d records were put into the case.", n
        )
        return text % {"n": n}


def named(match: provisions.Match) -> str:
    """A record in one line."""
    record = match.record
    parts = [
        str(record.principal.get("name", "")),
        str(record.get_direction_display()),
        record.party_name,
        record.provided_on.isoformat() if record.provided_on else "",
    ]
    return " – ".join(part for part in parts if part)


def card(case: Case, user: StaffMember, today: date) -> dict[str, Any] | None:
    """What the case's page says of the register; None for other kinds."""
    if case.kind != provisions.KIND or case.status in FINISHED:
        return None
    return {
        "count": len(provisions.proposed(case)),
        "may": DiscloseRecordsForm.refusal(case, user, today) is None,
    }
