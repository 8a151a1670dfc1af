"""What a controller charges and how it takes fees, on the controller's page of the settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import get_language, gettext_lazy

from dsar.law import shelf
from dsar.models import FeeAmount, PaymentWay


class FeeAmountForm(forms.ModelForm):
    """A fee for a kind of request; only kinds for which the law allows one can be chosen."""

    what = forms.ChoiceField(label=gettext_lazy("Kind of request"))

    class Meta:
        model = FeeAmount
        fields = ("what", "amount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "ja"
        field: Any = self.fields["what"]
        field.choices = [("", "---------")]
        for regime in shelf.book().regimes:
            rules = shelf.book().versions(regime)[-1]
            field.choices += [
                (f"{regime} {kind.code}", kind.title.in_language(language))
                for kind in rules.kinds.values()
                if kind.fee_allowed
            ]
        if self.instance.pk:
            self.initial["what"] = f"{self.instance.regime} {self.instance.kind}"

    def clean(self) -> dict[str, Any]:
        """Kind and rule set are told by one choice."""
        given = super().clean() or {}
        regime, _space, kind = given.get("what", "").partition(" ")
        self.instance.regime, self.instance.kind = regime, kind
        return given


class FeeAmountFormSet(forms.BaseInlineFormSet):
    """Every kind at most once."""

    def clean(self) -> None:
        """Note a kind that stands twice on its second row."""
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            what = form.cleaned_data.get("what") if hasattr(form, "cleaned_data") else None
            if not what or form.cleaned_data.get("DELETE"):
                continue
            if what in seen:
                form.add_error("what", gettext_lazy("This kind stands here already."))
            seen.add(what)


class FeeAmountInline(admin.TabularInline):
    """Fees of single kinds of request."""

    model = FeeAmount
    form = FeeAmountForm
    formset = FeeAmountFormSet
    extra = 0


class PaymentWayForm(forms.ModelForm):
    """A way of payment; it is chosen from those that the rule sets know."""

    code = forms.ChoiceField(label=gettext_lazy("Way of payment"))

    class Meta:
        model = PaymentWay
        fields = ("code", "instructions_ja", "instructions_en", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "ja"
        known: dict[str, Any] = {}
        for regime in shelf.book().regimes:
            known |= shelf.book().versions(regime)[-1].fee.ways
        field: Any = self.fields["code"]
        field.choices = [
            ("", "---------"),
            *((code, way.title.in_language(language)) for code, way in known.items()),
        ]
        field.help_text = " ".join(
            f"{way.title.in_language(language)}: {way.hint.in_language(language)}"
            for way in known.values()
        )


class PaymentWayInline(admin.StackedInline):
    """How the controller takes fees, with what the person has to know."""

    model = PaymentWay
    form = PaymentWayForm
    extra = 0
