"""Connectors at the desk: progress, another try, approval by a second person, and settings."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from dsar import collection, ledger
from dsar.connectors import runs
from dsar.models import Case, ConnectorRun, DataSystem, SearchTask
from tests.dsar.admin.desk import CASES, DESK, links_of, messages_of, page_of, tags_of, text_of
from tests.dsar.connectors.conftest import SQL_SETTINGS, customers, fill, http_settings
from tests.factories import PRINCIPAL

pytestmark = pytest.mark.django_db
State, Step = ConnectorRun.State, ConnectorRun.Step
PERSON = {**PRINCIPAL, "email": "hanako@person.example", "customer_number": "C-0001234"}


@pytest.fixture
def crm(tmp_path: Path, settings: Any) -> str:
    url = f"sqlite:///{tmp_path / 'crm.sqlite3'}"
    fill(url)
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_CRM": url}
    return url


@pytest.fixture
def system(controller: Any, crm: str) -> DataSystem:
    return DataSystem.objects.create(
        controller=controller,
        code="crm",
        name_ja="顧客管理",
        name_en="CRM",
        connector="sql",
        settings=SQL_SETTINGS,
    )


@pytest.fixture
def case(file_case: Any) -> Case:
    found: Case = file_case("erasure", principal=PERSON)
    return found


def ask(case: Case, system: DataSystem, by: Any, at: datetime, purpose: str) -> SearchTask:
    task = collection.propose(case, [system], purpose=purpose)[0]
    collection.ask(task, "", date(2026, 11, 17), by=ledger.staff(by), at=at)
    return task


def work(at: datetime) -> None:
    for _n in range(4):
        runs.plan(at)
        for pk in runs.claim(at):
            runs.run(pk, at)


@pytest.fixture
def search(case: Case, system: DataSystem, officer: Any, now: datetime) -> SearchTask:
    return ask(case, system, officer, now, "search")


@pytest.fixture
def erasure(case: Case, system: DataSystem, officer: Any, now: datetime) -> SearchTask:
    task = ask(case, system, officer, now, "carry_out")
    work(now)
    return task


def run_of(task: SearchTask, step: str) -> ConnectorRun:
    return ConnectorRun.objects.exclude(state=State.CANCELLED).get(task=task, step=step)


def url(task: SearchTask, act: str, step: str = Step.DRY_RUN) -> str:
    return f"{CASES}{task.case_id}/connectors/{run_of(task, step).pk}/{act}/"


# --- Progress -----------------------------------------------------------------------------
def test_a_case_without_connectors_says_nothing_of_them(desk: Any, case: Case) -> None:
    assert "Connectors" not in text_of(desk.get(page_of(case)))


def test_progress_is_shown_and_kept_current_while_something_is_under_way(
    desk: Any, search: SearchTask, now: datetime
) -> None:
    runs.plan(now)
    page = desk.get(page_of(search.case))
    assert "Systems that have answered: 0 of 1." in text_of(page)
    assert "Show how far it is now" in text_of(page)
    scripts = [attrs.get("src", "") for tag, attrs in tags_of(page).tags if tag == "script"]
    assert any("connectors.js" in src for src in scripts)
    work(now)
    update = text_of(desk.get(f"{CASES}{search.case_id}/connectors/"))
    assert "Rows found: 2" in update
    assert "Load the page anew" in update
    page = desk.get(page_of(search.case))
    assert "Systems that have answered: 1 of 1." in text_of(page)
    assert "connectors.js" not in page.content.decode()
    assert "was searched by its connector. Rows found: 2." in text_of(page)


def test_looking_at_progress_is_not_a_new_look_at_the_case(
    desk: Any, search: SearchTask, now: datetime
) -> None:
    runs.plan(now)
    desk.get(f"{CASES}{search.case_id}/connectors/")
    assert not search.case.events.filter(act="view").exists()


def test_the_card_costs_the_same_whatever_the_number_of_systems(
    desk: Any,
    case: Case,
    system: DataSystem,
    officer: Any,
    now: datetime,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(6):
        other = DataSystem.objects.create(
            controller=case.controller, code=f"s{n}", name_ja="x", name_en="x", connector="sql"
        )
        ask(case, other, officer, now, "search")
    work(now)
    desk.get(page_of(case))
    with django_assert_max_num_queries(12):
        desk.get(f"{CASES}{case.pk}/connectors/")


def test_a_failure_says_what_it_is_and_can_be_tried_again(
    desk: Any, search: SearchTask, now: datetime, settings: Any
) -> None:
    secrets, settings.CONNECTOR_SECRETS = settings.CONNECTOR_SECRETS, {}
    work(now)
    page = text_of(desk.get(page_of(search.case)))
    assert "A secret that the settings name is not set in the environment." in page
    assert "CONNECTOR_SECRET_CRM" in page
    assert "can also be answered by hand" in page
    settings.CONNECTOR_SECRETS = secrets
    answer = desk.post(url(search, "retry", Step.SEARCH), follow=True)
    assert messages_of(answer) == ["“CRM” is asked again."]
    work(now)
    assert run_of(search, Step.SEARCH).state == State.DONE
    answer = desk.post(url(search, "retry", Step.SEARCH), follow=True)
    assert messages_of(answer) == ["This task was answered meanwhile."]


# --- Approval -----------------------------------------------------------------------------
def test_a_change_is_looked_at_by_the_officer_and_approved_by_another(
    desk: Any, signed_in: Any, approver: Any, erasure: SearchTask, crm: str, now: datetime
) -> None:
    page = text_of(desk.get(url(erasure, "approve")))
    assert "DELETE FROM customers WHERE number = :customer_number" in page
    assert "hanako@person.example" in page
    assert "Your role does not allow this." in page
    assert desk.post(url(erasure, "approve"), {"rows": "2"}).status_code == 409
    other = signed_in(approver)
    page = other.post(url(erasure, "approve"), {"rows": "3"})
    assert "Type 2, the number of the dry run." in text_of(page)
    assert 'value="3"' in page.content.decode()
    assert not ConnectorRun.objects.filter(step=Step.CARRY_OUT).exists()
    answer = other.post(url(erasure, "approve"), {"rows": "2"}, follow=True)
    assert messages_of(answer) == ["The change at “CRM” was approved and is being made."]
    work(now)
    assert customers(crm) == [3]
    page = text_of(desk.get(page_of(erasure.case)))
    assert "The change at “" in page
    assert "for this number of rows: 2" in page
    assert "Nothing is left" in page


def test_who_asked_for_a_change_does_not_approve_it(
    signed_in: Any, approver: Any, case: Case, system: DataSystem, now: datetime
) -> None:
    task = ask(case, system, approver, now, "carry_out")
    work(now)
    answer = signed_in(approver).post(url(task, "approve"), {"rows": "2"})
    assert answer.status_code == 409
    assert "someone other than the person who asked" in text_of(answer)


def test_a_change_is_started_again_or_noted_as_nothing(
    desk: Any, erasure: SearchTask, crm: str, now: datetime
) -> None:
    fill(crm)
    DataSystem.objects.update(
        settings={
            **SQL_SETTINGS,
            "changes": [
                {
                    "kinds": ["appi.erasure"],
                    "statement": "DELETE FROM customers WHERE email = :customer_number",
                    "verify": "SELECT id FROM customers WHERE email = :customer_number",
                }
            ],
        }
    )
    desk.post(url(erasure, "again"))
    work(now)
    assert "Rows that would be changed: 0" in text_of(desk.get(page_of(erasure.case)))
    answer = desk.post(url(erasure, "nothing"), follow=True)
    assert messages_of(answer) == ["It was recorded that “CRM” holds nothing to change."]
    erasure.refresh_from_db()
    assert erasure.state == "done"


@pytest.mark.parametrize("who", ["foreign_officer", "administrator", "data_owner"])
def test_nobody_else_finds_a_run(
    request: Any, signed_in: Any, erasure: SearchTask, who: str
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    assert browser.get(f"{CASES}{erasure.case_id}/connectors/").status_code in (403, 404)
    assert browser.get(url(erasure, "approve")).status_code in (403, 404)
    for act in ("retry", "again", "nothing", "approve"):
        assert browser.post(url(erasure, act), {"rows": "2"}).status_code in (403, 404)
    assert run_of(erasure, Step.DRY_RUN).state == State.DONE


def test_an_auditor_looks_and_changes_nothing(
    signed_in: Any, auditor: Any, erasure: SearchTask
) -> None:
    browser = signed_in(auditor)
    assert "Rows that would be changed: 2" in text_of(browser.get(page_of(erasure.case)))
    answer = browser.post(url(erasure, "again"), follow=True)
    assert messages_of(answer) == ["Your role does not allow this."]
    assert browser.get(url(erasure, "approve")).status_code == 404


# --- Settings -----------------------------------------------------------------------------
def test_an_administrator_finds_the_systems_of_their_company(
    signed_in: Any, administrator: Any, system: DataSystem, other_controller: Any
) -> None:
    theirs = DataSystem.objects.create(
        controller=other_controller, code="x", name_ja="他社", name_en="Theirs", connector="sql"
    )
    empty = DataSystem.objects.create(
        controller=system.controller, code="y", name_ja="空", name_en="Empty", connector="http"
    )
    browser = signed_in(administrator)
    assert "Connectors" in text_of(browser.get(DESK))
    page = text_of(browser.get(f"{DESK}connectors/"))
    assert "CRM" in page
    assert "Not set up yet" in page
    assert "Theirs" not in page
    assert browser.get(f"{DESK}connectors/{theirs.pk}/").status_code == 404
    assert browser.get(f"{DESK}connectors/{empty.pk}/").status_code == 200


def test_the_inventory_leads_to_the_settings_of_a_connector(
    signed_in: Any, administrator: Any, system: DataSystem
) -> None:
    browser = signed_in(administrator)
    address = f"{DESK}dsar/datasystem/{system.pk}/change/"
    assert f"{DESK}connectors/{system.pk}/" in links_of(browser.get(address))
    DataSystem.objects.update(connector="manual")
    assert f"{DESK}connectors/{system.pk}/" not in links_of(browser.get(address))


@pytest.mark.parametrize("who", ["officer", "approver", "auditor", "data_owner"])
def test_settings_are_the_administrators(
    request: Any, signed_in: Any, system: DataSystem, who: str
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    for address in ("connectors/", f"connectors/{system.pk}/"):
        assert browser.get(f"{DESK}{address}").status_code == 403
    assert browser.post(f"{DESK}connectors/{system.pk}/try/").status_code == 403


def _sql_form(**more: str | list[str]) -> dict[str, Any]:
    return {
        "url_env": "CONNECTOR_SECRET_CRM",
        "search": "SELECT id, email FROM customers WHERE email = :email",
        "kinds_1": ["appi.erasure", "gdpr.erasure"],
        "statement_1": "DELETE FROM customers WHERE email = :email",
        "verify_1": "SELECT id FROM customers WHERE email = :email",
        "row_limit": "100",
        **more,
    }


def test_settings_are_saved_as_they_were_declared_and_shown_again(
    signed_in: Any, administrator: Any, system: DataSystem
) -> None:
    browser = signed_in(administrator)
    address = f"{DESK}connectors/{system.pk}/"
    answer = browser.post(address, _sql_form(), follow=True)
    assert messages_of(answer) == ["The settings were saved."]
    system.refresh_from_db()
    assert system.settings == {
        "url_env": "CONNECTOR_SECRET_CRM",
        "search": "SELECT id, email FROM customers WHERE email = :email",
        "row_limit": 100,
        "changes": [
            {
                "kinds": ["appi.erasure", "gdpr.erasure"],
                "statement": "DELETE FROM customers WHERE email = :email",
                "verify": "SELECT id FROM customers WHERE email = :email",
            }
        ],
    }
    shown = text_of(browser.get(address))
    assert "DELETE FROM customers WHERE email = :email" in shown
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message) == (administrator, "connector settings")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"url_env": "SECRET_KEY"}, "url_env"),
        ({"search": "SELECT 1"}, "search"),
        ({"search": ""}, "search"),
        ({"statement_1": "DELETE FROM customers"}, "statement_1"),
        ({"verify_1": ""}, "verify_1"),
        ({"kinds_1": []}, "kinds_1"),
        ({"row_limit": "many"}, "row_limit"),
        ({"timeout": "600"}, "timeout"),
        ({"kinds_2": ["appi.erasure"]}, "statement_2"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_typed_is_lost(
    signed_in: Any, administrator: Any, system: DataSystem, more: Any, field: str
) -> None:
    before = system.settings
    answer = signed_in(administrator).post(
        f"{DESK}connectors/{system.pk}/", _sql_form(name_of="x", **more)
    )
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert f"id_{field}_error" in answer.content.decode()
    if "search" not in more:
        assert "SELECT id, email FROM customers" in text_of(answer)
    system.refresh_from_db()
    assert system.settings == before


def test_an_interface_and_a_folder_are_declared_too(
    signed_in: Any, administrator: Any, controller: Any, settings: Any, tmp_path: Path
) -> None:
    settings.CONNECTOR_FOLDERS = [str(tmp_path)]
    browser = signed_in(administrator)
    http = DataSystem.objects.create(
        controller=controller, code="h", name_ja="h", name_en="h", connector="http"
    )
    given = http_settings("https://crm.example")
    change = given.pop("changes")[0]
    posted = {**given, **{f"{name}_1": value for name, value in change.items()}}
    browser.post(f"{DESK}connectors/{http.pk}/", {**posted, "method_2": "POST"})
    http.refresh_from_db()
    assert http.settings == {**given, "changes": [change]}
    folder = DataSystem.objects.create(
        controller=controller, code="f", name_ja="f", name_en="f", connector="folder"
    )
    given = {
        "folder": ".",
        "tables": "a = a-*.csv\nb = b.parquet",
        "search": "SELECT * FROM a WHERE email = :email",
    }
    browser.post(f"{DESK}connectors/{folder.pk}/", given)
    folder.refresh_from_db()
    assert folder.settings["search"] == given["search"]
    assert folder.settings["tables"].split() == given["tables"].split()


def test_a_try_reads_and_shows_numbers_only(
    signed_in: Any, administrator: Any, system: DataSystem, crm: str
) -> None:
    browser = signed_in(administrator)
    answer = browser.post(
        f"{DESK}connectors/{system.pk}/try/",
        {"try_email": "hanako@person.example", "try_customer_number": "C-0001234"},
    )
    said = text_of(answer)
    assert "Rows found: 2. Columns: id, name, email." in said
    assert "Rows that would be changed: 2. Rows that the verification finds now: 2." in said
    assert "花子" not in said
    assert customers(crm) == [1, 2, 3]
    assert LogEntry.objects.get().change_message == "connector tried"
    system.refresh_from_db()
    assert system.settings == SQL_SETTINGS


def test_a_try_that_fails_says_why(
    signed_in: Any, administrator: Any, system: DataSystem, settings: Any
) -> None:
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_CRM": "sqlite:////nowhere.sqlite3"}
    answer = signed_in(administrator).post(
        f"{DESK}connectors/{system.pk}/try/", {"try_email": "x@person.example"}
    )
    assert "The system could not be reached." in text_of(answer)
