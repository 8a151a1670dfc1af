"""The demo data: complete, as real as filed cases, made once, and never in production."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.urls import reverse
from PIL import Image

from dsar import collection, deadlines, files, ledger, materials, reference, reminders
from dsar.demo import builder, telling
from dsar.demo.cases_abroad import CCPA
from dsar.demo.cases_under_way import UNDER_WAY, VISITORS_CASE
from dsar.demo.company import PASSWORD, STAFF
from dsar.law import shelf
from dsar.models import (
    Attachment,
    Case,
    Channel,
    Controller,
    DataSystem,
    Decision,
    Event,
    Message,
    Note,
    Notice,
    Outcome,
    Person,
    Posting,
    RequesterRole,
    SearchTask,
    StaffMember,
    Status,
)
from dsar.requester import access

TODAY = date(2026, 11, 10)
NOW = builder.evening_of(TODAY)
SHORT = UNDER_WAY[:4]
ALL_CASES = sum(1 + len(plot.further) for plot in builder.PLOTS)

pytestmark = pytest.mark.django_db


def seed(*options: str, today: date = TODAY) -> str:
    said = io.StringIO()
    call_command("seed_demo", f"--today={today}", *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo of four cases, for what does not depend on how many there are."""
    monkeypatch.setattr(builder, "PLOTS", SHORT)


def case_of(key: str) -> Case:
    return Case.objects.get(receipt_code_digest=telling.seed_digest(key))


def user(name: str) -> StaffMember:
    return StaffMember.objects.get(username=name)


