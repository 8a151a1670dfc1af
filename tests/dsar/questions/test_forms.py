"""The questions themselves: what is taken, what is told, what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from dsar.questions import BY_NAME, Matter
from dsar.questions.people import EARLIEST_BIRTH
from tests.dsar.questions.test_steps import matter_of
from tests.factories import ControllerFactory, ServiceFactory

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=80)


def fill(name: str, matter: Matter, /, **typed: Any) -> Any:
    """A step's form with typed answers."""
    return BY_NAME[name].form(matter, typed)


# --- Grounds ------------------------------------------------------------------------------
def test_the_ground_that_goes_with_the_reason_is_suggested() -> None:
    matter = matter_of("appi", "cease_use")
    form = BY_NAME["ground"].form(matter)
    assert matter.reason is not None
    assert form.initial["grounds"] == [matter.reason.ground]


def test_a_ground_that_was_only_suggested_is_no_answer() -> None:
    matter = matter_of("appi", "cease_use", ground={"circumstances": "広告が届きます。"})
    assert not BY_NAME["ground"].is_answered(matter)


def test_circumstances_have_to_be_told_where_the_law_weighs_them() -> None:
    form = fill("ground", matter_of("appi", "cease_use"), grounds=["purpose_18"])
    assert set(form.errors) == {"circumstances"}


def test_objecting_to_advertising_needs_no_reason_but_other_objections_do() -> None:
    advertising = matter_of("gdpr", "objection", ground={"grounds": ["o_marketing"]})
    other = matter_of("gdpr", "objection", ground={"grounds": ["o_situation"]})
    both = matter_of("gdpr", "objection", ground={"grounds": ["o_marketing", "o_research"]})
    assert fill("purpose_objection", advertising, circumstances="").is_valid()
    assert not fill("purpose_objection", other, circumstances="").is_valid()
    assert not fill("purpose_objection", both, circumstances="").is_valid()


def test_a_story_is_asked_for_once_even_if_the_law_asks_two_questions() -> None:
    assert "circumstances" not in BY_NAME["ground"].form(matter_of("gdpr", "objection")).fields


# --- Who asks -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "needs_paper"), [("disclosure", True), ("complaint", False)], ids=str
)
def test_an_agent_is_told_of_a_paper_only_where_one_is_asked_for(
    kind: str, needs_paper: bool
) -> None:
    with override("en"):
        hints = BY_NAME["requester"].form(matter_of("appi", kind)).fields["role"].widget.hints
        assert all(("paper" in str(hint)) == needs_paper for hint in hints.values())


# --- Period -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("regime", "kind", "told", "is_asked"),
    [
        ("appi", "disclosure", {}, True),
        ("ccpa", "know_specific", {}, False),
        ("ccpa", "know_specific", {"period": "since 2020"}, True),
    ],
)
def test_where_the_law_asks_how_far_back_a_period_is_not_asked_for_twice(
    regime: str, kind: str, told: dict[str, str], is_asked: bool
) -> None:
    form = BY_NAME["scope"].form(replace(matter_of(regime, kind, scope=told), stored=True))
    assert ("period" in form.fields) is is_asked


# --- Method -------------------------------------------------------------------------------
def test_every_method_and_delivery_of_the_law_can_be_chosen(law_kind: tuple[str, str]) -> None:
    matter = matter_of(*law_kind)
    assert matter.kind is not None
    assert matter.rules is not None
    for method in matter.kind.methods:
        for delivery in matter.rules.methods[method].deliveries:
            form = fill("method", matter, chosen=f"{method}:{delivery}")
            assert form.is_valid(), form.errors
            assert form.answer() == {"method": method, "delivery": delivery}


def test_a_delivery_that_does_not_carry_the_method_cannot_be_chosen() -> None:
    matter = matter_of("appi", "disclosure")
    assert not fill("method", matter, chosen="paper:portal_download").is_valid()


# --- Range --------------------------------------------------------------------------------
def test_a_named_period_needs_a_first_day_and_must_not_run_backwards() -> None:
    matter = matter_of("ccpa", "know_specific")
    assert set(fill("range", matter, range="dates").errors) == {"begin"}
    backwards = {
        "begin_year": "2025",
        "begin_month": "5",
        "begin_day": "2",
        "end_year": "2025",
        "end_month": "5",
        "end_day": "1",
    }
    assert set(fill("range", matter, range="dates", **backwards).errors) == {"end"}
    forwards = fill("range", matter, range="dates", **{**backwards, "end_day": "2"})
    assert forwards.is_valid()
    assert forwards.answer() == {"range": "dates", "from": "2025-05-02", "to": "2025-05-02"}


