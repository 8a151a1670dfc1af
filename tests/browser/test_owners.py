"""A data owner answers by the mailed link, on a phone; and the desk reads it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from dsar import collection, deadlines, filing, ledger
from dsar.models import Controller, SearchTask
from tests.browser.conftest import NewVisitor
from tests.browser.mailbox import letter_to, link_in
from tests.browser.uploading import attach
from tests.browser.visitor import PHONE
from tests.factories import (
    PASSWORD,
    RECEIPT_CODE,
    StaffFactory,
    SystemFactory,
    filing_for,
    pdf,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def task(portal: Any) -> SearchTask:
    """Asked just now of somebody without a login."""
    now = timezone.now()
    controller = Controller.objects.get(code="sample")
    wanted = filing_for(controller, received_at=now)
    case = filing.file(wanted, by=ledger.REQUESTER, at=now, receipt_code=RECEIPT_CODE)
    address = f"{uuid.uuid4().hex[:12]}@archive.example"
    system = SystemFactory.create(
        controller=controller, code=uuid.uuid4().hex[:12], owner_email=address
    )
    (row,) = collection.propose(case, [system])
    due_on = collection.default_due(case, deadlines.today(case, now))
    collection.ask(row, "会員番号: 4821", due_on, by=ledger.SYSTEM, at=now)
    return row


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_data_owner_answers_by_link(
    language: str, scripts: bool, task: SearchTask, visitor: NewVisitor
) -> None:
    link = link_in(letter_to(task.system.owner_email), "/tasks/link/")
    if language == "en":
        link = link.replace("/tasks/", "/en/tasks/")
    owner = visitor(language=language, size=PHONE, scripts=scripts)
    owner.opens(link)
    owner.looks_at("owner-link")
    owner.goes_on()
    owner.arrives_at("owners:open")
    assert "4821" in owner.text
    owner.looks_at("owner-task")
    owner.page.locator("main form button.button-primary").click()
    owner.arrives_at("owners:open")
    owner.looks_at("owner-task-empty")
    owner.chooses(state="found")
    owner.fills(answer="1件です。")
    attach(owner, pdf("台帳.pdf"))
    owner.page.locator("main form button.button-primary").click()
    owner.arrives_at("owners:done")
    owner.looks_at("owner-done")
    task.refresh_from_db()
    assert (task.state, task.materials.count()) == ("found", 1)
    with owner.expecting(404):
        owner.opens(link)
        owner.goes_on()
    owner.looks_at("owner-gone")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_data_owner_with_a_login_reports_what_was_carried_out_with_a_proof(
    language: str, task: SearchTask, visitor: NewVisitor
) -> None:
    name = f"owner-{uuid.uuid4().hex[:8]}"
    person = StaffFactory.create(username=name, role="data_owner", at=task.case.controller)
    task.system.owners.add(person)
    SearchTask.objects.filter(pk=task.pk).update(purpose=SearchTask.Purpose.CARRY_OUT)
    owner = visitor(language=language, size=PHONE)
    owner.goes_to("owners:tasks")
    owner.fills(username=name, password=PASSWORD)
    owner.goes_on()
    owner.arrives_at("owners:tasks")
    owner.looks_at("own-tasks")
    owner.page.locator(".owner-tasks a").first.click()
    owner.arrives_at("owners:task", task.pk)
    owner.looks_at("own-task-carry-out")
    owner.fills(answer="削除しました。")
    attach(owner, pdf("削除記録.pdf"))
    owner.page.locator("main form button.button-primary").click()
    owner.arrives_at("owners:tasks")
    owner.looks_at("own-tasks-none")
    task.refresh_from_db()
    assert task.state == "done"
