"""What is sealed stays sealed: in the database, in queries, in copies."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Length

from dsar import casework, correspondence, decision, ledger, vault
from dsar.models import (
    Attachment,
    Case,
    CaseKey,
    ClockStop,
    Decision,
    Event,
    IntakeDraft,
    Message,
    Note,
    Notice,
    Person,
)
from tests.factories import AGENT, DraftFactory, do, png

pytestmark = pytest.mark.django_db

MARKER = "ヒミツノシルシ-himitsu-7731"


def dump() -> dict[str, bytes]:
    """Every table of the database, as the bytes that rest in it."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the database's own names
            values = [value for row in cursor.fetchall() for value in row]
            found[table] = b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for value in values
            )
    return found


def test_nothing_personal_rests_in_clear_anywhere_in_the_database(
    file_case: Any, advance: Any, officer: Any, approver: Any, now: datetime, media: Any
) -> None:
    desk = ledger.staff(officer)
    DraftFactory.create(answers={"principal": {"name": MARKER}}, receipt_code=MARKER)
    case = file_case(
        principal={name: f"{MARKER} {name}" for name in Person.FIELDS},
        agent={name: f"{MARKER} agent {name}" for name in Person.FIELDS},
        answers={"scope": {"items": MARKER, "services": [MARKER]}},
        receipt_code=MARKER,
    )
    do(case, "ask", by=desk, at=now, texts={"reason": MARKER, "message": MARKER})
    do(case, "resume", by=desk, at=now, texts={"reason": MARKER})
    do(case, "extend", by=desk, at=now, texts={"reason": MARKER})
    casework.note(case, MARKER, by=desk, at=now)
    correspondence.send(
        case, MARKER, by=ledger.REQUESTER, at=now, uploads=[png(f"{MARKER}.png", 70_000)]
    )
    advance(case, "in_progress")
    refused = decision.Draft("partial", "D1_harm", MARKER, MARKER, MARKER, MARKER)
    decision.record(case, refused, by=desk, at=now)
    decision.send_back(case, MARKER, by=ledger.staff(approver), at=now)
    decision.record(case, refused, by=desk, at=now)
    decision.approve(case, by=ledger.staff(approver), at=now)

    tables = dump()
    assert len(tables["dsar_person"]) > 1000  # the dump does see the rows
    for text in (MARKER, "ヒミツ", "himitsu"):
        assert [name for name, content in tables.items() if text.encode() in content] == []
    for stored in media.rglob("*"):
        assert stored.is_dir() or b"PNG" not in stored.read_bytes()
        assert "himitsu" not in str(stored)
    # And it is all there for who has the key.
    reread = Case.objects.get(pk=case.pk)
    assert reread.people.get(role="principal").name == f"{MARKER} name"
    assert reread.answers["scope"]["items"] == MARKER
    assert reread.notes.get().body == MARKER
    assert reread.messages.get().body == MARKER
    assert reread.attachments.get().name == f"{MARKER}.png"
    assert reread.stops.get().reason == MARKER
    assert reread.decisions.all()[0].withheld == MARKER


def test_a_confirmation_link_rests_only_sealed_and_as_a_digest(file_case: Any) -> None:
    case = file_case()
    token = case.notices.get(kind="confirm_email").secret["token"]
    assert [name for name, content in dump().items() if token.encode() in content] == []
    assert case.confirmations.filter(digest=vault.keyed_digest("confirm", token)).exists()


SEALED = [
    (Case, "answers"),
    *[(Person, name) for name in Person.FIELDS],
    (Message, "body"),
    (Note, "body"),
    (Notice, "secret"),
    (Attachment, "name"),
    (ClockStop, "reason"),
    (Decision, "reason"),
    (IntakeDraft, "answers"),
    (IntakeDraft, "receipt_code"),
]


@pytest.mark.parametrize(("model", "name"), SEALED, ids=lambda v: getattr(v, "__name__", v))
def test_a_sealed_field_cannot_be_asked_for_or_set_in_a_query(model: Any, name: str) -> None:
    for lookup in ("", "__contains", "__icontains", "__startswith", "__iexact", "__in", "__gt"):
        value: Any = ["x"] if lookup == "__in" else "x"
        with pytest.raises(Exception, match=r"sealed|Unsupported lookup"):
            list(model.objects.filter(**{f"{name}{lookup}": value}))
    with pytest.raises(TypeError, match="sealed"):
        model.objects.update(**{name: "in clear"})


def test_a_sealed_field_cannot_be_written_in_clear_in_bulk(file_case: Any) -> None:
    person = file_case().people.get()
    person.name = "in clear"
    with pytest.raises(TypeError, match="sealed"):
        Person.objects.bulk_update([person], ["name"])


def test_a_sealed_row_is_not_serialised(file_case: Any) -> None:
    with pytest.raises(TypeError, match=r"Person\.\w+ is sealed"):
        serializers.serialize("json", file_case().people.all())


def test_values_of_a_query_stay_sealed(file_case: Any) -> None:
    case = file_case()
    found = Person.objects.filter(case=case).values_list("name", flat=True).get()
    assert "見本" not in str(found)
    length = Person.objects.annotate(length=Length(F("name"))).get(case=case).length
    assert length is not None


