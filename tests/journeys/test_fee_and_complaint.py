"""A fee that is never paid; and two requests in one filing, one of which is complained about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar import ledger, letters, links
from dsar.models import Case, Fee, Letter, StaffMember
from tests.conftest import Advance, FileCase
from tests.dsar.admin.desk import page_of, text_of
from tests.dsar.intake.test_further import add
from tests.dsar.intake.walking import Walker
from tests.dsar.intake.walking import page_of as page_at
from tests.factories import answers_for, take_fees
from tests.journeys.pages import AtDesk

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.usefixtures("media")]


def written(case: Case, kind: str) -> Letter:
    """The letter, as a worker writes it."""
    row = case.letters.get(kind=kind)
    assert letters.write(row.pk, timezone.now()) == Letter.State.ISSUED
    return case.letters.select_related("case__key").get(pk=row.pk)


def test_a_fee_that_is_not_paid_in_time_ends_the_request_as_not_effective(
    controller: Any,
    file_case: FileCase,
    officer: StaffMember,
    now: datetime,
    freeze: Callable[[datetime], None],
) -> None:
    freeze(now)
    take_fees(controller)
    case, desk = file_case(), AtDesk(officer)
    desk.acts(case, "accept")
    desk.acts(case, "charge_fee")
    assert case.is_stopped
    assert "300円" in written(case, Letter.Kind.FEE).body

    freeze(now + timedelta(days=30))
    desk.acts(case, "end_without_decision")  # the form has found code and reason by itself
    assert (case.outcome, case.outcome_code) == ("not_accepted", "T6_fee")
    body = written(case, Letter.Kind.THRESHOLD).body
    ground = case.rules.thresholds["T6_fee"]
    for words in ("300円", ground.text.ja, ground.article_label.ja):
        assert words in body
    assert Fee.objects.get(case=case).state == Fee.State.LAPSED
    desk.acts(case, "close", notified_by="portal")
    assert not case.letters.filter(kind=Letter.Kind.DECISION).exists()
    assert ledger.verify(case) == case.event_count


def test_two_kinds_in_one_filing_and_a_complaint_about_one_of_them(
    controller: Any,
    file_case: FileCase,
    advance: Advance,
    officer: StaffMember,
    now: datetime,
    freeze: Callable[[datetime], None],
) -> None:
    freeze(now)
    walker = Walker(Client())
    walker.walk()
    add(walker, "correction")
    assert page_at(walker.send()) == "receipt"
    first, second = Case.objects.select_related("key", "controller").order_by("pk")
    assert (first.kind, second.kind) == ("disclosure", "correction")
    assert bytes(first.receipt_code_digest) == bytes(second.receipt_code_digest)
    desk = AtDesk(officer)
    desk.browser.force_login(officer)
    assert second.shown_number in text_of(desk.browser.get(page_of(first)))

    # Each goes its own way.
    advance(first, "closed", at=now)
    assert Case.objects.get(pk=second.pk).status == "received"

    freeze(now + timedelta(days=3))
    answers = answers_for("appi", "complaint")
    answers["complaint"] |= {"category": "answer", "about_case": first.number}
    case = file_case("complaint", answers=answers, at=timezone.now())
    desk.acts(case, "start")
    [linked] = links.of(case)
    assert linked.case == first
    desk.acts(case, "investigate", examined="先の案件の記録", finding="説明が足りなかった。")
    desk.acts(case, "decide", answer="説明が足りず、申し訳ございませんでした。")
    body = written(case, Letter.Kind.COMPLAINT).body
    assert "申し訳ございませんでした" in body
    assert "説明が足りなかった" not in body  # what was found out stays in the house
    for authority in case.rules.external_bodies:
        assert authority.url in body
    desk.acts(case, "close", notified_by="portal")
    for row in (first, case):
        row.refresh_from_db()
        assert ledger.verify(row) == row.event_count
