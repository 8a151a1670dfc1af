"""Every page of the desk under the strict content policy, and fit to be read by machine."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dsar import correspondence, ledger
from dsar.admin.acts import FORMS
from tests.dsar.admin.desk import CASES, DESK, NOTICES, act_of, page_of, tags_of
from tests.factories import png

pytestmark = pytest.mark.django_db


def _check(response: Any, address: str) -> None:
    page = response.content.decode()
    parsed = tags_of(response)
    assert not re.search(r"<style\b", page), address
    for tag, attrs in parsed.tags:
        assert "style" not in attrs, (address, tag, attrs)
        assert not [name for name in attrs if name.startswith("on")], (address, tag, attrs)
        if tag == "script" and attrs.get("type") != "application/json":
            assert attrs.get("src"), (address, attrs)
    assert len(parsed.ids) == len(set(parsed.ids)), address
    headings = [tag for tag, _attrs in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings.count("h1") == 1, address
    labelled = {attrs["for"] for tag, attrs in parsed.tags if tag == "label" and "for" in attrs}
    for tag, attrs in parsed.tags:
        control = tag in ("select", "textarea") or (
            tag == "input" and attrs.get("type") not in ("hidden", "submit", "button")
        )
        if control and attrs.get("id") and "aria-label" not in attrs:
            assert attrs["id"] in labelled, (address, attrs)
    assert response["Content-Security-Policy"].count("unsafe") == 0, address


def test_pages_about_cases_have_nothing_inline(
    desk: Any, file_case: Any, advance: Any, now: Any
) -> None:
    open_case = file_case()
    correspondence.send(open_case, "質問です。", by=ledger.REQUESTER, at=now, uploads=[png()])
    waiting, done = advance(file_case(), "in_approval"), advance(file_case(), "decided")
    addresses = [
        DESK,
        CASES,
        f"{CASES}?due=overdue",
        f"{CASES}add/",
        NOTICES,
        f"{CASES}add/sample/appi/erasure_35_5/",
        *(page_of(case) for case in (open_case, waiting, done)),
        *(act_of(open_case, act) for act in FORMS),
        *(act_of(done, act) for act in ("close", "assign", "extend")),
    ]
    for address in addresses:
        _check(desk.get(address), address)
    running = advance(file_case(), "in_progress")
    for act in ("decide", "ask"):
        _check(desk.post(act_of(running, act), {"seen": "2"}), act)


def test_settings_pages_have_nothing_inline(
    signed_in: Any, administrator: Any, controller: Any
) -> None:
    browser = signed_in(administrator)
    for model in ("controller", "closingday", "reminderrule", "mailtemplate", "staffmember"):
        for address in (f"{DESK}dsar/{model}/", f"{DESK}dsar/{model}/add/"):
            page = browser.get(address)
            assert page.status_code == 200
            html = page.content.decode()
            assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=", html), address
            assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*json)", html), address


def test_signing_in_is_limited_for_each_name(client: Any, officer: Any, settings: Any) -> None:
    settings.RATE_LIMITS = True
    posted = {"username": officer.username, "password": "wrong"}
    codes = [client.post(f"{DESK}login/", posted).status_code for _n in range(12)]
    assert codes[0] == 200
    assert codes[-1] == 429
    other = client.post(f"{DESK}login/", {"username": "someone", "password": "wrong"})
    assert other.status_code == 200


def test_the_sign_in_page_has_nothing_inline(client: Any, db: None) -> None:
    _check(client.get(f"{DESK}login/"), "login")


def test_pages_of_cases_are_not_kept_by_browsers(desk: Any, file_case: Any) -> None:
    assert "no-store" in desk.get(page_of(file_case()))["Cache-Control"]
