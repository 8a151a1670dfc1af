"""The posting log: once, by the day, and with a second pair of eyes where it is wanted."""

from __future__ import annotations

from typing import Any

import pytest

from dsar import ledger, letters, lifecycle, postings
from dsar.models import Letter, Posting
from tests.conftest import FileCase
from tests.factories import NOW

pytestmark = pytest.mark.django_db

DAY = NOW.date()


@pytest.fixture
def letter(file_case: FileCase, media: Any) -> Letter:
    """The receipt of a request that came by post."""
    file_case(channel="post")
    letters.sweep(NOW)
    return Letter.objects.get()


def test_a_posting_is_noted_and_takes_the_letter_off_the_list(letter: Letter, officer: Any) -> None:
    assert list(postings.to_post(officer)) == [letter]
    row = postings.record(
        letter,
        "simple_registered",
        by=ledger.staff(officer),
        at=NOW,
        posted_on=DAY,
        tracking="123-45-67890-1",
    )
    assert row.state == Posting.State.POSTED
    assert not postings.to_post(officer).exists()
    event = letter.case.events.get(act="post_letter")
    assert event.facts == {
        "letter": letter.pk,
        "kind": "receipt",
        "way": "simple_registered",
        "posted_on": DAY.isoformat(),
    }
    assert event.texts() == {"tracking": "123-45-67890-1"}
    assert Posting.objects.get().tracking == "123-45-67890-1"


def test_the_way_follows_the_delivery_the_person_chose(file_case: FileCase) -> None:
    kept = file_case(method="paper", delivery="post_kan-i_kakitome")
    in_person = file_case(method="paper", delivery="post_honnin_gentei")
    assert postings.usual_way(kept) == Posting.Way.SIMPLE_REGISTERED
    assert postings.usual_way(in_person) == Posting.Way.TO_PERSON
    assert postings.usual_way(file_case("complaint")) == Posting.Way.ORDINARY


def test_a_letter_that_is_not_issued_or_has_no_day_is_not_posted(
    letter: Letter, officer: Any
) -> None:
    desk = ledger.staff(officer)
    with pytest.raises(lifecycle.NotAllowed):
        postings.record(letter, "ordinary", by=desk, at=NOW)
    Letter.objects.update(state="ordered")
    with pytest.raises(lifecycle.NotAllowed):
        postings.record(letter, "ordinary", by=desk, at=NOW, posted_on=DAY)
    assert not Posting.objects.exists()


def test_with_a_second_check_the_letter_counts_as_posted_once_another_person_agreed(
    letter: Letter, controller: Any, officer: Any, other_officer: Any
) -> None:
    controller.second_check = True
    controller.save()
    letter.refresh_from_db()
    first, second = ledger.staff(officer), ledger.staff(other_officer)
    row = postings.record(letter, "ordinary", by=first, at=NOW, posted_on=DAY)
    assert (row.state, row.posted_on) == (Posting.State.PREPARED, None)
    assert postings.to_post(officer).exists()
    with pytest.raises(lifecycle.NotAllowed):
        postings.record(letter, "ordinary", by=second, at=NOW)
    with pytest.raises(lifecycle.NotAllowed):
        postings.check(row, DAY, by=first, at=NOW)
    postings.check(row, DAY, by=second, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.posted_on, row.checked_by) == ("posted", DAY, other_officer)
    assert not postings.to_post(officer).exists()
    with pytest.raises(lifecycle.NotAllowed):
        postings.check(row, DAY, by=second, at=NOW)
    with pytest.raises(lifecycle.NotAllowed):
        postings.cancel(row, by=second, at=NOW)
    acts = letter.case.events.values_list("act", flat=True)
    assert list(acts)[-2:] == ["prepare_posting", "post_letter"]


def test_what_is_handed_over_at_the_counter_needs_no_second_check(
    letter: Letter, controller: Any, officer: Any
) -> None:
    controller.second_check = True
    controller.save()
    letter.refresh_from_db()
    by = ledger.staff(officer)
    row = postings.record(letter, "counter", by=by, at=NOW, posted_on=DAY)
    assert row.state == Posting.State.POSTED


def test_a_posting_that_waits_can_be_taken_back(
    letter: Letter, controller: Any, officer: Any, other_officer: Any
) -> None:
    controller.second_check = True
    controller.save()
    letter.refresh_from_db()
    row = postings.record(letter, "ordinary", by=ledger.staff(officer), at=NOW)
    postings.cancel(row, by=ledger.staff(other_officer), at=NOW)
    assert not Posting.objects.exists()
    assert postings.to_post(officer).exists()
    assert letter.case.events.filter(act="cancel_posting").count() == 1


def test_letters_of_other_companies_are_not_on_the_list(
    letter: Letter, foreign_officer: Any
) -> None:
    assert not postings.to_post(foreign_officer).exists()
