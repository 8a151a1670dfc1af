"""Due dates in the officer's calendar, behind an address of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from dsar.models import CalendarLink
from tests.dsar.admin.desk import DESK, text_of

pytestmark = pytest.mark.django_db
PAGE = f"{DESK}calendar/"


def _address(browser: Any) -> str:
    shown = browser.post(PAGE).content.decode()
    found = re.search(r"https?://[^/\s]+(/[^\s<\"]+\.ics)", shown)
    assert found is not None
    return found[1]


def _events(response: Any) -> list[Any]:
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_the_calendar_holds_ones_own_open_cases_and_nothing_personal(
    desk: Any, officer: Any, file_case: Any, advance: Any
) -> None:
    mine = file_case(assigned_to=officer)
    file_case()
    advance(file_case(assigned_to=officer), "closed")
    response = Client().get(_address(desk))
    (event,) = _events(response)
    assert event.decoded("dtstart") == mine.next_due_on
    assert mine.shown_number in str(event["summary"])
    assert f"/case/{mine.pk}/change/" in str(event["url"])
    assert "見本" not in response.content.decode()
    assert response.headers["Content-Type"].startswith("text/calendar")


def test_the_address_is_shown_once_and_kept_as_a_digest(desk: Any, officer: Any) -> None:
    address = _address(desk)
    assert ".ics" not in desk.get(PAGE).content.decode()
    token = address.rsplit("/", 1)[1].removesuffix(".ics").encode()
    assert token not in bytes(CalendarLink.objects.get(owner=officer).digest)


def test_a_new_address_replaces_the_old_and_can_be_switched_off(desk: Any) -> None:
    old, new = _address(desk), _address(desk)
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    desk.post(PAGE, {"remove": "1"})
    assert Client().get(new).status_code == 404


def test_whoever_leaves_or_loses_a_company_loses_its_dates(
    desk: Any, officer: Any, file_case: Any
) -> None:
    file_case(assigned_to=officer)
    address = _address(desk)
    officer.controllers.clear()
    assert _events(Client().get(address)) == []
    officer.is_active = False
    officer.save()
    assert Client().get(address).status_code == 404


def test_unknown_addresses_are_answered_alike(settings: Any) -> None:
    for token in ("x", "x" * 500):
        assert Client().get(f"{PAGE}{token}.ics").status_code == 404
    settings.RATE_LIMITS = True
    codes = {Client().get(f"{PAGE}{n}.ics").status_code for n in range(130)}
    assert codes == {404, 429}


def test_who_sees_no_cases_has_no_calendar(signed_in: Any, administrator: Any) -> None:
    browser = signed_in(administrator)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE).status_code == 403


def test_the_page_tells_what_the_address_is_for(desk: Any) -> None:
    assert "nobody’s name" in text_of(desk.get(PAGE))
