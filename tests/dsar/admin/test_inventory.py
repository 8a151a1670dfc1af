"""The inventory: administrators keep that of their own companies, with countries by name."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar.models import DataSystem, Processor
from tests.dsar.admin.desk import DESK, messages_of, text_of
from tests.factories import StaffFactory, SystemFactory

pytestmark = pytest.mark.django_db

SYSTEMS = f"{DESK}dsar/datasystem/"
PROCESSORS = f"{DESK}dsar/processor/"


@pytest.fixture
def setup(signed_in: Any, administrator: Any) -> Any:
    """The administrator's browser."""
    return signed_in(administrator)


def _system(controller: Any, **given: Any) -> dict[str, Any]:
    return {
        "controller": controller.pk,
        "name_ja": "顧客管理",
        "name_en": "CRM",
        "code": "crm",
        "country": "IE",
        "connector": "manual",
        "is_active": "on",
        "position": 0,
        **given,
    }


def test_a_system_is_entered_with_its_data_owner_and_country(
    setup: Any, controller: Any, data_owner: Any
) -> None:
    page = setup.get(f"{SYSTEMS}add/")
    assert "Ireland" in text_of(page)
    assert "settings" not in page.context["adminform"].form.fields
    setup.post(f"{SYSTEMS}add/", _system(controller, owners=[data_owner.pk]))
    system = DataSystem.objects.get()
    assert (system.country, list(system.owners.all())) == ("IE", [data_owner])
    listed = text_of(setup.get(SYSTEMS))
    for words in ("CRM", "Ireland", data_owner.shown_name(), "A person answers"):
        assert words in listed


def test_a_system_nobody_answers_for_is_pointed_out(setup: Any, controller: Any) -> None:
    response = setup.post(f"{SYSTEMS}add/", _system(controller), follow=True)
    assert any("Nobody is told of a task" in text for text in messages_of(response))
    DataSystem.objects.all().delete()
    told = setup.post(
        f"{SYSTEMS}add/", _system(controller, owner_email="a@sample.example"), follow=True
    )
    assert not any("Nobody is told" in text for text in messages_of(told))


def test_the_connectors_settings_survive_an_edit_here(setup: Any, controller: Any) -> None:
    system = SystemFactory.create(controller=controller, settings={"url_env": "CRM_URL"})
    setup.post(f"{SYSTEMS}{system.pk}/change/", _system(controller, name_en="New"))
    system.refresh_from_db()
    assert (system.name_en, system.settings) == ("New", {"url_env": "CRM_URL"})


def test_people_and_processors_of_other_companies_are_refused(
    signed_in: Any, administrator: Any, controller: Any, other_controller: Any
) -> None:
    administrator.controllers.add(other_controller)
    stranger = StaffFactory.create(role="data_owner", at=other_controller)
    processor = Processor.objects.create(controller=other_controller, name_ja="委託", name_en="P")
    response = signed_in(administrator).post(
        f"{SYSTEMS}add/", _system(controller, owners=[stranger.pk], processor=processor.pk)
    )
    errors = response.context["adminform"].form.errors
    assert set(errors) == {"owners", "processor"}
    assert not DataSystem.objects.exists()


def test_administrators_see_and_choose_their_own_companies_only(
    setup: Any, controller: Any, other_controller: Any
) -> None:
    foreign = SystemFactory.create(controller=other_controller, name_en="Foreign")
    Processor.objects.create(controller=other_controller, name_ja="他", name_en="Other")
    assert "Foreign" not in text_of(setup.get(SYSTEMS))
    assert "Other" not in text_of(setup.get(PROCESSORS))
    assert setup.get(f"{SYSTEMS}{foreign.pk}/change/").status_code == 302
    refused = setup.post(f"{SYSTEMS}add/", _system(other_controller))
    assert "controller" in refused.context["adminform"].form.errors
    assert DataSystem.objects.count() == 1


@pytest.mark.parametrize("role", ["officer", "auditor", "data_owner", "approver"])
def test_others_do_not_keep_the_inventory(signed_in: Any, controller: Any, role: str) -> None:
    browser = signed_in(StaffFactory.create(role=role, at=controller))
    for address in (SYSTEMS, f"{SYSTEMS}add/", PROCESSORS):
        assert browser.get(address).status_code == 403


def test_a_system_with_tasks_is_not_deleted(setup: Any, controller: Any, file_case: Any) -> None:
    from dsar import collection

    system = SystemFactory.create(controller=controller)
    collection.propose(file_case(), [system])
    page = setup.post(f"{SYSTEMS}{system.pk}/delete/", {"post": "yes"})
    assert page.status_code in (200, 403)
    assert DataSystem.objects.filter(pk=system.pk).exists()


def test_the_list_costs_the_same_with_many_systems(setup: Any, controller: Any) -> None:
    def make() -> None:
        system = SystemFactory.create(controller=controller)
        system.owners.add(StaffFactory.create(role="data_owner", at=controller))

    make()
    setup.get(SYSTEMS)
    with CaptureQueriesContext(connection) as one:
        setup.get(SYSTEMS)
    for _n in range(4):
        make()
    with CaptureQueriesContext(connection) as five:
        setup.get(SYSTEMS)
    assert len(five) == len(one)


def test_a_processor_is_entered(setup: Any, controller: Any) -> None:
    given = {
        "controller": controller.pk,
        "name_ja": "委託先",
        "name_en": "Print Co.",
        "country": "JP",
        "contact_email": "dpo@print.example",
        "is_active": "on",
    }
    setup.post(f"{PROCESSORS}add/", given)
    assert "Print Co." in text_of(setup.get(PROCESSORS))
