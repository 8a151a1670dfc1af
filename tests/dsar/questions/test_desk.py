"""The desk's one page: the same questions, more forgiving, because paper is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dsar import filing, ledger
from dsar.law import shelf
from dsar.questions import DeskForms, desk_forms, to_filing
from tests.factories import NOW, answers_for

pytestmark = pytest.mark.django_db


def desk(controller: Any, regime: str, kind: str, data: dict[str, Any] | None = None) -> DeskForms:
    """The desk's page for a kind."""
    rules = shelf.book().versions(regime)[-1]
    return desk_forms(rules, rules.kinds[kind], controller, at=NOW, data=data)


def typed(regime: str, kind: str, **more: Any) -> dict[str, Any]:
    """What an officer types from a sheet of paper: little about the person, all that is asked."""
    data: dict[str, Any] = {"requester-role": "self", "principal-name": "見本 花子"}
    for step, answer in answers_for(regime, kind).items():
        names = {"from": "begin", "to": "end"}
        data |= {f"{step}-{names.get(name, name)}": value for name, value in answer.items()}
    data.pop("scope-services", None)
    return {**data, **more}


def test_every_kind_can_be_entered_from_paper_without_mail_or_birth_date(
    controller: Any, law_kind: tuple[str, str]
) -> None:
    regime, kind = law_kind
    page = desk(controller, regime, kind, typed(regime, kind))
    assert page.is_valid(), {name: form.errors for name, form in page.forms.items()}
    filled = to_filing(page.matter(), received_at=NOW, language="ja", channel="post")
    case = filing.file(filled, by=ledger.SYSTEM, at=NOW, receipt_code="X" * 16)
    assert (case.kind, case.channel) == (kind, "post")
    assert case.people.get().name == "見本 花子"


def test_the_page_shows_the_forms_of_the_kind_each_with_its_own_prefix(controller: Any) -> None:
    page = desk(controller, "appi", "disclosure")
    assert list(page.forms) == [
        "requester",
        "agent",
        "principal",
        "address",
        "contact",
        "scope",
        "method",
    ]
    assert [form.prefix for form in page] == list(page.forms)


def test_the_agents_form_counts_only_if_there_is_an_agent(controller: Any) -> None:
    alone = desk(controller, "appi", "disclosure", typed("appi", "disclosure"))
    acting = typed("appi", "disclosure", **{"requester-role": "mandated_agent"})
    assert alone.is_valid()
    assert not desk(controller, "appi", "disclosure", acting).is_valid()
    named = desk(controller, "appi", "disclosure", {**acting, "agent-name": "見本 太郎"})
    assert named.is_valid()
    filled = to_filing(named.matter(), received_at=NOW, language="ja", channel="counter")
    assert filled.agent == {"name": "見本 太郎"}


@pytest.mark.parametrize("role", ["self", ""])
def test_an_agents_name_is_not_missed_where_nobody_acts_for_the_person(
    controller: Any, role: str
) -> None:
    data = typed("appi", "disclosure", **{"requester-role": role, "principal-name": ""})
    page = desk(controller, "appi", "disclosure", data)
    assert not page.is_valid()
    assert "name" in page.forms["principal"].errors
    assert not page.forms["agent"].errors


def test_an_answer_by_post_needs_an_address(controller: Any) -> None:
    by_post = typed("appi", "disclosure", **{"method-chosen": "paper:post_kan-i_kakitome"})
    refused = desk(controller, "appi", "disclosure", by_post)
    assert not refused.is_valid()
    assert set(refused.forms["address"].errors) == {"address"}
    given = {**by_post, "address-address": "東京都千代田区見本町4-5-6"}
    assert desk(controller, "appi", "disclosure", given).is_valid()


def test_a_name_is_needed_even_on_paper(controller: Any) -> None:
    page = desk(
        controller, "appi", "disclosure", typed("appi", "disclosure", **{"principal-name": ""})
    )
    assert not page.is_valid()
    assert set(page.forms["principal"].errors) == {"name"}


def test_all_mistakes_are_told_at_once(controller: Any) -> None:
    wrong = typed(
        "appi",
        "disclosure",
        **{"principal-name": "", "contact-email": "hanako", "contact-phone": "1"},
    )
    page = desk(controller, "appi", "disclosure", wrong)
    assert not page.is_valid()
    assert set(page.forms["contact"].errors) == {"email", "phone"}
    assert page.forms["principal"].errors


def test_the_rules_of_the_day_of_receipt_apply(controller: Any) -> None:
    received = datetime(2026, 11, 1, 3, 0, tzinfo=NOW.tzinfo)
    rules = shelf.book().versions("appi")[-1]
    page = desk_forms(
        rules, rules.kinds["disclosure"], controller, at=received, data=typed("appi", "disclosure")
    )
    assert page.is_valid()
    assert page.matter().today.isoformat() == "2026-11-01"
