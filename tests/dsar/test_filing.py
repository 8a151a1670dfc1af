"""A request is filed wholly, once, or not at all."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.test.utils import CaptureQueriesContext

from dsar import deadlines, files, filing, ledger, notices, reference, vault
from dsar.models import (
    Case,
    CaseKey,
    Deadline,
    EmailConfirmation,
    Event,
    IntakeDraft,
    Notice,
    Person,
    SearchToken,
)
from tests.factories import AGENT, PRINCIPAL, DraftFactory, filing_for, png

pytestmark = pytest.mark.django_db
WRITTEN = (
    Case,
    CaseKey,
    Person,
    SearchToken,
    Deadline,
    Event,
    Notice,
    EmailConfirmation,
)


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in WRITTEN}


# --- What is written ----------------------------------------------------------------------
def test_every_kind_of_every_rule_set_can_be_filed(
    law_kind: tuple[str, str], file_case: Any, now: datetime
) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    assert (case.status, case.outcome, case.version) == ("received", "", 1)
    assert case.rule.code == kind
    assert case.rules.in_force(case.received_on)
    assert case.number.startswith("2611")
    assert case.due_on is not None
    assert case.due_on > case.received_on
    roles = {case.rules.deadlines[code].role for code in case.rule.deadlines}
    written = set(case.deadlines.values_list("code", flat=True))
    assert written == roles - {"cure", "fee_payment"}  # those begin with an event
    assert ledger.verify(Case.objects.get(pk=case.pk)) == 1


def test_what_the_person_wrote_is_kept_as_it_was(file_case: Any, now: datetime) -> None:
    case = Case.objects.get(pk=file_case("correction", agent=AGENT).pk)
    principal, agent = case.people.order_by("-role")
    assert {name: getattr(principal, name) for name in PRINCIPAL} == PRINCIPAL
    assert {name: getattr(agent, name) for name in AGENT} == AGENT
    assert case.answers["correction"]["right"] == "見本町4-5-6"
    assert case.requester_role == "statutory_agent"
    assert case.contact() == agent
    assert bytes(case.receipt_code_digest) == vault.keyed_digest("receipt", "7F3K2M9QABCDEFGH")
    assert case.received_at == now


def test_the_first_entry_says_what_was_filed_and_by_which_rules(file_case: Any) -> None:
    case = file_case(facts={"entered_from": "letter"})
    event = case.events.get()
    assert event.act == "file"
    assert event.facts == {
        "channel": "web",
        "kind": "disclosure",
        "rules": "appi 2022-04-01",
        "received_on": "2026-11-10",
        "entered_from": "letter",
    }


def test_a_case_is_found_by_each_way_of_writing_what_is_known(file_case: Any) -> None:
    case = file_case(agent=AGENT)
    for field, typed in (
        ("name", "見本　花子"),
        ("kana", "ミホン ハナコ"),
        ("phone", "090 0000 0000"),
        ("email", "HANAKO@person.example"),
        ("name", "見本太郎"),
        ("customer_number", "ｃ-０００１２３４"),
    ):
        token = vault.blind_index(field, typed)
        assert SearchToken.objects.filter(field=field, token=token, case=case).exists(), typed
    assert not SearchToken.objects.filter(token=vault.blind_index("name", "他人")).exists()


@pytest.mark.parametrize(
    ("regime", "at", "expected"),
    [
        ("appi", datetime(2026, 11, 10, 14, 59, tzinfo=UTC), date(2026, 11, 10)),
        ("appi", datetime(2026, 11, 10, 15, 0, tzinfo=UTC), date(2026, 11, 11)),
        ("gdpr", datetime(2026, 11, 10, 22, 59, tzinfo=UTC), date(2026, 11, 10)),
        ("gdpr", datetime(2026, 11, 10, 23, 0, tzinfo=UTC), date(2026, 11, 11)),
        ("ccpa", datetime(2026, 11, 10, 7, 59, tzinfo=UTC), date(2026, 11, 9)),
        ("ccpa", datetime(2026, 11, 10, 8, 0, tzinfo=UTC), date(2026, 11, 10)),
    ],
)
def test_a_request_arrives_on_the_day_of_its_rule_sets_time_zone(
    file_case: Any, regime: str, at: datetime, expected: date
) -> None:
    kind = {"appi": "disclosure", "gdpr": "access", "ccpa": "delete"}[regime]
    assert file_case(kind, regime, at=at).received_on == expected


def test_what_came_by_post_counts_from_its_arrival(file_case: Any, now: datetime) -> None:
    case = file_case(channel="post", received_at=now - timedelta(days=4))
    assert case.received_on == date(2026, 11, 6)
    assert case.deadlines.get(code="decision").due_on == date(2026, 11, 20)
    assert case.events.get().at == now
    assert case.deadlines.get(code="ack").met_on is None


def test_on_the_web_receipt_is_confirmed_on_the_spot(file_case: Any) -> None:
    assert file_case().deadlines.get(code="ack").met_on == date(2026, 11, 10)


@pytest.mark.parametrize(
    ("channel", "email", "kinds"),
    [
        ("web", "hanako@person.example", {"confirm_email", "desk_new_case"}),
        ("web", "", {"desk_new_case"}),
        ("post", "hanako@person.example", {"receipt", "desk_new_case"}),
        ("phone", "", {"desk_new_case"}),
    ],
)
def test_person_and_desk_are_told_as_far_as_there_is_an_address(
    file_case: Any, now: datetime, channel: str, email: str, kinds: set[str]
) -> None:
    case = file_case(channel=channel, principal={"name": "見本 花子", "email": email})
    assert set(case.notices.filter(due_at=now).values_list("kind", flat=True)) == kinds
    assert case.confirmations.exists() == ("confirm_email" in kinds)


def test_reminders_are_planned_with_the_case(file_case: Any) -> None:
    planned = file_case().notices.filter(kind="desk_due:decision").order_by("due_at")
    assert [f"{notice.due_at:%m-%d %H:%M}" for notice in planned] == [
        "11-17 00:00",  # nine o'clock in Tokyo
        "11-21 00:00",
        "11-23 00:00",
        "11-25 00:00",
        "12-01 00:00",
    ]


def test_a_filing_takes_few_queries(controller: Any, now: datetime) -> None:
    draft = DraftFactory.create()
    request = filing_for(controller, agent=AGENT)
    with CaptureQueriesContext(connection) as queries:
        filing.file(request, by=ledger.REQUESTER, at=now, receipt_code="X" * 16, draft=draft)
    said = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(said) <= 15, "\n".join(sql[:120] for sql in said)


# --- All or nothing -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "fails_at",
    [
        (deadlines, "start"),
        (Case, "save"),
        (Person.objects, "bulk_create"),
        (SearchToken.objects, "bulk_create"),
        (Deadline.objects, "bulk_create"),
        (Event, "save"),
        (EmailConfirmation.objects, "create"),
        (notices, "write"),
    ],
    ids=lambda pair: f"{getattr(pair[0], '__name__', type(pair[0]).__name__)}.{pair[1]}",
)
def test_a_filing_that_fails_at_any_write_leaves_nothing_behind(
    file_case: Any, monkeypatch: pytest.MonkeyPatch, fails_at: tuple[Any, str]
) -> None:
    draft = DraftFactory.create()
    before = rows()
    owner, name = fails_at
    real = getattr(owner, name)

    def fail(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise ConnectionError("the server has gone away")

    monkeypatch.setattr(owner, name, fail)
    with pytest.raises(ConnectionError):
        file_case(draft=draft)
    assert rows() == before
    draft = IntakeDraft.objects.get(pk=draft.pk)
    assert draft.case is None
    assert draft.answers == {"want": {"want": "see"}}


# --- Numbers ------------------------------------------------------------------------------
def test_a_number_that_is_taken_is_drawn_again(
    file_case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = file_case().number
    numbers = iter([taken, taken, "261100000017"])
    monkeypatch.setattr(reference, "new_case_number", lambda _day: next(numbers))
    before = rows()
    assert file_case().number == "261100000017"
    assert rows()["CaseKey"] == before["CaseKey"] + 1  # nothing is left of the two tries


def test_a_number_that_is_always_taken_is_an_error_not_a_loop(
    file_case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = file_case().number
    monkeypatch.setattr(reference, "new_case_number", lambda _day: taken)
    with pytest.raises(IntegrityError):
        file_case()
    assert Case.objects.count() == 1


# --- Drafts -------------------------------------------------------------------------------
def test_a_draft_hands_its_key_and_files_to_its_case_and_forgets_its_answers(
    file_case: Any, now: datetime, media: Any
) -> None:
    draft = DraftFactory.create(answers={"principal": {"name": "見本 花子"}})
    attached = files.store(png("旅券.png"), at=now, draft=draft)
    case = file_case(draft=draft)

    assert case.key_id == draft.key_id
    attachment = case.attachments.get()
    assert attachment == attached
    assert (attachment.name, attachment.case) == ("旅券.png", case)
    assert b"".join(files.read(attachment)).startswith(b"\x89PNG")
    assert IntakeDraft.objects.get(pk=draft.pk).answers == {}
    assert case.draft == draft


def test_a_draft_is_filed_once_however_often_its_button_is_pressed(file_case: Any) -> None:
    draft = DraftFactory.create()
    case = file_case(draft=draft)
    before = rows()
    for copy in (draft, IntakeDraft.objects.get(pk=draft.pk)):
        with pytest.raises(filing.AlreadyFiled) as again:
            file_case(draft=copy)
        assert again.value.case == case
    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_filed_once_by_buttons_pressed_at_the_same_moment(
    controller: Any, now: datetime
) -> None:
    draft = DraftFactory.create()
    together = threading.Barrier(3)
    ends: list[Any] = []

    def press() -> None:
        try:
            mine = IntakeDraft.objects.select_related("key").get(pk=draft.pk)
            together.wait(10)
            request = filing_for(controller)
            code = reference.new_receipt_code()
            case = filing.file(request, by=ledger.REQUESTER, at=now, receipt_code=code, draft=mine)
            ends.append(("filed", case.pk))
        except filing.AlreadyFiled as again:
            ends.append(("again", again.case.pk))
        except Exception as error:
            ends.append(("failed", repr(error)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    case = Case.objects.get()
    assert sorted(ends) == [("again", case.pk), ("again", case.pk), ("filed", case.pk)]
    assert CaseKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_mail_is_queued_after_the_case_is_there(
    file_case: Any, queued: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(
        notices, "queue", lambda task, *ids: seen.append((task, Case.objects.count()))
    )
    file_case()
    assert seen == [("dsar.sweep_notices", 1), ("dsar.write_letters", 1)]


# --- The address --------------------------------------------------------------------------
def token_of(case: Case) -> str:
    return str(case.notices.get(kind="confirm_email").secret["token"])


def test_the_link_in_the_mail_proves_the_address(file_case: Any, now: datetime) -> None:
    case = file_case()
    at = now + timedelta(hours=1)
    assert filing.confirm_email(token_of(case), at=at) == case
    after = Case.objects.get(pk=case.pk)
    assert after.email_confirmed_at == at
    assert list(after.events.values_list("act", flat=True)) == ["file", "confirm_email"]


def test_the_link_used_twice_answers_with_the_case_and_writes_nothing(
    file_case: Any, now: datetime
) -> None:
    case = file_case()
    filing.confirm_email(token_of(case), at=now + timedelta(hours=1))
    assert filing.confirm_email(token_of(case), at=now + timedelta(days=3)) == case
    after = Case.objects.get(pk=case.pk)
    assert after.email_confirmed_at == now + timedelta(hours=1)
    assert after.event_count == 2


def test_an_unknown_or_old_link_proves_nothing(file_case: Any, now: datetime) -> None:
    case = file_case()
    assert filing.confirm_email("made up", at=now) is None
    late = now + timedelta(days=filing.CONFIRMATION_DAYS)
    assert filing.confirm_email(token_of(case), at=late) is None
    assert Case.objects.get(pk=case.pk).email_confirmed_at is None
