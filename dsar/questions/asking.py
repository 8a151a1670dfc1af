"""The questions a kind of request brings with it (`dsar.law.Question`), one form each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dsar import reference
from dsar.components import CheckboxGroup, CleanText, DatePartsField, RadioCards
from dsar.questions.base import LINE_LENGTH, TEXT_LENGTH, QuestionForm, law_text
from dsar.questions.matter import Matter


def _long(label: Any, **more: Any) -> Any:
    return CleanText(label=label, multiline=True, max_length=TEXT_LENGTH, **more)


class ScopeForm(QuestionForm):
    """Which data is meant (APPI Art. 37(2): enough to specify it, and help in doing so)."""

    services = forms.MultipleChoiceField(
        label=_("Services"),
        help_text=_("Choose those your request is about."),
        widget=CheckboxGroup,
        required=False,
    )
    period = CleanText(
        label=_("Period"),
        help_text=_("For example: from about April 2023 until I left."),
        max_length=LINE_LENGTH,
        required=False,
    )
    items = _long(
        _("Data meant"),
        help_text=_("For example: my registered address, my order history, calls to the desk."),
        required=False,
        rows=4,
    )

    def prepare(self) -> None:
        """Offer the company's services; a stored answer may name one that is gone by now."""
        if self.matter.stored:
            named = self.matter.answers.get("scope", {}).get("services", ())
            choices = [(name, name) for name in named]
        else:
            choices = [(service.name_ja, service.name) for service in self.matter.services]
        if choices:
            cast(forms.MultipleChoiceField, self.fields["services"]).choices = choices
        else:
            del self.fields["services"]
        told = self.matter.answers.get("scope", {}).get("period")
        if "range" in self.matter.known_kind.questions and not told:
            del self.fields["period"]  # asked for as the range

    def clean(self) -> dict[str, Any]:
        """Something has to say which data is meant, where the right person's must be found."""
        cleaned = super().clean() or {}
        said = any(cleaned.get(name) for name in ("services", "period", "items"))
        if self.matter.needs_identity and not said and not self.matter.at_desk and not self.errors:
            self.add_error(
                "items",
                _(
                    "Tell us which data you mean. If you are not sure, write how you have dealt"
                    " with us."
                ),
            )
        return cleaned


class CorrectionForm(QuestionForm):
    """What is wrong and what is right (APPI Art. 34(1), GDPR Art. 16)."""

    wrong = _long(_("What is wrong now?"), rows=3)
    right = _long(_("What would be right?"), rows=3)
    why = _long(
        _("How can we see that it is right?"),
        help_text=_("You can attach papers later."),
        required=False,
        rows=4,
    )


class AdditionForm(QuestionForm):
    """What is missing (APPI Art. 34(1))."""

    missing = _long(_("What is missing?"), rows=4)
    why = _long(
        _("Why does it have to be added?"), help_text=_("You can attach papers later."), rows=4
    )


class DeletionForm(QuestionForm):
    """What is untrue and has to go (APPI Art. 34(1))."""

    untrue = _long(_("What is untrue?"), rows=4)
    why = _long(
        _("How can we see that it is untrue?"),
        help_text=_("You can attach papers later."),
        rows=4,
    )


class GroundForm(QuestionForm):
    """The grounds a person has to show, and the circumstances (APPI Art. 35, GDPR Art. 17-21)."""

    grounds = forms.MultipleChoiceField(
        label=_("Which of these apply?"),
        help_text=_("Choose all that apply."),
        widget=CheckboxGroup,
    )
    circumstances = _long(
        _("What happened?"),
        help_text=_("Tell us briefly what makes you think so: when, what, how you noticed."),
        rows=6,
    )

    def prepare(self) -> None:
        """Offer the law's grounds in plain words, with the article beside each."""
        rules = self.matter.known_rules
        grounds = [rules.grounds[code] for code in self.matter.known_kind.grounds]
        field = cast(forms.MultipleChoiceField, self.fields["grounds"])
        field.choices = [(ground.code, law_text(ground.plain)) for ground in grounds]
        cast(CheckboxGroup, field.widget).hints = {
            ground.code: law_text(ground.article_label) for ground in grounds
        }
        if "purpose_objection" in self.matter.known_kind.questions:
            del self.fields["circumstances"]  # asked for there
        elif self.matter.at_desk:
            self.fields["circumstances"].required = False

    @classmethod
    def initial_of(cls, answer: Mapping[str, Any], matter: Matter) -> dict[str, Any]:
        """Without an answer, the ground that goes with the reason the person gave."""
        initial = dict(answer)
        if not initial.get("grounds") and matter.reason and matter.reason.ground:
            initial["grounds"] = [matter.reason.ground]
        return initial

    @classmethod
    def accepts(cls, answer: Mapping[str, Any], matter: Matter) -> bool:
        """A ground that was only suggested is no answer."""
        return bool(answer.get("grounds")) and super().accepts(answer, matter)


class RecipientsForm(QuestionForm):
    """Which other companies are meant, if the person knows."""

    recipients = _long(
        _("Which companies or countries do you mean?"),
        help_text=_("If you do not know, leave this empty. We will look into it."),
        required=False,
        rows=4,
    )


