"""The acts of the identity check: ask for proof, and say that it is enough."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import identity
from dsar.admin import checks, law_words
from dsar.admin.act_form import ActForm
from dsar.admin.act_forms import AskForm
from dsar.components import SummaryRow
from dsar.form_fields import CheckboxField, CleanText
from dsar.models import (
    IdentityProof,
    Letter,
    RequesterRole,
    Subject,
)
from dsar.widgets import CheckboxGroup, RadioCards

NO_NUMBERS = gettext_lazy("Do not copy numbers from the papers: they are not needed.")
SEEN_BY_OFFICER = (
    IdentityProof.Method.PAPERS,
    IdentityProof.Method.IN_PERSON,
    IdentityProof.Method.REGISTERED,
    IdentityProof.Method.SEAL,
    IdentityProof.Method.OTHER,
)


class AskIdentityForm(AskForm):
    """Ask for proof of identity or authority; the clock does what the rule set says."""

    act = "ask_identity"
    letter_kind = Letter.Kind.IDENTITY
    field_order = ("wanted",)

    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("What is to be proven?"), widget=CheckboxGroup
    )

    def prepare(self) -> None:
        """Propose what is lacking, and words for it."""
        super().prepare()
        rows = identity.standing(self.case)
        lacking = [row for row in rows if not row.is_accepted] or rows
        wanted: Any = self.fields["wanted"]
        wanted.choices = [(row.subject.value, row.subject.label) for row in rows]
        wanted.widget.hints = {
            row.subject.value: in_words(needs) for row in rows if (needs := needs_of(row))
        }
        self.initial.setdefault("wanted", [row.subject.value for row in lacking])
        self.initial.setdefault("message", identity.ask_in_words(self.case, lacking))
        self.fields["message"].widget.attrs["rows"] = 10

    def intro(self) -> list[str]:
        """What happens to the clock, and what may be asked at all."""
        source = in_words(identity.rules_of(self.case).source)
        least = _("Ask no more than the data warrants (%(source)s).") % {"source": source}
        return [self.effect_in_words(), least]

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