# --- What there is to see -----------------------------------------------------------------
class TestTheWholeDemo(TestCase):
    """The demo as it stands on the evening of TODAY, made once for all of these."""

    @classmethod
    def setUpTestData(cls) -> None:
        seed()

    def test_every_status_outcome_channel_and_kind_of_requester_occurs(self) -> None:
        cases = Case.objects.order_by()
        statuses = Counter(cases.values_list("status", flat=True))
        assert set(statuses) == set(Status.values)
        assert min(statuses.values()) >= 3
        outcomes = Counter(cases.exclude(outcome="").values_list("outcome", flat=True))
        assert set(outcomes) == set(Outcome.values)
        assert set(cases.values_list("channel", flat=True)) == set(Channel.values)
        assert set(cases.values_list("requester_role", flat=True)) == set(RequesterRole.values)
        assert set(cases.values_list("language", flat=True)) == {"ja", "en"}
        assert cases.count() == ALL_CASES

    def test_every_kind_of_the_japanese_act_occurs_and_most_of_the_other_laws(self) -> None:
        found = Counter(Case.objects.order_by().values_list("regime", "kind"))
        for regime, lacking in (("appi", 0), ("gdpr", 1), ("ccpa", 1)):
            known = set(shelf.book().versions(regime)[-1].kinds)
            shown = {kind for law, kind in found if law == regime}
            assert shown <= known
            assert len(known - shown) == lacking, regime
        assert Controller.objects.get(code="sample").regimes == ["appi", "gdpr", "ccpa"]
        others = Controller.objects.exclude(code="sample").values_list("regimes", flat=True)
        assert list(others) == [["appi"], ["appi"]]

    def test_the_queue_shows_what_an_officer_must_notice(self) -> None:
        cases = Case.objects.open()
        assert cases.overdue(TODAY).count() >= 2
        assert cases.filter(next_due_on=TODAY).get() == case_of("due-today")
        assert cases.filter(is_stopped=True).count() == 4
        assert Case.objects.filter(extensions__isnull=False).count() == 2
        assert cases.filter(has_news=True).count() == 3
        assert cases.filter(assigned_to=None).count() >= 4
        assert Decision.objects.filter(state=Decision.State.SENT_BACK).count() == 1
        assert case_of("reopened").events.filter(act="reopen").exists()
        assert case_of("identity-not-shown").outcome_code == "T3_identity"
        assert case_of("withdrawn").events.get(act="withdraw").actor_kind == "requester"
        assert Note.objects.count() >= 8

    def test_the_people_are_made_up_and_their_names_are_hard_on_software(self) -> None:
        people = list(Person.objects.select_related("case__key"))
        names = [person.name for person in people]
        for part in ("髙橋", "𠮷田", "Beispiel"):
            assert any(part in name for name in names), part
        assert max(map(len, names)) > 60
        hosts = {person.email.rpartition("@")[2] for person in people if person.email}
        assert all(host == "example.jp" or host.endswith(".example") for host in hosts), hosts
        phones = {person.phone for person in people if person.phone}
        assert all(phone[:9] in ("090-0000-", "03-0000-0") for phone in phones), phones

    def test_some_letters_are_posted_and_some_wait_for_their_check(self) -> None:
        posted = Posting.objects.filter(state=Posting.State.POSTED)
        assert {row.way for row in posted} == {"ordinary", "simple_registered"}
        waiting = Posting.objects.filter(state=Posting.State.PREPARED)
        assert {row.letter.case.controller.second_check for row in waiting} == {True}

    def test_messages_go_both_ways_with_files_that_open(self) -> None:
        sent = Counter(
            Message.objects.order_by().exclude(attachments=None).values_list("direction", flat=True)
        )
        assert set(sent) == set(Message.Direction.values)
        kinds = set()
        came = Attachment.objects.exclude(purpose=Attachment.Purpose.LETTER)
        for row in came.select_related("case__key"):
            plain = b"".join(files.read(row))
            assert len(plain) == row.size
            kinds.add(row.content_type)
            if row.content_type == materials.TABLE_TYPE:
                assert len(list(materials.rows(row))) in (2, 3)
            elif row.content_type == "image/png":
                Image.open(io.BytesIO(plain)).load()
            else:
                start = int(plain.rpartition(b"startxref\n")[2].split()[0])
                assert plain.startswith(b"%PDF-")
                assert plain[start:].startswith(b"xref")
        assert kinds == {"image/png", "application/pdf", materials.TABLE_TYPE}

    def test_material_is_gathered_and_some_of_it_redacted(self) -> None:
        case = case_of("visitor")
        states = {row.title: (row.state, row.copy_state) for row in case.materials.all()}
        assert states == {
            "会員履歴": ("included", "ready"),
            "会員登録.pdf": ("new", ""),
            "応対の記録.pdf": ("included", "ready"),
            "申込書の控え.png": ("new", ""),
        }
        calls = case.materials.filter(form="pdf").latest("pk")
        assert b"Sample Jiro" in b"".join(files.read(calls.original))
        assert b"Sample Jiro" not in b"".join(files.read(materials.delivered(calls)))

    def test_a_case_is_decided_item_by_item(self) -> None:
        rows = case_of("partial-decided").decisions.get().items.all()
        assert [row.outcome for row in rows] == ["granted", "partial"]

    def test_every_chain_of_events_holds_and_every_clock_counts_to_the_same_dates(self) -> None:
        for case in Case.objects.select_related("key", "controller"):
            assert ledger.verify(case) == case.event_count
            before = (case.next_due_on, case.next_due_code, case.is_stopped)
            deadlines.refresh(case, NOW)
            assert (case.next_due_on, case.next_due_code, case.is_stopped) == before, case

    def test_everything_happened_in_order_in_the_past_and_the_desk_kept_its_hours(self) -> None:
        calendar = {
            row.pk: deadlines.calendar_for(shelf.book().versions("appi")[-1], row.pk)
            for row in Controller.objects.all()
        }
        last: dict[int, datetime] = {}
        for event in Event.objects.select_related("case").order_by("case", "position"):
            assert last.get(event.case_id, event.at) <= event.at < NOW
            last[event.case_id] = event.at
            if event.actor_kind == "staff":
                at = event.at.astimezone(telling.TOKYO)
                assert calendar[event.case.controller_id].closed(at.date()) is None, event
                assert 9 <= at.hour < 19, event

    def test_decisions_that_need_four_eyes_had_them(self) -> None:
        final = Decision.objects.filter(state=Decision.State.FINAL)
        refused = final.filter(outcome__in=("refused", "partial", "no_data"))
        assert refused.count() >= 8
        for row in refused:
            assert row.approved_by_id not in (None, row.decided_by_id)

    def test_each_role_sees_the_cases_of_its_companies(self) -> None:
        def codes(name: str) -> set[str]:
            seen = Case.objects.visible_to(user(name))
            return set(seen.values_list("controller__code", flat=True))

        assert codes("officer") == {"sample", "finance"}
        assert codes("officer2") == {"sample", "travel"}
        for name in ("intake", "approver", "auditor"):
            assert Case.objects.visible_to(user(name)).count() == Case.objects.count()
        for name in ("owner", "admin"):
            assert not Case.objects.visible_to(user(name)).exists()
        for case in Case.objects.exclude(assigned_to=None):
            assert case.assigned_to is not None
            assert Case.objects.visible_to(case.assigned_to).filter(pk=case.pk).exists()

    def test_every_case_opens_at_the_desk(self) -> None:
        self.client.force_login(user("approver"))
        assert self.client.get(reverse("admin:dsar_case_changelist")).status_code == 200
        for pk in Case.objects.values_list("pk", flat=True):
            page = self.client.get(reverse("admin:dsar_case_change", args=[pk]))
            assert page.status_code == 200, pk

    def test_the_past_is_not_mailed_and_the_future_will_be(self) -> None:
        assert reminders.claim(NOW) == []
        waiting = Notice.objects.filter(state=Notice.State.WAITING)
        assert waiting.filter(kind__startswith="desk_due").count() > 20
        others = waiting.exclude(kind__startswith="desk_due").values_list("kind", flat=True)
        assert {kind.partition(":")[0] for kind in others} == {"owner_reminder", "desk_task_late"}
        for row in Notice.objects.filter(state=Notice.State.SENT):
            assert row.sent_at == row.due_at <= NOW

    def test_data_owners_were_asked_and_some_answers_are_still_awaited(self) -> None:
        states = Counter(SearchTask.objects.values_list("purpose", "state"))
        wanted = {
            ("search", state) for state in ("proposed", "open", "found", "nothing", "cancelled")
        }
        assert wanted | {("carry_out", "open"), ("carry_out", "done")} <= set(states)
        due = [task.due_on for task in collection.open_tasks_of(user("owner"))]
        assert [day is not None and day < TODAY for day in due] == [True, False]
        proof = Attachment.objects.get(purpose=Attachment.Purpose.PROOF)
        assert proof.task is not None
        assert proof.task.system.processor is not None
        assert DataSystem.objects.values("controller").distinct().count() == 3

    def test_one_mail_failed_and_people_without_an_address_were_not_written_to(self) -> None:
        failed = Notice.objects.get(state=Notice.State.FAILED)
        assert failed.case in Case.objects.visible_to(user("officer"))
        assert failed.sent_at is None
        assert "@" not in failed.last_error
        cancelled = Notice.objects.filter(state=Notice.State.CANCELLED).select_related("case__key")
        assert cancelled
        for row in cancelled:
            assert row.case is not None
            assert not row.case.email()
            assert row.audience == Notice.Audience.REQUESTER


