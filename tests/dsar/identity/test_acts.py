"""Asking for proof, confirming it, and ending a case for want of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dsar import identity, ledger, lifecycle
from dsar.models import Case, Letter, Subject
from tests.dsar.identity.papers import show_and_accept, shown
from tests.factories import AGENT, do

pytestmark = pytest.mark.django_db
P = Subject.PRINCIPAL


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def ask(case: Case, by: ledger.Actor, at: datetime, *wanted: str, doubt: str = "") -> Any:
    return identity.ask(
        case, wanted or (P,), "書類をお送りください。", reason="未提出", doubt=doubt, by=by, at=at
    )


# --- Asking -------------------------------------------------------------------------------
def test_asking_pauses_the_clock_and_orders_letter_message_and_mail(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    event = ask(case, by, now)
    case = fresh(case)
    assert (case.status, case.is_stopped) == ("awaiting_requester", True)
    assert event.facts == {"subjects": ["principal"]}
    letter = case.letters.get(kind=Letter.Kind.IDENTITY)
    assert letter.event == event.position
    assert [row.body for row in case.messages.all()] == ["書類をお送りください。"]
    assert case.notices.filter(kind="missing_document").count() == 1
    assert case.identity_checks.get().asked_at == now


def test_under_the_gdpr_only_a_recorded_doubt_stops_the_clock(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case("access", "gdpr"), "identity_check")
    ask(case, by, now)
    assert not fresh(case).is_stopped
    doubtful = advance(file_case("access", "gdpr"), "identity_check")
    ask(doubtful, by, now, doubt="別の宛先からのご請求")
    assert fresh(doubtful).is_stopped
    assert doubtful.stops.get().reason == "別の宛先からのご請求"


def test_a_kind_without_identity_check_cannot_be_asked(
    file_case: Any, by: Any, now: datetime
) -> None:
    with pytest.raises(lifecycle.NotAllowed, match="needs no identity check"):
        ask(file_case("complaint"), by, now)


def test_the_words_proposed_say_what_is_needed_in_the_persons_language(file_case: Any) -> None:
    case = file_case(agent=dict(AGENT), requester_role="statutory_agent", language="ja")
    said = identity.ask_in_words(case, identity.standing(case))
    assert "戸籍謄本" in said
    assert "Before we go on" not in said


# --- Confirming ---------------------------------------------------------------------------
def test_nothing_is_confirmed_without_proof_of_the_required_level(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    shown(case, "passport", P, now)
    with pytest.raises(lifecycle.NotAllowed, match="not proven yet"):
        identity.confirm(case, by=by, at=now)
    assert fresh(case).status == "identity_check"


def test_accepted_papers_let_the_case_go_on(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    show_and_accept(case, "passport", P, by, now)
    event = identity.confirm(case, by=by, at=now)
    assert event.facts["check_method"] == "checked"
    assert fresh(case).status == "in_progress"


def test_a_check_made_at_the_counter_can_be_recorded(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    identity.confirm(case, method="counter", note="免許証の原本", by=by, at=now)
    assert fresh(case).status == "in_progress"
    proof = case.identity_proofs.get()
    assert (proof.method, proof.state, proof.details) == (
        "in_person",
        "accepted",
        {"note": "免許証の原本"},
    )


def test_a_way_that_is_too_weak_for_the_level_leaves_nothing_behind(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    identity.set_sensitivity(case, "sensitive", by=by, at=now)  # type: ignore[arg-type]
    before = fresh(case).event_count
    with pytest.raises(lifecycle.NotAllowed, match="Needed: Documents together"):
        identity.confirm(case, method="account", by=by, at=now)
    assert not case.identity_proofs.exists()
    assert fresh(case).event_count == before


def test_the_lifecycle_itself_refuses_while_a_check_is_open(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    method = {"check_method": "photo_id"}
    with pytest.raises(lifecycle.NotAllowed, match="not proven yet"):  # nothing noted at all
        lifecycle.move(case, "confirm_identity", by=by, at=now, facts=method)
    identity.set_sensitivity(case, "sensitive", by=by, at=now)  # type: ignore[arg-type]
    with pytest.raises(lifecycle.NotAllowed, match="not proven yet"):
        lifecycle.move(case, "confirm_identity", by=by, at=now, facts=method)
    assert fresh(case).status == "identity_check"


def test_the_lifecycle_wants_the_authority_of_an_agent_beside_the_identity(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = minor(file_case)
    do(case, "accept", by=by, at=now)
    identity.record_proof(case, "agent", "in_person", by=by, at=now)
    with pytest.raises(lifecycle.NotAllowed, match="not proven yet"):
        lifecycle.move(case, "confirm_identity", by=by, at=now, facts={"check_method": "checked"})


def test_another_way_needs_a_note(file_case: Any, by: Any, now: datetime) -> None:
    with pytest.raises(identity.Incomplete):
        identity.record_proof(file_case(), P, "other", by=by, at=now)


# --- Authority ----------------------------------------------------------------------------
def minor(file_case: Any) -> Case:
    case: Case = file_case(agent=dict(AGENT), requester_role="statutory_agent")
    return case


def test_the_agents_identity_alone_is_not_enough(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(minor(file_case), "identity_check")
    show_and_accept(case, "passport", Subject.AGENT, by, now)
    with pytest.raises(lifecycle.NotAllowed, match="Authority of the agent is not proven"):
        identity.confirm(case, by=by, at=now)


def test_complete_papers_still_need_the_officers_word(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = minor(file_case)
    day = now.date() - timedelta(days=30)
    show_and_accept(case, "family_register", Subject.AUTHORITY, by, now, issued_on=day)
    row = identity.standing(case)[1]
    assert (row.is_reached, row.is_accepted) == (True, False)
    identity.judge_authority(case, accepted=True, by=by, at=now)
    assert identity.standing(case)[1].is_accepted


def test_without_papers_the_officer_says_what_was_seen(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = minor(file_case)
    with pytest.raises(identity.Incomplete):
        identity.judge_authority(case, accepted=True, by=by, at=now)
    with pytest.raises(identity.Incomplete):
        identity.judge_authority(case, accepted=False, by=by, at=now)
    identity.judge_authority(case, accepted=True, note="戸籍の原本を窓口で確認", by=by, at=now)
    assert identity.standing(case)[1].is_accepted


def test_an_agent_with_a_mandate_shows_both_papers(file_case: Any, by: Any, now: datetime) -> None:
    case = file_case(agent=dict(AGENT), requester_role="mandated_agent")
    show_and_accept(case, "power_of_attorney", Subject.AUTHORITY, by, now)
    assert not identity.standing(case)[1].is_reached
    show_and_accept(
        case, "principal_seal_certificate", Subject.AUTHORITY, by, now, issued_on=now.date()
    )
    assert identity.standing(case)[1].is_reached


# --- The end for want of proof ------------------------------------------------------------
def test_before_the_cure_period_is_over_nothing_is_ended(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    ask(case, by, now)
    cure = case.deadlines.get(code="cure").due_on
    assert identity.failure(fresh(case), cure) is None
    failed = identity.failure(fresh(case), cure + timedelta(days=1))
    assert failed is not None
    assert failed.code == "T3_identity"
    assert "2026年11月10日" in failed.reason


def test_where_only_the_authority_is_lacking_it_is_the_authority(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(minor(file_case), "identity_check")
    show_and_accept(case, "passport", Subject.AGENT, by, now)
    ask(case, by, now, Subject.AUTHORITY)
    late = case.deadlines.get(code="cure").due_on + timedelta(days=1)
    failed = identity.failure(fresh(case), late)
    assert failed is not None
    assert failed.code == "T4_authority"


def test_what_was_proven_meanwhile_is_no_failure(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    ask(case, by, now)
    late = case.deadlines.get(code="cure").due_on + timedelta(days=1)
    show_and_accept(case, "passport", P, by, now)
    assert identity.failure(fresh(case), late) is None


def test_what_arrived_and_was_not_accepted_may_be_ended_after_the_answer(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    ask(case, by, now)
    do(case, "resume", by=by, at=now)
    assert identity.failure(fresh(case), now.date()) is None
    identity.reject_identity(case, P, "氏名が違う", by=by, at=now)
    failed = identity.failure(fresh(case), now.date())
    assert failed is not None
    assert failed.code == "T3_identity"


def test_another_question_is_not_a_question_for_proof(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    case = advance(file_case(), "awaiting_requester")
    assert identity.failure(fresh(case), now.date() + timedelta(days=300)) is None


def test_ending_for_want_of_proof_is_a_threshold_outcome_with_its_letter(
    file_case: Any, advance: Any, by: Any, now: datetime
) -> None:
    from dsar import decision

    case = advance(file_case(), "identity_check")
    ask(case, by, now)
    late = now + timedelta(days=60)
    failed = identity.failure(fresh(case), late.date())
    assert failed is not None
    draft = decision.Draft("not_accepted", failed.code, reason=failed.reason)
    decision.record(fresh(case), draft, by=by, at=late)
    case = fresh(case)
    assert (case.status, case.outcome, case.outcome_code) == (
        "decided",
        "not_accepted",
        "T3_identity",
    )
    assert case.letters.filter(kind=Letter.Kind.THRESHOLD).count() == 1
