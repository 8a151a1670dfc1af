"""Periods, fees and papers in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from dsar.models import Controller
from dsar.questions import Matter, fees, hides_numbers, papers_for, period
from tests.dsar.questions.test_steps import matter_of
from tests.factories import NOW


def charging(kind: str, *yen: int) -> Matter:
    """A request to one of several companies, which charge so much."""
    answers = matter_of("appi", kind).answers
    companies = tuple(
        Controller(
            code=f"c{n}", name_ja=f"会社{n}", name_en=f"Company {n}", regimes=["appi"], fee_yen=fee
        )
        for n, fee in enumerate(yen)
    )
    return Matter(answers, companies, NOW)


@pytest.mark.parametrize(("language", "words"), [("ja", "14日"), ("en", "14 calendar days")])
def test_the_time_for_the_answer_is_told_in_words(language: str, words: str) -> None:
    with translation.override(language):
        assert period(matter_of("appi", "disclosure"), "decision") == words


def test_a_step_that_the_kind_does_not_have_has_no_time() -> None:
    assert period(matter_of("ccpa", "opt_out"), "ack") == ""


def test_a_fee_is_told_only_where_the_law_allows_one(law_kind: tuple[str, str]) -> None:
    regime, kind = law_kind
    matter = matter_of(regime, kind)
    company = Controller(code="c", name_ja="会社", regimes=[regime], fee_yen=500)
    told = fees(Matter(matter.answers, (company,), NOW))
    assert matter.kind is not None
    assert bool(told) is matter.kind.fee_allowed


def test_a_company_that_charges_nothing_is_not_mentioned_as_charging() -> None:
    assert fees(charging("disclosure", 0)) == ()


def test_companies_with_different_fees_are_told_apart() -> None:
    with translation.override("en"):
        told = fees(charging("disclosure", 0, 1500))
        assert [(fee.company, fee.amount) for fee in told] == [
            ("Company 0", "Free of charge"),
            ("Company 1", "1,500 yen"),
        ]


@pytest.mark.parametrize("role", ["self", "statutory_agent", "mandated_agent"])
def test_papers_are_named_exactly_where_identity_is_checked(
    law_kind: tuple[str, str], role: str
) -> None:
    matter = matter_of(*law_kind, requester={"role": role})
    assert bool(papers_for(matter)) is matter.needs_identity
    assert all(paper.items for paper in papers_for(matter))


def test_no_power_of_attorney_is_asked_for_in_california() -> None:
    words = _words(papers_for(matter_of("ccpa", "delete", requester={"role": "mandated_agent"})))
    assert "signed by the person concerned" in words
    assert "attorney" not in words


def test_in_california_only_the_very_contents_need_a_signed_statement() -> None:
    assert "penalty of perjury" in _words(papers_for(matter_of("ccpa", "know_specific")))
    assert "penalty of perjury" not in _words(papers_for(matter_of("ccpa", "know_categories")))


def test_only_japanese_papers_have_numbers_to_cover() -> None:
    assert hides_numbers(matter_of("appi", "disclosure"))
    assert not hides_numbers(matter_of("appi", "complaint"))
    assert not hides_numbers(matter_of("gdpr", "access"))


def _words(papers: Any) -> str:
    with translation.override("en"):
        return " ".join(str(item) for paper in papers for item in paper.items)
