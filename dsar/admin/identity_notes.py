"""What an officer notes of an identity: its level, the agent, a proof, a paper, a rejection."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import identity
from dsar.admin.act_form import WorkForm
from dsar.admin.identity_forms import NO_NUMBERS, SEEN_BY_OFFICER, in_words
from dsar.components import SummaryRow
from dsar.form_fields import CheckboxField, CleanText, DatePartsField, MultipleFilesField
from dsar.models import (
    Case,
    RequesterRole,
    Sensitivity,
    StaffMember,
    Status,
    Subject,
)
from dsar.widgets import RadioCards


class IdentityForm(WorkForm):
    """An act of the check beside the lifecycle: while no decision was made."""

    needs_agent: ClassVar[bool] = False

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only where something has to be proven, and is still open."""
        refusal = super().refusal(case, user, today)
        if refusal is not None:
            return refusal
        if not identity.subjects(case):
            return _("This kind of request needs no identity check.")
        if cls.needs_agent and case.requester_role == RequesterRole.SELF:
            return _("The person asks for themselves; there is no authority to check.")
        if case.status in (Status.DECIDED, Status.CLOSED):
            return _("The case is decided; the check is over.")
        return None

    def authority(self) -> identity.Standing | None:
        """How far the agent's authority is; None where nobody acts for another."""
        rows = identity.standing(self.case)
        return next((row for row in rows if row.subject == Subject.AUTHORITY), None)

    def attempt(self) -> bool:
        """Also notes what is missing beside its field."""
        try:
            return super().attempt()
        except identity.Incomplete as lacking:
            for name, fault in lacking.faults.items():
                self.add_error(name if name in self.fields else None, fault)
            return False

    def choose_subject(self, *, authority: bool = True) -> None:
        """Offer the subjects of the case; a single one need not be chosen."""
        subjects = [
            (subject.value, subject.label)
            for subject in identity.subjects(self.case)
            if authority or subject != Subject.AUTHORITY
        ]
        field: Any = self.fields["subject"]
        field.choices = subjects
        if len(subjects) == 1:
            self.initial["subject"] = subjects[0][0]
            field.required = False
            field.widget = forms.HiddenInput()

    def chosen_subject(self) -> str:
        """The chosen subject, or the only one."""
        given = str(self.cleaned_data.get("subject") or "")
        return given or str(self.initial["subject"])


class LevelForm(IdentityForm):
    """How sensitive the data is: the level follows from it."""

    act = "identity_level"

    sensitivity = forms.ChoiceField(
        label=gettext_lazy("How sensitive is the data?"),
        choices=Sensitivity.choices,
        widget=RadioCards,
    )

    def prepare(self) -> None:
        """Show which level follows from each answer."""
        rules, case = identity.rules_of(self.case), self.case
        field: Any = self.fields["sensitivity"]
        field.widget.hints = {
            value: in_words(rules.level_for(case.kind, value, case.channel).title)
            for value in Sensitivity.values
        }
        self.initial.setdefault("sensitivity", identity.sensitivity_of(case).value)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Set how sensitive the data is")

    def submit_label(self) -> str:
        """The button."""
        return _("Save")

    def run(self) -> None:
        """Save."""
        value = Sensitivity(self.cleaned_data["sensitivity"])
        identity.set_sensitivity(self.case, value, by=self.by, at=self.at)


class AgentKindForm(IdentityForm):
    """Which kind of agent it is: it says which papers are needed."""

    act = "identity_agent"
    needs_agent = True

    kind = forms.ChoiceField(label=gettext_lazy("Who is the agent?"), widget=RadioCards)

    def prepare(self) -> None:
        """The kinds of the requester's role."""
        field: Any = self.fields["kind"]
        kinds = identity.rules_of(self.case).agents_of(self.case.requester_role)
        field.choices = [(kind.code, in_words(kind.title)) for kind in kinds]
        field.widget.hints = {kind.code: in_words(kind.needs) for kind in kinds}
        row = self.authority()
        if row is not None and row.agent is not None:
            self.initial.setdefault("kind", row.agent.code)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Set the kind of agent")

    def submit_label(self) -> str:
        """The button."""
        return _("Save")

    def run(self) -> None:
        """Save."""
        identity.set_agent(self.case, self.cleaned_data["kind"], by=self.by, at=self.at)


