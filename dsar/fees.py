"""Fees: what a request costs, charging it, what was paid, and going without (APPI Art. 38).

A fee exists only where the law allows one for the kind of request. Amounts are in whole units of
the rule set's currency. From the notice of the fee the case waits for the person; the clock stands
meanwhile if the rule set says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import clock, clock_words, deadlines, law, lifecycle
from dsar.ledger import Actor
from dsar.models import Case, Controller, Event, Fee, FeeAmount, Payment, PaymentWay

YEN = "JPY"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay, in words: what it is and what the person has to know."""

    code: str
    title: str
    instructions: str


# --- What it costs ------------------------------------------------------------------------
def amounts(
    companies: Iterable[Controller], rules: law.RuleSet, kind: str
) -> list[tuple[Controller, int]]:
    """What each company charges for this kind (one query); nothing where the law allows no fee."""
    found = list(companies)
    if not rules.kinds[kind].fee_allowed:
        return [(row, 0) for row in found]
    own = dict(
        FeeAmount.objects.filter(
            controller__in=[row.pk for row in found if row.pk], regime=rules.regime, kind=kind
        ).values_list("controller", "amount")
    )
    # The usual fee is in yen, so it says nothing of a law with another currency.
    is_yen = rules.fee.currency == YEN
    return [(row, own.get(row.pk, row.fee_yen if is_yen else 0)) for row in found]


def amount_of(case: Case) -> int:
    """What the case's company charges for its kind."""
    [(_company, amount)] = amounts([case.controller], case.rules, case.kind)
    return amount


def in_words(amount: int, currency: str) -> str:
    """An amount with its currency, in the language in use."""
    number = number_format(amount, force_grouping=True)
    if currency == YEN:
        return _("%(amount)s yen") % {"amount": number}
    return _("%(currency)s %(amount)s") % {"currency": currency, "amount": number}


def ways(controller: Controller, rules: law.RuleSet, language: str) -> list[Way]:
    """How the company takes fees: those of its ways that the law's file knows."""
    return [
        Way(
            row.code,
            rules.fee.ways[row.code].title.in_language(language),
            row.instructions_in(language),
        )
        for row in PaymentWay.objects.filter(controller=controller)
        if row.code in rules.fee.ways
    ]


# --- What was charged and paid ------------------------------------------------------------
def current(case: Case) -> Fee | None:
    """The fee that is open, else the last one; None where none was charged."""
    if not case.rule.fee_allowed:
        return None
    fee = case.fees.order_by("id").last()
    if fee is not None:
        fee.case = case  # so that its key is at hand
    return fee


def received(fee: Fee) -> int:
    """The sum of what was paid."""
    return sum(row.amount for row in fee.payments.all())


def due_on(case: Case) -> date | None:
    """Until when the open fee is to be paid."""
    row = case.deadlines.filter(code="fee_payment", met_on=None).first()
    return row.due_on if row else None


def would_be_due(case: Case, on: date) -> date | None:
    """Until when a fee of which the person is told on that day is to be paid."""
    rule = case.rules.deadline(case.kind, "fee_payment")
    return clock.due(rule, on, deadlines.calendar_of(case)).due if rule else None


def is_late(case: Case, today: date) -> bool:
    """Whether an open fee was not paid in time."""
    fee = current(case)
    last = due_on(case)
    return fee is not None and fee.state == Fee.State.OPEN and last is not None and last < today


# --- Acts ---------------------------------------------------------------------------------
def charge(case: Case, amount: int, *, by: Actor, at: datetime, seen: int | None = None) -> Event:
    """Tell the person of the fee and wait for it.

    Raises:
        lifecycle.NotAllowed: not allowed here or not now, or nobody has said how fees are paid.
        lifecycle.Conflict
    """
    today = deadlines.today(case, at)
    with transaction.atomic():
        _hold(case, "charge_fee", by, today)
        offered = ways(case.controller, case.rules, case.language)
        if not offered:
            raise lifecycle.NotAllowed(no_way(case))
        fee = Fee.objects.create(
            case=case,
            amount=amount,
            currency=case.rules.fee.currency,
            charged_on=today,
            charged_by=by.user,
        )
        return lifecycle.move(
            case,
            "charge_fee",
            by=by,
            at=at,
            seen=seen,
            facts={"fee": fee.pk, "amount": amount, "currency": fee.currency},
            texts={"how_to_pay": told(case, offered)},
        )


def told(case: Case, offered: Iterable[Way]) -> str:
    """How to pay, as the letter says it, in the case's language."""
    with override(case.language):
        return "\n\n".join(
            _("%(way)s:\n%(instructions)s") % {"way": way.title, "instructions": way.instructions}
            for way in offered
        )


def no_way(case: Case) -> str:
    """That nobody has said how fees are paid."""
    return _(
        "How fees are paid to %(controller)s is not set up yet. An administrator enters it in the "
        "settings of the controller."
    ) % {"controller": case.controller.name}


