"""What the returning person reads of a fee."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar import deadlines, fees, ledger
from dsar.models import Case
from tests.dsar.requester.desk import CASE, ask, text_of
from tests.factories import do, take_fees

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(controller: Any, filed: Any, desk: ledger.Actor) -> Case:
    take_fees(controller)
    made: Case = filed()
    fees.charge(made, 300, by=desk, at=timezone.now())
    return made


def test_the_amount_how_to_pay_and_by_when_stand_on_top(browser: Client, case: Case) -> None:
    page = browser.get("/en" + CASE)
    body = text_of(page)
    for words in ("300 yen", "Bank transfer", "Please pay to the sample desk", case.shown_number):
        assert words in body
    assert page.context["standing"].headline == "We are waiting for the fee."
    assert page.context["standing"].by == fees.due_on(case)
    assert body.index("300 yen") < body.index("We are waiting for the fee.")


def test_what_has_arrived_and_what_is_missing_is_told(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    _pay(case, 100, desk)
    assert "100 yen has arrived; 200 yen is still missing." in text_of(browser.get("/en" + CASE))
    _pay(case, 200, desk)
    body = text_of(browser.get("/en" + CASE))
    assert "How to pay" not in body
    assert "The fee has arrived: 300 yen." in body


def test_a_day_that_has_passed_is_told(opened: Any, case: Case, time_machine: Any) -> None:
    time_machine.move_to(timezone.now() + timedelta(days=16), tick=False)
    page = opened(case).get("/en" + CASE)
    assert page.context["standing"].is_late
    assert "Please pay as soon as you can, or write to us." in text_of(page)


def test_an_earlier_question_is_not_asked_again_with_the_fee(
    controller: Any, filed: Any, opened: Any, desk: ledger.Actor
) -> None:
    take_fees(controller)
    case = filed()
    ask(case, desk, "住所が分かる書類をお送りください。")
    do(case, "resume", by=desk, at=timezone.now())
    fees.charge(case, 300, by=desk, at=timezone.now())
    assert opened(case).get(CASE).context["question"] is None


def test_a_waiver_is_told_without_its_reason(
    browser: Client, case: Case, desk: ledger.Actor
) -> None:
    fees.waive(case, "社内の都合", by=desk, at=timezone.now())
    body = text_of(browser.get("/en" + CASE))
    assert "You need not pay the fee." in body
    assert "社内の都合" not in body


def test_a_case_without_a_fee_says_nothing_of_one(filed: Any, opened: Any) -> None:
    page = opened(filed()).get("/en" + CASE)
    assert page.context["fee"] is None


def _pay(case: Case, amount: int, desk: ledger.Actor) -> None:
    now = timezone.now()
    fees.pay(case, amount, way="bank_transfer", paid_on=deadlines.today(case, now), by=desk, at=now)
