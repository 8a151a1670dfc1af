"""Who has probably asked before, how often, and merging two cases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import duplicates, fees, ledger, lifecycle, links, notices
from dsar.models import Case, CaseLink, Outcome, Status
from tests.factories import AGENT, PRINCIPAL, do, take_fees

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)


@pytest.fixture
def desk(officer: Any) -> ledger.Actor:
    return ledger.staff(officer)


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def someone(**given: str) -> dict[str, str]:
    """Another person with these values."""
    other = {
        "name": "別人 次郎",
        "birth_date": "1970-01-01",
        "address": "大阪府例示市1-1",
        "email": "jiro@other.example",
        "phone": "090-0000-0009",
        "customer_number": "C-9999999",
    }
    return {**other, **given}


def same(case: Case, other: dict[str, str], file_case: Any) -> tuple[str, ...]:
    made = file_case(principal=other)
    found = duplicates.likely(fresh(case), today=TODAY)
    return next((row.same for row in found if row.case.pk == made.pk), ())


# --- Who asked before ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("shared", "likely"),
    [
        (("name", "email"), True),
        (("name", "birth_date"), True),
        (("name", "address"), True),
        (("name",), False),  # people share names
        (("email",), False),  # a couple shares an address, but not the day of birth
        (("email", "birth_date"), True),
        (("customer_number", "birth_date"), True),
        (("birth_date",), False),
        ((), False),
    ],
)
def test_what_two_requests_share_decides(
    file_case: Any, shared: tuple[str, ...], likely: bool
) -> None:
    case = file_case()
    found = same(case, someone(**{name: PRINCIPAL[name] for name in shared}), file_case)
    assert set(found) == (set(shared) if likely else set())


def test_spelling_does_not_matter(file_case: Any) -> None:
    case = file_case()
    typed = someone(name="見本　花子", email="HANAKO@person.example")
    assert same(case, typed, file_case) == ("name", "email")


def test_an_address_shared_by_another_without_a_birthday_counts(file_case: Any) -> None:
    case = file_case()
    assert same(case, someone(email=PRINCIPAL["email"], birth_date=""), file_case) == ("email",)


def test_the_agent_is_not_the_person(file_case: Any) -> None:
    """A lawyer's clients are not each other."""
    case = file_case(agent=dict(AGENT))
    assert same(case, someone(email=AGENT["email"]), file_case) == ()
    other = file_case(principal=someone(), agent=dict(AGENT))
    assert other not in [row.case for row in duplicates.likely(fresh(case), today=TODAY)]


def test_other_companies_and_long_closed_cases_are_not_shown(
    file_case: Any, advance: Any, other_controller: Any, now: datetime
) -> None:
    case = file_case()
    file_case(controller=other_controller)
    long_ago = now - timedelta(days=400)
    open_since = file_case("correction", at=long_ago)
    advance(file_case(at=long_ago), "closed", at=long_ago)
    found = duplicates.likely(fresh(case), today=TODAY)
    assert [(row.case.pk, row.is_same_kind) for row in found] == [(open_since.pk, False)]


def test_a_destroyed_case_is_left_out(file_case: Any, now: datetime) -> None:
    case, gone = file_case(), file_case()
    key = gone.key
    key.destroyed_at = now
    key.save()
    assert duplicates.likely(fresh(case), today=TODAY) == []


def test_many_requests_take_no_more_queries_than_one(file_case: Any) -> None:
    case = file_case()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            duplicates.likely(fresh(case), today=TODAY)
        return len(found)

    file_case()
    one = queries()
    for _n in range(5):
        file_case()
    assert queries() == one
    assert len(duplicates.likely(fresh(case), today=TODAY)) == 6


# --- Asking again -------------------------------------------------------------------------
def repetition(case: Case) -> duplicates.Repetition | None:
    case = fresh(case)
    return duplicates.repetition(case, duplicates.likely(case, today=TODAY))


def test_the_third_request_within_a_year_is_beyond_what_the_ccpa_asks(
    file_case: Any, now: datetime
) -> None:
    first, second, third = (
        file_case("know_specific", "ccpa", at=now - timedelta(days=days)) for days in (200, 100, 0)
    )
    assert repetition(first) is None
    for case, count, is_beyond in ((second, 2, False), (third, 3, True)):
        found = repetition(case)
        assert found is not None
        assert (found.count, found.is_beyond) == (count, is_beyond)
    file_case("delete", "ccpa", at=now - timedelta(days=1))
    assert repetition(file_case("delete", "ccpa")) is None  # the law speaks of knowing alone


