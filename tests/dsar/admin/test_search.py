"""Finding a case by its number, or by exactly what is known of the person."""

from __future__ import annotations

from typing import Any

import pytest

from dsar.admin import search
from tests.dsar.admin.desk import CASES, messages_of, numbers_on, page_of, text_of
from tests.factories import AGENT, PRINCIPAL

pytestmark = pytest.mark.django_db

FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


def _search(desk: Any, typed: str) -> Any:
    return desk.post(f"{CASES}search/", {"typed": typed}, follow=True)


@pytest.fixture
def found(file_case: Any) -> Any:
    file_case(
        principal={
            **PRINCIPAL,
            "name": "別人 一",
            "kana": "べつじん",
            "email": "b@x.example",
            "phone": "03-1111-1111",
            "customer_number": "X-1",
        }
    )
    return file_case(principal={**PRINCIPAL, "former_name": "旧姓 花子"})


@pytest.mark.parametrize("spelling", ["hyphens", "bare", "spaces", "full width", "around"])
def test_a_number_leads_to_its_case_however_it_is_typed(
    desk: Any, found: Any, spelling: str
) -> None:
    shown = found.shown_number
    typed = {
        "hyphens": shown,
        "bare": found.number,
        "spaces": shown.replace("-", " "),
        "full width": shown.translate(FULL_WIDTH),
        "around": f"  {shown} ",
    }[spelling]
    assert _search(desk, typed).redirect_chain == [(page_of(found), 302)]


@pytest.mark.parametrize(
    "typed",
    [
        "見本 花子",
        "見本　花子",
        "見本花子",
        "ミホン ハナコ",
        "みほんはなこ",
        "ﾐﾎﾝ ﾊﾅｺ",
        "HANAKO@person.example",
        "090-0000-0000",
        "０９０００００００００",
        "+81 90 0000 0000",
        "c-0001234",
        "旧姓 花子",
    ],
)
def test_exact_data_of_the_person_finds_the_case(desk: Any, found: Any, typed: str) -> None:
    assert numbers_on(_search(desk, typed)) == [found.shown_number]


@pytest.mark.parametrize("typed", ["見本", "花子", "person.example", "0000", "%", "' OR 1=1"])
def test_a_part_finds_nobody_and_says_what_is_needed(desk: Any, found: Any, typed: str) -> None:
    response = _search(desk, typed)
    assert numbers_on(response) == []
    assert "Nobody was found. The search needs the whole name" in text_of(response)
    assert "These cases were found" not in text_of(response)


def test_what_was_typed_never_stands_in_an_address(desk: Any, found: Any) -> None:
    response = desk.post(f"{CASES}search/", {"typed": PRINCIPAL["email"]})
    assert "hanako" not in response.url
    assert "person" not in response.url


def test_a_search_finds_closed_cases_too(desk: Any, file_case: Any, advance: Any) -> None:
    closed, running = advance(file_case(), "closed"), file_case()
    response = _search(desk, PRINCIPAL["name"])
    assert set(numbers_on(response)) == {closed.shown_number, running.shown_number}
    query = response.redirect_chain[0][0]
    assert numbers_on(desk.get(f"{query}&status=open")) == [running.shown_number]


def test_the_agents_name_finds_the_case(desk: Any, file_case: Any) -> None:
    case = file_case(agent=dict(AGENT))
    assert numbers_on(_search(desk, AGENT["name"])) == [case.shown_number]


def test_a_number_that_is_nowhere_is_answered_kindly(desk: Any, found: Any) -> None:
    wrong = found.number[:-1] + str((int(found.number[-1]) + 1) % 10)
    said = messages_of(_search(desk, wrong))
    assert said == ["None of your controllers has a case with this number. Check the digits."]


def test_a_case_of_another_company_is_not_found(
    desk: Any, file_case: Any, other_controller: Any
) -> None:
    foreign = file_case(controller=other_controller)
    assert _search(desk, foreign.number).redirect_chain == [(CASES, 302)]
    assert numbers_on(_search(desk, PRINCIPAL["name"])) == []


def test_an_empty_search_shows_the_queue(desk: Any, found: Any) -> None:
    assert len(numbers_on(_search(desk, "   "))) == 2


@pytest.mark.parametrize("tokens", ["zz", "-", "####", "QUJD", "A" * 400])
def test_made_up_tokens_find_nothing(desk: Any, found: Any, tokens: str) -> None:
    assert search.cases_with(tokens) == []
    assert numbers_on(desk.get(CASES, {"found": tokens})) == []


def test_the_search_is_for_those_who_see_cases(
    signed_in: Any, administrator: Any, found: Any
) -> None:
    response = signed_in(administrator).post(f"{CASES}search/", {"typed": found.number})
    assert response.status_code == 403
