"""The daily digest: once a business day, own cases by number, nothing when there is nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox

from dsar import decision, digests, ledger, notices
from dsar.models import ClosingDay, Notice
from tests.conftest import Advance, FileCase
from tests.dsar.delivery import deliver
from tests.factories import NOW, do, refusal

TOKYO = ZoneInfo("Asia/Tokyo")
MINUTE = timedelta(minutes=1)

NINE = datetime(2026, 11, 10, 9, 0, tzinfo=TOKYO)


def test_a_digest_is_planned_once_a_day_even_if_nine_oclock_was_missed(officer: Any) -> None:
    assert digests.plan_digests(NINE - MINUTE) == 0
    assert digests.plan_digests(NINE + timedelta(hours=4)) == 1
    assert digests.plan_digests(NINE + timedelta(hours=5)) == 0
    row = Notice.objects.get(kind=notices.DESK_DIGEST)
    assert (row.recipient, row.due_at) == (officer, NINE)
    assert digests.plan_digests(NINE + timedelta(days=1)) == 1


def test_no_digest_on_a_day_on_which_the_company_is_closed(officer: Any) -> None:
    assert digests.plan_digests(NINE.replace(day=14)) == 0  # a Saturday
    assert digests.plan_digests(NINE.replace(day=23)) == 0  # Labour Thanksgiving Day
    ClosingDay.objects.create(
        day=date(2026, 11, 12), name_ja="創立記念日", name_en="Foundation day"
    )
    assert digests.plan_digests(NINE.replace(day=12)) == 0
    assert digests.plan_digests(NINE.replace(day=13)) == 1


def test_only_who_works_on_cases_gets_a_digest(
    officer: Any, approver: Any, auditor: Any, administrator: Any, foreign_officer: Any
) -> None:
    foreign_officer.is_active = False
    foreign_officer.save()
    digests.plan_digests(NINE)
    rows = Notice.objects.filter(kind=notices.DESK_DIGEST)
    names = set(rows.values_list("recipient__username", flat=True))
    assert names == {"officer", "approver"}


def test_a_digest_names_the_officers_own_cases_by_number(
    file_case: FileCase,
    advance: Advance,
    officer: Any,
    other_officer: Any,
    approver: Any,
    other_controller: Any,
) -> None:
    month = timedelta(days=30)
    late = file_case(at=NOW - month, assigned_to=officer)
    soon = file_case(at=NOW - timedelta(days=6), assigned_to=officer)
    free = file_case()
    others = file_case(at=NOW - month, assigned_to=other_officer)
    foreign = file_case(controller=other_controller)
    waiting = advance(file_case(at=NOW, assigned_to=other_officer), "in_approval")
    found = digests.listings(officer, NINE.date())
    assert found["overdue"].numbers == [late.shown_number]
    assert soon.shown_number in found["due_soon"].numbers
    assert found["unassigned"].numbers == [free.shown_number]
    assert found["approvals"].count == 0
    assert digests.listings(approver, NINE.date())["approvals"].numbers == [waiting.shown_number]
    digests.plan_digests(NINE)
    row = Notice.objects.get(kind=notices.DESK_DIGEST, recipient=officer)
    assert deliver(row.pk, NINE) == "sent"
    body = outbox.outbox[-1].body
    assert late.shown_number in body
    assert free.shown_number in body
    for hidden in (others, foreign):
        assert hidden.shown_number not in body
    assert "見本" not in body


def test_a_digest_with_nothing_to_tell_is_not_sent(officer: Any) -> None:
    digests.plan_digests(NINE)
    row = Notice.objects.get(kind=notices.DESK_DIGEST)
    assert deliver(row.pk, NINE) == "cancelled"
    assert Notice.objects.get(pk=row.pk).last_error == "nothing to tell"


def test_a_long_digest_shows_the_first_numbers_and_how_many_more(
    file_case: FileCase, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "SHOWN_NUMBERS", 2)
    for _ in range(5):
        file_case()
    officer.language = "en"
    officer.save()
    digests.plan_digests(NINE)
    row = Notice.objects.get(kind=notices.DESK_DIGEST)
    deliver(row.pk, NINE)
    body = outbox.outbox[-1].body
    assert "5 cases" in body
    assert "and 3 more" in body


def test_a_decision_that_was_overtaken_does_not_hide_the_next_one_from_its_author(
    file_case: FileCase, advance: Advance, officer: Any, approver: Any
) -> None:
    case = advance(file_case(), "in_progress")
    decision.record(case, refusal(case), by=ledger.staff(approver), at=NOW)
    do(case, "withdraw", by=ledger.REQUESTER, at=NOW)
    do(case, "reopen", by=ledger.staff(approver), at=NOW)
    assert digests.listings(approver, NOW.date())["approvals"].count == 0
    decision.record(case, refusal(case), by=ledger.staff(officer), at=NOW)
    assert digests.listings(approver, NOW.date())["approvals"].numbers == [case.shown_number]
