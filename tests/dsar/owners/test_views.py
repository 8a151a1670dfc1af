"""The data owners' pages: what they see, what they may hand in, and what a link cannot do."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsar import collection, files, ledger, limits, materials
from dsar.models import Attachment, Notice, Processor, SearchTask
from tests.factories import PRINCIPAL, StaffFactory, SystemFactory, pdf, png

pytestmark = pytest.mark.django_db

DUE = date(2026, 11, 17)
TASKS = "/en/tasks/"
OPEN = f"{TASKS}open/"


@pytest.fixture(autouse=True)
def _on_that_day(freeze: Callable[[datetime], None], now: datetime, media: Any) -> Iterator[None]:
    freeze(now)
    limits.reset()
    yield
    limits.reset()


@pytest.fixture
def task(
    file_case: Any, controller: Any, advance: Any, data_owner: Any, officer: Any, now: datetime
) -> SearchTask:
    """Asked of the data owner's login and of an address."""
    system = SystemFactory.create(
        controller=controller, name_en="CRM", owner_email="archive@partner.example"
    )
    system.owners.add(data_owner)
    case = advance(file_case(), "in_progress")
    row = case.tasks.get(system=system)
    collection.ask(row, "Customer number: 4821", DUE, by=ledger.staff(officer), at=now)
    return row


def _token(task: SearchTask) -> str:
    return str(Notice.objects.get(kind=f"owner_asked:{task.pk}:link").secret["token"])


@pytest.fixture
def owner(data_owner: Any) -> Client:
    browser = Client()
    browser.force_login(data_owner)
    return browser


@pytest.fixture
def linked(task: SearchTask) -> Client:
    """A browser that came by the mailed link."""
    browser = Client()
    response = browser.post(f"{TASKS}link/{_token(task)}/")
    assert response.url == OPEN  # type: ignore[attr-defined]
    return browser


def text_of(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def csv_of(text: str = "id,mail\n1,a@b.example\n") -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode("cp932"), "text/csv")


# --- What they see ------------------------------------------------------------------------
def test_a_data_owner_lists_the_own_open_tasks(owner: Client, task: SearchTask) -> None:
    text = text_of(owner.get(TASKS))
    assert "CRM : Search for data" in text
    assert "17 November 2026" in text


def test_the_page_shows_the_question_and_nothing_else_of_the_person(
    owner: Client, linked: Client, task: SearchTask
) -> None:
    for response in (owner.get(f"{TASKS}{task.pk}/"), linked.get(OPEN)):
        text = text_of(response)
        assert "Customer number: 4821" in text
        assert not [value for value in PRINCIPAL.values() if value in text]
        assert response["Cache-Control"].startswith("max-age=0") or "no-store" in str(
            response["Cache-Control"]
        )


def test_the_list_costs_the_same_with_many_tasks(
    owner: Client, task: SearchTask, data_owner: Any, officer: Any, file_case: Any, now: datetime
) -> None:
    owner.get(TASKS)
    with CaptureQueriesContext(connection) as one:
        owner.get(TASKS)
    for _n in range(4):
        (other,) = collection.propose(file_case(), [task.system])
        collection.ask(other, "", DUE, by=ledger.staff(officer), at=now)
    with CaptureQueriesContext(connection) as five:
        assert owner.get(TASKS).content.decode().count("CRM") == 5
    assert len(five) == len(one)


def test_an_overdue_task_is_marked(
    owner: Client, task: SearchTask, data_owner: Any, freeze: Any, now: datetime
) -> None:
    freeze(now + timedelta(days=8))
    owner.force_login(data_owner)  # the session of last week has ended
    assert "Overdue" in text_of(owner.get(TASKS))


def test_the_desks_first_page_names_the_data_owners_tasks(owner: Client, task: SearchTask) -> None:
    response = owner.get("/en/desk/")
    assert f"{TASKS}{task.pk}/" in response.content.decode()


# --- What they hand in --------------------------------------------------------------------
def test_found_files_become_material_of_the_case(owner: Client, task: SearchTask) -> None:
    other = SimpleUploadedFile("log.txt", b"plain words", "text/plain")
    uploads = [csv_of(), pdf(), png(), other]
    response = owner.post(
        f"{TASKS}{task.pk}/", {"state": "found", "uploads": uploads, "answer": "4件です"}
    )
    assert response.url == TASKS  # type: ignore[attr-defined]
    kept = SearchTask.objects.get(pk=task.pk)
    assert (kept.state, kept.answer) == ("found", "4件です")
    rows = list(kept.materials.all())
    assert [row.form for row in rows] == ["table", "pdf", "image", "other"]
    assert list(materials.rows(rows[0].original)) == [{"id": "1", "mail": "a@b.example"}]
    assert b"".join(files.read(rows[3].original)) == b"plain words"
    assert rows[0].added_by is not None


