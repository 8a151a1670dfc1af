"""Mail about tasks: who is told when, with links that work once and end with the task."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox

from dsar import collection, ledger, owner_mail, reminders
from dsar.models import Notice, Processor, SearchTask
from tests.factories import SystemFactory

pytestmark = pytest.mark.django_db

DUE = date(2026, 11, 17)


@pytest.fixture
def task(file_case: Any, controller: Any, data_owner: Any, officer: Any) -> SearchTask:
    """Not asked yet; one data owner has a login, another one only an address."""
    system = SystemFactory.create(controller=controller, owner_email="archive@partner.example")
    system.owners.add(data_owner)
    return collection.propose(file_case(assigned_to=officer), [system])[0]


@pytest.fixture
def asked(task: SearchTask, officer: Any, now: datetime) -> SearchTask:
    collection.ask(task, "会員番号 4821", DUE, by=ledger.staff(officer), at=now)
    return task


def _post(at: datetime) -> list[Any]:
    outbox.outbox.clear()
    while batch := reminders.claim(at):
        reminders.deliver_all(batch, at)
    about_tasks = [m for m in outbox.outbox if "/tasks/" in str(m.body) or "顧客管理" in m.subject]
    return list(about_tasks)


def _link(message: Any) -> str:
    found = re.search(r"/tasks/link/([^/\s]+)/", str(message.body))
    assert found is not None
    return found[1]


def test_each_data_owner_is_told_in_their_own_way(
    asked: SearchTask, now: datetime, data_owner: Any
) -> None:
    by_address = {message.to[0]: message for message in _post(now)}
    assert set(by_address) == {data_owner.email, "archive@partner.example"}
    own = str(by_address[data_owner.email].body)
    assert f"/tasks/{asked.pk}/" in own
    assert "/tasks/link/" not in own
    linked = by_address["archive@partner.example"]
    assert collection.open_task_by_link(_link(linked)) == asked
    assert "4821" not in own + str(linked.body)


def test_reminders_come_two_days_before_on_the_day_and_after_it(
    asked: SearchTask, now: datetime
) -> None:
    link = Notice.objects.filter(kind=f"owner_reminder:{asked.pk}:link").order_by("due_at")
    days = [(row.due_at.date() - DUE).days for row in link]
    assert days == [-2, 0, 1]
    late = Notice.objects.get(kind=f"desk_task_late:{asked.pk}")
    assert (late.due_at.date() - DUE).days == 1


def test_a_late_answer_is_told_to_the_cases_officer(
    asked: SearchTask, now: datetime, officer: Any, data_owner: Any
) -> None:
    _post(now)
    sent = _post(now + timedelta(days=8, hours=2))
    assert sorted({message.to[0] for message in sent}) == sorted(
        {officer.email, data_owner.email, "archive@partner.example"}
    )
    (escalated,) = [message for message in sent if message.to == [officer.email]]
    assert "1日" in escalated.subject


def test_nobody_is_reminded_of_what_is_answered(asked: SearchTask, now: datetime) -> None:
    token = _link(next(m for m in _post(now) if m.to == ["archive@partner.example"]))
    collection.answer(asked, "nothing", by=ledger.OWNER, at=now + timedelta(hours=1))
    assert not Notice.objects.filter(kind__startswith="owner_reminder").exists()
    assert _post(now + timedelta(days=9)) == []
    assert collection.open_task_by_link(token) is None


def test_a_reminder_that_is_due_already_is_dropped_when_the_task_ends(
    asked: SearchTask, now: datetime
) -> None:
    late = now + timedelta(days=9)
    claimed = reminders.claim(late)
    collection.answer(asked, "nothing", by=ledger.OWNER, at=late)
    outbox.outbox.clear()
    reminders.deliver_all(claimed, late)
    assert not [m for m in outbox.outbox if "/tasks/" in str(m.body)]
    dropped = Notice.objects.filter(kind__startswith="owner_", last_error="no longer due")
    assert dropped.exists()


def test_the_desk_is_told_once_when_everyone_has_answered(
    file_case: Any, controller: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    systems = [SystemFactory.create(controller=controller) for _n in range(2)]
    for task in collection.propose(case, systems):
        collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    first, second = case.tasks.all()
    collection.answer(first, "nothing", by=ledger.staff(officer), at=now)
    assert not case.notices.filter(kind__startswith="desk_answered").exists()
    collection.answer(second, "nothing", by=ledger.staff(officer), at=now)
    assert case.notices.filter(kind__startswith="desk_answered").count() == 1


def test_the_officer_in_charge_is_not_told_of_the_own_note(
    asked: SearchTask, now: datetime, officer: Any
) -> None:
    collection.answer(asked, "nothing", by=ledger.staff(officer), at=now)
    assert not asked.case.notices.filter(kind__startswith="desk_answered").exists()


def test_reminding_now_replaces_the_link_and_the_planned_mails(
    asked: SearchTask, now: datetime, officer: Any
) -> None:
    old = _link(next(m for m in _post(now) if m.to == ["archive@partner.example"]))
    later = now + timedelta(days=1)
    collection.remind(asked, by=ledger.staff(officer), at=later)
    new = _link(next(m for m in _post(later) if m.to == ["archive@partner.example"]))
    assert collection.open_task_by_link(old) is None
    assert collection.open_task_by_link(new) == asked
    planned = next(m for m in _post(now + timedelta(days=7)) if m.to == ["archive@partner.example"])
    assert _link(planned) == new
    assert asked.case.events.filter(act="remind_task").count() == 1


def test_the_links_token_rests_sealed_and_is_forgotten_once_sent(
    asked: SearchTask, now: datetime
) -> None:
    token = _link(next(m for m in _post(now) if m.to == ["archive@partner.example"]))
    rows = Notice.objects.filter(kind=f"owner_asked:{asked.pk}:link")
    assert rows.get().secret == {}
    assert token.encode() not in bytes(SearchTask.objects.get(pk=asked.pk).token_digest)


def test_who_is_no_data_owner_any_more_gets_no_mail(
    asked: SearchTask, now: datetime, data_owner: Any
) -> None:
    asked.system.owners.remove(data_owner)
    assert [message.to for message in _post(now)] == [["archive@partner.example"]]


def test_a_task_taken_back_is_told(asked: SearchTask, now: datetime, officer: Any) -> None:
    _post(now)
    collection.cancel(asked, by=ledger.staff(officer), at=now, reason="内緒の理由")
    sent = _post(now)
    assert len(sent) == 2
    assert all("不要になりました" in message.subject for message in sent)
    assert not any("内緒の理由" in str(message.body) for message in sent)


def test_a_processors_contact_is_asked_where_the_system_names_nobody(controller: Any) -> None:
    processor = Processor.objects.create(
        controller=controller, name_ja="委託", name_en="P", contact_email="dpo@processor.example"
    )
    system = SystemFactory.create(controller=controller, processor=processor)
    assert owner_mail.link_address(system) == "dpo@processor.example"
    system.owner_email = "own@sample.example"
    assert owner_mail.link_address(system) == "own@sample.example"


def test_a_connector_is_not_asked_by_mail(
    file_case: Any, controller: Any, officer: Any, now: datetime
) -> None:
    system = SystemFactory.create(
        controller=controller, connector="sql", owner_email="x@sample.example"
    )
    task = collection.propose(file_case(), [system])[0]
    collection.ask(task, "", DUE, by=ledger.staff(officer), at=now)
    kinds = set(task.case.notices.filter(facts__task=task.pk).values_list("kind", flat=True))
    assert kinds == {f"desk_task_late:{task.pk}"}
