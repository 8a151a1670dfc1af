"""What is required by kind, sensitivity and channel, and who gets the letters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dsar import identity, ledger
from dsar.models import Case, Letter, Sensitivity, Subject
from tests.factories import AGENT, ServiceFactory

pytestmark = pytest.mark.django_db


def level_of(case: Case) -> str:
    row = identity.standing(case)[0]
    assert row.level is not None
    return row.level.code


@pytest.mark.parametrize(
    ("kind", "regime", "level"),
    [
        ("disclosure", "appi", "standard"),
        ("correction", "appi", "standard"),
        ("optout_27_2", "appi", "contact"),
        ("purpose_notice", "appi", "contact"),
        ("access", "gdpr", "contact"),
        ("know_specific", "ccpa", "high"),
        ("know_categories", "ccpa", "reasonable"),
    ],
)
def test_the_level_follows_from_the_kind(
    file_case: Any, kind: str, regime: str, level: str
) -> None:
    assert level_of(file_case(kind, regime)) == level


def test_a_request_that_did_not_come_by_the_web_form_needs_more(file_case: Any) -> None:
    assert level_of(file_case("purpose_notice", channel="phone")) == "standard"


def test_a_kind_without_identity_check_asks_for_nothing(file_case: Any) -> None:
    case = file_case("complaint")
    assert identity.subjects(case) == ()
    assert identity.standing(case) == []
    assert identity.is_proven(case)


def test_a_sensitive_service_raises_the_level(file_case: Any, controller: Any) -> None:
    ServiceFactory.create(controller=controller, name_ja="健康診断", is_sensitive=True)
    scope = {"scope": {"services": ["健康診断"]}}
    assert level_of(file_case(answers=scope)) == "strong"
    assert level_of(file_case(answers={"scope": {"services": ["ほか"]}})) == "standard"


def test_the_officer_sets_the_sensitivity_and_the_level_follows(
    file_case: Any, by: ledger.Actor, now: datetime
) -> None:
    case = file_case()
    identity.set_sensitivity(case, Sensitivity.SENSITIVE, by=by, at=now)
    assert level_of(case) == "strong"
    assert case.identity_checks.get().level == "strong"
    facts = case.events.get(act="identity_level").facts
    assert facts == {"sensitivity": "sensitive", "before": "ordinary"}


def test_raising_the_level_takes_an_acceptance_back_until_more_is_shown(
    file_case: Any, by: ledger.Actor, now: datetime
) -> None:
    case = file_case()
    identity.record_proof(case, Subject.PRINCIPAL, "documents", by=by, at=now)
    assert case.identity_checks.get().state == "accepted"
    identity.set_sensitivity(case, Sensitivity.SENSITIVE, by=by, at=now)
    assert case.identity_checks.get().state == "open"
    assert not identity.is_proven(case)
    identity.record_proof(case, Subject.PRINCIPAL, "in_person", by=by, at=now)
    assert identity.is_proven(case)


# --- The mail loop ------------------------------------------------------------------------
def test_the_mail_loop_is_enough_where_contact_is_enough(file_case: Any, now: datetime) -> None:
    case = file_case("optout_27_2")
    assert not identity.is_proven(case)
    case.email_confirmed_at = now
    assert identity.is_proven(case)


def test_the_mail_loop_is_not_enough_for_a_disclosure(file_case: Any, now: datetime) -> None:
    case = file_case()
    case.email_confirmed_at = now
    assert not identity.is_proven(case)


# --- Agents -------------------------------------------------------------------------------
def test_an_agents_authority_is_apart_from_the_agents_identity(file_case: Any) -> None:
    case = file_case(agent=dict(AGENT), requester_role="statutory_agent")
    assert identity.subjects(case) == (Subject.AGENT, Subject.AUTHORITY)


def test_the_kind_of_agent_says_which_papers_are_needed(
    file_case: Any, by: ledger.Actor, now: datetime
) -> None:
    case = file_case(agent=dict(AGENT), requester_role="mandated_agent")
    assert identity.standing(case)[1].agent.code == "mandated"  # type: ignore[union-attr]
    identity.set_agent(case, "lawyer", by=by, at=now)
    assert identity.standing(case)[1].agent.code == "lawyer"  # type: ignore[union-attr]
    with pytest.raises(Exception, match="no such kind of agent"):
        identity.set_agent(case, "parent", by=by, at=now)


def test_letters_go_to_the_requester_where_nobody_acts_for_another(file_case: Any) -> None:
    to = identity.addressee(file_case(), Letter.Kind.DECISION)
    assert to is not None
    assert to.role == "principal"


def test_a_parent_gets_the_answer(file_case: Any) -> None:
    case = file_case(agent=dict(AGENT), requester_role="statutory_agent")
    to = identity.addressee(case, Letter.Kind.DECISION)
    assert to is not None
    assert to.role == "agent"


@pytest.mark.parametrize(("covers", "role"), [(True, "agent"), (False, "principal")])
def test_an_agent_with_a_mandate_gets_the_answer_only_if_the_mandate_says_so(
    file_case: Any, by: ledger.Actor, now: datetime, covers: bool, role: str
) -> None:
    case = file_case(agent=dict(AGENT), requester_role="mandated_agent")
    identity.judge_authority(
        case, accepted=True, covers_answer=covers, note="委任状の原本", by=by, at=now
    )
    to = identity.addressee(case, Letter.Kind.DECISION)
    assert to is not None
    assert to.role == role
    about_the_request = identity.addressee(case, Letter.Kind.IDENTITY)
    assert about_the_request is not None
    assert about_the_request.role == "agent"


def test_before_the_authority_is_shown_no_answer_goes_to_an_agent_with_a_mandate(
    file_case: Any,
) -> None:
    case = file_case(agent=dict(AGENT), requester_role="mandated_agent")
    to = identity.addressee(case, Letter.Kind.DECISION)
    assert to is not None
    assert to.role == "principal"