# --- Told from any day --------------------------------------------------------------------
@pytest.mark.parametrize("today", [date(2027, 1, 3), date(2028, 2, 29)])
def test_it_can_be_told_from_holidays_and_leap_days(today: date) -> None:
    seed(today=today)
    assert set(Case.objects.values_list("status", flat=True)) == set(Status.values)
    assert Case.objects.count() == ALL_CASES
    assert not Event.objects.filter(at__gt=builder.evening_of(today)).exists()
    assert case_of("due-today").due_on == today


@pytest.mark.usefixtures("short")
def test_a_story_is_told_alike_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def story() -> list[tuple[str, datetime]]:
        case = Case.objects.latest("pk")
        return list(case.events.values_list("act", "at"))

    monkeypatch.setattr(builder, "PLOTS", SHORT[:1])
    seed()
    first = story()
    Case.objects.update(receipt_code_digest=b"forgotten")
    seed()
    assert Case.objects.count() == 2
    assert story() == first


# --- What is printed ----------------------------------------------------------------------
@pytest.mark.usefixtures("short")
def test_all_logins_are_printed_with_the_password_that_opens_them() -> None:
    seed()
    lines = seed("--print-logins").splitlines()
    for login, line in zip(STAFF, lines, strict=False):
        assert line.split()[:2] == [login.username, PASSWORD]
        member = authenticate(username=login.username, password=PASSWORD)
        assert isinstance(member, StaffMember)
        assert member.is_staff
        assert member.email.endswith("@sample.example")
        assert [group.name for group in member.groups.all()] == [login.role]
    assert len(lines) == len(STAFF) + 1


