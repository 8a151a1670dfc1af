"""The fee at the desk: charged, paid, waived, or the case ended without it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import fees, ledger
from dsar.models import Case, Fee
from tests.dsar.admin.desk import CASES, act_of, links_of, messages_of, page_of, parts, text_of
from tests.factories import do, take_fees

pytestmark = pytest.mark.django_db


def _fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def _post(browser: Any, case: Case, act: str, **given: Any) -> Any:
    return browser.post(act_of(case, act), {"seen": _fresh(case).version, **given}, follow=True)


@pytest.fixture
def case(controller: Any, file_case: Any, advance: Any) -> Case:
    take_fees(controller)
    made: Case = advance(file_case(), "in_progress")
    return made


@pytest.fixture
def charged(case: Case, officer: Any, now: Any) -> Case:
    fees.charge(case, 300, by=ledger.staff(officer), at=now)
    return case


def test_what_the_person_will_be_told_is_shown_before_the_fee_is_charged(
    desk: Any, case: Case
) -> None:
    page = text_of(desk.get(act_of(case, "charge_fee")))
    for words in ("300 yen", "Tuesday 24 November 2026", "Please pay to the sample desk"):
        assert words in page
    response = _post(desk, case, "charge_fee")
    assert messages_of(response) == ["Done: Charge the fee."]
    assert _fresh(case).status == "awaiting_requester"
    assert "The fee of 300 yen was charged." in text_of(response)


def test_where_nothing_is_charged_no_button_leads_to_it(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    links = links_of(desk.get(page_of(case)))
    assert act_of(case, "extend") in links
    for act in ("charge_fee", "pay_fee", "waive_fee"):
        assert act_of(case, act) not in links
    refused = desk.get(act_of(case, "charge_fee"))
    assert refused.status_code == 409
    assert "charges nothing for this kind of request" in text_of(refused)


def test_without_a_way_to_pay_the_desk_is_told_who_can_help(
    desk: Any, case: Case, controller: Any
) -> None:
    controller.payment_ways.all().delete()
    assert "is not set up yet" in text_of(desk.get(act_of(case, "charge_fee")))
    assert "is not set up yet" in text_of(_post(desk, case, "charge_fee"))
    assert not Fee.objects.exists()


def test_a_payment_is_recorded_in_parts_and_said_to_be_too_little_or_too_much(
    desk: Any, charged: Case
) -> None:
    today = parts("paid_on", 2026, 11, 10)
    given = {"amount": "１００", "way": "bank_transfer", "reference": "ﾐﾎﾝ", **today}
    first = _post(desk, charged, "pay_fee", **given)
    assert messages_of(first) == ["The payment is recorded. 200 yen are still missing."]
    assert "200 yen still missing" in text_of(first)
    rest = desk.get(act_of(charged, "pay_fee"))
    assert rest.context["form"]["amount"].value() == 200
    second = _post(desk, charged, "pay_fee", **{**given, "amount": "250"})
    assert messages_of(second) == [
        "The fee is paid, with 50 yen too much. The receipt is on its way."
    ]
    assert "50 yen too much" in text_of(second)
    assert _fresh(charged).status == "in_progress"


def test_a_payment_of_tomorrow_is_refused_and_what_was_typed_stays(
    desk: Any, charged: Case
) -> None:
    given = {"amount": "300", "way": "cash", "reference": "窓口", **parts("paid_on", 2026, 11, 11)}
    page = _post(desk, charged, "pay_fee", **given)
    assert "This day is still to come." in text_of(page)
    assert page.context["form"]["reference"].value() == "窓口"
    assert not Fee.objects.get().payments.exists()


def test_waiving_asks_for_the_reason(desk: Any, charged: Case) -> None:
    assert "Enter" in text_of(_post(desk, charged, "waive_fee"))
    _post(desk, charged, "waive_fee", reason="少額のため")
    assert Fee.objects.get().state == Fee.State.WAIVED
    assert "少額のため" in text_of(desk.get(page_of(charged)))


def test_a_late_fee_stands_out_and_the_end_is_prepared(
    desk: Any, charged: Case, now: Any, freeze: Any, signed_in: Any, officer: Any
) -> None:
    assert "The fee was not paid in time" not in text_of(desk.get(page_of(charged)))
    assert charged.shown_number not in text_of(desk.get(CASES + "?due=unpaid"))
    freeze(now + timedelta(days=15))
    desk = signed_in(officer)
    page = desk.get(page_of(charged))
    assert "The fee was not paid in time" in text_of(page)
    assert act_of(charged, "end_without_decision") in links_of(page)
    assert charged.shown_number in text_of(desk.get(CASES + "?due=unpaid"))
    form = desk.get(act_of(charged, "end_without_decision")).context["form"]
    assert form["code"].value() == "T6_fee"
    assert "300円" in form["reason"].value()
    assert "2026年11月24日" in form["reason"].value()


def test_payments_do_not_make_the_page_slower(
    desk: Any, charged: Case, officer: Any, now: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            desk.get(page_of(charged))
        return len(found)

    def pay(amount: int) -> None:
        fees.pay(
            _fresh(charged),
            amount,
            way="cash",
            paid_on=now.date(),
            reference="r",
            by=ledger.staff(officer),
            at=now,
        )

    pay(10)
    queries()
    before = queries()
    for _n in range(5):
        pay(10)
    assert queries() == before


def test_another_companys_fee_is_not_found(
    signed_in: Any, charged: Case, foreign_officer: Any
) -> None:
    browser = signed_in(foreign_officer)
    for act in ("charge_fee", "pay_fee", "waive_fee"):
        assert browser.get(act_of(charged, act)).status_code == 404


def test_an_auditor_reads_the_fee_and_changes_nothing(
    signed_in: Any, charged: Case, auditor: Any
) -> None:
    browser = signed_in(auditor)
    page = browser.get(page_of(charged))
    assert "300 yen" in text_of(page)
    assert act_of(charged, "pay_fee") not in links_of(page)
    assert browser.post(act_of(charged, "waive_fee"), {"reason": "x"}).status_code == 403


def test_a_reopened_case_without_a_fee_ends_for_its_own_reasons(
    desk: Any, case: Case, officer: Any, now: Any
) -> None:
    do(case, "ask", by=ledger.staff(officer), at=now)
    form = desk.get(act_of(case, "end_without_decision")).context["form"]
    assert not form["code"].value()
