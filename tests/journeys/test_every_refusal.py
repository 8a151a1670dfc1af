"""Every ground of every rule set: decided at the desk, agreed to, and told in the letter.

What the form offers, and what it refuses, is told by the tests of the desk; here each code that
the law knows for a kind goes the whole way from the officer's form to the frozen letter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dsar import ledger, letter_pdf, letters
from dsar.law import shelf
from dsar.models import Case, Letter, StaffMember
from tests.conftest import Advance, FileCase
from tests.factories import LAW_KINDS
from tests.journeys.pages import AtDesk

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.usefixtures("media")]

REASON = "ご請求の記録について、このように判断した理由の説明です。"
MEASURE = "代わりに、ご本人の記録を利用しないようにいたします。"
WITHHELD = "第三者の記録"


def kinds_with(names: str) -> list[Any]:
    """Each kind of each rule set with each of its codes, named for the test's id."""
    return [
        pytest.param(regime, kind, code, id=f"{regime}-{kind}-{code}")
        for regime, kind in LAW_KINDS
        for code in getattr(shelf.book().versions(regime)[-1].kinds[kind], names)
    ]


def once_each(found: list[Any]) -> list[Any]:
    """Each code of each rule set with one of its kinds: the form is the same for all of them."""
    return list({(row.values[0], row.values[2]): row for row in found}.values())


@pytest.fixture
def desk(officer: StaffMember) -> AtDesk:
    return AtDesk(officer)


def letter_of(case: Case, kind: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """The letter as it is frozen. How it is drawn is told elsewhere, and costs most of the time."""
    monkeypatch.setattr(letter_pdf, "as_pdf", lambda sheet: b"%PDF-1.7\n")
    row = case.letters.get(kind=kind)
    assert letters.write(row.pk, now) == Letter.State.ISSUED
    return case.letters.select_related("case__key").get(pk=row.pk)


@pytest.mark.parametrize(("regime", "kind", "code"), kinds_with("refusals"))
def test_each_ground_is_decided_agreed_to_and_named_in_the_letter_with_its_article(
    regime: str,
    kind: str,
    code: str,
    file_case: FileCase,
    advance: Advance,
    desk: AtDesk,
    approver: StaffMember,
    now: datetime,
    freeze: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freeze(now)
    case = advance(file_case(kind, regime), "in_progress")
    ground = case.rules.refusals[code]
    if code == case.rule.no_data_code:
        outcome, typed = "no_data", {"answer": "該当するデータは保有しておりません。"}
    elif not ground.is_refusal:  # granted, in another way than was asked
        outcome, typed = "granted", {"code": code, "reason": REASON}
    elif ground.partial_only:
        outcome, typed = "partial", {"code": code, "reason": REASON, "withheld": WITHHELD}
    else:
        outcome, typed = "refused", {"code": code, "reason": REASON}
    if ground.requires_alternative:
        typed["alternative_measure"] = MEASURE
    desk.acts(case, "decide", outcome=outcome, **typed)
    if case.status == "in_approval":
        AtDesk(approver).acts(case, "approve")
    assert (case.status, case.outcome, case.outcome_code) == ("decided", outcome, code)
    letter = letter_of(case, Letter.Kind.DECISION, now, monkeypatch)
    assert ground.article_label.ja in letter.body
    assert ground.text.ja in letter.body or outcome == "no_data"
    for words in set(typed.values()) - {code}:
        assert words in letter.body
    case.refresh_from_db()
    assert ledger.verify(case) == case.event_count


@pytest.mark.parametrize(("regime", "kind", "code"), once_each(kinds_with("thresholds")))
def test_each_reason_why_a_request_is_not_effective_is_told_and_is_no_refusal(
    regime: str,
    kind: str,
    code: str,
    file_case: FileCase,
    advance: Advance,
    desk: AtDesk,
    now: datetime,
    freeze: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freeze(now)
    case = advance(file_case(kind, regime), "in_progress")
    desk.acts(case, "end_without_decision", code=code, reason=REASON)
    assert (case.status, case.outcome, case.outcome_code) == ("decided", "not_accepted", code)
    letter = letter_of(case, Letter.Kind.THRESHOLD, now, monkeypatch)
    ground = case.rules.thresholds[code]
    for words in (ground.article_label.ja, ground.text.ja, REASON):
        assert words in letter.body
    assert not case.letters.filter(kind=Letter.Kind.DECISION).exists()


def test_every_ground_that_the_law_knows_belongs_to_a_kind() -> None:
    for regime in {regime for regime, _kind in LAW_KINDS}:
        rules = shelf.book().versions(regime)[-1]
        for known, names in ((rules.refusals, "refusals"), (rules.thresholds, "thresholds")):
            used = {code for kind in rules.kinds.values() for code in getattr(kind, names)}
            assert used == set(known), regime
