"""The register of third-party provision: what it asks for, who is found, what is disclosed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection

from dsar import ledger, materials, provisions
from dsar.models import Case, Controller, ProvisionRegister, StaffMember, ThirdPartyProvision
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 10)
GIVEN: dict[str, Any] = {
    "direction": "provided",
    "provided_on": date(2026, 4, 1),
    "basis": "consent",
    "party_name": "見本広告株式会社",
    "party_address": "大阪市見本区1-1",
    "items": "氏名、住所",
    **{name: factories.PRINCIPAL[name] for name in ("name", "email", "customer_number")},
}


def kept(controller: Controller, **more: Any) -> ThirdPartyProvision:
    return provisions.add(controller, {**GIVEN, **more}, by=None, on=TODAY)


@pytest.fixture
def case(file_case: Any) -> Case:
    made: Case = file_case(kind="tp_record_disclosure")
    return made


@pytest.mark.parametrize(
    ("manner", "last_on", "until"),
    [
        ("each", None, date(2029, 11, 10)),
        ("batch", date(2026, 6, 1), date(2029, 6, 1)),
        ("contract", date(2026, 6, 1), date(2027, 6, 1)),
    ],
)
def test_how_long_a_record_is_kept_follows_the_rules(
    controller: Controller, manner: str, last_on: date | None, until: date
) -> None:
    assert kept(controller, manner=manner, last_on=last_on).keep_until == until


def test_records_rest_sealed_under_a_key_of_their_own(
    controller: Controller, case: Case, settings: Any
) -> None:
    row = kept(controller)
    register = ProvisionRegister.objects.get(controller=controller)
    assert register.key_id != case.key_id
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT principal, party_name, items FROM dsar_thirdpartyprovision WHERE id = %s",
            [row.pk],
        )
        for value in cursor.fetchone():
            assert "見本".encode() not in bytes(value)
    again = ThirdPartyProvision.objects.get(pk=row.pk)
    assert again.principal["name"] == "見本 花子"
    assert again.party_name == "見本広告株式会社"


def test_a_person_is_found_by_exact_values_whatever_their_width(controller: Controller) -> None:
    row = kept(controller)
    [match] = provisions.find([controller], {"email": "ＨＡＮＡＫＯ@person.example"})
    assert match.record.pk == row.pk
    assert match.is_strong
    [by_name] = provisions.find([controller], {"name": "見本花子"})
    assert not by_name.is_strong
    assert provisions.find([controller], {"name": "見本"}) == []


def test_a_value_of_one_field_is_not_found_as_another(controller: Controller) -> None:
    kept(controller, customer_number="x@person.example")
    assert provisions.find([controller], {"email": "x@person.example"}) == []


def test_another_companys_records_are_not_found(other_controller: Controller, case: Case) -> None:
    kept(other_controller)
    assert provisions.proposed(case) == []


def test_the_agents_values_find_nothing(controller: Controller, file_case: Any) -> None:
    kept(controller, name="見本 太郎", email=factories.AGENT["email"], customer_number="")
    case = file_case(kind="tp_record_disclosure", agent=dict(factories.AGENT))
    assert provisions.proposed(case) == []


def test_a_case_of_another_kind_proposes_nothing(controller: Controller, file_case: Any) -> None:
    kept(controller)
    assert provisions.proposed(file_case()) == []


def test_chosen_records_become_a_table_of_the_case(
    controller: Controller, case: Case, officer: StaffMember, now: datetime, media: Any
) -> None:
    kept(controller)
    matches = provisions.proposed(case)
    chosen = [match.record for match in matches]
    material = provisions.disclose(case, chosen, by=ledger.staff(officer), at=now)
    [row] = materials.rows(material.original)
    assert row["提供・受領の相手方"] == "見本広告株式会社"
    assert "見本 花子" not in row.values()
    event = case.events.get(act="disclose_records")
    assert event.facts["records"] == [chosen[0].pk]


# --- CSV ----------------------------------------------------------------------------------
HEADER = "direction,provided_on,basis,party_name,items,name,email"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_file_is_read_in_whole(controller: Controller, encoding: str) -> None:
    text = f"{HEADER}\nprovided,2026-04-01,opt_out,甲社,氏名,見本 花子,a@b.example\n"
    text += "received,,consent,乙社,住所,見本 太郎,\n"
    rows = provisions.read_csv(controller, text.encode(encoding), by=None, on=TODAY)
    assert [row.party_name for row in rows] == ["甲社", "乙社"]
    assert len(provisions.find([controller], {"email": "a@b.example"})) == 1


def test_faults_are_told_by_line_and_nothing_is_kept(controller: Controller) -> None:
    lines = [
        HEADER,
        "provided,2026-04-01,consent,甲社,氏名,見本 花子,",
        "sideways,soon,consent,甲社,氏名,見本 花子,",
        "provided,,opt_out,甲社,氏名,見本 花子,",
        "provided,2026-04-01,consent,,氏名",
    ]
    with pytest.raises(provisions.Faulty) as caught:
        provisions.read_csv(controller, "\n".join(lines).encode(), by=None, on=TODAY)
    assert sorted(caught.value.faults) == [3, 4, 5]
    assert len(caught.value.faults[3]) == 2
    assert not ThirdPartyProvision.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"direction,basis\nprovided,consent\n", HEADER.encode() + b",x\n1,2\n", b"\xff\xfe\x00"],
)
def test_a_file_that_is_no_such_table_is_refused(controller: Controller, content: bytes) -> None:
    with pytest.raises(provisions.Faulty) as caught:
        provisions.read_csv(controller, content, by=None, on=TODAY)
    assert list(caught.value.faults) == [0]
