"""From the first page of the form to the closed case: every kind of request, told by its mails.

Everybody acts through the pages: the person through the form and the status page, officer and
approver through the desk.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.message import Message as Mail
from typing import Any

import pytest

from dsar import decision, ledger
from dsar.models import Case, Notice, StaffMember
from tests.conftest import Advance
from tests.factories import plain_decision, refusal
from tests.journeys.pages import AtDesk
from tests.journeys.request import Journey

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.usefixtures("media")]

PERSONAL = ("見本", "花子", "hanako", "0900000", "090-0000", "見本町", "広告社")
QUESTION = "どのサービスのことか教えてください。"


def examine(journey: Journey, case: Case, desk: AtDesk, receipt: tuple[str, str]) -> None:
    """The desk's work up to the decision, with a question on the way that the person answers."""
    journey.day(1)
    if case.rule.identity == "required":
        desk.acts(case, "accept")
        journey.day(2)
        # Where the rule set is content with the confirmed address, nothing more is asked.
        desk.acts(case, "confirm_identity", {"check_method": "photo_id"})
    else:
        desk.acts(case, "start")
    journey.day(3)
    desk.acts(case, "ask", reason="対象が特定できない", message=QUESTION)
    assert len(journey.post()) == 1
    journey.day(5)
    browser, page = journey.come_back(*receipt)
    assert QUESTION in page
    journey.sends(browser, "/en/status/request/message/", body="会員サービスです。")
    desk.acts(case, "resume", reason="回答が届いた")


def decide(case: Case, draft: decision.Draft, desk: AtDesk) -> None:
    """Type a decision into the form of its act."""
    act = "end_without_decision" if draft.outcome == "not_accepted" else "decide"
    typed = {"code": draft.code, "reason": draft.reason, "answer": draft.answer}
    typed |= {"alternative_measure": draft.alternative_measure}
    if act == "decide":
        typed["outcome"] = draft.outcome
    desk.acts(case, act, **{name: text for name, text in typed.items() if text})


def check_the_end(journey: Journey, case: Case) -> None:
    """What holds for every case that came to its end."""
    assert (case.status, case.next_due_code, case.due_on) == ("closed", "", None)
    assert ledger.verify(case) == case.events.count()
    owed = case.deadlines.filter(met_on=None).exclude(code="art39_marker")
    assert not owed.exists()
    rows = case.deadlines.all()
    assert [row for row in rows if row.met_on and row.due_on and row.due_on < row.met_on] == []
    assert not Notice.objects.exclude(state__in=("sent", "cancelled")).exists()
    for letter in journey.sent:
        text = f"{letter.subject}\n{letter.body}\n{_headers(letter.message())}"
        assert [found for found in PERSONAL if found in text] == [], letter.subject


def _headers(letter: Mail) -> str:
    return "\n".join(f"{name}: {value}" for name, value in letter.items() if name != "To")


@pytest.fixture
def journey(
    law_kind: tuple[str, str], controller: Any, now: datetime, freeze: Callable[[datetime], None]
) -> Journey:
    return Journey(now, freeze, *law_kind)


def test_a_request_is_granted_from_the_form_to_the_closed_case(
    journey: Journey, law_kind: tuple[str, str], officer: StaffMember, approver: StaffMember
) -> None:
    receipt = journey.fill_in()
    journey.confirm()
    case = Case.objects.get()
    assert (case.regime, case.kind) == law_kind
    assert case.shown_number == receipt[0]
    assert case.email_confirmed_at == journey.start

    desk = AtDesk(officer)
    examine(journey, case, desk, receipt)
    journey.day(7)
    decide(case, plain_decision(case), desk)
    if case.rule.effect == "erase":  # nothing is gone for good before a second person agrees
        assert case.status == "in_approval"
        AtDesk(approver).acts(case, "approve")
    assert len(journey.post()) == 2  # it goes on, and it is decided
    final = decision.final(case)
    assert final is not None
    assert final.answer in journey.come_back(*receipt)[1]

    journey.day(9)
    desk.acts(case, "close", notified_by="portal")
    assert len(journey.post()) == 1
    check_the_end(journey, Case.objects.get())


def test_a_request_is_refused_by_two_people_or_found_not_effective(
    journey: Journey, officer: StaffMember, approver: StaffMember, advance: Advance
) -> None:
    receipt = journey.fill_in()
    journey.confirm()
    # The pages up to here are the same as for a grant, and not gone through twice.
    case = advance(Case.objects.get(), "in_progress", at=journey.day(1))
    draft, desk = refusal(case), AtDesk(officer)
    journey.day(7)
    decide(case, draft, desk)
    if draft.outcome == "refused":
        assert case.status == "in_approval"
        assert journey.post() == []  # nothing is told before the approval
        assert draft.reason not in journey.come_back(*receipt)[1]
        journey.day(8)
        AtDesk(approver).acts(case, "approve")
    journey.post()
    assert draft.reason in journey.come_back(*receipt)[1]

    journey.day(9)
    desk.acts(case, "close", notified_by="portal")
    journey.post()
    after = Case.objects.get()
    assert (after.outcome, after.outcome_code) == (draft.outcome, draft.code)
    check_the_end(journey, after)


def test_a_request_is_withdrawn_by_the_person(journey: Journey) -> None:
    receipt = journey.fill_in()
    journey.confirm()
    journey.day(1)
    browser, _page = journey.come_back(*receipt)
    journey.sends(browser, "/en/status/request/withdraw/")
    assert len(journey.post()) == 1
    check_the_end(journey, Case.objects.get())
