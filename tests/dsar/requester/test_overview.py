"""What the status page shows of a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dsar import decision, ledger, lifecycle
from dsar.models import Case, Outcome, StaffMember
from dsar.requester import overview
from tests.factories import do

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("email", "shown"),
    [("taro@example.jp", "t•••@example.jp"), ("a@b.example", "a•••@b.example"), ("", "")],
)
def test_an_address_is_shown_only_as_far_as_one_knows_ones_own(email: str, shown: str) -> None:
    assert overview.masked(email) == shown


def test_the_mail_of_an_agent_is_the_one_shown(filed: Any) -> None:
    case = filed(
        agent={"name": "代理 花子", "email": "hanako@example.jp"}, requester_role="statutory_agent"
    )
    assert "h•••@example.jp" in [row.value for row in overview.summary(case, "ja")]


@pytest.fixture
def examined(filed: Any, officer: StaffMember, noon: datetime) -> Case:
    case: Case = filed(at=noon)
    desk = ledger.staff(officer)
    lifecycle.move(case, "accept", by=desk, at=noon)
    do(case, "confirm_identity", by=desk, at=noon)
    return case


@pytest.mark.parametrize("outcome", ["granted", "partial", "refused", "no_data"])
def test_every_outcome_is_told_in_words_of_its_own(
    examined: Case, officer: StaffMember, approver: StaffMember, noon: datetime, outcome: str
) -> None:
    code = "D1_harm" if outcome in ("partial", "refused") else ""
    draft = decision.Draft(outcome=outcome, code=code, reason="理由", withheld="一部")
    decision.record(examined, draft, by=ledger.staff(officer), at=noon)
    if outcome != "granted":
        decision.approve(examined, by=ledger.staff(approver), at=noon)
    shown = overview.of(examined, at=noon, language="ja")
    verdict = shown["verdict"]
    assert verdict is not None
    basis = {"granted": "", "no_data": "個人情報保護法第33条第3項"}
    assert verdict.article == basis.get(outcome, "個人情報保護法第33条第2項第1号")
    assert shown["lawsuit"].is_refused is (outcome in ("partial", "refused"))
    assert shown["clock"] == []


def test_a_request_that_may_be_put_in_order_says_so(
    filed: Any, officer: StaffMember, noon: datetime
) -> None:
    case = filed(at=noon)
    draft = decision.Draft(outcome=Outcome.NOT_ACCEPTED, code="T3_identity", reason="理由")
    decision.record(case, draft, by=ledger.staff(officer), at=noon)
    verdict = overview.of(case, at=noon, language="ja")["verdict"]
    assert verdict.may_be_cured
    assert verdict.ground == case.rules.thresholds["T3_identity"].text.ja


def test_a_reopened_case_shows_no_decision_until_the_next(
    examined: Case, officer: StaffMember, approver: StaffMember, noon: datetime
) -> None:
    desk = ledger.staff(officer)
    decision.record(examined, decision.Draft(outcome="granted"), by=desk, at=noon)
    later = noon + timedelta(days=1)
    lifecycle.move(examined, "reopen", by=ledger.staff(approver), at=later, texts={"reason": "x"})
    assert overview.of(examined, at=later, language="ja")["verdict"] is None


def test_the_way_to_court_ends_with_its_first_day_and_names_no_due_date(
    filed: Any, noon: datetime
) -> None:
    lawsuit = overview.of(filed(at=noon), at=noon, language="en")["lawsuit"]
    sentences = lawsuit.explained.sentences
    assert sentences[-1] == "A lawsuit may be filed from Wednesday 9 December 2026."
    assert not any(sentence.startswith("Due") for sentence in sentences)
    assert not lawsuit.is_refused


def test_the_clock_of_the_persons_own_time_is_explained_while_we_wait(
    filed: Any, officer: StaffMember, noon: datetime
) -> None:
    case = filed(at=noon)
    texts = {"reason": "x", "message": "y"}
    lifecycle.move(case, "ask", by=ledger.staff(officer), at=noon, texts=texts)
    titles = [item.title for item in overview.of(case, at=noon, language="ja")["clock"]]
    assert titles == [
        case.rules.deadlines["decision"].title.ja,
        case.rules.deadlines["cure"].title.ja,
    ]


def test_the_person_reads_what_was_decided_on_each_thing(
    file_case: Any, advance: Any, officer: Any, approver: Any, now: datetime
) -> None:
    scope = {"scope": {"services": [], "items": "注文の履歴\n通話の録音"}}
    case = advance(file_case(answers=scope), "in_progress")
    first, second = case.items.all()
    drafts = [
        decision.ItemDraft(first.pk, "granted"),
        decision.ItemDraft(second.pk, "partial", "D1_harm", "第三者です。", "他の方の声"),
    ]
    decision.record(case, decision.by_item(drafts), by=ledger.staff(officer), at=now)
    decision.approve(case, by=ledger.staff(approver), at=now)
    verdict = overview.of(case, at=now, language="ja")["verdict"]
    assert not verdict.is_alike
    assert [item.title for item in verdict.items] == ["注文の履歴", "通話の録音"]
    assert verdict.items[0].ground == ""
    assert verdict.items[1].withheld == "他の方の声"
    assert verdict.items[1].article == "個人情報保護法第33条第2項第1号"