class ProofForm(IdentityForm):
    """Note a proof that was seen beside the portal."""

    act = "identity_proof"

    subject = forms.ChoiceField(label=gettext_lazy("What was proven?"), widget=RadioCards)
    method = forms.ChoiceField(
        label=gettext_lazy("How?"),
        choices=[(method.value, method.label) for method in SEEN_BY_OFFICER],
        widget=RadioCards,
    )
    note = CleanText(
        label=gettext_lazy("Note"), help_text=NO_NUMBERS, multiline=True, rows=3, required=False
    )

    def prepare(self) -> None:
        """The subjects of the case."""
        self.choose_subject()

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Record a proof")

    def run(self) -> None:
        """Record."""
        given = self.cleaned_data
        identity.record_proof(
            self.case, self.chosen_subject(), given["method"], given["note"], by=self.by, at=self.at
        )


class AuthorityForm(IdentityForm):
    """Whether the agent may act, judged apart from who the agent is."""

    act = "identity_authority"
    needs_agent = True

    verdict = forms.ChoiceField(
        label=gettext_lazy("May the agent act for the principal?"),
        choices=[
            ("accepted", gettext_lazy("Yes, the authority is shown")),
            ("rejected", gettext_lazy("No, it is not shown")),
        ],
        widget=RadioCards,
    )
    covers_answer = CheckboxField(
        label=gettext_lazy("The mandate covers receiving the answer"),
        help_text=gettext_lazy("Otherwise the answer goes to the principal."),
        required=False,
    )
    note = CleanText(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Needed if it is not shown, or if papers are missing."),
        multiline=True,
        rows=3,
        required=False,
    )

    def prepare(self) -> None:
        """A statutory agent needs no mandate."""
        if self.case.requester_role != RequesterRole.MANDATED_AGENT:
            del self.fields["covers_answer"]

    def rows(self) -> list[SummaryRow]:
        """What is needed of this kind of agent."""
        row = self.authority()
        if row is None or row.agent is None:
            return []
        return [
            SummaryRow(label=in_words(row.agent.title), value=in_words(row.agent.needs)),
            SummaryRow(
                label=_("Papers"),
                value=_("Complete") if row.is_reached else _("Not complete"),
            ),
        ]

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Check the agent's authority")

    def submit_label(self) -> str:
        """The button."""
        return _("Save")

    def run(self) -> None:
        """Judge."""
        given = self.cleaned_data
        identity.judge_authority(
            self.case,
            accepted=given["verdict"] == "accepted",
            covers_answer=given.get("covers_answer", False),
            note=given["note"],
            by=self.by,
            at=self.at,
        )


class RejectIdentityForm(IdentityForm):
    """What was shown does not prove the identity, and nothing more is to be expected."""

    act = "identity_reject"

    subject = forms.ChoiceField(label=gettext_lazy("What is not proven?"), widget=RadioCards)
    reason = CleanText(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the file. The requester does not see this line."),
        multiline=True,
        rows=3,
    )

    def prepare(self) -> None:
        """The identities; authority is judged on its own page."""
        self.choose_subject(authority=False)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("The identity is not proven")

    def intro(self) -> list[str]:
        """What follows."""
        return [
            _(
                "Ask for proof first, and wait for the answer. Afterwards the case can be ended "
                "as “not effective”; that is not a refusal."
            )
        ]

    def submit_label(self) -> str:
        """The button."""
        return _("Save")

    def run(self) -> None:
        """Note it."""
        identity.reject_identity(
            self.case, self.chosen_subject(), self.cleaned_data["reason"], by=self.by, at=self.at
        )


class PaperForm(IdentityForm):
    """Add a copy of a paper that came by post or at the counter."""

    act = "identity_paper"
    takes_files = True

    subject = forms.ChoiceField(label=gettext_lazy("What does it show?"), widget=RadioCards)
    type = forms.ChoiceField(label=gettext_lazy("Type of paper"), widget=RadioCards)
    issued_on = DatePartsField(label=gettext_lazy("Issued on"), required=False)
    expires_on = DatePartsField(label=gettext_lazy("Valid until"), required=False)
    uploads = MultipleFilesField(
        label=gettext_lazy("Scan or picture"),
        help_text=gettext_lazy("PDF, JPEG, PNG or WebP."),
        max_count=1,
    )

    def prepare(self) -> None:
        """The subjects and types of the case."""
        self.choose_subject()
        kind: Any = self.fields["type"]
        rules = identity.rules_of(self.case)
        kind.choices = [(row.code, in_words(row.title)) for row in rules.documents.values()]

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Add a paper")

    def submit_label(self) -> str:
        """The button."""
        return _("Add")

    def run(self) -> None:
        """Keep it sealed."""
        given = self.cleaned_data
        identity.add_paper(
            self.case,
            given["uploads"][0],
            subject=self.chosen_subject(),
            type_=given["type"],
            issued_on=given["issued_on"],
            expires_on=given["expires_on"],
            by=self.by,
            at=self.at,
        )
