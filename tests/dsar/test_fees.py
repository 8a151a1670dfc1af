"""Fees: only where the law allows them, counted, paid in parts, waived, or never paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dsar import deadlines, decision, fees, ledger, lifecycle, notices, reminders
from dsar.law import shelf
from dsar.models import Case, ClockStop, Fee, FeeAmount, Letter, Notice, PaymentWay, Status
from tests.factories import ControllerFactory, do, take_fees

pytestmark = pytest.mark.django_db

APPI = shelf.book().versions("appi")[-1]


def on(day: int) -> datetime:
    """Ten o'clock in Tokyo on that day of November 2026."""
    return datetime(2026, 11, day, 1, 0, tzinfo=UTC)


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def dues(case: Case) -> dict[str, str | None]:
    return {row.code: f"{row.due_on:%m-%d}" if row.due_on else None for row in case.deadlines.all()}


@pytest.fixture
def desk(officer: Any) -> ledger.Actor:
    return ledger.staff(officer)


@pytest.fixture
def case(controller: Any, file_case: Any, desk: ledger.Actor) -> Case:
    """A disclosure for 300 yen, whose identity check began on the day of receipt."""
    take_fees(controller)
    made: Case = file_case()
    do(made, "accept", by=desk, at=on(10))
    return made


@pytest.fixture
def charged(case: Case, desk: ledger.Actor) -> Case:
    fees.charge(case, 300, by=desk, at=on(12))
    return case


def pay(case: Case, amount: int, *, by: Any, day: int = 16, **given: Any) -> Any:
    values: dict[str, Any] = {"way": "bank_transfer", "paid_on": date(2026, 11, day), **given}
    return fees.pay(case, amount, by=by, at=values.pop("at", on(day)), **values)


# --- What it costs ------------------------------------------------------------------------
def test_a_fee_exists_only_where_the_law_allows_it(law_kind: tuple[str, str]) -> None:
    regime, kind = law_kind
    rules = shelf.book().versions(regime)[-1]
    company = ControllerFactory.build(fee_yen=500)
    [(_company, amount)] = fees.amounts([company], rules, kind)
    assert bool(amount) is rules.kinds[kind].fee_allowed


def test_a_kind_may_cost_something_of_its_own(
    controller: Any, other_controller: Any, django_assert_num_queries: Any
) -> None:
    take_fees(controller)
    FeeAmount.objects.create(controller=controller, regime="appi", kind="disclosure", amount=800)
    FeeAmount.objects.create(controller=controller, regime="appi", kind="purpose_notice", amount=0)
    companies = [controller, other_controller]
    with django_assert_num_queries(1):
        assert fees.amounts(companies, APPI, "disclosure") == [
            (controller, 800),
            (other_controller, 0),
        ]
    assert fees.amounts([controller], APPI, "purpose_notice") == [(controller, 0)]
    assert fees.amounts([controller], APPI, "tp_record_disclosure") == [(controller, 300)]


def test_the_usual_fee_in_yen_says_nothing_of_a_law_with_another_currency(controller: Any) -> None:
    take_fees(controller)
    abroad = APPI.model_copy(update={"fee": APPI.fee.model_copy(update={"currency": "EUR"})})
    assert fees.amounts([controller], abroad, "disclosure") == [(controller, 0)]


# --- Charging -----------------------------------------------------------------------------
def test_charging_tells_the_person_and_stops_the_clock(charged: Case) -> None:
    assert charged.status == Status.AWAITING_REQUESTER
    assert charged.is_stopped
    assert dues(charged) == {
        "ack": "11-13",
        "decision": None,
        "fee_payment": "11-26",
        "art39_marker": "11-24",
    }
    assert (charged.next_due_code, charged.due_on) == ("fee_payment", date(2026, 11, 26))
    stop = charged.stops.get()
    assert (stop.cause, stop.effect) == (ClockStop.Cause.FEE, "pause")
    assert charged.notices.filter(kind=notices.FEE).count() == 1
    letter = charged.letters.get(kind=Letter.Kind.FEE)
    event = charged.events.get(position=letter.event)
    assert event.act == "charge_fee"
    assert event.facts["amount"] == 300
    assert "見本の窓口へお願いします" in event.texts()["how_to_pay"]


def test_the_desk_is_reminded_when_the_fee_is_late(charged: Case) -> None:
    reminder = charged.notices.get(kind="desk_due:fee_payment")
    assert reminder.due_at.date() == date(2026, 11, 26) or reminder.due_at > on(26)
    assert reminders.why_moot(reminder) is None


def test_the_reminder_is_moot_once_the_fee_is_paid(charged: Case, desk: ledger.Actor) -> None:
    pay(charged, 300, by=desk)
    assert not charged.notices.filter(
        kind="desk_due:fee_payment", state=Notice.State.WAITING
    ).exists()


