"""The first questions: which law, what is wanted and why, which company, who asks."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dsar.components import RadioCards
from dsar.models import RequesterRole
from dsar.questions.base import QuestionForm, law_text
from dsar.questions.matter import HOME_REGIME

# Where a person lives decides which law is offered; a rule set of the operator's own is offered
# by its name.
_RESIDENCES = {
    HOME_REGIME: _("I live in Japan, or anywhere not named below"),
    "gdpr": _("I live in the EU or EEA (Germany, France, Norway and others)"),
    "ccpa": _("I live in California, USA"),
}


class _Choosing(QuestionForm):
    """One question with one answer out of several."""

    chosen: str

    def offer(self, choices: list[tuple[str, Any]], hints: dict[str, Any]) -> None:
        """Set the choices, each with a hint or none."""
        field = cast(forms.ChoiceField, self.fields[self.chosen])
        field.choices = choices
        cast(RadioCards, field.widget).hints = hints


class RegionForm(_Choosing):
    """Where the person lives (GDPR Art. 3, CCPA §1798.140(i))."""

    chosen = "regime"
    regime = forms.ChoiceField(
        label=_("Where do you live?"),
        help_text=_("The law that protects you, and so the kinds of request, depend on it."),
        widget=RadioCards,
    )

    def prepare(self) -> None:
        """Offer the rule sets of the companies that take requests."""
        rule_sets = self.matter.rule_sets
        self.offer(
            [(code, _RESIDENCES.get(code, law_text(r.name))) for code, r in rule_sets.items()],
            {code: law_text(rules.name) for code, rules in rule_sets.items()},
        )


class WantForm(_Choosing):
    """What the person wants, in plain words."""

    chosen = "want"
    want = forms.ChoiceField(label=_("What would you like to ask for?"), widget=RadioCards)

    def prepare(self) -> None:
        """Offer what the law lets a person want."""
        wants = self.matter.rules.wants if self.matter.rules else ()
        self.offer(
            [(want.code, law_text(want.title)) for want in wants],
            {want.code: law_text(want.hint) for want in wants},
        )


class WhyForm(_Choosing):
    """Why it is wanted, where that decides which right is meant."""

    chosen = "reason"
    reason = forms.ChoiceField(
        label=_("Which of these comes closest?"),
        help_text=_("Your answer decides which procedure applies. You can change it later."),
        widget=RadioCards,
    )

    def prepare(self) -> None:
        """Offer the reasons that belong to what is wanted."""
        reasons = self.matter.want.reasons if self.matter.want else ()
        self.offer(
            [(reason.code, law_text(reason.title)) for reason in reasons],
            {reason.code: law_text(reason.hint) for reason in reasons},
        )


class ControllerForm(_Choosing):
    """Which company of the group the request goes to."""

    chosen = "controller"
    controller = forms.ChoiceField(
        label=_("Which company is your request for?"),
        help_text=_("Choose the company whose service you used or that contacted you."),
        widget=RadioCards,
    )

    def prepare(self) -> None:
        """Offer the companies that take requests under this law."""
        self.offer([(c.code, c.name) for c in self.matter.offered], {})


_WITH_PAPERS: dict[str, Any] = {
    RequesterRole.STATUTORY_AGENT: _(
        "For a child under 18, or an adult under guardianship. We need a paper that shows this."
    ),
    RequesterRole.MANDATED_AGENT: _(
        "For example as a lawyer or a family member. We need a paper that shows it."
    ),
}
_WITHOUT_PAPERS: dict[str, Any] = {
    RequesterRole.STATUTORY_AGENT: _("For a child under 18, or an adult under guardianship."),
    RequesterRole.MANDATED_AGENT: _("For example as a lawyer or a family member."),
}


class RequesterForm(_Choosing):
    """Who makes the request (APPI Art. 37(3), Cabinet Order Art. 13)."""

    chosen = "role"
    role = forms.ChoiceField(label=_("Who is making this request?"), widget=RadioCards)

    def prepare(self) -> None:
        """Offer acting for oneself, as statutory agent, or with a mandate."""
        self.offer(
            [
                (RequesterRole.SELF, _("I am asking about my own data")),
                (RequesterRole.STATUTORY_AGENT, _("I am a parent or legal guardian")),
                (RequesterRole.MANDATED_AGENT, _("I was asked to act for someone")),
            ],
            _WITH_PAPERS if self.matter.needs_identity else _WITHOUT_PAPERS,
        )