def test_an_empty_value_needs_no_key(file_case: Any) -> None:
    case = file_case(principal={"name": "見本 花子", "email": ""})
    person = Person.objects.get(case=case)
    CaseKey.objects.filter(pk=case.key_id).update(wrapped=b"")
    assert person.email == ""
    with pytest.raises(vault.KeyDestroyed):
        _ = person.name


def test_a_value_copied_to_another_column_or_case_is_refused(file_case: Any) -> None:
    one, two = file_case(), file_case()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dsar_person SET kana = name WHERE case_id = %s", [one.pk])
        cursor.execute(
            "UPDATE dsar_person SET name = (SELECT p.name FROM dsar_person p WHERE p.case_id = %s)"
            " WHERE case_id = %s",
            [one.pk, two.pk],
        )
    with pytest.raises(vault.Tampered, match=r"Person\.kana"):
        _ = Person.objects.get(case=one).kana
    with pytest.raises(vault.Tampered, match=r"Person\.name"):
        _ = Person.objects.get(case=two).name
    assert Person.objects.get(case=one).name == "見本 花子"


def test_saving_an_unread_row_leaves_its_bytes_alone(file_case: Any) -> None:
    case = file_case()
    before = raw_name(case)
    Person.objects.get(case=case).save()
    assert raw_name(case) == before

    changed = Person.objects.get(case=case)
    changed.name = "見本 華子"
    assert changed.name == "見本 華子"
    changed.save()
    assert raw_name(case) != before
    assert Person.objects.get(case=case).name == "見本 華子"


def raw_name(case: Case) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM dsar_person WHERE case_id = %s", [case.pk])
        return bytes(cursor.fetchone()[0])


def test_a_deferred_value_is_opened_when_it_is_read(file_case: Any) -> None:
    case = file_case()
    assert Person.objects.defer("name").get(case=case).name == "見本 花子"
    assert Case.objects.only("number").get(pk=case.pk).answers["scope"]["items"] == "登録内容"


def test_a_row_read_anew_shows_the_new_value(file_case: Any) -> None:
    case = file_case()
    one, other = Person.objects.get(case=case), Person.objects.get(case=case)
    one.name = "見本 華子"
    one.save()
    assert other.name == "見本 花子"
    other.refresh_from_db()
    assert other.name == "見本 華子"


@pytest.mark.parametrize(
    "name", ["𠮷田 花子", "髙橋 一郎", "見本 花子\u200d", "Zoë O’Sample", "", "あ" * 5000]
)
def test_every_name_comes_back_as_it_was_given(file_case: Any, name: str) -> None:
    case = file_case(principal={"name": name, "email": "x@person.example"})
    assert Person.objects.get(case=case).name == name


def test_a_list_of_cases_with_their_people_needs_a_constant_number_of_queries(
    file_case: Any, django_assert_num_queries: Any
) -> None:
    def read_all() -> list[str]:
        rows = Case.objects.select_related("key").prefetch_related("people")
        return [f"{case.answers} {person.name}" for case in rows for person in case.people.all()]

    file_case()
    with django_assert_num_queries(2):
        read_all()
    for _ in range(4):
        file_case(agent=dict(AGENT))
    with django_assert_num_queries(2):
        assert len(read_all()) == 9


def test_messages_and_notes_open_with_one_query_when_the_key_is_joined(
    file_case: Any, officer: Any, now: datetime, django_assert_num_queries: Any
) -> None:
    case = file_case()
    for number in range(3):
        casework.note(case, f"memo {number}", by=ledger.staff(officer), at=now)
    with django_assert_num_queries(1):
        bodies = [note.body for note in Note.objects.select_related("case__key")]
    assert sorted(bodies) == ["memo 0", "memo 1", "memo 2"]


def test_the_key_cannot_be_seen_in_the_representation_of_a_row(file_case: Any) -> None:
    case = file_case()
    shown = f"{case!r} {case.key!r} {case.sealing_key()!r} {case.people.get()!r}"
    assert case.sealing_key().material.hex() not in shown
    assert "見本" not in shown


def test_an_event_cannot_be_read_after_the_key_is_destroyed(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    do(case, "ask", by=ledger.staff(officer), at=now)
    case.key.destroy(now)
    event = Event.objects.get(case=case, act="ask")
    with pytest.raises(vault.KeyDestroyed):
        event.texts()
    assert CaseKey.objects.get(pk=case.key_id).destroyed_at == now


def test_a_value_in_an_expression_is_refused(file_case: Any) -> None:
    case = file_case()
    field = Person._meta.get_field("name")
    with pytest.raises(TypeError, match="sealed"):
        Person.objects.filter(case=case).update(name=Value("in clear", output_field=field))


def test_a_filing_shows_its_fields_only_to_who_asks() -> None:
    """`Filing` holds personal data in clear: the fields are known, so a new one is noticed here."""
    from dsar.filing import Filing

    assert {field.name for field in dataclasses.fields(Filing)} >= {"principal", "agent", "answers"}
