"""Only what the law allows is decided, for the reasons it names, by two people where it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dsar import decision, ledger, lifecycle
from dsar.decision import Draft, Incomplete
from dsar.models import Case, Decision
from tests.factories import do, refusal

pytestmark = pytest.mark.django_db

FULL = Draft(
    outcome="",
    reason="理由の説明です。",
    withheld="第三者の氏名",
    alternative_measure="閲覧に応じます。",
    answer="お答えします。",
)


def allowed(case: Case, draft: Draft) -> bool:
    try:
        decision.check(case, draft)
    except Incomplete as incomplete:
        return not any(incomplete.faults.values())
    return True


@pytest.fixture
def examined(file_case: Any, advance: Any) -> Any:
    """A case under examination."""

    def make(kind: str = "disclosure", regime: str = "appi") -> Case:
        case: Case = advance(file_case(kind, regime), "in_progress")
        return case

    return make


# --- What may be decided ------------------------------------------------------------------
def test_only_the_grounds_of_the_kind_refuse_it(law_kind: tuple[str, str], file_case: Any) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    for code, ground in case.rules.refusals.items():
        of_kind = code in case.rule.refusals and ground.is_refusal
        refused = replace(FULL, outcome="refused", code=code)
        assert allowed(case, refused) == (of_kind and not ground.partial_only), code
        assert allowed(case, replace(refused, outcome="partial")) == of_kind, code
    for code in ("", "made_up", *case.rules.thresholds):
        assert not allowed(case, replace(FULL, outcome="refused", code=code))
        assert not allowed(case, replace(FULL, outcome="partial", code=code))


def test_only_the_thresholds_of_the_kind_make_it_not_effective(
    law_kind: tuple[str, str], file_case: Any
) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    for code in ("", *case.rules.thresholds, *case.rules.refusals):
        ended = replace(FULL, outcome="not_accepted", code=code)
        assert allowed(case, ended) == (code in case.rule.thresholds), code
        assert not allowed(case, replace(ended, reason="  "))


def test_not_held_is_an_answer_only_where_the_law_knows_it(
    law_kind: tuple[str, str], file_case: Any
) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    known = case.rule.no_data_code is not None
    assert allowed(case, Draft("no_data")) == known
    assert ("no_data" in decision.outcomes(case)) == known


def test_complaints_are_answered_and_nothing_else_is(
    law_kind: tuple[str, str], file_case: Any
) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    is_complaint = "complaint" in case.rule.questions
    assert allowed(case, Draft("answered", answer="止めました。")) == is_complaint
    assert not allowed(case, Draft("answered"))
    assert allowed(case, Draft("granted")) == (not is_complaint)


@pytest.mark.parametrize("outcome", ["", "withdrawn", "perhaps"])
def test_other_outcomes_are_not_decided(file_case: Any, outcome: str) -> None:
    assert not allowed(file_case(), replace(FULL, outcome=outcome))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(FULL, outcome="refused", code="D1_harm", reason=" "), "reason"),
        (replace(FULL, outcome="partial", code="D1_harm", withheld="　"), "withheld"),
        (replace(FULL, outcome="partial", code="D1_harm", reason=""), "reason"),
        (replace(FULL, outcome="refused", code="D5_no_data"), "code"),
        (replace(FULL, outcome="granted", code="D6_method", reason=""), "reason"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(file_case: Any, draft: Draft, field: str) -> None:
    with pytest.raises(Incomplete) as incomplete:
        decision.check(file_case(), draft)
    assert set(incomplete.value.faults) == {field}


def test_an_alternative_measure_has_to_be_described(file_case: Any) -> None:
    case = file_case("cease_use")
    draft = replace(FULL, outcome="refused", code="U3_alternative")
    assert allowed(case, draft)
    assert not allowed(case, replace(draft, alternative_measure=" "))
    assert allowed(case, replace(draft, code="U1_unfounded", alternative_measure=""))


def test_what_exceeds_the_need_is_refused_only_in_part(file_case: Any) -> None:
    case = file_case("erasure")
    assert not allowed(case, replace(FULL, outcome="refused", code="U2_excess"))
    assert allowed(case, replace(FULL, outcome="partial", code="U2_excess"))
    stop = file_case("stop_provision")  # Art. 35(4) knows no "extent needed"
    assert not allowed(stop, replace(FULL, outcome="partial", code="U2_excess"))


def test_a_grant_on_paper_instead_is_recorded_with_its_ground(
    examined: Any, officer: Any, now: datetime
) -> None:
    """APPI Art. 33(2)-(3): the method asked for is difficult, so it is disclosed on paper."""
    case = examined()
    assert decision.other_ways(case) == ["D6_method"]
    draft = Draft("granted", "D6_method", reason="ご希望の形式では提供が困難です。")
    decision.record(case, draft, by=ledger.staff(officer), at=now)
    assert (case.status, case.outcome, case.outcome_code) == ("decided", "granted", "D6_method")


def test_a_plain_grant_carries_no_ground(examined: Any, officer: Any, now: datetime) -> None:
    case = examined()
    decision.record(case, Draft("granted", "D1_harm"), by=ledger.staff(officer), at=now)
    assert (case.outcome, case.outcome_code) == ("granted", "")
    assert case.decisions.get().code == ""


# --- Four eyes ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("draft", "status"),
    [
        (Draft("granted"), "decided"),
        (replace(FULL, outcome="partial", code="D1_harm"), "in_approval"),
        (replace(FULL, outcome="refused", code="D1_harm"), "in_approval"),
        (Draft("no_data"), "in_approval"),
        (replace(FULL, outcome="not_accepted", code="T3_identity"), "decided"),
    ],
    ids=lambda value: getattr(value, "outcome", value),
)
def test_refusals_and_not_held_wait_for_a_second_person(
    examined: Any, officer: Any, now: datetime, draft: Draft, status: str
) -> None:
    case = examined()
    decision.record(case, draft, by=ledger.staff(officer), at=now)
    assert case.status == status
    assert decision.needs_approval(case, draft) == (status == "in_approval")
    row = case.decisions.get()
    assert row.state == ("proposed" if status == "in_approval" else "final")
    assert (row.decided_by, row.decided_at) == (officer, now)
    assert case.notices.filter(kind="desk_approval").exists() == (status == "in_approval")
    assert case.notices.filter(kind="decision").exists() == (status == "decided")


def test_without_four_eyes_a_refusal_is_final_at_once(
    examined: Any, officer: Any, now: datetime, settings: Any
) -> None:
    settings.FOUR_EYES = False
    case = examined()
    decision.record(case, refusal(case), by=ledger.staff(officer), at=now)
    assert (case.status, case.outcome, case.outcome_code) == ("decided", "refused", "D1_harm")


def test_nothing_is_told_and_nothing_stands_before_it_is_approved(
    examined: Any, officer: Any, approver: Any, now: datetime
) -> None:
    case = examined()
    decision.record(case, refusal(case), by=ledger.staff(officer), at=now)
    assert (case.outcome, case.outcome_code, case.decided_at) == ("", "", None)
    assert decision.final(case) is None
    assert not case.notices.filter(kind="decision").exists()

    at = now + timedelta(days=1)
    decision.approve(case, by=ledger.staff(approver), at=at)
    row = decision.final(case)
    assert row is not None
    assert (row.state, row.approved_by, row.approved_at) == ("final", approver, at)
    assert (case.outcome, case.outcome_code, case.decided_at) == ("refused", "D1_harm", at)
    assert case.events.last().facts["decided_by"] == officer.pk


def test_nobody_approves_their_own_decision(examined: Any, approver: Any, now: datetime) -> None:
    case = examined()
    decision.record(case, refusal(case), by=ledger.staff(approver), at=now)
    with pytest.raises(lifecycle.NotAllowed):
        decision.approve(case, by=ledger.staff(approver), at=now)
    reread = Case.objects.get(pk=case.pk)
    assert (reread.status, reread.decisions.get().state) == ("in_approval", "proposed")


def test_an_officer_approves_nothing(
    examined: Any, officer: Any, other_officer: Any, now: datetime
) -> None:
    case = examined()
    decision.record(case, refusal(case), by=ledger.staff(officer), at=now)
    with pytest.raises(lifecycle.NotAllowed):
        decision.approve(case, by=ledger.staff(other_officer), at=now)


def test_a_decision_that_is_sent_back_is_made_anew(
    examined: Any, officer: Any, approver: Any, now: datetime
) -> None:
    case, desk, second = examined(), ledger.staff(officer), ledger.staff(approver)
    decision.record(case, refusal(case), by=desk, at=now)
    decision.send_back(case, "理由が足りません。", by=second, at=now)
    assert case.status == "in_progress"
    assert case.events.last().texts() == {"reason": "理由が足りません。"}

    decision.record(case, Draft("no_data"), by=desk, at=now)
    decision.approve(case, by=second, at=now)
    states = list(case.decisions.values_list("outcome", "state"))
    assert states == [("no_data", "final"), ("refused", "sent_back")]
    assert (case.outcome, case.outcome_code) == ("no_data", "D5_no_data")


def test_of_two_who_approve_the_second_is_told(
    examined: Any, officer: Any, approver: Any, now: datetime
) -> None:
    case = examined()
    decision.record(case, refusal(case), by=ledger.staff(officer), at=now)
    copy = Case.objects.get(pk=case.pk)
    decision.send_back(case, "理由が足りません。", by=ledger.staff(approver), at=now)
    with pytest.raises(lifecycle.NotAllowed):
        decision.approve(copy, by=ledger.staff(approver), at=now)
    assert case.decisions.get().state == "sent_back"


# --- Whole or not at all ------------------------------------------------------------------
def test_a_decision_on_an_outdated_page_leaves_no_row(
    examined: Any, officer: Any, now: datetime
) -> None:
    case = examined()
    with pytest.raises(lifecycle.Conflict):
        decision.record(
            case, Draft("granted"), by=ledger.staff(officer), at=now, seen=case.version - 1
        )
    assert not Decision.objects.exists()


def test_a_decision_in_the_wrong_status_or_by_nobody_leaves_no_row(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    for by in (ledger.staff(officer), ledger.REQUESTER, ledger.SYSTEM):
        with pytest.raises(lifecycle.NotAllowed):
            decision.record(case, Draft("granted"), by=by, at=now)
    assert not Decision.objects.exists()


def test_an_incomplete_decision_leaves_no_row(examined: Any, officer: Any, now: datetime) -> None:
    with pytest.raises(Incomplete):
        decision.record(examined(), Draft("refused"), by=ledger.staff(officer), at=now)
    assert not Decision.objects.exists()


# --- What stands --------------------------------------------------------------------------
def test_after_reopening_nothing_stands_until_it_is_decided_again(
    examined: Any, officer: Any, approver: Any, now: datetime
) -> None:
    case, desk = examined(), ledger.staff(officer)
    decision.record(case, Draft("granted", answer="一度目"), by=desk, at=now)
    do(case, "reopen", by=ledger.staff(approver), at=now)
    assert decision.final(case) is None
    decision.record(case, Draft("granted", answer="二度目"), by=desk, at=now)
    found = decision.final(case)
    assert found is not None
    assert found.answer == "二度目"


def test_a_withdrawal_after_reopening_leaves_no_decision_standing(
    examined: Any, officer: Any, approver: Any, now: datetime
) -> None:
    case, desk = examined(), ledger.staff(officer)
    decision.record(case, Draft("granted"), by=desk, at=now)
    do(case, "reopen", by=ledger.staff(approver), at=now)
    do(case, "withdraw", by=ledger.REQUESTER, at=now)
    assert (case.status, case.outcome) == ("closed", "withdrawn")
    assert decision.final(case) is None