def test_days_typed_beside_another_choice_are_not_kept() -> None:
    days = {"begin_year": "2025", "begin_month": "5", "begin_day": "2"}
    form = fill("range", matter_of("ccpa", "know_specific"), range="all", **days)
    assert form.is_valid()
    assert form.answer() == {"range": "all", "from": "", "to": ""}


# --- Complaint ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("2611-7001-1574", None),
        ("２６１１　７００１　１５７４", None),
        ("1234", "refused"),
    ],
)
def test_a_case_number_is_read_in_any_width_and_checked(typed: str, kept: str | None) -> None:
    matter = matter_of("appi", "complaint")
    form = fill("complaint", matter, category="answer", details="遅い", about_case=typed)
    if kept == "refused":
        assert set(form.errors) == {"about_case"}
    else:
        assert form.is_valid(), form.errors
        assert form.answer()["about_case"] == ("261170011574" if kept is None else "")


# --- People -------------------------------------------------------------------------------
def test_a_birth_date_may_be_written_in_the_japanese_calendar() -> None:
    typed = {"birth_date_year": "昭和６３", "birth_date_month": "３", "birth_date_day": "15"}
    form = fill("principal", matter_of("appi", "disclosure"), name="見本 花子", **typed)
    assert form.is_valid(), form.errors
    assert form.answer()["birth_date"] == "1988-03-15"


def test_nobody_is_born_before_the_twentieth_century() -> None:
    year = str(EARLIEST_BIRTH.year - 1)
    typed = {"birth_date_year": year, "birth_date_month": "3", "birth_date_day": "15"}
    form = fill("principal", matter_of("appi", "disclosure"), name="見本 花子", **typed)
    assert set(form.errors) == {"birth_date"}


def test_a_complaint_asks_for_no_birth_date() -> None:
    assert set(BY_NAME["principal"].form(matter_of("appi", "complaint")).fields) == {"name", "kana"}


def test_a_foreign_postal_code_passes_only_where_the_law_is_foreign() -> None:
    typed = {"postal_code": "SW1A 1AA", "address": "London"}
    assert not fill("address", matter_of("appi", "disclosure"), **typed).is_valid()
    assert fill("address", matter_of("gdpr", "access"), **typed).is_valid()


def test_with_an_agent_the_browser_must_not_fill_in_the_agents_own_data() -> None:
    alone = BY_NAME["principal"].form(matter_of("appi", "disclosure"))
    for_another = BY_NAME["principal"].form(
        matter_of("appi", "disclosure", requester={"role": "statutory_agent"})
    )
    assert alone.fields["name"].widget.attrs["autocomplete"] == "name"
    assert for_another.fields["name"].widget.attrs["autocomplete"] == "off"
    assert 'autocomplete="bday-year"' in str(alone["birth_date"])
    assert 'autocomplete="bday-year"' not in str(for_another["birth_date"])


# --- Services -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_service_that_was_named_stays_an_answer_after_it_is_gone() -> None:
    company: Any = ControllerFactory(code="sample")
    service: Any = ServiceFactory(controller=company)
    matter = Matter(
        matter_of("appi", "disclosure").answers, (company,), matter_of("appi", "disclosure").at
    )
    form = fill("scope", matter, services=[service.name_ja])
    assert form.is_valid(), form.errors
    kept = matter.with_answers({**matter.answers, "scope": form.answer()})
    service.delete()
    assert BY_NAME["scope"].is_answered(kept)


# --- There and back -----------------------------------------------------------------------
@settings(deadline=None)  # the first example reads the law book
@given(wrong=TEXT, right=TEXT, why=TEXT)
def test_whatever_is_typed_would_be_taken_again_when_it_is_checked(
    wrong: str, right: str, why: str
) -> None:
    matter = matter_of("appi", "correction")
    form = fill("correction", matter, wrong=wrong, right=right, why=why)
    assert form.is_valid(), form.errors
    kept = matter.with_answers({**matter.answers, "correction": form.answer()})
    assert BY_NAME["correction"].is_answered(kept)


@settings(deadline=None)
@given(name=TEXT, year=st.integers(1900, 2025), month=st.integers(1, 12), day=st.integers(1, 28))
def test_any_name_and_birth_date_would_be_taken_again(
    name: str, year: int, month: int, day: int
) -> None:
    matter = matter_of("appi", "disclosure")
    typed = {
        "birth_date_year": f"{year}",
        "birth_date_month": f"{month}",
        "birth_date_day": f"{day}",
    }
    form = fill("principal", matter, name=name, **typed)
    if form.is_valid():
        kept = matter.with_answers({**matter.answers, "principal": form.answer()})
        assert BY_NAME["principal"].is_answered(kept)
        assert form.answer()["birth_date"] == f"{year}-{month:02}-{day:02}"
    else:
        assert set(form.errors) == {"name"}
