"""The first page: numbers that lead to the queue, and only what the role sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import correspondence, ledger
from tests.dsar.admin.desk import CASES, DESK, NOTICES, links_of, numbers_on, text_of

pytestmark = pytest.mark.django_db


def _tiles(response: Any) -> dict[str, tuple[int, str]]:
    return {str(tile.label): (tile.count, tile.url) for tile in response.context["tiles"]}


@pytest.fixture
def work(file_case: Any, advance: Any, officer: Any, now: Any, other_controller: Any) -> None:
    """Cases of every sort, and some of another company."""
    for days in (30, 20):
        advance(file_case(at=now - timedelta(days=days)), "in_progress")
    advance(file_case(at=now - timedelta(days=10), assigned_to=officer), "in_progress")
    correspondence.send(file_case(), "追加です。", by=ledger.REQUESTER, at=now)
    advance(file_case(), "in_approval")
    advance(file_case(), "closed")
    file_case(controller=other_controller)
    failed = file_case()
    failed.notices.filter(kind="confirm_email").update(state="failed")


def test_each_number_equals_the_rows_behind_its_link(desk: Any, work: None) -> None:
    tiles = _tiles(desk.get(DESK))
    counts = {label: count for label, (count, _url) in tiles.items()}
    assert counts["Overdue"] == 2
    assert counts["Mail that did not go out"] == 1
    assert len(desk.get(NOTICES).context["rows"]) == 1
    for label, (count, url) in tiles.items():
        if url.startswith(CASES):
            assert len(numbers_on(desk.get(url))) == count, label


def test_the_page_costs_few_queries_whatever_the_number_of_cases(
    desk: Any, work: None, file_case: Any
) -> None:
    with CaptureQueriesContext(connection) as few:
        desk.get(DESK)
    for _n in range(20):
        file_case()
    with CaptureQueriesContext(connection) as many:
        desk.get(DESK)
    assert len(many) == len(few) <= 10


def test_an_auditor_sees_numbers_but_no_mail_and_no_entry(
    signed_in: Any, auditor: Any, work: None
) -> None:
    page = signed_in(auditor).get(DESK)
    assert "Mail that did not go out" not in _tiles(page)
    links = links_of(page)
    assert CASES in links
    assert not any("/add/" in link or "/notice/" in link for link in links)


def test_an_administrator_sees_settings_only(
    signed_in: Any, administrator: Any, work: None
) -> None:
    page = signed_in(administrator).get(DESK)
    assert _tiles(page) == {"Mail that did not go out": (0, NOTICES)}
    assert "All open cases" not in text_of(page)
    assert "They do not see what is in the cases." in text_of(page)


def test_the_same_page_is_one_link_away_in_the_other_language(desk: Any, work: None) -> None:
    assert "/desk/dsar/case/?due=overdue" in links_of(desk.get(CASES, {"due": "overdue"}))


def test_the_settings_breadcrumb_leads_to_todays_page(signed_in: Any, administrator: Any) -> None:
    browser = signed_in(administrator)
    assert f"{DESK}dsar/" in links_of(browser.get(f"{DESK}dsar/closingday/"))
    assert browser.get(f"{DESK}dsar/").headers["Location"] == DESK
