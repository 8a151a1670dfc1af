"""The card of a case's fee: what was charged, what arrived, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from dsar import fees
from dsar.admin import law_words
from dsar.models import Case, Fee, Payment

_TONES = {
    Fee.State.OPEN: "warning",
    Fee.State.PAID: "success",
    Fee.State.WAIVED: "neutral",
    Fee.State.LAPSED: "neutral",
}


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment in words."""

    row: Payment
    amount: str
    way: str


@dataclass(frozen=True, slots=True)
class FeeCard:
    """A case's fee.

    Attributes:
        balance: what is missing or too much, in words; empty where it fits.
        due_on: until when an open fee is to be paid.
        is_late: whether that day has passed.
        may_end: whether the law lets the case end because the fee was not paid.
    """

    row: Fee
    tone: str
    amount: str
    payments: list[PaymentRow]
    balance: str
    due_on: date | None
    is_late: bool
    may_end: bool


def card(case: Case, today: date) -> FeeCard | None:
    """The case's fee; None where none was charged (three queries at most)."""
    fee = fees.current(case)
    if fee is None:
        return None
    rows = list(fee.payments.select_related("recorded_by"))
    for row in rows:
        row.fee = fee
    over = sum(row.amount for row in rows) - fee.amount
    is_open = fee.state == Fee.State.OPEN
    last = fees.due_on(case) if is_open else None
    is_late = last is not None and last < today
    return FeeCard(
        row=fee,
        tone=_TONES[Fee.State(fee.state)],
        amount=fees.in_words(fee.amount, fee.currency),
        payments=[
            PaymentRow(row, fees.in_words(row.amount, fee.currency), _way(case, row.way))
            for row in rows
        ],
        balance=_balance(fee, over) if rows else "",
        due_on=last,
        is_late=is_late,
        may_end=is_late and bool(fees.expiry_code(case)),
    )


def _balance(fee: Fee, over: int) -> str:
    if not over:
        return ""
    text = _("%(amount)s too much") if over > 0 else _("%(amount)s still missing")
    return text % {"amount": fees.in_words(abs(over), fee.currency)}


def _way(case: Case, code: str) -> str:
    way = case.rules.fee.ways.get(code)
    return way.title.in_language(law_words.language()) if way else code
