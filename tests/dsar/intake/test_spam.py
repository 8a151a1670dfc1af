"""Machines get a polite answer and leave nothing; people in a hurry lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from dsar import limits
from dsar.models import Case, IntakeDraft
from tests.dsar.intake.walking import ROOT, Walker, page_of
from tests.factories import NOW

Come = Callable[..., Walker]
pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(settings: Any) -> None:
    """With the clock and the limits on, as in production."""
    settings.RATE_LIMITS = True
    limits.reset()


def stamp_of(page: Any) -> str:
    """The signed note in a page's form."""
    return str(page.context["stamp"])


def test_a_machine_that_fills_the_trap_gets_the_same_answer_and_leaves_nothing(
    visitor: Come,
) -> None:
    machine, person = visitor(), visitor()
    trapped = machine.post("region", {"regime": "appi", "homepage": "https://spam.example"})
    honest = person.post("region")
    assert trapped["Location"] == honest["Location"]
    assert "request_draft" not in machine.client.cookies
    assert IntakeDraft.objects.count() == 1


def test_a_machine_at_the_last_page_files_nothing_and_the_draft_is_still_there(
    visitor: Come,
) -> None:
    walker = visitor()
    walker.walk()
    answer = walker.client.post(f"{ROOT}check/", {"consent": "on", "homepage": "x"})
    assert page_of(answer) == "receipt"
    assert not Case.objects.exists()
    assert page_of(walker.get("receipt")) == "check"


def test_someone_who_is_too_quick_is_asked_to_press_again_and_loses_nothing(
    visitor: Come, freeze: Callable[[datetime], None], limited: None
) -> None:
    freeze(NOW)
    walker = visitor()
    stamp = stamp_of(walker.get("region"))
    typed = {"regime": "gdpr", "shown": stamp}
    freeze(NOW + timedelta(seconds=1))
    page = walker.post("region", typed)
    assert page.status_code == 200
    assert "sent within a moment" in page.content.decode()
    assert page.context["form"]["regime"].value() == "gdpr"
    assert not IntakeDraft.objects.exists()
    freeze(NOW + timedelta(seconds=3))
    assert page_of(walker.post("region", {**typed, "shown": stamp_of(page)})) == "want"


@pytest.mark.parametrize("stamp", ["", "made-up", "1600000000"])
def test_a_page_without_a_signed_note_is_asked_to_be_sent_again(
    visitor: Come, limited: None, stamp: str
) -> None:
    page = visitor().post("region", {"regime": "appi", "shown": stamp})
    assert page.status_code == 200
    assert not IntakeDraft.objects.exists()


def test_sending_within_a_moment_is_asked_to_be_done_again(
    visitor: Come, freeze: Callable[[datetime], None], settings: Any
) -> None:
    freeze(NOW)
    walker = visitor()
    walker.walk()
    settings.RATE_LIMITS = True
    stamp = stamp_of(walker.get("check"))
    page = walker.client.post(f"{ROOT}check/", {"consent": "on", "shown": stamp})
    assert "sent within a moment" in page.content.decode()
    assert not Case.objects.exists()
    freeze(NOW + timedelta(seconds=5))
    assert (
        page_of(walker.client.post(f"{ROOT}check/", {"consent": "on", "shown": stamp})) == "receipt"
    )


def test_the_eleventh_draft_of_an_hour_from_one_address_has_to_wait(
    visitor: Come, freeze: Callable[[datetime], None], limited: None
) -> None:
    freeze(NOW)
    stamp = stamp_of(visitor().get("region"))
    freeze(NOW + timedelta(seconds=10))
    answers = [
        visitor().post("region", {"regime": "appi", "shown": stamp}).status_code for _ in range(11)
    ]
    assert answers == [302] * 10 + [429]
    assert IntakeDraft.objects.count() == 10


def test_the_page_that_asks_to_wait_says_how_long(
    visitor: Come, freeze: Callable[[datetime], None], limited: None, monkeypatch: Any
) -> None:
    freeze(NOW)
    monkeypatch.setitem(limits.SCOPES, "step", limits.Scope("1/hour", "100/hour"))
    walker = visitor()
    walker.post("region", {})
    page = walker.post("region", {})
    assert page.status_code == 429
    assert page["Retry-After"] == "3600"
    assert "60" in page.content.decode()


def test_a_mailbox_is_not_filled_by_asking_for_the_link_again_and_again(
    visitor: Come, settings: Any
) -> None:
    walker = visitor()
    walker.walk(until="address")
    settings.RATE_LIMITS = True
    codes = [
        walker.client.post(f"{ROOT}save/", {"email": "a@person.example"}).status_code
        for _ in range(6)
    ]
    assert codes == [302] * 5 + [429]