@pytest.mark.usefixtures("short")
def test_a_visitor_can_look_up_the_printed_case(queued: list[Any]) -> None:
    seed()
    printed = seed("--print-logins").splitlines()[-1]
    number = printed.partition("number ")[2].partition(",")[0]
    code = printed.partition("receipt code ")[2].partition(";")[0]
    claim = access.begin(
        reference.read_case_number(number) or "", reference.read_receipt_code(code), at=NOW
    )
    mail = Notice.objects.select_related("case__key").get(kind="access_code")
    assert mail.case == case_of(VISITORS_CASE)
    assert mail.case is not None
    assert access.enter(claim, mail.secret["code"], at=NOW + timedelta(minutes=1))
    assert mail.case.status == Status.IN_PROGRESS
    assert mail.case.messages.filter(direction="to_requester", read_at=None).exists()


# --- Made once ----------------------------------------------------------------------------
@pytest.fixture
def _changed_by_a_visitor(short: None) -> None:
    seed()
    Controller.objects.filter(code="travel").update(phone="06-0000-9999")
    StaffMember.objects.filter(username="officer").update(first_name="変更")
    Case.objects.filter(pk=case_of("overdue").pk).update(has_news=False)


@pytest.mark.usefixtures("_changed_by_a_visitor")
def test_a_second_run_keeps_everything_and_is_quick(django_assert_max_num_queries: Any) -> None:
    before = (Case.objects.count(), Event.objects.count(), Notice.objects.count())
    with django_assert_max_num_queries(8):
        said = seed(today=TODAY + timedelta(days=3))
    assert "there already" in said
    assert (Case.objects.count(), Event.objects.count(), Notice.objects.count()) == before
    assert Controller.objects.get(code="travel").phone == "06-0000-9999"
    assert user("officer").first_name == "変更"
    assert not case_of("overdue").has_news


@pytest.mark.usefixtures("short")
def test_a_run_that_was_cut_off_is_completed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    real, left = telling.past_mail.settle, [2]

    def cut_off(case: Case, now: datetime) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        real(case, now)

    monkeypatch.setattr(telling.past_mail, "settle", cut_off)
    with pytest.raises(KeyboardInterrupt):
        seed()
    whole = set(Case.objects.values_list("pk", flat=True))
    assert len(whole) == 2
    left[0] = 10
    assert seed() == "demo cases made: 2\n"
    assert whole < set(Case.objects.values_list("pk", flat=True))
    assert Controller.objects.count() == 3
    assert {case_of(plot.key).event_count > 0 for plot in SHORT} == {True}


# --- Where it must not or cannot ----------------------------------------------------------
@pytest.mark.parametrize("options", [[], ["--print-logins"]])
def test_it_refuses_production_in_one_line(settings: Any, options: list[str]) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError) as refused:
        call_command("seed_demo", *options)
    assert "production" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not Controller.objects.exists()


def test_logins_are_not_printed_before_they_exist() -> None:
    with pytest.raises(CommandError, match="run seed_demo first"):
        seed("--print-logins")


def test_without_four_eyes_nothing_waits_for_approval(settings: Any) -> None:
    settings.FOUR_EYES = False
    seed()
    assert not Case.objects.filter(status=Status.IN_APPROVAL).exists()
    assert Case.objects.count() == ALL_CASES


def test_a_case_from_before_its_law_came_into_force_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(builder, "PLOTS", CCPA)
    seed(today=date(2026, 1, 5))
    assert Case.objects.get() == case_of("ccpa-correct")