def pay(
    case: Case,
    amount: int,
    *,
    way: str,
    paid_on: date,
    reference: str = "",
    by: Actor,
    at: datetime,
    seen: int | None = None,
) -> Event:
    """Record what arrived. Once it is enough the person gets a receipt and the case goes on.

    Money that came with the request, before any notice, makes a fee that is paid at once.

    Raises:
        lifecycle.NotAllowed: nothing can be paid here, or what came with the request is not enough.
        lifecycle.Conflict
    """
    if by.user is None:
        raise lifecycle.NotAllowed(_("Only the desk can do this."))
    today = deadlines.today(case, at)
    with transaction.atomic():
        _hold(case, "pay_fee", by, today)
        fee = current(case)
        if fee is None or fee.state == Fee.State.WAIVED:
            asked = amount_of(case)
            if amount < asked:
                raise lifecycle.NotAllowed(
                    _("The fee is %(fee)s. Charge it first, then record what has arrived.")
                    % {"fee": in_words(asked, case.rules.fee.currency)}
                )
            fee = Fee.objects.create(
                case=case, amount=asked or amount, currency=case.rules.fee.currency
            )
        Payment.objects.create(
            fee=fee,
            amount=amount,
            way=way,
            paid_on=paid_on,
            reference=reference,
            recorded_at=at,
            recorded_by=by.user,
        )
        total = received(fee)
        is_paid = total >= fee.amount
        if is_paid:
            fee.state, fee.settled_on = Fee.State.PAID, paid_on
            fee.save(update_fields=["state", "settled_on"])
        titled = case.rules.fee.ways.get(way)
        return lifecycle.move(
            case,
            "pay_fee" if is_paid else "pay_part",
            by=by,
            at=at,
            seen=seen,
            facts={
                "fee": fee.pk,
                # The receipt is for the whole; the parts are in the rows of the payments.
                "amount": total if is_paid else amount,
                "currency": fee.currency,
                "way": way,
                "paid_on": paid_on,
                "resumed_on": _resumed_on(case, paid_on),
                "over": max(0, total - fee.amount),
            },
            texts={
                "paid_by": titled.title.in_language(case.language) if titled else way,
                "reference": reference,
            },
        )


def waive(case: Case, reason: str, *, by: Actor, at: datetime, seen: int | None = None) -> Event:
    """Go on without the fee.

    Raises:
        lifecycle.NotAllowed: no fee is open.
        lifecycle.Conflict
    """
    today = deadlines.today(case, at)
    with transaction.atomic():
        _hold(case, "waive_fee", by, today)
        fee = current(case)
        if fee is None:
            raise lifecycle.NotAllowed(_("No fee is waiting for payment."))
        fee.state, fee.settled_on, fee.waiver = Fee.State.WAIVED, today, reason
        fee.save(update_fields=["state", "settled_on", "waiver"])
        return lifecycle.move(
            case,
            "waive_fee",
            by=by,
            at=at,
            seen=seen,
            facts={"fee": fee.pk, "resumed_on": today},
            texts={"reason": reason},
        )


def _hold(case: Case, act: str, by: Actor, today: date) -> None:
    """Nobody else acts on the case meanwhile, and the act is possible. Raises NotAllowed."""
    Case.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)
    refusal = lifecycle.why_not(case, act, by, {}, today=today)
    if refusal:
        raise lifecycle.NotAllowed(refusal)


def _resumed_on(case: Case, paid_on: date) -> date:
    """The day the clock goes on: when the money arrived, at the earliest when it had stopped."""
    stop = case.stops.filter(resumed_on=None).first()
    return max(paid_on, stop.stopped_on) if stop else paid_on


# --- Not paid in time ---------------------------------------------------------------------
def expiry_code(case: Case) -> str:
    """The threshold outcome of a fee that is not paid in time; empty where the law has none."""
    rule = case.rules.deadline(case.kind, "fee_payment")
    code = rule.on_expiry if rule else None
    return code if code and code in case.rule.thresholds else ""


def reason_unpaid(case: Case) -> str:
    """Why the request is not effective, to begin with, in the case's language."""
    fee = current(case)
    if fee is None or fee.charged_on is None:
        return ""
    with override(case.language):
        last = due_on(case)
        given = received(fee)
        facts = {
            "fee": in_words(fee.amount, fee.currency),
            "charged_on": clock_words.long_date(fee.charged_on, case.language),
            "due_on": clock_words.long_date(last, case.language) if last else "",
            "received": in_words(given, fee.currency),
        }
        if given:
            return (
                _(
                    "On %(charged_on)s we told you of the fee of %(fee)s, to be paid by "
                    "%(due_on)s. Only %(received)s has arrived."
                )
                % facts
            )
        return (
            _(
                "On %(charged_on)s we told you of the fee of %(fee)s, to be paid by %(due_on)s. "
                "It has not arrived."
            )
            % facts
        )
