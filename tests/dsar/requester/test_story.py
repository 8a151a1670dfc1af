"""A case told in plain words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from dsar import casework, correspondence, deadlines, decision, ledger, lifecycle
from dsar.models import Case, Event, Outcome, StaffMember, Status
from dsar.requester import overview, story
from dsar.requester import stages as where
from tests.factories import do

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def case(filed: Any, noon: datetime) -> Case:
    made: Case = filed(at=noon)
    return made


def told(case: Case) -> list[str]:
    """The sentences, oldest first."""
    entries = story.timeline(
        case, overview.told_events(case), list(case.extensions.order_by("id")), "en"
    )
    return [entry.title for entry in reversed(entries)]


def standing(case: Case, at: datetime) -> where.Standing:
    rows = {row.code: row for row in case.deadlines.all()}
    return where.standing(case, rows, deadlines.today(case, at))


def stages(case: Case) -> list[tuple[str, str]]:
    rows = {row.code: row for row in case.deadlines.all()}
    return [(stage.label, stage.state) for stage in where.stages(case, rows)]


def test_every_act_of_the_way_is_told_in_one_sentence(
    case: Case, desk: ledger.Actor, approver: StaffMember, noon: datetime
) -> None:
    def move(act: str, day: int, **given: Any) -> None:
        lifecycle.move(case, act, by=desk, at=noon + timedelta(days=day), **given)

    move("accept", 1)
    move("ask", 2, texts={"reason": "inside", "message": "address"})
    correspondence.send(case, "address", by=desk, at=noon + timedelta(days=2), tell=False)
    correspondence.send(case, "here", by=ledger.REQUESTER, at=noon + timedelta(days=3))
    move("resume", 3, facts={"resumed_on": date(2026, 11, 27)}, texts={"reason": "inside"})
    do(case, "confirm_identity", by=desk, at=noon + timedelta(days=4))
    move("extend", 5, texts={"reason": "many records"})
    draft = decision.Draft(outcome="refused", code="D1_harm", reason="r")
    decision.record(case, draft, by=desk, at=noon + timedelta(days=6))
    decision.send_back(case, "inside", by=ledger.staff(approver), at=noon + timedelta(days=6))
    decision.record(case, draft, by=desk, at=noon + timedelta(days=7))
    decision.approve(case, by=ledger.staff(approver), at=noon + timedelta(days=8))
    facts = {"notified_by": "portal", "notified_on": date(2026, 12, 3)}
    move("close", 9, facts=facts)
    sentences = told(case)
    assert sentences[:6] == [
        "You sent us your request.",
        "We accepted your request and began to check your identity.",
        "We asked you for something that is missing.",
        "You sent us a message.",
        "We went on with your request.",
        "We confirmed your identity and began to examine your request.",
    ]
    assert sentences[6].startswith("We put off the date of our answer to ")
    assert sentences[7:] == ["We decided on your request: Refused.", "We closed the case."]


def test_the_reason_of_an_extension_is_told_with_its_date(
    case: Case, desk: ledger.Actor, noon: datetime
) -> None:
    lifecycle.move(case, "extend", by=desk, at=noon, texts={"reason": "many records"})
    events, extensions = overview.told_events(case), list(case.extensions.all())
    newest = story.timeline(case, events, extensions, "en")[0]
    due = case.deadlines.get(code="decision").due_on
    assert due is not None
    assert newest.title.endswith(f"{due.day} {due:%B %Y}.")
    assert newest.text == "many records"


@pytest.mark.parametrize("act", ["note", "assign", "propose", "send_back", "view", "made_up"])
def test_what_is_inside_the_desk_is_not_told(case: Case, noon: datetime, act: str) -> None:
    inside = Event(case=case, act=act, at=noon, facts={"to": 1})
    assert story.timeline(case, [inside], [], "en") == []


def test_who_changed_the_method_is_told(case: Case, desk: ledger.Actor, noon: datetime) -> None:
    casework.change_method(case, "paper", "counter", by=ledger.REQUESTER, at=noon)
    casework.change_method(case, "electronic_record", "cd_r", by=desk, at=noon + timedelta(hours=1))
    assert told(case)[1:] == [
        "You changed how you receive our answer.",
        "We changed how you receive our answer.",
    ]
    entries = story.timeline(case, overview.told_events(case), [], "ja")
    assert "CD-R" in str(entries[0].text)


def test_days_are_counted_down_to_the_day_itself(case: Case, noon: datetime) -> None:
    assert standing(case, noon).days == "14 days left"
    assert standing(case, noon + timedelta(days=13)).days == "1 day left"
    last = standing(case, noon + timedelta(days=14))
    assert (last.days, last.is_late) == ("Today is the last day.", False)
    assert standing(case, noon + timedelta(days=15)).is_late


def test_a_day_begins_at_midnight_of_the_rule_sets_zone(case: Case, noon: datetime) -> None:
    in_tokyo_already_wednesday = noon.replace(hour=15, minute=0)
    assert standing(case, in_tokyo_already_wednesday).days == "13 days left"


def test_while_we_wait_the_persons_own_day_is_told(
    case: Case, desk: ledger.Actor, noon: datetime
) -> None:
    lifecycle.move(case, "ask", by=desk, at=noon, texts={"reason": "x", "message": "y"})
    now = standing(case, noon)
    assert now.by_label == "Please answer by"
    assert now.by == case.deadlines.get(code="cure").due_on


@pytest.mark.parametrize("status", Status.values)
def test_every_status_has_its_words(case: Case, noon: datetime, status: str) -> None:
    case.status = status
    now = standing(case, noon)
    assert now.headline
    assert now.next
    assert any(state == "current" for _label, state in stages(case)) or status == Status.CLOSED


def test_waiting_stays_in_the_stage_it_began_in(
    case: Case, desk: ledger.Actor, noon: datetime
) -> None:
    lifecycle.move(case, "accept", by=desk, at=noon)
    lifecycle.move(case, "ask", by=desk, at=noon, texts={"reason": "x", "message": "y"})
    assert ("Identity check", "current") in stages(case)


def test_a_complaint_has_no_identity_stage(filed: Any) -> None:
    case = filed(kind="complaint", method="", delivery="")
    assert "Identity check" not in [label for label, _state in stages(case)]


def test_a_withdrawn_case_shows_no_stage_it_never_reached(case: Case, noon: datetime) -> None:
    lifecycle.move(case, "withdraw", by=ledger.REQUESTER, at=noon, outcome=Outcome.WITHDRAWN)
    assert stages(case) == [("Received", "done"), ("Closed", "done")]
    assert standing(case, noon).by is None