def test_by_link_the_answer_is_noted_as_the_data_owners(linked: Client, task: SearchTask) -> None:
    response = linked.post(OPEN, {"state": "nothing"}, follow=True)
    assert "Your answer has reached the desk." in text_of(response)
    event = task.case.events.get(act="answer_task")
    assert (event.actor_kind, event.actor) == ("owner", None)
    assert linked.get(OPEN).status_code == 404


def test_a_csv_that_is_no_table_is_kept_as_a_file(owner: Client, task: SearchTask) -> None:
    broken = SimpleUploadedFile("broken.csv", b"a,b\n1,2,3\n")
    owner.post(f"{TASKS}{task.pk}/", {"state": "found", "uploads": [broken]})
    assert task.materials.get().form == "other"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "state"),
        ({"state": "found"}, "uploads"),
        ({"state": "not_ours"}, "answer"),
        ({"state": "done"}, "state"),
    ],
)
def test_an_incomplete_answer_is_told_at_its_field(
    owner: Client, task: SearchTask, given: dict[str, str], field: str
) -> None:
    response = owner.post(f"{TASKS}{task.pk}/", given)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert SearchTask.objects.get(pk=task.pk).state == "open"


def test_nothing_found_with_files_is_refused_and_nothing_kept(
    owner: Client, task: SearchTask
) -> None:
    response = owner.post(
        f"{TASKS}{task.pk}/", {"state": "nothing", "uploads": [pdf()], "answer": "メモ"}
    )
    assert set(response.context["form"].errors) == {"state", "uploads"}
    assert "メモ" in response.content.decode()
    assert not task.materials.exists()


def test_files_can_be_added_first_and_taken_back(owner: Client, task: SearchTask) -> None:
    page = f"{TASKS}{task.pk}/"
    owner.post(page, {"add": "1", "uploads": [pdf("a.pdf"), pdf("b.pdf")]})
    first, second = task.materials.all()
    assert SearchTask.objects.get(pk=task.pk).state == "open"
    assert "a.pdf" in text_of(owner.get(page))
    owner.post(f"{page}files/{first.pk}/remove/")
    assert not Attachment.objects.filter(pk=first.original_id).exists()
    owner.post(page, {"state": "found"})
    assert list(task.materials.all()) == [second]
    assert SearchTask.objects.get(pk=task.pk).state == "found"


def test_a_file_over_the_limit_is_refused_by_name(
    owner: Client, task: SearchTask, settings: Any
) -> None:
    settings.OWNER_UPLOAD_MAX_BYTES = 1024
    response = owner.post(
        f"{TASKS}{task.pk}/", {"state": "found", "uploads": [pdf("big.pdf", "x" * 2000)]}
    )
    assert "big.pdf" in str(response.context["form"].errors["uploads"])
    assert not task.materials.exists()


