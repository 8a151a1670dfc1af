"""Claiming and sending: nothing lost, nothing sent by two, nothing sent for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.db import connection, transaction

from dsar import casework, ledger, mail, notices, reminders
from dsar.models import Case, Notice, ReminderRule
from tests import factories
from tests.conftest import Advance, FileCase
from tests.dsar.delivery import deliver
from tests.factories import NOW
from tests.smtp_server import SmtpServer

TOKYO = ZoneInfo("Asia/Tokyo")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: Any) -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        running.use(settings)
        yield running


@pytest.fixture
def due(file_case: FileCase) -> Callable[[int], list[Notice]]:
    """So many notices to the person that are due now, and no others."""

    def make(count: int) -> list[Notice]:
        case = file_case()
        Notice.objects.all().delete()
        rows = [
            notices.new(notices.MESSAGE, NOW - timedelta(seconds=n), case=case)
            for n in range(count)
        ]
        notices.write(rows, NOW)
        return list(Notice.objects.order_by("id"))

    return make


def fresh(notice: Notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


# --- Claiming -----------------------------------------------------------------------------
def test_the_sweep_claims_what_is_due_and_queues_it(
    due: Callable[[int], list[Notice]], queued: list[Any]
) -> None:
    rows = due(3)
    later = notices.new(notices.MESSAGE, NOW + MINUTE, case=rows[0].case)
    notices.write([later], NOW)
    queued.clear()
    assert reminders.sweep(NOW) == 3
    assert len(queued) == 1
    assert queued[0][0] == "dsar.send_notice"
    assert set(queued[0][1:]) == {row.pk for row in rows}
    for row in map(fresh, rows):
        assert (row.state, row.claimed_until, row.attempts) == ("claimed", NOW + 5 * MINUTE, 0)
    assert Notice.objects.get(due_at=NOW + MINUTE).state == "waiting"


def test_the_sweep_goes_on_until_nothing_is_due(
    due: Callable[[int], list[Notice]], queued: list[Any]
) -> None:
    rows = due(25)
    queued.clear()
    assert reminders.sweep(NOW, limit=7) == 25
    assert sorted(pk for _task, *ids in queued for pk in ids) == [row.pk for row in rows]
    assert max(len(ids) for _task, *ids in queued) <= reminders.CHUNK
    assert reminders.sweep(NOW) == 0


def test_a_sweep_with_nothing_due_asks_twice_and_writes_nothing(
    due: Callable[[int], list[Notice]], django_assert_num_queries: Any
) -> None:
    due(0)
    with django_assert_num_queries(2):
        reminders.sweep(NOW)


def test_a_claim_that_led_to_nothing_is_claimed_anew_after_five_minutes(
    due: Callable[[int], list[Notice]],
) -> None:
    rows = due(2)
    assert reminders.sweep(NOW) == 2
    assert reminders.sweep(NOW + 4 * MINUTE) == 0
    assert reminders.sweep(NOW + 5 * MINUTE) == 2
    assert fresh(rows[0]).attempts == 0


@pytest.mark.parametrize("index", ["notice_due", "notice_lease"])
def test_looking_for_due_rows_uses_its_index(
    due: Callable[[int], list[Notice]], index: str
) -> None:
    rows = due(3)
    done = [
        notices.new(notices.MESSAGE, NOW - n * MINUTE, case=rows[0].case) for n in range(1, 4000)
    ]
    for row in done:
        row.state = Notice.State.SENT
    Notice.objects.bulk_create(done)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE dsar_notice")
    wanted = (
        Notice.objects.filter(state="waiting", next_try_at__lte=NOW).order_by("next_try_at", "id")
        if index == "notice_due"
        else Notice.objects.filter(state="claimed", claimed_until__lte=NOW).order_by(
            "claimed_until"
        )
    )
    plan = wanted[:200].explain()
    assert index in plan, plan


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_claim_different_rows(due: Callable[[int], list[Notice]]) -> None:
    rows = due(40)
    started, go_on = threading.Event(), threading.Event()
    first: list[int] = []

    def slow() -> None:
        with transaction.atomic():
            first.extend(reminders.claim(NOW, 10))
            started.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert started.wait(10)
    second = reminders.claim(NOW, 100)
    go_on.set()
    thread.join()
    assert len(first) == 10
    assert len(second) == 30
    assert set(first) | set(second) == {row.pk for row in rows}


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_with_the_same_id_one_sends(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    if connection.vendor == "sqlite" and ":memory:" in str(connection.settings_dict["NAME"]):
        pytest.skip("threads share one connection to a database in memory")
    (row,) = due(1)
    reminders.claim(NOW)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        reminders.deliver_all([row.pk], NOW)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.received) == 1
    assert (fresh(row).state, fresh(row).attempts) == ("sent", 1)


# --- Sending ------------------------------------------------------------------------------
def test_a_notice_is_sent_once_under_its_message_id(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    (row,) = due(1)
    reminders.claim(NOW)
    assert deliver(row.pk, NOW) == "sent"
    assert deliver(row.pk, NOW) is None
    assert [got.message_id for got in server.received] == [row.message_id]
    assert server.received[0].recipients == ("hanako@person.example",)
    done = fresh(row)
    assert (done.state, done.sent_at, done.attempts) == ("sent", NOW, 1)
    assert (done.claimed_until, done.last_error) == (None, "")


def test_a_notice_that_is_not_due_is_left_alone(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    (row,) = due(1)
    assert deliver(row.pk, NOW - MINUTE) is None
    assert fresh(row).attempts == 0
    assert deliver(10**6, NOW) is None


def test_several_mails_share_one_connection(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    rows = due(6)
    reminders.deliver_all([row.pk for row in rows], NOW)
    assert server.connections == 1
    assert {got.message_id for got in server.received} == {row.message_id for row in rows}


def test_a_worker_killed_after_the_mail_was_taken_sends_it_again_under_the_same_id(
    due: Callable[[int], list[Notice]], server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = due(1)
    reminders.claim(NOW)

    def killed(*_given: Any, **_named: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "_end", killed)
        with pytest.raises(SystemExit):
            deliver(row.pk, NOW)
    assert deliver(row.pk, NOW + 4 * MINUTE) is None
    later = NOW + 5 * MINUTE
    assert reminders.claim(later) == [row.pk]
    assert deliver(row.pk, later) == "sent"
    assert [got.message_id for got in server.received] == [row.message_id] * 2


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("rcpt 450", "SMTP 450"),
        ("data 451", "SMTP 451"),
        ("data 554", "SMTP 554"),
        ("drop", "SMTPServerDisconnected"),
        ("stall", "SMTPServerDisconnected"),
    ],
)
def test_a_passing_failure_is_tried_again_later(
    step: str, error: str, due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    (row,) = due(1)
    server.plan.append(step)
    assert deliver(row.pk, NOW) == "waiting"
    waiting = fresh(row)
    assert (waiting.attempts, waiting.last_error) == (1, error)
    assert waiting.next_try_at == NOW + MINUTE
    assert deliver(row.pk, NOW) is None
    assert deliver(row.pk, NOW + MINUTE) == "sent"
    assert {got.message_id for got in server.received} == {row.message_id}


def test_an_address_that_is_refused_for_good_is_not_tried_again(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    (row,) = due(1)
    server.plan.append("rcpt 550")
    assert deliver(row.pk, NOW) == "failed"
    assert fresh(row).last_error == "SMTP 550: address refused"
    assert deliver(row.pk, NOW + timedelta(days=1)) is None


def test_the_pauses_between_tries_grow_and_end_after_eight_tries(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    (row,) = due(1)
    server.plan.extend(["data 451"] * 20)
    at, pauses = NOW, []
    while deliver(row.pk, at) == "waiting":
        following = fresh(row).next_try_at
        pauses.append((following - at) // MINUTE)
        at = following
    assert pauses == [1, 5, 15, 60, 240, 240, 240]
    assert (fresh(row).state, fresh(row).attempts) == ("failed", 8)


def test_a_notice_over_which_workers_die_is_given_up(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    (row,) = due(1)
    Notice.objects.filter(pk=row.pk).update(attempts=8)
    assert deliver(row.pk, NOW) == "failed"
    assert (fresh(row).last_error, server.received) == ("given up", [])


def test_an_unreachable_server_is_asked_once_for_all(
    due: Callable[[int], list[Notice]], settings: Any
) -> None:
    rows = due(4)
    with SmtpServer() as gone:
        gone.use(settings)
    reminders.claim(NOW)
    reminders.deliver_all([row.pk for row in rows], NOW)
    first, *others = map(fresh, rows)
    assert (first.attempts, first.last_error) == (1, "ConnectionRefusedError")
    assert {(row.attempts, row.state, row.next_try_at) for row in others} == {
        (0, "waiting", NOW + MINUTE)
    }


def test_one_bad_address_does_not_hold_up_the_others(
    due: Callable[[int], list[Notice]], server: SmtpServer
) -> None:
    rows = due(3)
    server.plan.extend(["rcpt 450", "accept", "accept"])
    reminders.deliver_all([row.pk for row in rows], NOW)
    assert [fresh(row).state for row in rows] == ["waiting", "sent", "sent"]
    assert server.connections == 1


def test_what_takes_too_long_is_handed_on(
    due: Callable[[int], list[Notice]],
    server: SmtpServer,
    queued: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = due(3)
    queued.clear()
    monkeypatch.setattr(reminders, "CHUNK_SECONDS", -1.0)
    reminders.deliver_all([row.pk for row in rows], NOW)
    assert queued == [("dsar.send_notice", *(row.pk for row in rows))]
    assert server.received == []


def test_errors_never_name_an_address(
    due: Callable[[int], list[Notice]], server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    rows = due(5)
    server.plan.extend(["rcpt 450", "rcpt 550", "data 554", "drop", "accept"])
    for row in rows:
        deliver(row.pk, NOW)
    kept = " ".join(Notice.objects.values_list("last_error", flat=True)) + caplog.text
    assert "@" not in kept
    assert "hanako" not in kept


def test_a_notice_that_cannot_be_written_waits_and_stops_no_other(
    due: Callable[[int], list[Notice]],
    server: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = due(2)
    real = mail.compose

    def broken(notice: Notice, now: datetime) -> Any:
        if notice.pk == rows[0].pk:
            raise KeyError("見本 花子")
        return real(notice, now)

    monkeypatch.setattr(mail, "compose", broken)
    reminders.deliver_all([row.pk for row in rows], NOW)
    assert [fresh(row).state for row in rows] == ["waiting", "sent"]
    assert fresh(rows[0]).last_error == "KeyError"
    assert "見本" not in caplog.text


def test_a_notice_to_nobody_is_cancelled_with_its_reason(file_case: FileCase) -> None:
    case = file_case(principal={**factories.PRINCIPAL, "email": ""}, channel="post")
    notices.write([notices.new(notices.DECIDED, NOW, case=case)], NOW)
    row = case.notices.get(kind=notices.DECIDED)
    assert deliver(row.pk, NOW) == "cancelled"
    assert fresh(row).last_error == "no e-mail address"


def test_a_code_is_forgotten_once_it_is_sent(file_case: FileCase) -> None:
    from dsar.models import AccessCode

    case = file_case()
    AccessCode.objects.create(case=case, digest=b"x", sent_at=NOW, expires_at=NOW + 10 * MINUTE)
    notices.write(
        [notices.new(notices.ACCESS_CODE, NOW, case=case, secret={"code": "482915"})], NOW
    )
    row = case.notices.get(kind=notices.ACCESS_CODE)
    assert deliver(row.pk, NOW) == "sent"
    assert "482915" in outbox.outbox[-1].body
    assert fresh(row).secret == {}


# --- Once more ----------------------------------------------------------------------------
def test_a_resend_keeps_the_message_id(
    due: Callable[[int], list[Notice]],
    server: SmtpServer,
    queued: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    (row,) = due(1)
    server.plan.append("rcpt 550")
    deliver(row.pk, NOW)
    with django_capture_on_commit_callbacks(execute=True):
        assert reminders.resend(fresh(row), NOW + MINUTE)
    assert queued[-1] == ("dsar.send_notice", row.pk)
    again = fresh(row)
    assert (again.state, again.attempts, again.last_error) == ("waiting", 0, "")
    assert deliver(row.pk, NOW + MINUTE) == "sent"
    assert server.received[-1].message_id == row.message_id


def test_what_is_being_sent_is_not_sent_again_at_the_same_time(
    due: Callable[[int], list[Notice]],
) -> None:
    (row,) = due(1)
    reminders.claim(NOW)
    assert not reminders.resend(row, NOW + MINUTE)
    assert fresh(row).state == "claimed"
    assert reminders.resend(row, NOW + 6 * MINUTE)


# --- Reminders that are out of date -------------------------------------------------------
def _reminder(case: Case) -> Notice:
    waiting = case.notices.filter(kind="desk_due:decision", state__in=("waiting", "claimed"))
    return waiting.earliest("due_at")


def test_a_reminder_of_an_open_deadline_is_sent(file_case: FileCase) -> None:
    row = _reminder(file_case())
    assert deliver(row.pk, row.due_at) == "sent"


def test_a_reminder_of_a_deadline_that_was_met_is_cancelled(
    file_case: FileCase, advance: Advance
) -> None:
    case = file_case()
    row = _reminder(case)
    reminders.claim(row.due_at)  # taken up just before the decision
    advance(case, "decided")
    assert deliver(row.pk, row.due_at) == "cancelled"
    assert fresh(row).last_error == "no longer due"
    assert outbox.outbox == []


def test_a_reminder_of_a_due_date_that_moved_is_cancelled(
    file_case: FileCase, officer: Any
) -> None:
    case = file_case()
    row = _reminder(case)
    reminders.claim(row.due_at)
    factories.do(case, "extend", by=ledger.staff(officer), at=NOW)
    assert deliver(row.pk, row.due_at) == "cancelled"
    moved = _reminder(case)
    assert moved.pk != row.pk
    assert deliver(moved.pk, moved.due_at) == "sent"


def test_a_reminder_that_waits_for_another_try_outlives_other_acts(
    file_case: FileCase, officer: Any, server: SmtpServer
) -> None:
    case = file_case(assigned_to=officer)
    row = _reminder(case)
    server.plan.append("data 451")
    assert deliver(row.pk, row.due_at) == "waiting"
    factories.do(case, "accept", by=ledger.staff(officer), at=row.due_at + MINUTE / 2)
    assert deliver(row.pk, row.due_at + MINUTE) == "sent"


def test_who_no_longer_has_the_case_is_not_told_to_have_it(
    file_case: FileCase, officer: Any, other_officer: Any, approver: Any
) -> None:
    case = file_case()
    casework.assign(case, officer, by=ledger.staff(approver), at=NOW)
    casework.assign(case, other_officer, by=ledger.staff(approver), at=NOW + MINUTE)
    first, second = case.notices.filter(kind=notices.DESK_ASSIGNED).order_by("due_at")
    assert deliver(first.pk, NOW + MINUTE) == "cancelled"
    assert deliver(second.pk, NOW + MINUTE) == "sent"
    assert outbox.outbox[-1].to == ["officer2@sample.example"]


def test_an_approval_already_given_is_not_asked_for(file_case: FileCase, advance: Advance) -> None:
    case = advance(file_case(), "in_approval")
    row = case.notices.get(kind=notices.DESK_APPROVAL)
    advance(case, "decided")
    assert deliver(row.pk, NOW) == "cancelled"


# --- The schedule -------------------------------------------------------------------------
def _planned(case: Case) -> set[tuple[str, datetime]]:
    rows = case.notices.filter(kind__startswith="desk_due", state="waiting")
    return set(rows.values_list("kind", "due_at"))


def test_an_edited_schedule_reaches_the_cases_that_are_open(
    file_case: FileCase, advance: Advance
) -> None:
    case, done = file_case(), advance(file_case(), "decided")
    before = _planned(case)
    ReminderRule.objects.create(deadline="decision", days_before=5)
    assert reminders.replan_reminders(NOW) is None
    added = _planned(case) - before
    due_on = case.deadlines.get(code="decision").due_on
    assert {at.astimezone(TOKYO).date() for _kind, at in added} == {due_on - timedelta(days=5)}
    assert _planned(done) == set()


def test_replanning_twice_changes_nothing(file_case: FileCase) -> None:
    case = file_case()
    sent = _reminder(case)
    deliver(sent.pk, sent.due_at)
    reminders.replan_reminders(sent.due_at)
    once = _planned(case)
    reminders.replan_reminders(sent.due_at)
    assert _planned(case) == once
    assert fresh(sent).state == "sent"
    assert case.notices.filter(kind=sent.kind, due_at=sent.due_at).count() == 1


def test_replanning_goes_on_where_it_stopped(file_case: FileCase) -> None:
    cases = sorted((file_case() for _ in range(3)), key=lambda case: case.pk)
    ReminderRule.objects.create(deadline="decision", days_before=5)
    counts = [len(_planned(case)) for case in cases]
    last = reminders.replan_reminders(NOW, limit=2) or 0
    assert last == cases[1].pk
    assert [len(_planned(case)) for case in cases] == [counts[0] + 1, counts[1] + 1, counts[2]]
    assert reminders.replan_reminders(NOW, after=last, limit=2) is None
    assert len(_planned(cases[2])) == counts[2] + 1
