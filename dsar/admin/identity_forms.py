"""The acts of the identity check: ask for proof, note how it came, say that it is enough."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import identity, letter_pdf, letters
from dsar.admin import checks, law_words
from dsar.admin.act_form import ActForm, WorkForm
from dsar.components import SummaryRow
from dsar.form_fields import CheckboxField, CleanText, DatePartsField, MultipleFilesField
from dsar.models import (
    Case,
    IdentityProof,
    Letter,
    RequesterRole,
    Sensitivity,
    StaffMember,
    Status,
    Subject,
)
from dsar.widgets import CheckboxGroup, RadioCards

NO_NUMBERS = gettext_lazy("Do not copy numbers from the papers: they are not needed.")
_SEEN_BY_OFFICER = (
    IdentityProof.Method.PAPERS,
    IdentityProof.Method.IN_PERSON,
    IdentityProof.Method.REGISTERED,
    IdentityProof.Method.SEAL,
    IdentityProof.Method.OTHER,
)


class AskIdentityForm(ActForm):
    """Ask for proof of identity or authority; the clock does what the rule set says."""

    act = "ask_identity"
    shows_letter = True

    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("What is to be proven?"), widget=CheckboxGroup
    )
    reason = CleanText(
        label=gettext_lazy("What is missing, in short"),
        help_text=gettext_lazy("For the file. The requester does not see this line."),
        max_length=200,
    )
    doubt = CleanText(
        label=gettext_lazy("Why is the identity in doubt?"),
        help_text=gettext_lazy(
            "Only a recorded reason stops the clock. Without one the due date stays as it is."
        ),
        multiline=True,
        rows=3,
        required=False,
    )
    message = CleanText(
        label=gettext_lazy("Message to the requester"),
        help_text=gettext_lazy(
            "The person reads it on the status page and is told by e-mail that it is there."
        ),
        multiline=True,
        rows=10,
        max_length=5000,
    )

    def prepare(self) -> None:
        """Propose what is lacking, and words for it."""
        rows = identity.standing(self.case)
        lacking = [row for row in rows if not row.is_accepted] or rows
        wanted: Any = self.fields["wanted"]
        wanted.choices = [(row.subject.value, row.subject.label) for row in rows]
        wanted.widget.hints = {
            row.subject.value: in_words(needs) for row in rows if (needs := needs_of(row))
        }
        self.initial.setdefault("wanted", [row.subject.value for row in lacking])
        self.initial.setdefault("message", identity.ask_in_words(self.case, lacking))
        if not self.case.rules.incomplete.doubt_required:
            del self.fields["doubt"]

    def intro(self) -> list[str]:
        """What happens to the clock, and what may be asked at all."""
        incomplete = self.case.rules.incomplete
        said = {
            "pause": _(
                "The clock stops today. It goes on from where it stood when you enter the day the "
                "answer arrived."
            ),
            "restart": _("The clock stops today. It begins anew on the day the answer arrives."),
            "none": _("The clock is not stopped: the due date stays as it is."),
        }[incomplete.effect]
        source = in_words(identity.rules_of(self.case).source)
        return [said, _("Ask no more than the data warrants (%(source)s).") % {"source": source}]

    def letter(self) -> letter_pdf.Sheet:
        """What is asked for, as a letter."""
        texts = {name: self.cleaned_data.get(name, "") for name in ("message", "doubt")}
        kind = Letter.Kind.IDENTITY
        return letters.compose(self.case, kind, on=self.today, texts=texts, is_draft=True)

    def run(self) -> None:
        """Ask."""
        given = self.cleaned_data
        identity.ask(
            self.case,
            given["wanted"],
            given["message"],
            reason=given["reason"],
            doubt=given.get("doubt", ""),
            by=self.by,
            at=self.at,
            seen=given["seen"],
        )


def in_words(text: Any) -> str:
    """A text of the rules in the language in use."""
    return str(text.in_language(law_words.language()))


def needs_of(row: identity.Standing) -> Any:
    """What a subject needs, as a text of the rules."""
    if row.agent is not None:
        return row.agent.needs
    return row.level.needs if row.level is not None else None


class ConfirmIdentityForm(ActForm):
    """Confirm what is recorded in the case, or note a check that was made beside it."""

    act = "confirm_identity"

    check_method = forms.ChoiceField(
        label=gettext_lazy("How was the identity checked?"),
        choices=list(checks.METHODS.items()),
        widget=RadioCards,
    )
    authority = forms.ChoiceField(
        label=gettext_lazy("How was the agent's authority checked?"),
        choices=list(checks.AUTHORITIES.items()),
        widget=RadioCards,
    )
    covers_answer = CheckboxField(
        label=gettext_lazy("The mandate covers receiving the answer"),
        help_text=gettext_lazy("Otherwise the answer goes to the principal."),
        required=False,
    )
    result = CleanText(
        label=gettext_lazy("Note"), help_text=NO_NUMBERS, multiline=True, rows=3, required=False
    )

    def prepare(self) -> None:
        """Ask only for what is not proven by what is recorded."""
        self.standing = identity.standing(self.case)
        lacking = {row.subject for row in self.standing if not row.is_accepted}
        if not lacking - {Subject.AUTHORITY}:
            del self.fields["check_method"]
        if Subject.AUTHORITY not in lacking:
            del self.fields["authority"], self.fields["covers_answer"]
        elif self.case.requester_role != RequesterRole.MANDATED_AGENT:
            del self.fields["covers_answer"]

    def intro(self) -> list[str]:
        """What happens."""
        return [_("The identity is confirmed, and the examination begins.")]

    def rows(self) -> list[SummaryRow]:
        """What is required, and what was shown."""
        return [
            SummaryRow(label=row.subject.label, value=[state_of(row), in_words(needs_of(row))])
            for row in self.standing
        ]

    def clean(self) -> None:
        """Another way has to be named."""
        given = self.cleaned_data
        other = given.get("check_method") == "other" or given.get("authority") == "other_authority"
        if other and not given.get("result"):
            self.add_error("result", _("Say in the note how it was checked."))

    def run(self) -> None:
        """Record and move on, both or neither."""
        given = self.cleaned_data
        identity.confirm(
            self.case,
            method=given.get("check_method", ""),
            authority=given.get("authority", ""),
            covers_answer=given.get("covers_answer", False),
            note=given["result"],
            by=self.by,
            at=self.at,
            seen=given["seen"],
        )


def state_of(row: identity.Standing) -> str:
    """Whether a subject is proven, in words."""
    if row.is_accepted:
        return _("Proven")
    return str(row.check.get_state_display())


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
        choices=[(method.value, method.label) for method in _SEEN_BY_OFFICER],
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