def test_what_was_asked_more_than_a_year_ago_does_not_count(file_case: Any, now: datetime) -> None:
    file_case("access", "gdpr", at=now - timedelta(days=366))
    assert repetition(file_case("access", "gdpr")) is None


def test_other_kinds_and_merged_ones_do_not_count(
    file_case: Any, desk: ledger.Actor, now: datetime
) -> None:
    first = file_case("access", "gdpr", at=now - timedelta(days=9))
    merged = file_case("access", "gdpr", at=now - timedelta(days=8))
    duplicates.merge(merged, first, reason="同じ", by=desk, at=now)
    file_case("rectification", "gdpr", at=now - timedelta(days=7))
    last = repetition(file_case("access", "gdpr"))
    assert last is not None
    assert (last.count, last.is_beyond) == (2, False)


def test_japans_act_names_no_number(file_case: Any) -> None:
    file_case()
    assert repetition(file_case()) is None


# --- Merging ------------------------------------------------------------------------------
def test_the_later_case_is_closed_and_both_files_say_so(
    file_case: Any, desk: ledger.Actor, now: datetime
) -> None:
    first, second = file_case(), file_case(at=now + timedelta(hours=1))
    links.link(second, first, CaseLink.Kind.REPEAT, by=desk, at=now)
    duplicates.merge(second, first, reason="同じ内容", by=desk, at=now + timedelta(hours=2))
    second = fresh(second)
    assert (second.status, second.outcome) == (Status.CLOSED, Outcome.MERGED)
    assert [row.link.kind for row in links.of(second)] == [CaseLink.Kind.DUPLICATE]
    assert second.due_on is None
    assert second.notices.filter(kind=notices.MERGED).count() == 1
    assert first.events.filter(act="merge_in").exists()
    assert fresh(first).status == Status.RECEIVED
    for case in (first, second):
        assert ledger.verify(fresh(case)) == fresh(case).event_count


def test_a_merged_case_is_not_counted_twice(
    file_case: Any, desk: ledger.Actor, now: datetime
) -> None:
    first, second = file_case(), file_case()
    duplicates.merge(second, first, reason="同じ", by=desk, at=now)
    assert list(Case.objects.counted()) == [first]


def test_merging_is_refused_where_it_makes_no_sense(
    file_case: Any, other_controller: Any, desk: ledger.Actor, now: datetime
) -> None:
    first, second, third = (file_case(at=now + timedelta(hours=n)) for n in range(3))
    foreign = file_case(controller=other_controller)
    at = now + timedelta(days=1)
    for case, into in ((first, second), (first, first), (second, foreign)):
        with pytest.raises(lifecycle.NotAllowed):
            duplicates.merge(case, into, reason="同じ", by=desk, at=at)
    duplicates.merge(second, first, reason="同じ", by=desk, at=at)
    with pytest.raises(lifecycle.NotAllowed):  # it was merged itself
        duplicates.merge(third, fresh(second), reason="同じ", by=desk, at=at)
    for actor in (ledger.REQUESTER, ledger.SYSTEM):
        with pytest.raises(lifecycle.NotAllowed):
            duplicates.merge(third, first, reason="同じ", by=actor, at=at)
    assert fresh(third).is_open


def test_merging_on_an_outdated_page_leaves_nothing(
    file_case: Any, desk: ledger.Actor, now: datetime
) -> None:
    first, second = file_case(), file_case()
    with pytest.raises(lifecycle.Conflict):
        duplicates.merge(second, first, reason="同じ", by=desk, at=now, seen=second.version - 1)
    assert not CaseLink.objects.exists()
    assert first.event_count == 1


def test_reopening_undoes_the_merging(
    file_case: Any, desk: ledger.Actor, approver: Any, now: datetime
) -> None:
    first, second = file_case(), file_case()
    duplicates.merge(second, first, reason="同じ", by=desk, at=now)
    do(fresh(second), "reopen", by=ledger.staff(approver), at=now)
    second = fresh(second)
    assert (second.status, second.outcome) == (Status.IDENTITY_CHECK, "")
    assert [row.link.kind for row in links.of(second)] == [CaseLink.Kind.REPEAT]
    assert Case.objects.counted().count() == 2
    duplicates.merge(second, first, reason="やはり同じ", by=desk, at=now)


def test_a_fee_that_is_open_lapses_with_the_merged_case(
    file_case: Any, controller: Any, desk: ledger.Actor, now: datetime
) -> None:
    take_fees(controller)
    first, second = file_case(), file_case()
    fees.charge(second, 300, by=desk, at=now)
    duplicates.merge(second, first, reason="同じ", by=desk, at=now)
    fee = fees.current(fresh(second))
    assert fee is not None
    assert fee.state == "lapsed"
