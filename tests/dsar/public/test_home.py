"""The start page."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar.law import shelf

pytestmark = pytest.mark.django_db


def test_everything_one_can_want_under_japanese_law_is_a_card(client: Any, controller: Any) -> None:
    page = client.get("/en/")
    wants = shelf.book().versions("appi")[-1].wants
    assert [card["title"] for card in page.context["wants"]] == [want.title.en for want in wants]
    assert page.context["wants"][0]["url"] == "/en/request/?want=see"


def test_it_names_each_company_with_address_and_telephone(
    client: Any, controller: Any, other_controller: Any
) -> None:
    body = client.get("/").content.decode()
    for company in (controller, other_controller):
        assert company.name_ja in body
        assert company.address_ja in body
        assert f'href="tel:{company.phone}"' in body


def test_it_names_the_authorities_of_every_law_on_offer(client: Any, controller: Any) -> None:
    body = client.get("/en/").content.decode()
    for regime in controller.regimes:
        for authority in shelf.book().versions(regime)[-1].external_bodies:
            assert authority.name.en in body
            assert authority.url in body


def test_a_portal_for_japan_alone_names_only_japanese_authorities(
    client: Any, controller: Any
) -> None:
    controller.regimes = ["appi"]
    controller.save()
    page = client.get("/en/")
    assert [body.code for body in page.context["bodies"]] == ["ppc"]
    assert "live outside Japan" not in page.content.decode()


def test_without_a_company_it_says_that_the_desk_is_being_set_up(client: Any) -> None:
    assert "still being set up" in client.get("/en/").content.decode()


def test_it_leads_to_the_forms_to_print_and_to_requests_made_before(
    client: Any, controller: Any
) -> None:
    body = client.get("/en/").content.decode()
    assert 'href="/en/forms/"' in body
    assert 'href="/en/status/"' in body


def test_it_takes_one_query(client: Any, controller: Any) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/en/")
    assert len(queries) == 1
