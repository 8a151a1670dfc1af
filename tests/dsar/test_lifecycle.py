"""Every act, in every status, by everyone: what is allowed works, the rest is refused in words."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils.translation import override

from dsar import acts, deadlines, ledger, lifecycle, notices
from dsar.models import Case, ClockStop, Deadline, Event, Notice, Outcome, Status
from tests.factories import NOW, StaffFactory, do

pytestmark = pytest.mark.django_db

R, J, A, P, V, D, C = (
    "received",
    "identity_check",
    "awaiting_requester",
    "in_progress",
    "in_approval",
    "decided",
    "closed",
)
WORKERS = {"officer", "approver"}
APPROVERS = {"approver"}
# Written down a second time on purpose: the table of dsar.lifecycle is held against this one.
# act: (statuses it starts from, status it leads to, roles of the desk, whether the person may)
TABLE: Mapping[str, tuple[set[str], str | None, set[str], bool]] = {
    "accept": ({R}, J, WORKERS, False),
    "start": ({R}, P, WORKERS, False),
    "confirm_identity": ({J}, P, WORKERS, False),
    "ask": ({R, J, P}, A, WORKERS, False),
    "ask_identity": ({R, J, P}, A, WORKERS, False),
    "resume": ({A}, P, WORKERS, False),
    "charge_fee": ({R, J, P}, A, WORKERS, False),
    "pay_part": ({R, J, A, P}, None, WORKERS, False),
    "pay_fee": ({R, J, A, P}, P, WORKERS, False),
    "waive_fee": ({A}, P, WORKERS, False),
    "extend": ({R, J, A, P, V}, None, WORKERS, False),
    "propose": ({P}, V, WORKERS, False),
    "decide": ({P}, D, WORKERS, False),
    "end_without_decision": ({R, J, A, P}, D, WORKERS, False),
    "approve": ({V}, D, APPROVERS, False),
    "send_back": ({V}, P, APPROVERS, False),
    "close": ({D}, C, WORKERS, False),
    "withdraw": ({R, J, A, P, V}, C, WORKERS, True),
    "merge": ({R, J, A, P, V}, C, WORKERS, False),
    "reopen": ({D, C}, P, APPROVERS, False),
}
PAID = {"amount": 300, "way": "cash", "paid_on": NOW.date(), "resumed_on": NOW.date()}
GIVEN: Mapping[str, dict[str, Any]] = {
    "propose": {"facts": {"proposed": "refused"}},
    "charge_fee": {"facts": {"amount": 300}},
    "merge": {"facts": {"into": "261100000000"}},
    "pay_part": {"facts": PAID},
    "pay_fee": {"facts": PAID},
    "decide": {"outcome": "granted"},
    "approve": {"outcome": "refused"},
}
FEE_ACTS = ("charge_fee", "pay_part", "pay_fee", "waive_fee")
ROLES = ("officer", "approver", "auditor", "intake", "data_owner", "administrator")


@pytest.fixture
def actors(controller: Any) -> dict[str, ledger.Actor]:
    """One of each role, the requester, and the system."""
    found = {
        role: ledger.staff(StaffFactory.create(username=f"a-{role}", role=role, at=controller))
        for role in ROLES
    }
    return {**found, "requester": ledger.REQUESTER, "system": ledger.SYSTEM}


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def attempt(case: Case, act: str, by: ledger.Actor, at: datetime, proposer: Any) -> Any:
    given = dict(GIVEN.get(act, {}))
    if act == "approve":
        given["facts"] = {"decided_by": proposer.pk}
    return do(case, act, by=by, at=at, **given)


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(acts.ACTS)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        *[("disclosure", status) for status in (R, J, A, P, V, D, C)],
        # Complaints know neither an identity check nor a refusal.
        *[("complaint", status) for status in (R, A, P, D, C)],
    ],
)
def test_every_act_by_everyone_in_this_status(
    file_case: Any, advance: Any, actors: Any, officer: Any, now: datetime, kind: str, status: str
) -> None:
    case = advance(file_case(kind), status)
    assert case.status == status

    for act, (sources, target, roles, requester) in TABLE.items():
        for name, by in actors.items():
            allowed = status in sources and (name in roles or (name == "requester" and requester))
            if act == {"disclosure": "start", "complaint": "accept"}[kind]:
                allowed = False  # the identity is checked, or is not, by kind
            if act == "ask_identity" and kind == "complaint":
                allowed = False
            if act == "extend" and status == A:
                allowed = False  # nothing to extend while the clock stands
            if act in FEE_ACTS and (kind == "complaint" or status == A):
                allowed = False  # no fee by law, or none that the case waits for
            at = now + timedelta(days=1)
            mine = fresh(case)
            with transaction.atomic():
                if not allowed:
                    with pytest.raises(lifecycle.NotAllowed, match=r".{10}"):
                        attempt(mine, act, by, at, officer)
                    assert fresh(case).status == status, f"{name} could {act}"
                else:
                    event = attempt(mine, act, by, at, officer)
                    after = fresh(case)
                    expected = status if target is None else target
                    if act == "resume":
                        expected = case.waiting_from
                    if act == "pay_fee":
                        expected = status  # it came with the request: nothing waited for it
                    assert after.status == mine.status == expected
                    assert after.version == case.version + 1
                    assert (event.act, event.actor_kind, event.actor) == (act, by.kind, by.user)
                    assert (event.from_status, event.to_status) == (status, expected)
                    assert ledger.verify(after) == case.event_count + 1
                transaction.set_rollback(True)


@pytest.mark.parametrize("status", [R, J, A, P, V, D, C])
def test_what_is_offered_is_what_is_allowed(
    file_case: Any, advance: Any, actors: Any, officer: Any, now: datetime, status: str
) -> None:
    case = fresh(advance(file_case(), status))
    for name, by in actors.items():
        offered = lifecycle.possible(case, by, now.date())
        expected = [
            act
            for act, (sources, _target, roles, requester) in TABLE.items()
            if status in sources
            and (name in roles or (name == "requester" and requester))
            and act != "start"
            and not (act in ("extend", *FEE_ACTS) and status == A)
            and act != "pay_part"
        ]
        assert offered == expected, name


def test_a_refused_act_names_the_act_and_the_status(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    with override("en"), pytest.raises(lifecycle.NotAllowed) as refused:
        do(case, "close", by=ledger.staff(officer), at=now)
    assert str(refused.value) == "“Close the case” is not possible while the case is “Received”."


@pytest.mark.parametrize(
    ("act", "status", "missing"),
    [
        ("confirm_identity", J, "check_method"),
        ("ask", R, "reason, message"),
        ("ask_identity", R, "reason, message"),
        ("resume", A, "reason, resumed_on"),
        ("extend", P, "reason"),
        ("propose", P, "proposed"),
        ("decide", P, "outcome"),
        ("end_without_decision", P, "code, reason"),
        ("approve", V, "outcome"),
        ("send_back", V, "reason"),
        ("close", D, "notified_by, notified_on"),
        ("reopen", C, "reason"),
    ],
)
def test_an_act_without_its_facts_is_refused_and_says_which(
    file_case: Any, advance: Any, approver: Any, now: datetime, act: str, status: str, missing: str
) -> None:
    case = fresh(advance(file_case(), status))
    with override("en"), pytest.raises(lifecycle.NotAllowed, match=f"missing: {missing}"):
        lifecycle.move(case, act, by=ledger.staff(approver), at=now)
    assert fresh(case).version == case.version


# --- Two officers -------------------------------------------------------------------------
def test_the_second_of_two_officers_is_told_who_was_first(
    file_case: Any, officer: Any, other_officer: Any, now: datetime
) -> None:
    case = file_case()
    first, second = fresh(case), fresh(case)
    do(first, "accept", by=ledger.staff(officer), at=now)

    with pytest.raises(lifecycle.Conflict, match="窓口 一郎"):
        do(second, "ask", by=ledger.staff(other_officer), at=now, seen=second.version)
    with pytest.raises(lifecycle.Conflict):  # without a page, by the copy in memory
        do(second, "ask", by=ledger.staff(other_officer), at=now)

    after = fresh(case)
    assert after.status == Status.IDENTITY_CHECK
    assert list(after.events.values_list("act", flat=True)) == ["file", "accept"]
    assert not after.stops.exists()


def test_an_act_chosen_on_an_outdated_page_is_refused_even_if_it_is_still_possible(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    seen = case.version
    do(case, "extend", by=ledger.staff(officer), at=now)
    with pytest.raises(lifecycle.Conflict):
        do(fresh(case), "accept", by=ledger.staff(officer), at=now, seen=seen)


@pytest.mark.django_db(transaction=True)
def test_of_acts_done_at_the_same_moment_one_is_done_and_the_rest_are_told(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    together = threading.Barrier(4)
    ends: list[str] = []

    def work(act: str) -> None:
        try:
            mine = fresh(case)
            together.wait(10)
            do(mine, act, by=ledger.staff(officer), at=now)
            ends.append("done")
        except lifecycle.Conflict:
            ends.append("told")
        except Exception as error:
            ends.append(repr(error))
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=work, args=(act,)) for act in ("accept", "ask", "withdraw", "ask")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(ends) == ["done", "told", "told", "told"]
    after = fresh(case)
    assert after.version == case.version + 1
    assert ledger.verify(after) == 2
    assert after.stops.count() == (after.status == Status.AWAITING_REQUESTER)


# --- All or nothing -----------------------------------------------------------------------
def everything(case: Case) -> dict[str, Any]:
    return {
        "case": Case.objects.filter(pk=case.pk).values().get() | {"answers": None},
        "events": list(Event.objects.filter(case=case).values_list("position", "act")),
        "deadlines": list(Deadline.objects.filter(case=case).order_by("code").values()),
        "stops": list(ClockStop.objects.filter(case=case).values_list("stopped_on", "resumed_on")),
        "notices": list(Notice.objects.filter(case=case).order_by("pk").values_list("pk", "kind")),
    }


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (deadlines, "apply"),
        (deadlines, "meet"),
        (ledger, "append"),
        (deadlines, "refresh"),
        (notices, "write"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_an_act_that_fails_anywhere_leaves_nothing_behind(
    file_case: Any,
    officer: Any,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
) -> None:
    case = file_case()
    before = everything(case)
    real = getattr(module, name)

    def fail_after_the_work(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise ConnectionError("the server has gone away")

    monkeypatch.setattr(module, name, fail_after_the_work)
    with pytest.raises(ConnectionError):
        do(fresh(case), "ask", by=ledger.staff(officer), at=now)
    assert everything(case) == before


# --- What acts write ----------------------------------------------------------------------
def test_accepting_confirms_receipt_in_time(file_case: Any, officer: Any, now: datetime) -> None:
    case = file_case(channel="post")
    assert case.deadlines.get(code="ack").met_on is None
    do(case, "accept", by=ledger.staff(officer), at=now + timedelta(days=1))
    assert case.deadlines.get(code="ack").met_on == date(2026, 11, 11)


def test_asking_tells_the_person_and_stops_the_clock(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    do(case, "ask", by=ledger.staff(officer), at=now)
    assert (case.status, case.waiting_from, case.is_stopped) == (A, R, True)
    assert case.notices.filter(kind=notices.MISSING, due_at=now).count() == 1
    event = case.events.get(act="ask")
    assert event.texts()["message"] == "書類を追加してください。"
    assert "message" not in event.facts


@pytest.mark.parametrize("status", [R, J, P])
def test_resuming_goes_back_to_where_it_was(
    file_case: Any, advance: Any, officer: Any, now: datetime, status: str
) -> None:
    case = advance(file_case(), status)
    do(case, "ask", by=ledger.staff(officer), at=now)
    do(case, "resume", by=ledger.staff(officer), at=now + timedelta(days=2))
    assert (case.status, case.is_stopped) == (status, False)


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (3, True), (4, False)])
def test_the_answer_arrived_between_the_question_and_today(
    file_case: Any, officer: Any, now: datetime, days: int, allowed: bool
) -> None:
    case, desk = file_case(), ledger.staff(officer)
    do(case, "ask", by=desk, at=now)
    facts = {"resumed_on": date(2026, 11, 10) + timedelta(days=days)}
    at = now + timedelta(days=3)
    if allowed:
        do(case, "resume", by=desk, at=at, facts=facts)
        assert case.stops.get().resumed_on == facts["resumed_on"]
    else:
        with pytest.raises(lifecycle.NotAllowed):
            do(case, "resume", by=desk, at=at, facts=facts)


def test_a_decision_is_not_approved_by_who_made_it(
    file_case: Any, advance: Any, approver: Any, now: datetime
) -> None:
    case = advance(file_case(), V)
    facts = {"decided_by": approver.pk}
    with override("en"), pytest.raises(lifecycle.NotAllowed, match="someone other"):
        do(case, "approve", by=ledger.staff(approver), at=now, outcome="refused", facts=facts)


def test_deciding_sets_the_outcome_and_meets_every_duty(
    file_case: Any, advance: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case(), P)
    at = now + timedelta(days=3)
    do(case, "decide", by=ledger.staff(officer), at=at, outcome=Outcome.GRANTED)
    after = fresh(case)
    assert (after.outcome, after.decided_at, after.closed_at) == ("granted", at, None)
    assert (after.due_on, after.next_due_code) == (None, "")
    assert after.deadlines.get(code="decision").met_on == date(2026, 11, 13)
    assert after.notices.filter(kind=notices.DECIDED).count() == 1
    assert not after.notices.filter(kind__startswith=notices.DESK_DUE, state="waiting").exists()


def test_the_end_of_a_case_keeps_the_day_of_the_decision(
    file_case: Any, advance: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case(), D)
    do(case, "close", by=ledger.staff(officer), at=now + timedelta(days=5))
    after = fresh(case)
    assert (after.decided_at, after.closed_at) == (now, now + timedelta(days=5))
    assert after.events.get(act="close").facts == {
        "notified_by": "portal_download",
        "notified_on": "2026-11-15",
    }


def test_a_withdrawal_says_so_whoever_records_it(
    file_case: Any, advance: Any, now: datetime
) -> None:
    case = advance(file_case(), A)
    lifecycle.move(case, "withdraw", by=ledger.REQUESTER, at=now)
    after = fresh(case)
    assert (after.status, after.outcome, after.is_stopped) == (C, "withdrawn", False)
    assert after.stops.get().resumed_on == date(2026, 11, 10)
    assert after.notices.filter(kind=notices.DESK_NEWS).exists()


def test_a_reopened_case_owes_its_decision_again(
    file_case: Any, advance: Any, approver: Any, now: datetime
) -> None:
    case = advance(file_case(), C)
    do(case, "reopen", by=ledger.staff(approver), at=now + timedelta(days=2))
    after = fresh(case)
    assert (after.status, after.outcome, after.outcome_code) == (P, "", "")
    assert (after.decided_at, after.closed_at) == (None, None)
    assert after.due_on == date(2026, 11, 24)
    assert after.deadlines.get(code="decision").met_on is None
    assert after.deadlines.get(code="ack").met_on is not None


def test_a_case_reopened_before_its_identity_check_goes_back_to_it(
    file_case: Any, officer: Any, approver: Any, now: datetime
) -> None:
    """Else a request that ended for want of identity could be granted to a stranger."""
    case = file_case()
    do(
        case,
        "end_without_decision",
        by=ledger.staff(officer),
        at=now,
        facts={"code": "T3_identity"},
    )
    do(case, "reopen", by=ledger.staff(approver), at=now)
    after = fresh(case)
    assert after.status == J
    assert set(after.deadlines.filter(met_on=None).values_list("code", flat=True)) >= {
        "id_check",
        "decision",
    }
    assert "decide" not in lifecycle.possible(after, ledger.staff(officer), now.date())


def test_a_reopened_request_that_needs_no_identity_check_is_examined(
    file_case: Any, approver: Any, now: datetime
) -> None:
    case = file_case("complaint")
    do(case, "withdraw", by=ledger.REQUESTER, at=now)
    do(case, "reopen", by=ledger.staff(approver), at=now)
    assert fresh(case).status == P


def test_while_a_clock_runs_on_the_due_date_can_be_extended_although_the_person_is_asked(
    file_case: Any, officer: Any, now: datetime
) -> None:
    """CCPA: the 45 days run regardless of verification, so the extension must stay possible."""
    case, desk = file_case("know_specific", "ccpa"), ledger.staff(officer)
    do(case, "ask", by=desk, at=now)
    before = case.deadlines.get(code="decision").due_on
    do(case, "extend", by=desk, at=now)
    assert case.status == A
    assert case.deadlines.get(code="decision").due_on == before + timedelta(days=45)


def test_without_four_eyes_nothing_is_offered_for_approval(
    file_case: Any, advance: Any, officer: Any, now: datetime, settings: Any
) -> None:
    case = advance(file_case(), P)
    settings.FOUR_EYES = False
    assert "propose" not in lifecycle.possible(case, ledger.staff(officer), now.date())


def test_facts_are_kept_as_plain_values_and_empty_ones_are_left_out(
    file_case: Any, advance: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case(), J)
    facts = {"check_method": "photo_id", "seen_on": date(2026, 11, 9), "nothing": "", "none": None}
    do(case, "confirm_identity", by=ledger.staff(officer), at=now, facts=facts)
    assert case.events.last().facts == {"check_method": "photo_id", "seen_on": "2026-11-09"}


def test_every_kind_of_every_rule_set_can_be_led_to_its_end(
    law_kind: tuple[str, str], file_case: Any, advance: Any
) -> None:
    regime, kind = law_kind
    case = fresh(advance(file_case(kind, regime), C))
    assert case.status == C
    assert case.outcome == ("answered" if "complaint" in case.rule.questions else "granted")
    assert not case.deadlines.filter(met_on=None).exclude(code="art39_marker").exists()
    assert ledger.verify(case) >= 4


def test_an_extension_while_the_case_waits_does_not_make_it_forget_where_it_was(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case, desk = file_case("know_specific", "ccpa"), ledger.staff(officer)
    do(case, "accept", by=desk, at=now)
    do(case, "ask", by=desk, at=now)
    do(case, "extend", by=desk, at=now + timedelta(days=1))
    do(case, "resume", by=desk, at=now + timedelta(days=2))
    assert case.status == J
