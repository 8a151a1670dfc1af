"""The card "Data search": what the desk asks, of whom, what it gets, and who may do it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsar import collection, ledger, materials, owner_answers
from dsar.admin import material_cards
from dsar.admin.search_forms import minimum
from dsar.admin.search_pages import FORMS
from dsar.models import Case, Notice, SearchTask
from tests.dsar.admin.desk import CASES, act_of, messages_of, page_of, parts, text_of
from tests.factories import PRINCIPAL, SystemFactory, pdf

pytestmark = pytest.mark.django_db

DUE = date(2026, 11, 17)


@pytest.fixture
def systems(controller: Any) -> list[Any]:
    return [
        SystemFactory.create(
            controller=controller,
            code=code,
            name_en=code.upper(),
            owner_email=f"{code}@sample.example",
        )
        for code in ("crm", "shop", "mail")
    ]


@pytest.fixture
def case(file_case: Any, advance: Any, systems: Any) -> Case:
    """Under examination; three systems are proposed."""
    found: Case = advance(file_case(), "in_progress")
    return found


def task_page(task: SearchTask, act: str) -> str:
    return f"{CASES}{task.case_id}/tasks/{task.pk}/{act}/"


def _first(case: Case) -> SearchTask:
    task = case.tasks.select_related("system").first()
    assert task is not None
    task.case = case
    return task


def _asked(case: Case, officer: Any, now: Any) -> SearchTask:
    task = _first(case)
    collection.ask(task, "会員番号 4821", DUE, by=ledger.staff(officer), at=now)
    return task


def test_the_systems_are_proposed_when_the_examination_begins(desk: Any, case: Case) -> None:
    text = text_of(desk.get(page_of(case)))
    assert text.count("Proposed") == 3
    for name in ("CRM", "SHOP", "MAIL", "Ask all that are proposed"):
        assert name in text


def test_asking_one_offers_the_least_of_the_person_and_a_day_in_time(desk: Any, case: Case) -> None:
    page = desk.get(task_page(_first(case), "ask"))
    form = page.context["form"]
    assert form["shared"].value() == minimum(form.known)
    assert "name" in form["shared"].value()
    assert "address" not in form["shared"].value()
    assert form["due_on"].value() == DUE
    assert "crm@sample.example" in text_of(page)


@pytest.mark.parametrize(
    ("known", "least"),
    [
        (["name", "customer_number", "email"], ["customer_number", "name"]),
        (["name", "kana", "email", "address"], ["name", "email"]),
        (["name", "birth_date", "address"], ["name", "birth_date"]),
        (["name"], ["name"]),
    ],
)
def test_the_least_is_a_number_or_what_is_rare(known: list[str], least: list[str]) -> None:
    assert minimum(known) == least


def test_only_what_was_ticked_reaches_the_data_owner(desk: Any, case: Case) -> None:
    task = _first(case)
    given = {"text": "探してください", "shared": ["email"], **parts("due_on", 2026, 11, 16)}
    response = desk.post(task_page(task, "ask"), given)
    assert response.url.endswith(f"{case.pk}/change/#search")
    kept = SearchTask.objects.get(pk=task.pk)
    assert (kept.state, kept.due_on) == ("open", date(2026, 11, 16))
    assert PRINCIPAL["email"] in kept.question
    assert not [PRINCIPAL[name] for name in ("name", "address") if PRINCIPAL[name] in kept.question]
    text = text_of(desk.get(page_of(case)))
    assert "Told of the person: E-mail address." in text


@pytest.mark.parametrize(
    ("day", "words"),
    [((2026, 11, 9), "This day has passed."), ((2027, 1, 20), "The decision is due on")],
)
def test_the_day_lies_inside_the_cases_clock(
    desk: Any, case: Case, day: tuple[int, int, int], words: str
) -> None:
    task = _first(case)
    response = desk.post(task_page(task, "ask"), {"text": "x", **parts("due_on", *day)})
    assert words in text_of(response)
    assert SearchTask.objects.get(pk=task.pk).state == "proposed"


def test_all_are_asked_at_once(desk: Any, case: Case) -> None:
    desk.post(
        act_of(case, "ask_all"), {"text": "x", "shared": ["name"], **parts("due_on", 2026, 11, 17)}
    )
    assert {task.state for task in case.tasks.all()} == {"open"}
    assert Notice.objects.filter(kind__startswith="owner_asked").count() == 3
    again = desk.post(act_of(case, "ask_all"), {"text": "x", **parts("due_on", 2026, 11, 17)})
    assert "No task is waiting to be asked." in text_of(again)


def test_a_system_of_the_inventory_is_added_by_hand(
    desk: Any, case: Case, controller: Any, other_controller: Any
) -> None:
    new = SystemFactory.create(controller=controller)
    foreign = SystemFactory.create(controller=other_controller)
    page = act_of(case, "add_systems")
    assert "systems" in desk.post(page, {"systems": [foreign.pk]}).context["form"].errors
    desk.post(page, {"systems": [new.pk]})
    assert case.tasks.filter(system=new).exists()
    assert "Every system of the inventory has a task." in text_of(desk.get(page))


def test_a_task_taken_back_can_be_proposed_again(desk: Any, case: Case) -> None:
    task = _first(case)
    desk.post(task_page(task, "cancel"), {})
    assert SearchTask.objects.get(pk=task.pk).state == "cancelled"
    assert "1 task taken back" in text_of(desk.get(page_of(case)))
    response = desk.post(act_of(case, "propose_tasks"), follow=True)
    assert "1 system was proposed." in messages_of(response)


def test_a_task_that_was_asked_is_taken_back_with_a_reason(
    desk: Any, case: Case, officer: Any, now: Any
) -> None:
    task = _asked(case, officer, now)
    assert "reason" in desk.post(task_page(task, "cancel"), {}).context["form"].errors
    desk.post(task_page(task, "cancel"), {"reason": "別件と重複"})
    assert "別件と重複" in text_of(desk.get(page_of(case)))


def test_a_data_owner_is_reminded_now(desk: Any, case: Case, officer: Any, now: Any) -> None:
    task = _asked(case, officer, now)
    desk.post(task_page(task, "remind"), {})
    assert Notice.objects.filter(
        kind=f"owner_reminder:{task.pk}:link", due_at=now, case=case
    ).exists()


def test_the_desk_notes_an_answer_that_came_by_telephone(
    desk: Any, case: Case, officer: Any, now: Any
) -> None:
    task = _asked(case, officer, now)
    page = task_page(task, "record")
    assert "answer" in desk.post(page, {"state": "not_ours"}).context["form"].errors
    desk.post(page, {"state": "found", "uploads": [pdf("申込書.pdf")], "answer": "電話で確認"})
    kept = SearchTask.objects.get(pk=task.pk)
    assert (kept.state, kept.answered_by) == ("found", officer)
    text = text_of(desk.get(page_of(case)))
    for words in ("申込書.pdf", "電話で確認", "1 of 1 answered", "“CRM” answered: Data found."):
        assert words in text


def test_the_desk_adds_and_takes_out_material(desk: Any, case: Case) -> None:
    table = SimpleUploadedFile("一覧.csv", "番号\n1\n".encode())
    desk.post(act_of(case, "add_material"), {"uploads": [table]})
    material = case.materials.get()
    assert (material.form, material.title) == ("table", "一覧")
    remove = f"{CASES}{case.pk}/materials/{material.pk}/remove/"
    assert remove in desk.get(page_of(case)).content.decode()
    assert "reason" in desk.post(remove, {}).context["form"].errors
    desk.post(remove, {"reason": "別人のデータ"})
    assert not case.materials.exists()
    assert not case.attachments.filter(purpose="material").exists()
    assert case.events.get(act="remove_material").texts() == {
        "material": "一覧",
        "reason": "別人のデータ",
    }


def test_a_large_file_of_the_desk_is_taken(desk: Any, case: Case, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1000
    desk.post(act_of(case, "add_material"), {"uploads": [pdf("a.pdf", "x" * 200_000)]})
    assert case.materials.get().original.size > 200_000


def test_material_stays_once_the_case_is_decided(
    desk: Any, case: Case, advance: Any, now: Any
) -> None:
    material = materials.add_file(case, [b"x"], name="x.bin", at=now)
    case.materials.update(state="left_out")
    advance(case, "decided")
    remove = f"{CASES}{case.pk}/materials/{material.pk}/remove/"
    assert desk.post(remove, {"reason": "x"}).status_code == 409
    assert case.materials.exists()


def test_what_is_not_possible_now_is_said(desk: Any, case: Case, officer: Any, now: Any) -> None:
    task = _asked(case, officer, now)
    again = desk.get(task_page(task, "ask"))
    assert again.status_code == 409
    assert "not possible while the task is “Asked”" in text_of(again)


def test_nobody_is_asked_before_the_identity_is_checked(
    desk: Any, file_case: Any, advance: Any, systems: Any
) -> None:
    case = advance(file_case(), "identity_check")
    assert desk.post(act_of(case, "propose_tasks")).status_code == 409
    assert not case.tasks.exists()
    assert "Data search" not in text_of(desk.get(page_of(case)))


def test_the_page_says_who_still_has_to_carry_it_out(
    desk: Any, file_case: Any, advance: Any, systems: Any, officer: Any, now: Any
) -> None:
    case = advance(file_case("erasure"), "in_progress")
    task = _asked(case, officer, now)
    collection.answer(task, "found", by=ledger.staff(officer), at=now, answer="x")
    advance(case, "decided")
    text = text_of(desk.get(page_of(case)))
    assert "Carry the decision out CRM Proposed" in text
    refused = desk.get(act_of(case, "close"))
    assert refused.status_code == 409
    assert "1 system still has to carry the decision out." in text_of(refused)


def test_the_card_costs_the_same_with_many_tasks_and_files(
    desk: Any, case: Case, officer: Any, controller: Any, now: Any
) -> None:
    def answered(task: SearchTask) -> None:
        task.case = case
        collection.ask(task, "x", DUE, by=ledger.staff(officer), at=now)
        owner_answers.give(task, "found", "", [pdf()], by=ledger.staff(officer), at=now)

    answered(_first(case))
    desk.get(page_of(case))
    with CaptureQueriesContext(connection) as few:
        desk.get(page_of(case))
    more = [SystemFactory.create(controller=controller) for _n in range(4)]
    for task in collection.propose(case, more):
        answered(task)
    desk.get(page_of(case))
    with CaptureQueriesContext(connection) as many:
        desk.get(page_of(case))
    assert len(many) == len(few)


# --- Who may ------------------------------------------------------------------------------
def test_nobody_of_another_company_finds_a_task_or_material(
    signed_in: Any, foreign_officer: Any, case: Case, officer: Any, now: Any
) -> None:
    task = _asked(case, officer, now)
    material = materials.add_file(case, [b"x"], name="x.bin", at=now)
    browser = signed_in(foreign_officer)
    addresses = [task_page(task, act) for act in FORMS]
    addresses.append(f"{CASES}{case.pk}/materials/{material.pk}/remove/")
    for address in addresses:
        assert browser.get(address).status_code == 404, address
        assert browser.post(address, {"reason": "x"}).status_code == 404, address


def test_a_task_of_another_case_is_not_found_under_this_one(
    desk: Any, case: Case, file_case: Any, advance: Any
) -> None:
    other = advance(file_case(), "in_progress")
    address = f"{CASES}{case.pk}/tasks/{_first(other).pk}/cancel/"
    assert desk.post(address, {}).status_code == 404


def test_an_auditor_reads_the_answers_and_can_do_nothing(
    signed_in: Any, auditor: Any, case: Case, officer: Any, now: Any
) -> None:
    task = _asked(case, officer, now)
    material = materials.add_file(case, [b"x"], name="x.bin", at=now, task=task)
    browser = signed_in(auditor)
    page = browser.get(page_of(case)).content.decode()
    assert "会員番号 4821" in page
    assert "/tasks/" not in page
    assert "/remove/" not in page
    for act in FORMS:
        assert browser.post(task_page(task, act), {"reason": "x"}).status_code == 403
    remove = f"{CASES}{case.pk}/materials/{material.pk}/remove/"
    assert browser.post(remove, {"reason": "x"}).status_code == 403
    assert case.materials.exists()
    assert SearchTask.objects.get(pk=task.pk).state == "open"


def test_posting_needs_the_pages_own_token(case: Case, officer: Any, now: Any) -> None:
    from django.test import Client

    task = _asked(case, officer, now)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer)
    for address in (task_page(task, "cancel"), act_of(case, "add_material")):
        assert browser.post(address, {"reason": "x"}).status_code == 403
    assert SearchTask.objects.get(pk=task.pk).state == "open"


def test_the_history_names_a_data_owner_without_a_login(
    desk: Any, case: Case, officer: Any, now: Any
) -> None:
    task = _asked(case, officer, now)
    collection.answer(task, "nothing", by=ledger.OWNER, at=now + timedelta(minutes=1))
    text = text_of(desk.get(page_of(case)))
    assert "Data owner" in text
    assert "“CRM” answered: Nothing found." in text


def test_a_connector_is_asked_in_its_own_words(
    desk: Any, case: Case, controller: Any, officer: Any, now: Any
) -> None:
    system = SystemFactory.create(controller=controller, name_en="LAKE", connector="folder")
    (task,) = collection.propose(case, [system])
    form = text_of(desk.get(task_page(task, "ask")))
    assert "Send the question" in form
    assert "Connector" in form
    assert "Data owner" not in form
    collection.ask(task, "x", DUE, by=ledger.staff(officer), at=now)
    response = desk.get(page_of(case))
    text = text_of(response)
    assert "“LAKE” was asked through its connector (" in text
    assert "The data owner of “LAKE”" not in text
    assert "Connector: " in text
    assert task_page(task, "remind") not in response.content.decode()
    assert desk.post(task_page(task, "remind"), {}).status_code == 409


def test_material_leads_to_its_own_page_from_every_card(desk: Any, case: Case, now: Any) -> None:
    material = materials.add_file(case, [b"x"], name="x.bin", at=now)
    page = desk.get(page_of(case)).content.decode()
    assert page.count(f'href="{material_cards.url(material)}"') == 2
    original = reverse("admin:dsar_case_file", args=[case.pk, material.original_id])
    assert original not in page
