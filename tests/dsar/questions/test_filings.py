"""From answers to a filing, and back to words."""

from __future__ import annotations

from typing import Any

import pytest

from dsar.questions import Matter, Unfinished, case_summary, summary, to_filing
from dsar.questions.steps import QUESTION_STEPS
from tests.dsar.questions.test_steps import COMPANY, matter_of
from tests.factories import AGENT, NOW, PRINCIPAL, answers_for

PERSON = {name: PRINCIPAL[name] for name in ("name", "kana", "birth_date")}
ADDRESS = {name: PRINCIPAL[name] for name in ("postal_code", "address")}
CONTACT = {name: PRINCIPAL[name] for name in ("email", "phone", "customer_number")}


def complete(regime: str, kind: str, *, company: Any = COMPANY, **more: Any) -> Matter:
    """A matter in which everything has been answered."""
    matter = matter_of(regime, kind)
    assert matter.kind is not None
    assert matter.rules is not None
    answers: dict[str, Any] = {
        **matter.answers,
        **answers_for(regime, kind),
        "requester": {"role": "self"},
        "principal": PERSON,
        "address": ADDRESS,
        "contact": CONTACT,
    }
    if matter.kind.methods:
        method = matter.rules.methods[matter.kind.methods[0]]
        answers["method"] = {"method": method.code, "delivery": method.deliveries[0]}
    return Matter({**answers, **more}, (company,), NOW)


def test_every_kind_becomes_a_complete_filing(law_kind: tuple[str, str]) -> None:
    matter = complete(*law_kind)
    assert matter.kind is not None
    made = to_filing(matter, received_at=NOW, language="en")
    assert (made.regime, made.kind) == law_kind
    assert set(made.answers) == set(matter.kind.questions) - {"method"}
    assert bool(made.method and made.delivery) is bool(matter.kind.methods)
    assert made.principal["email"] == "hanako@person.example"
    assert made.agent is None
    assert ("address" in made.principal) is (matter.kind.identity == "required")


def test_what_is_missing_is_named() -> None:
    matter = complete("appi", "disclosure")
    without = {name: answer for name, answer in matter.answers.items() if name != "address"}
    with pytest.raises(Unfinished) as refusal:
        to_filing(matter.with_answers(without), received_at=NOW, language="ja")
    assert refusal.value.step == "address"


def test_an_agent_comes_along_only_while_there_is_one() -> None:
    with_agent = complete("appi", "disclosure", requester={"role": "statutory_agent"}, agent=AGENT)
    alone = complete("appi", "disclosure", requester={"role": "self"}, agent=AGENT)
    made = to_filing(with_agent, received_at=NOW, language="ja")
    assert made.agent is not None
    assert made.agent["relation"] == "父"
    assert made.requester_role == "statutory_agent"
    assert to_filing(alone, received_at=NOW, language="ja").agent is None


def test_answers_of_another_kind_are_not_filed() -> None:
    matter = complete("appi", "disclosure", correction={"wrong": "a", "right": "b", "why": ""})
    assert "correction" not in to_filing(matter, received_at=NOW, language="ja").answers


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_answer_stands_on_the_check_page_in_words(
    controller: Any, law_kind: tuple[str, str], language: str
) -> None:
    matter = complete(*law_kind, company=controller)
    lines = summary(matter, language)
    said = "\n".join(str(value) for line in lines for value in _values(line.value))
    for text in _texts(matter.answers):
        assert text in said
    assert matter.kind is not None
    assert matter.kind.title.in_language(language) in said
    assert "見本 花子" in said
    assert {line.step for line in lines} >= {"want", "requester", "principal", "contact"}


def test_beside_an_agent_the_check_page_says_whose_each_detail_is(controller: Any) -> None:
    agents = {"requester": {"role": "statutory_agent"}, "agent": AGENT}
    lines = summary(complete("appi", "disclosure", company=controller, **agents), "ja")
    labels = [line.label for line in lines if line.step in ("agent", "principal", "address")]
    assert "代理人の氏名" in labels
    assert "ご本人の氏名" in labels
    assert all(label.startswith(("代理人の", "ご本人")) for label in labels)
    alone = summary(complete("appi", "disclosure", company=controller), "ja")
    assert "氏名" in [line.label for line in alone]


def test_the_counter_is_named_with_what_is_handed_over_there(controller: Any) -> None:
    said = [
        next(line.value for line in summary(matter, "ja") if line.step == "method")
        for matter in (
            complete(
                "appi",
                "disclosure",
                company=controller,
                method={"method": method.code, "delivery": "counter"},
            )
            for method in complete("appi", "disclosure").known_rules.methods.values()
            if "counter" in method.deliveries
        )
    ]
    assert len(said) == len(set(said)) > 1


def test_codes_are_never_shown_to_people(controller: Any) -> None:
    said = " ".join(
        str(value)
        for line in summary(complete("appi", "cease_use_35_5", company=controller), "en")
        for value in _values(line.value)
    )
    assert "not_needed_35_5" not in said
    assert "You no longer need it" in said


def test_a_filed_case_says_the_same_to_the_officer(
    file_case: Any, law_kind: tuple[str, str]
) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime, agent=AGENT)
    lines = case_summary(case, "ja")
    said = "\n".join(str(value) for line in lines for value in _values(line.value))
    assert lines[0].value == case.rule.title.ja
    assert "見本 花子" in said
    assert "見本 太郎" in said
    for text in _texts(case.answers):
        assert text in said


def _texts(answers: Any) -> list[str]:
    """What was typed in words: not codes, and of the objection's two stories the one it asks."""
    return [
        value
        for step in QUESTION_STEPS
        for name, value in answers.get(step, {}).items()
        if isinstance(value, str)
        and value
        and step != "method"
        and name not in ("category", "range")
        and not (step == "ground" and name == "circumstances" and "purpose_objection" in answers)
    ]


def _values(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
