"""From the examination to the closed case through the data owners: mails, links, pages, proof."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from dsar import decision, files, ledger, limits, materials, reminders
from dsar.models import Case, Letter, Material, Processor, SearchTask
from tests.dsar.admin.desk import act_of, page_of, parts, text_of
from tests.factories import PRINCIPAL, SystemFactory, do, pdf

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.usefixtures("media")]

CRM, SHOP, PRINTER = "crm@sample.example", "shop@sample.example", "dpo@printer.example"


@pytest.fixture(autouse=True)
def _limits() -> Iterator[None]:
    limits.reset()
    yield
    limits.reset()


class Office:
    """The officer's browser, the mailboxes of the data owners, and every clock."""

    def __init__(self, officer: Any, freeze: Callable[[datetime], None], start: datetime) -> None:
        self.officer, self.freeze, self.start = officer, freeze, start
        self.sent: list[Any] = []
        self.desk = Client()
        self.day(0)

    def day(self, number: int) -> datetime:
        """Move every clock to ten in the morning of that day; the officer signs in."""
        now = self.start + timedelta(days=number)
        self.freeze(now)
        self.desk.force_login(self.officer)
        return now

    def post(self) -> None:
        """Deliver what is due, as the worker does."""
        now = timezone.now()
        mail.outbox.clear()
        while batch := reminders.claim(now):
            reminders.deliver_all(batch, now)
        self.sent += mail.outbox

    def ask_all(self, case: Case) -> None:
        """Ask everyone who is proposed, with the question as it is offered."""
        page = self.desk.get(act_of(case, "ask_all"))
        form = page.context["form"]
        due = form["due_on"].value()
        given = {"text": form["text"].value(), "shared": form["shared"].value()}
        sent = self.desk.post(
            act_of(case, "ask_all"), {**given, **parts("due_on", due.year, due.month, due.day)}
        )
        assert sent.status_code == 302
        self.post()

    def visit(self, address: str) -> Client:
        """The data owner at this address opens the newest mail and presses the button."""
        newest = [letter for letter in self.sent if letter.to == [address]][-1]
        link = re.search(r"http://127.0.0.1:8000(/tasks/link/\S+)", str(newest.body))
        assert link is not None
        browser = Client()
        assert browser.get(link[1]).status_code == 200  # as a mail scanner would
        assert browser.post(link[1]).status_code == 302
        return browser


@pytest.fixture
def office(officer: Any, freeze: Any, now: datetime) -> Office:
    return Office(officer, freeze, now)


@pytest.fixture
def systems(controller: Any, data_owner: Any) -> None:
    """One with a login, one with an address, one at a processor."""
    printer = Processor.objects.create(
        controller=controller, name_ja="印刷社", name_en="Printer", contact_email=PRINTER
    )
    members = SystemFactory.create(controller=controller, code="members", name_en="Members")
    members.owners.add(data_owner)
    SystemFactory.create(controller=controller, code="shop", owner_email=SHOP)
    SystemFactory.create(controller=controller, code="print", processor=printer)


def _task(case: Case, code: str, purpose: str = "search") -> SearchTask:
    return SearchTask.objects.get(case=case, system__code=code, purpose=purpose)


