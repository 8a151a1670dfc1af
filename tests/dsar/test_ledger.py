"""What was written about a case can be neither changed nor removed unnoticed."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from dsar import ledger
from dsar.models import ActorKind, Case, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(file_case: Any, officer: Any, now: datetime) -> Case:
    """A case with five entries."""
    made: Case = file_case()
    for number in range(4):
        ledger.append(
            made,
            f"act_{number}",
            by=ledger.staff(officer),
            at=now + timedelta(minutes=number),
            facts={"number": number, "語": "日本語", "nothing": None, "list": [1, 2]},
            texts={"reason": f"理由 {number}", "empty": ""},
        )
    return made


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key").get(pk=case.pk)


def test_an_untouched_chain_holds_and_has_its_length(case: Case) -> None:
    assert ledger.verify(fresh(case)) == 5
    assert [event.position for event in case.events.all()] == [1, 2, 3, 4, 5]


def test_each_entry_says_who_did_what_and_when(case: Case, officer: Any, now: datetime) -> None:
    first, second = case.events.all()[:2]
    assert (first.act, first.actor_kind, first.actor) == ("file", ActorKind.REQUESTER, None)
    assert (second.act, second.actor_kind, second.actor) == ("act_0", ActorKind.STAFF, officer)
    assert second.at == now
    assert second.texts() == {"reason": "理由 0"}


@pytest.mark.parametrize(
    "change",
    [
        {"act": "approve"},
        {"at": datetime.fromisoformat("2026-11-10T01:00:00.000001+00:00")},
        {"facts": {"number": 99}},
        {"facts": {}},
        {"sealed": b"x"},
        {"actor_kind": "system"},
        {"actor": None},
        {"from_status": "received"},
        {"to_status": "closed"},
        {"digest": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_entry_is_named(case: Case, change: dict[str, Any]) -> None:
    Event.objects.filter(case=case, position=3).update(**change)
    with pytest.raises(ledger.Broken, match=rf"{case.shown_number}: entry 3 was changed"):
        ledger.verify(fresh(case))


def test_an_edited_entry_with_a_matching_digest_breaks_the_next_one(case: Case) -> None:
    event = case.events.get(position=3)
    event.facts = {"number": 99}
    event.digest = ledger.digest_of(case.number, event)
    event.save()
    with pytest.raises(ledger.Broken, match="entry 4 is missing or out of order"):
        ledger.verify(fresh(case))


def test_the_last_entry_rewritten_with_a_matching_digest_is_missed_at_the_end(case: Case) -> None:
    event = case.events.get(position=5)
    event.facts = {"number": 99}
    event.digest = ledger.digest_of(case.number, event)
    event.save()
    with pytest.raises(ledger.Broken, match="the end of the chain"):
        ledger.verify(fresh(case))


@pytest.mark.parametrize("position", [1, 3])
def test_a_deleted_entry_is_named(case: Case, position: int) -> None:
    Event.objects.filter(case=case, position=position).delete()
    with pytest.raises(ledger.Broken, match=f"entry {position} is missing"):
        ledger.verify(fresh(case))


def test_a_deleted_entry_is_missed_even_if_the_rest_moves_up(case: Case) -> None:
    Event.objects.filter(case=case, position=3).delete()
    for position in (4, 5):
        Event.objects.filter(case=case, position=position).update(position=position - 1)
    with pytest.raises(ledger.Broken, match="entry 3"):
        ledger.verify(fresh(case))


def test_swapped_entries_are_named(case: Case) -> None:
    for now_at, then_at in ((3, 99), (4, 3), (99, 4)):
        Event.objects.filter(case=case, position=now_at).update(position=then_at)
    with pytest.raises(ledger.Broken, match="entry 3"):
        ledger.verify(fresh(case))


def test_entries_cut_off_at_the_end_are_missed(case: Case) -> None:
    Event.objects.filter(case=case, position__gt=3).delete()
    with pytest.raises(ledger.Broken, match="after entry 3 is missing"):
        ledger.verify(fresh(case))


def test_an_entry_of_another_case_does_not_fit(case: Case, file_case: Any) -> None:
    other = file_case()
    Event.objects.filter(case=case).delete()
    Event.objects.filter(case=other).update(case=case)
    with pytest.raises(ledger.Broken, match="entry 1 was changed"):
        ledger.verify(fresh(case))


def test_the_chain_still_holds_after_the_key_is_destroyed(case: Case, now: datetime) -> None:
    case.key.destroy(now)
    assert ledger.verify(fresh(case)) == 5


def test_an_entry_is_written_from_what_the_database_says_not_from_a_stale_copy(
    case: Case, now: datetime
) -> None:
    stale = fresh(case)
    ledger.append(case, "one", by=ledger.SYSTEM, at=now)
    ledger.append(stale, "two", by=ledger.SYSTEM, at=now)
    assert ledger.verify(fresh(case)) == 7
    assert stale.event_count == 7


def test_free_text_rests_sealed_and_facts_in_clear(case: Case) -> None:
    event = case.events.get(position=2)
    assert "理由".encode() not in bytes(event.sealed)
    assert event.facts["number"] == 0


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused(file_case: Any, now: datetime) -> None:
    case = file_case()
    with pytest.raises(RuntimeError, match="together with what it records"):
        ledger.append(case, "alone", by=ledger.SYSTEM, at=now)
    assert case.events.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_gone_if_what_it_records_fails(file_case: Any, now: datetime) -> None:
    case = file_case()
    with transaction.atomic():
        ledger.append(case, "broken", by=ledger.SYSTEM, at=now)
        transaction.set_rollback(True)
    assert ledger.verify(fresh(case)) == 1


def _append_from_threads(case: Case, now: datetime, threads: int, each: int) -> list[Exception]:
    failed: list[Exception] = []
    together = threading.Barrier(threads)

    def work(who: int) -> None:
        try:
            mine = fresh(case)
            together.wait(10)
            for number in range(each):
                with transaction.atomic():
                    ledger.append(
                        mine, "note", by=ledger.SYSTEM, at=now, facts={"who": who, "n": number}
                    )
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=(who,)) for who in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    return failed


@pytest.mark.django_db(transaction=True)
def test_entries_written_at_the_same_time_make_one_chain(file_case: Any, now: datetime) -> None:
    case = file_case()
    assert _append_from_threads(case, now, threads=4, each=5) == []
    assert ledger.verify(fresh(case)) == 21
    written = {(e.facts["who"], e.facts["n"]) for e in case.events.filter(act="note")}
    assert len(written) == 20


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_another_case_is_not_waited_for(file_case: Any, now: datetime) -> None:
    held, free = file_case(), file_case()
    done = threading.Event()

    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            ledger.append(free, "note", by=ledger.SYSTEM, at=now)
        done.set()
        connections.close_all()

    with transaction.atomic():
        ledger.append(held, "note", by=ledger.SYSTEM, at=now)
        worker = threading.Thread(target=work)
        worker.start()
        worker.join(10)
        assert done.is_set()