def test_a_file_larger_than_the_publics_limit_is_taken(
    owner: Client, task: SearchTask, settings: Any
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1000
    owner.post(f"{TASKS}{task.pk}/", {"state": "found", "uploads": [pdf("a.pdf", "x" * 200_000)]})
    assert task.materials.get().original.size > 200_000


def test_a_processor_reports_with_a_proof(
    file_case: Any, controller: Any, advance: Any, data_owner: Any, officer: Any, now: Any
) -> None:
    processor = Processor.objects.create(controller=controller, name_ja="委託", name_en="P")
    system = SystemFactory.create(controller=controller, processor=processor)
    system.owners.add(data_owner)
    case = advance(file_case("erasure"), "decided")
    (task,) = collection.propose(case, [system], purpose="carry_out")
    collection.ask(task, "消去してください", DUE, by=ledger.staff(officer), at=now)
    browser = Client()
    browser.force_login(data_owner)
    page = f"{TASKS}{task.pk}/"
    assert "Please carry this decision out" in text_of(browser.get(page))
    assert "uploads" in browser.post(page, {}).context["form"].errors
    browser.post(page, {"uploads": [pdf("証明書.pdf")]})
    kept = SearchTask.objects.get(pk=task.pk)
    assert kept.state == "done"
    proof = kept.proofs.get()
    assert (proof.purpose, proof.name, proof.content_type) == (
        Attachment.Purpose.PROOF,
        "証明書.pdf",
        "application/pdf",
    )
    assert not case.materials.exists()


def test_a_task_taken_back_while_files_arrive_keeps_none_of_them(
    task: SearchTask, officer: Any, now: datetime
) -> None:
    from dsar import owner_answers

    stale = SearchTask.objects.select_related("case", "system").get(pk=task.pk)
    collection.cancel(task, by=ledger.staff(officer), at=now)
    with pytest.raises(collection.NotPossible):
        owner_answers.add(stale, [pdf()], by=ledger.OWNER, at=now)
    assert not task.materials.exists()


# --- Who may not --------------------------------------------------------------------------
def test_another_data_owner_finds_nothing(
    task: SearchTask, controller: Any, other_controller: Any
) -> None:
    strangers = [
        StaffFactory.create(role="data_owner", at=controller),
        StaffFactory.create(role="officer", at=other_controller),
    ]
    task.system.owners.add(strangers[1])  # of another company: named by mistake
    for stranger in strangers:
        browser = Client()
        browser.force_login(stranger)
        page = f"{TASKS}{task.pk}/"
        assert browser.get(page).status_code == 404
        assert browser.post(page, {"state": "nothing"}).status_code == 404
        assert browser.post(f"{page}files/1/remove/").status_code == 404
        assert "CRM" not in text_of(browser.get(TASKS))
    assert SearchTask.objects.get(pk=task.pk).state == "open"


def test_a_data_owner_sees_no_case_at_the_desk(owner: Client, task: SearchTask) -> None:
    assert owner.get(f"/en/desk/dsar/case/{task.case_id}/change/").status_code in (403, 404)
    case_task = f"/en/desk/dsar/case/{task.case_id}/tasks/{task.pk}/record/"
    assert owner.get(case_task).status_code in (403, 404)


def test_nobody_is_let_in_without_login_or_link(client: Client, task: SearchTask) -> None:
    for page in (TASKS, f"{TASKS}{task.pk}/"):
        response = client.get(page)
        assert response.status_code == 302
        assert "/desk/login/" in response.url  # type: ignore[attr-defined]
    assert client.get(OPEN).status_code == 404
    assert client.post(OPEN, {"state": "nothing"}).status_code == 404


def test_a_file_of_another_task_is_not_removed(
    owner: Client, task: SearchTask, file_case: Any, now: datetime
) -> None:
    other = materials.add_file(file_case(), [b"x"], name="x.bin", at=now)
    owner.post(f"{TASKS}{task.pk}/files/{other.pk}/remove/")
    other.refresh_from_db()


def test_posting_needs_the_pages_own_token(task: SearchTask, data_owner: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(data_owner)
    page = f"{TASKS}{task.pk}/"
    assert browser.post(page, {"state": "nothing"}).status_code == 403
    assert SearchTask.objects.get(pk=task.pk).state == "open"
    token = browser.get(page).cookies["csrftoken"].value
    browser.post(page, {"state": "nothing", "csrfmiddlewaretoken": token})
    assert SearchTask.objects.get(pk=task.pk).state == "nothing"


# --- What a link cannot do ----------------------------------------------------------------
def test_opening_a_link_does_nothing_and_tells_nothing(client: Client, task: SearchTask) -> None:
    good = client.get(f"{TASKS}link/{_token(task)}/")
    bad = client.get(f"{TASKS}link/{'x' * 43}/")
    assert good.status_code == bad.status_code == 200
    assert _without_token(good) == _without_token(bad)
    assert "CRM" not in text_of(good)
    assert client.get(OPEN).status_code == 404


def _without_token(response: Any) -> str:
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return re.sub(r"/tasks/link/[^/]+/", "", page)


def test_unknown_ended_and_replaced_links_get_one_answer(
    client: Client, task: SearchTask, officer: Any, now: datetime
) -> None:
    old = _token(task)
    unknown = client.post(f"{TASKS}link/{'x' * 43}/")
    collection.remind(task, by=ledger.staff(officer), at=now)
    replaced = client.post(f"{TASKS}link/{old}/")
    new = str(Notice.objects.get(kind=f"owner_reminder:{task.pk}:link", due_at=now).secret["token"])
    collection.answer(task, "nothing", by=ledger.staff(officer), at=now)
    ended = client.post(f"{TASKS}link/{new}/")
    pages = {text_of(response) for response in (unknown, replaced, ended)}
    assert {unknown.status_code, replaced.status_code, ended.status_code} == {404}
    assert len(pages) == 1


def test_links_cannot_be_tried_without_end(client: Client, settings: Any) -> None:
    settings.RATE_LIMITS = True
    limits.reset()
    answers = [client.post(f"{TASKS}link/{n:043}/").status_code for n in range(61)]
    assert set(answers[:60]) == {404}
    assert answers[60] == 429


def test_a_linked_session_ends_when_a_new_link_is_mailed(
    linked: Client, task: SearchTask, officer: Any, now: datetime
) -> None:
    assert linked.get(OPEN).status_code == 200
    collection.remind(task, by=ledger.staff(officer), at=now)
    assert linked.get(OPEN).status_code == 404


def test_a_linked_session_ends_after_an_hour_without_a_page(
    linked: Client, freeze: Any, now: datetime
) -> None:
    freeze(now + timedelta(minutes=61))
    assert linked.get(OPEN).status_code == 404


def test_a_link_opens_its_own_task_only(linked: Client, task: SearchTask) -> None:
    assert linked.get(f"{TASKS}{task.pk}/").status_code == 302
    assert linked.get(TASKS).status_code == 302
    assert linked.get("/en/desk/").status_code == 302