class MethodForm(QuestionForm):
    """How the answer is to be given and how it travels (APPI Art. 33(2), Rules Art. 30)."""

    chosen = forms.ChoiceField(
        label=_("How would you like to receive the answer?"),
        help_text=_(
            "If the way you choose turns out to be very costly or difficult, we tell you and"
            " suggest another."
        ),
        widget=RadioCards,
    )

    def prepare(self) -> None:
        """Offer each delivery under the method it carries."""
        rules = self.matter.known_rules
        cast(forms.ChoiceField, self.fields["chosen"]).choices = [
            (
                law_text(rules.methods[method].title),
                [
                    (f"{method}:{delivery}", law_text(rules.deliveries[delivery].title))
                    for delivery in rules.methods[method].deliveries
                ],
            )
            for method in self.matter.known_kind.methods
        ]
        # No choice stated: the business proposes one (PPC guidelines 3-8-2).
        self.fields["chosen"].required = not self.matter.at_desk

    def answer(self) -> dict[str, Any]:
        """The codes of method and delivery."""
        method, _colon, delivery = str(self.cleaned_data.get("chosen") or "").partition(":")
        return {"method": method, "delivery": delivery}

    @classmethod
    def initial_of(cls, answer: Mapping[str, Any], matter: Matter) -> dict[str, Any]:
        """Both codes as the one choice they were."""
        method, delivery = answer.get("method"), answer.get("delivery")
        return {"chosen": f"{method}:{delivery}" if method else ""}


class ComplaintForm(QuestionForm):
    """A complaint about the handling of personal information (APPI Art. 40)."""

    category = forms.ChoiceField(label=_("What is it about?"), widget=RadioCards)
    details = _long(
        _("What happened, and what would you like us to do?"),
        help_text=_("When, where and with whom, as far as you remember."),
        rows=8,
    )
    about_case = CleanText(
        label=_("Case number"),
        help_text=_("If it is about a request you made before. Example: 2611-4839-2075."),
        max_length=20,
        required=False,
    )

    def prepare(self) -> None:
        """Offer the categories of the law's file."""
        cast(forms.ChoiceField, self.fields["category"]).choices = [
            (category.code, law_text(category.title))
            for category in self.matter.known_rules.complaint_categories
        ]

    def clean_about_case(self) -> str:
        """The bare number. Raises ValidationError when it cannot be one."""
        typed = self.cleaned_data["about_case"]
        if not typed:
            return ""
        number = reference.read_case_number(typed)
        if number is None:
            raise forms.ValidationError(
                _("Enter the 12 digits of the case number, for example 2611-4839-2075.")
            )
        return number

    @classmethod
    def initial_of(cls, answer: Mapping[str, Any], matter: Matter) -> dict[str, Any]:
        """The number as people see it."""
        initial = dict(answer)
        if initial.get("about_case"):
            initial["about_case"] = reference.show_case_number(initial["about_case"])
        return initial


class RangeForm(QuestionForm):
    """How far back the answer goes (CCPA §1798.130(a)(2)(B))."""

    range = forms.ChoiceField(
        label=_("How far back should we look?"),
        choices=[
            ("12_months", _("The past 12 months")),
            ("all", _("As far back as possible")),
            ("dates", _("A period I name")),
        ],
        widget=RadioCards,
    )
    begin = DatePartsField(
        label=pgettext_lazy("period", "From"),
        help_text=_("Only if you name a period."),
        required=False,
    )
    end = DatePartsField(
        label=pgettext_lazy("period", "To"),
        help_text=_("Only if you name a period."),
        required=False,
    )

    def prepare(self) -> None:
        """No period begins or ends in the future; paper may name none."""
        for name in ("begin", "end"):
            cast(DatePartsField, self.fields[name]).latest = self.matter.today
        self.fields["range"].required = not self.matter.at_desk

    def clean(self) -> dict[str, Any]:
        """A named period has a beginning, and an end that is not before it."""
        cleaned = super().clean() or {}
        if cleaned.get("range") != "dates":
            return {**cleaned, "begin": None, "end": None}
        begin, end = cleaned.get("begin"), cleaned.get("end")
        if begin is None and "begin" not in self.errors:
            self.add_error("begin", _("Enter the first day of the period."))
        if begin and end and end < begin:
            self.add_error("end", _("The last day lies before the first day."))
        return cleaned

    def answer(self) -> dict[str, Any]:
        """Range with `from` and `to` as ISO dates, empty unless a period is named."""
        answer = super().answer()
        return {
            "range": answer.get("range", ""),
            "from": answer.get("begin") or "",
            "to": answer.get("end") or "",
        }

    @classmethod
    def initial_of(cls, answer: Mapping[str, Any], matter: Matter) -> dict[str, Any]:
        """The same under the names of the fields."""
        return {
            "range": answer.get("range", ""),
            "begin": answer.get("from", ""),
            "end": answer.get("to", ""),
        }


class PurposeObjectionForm(QuestionForm):
    """Which use or decision, and what speaks against it (GDPR Art. 21, 22)."""

    circumstances = _long(_("Your situation"), rows=8)

    def prepare(self) -> None:
        """Ask for a situation to weigh, unless the ground alone is enough."""
        field = self.fields["circumstances"]
        kind, rules = self.matter.known_kind, self.matter.known_rules
        if not kind.grounds:
            field.help_text = _(
                "Tell us which decision you mean, when it was made, and what we should consider."
            )
            field.required = not self.matter.at_desk
            return
        chosen = self.matter.answers.get("ground", {}).get("grounds", ())
        weighed = [code for code in chosen if code in rules.grounds]
        needed = any(rules.grounds[code].needs_circumstances for code in weighed) or not weighed
        field.required = needed and not self.matter.at_desk
        field.help_text = (
            _("Tell us which use you object to, and what in your situation speaks against it.")
            if needed
            else _("No reason is needed. If you like, tell us which messages you mean.")
        )
