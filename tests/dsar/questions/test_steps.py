"""Which pages a request goes through, for every kind of every rule set."""

from __future__ import annotations

from typing import Any

import pytest

from dsar.models import Controller
from dsar.questions import (
    BY_NAME,
    STEPS,
    Matter,
    answered,
    first_missing,
    missing_steps,
    next_step,
    step_before,
    steps_for,
)
from tests.dsar.intake.walking import way_to
from tests.factories import NOW, REGIMES

COMPANY = Controller(
    code="sample", name_ja="株式会社サンプル", name_en="Sample", regimes=list(REGIMES)
)
PEOPLE = ["requester", "principal", "address", "contact"]


def matter_of(regime: str, kind: str, **more: Any) -> Matter:
    """A matter in which the wish has been told."""
    want, reason = way_to(regime, kind)
    answers: dict[str, Any] = {"region": {"regime": regime}, "want": {"want": want}, **more}
    if reason:
        answers["want"]["reason"] = reason
    return Matter(answers, (COMPANY,), NOW)


def names(matter: Matter) -> list[str]:
    """The names of the pages, in order."""
    return [step.name for step in steps_for(matter)]


def test_every_kind_is_asked_exactly_the_questions_of_the_law(law_kind: tuple[str, str]) -> None:
    matter = matter_of(*law_kind)
    assert matter.kind is not None
    assert matter.kind.code == law_kind[1]
    questions = {step.name for step in STEPS[STEPS.index(BY_NAME["scope"]) :]}
    questions -= {"attachments", "check"}
    assert set(names(matter)) & questions == set(matter.kind.questions)


def test_the_wish_comes_first_then_people_then_details_then_papers(
    law_kind: tuple[str, str],
) -> None:
    shown = names(matter_of(*law_kind))
    assert shown[0] == "region"
    assert shown.index("about") < shown.index("requester") < shown.index("principal")
    assert shown[-2:] == ["attachments", "check"]


def test_an_address_is_asked_only_where_someone_has_to_be_identified(
    law_kind: tuple[str, str],
) -> None:
    matter = matter_of(*law_kind)
    assert matter.kind is not None
    assert ("address" in names(matter)) is (matter.kind.identity == "required")


def test_forth_and_back_is_the_same_way(law_kind: tuple[str, str]) -> None:
    matter = matter_of(*law_kind)
    for step in steps_for(matter)[:-1]:
        following = next_step(matter, step.name)
        assert following is not None
        assert step_before(matter, following.name) == step
    assert next_step(matter, "check") is None
    assert step_before(matter, "region") is None


def test_an_agent_is_asked_about_right_after_saying_so() -> None:
    matter = matter_of("appi", "disclosure", requester={"role": "mandated_agent"})
    shown = names(matter)
    assert shown[shown.index("requester") + 1] == "agent"


def test_nothing_but_the_place_of_residence_is_asked_while_it_is_unknown() -> None:
    matter = Matter({}, (COMPANY,), NOW)
    assert names(matter) == ["region"]
    assert first_missing(matter) == BY_NAME["region"]


def test_with_one_rule_set_the_wish_is_the_first_question() -> None:
    only = Controller(code="one", regimes=["appi"])
    assert names(Matter({}, (only,), NOW)) == ["want"]


def test_a_rule_set_the_law_book_does_not_have_is_not_offered() -> None:
    odd = Controller(code="odd", regimes=["appi", "atlantis"])
    assert list(Matter({}, (odd,), NOW).rule_sets) == ["appi"]


def test_a_wish_that_needs_a_reason_has_no_kind_before_the_reason_is_given() -> None:
    answers = {"region": {"regime": "appi"}, "want": {"want": "erase"}}
    matter = Matter(answers, (COMPANY,), NOW)
    assert matter.kind is None
    assert names(matter) == ["region", "want", "why"]


def test_only_companies_under_the_law_are_offered() -> None:
    travel = Controller(code="travel", regimes=["appi"])
    companies = (COMPANY, travel)
    appi = Matter({"region": {"regime": "appi"}}, companies, NOW)
    gdpr = Matter({"region": {"regime": "gdpr"}}, companies, NOW)
    assert appi.offered == companies
    assert gdpr.offered == (COMPANY,)
    assert gdpr.controller == COMPANY


def test_an_answer_of_a_law_that_does_not_know_it_is_missing_again() -> None:
    matter = matter_of(
        "appi", "cease_use", ground={"grounds": ["purpose_18"], "circumstances": "広告"}
    )
    assert "ground" not in [step.name for step in missing_steps(matter)]
    other = matter_of(
        "appi", "cease_use_35_5", ground={"grounds": ["purpose_18"], "circumstances": "広告"}
    )
    assert "ground" in [step.name for step in missing_steps(other)]


def test_moving_to_another_country_keeps_what_is_about_the_person() -> None:
    matter = matter_of(
        "appi", "disclosure", principal={"name": "見本 花子", "birth_date": "1988-03-15"}
    )
    moved = answered(matter, BY_NAME["region"], {"regime": "gdpr"})
    assert moved.kind is not None
    assert moved.kind.code == "access"
    assert moved.answers["principal"]["name"] == "見本 花子"


def test_answering_leaves_the_matter_before_untouched() -> None:
    before = matter_of(
        "appi", "erasure_35_5", ground={"grounds": ["breach_35_5"], "circumstances": "x"}
    )
    answered(before, BY_NAME["why"], {"reason": "leak"})
    assert before.answers["ground"]["grounds"] == ["breach_35_5"]


@pytest.mark.parametrize("name", ["about", "attachments", "check"])
def test_a_page_that_asks_nothing_has_no_form_and_is_never_missing(name: str) -> None:
    matter = matter_of("appi", "disclosure")
    assert BY_NAME[name].is_answered(matter)
    with pytest.raises(TypeError):
        BY_NAME[name].form(matter)
