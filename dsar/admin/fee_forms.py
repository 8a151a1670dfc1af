"""The acts on a case's fee: charge it, record what arrived, go without it."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import fees
from dsar.admin import law_words
from dsar.admin.act_form import ActForm
from dsar.components import SummaryRow
from dsar.form_fields import CleanText, DatePartsField
from dsar.models import Case, Fee, StaffMember
from dsar.widgets import RadioCards

MOST = 9_999_999


def no_fee(case: Case) -> str:
    """That the company asks nothing for this kind."""
    return _("%(controller)s charges nothing for this kind of request.") % {
        "controller": case.controller.name
    }


class ChargeFeeForm(ActForm):
    """Tell the person what the request costs, how to pay and by when."""

    act = "charge_fee"

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Also where nothing is charged, or nobody has said how it is paid."""
        refused = super().refusal(case, user, today)
        if refused is None and not fees.amount_of(case):
            return no_fee(case)
        return refused

    def prepare(self) -> None:
        """What is charged and how it can be paid."""
        self.amount = fees.amount_of(self.case)
        self.ways = fees.ways(self.case.controller, self.case.rules, law_words.language())

    def intro(self) -> list[str]:
        """What happens to the clock, and what the law says."""
        fee, tongue = self.case.rules.fee, law_words.language()
        if not self.ways:
            return [fees.no_way(self.case)]
        if fee.effect == "none":
            clock = _("The case waits for the payment; its due dates go on running.")
        else:
            clock = _("The case waits for the payment, and the clock stands until it arrives.")
        return [
            _("The person is told of the fee by mail and letter."),
            clock,
            fee.text.in_language(tongue),
        ]

    def rows(self) -> list[SummaryRow]:
        """What the person will read."""
        last = fees.would_be_due(self.case, self.today)
        return [
            SummaryRow(
                label=_("Fee"), value=fees.in_words(self.amount, self.case.rules.fee.currency)
            ),
            SummaryRow(label=_("To be paid by"), value=self.long(last)),
            *(SummaryRow(label=way.title, value=way.instructions) for way in self.ways),
        ]

    def run(self) -> None:
        """Charge it."""
        seen = self.cleaned_data["seen"]
        fees.charge(self.case, self.amount, by=self.by, at=self.at, seen=seen)


class PayFeeForm(ActForm):
    """Record money, stamps or a postal order that arrived."""

    act = "pay_fee"

    amount = forms.IntegerField(
        label=gettext_lazy("Amount that arrived"), min_value=1, max_value=MOST
    )
    way = forms.ChoiceField(label=gettext_lazy("How it was paid"), widget=RadioCards)
    paid_on = DatePartsField(label=gettext_lazy("When did it arrive?"))
    reference = CleanText(
        label=gettext_lazy("Reference"),
        help_text=gettext_lazy(
            "For the file: for example the name on the transfer, or the number of the postal order."
        ),
        required=False,
        max_length=200,
    )

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Also where nothing is charged."""
        refused = super().refusal(case, user, today)
        if refused is None and fees.current(case) is None and not fees.amount_of(case):
            return no_fee(case)
        return refused

    def prepare(self) -> None:
        """What is still missing, today; the ways the law's file knows."""
        fee = fees.current(self.case)
        self.fee = fee if fee is not None and fee.state != Fee.State.WAIVED else None
        self.asked = self.fee.amount if self.fee else fees.amount_of(self.case)
        self.given = fees.received(self.fee) if self.fee else 0
        tongue = law_words.language()
        ways = self.case.rules.fee.ways.values()
        field: forms.ChoiceField = self.fields["way"]  # type: ignore[assignment]
        field.choices = [(way.code, way.title.in_language(tongue)) for way in ways]
        self.initial.setdefault("amount", self.asked - self.given)
        self.initial.setdefault("paid_on", self.today)

    def intro(self) -> list[str]:
        """When the case goes on."""
        if self.fee is None:
            return [
                _(
                    "No fee was charged yet. Record here what came with the request; the person "
                    "gets a receipt."
                )
            ]
        return [
            _("Once the whole fee has arrived, the person gets a receipt and the case goes on.")
        ]

    def rows(self) -> list[SummaryRow]:
        """What is asked and what has arrived."""
        currency = self.case.rules.fee.currency
        found = [SummaryRow(label=_("Fee"), value=fees.in_words(self.asked, currency))]
        if self.given:
            given = fees.in_words(self.given, currency)
            found.append(SummaryRow(label=_("Arrived so far"), value=given))
        return found

    def clean_paid_on(self) -> date | None:
        """Not in the future."""
        return self.not_later("paid_on")

    def run(self) -> None:
        """Record it."""
        given = self.cleaned_data
        fees.pay(
            self.case,
            given["amount"],
            way=given["way"],
            paid_on=given["paid_on"],
            reference=given["reference"],
            by=self.by,
            at=self.at,
            seen=given["seen"],
        )

    def done(self) -> str:
        """What is missing, or was too much."""
        currency = self.case.rules.fee.currency
        over = self.given + int(self.cleaned_data["amount"]) - self.asked
        if over < 0:
            return _("The payment is recorded. %(amount)s are still missing.") % {
                "amount": fees.in_words(-over, currency)
            }
        if over > 0:
            return _("The fee is paid, with %(amount)s too much. The receipt is on its way.") % {
                "amount": fees.in_words(over, currency)
            }
        return _("The fee is paid. The receipt is on its way.")


class WaiveFeeForm(ActForm):
    """Go on without the fee."""

    act = "waive_fee"

    reason = CleanText(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For the file. The requester does not see this line."),
        multiline=True,
        rows=3,
        max_length=500,
    )

    def intro(self) -> list[str]:
        """What happens."""
        return [_("The case goes on without the fee, and the person is told.")]

    def run(self) -> None:
        """Waive it."""
        given = self.cleaned_data
        fees.waive(self.case, given["reason"], by=self.by, at=self.at, seen=given["seen"])