def test_a_rule_set_may_let_the_clock_run(
    case: Case, desk: ledger.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = APPI.model_copy(update={"fee": APPI.fee.model_copy(update={"effect": "none"})})
    monkeypatch.setattr(Case, "rules", property(lambda self: running))
    fees.charge(case, 300, by=desk, at=on(12))
    assert (case.status, case.is_stopped) == (Status.AWAITING_REQUESTER, False)
    assert dues(case)["decision"] == "11-24"
    assert dues(case)["fee_payment"] == "11-26"


@pytest.mark.parametrize(
    ("regime", "kind"), [("appi", "correction"), ("appi", "complaint"), ("gdpr", "access")]
)
def test_nothing_is_charged_where_the_law_allows_no_fee(
    controller: Any, file_case: Any, desk: ledger.Actor, regime: str, kind: str
) -> None:
    take_fees(controller)
    case = file_case(kind, regime)
    with pytest.raises(lifecycle.NotAllowed):
        fees.charge(case, 300, by=desk, at=on(10))
    with pytest.raises(lifecycle.NotAllowed):
        pay(case, 300, by=desk, day=10)
    assert not Fee.objects.exists()


def test_a_fee_is_charged_once(charged: Case, desk: ledger.Actor) -> None:
    with pytest.raises(lifecycle.NotAllowed):
        fees.charge(charged, 300, by=desk, at=on(13))
    pay(charged, 300, by=desk)
    with pytest.raises(lifecycle.NotAllowed):
        fees.charge(charged, 300, by=desk, at=on(17))
    assert Fee.objects.count() == 1


def test_nothing_is_charged_before_somebody_said_how_to_pay(case: Case, desk: ledger.Actor) -> None:
    PaymentWay.objects.all().delete()
    with pytest.raises(lifecycle.NotAllowed, match="株式会社サンプル"):
        fees.charge(case, 300, by=desk, at=on(12))
    assert not Fee.objects.exists()
    assert case.status == Status.IDENTITY_CHECK


def test_a_charge_on_an_outdated_page_leaves_nothing(case: Case, desk: ledger.Actor) -> None:
    with pytest.raises(lifecycle.Conflict):
        fees.charge(fresh(case), 300, by=desk, at=on(12), seen=case.version - 1)
    assert not Fee.objects.exists()
    assert not case.stops.exists()


def test_a_case_that_waits_for_the_fee_is_not_resumed_by_hand(
    charged: Case, desk: ledger.Actor
) -> None:
    with pytest.raises(lifecycle.NotAllowed):
        do(charged, "resume", by=desk, at=on(13))


def test_only_the_desk_writes_about_fees(case: Case, auditor: Any, now: Any) -> None:
    for actor in (ledger.REQUESTER, ledger.SYSTEM, ledger.staff(auditor)):
        with pytest.raises(lifecycle.NotAllowed):
            fees.charge(case, 300, by=actor, at=on(12))
        with pytest.raises(lifecycle.NotAllowed):
            pay(case, 300, by=actor)


# --- Paying -------------------------------------------------------------------------------
def test_the_payment_is_receipted_and_the_case_goes_on(charged: Case, desk: ledger.Actor) -> None:
    pay(charged, 300, by=desk, reference="ﾐﾎﾝ ﾊﾅｺ")
    assert charged.status == Status.IDENTITY_CHECK
    assert not charged.is_stopped
    assert dues(charged)["decision"] == "11-28"  # 12 to 16 November do not count
    row = charged.deadlines.get(code="fee_payment")
    assert row.met_on == date(2026, 11, 16)
    fee = fees.current(charged)
    assert fee is not None
    assert (fee.state, fee.settled_on) == (Fee.State.PAID, date(2026, 11, 16))
    payment = fee.payments.get()
    assert (payment.amount, payment.way, payment.reference) == (300, "bank_transfer", "ﾐﾎﾝ ﾊﾅｺ")
    letter = charged.letters.get(kind=Letter.Kind.FEE_RECEIPT)
    event = charged.events.get(position=letter.event)
    assert event.facts["amount"] == 300
    assert event.facts["paid_on"] == "2026-11-16"
    assert event.texts()["paid_by"] == "銀行振込"
    assert charged.notices.filter(kind=notices.FEE_PAID).count() == 1
    assert ledger.verify(fresh(charged)) == charged.event_count


def test_parts_are_summed_and_only_the_whole_brings_the_case_on(
    charged: Case, desk: ledger.Actor
) -> None:
    event = pay(charged, 100, by=desk)
    assert event.act == "pay_part"
    assert charged.status == Status.AWAITING_REQUESTER
    assert not charged.letters.filter(kind=Letter.Kind.FEE_RECEIPT).exists()
    event = pay(charged, 250, by=desk, day=18, way="postal_order")
    assert (event.act, event.facts["amount"], event.facts["over"]) == ("pay_fee", 350, 50)
    assert charged.status == Status.IDENTITY_CHECK
    assert charged.stops.get().resumed_on == date(2026, 11, 18)


def test_what_was_transferred_before_the_notice_ends_the_stop_on_the_day_of_the_notice(
    charged: Case, desk: ledger.Actor
) -> None:
    pay(charged, 300, by=desk, day=11, at=on(16))
    assert charged.stops.get().resumed_on == date(2026, 11, 12)


def test_what_came_with_the_request_makes_a_paid_fee(case: Case, desk: ledger.Actor) -> None:
    pay(case, 300, by=desk, day=10, way="postal_order")
    fee = fees.current(case)
    assert fee is not None
    assert (fee.state, fee.charged_on) == (Fee.State.PAID, None)
    assert case.status == Status.IDENTITY_CHECK
    assert not case.stops.exists()
    assert case.letters.filter(kind=Letter.Kind.FEE_RECEIPT).count() == 1


def test_too_little_with_the_request_is_not_recorded_before_the_fee_is_charged(
    case: Case, desk: ledger.Actor
) -> None:
    with pytest.raises(lifecycle.NotAllowed, match="300"):
        pay(case, 200, by=desk)
    assert not Fee.objects.exists()


def test_a_paid_fee_takes_no_further_payment(charged: Case, desk: ledger.Actor) -> None:
    pay(charged, 300, by=desk)
    with pytest.raises(lifecycle.NotAllowed):
        pay(charged, 300, by=desk, day=17)


def test_waiving_goes_on_without_it(charged: Case, desk: ledger.Actor) -> None:
    fees.waive(charged, "少額のため", by=desk, at=on(14))
    fee = fees.current(charged)
    assert fee is not None
    assert (fee.state, fee.waiver) == (Fee.State.WAIVED, "少額のため")
    assert charged.status == Status.IDENTITY_CHECK
    assert charged.stops.get().resumed_on == date(2026, 11, 14)
    assert "fee_payment" not in dues(charged)
    assert charged.notices.filter(kind=notices.FEE_WAIVED).count() == 1
    assert "少額" not in str(charged.events.get(act="waive_fee").facts)


# --- Journey: the fee is never paid -------------------------------------------------------
def test_an_unpaid_fee_ends_the_case_as_not_effective_and_a_late_payment_reopens_it(
    charged: Case, desk: ledger.Actor, approver: Any, freeze: Callable[[datetime], None]
) -> None:
    assert not fees.is_late(charged, date(2026, 11, 26))
    assert fees.is_late(charged, date(2026, 11, 27))
    assert fees.expiry_code(charged) == "T6_fee"
    pay(charged, 100, by=desk, day=20)
    assert "100円" in fees.reason_unpaid(charged)

    draft = decision.Draft("not_accepted", "T6_fee", reason=fees.reason_unpaid(charged))
    decision.record(charged, draft, by=desk, at=on(27))
    case = fresh(charged)
    assert (case.status, case.outcome, case.outcome_code) == (
        Status.DECIDED,
        "not_accepted",
        "T6_fee",
    )
    assert case.letters.filter(kind=Letter.Kind.THRESHOLD).count() == 1
    fee = fees.current(case)
    assert fee is not None
    assert fee.state == Fee.State.LAPSED
    assert "fee_payment" not in dues(case)
    assert not deadlines.facts_of(case).charged_on
    assert not case.stops.filter(resumed_on=None).exists()

    do(case, "reopen", by=ledger.staff(approver), at=on(30))
    pay(case, 200, by=desk, day=30)
    fee = fees.current(case)
    assert fee is not None
    assert fee.state == Fee.State.PAID
    assert case.status == Status.IDENTITY_CHECK


def test_a_lapsed_fee_can_be_charged_anew_after_reopening(
    charged: Case, desk: ledger.Actor, approver: Any
) -> None:
    do(charged, "end_without_decision", by=desk, at=on(27), facts={"code": "T6_fee"})
    do(charged, "reopen", by=ledger.staff(approver), at=on(27))
    fees.charge(charged, 300, by=desk, at=on(28))
    assert dues(charged)["fee_payment"] == "12-12"
    assert [row.state for row in charged.fees.all()] == [Fee.State.LAPSED, Fee.State.OPEN]


def test_a_withdrawal_lets_the_fee_lapse(charged: Case) -> None:
    do(charged, "withdraw", by=ledger.REQUESTER, at=on(14))
    fee = fees.current(charged)
    assert fee is not None
    assert fee.state == Fee.State.LAPSED