@pytest.mark.usefixtures("systems")
def test_a_disclosure_over_three_systems(
    office: Office, file_case: Any, advance: Any, data_owner: Any
) -> None:
    case = advance(file_case(), "in_progress")
    office.ask_all(case)
    told = sorted(letter.to[0] for letter in office.sent if "/tasks/" in str(letter.body))
    assert told == sorted([data_owner.email, SHOP, PRINTER])
    bodies = "".join(f"{letter.subject}{letter.body}" for letter in office.sent)
    assert not [value for value in PRINCIPAL.values() if value in bodies]

    office.day(1)
    owner = Client()
    owner.force_login(data_owner)
    page = f"/en/tasks/{_task(case, 'members').pk}/"
    table = SimpleUploadedFile("members.csv", "氏名,登録日\n見本 花子,2020-01-01\n".encode())
    owner.post(page, {"state": "found", "uploads": [table, pdf("card.pdf")]})
    office.visit(SHOP).post("/en/tasks/open/", {"state": "nothing"})

    office.day(9)  # the processor is late: it and the officer are reminded; nobody else waits
    office.post()
    late = [letter.to[0] for letter in mail.outbox]
    assert PRINTER in late
    assert any("【回答待ち】" in letter.subject for letter in mail.outbox)
    assert SHOP not in late
    assert data_owner.email not in late
    office.visit(PRINTER).post(
        "/en/tasks/open/", {"state": "not_ours", "answer": "会員サービス部にあるはずです。"}
    )

    text = text_of(office.desk.get(page_of(case)))
    for words in ("3 of 3 answered", "Data found", "Nothing found", "Not ours", "card.pdf"):
        assert words in text
    rows = list(Material.objects.filter(case=case))
    assert [row.form for row in rows] == ["table", "pdf"]
    assert next(iter(materials.rows(rows[0].original)))["氏名"] == "見本 花子"
    # What is masked and given is told by the journeys of the decision.
    Material.objects.filter(case=case).update(state=Material.State.LEFT_OUT)
    advance(Case.objects.get(pk=case.pk), "closed", at=timezone.now())
    assert not SearchTask.objects.filter(case=case, purpose="carry_out").exists()
    assert not case.letters.filter(kind=Letter.Kind.COMPLETION).exists()
    ledger.verify(Case.objects.get(pk=case.pk))


@pytest.mark.usefixtures("systems")
def test_an_erasure_with_a_processors_proof(
    office: Office, file_case: Any, advance: Any, data_owner: Any, officer: Any, approver: Any
) -> None:
    case = advance(file_case("erasure"), "in_progress")
    office.ask_all(case)
    owner = Client()
    owner.force_login(data_owner)
    owner.post(f"/en/tasks/{_task(case, 'members').pk}/", {"state": "found", "answer": "会員1件"})
    office.visit(PRINTER).post("/en/tasks/open/", {"state": "found", "answer": "宛名1件"})

    office.day(2)  # the shop has not answered, and does not hold the decision up
    case = Case.objects.get(pk=case.pk)
    draft = decision.Draft("granted", answer="消去します。")
    decision.record(case, draft, by=ledger.staff(officer), at=timezone.now())
    case = Case.objects.get(pk=case.pk)
    if case.status == "in_approval":
        decision.approve(case, by=ledger.staff(approver), at=timezone.now())
    assert _task(case, "shop").state == "cancelled"
    proposed = SearchTask.objects.filter(case=case, purpose="carry_out")
    assert {task.system.code for task in proposed} == {"members", "print"}

    office.ask_all(case)
    owner.force_login(data_owner)
    owner.post(f"/en/tasks/{_task(case, 'members', 'carry_out').pk}/", {"answer": "消去済み"})
    refused = office.desk.get(act_of(case, "close"))
    assert "1 system still has to carry the decision out." in text_of(refused)
    printer = office.visit(PRINTER)
    assert "uploads" in printer.post("/en/tasks/open/", {}).context["form"].errors
    printer.post("/en/tasks/open/", {"uploads": [pdf("証明書.pdf", "proof")]})
    (proof,) = _task(case, "print", "carry_out").proofs.all()
    assert b"proof" in b"".join(files.read(proof))

    case = Case.objects.get(pk=case.pk)
    do(case, "close", by=ledger.staff(officer), at=timezone.now())
    letter = case.letters.get(kind=Letter.Kind.COMPLETION)
    assert sorted(letter.facts["systems"]) == ["members", "print"]
    assert "証明書.pdf" in text_of(office.desk.get(page_of(case)))
    ledger.verify(Case.objects.get(pk=case.pk))
