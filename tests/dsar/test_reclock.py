"""A changed calendar: due dates move, once, and what moved is written down."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dsar import deadlines, ledger, reclock
from dsar.models import Case, ClosingDay, Controller, Event
from tests.conftest import FileCase
from tests.factories import NOW


def _close(controller: Controller, day: date) -> None:
    ClosingDay.objects.create(controller=controller, day=day, name_ja="休業", name_en="Closed")
    Controller.objects.filter(pk=controller.pk).update(
        calendar_version=controller.calendar_version + 1
    )
    controller.refresh_from_db()


def test_a_new_closing_day_moves_due_dates_and_is_written_down(
    file_case: FileCase, controller: Controller
) -> None:
    case = file_case(channel="post")
    row = case.deadlines.get(code="ack")
    before = row.due_on
    assert before is not None
    _close(controller, before)
    assert reclock.recompute_stale_clocks(NOW) == 1
    row.refresh_from_db()
    assert (before, row.due_on) == (date(2026, 11, 13), date(2026, 11, 16))  # over a weekend
    event = case.events.get(act="reclock")
    assert event.facts["moved"]["ack"] == {
        "from": before.isoformat(),
        "to": row.due_on.isoformat(),
    }
    assert event.actor_kind == "system"
    case.refresh_from_db()
    assert ledger.verify(case) == 2
    reminders = case.notices.filter(kind="desk_due:ack", state="waiting")
    assert {reminder.facts["due_on"] for reminder in reminders} == {"2026-11-16"}


def test_a_closing_day_that_moves_nothing_writes_no_event(
    file_case: FileCase, controller: Controller
) -> None:
    case = file_case()
    _close(controller, date(2027, 8, 2))
    assert reclock.recompute_stale_clocks(NOW) == 1
    assert not Event.objects.filter(case=case, act="reclock").exists()
    assert not deadlines.stale().exists()


def test_only_the_cases_of_that_company_are_counted_anew(
    file_case: FileCase, controller: Controller, other_controller: Controller
) -> None:
    file_case()
    file_case(controller=other_controller)
    _close(controller, date(2026, 11, 12))
    assert reclock.recompute_stale_clocks(NOW, batch=1) == 1


def test_nothing_stale_costs_two_queries(
    file_case: FileCase, django_assert_num_queries: Any
) -> None:
    file_case()
    with django_assert_num_queries(2):
        assert reclock.recompute_stale_clocks(NOW) == 0


def test_a_case_that_cannot_be_counted_does_not_hold_up_the_others(
    file_case: FileCase, controller: Controller, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = file_case(), file_case()
    Case.objects.filter(pk=broken.pk).update(rule_version="1999-01-01")
    _close(controller, date(2026, 11, 12))
    assert reclock.recompute_stale_clocks(NOW, batch=1) == 1
    assert list(deadlines.stale().values_list("pk", flat=True)) == [broken.pk]
    whole.refresh_from_db()
    assert whole.calendar_version == controller.calendar_version
    assert f"case {broken.pk}" in caplog.text
