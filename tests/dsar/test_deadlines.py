"""Due dates follow what happened to a case, and can be explained."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from dsar import deadlines, ledger, lifecycle, notices
from dsar.models import Case, ClockStop, Controller, Notice, ReminderRule
from tests.factories import ClosingDayFactory, do

pytestmark = pytest.mark.django_db

Desk = Callable[..., Any]


@pytest.fixture
def act(officer: Any) -> Desk:
    """`act(case, "ask", day=12)`: done at ten o'clock in Tokyo on that day of November 2026."""

    def done(case: Case, name: str, *, day: int = 10, **given: Any) -> Any:
        at = given.pop("at", datetime(2026, 11, day, 1, 0, tzinfo=UTC))
        return do(case, name, by=ledger.staff(officer), at=at, **given)

    return done


def dues(case: Case) -> dict[str, str | None]:
    return {row.code: f"{row.due_on:%m-%d}" if row.due_on else None for row in case.deadlines.all()}


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


# --- APPI ---------------------------------------------------------------------------------
def test_a_disclosure_has_its_dates_from_receipt(file_case: Any) -> None:
    case = file_case()
    assert dues(case) == {
        "ack": "11-13",
        "id_check": "11-17",
        "decision": "11-24",
        "art39_marker": "11-24",
    }
    assert (case.next_due_code, case.due_on) == ("id_check", date(2026, 11, 17))


def test_the_marker_of_article_39_is_never_what_is_due(file_case: Any, advance: Any) -> None:
    case = advance(file_case(), "in_progress")
    assert (case.next_due_code, case.due_on) == ("decision", date(2026, 11, 24))
    done = advance(case, "decided")
    assert (done.next_due_code, done.due_on) == ("", None)
    assert done.deadlines.get(code="art39_marker").met_on is None


def test_while_the_person_is_asked_the_decision_waits_and_the_answer_is_due(
    file_case: Any, act: Desk
) -> None:
    case = file_case()
    act(case, "ask", day=12)
    assert dues(case) == {
        "ack": "11-13",
        "decision": None,
        "cure": "11-26",
        "art39_marker": "11-24",
    }
    assert (case.next_due_code, case.due_on, case.is_stopped) == (
        "cure",
        date(2026, 11, 26),
        True,
    )


def test_the_days_of_waiting_are_added_and_the_identity_counts_from_the_answer(
    file_case: Any, act: Desk
) -> None:
    case = file_case()
    act(case, "ask", day=12)
    act(case, "resume", day=16)
    assert dues(case) == {
        "ack": "11-13",
        "id_check": "11-24",  # 23 November is a holiday
        "decision": "11-28",
        "art39_marker": "11-24",
    }
    assert not case.is_stopped


def test_an_answer_that_lay_in_the_letter_box_counts_from_its_arrival(
    file_case: Any, act: Desk
) -> None:
    case = file_case()
    act(case, "ask", day=12)
    act(case, "resume", day=18, facts={"resumed_on": date(2026, 11, 16)})
    assert dues(case)["decision"] == "11-28"


def test_two_questions_are_both_left_out_of_the_count(file_case: Any, act: Desk) -> None:
    case = file_case()
    for asked, answered in ((11, 13), (14, 20)):
        act(case, "ask", day=asked)
        act(case, "resume", day=answered)
    assert dues(case)["decision"] == "12-02"
    assert case.stops.count() == 2


def test_a_restart_counts_the_whole_period_anew(file_case: Any, act: Desk, now: datetime) -> None:
    case = file_case()
    ClockStop.objects.create(
        case=case, effect="restart", stopped_on=date(2026, 11, 12), resumed_on=date(2026, 11, 16)
    )
    deadlines.refresh(fresh(case), now)
    assert dues(case)["decision"] == "11-30"


def test_an_extension_adds_twenty_business_days_and_says_from_when_to_when(
    file_case: Any, act: Desk, officer: Any
) -> None:
    case = file_case()
    promised = deadlines.preview_extension(case)
    act(case, "extend", day=20)
    extension = case.extensions.get()
    assert (extension.due_before, extension.due_after) == (date(2026, 11, 24), date(2026, 12, 22))
    assert (extension.granted_on, extension.by) == (date(2026, 11, 20), officer)
    assert extension.reason == "調査に時間を要するため"
    assert extension.due_after == promised
    assert dues(case)["decision"] == "12-22"
    assert dues(case)["art39_marker"] == "11-24"


def test_an_extension_after_a_pause_starts_where_the_pause_led(file_case: Any, act: Desk) -> None:
    case = file_case()
    act(case, "ask", day=12)
    act(case, "resume", day=16)
    promised = deadlines.preview_extension(case)
    act(case, "extend", day=17)
    extension = case.extensions.get()
    assert (extension.due_before, extension.due_after) == (date(2026, 11, 28), date(2026, 12, 25))
    assert extension.due_after == promised


@pytest.mark.parametrize(
    ("kind", "prepare", "day"),
    [
        ("optout_27_2", None, 11),  # the kind knows no extension
        ("disclosure", "extend", 12),  # once only
        ("disclosure", None, 25),  # too late
        ("disclosure", "ask", 12),  # nothing is running
    ],
)
def test_an_extension_that_the_rules_do_not_allow_is_refused_in_words(
    file_case: Any, act: Desk, kind: str, prepare: str | None, day: int
) -> None:
    case = file_case(kind)
    if prepare:
        act(case, prepare, day=11)
    before = dues(case)
    with pytest.raises(lifecycle.NotAllowed):
        act(case, "extend", day=day)
    assert dues(case) == before


def test_an_extension_on_the_last_day_is_in_time(file_case: Any, act: Desk) -> None:
    case = file_case()
    act(case, "extend", at=datetime(2026, 11, 24, 14, 59, tzinfo=UTC))
    assert dues(case)["decision"] == "12-22"


def test_a_minute_after_midnight_in_tokyo_is_too_late_to_extend(file_case: Any, act: Desk) -> None:
    case = file_case()
    with pytest.raises(lifecycle.NotAllowed):
        act(case, "extend", at=datetime(2026, 11, 24, 15, 1, tzinfo=UTC))


# --- GDPR ---------------------------------------------------------------------------------
GDPR_RECEIVED = datetime(2026, 6, 10, 8, 0, tzinfo=UTC)


def test_under_the_gdpr_asking_without_doubt_about_the_identity_stops_nothing(
    file_case: Any, act: Desk
) -> None:
    case = file_case("access", "gdpr", at=GDPR_RECEIVED)
    act(case, "ask", at=GDPR_RECEIVED + timedelta(days=2))
    assert case.deadlines.get(code="decision").due_on == date(2026, 7, 10)
    assert not case.is_stopped
    assert case.stops.get().effect == "none"
    act(case, "resume", at=GDPR_RECEIVED + timedelta(days=12))
    assert case.deadlines.get(code="decision").due_on == date(2026, 7, 10)


def test_under_the_gdpr_a_recorded_doubt_pauses_the_clock(file_case: Any, act: Desk) -> None:
    case = file_case("access", "gdpr", at=GDPR_RECEIVED)
    doubt = "住所が登録と異なる"
    act(case, "ask", at=GDPR_RECEIVED + timedelta(days=2), texts={"doubt": doubt})
    assert case.is_stopped
    assert case.deadlines.get(code="decision").due_on is None
    assert (case.stops.get().effect, case.stops.get().reason) == ("pause", doubt)
    act(case, "resume", at=GDPR_RECEIVED + timedelta(days=12))
    assert case.deadlines.get(code="decision").due_on == date(2026, 7, 20)


def test_under_the_gdpr_the_earlier_reading_of_an_extension_stands(
    file_case: Any, act: Desk
) -> None:
    at = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
    case = file_case("access", "gdpr", at=at)
    assert case.deadlines.get(code="decision").due_on == date(2026, 2, 28)
    promised = deadlines.preview_extension(case)
    act(case, "extend", at=at + timedelta(days=3))
    assert case.deadlines.get(code="decision").due_on == date(2026, 4, 28) == promised


# --- CCPA ---------------------------------------------------------------------------------
CCPA_RECEIVED = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def test_under_the_ccpa_the_clock_runs_while_the_person_is_asked(file_case: Any, act: Desk) -> None:
    case = file_case("know_specific", "ccpa", at=CCPA_RECEIVED)
    assert case.deadlines.get(code="ack").due_on == date(2026, 12, 7)
    act(case, "ask", at=CCPA_RECEIVED + timedelta(days=3))
    assert not case.is_stopped
    assert case.deadlines.get(code="decision").due_on == date(2027, 1, 4)
    act(case, "resume", at=CCPA_RECEIVED + timedelta(days=10))
    assert case.deadlines.get(code="decision").due_on == date(2027, 1, 4)
    act(case, "extend", at=CCPA_RECEIVED + timedelta(days=11))
    assert case.deadlines.get(code="decision").due_on == date(2027, 2, 18)


def test_under_the_ccpa_an_opt_out_is_due_in_fifteen_business_days(file_case: Any) -> None:
    case = file_case("opt_out", "ccpa", at=CCPA_RECEIVED)
    assert dues(case) == {"decision": "12-14"}


# --- Day and zone -------------------------------------------------------------------------
def test_today_is_the_day_of_the_rule_sets_time_zone(file_case: Any) -> None:
    at = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)
    assert deadlines.today(file_case(), at) == date(2026, 11, 11)
    assert deadlines.today(file_case("access", "gdpr"), at) == date(2026, 11, 11)
    assert deadlines.today(file_case("delete", "ccpa"), at) == date(2026, 11, 10)


def test_overdue_and_due_soon_are_told_apart_by_the_day(file_case: Any) -> None:
    case = file_case()
    on_the_day, after = date(2026, 11, 17), date(2026, 11, 18)
    assert not Case.objects.overdue(on_the_day).exists()
    assert Case.objects.overdue(after).get() == case
    assert Case.objects.due_within(date(2026, 11, 10), 7).get() == case
    assert not Case.objects.due_within(date(2026, 11, 10), 6).exists()
    assert not Case.objects.due_within(after, 30).exists()


# --- Closing days -------------------------------------------------------------------------
def bump(*controllers: Controller) -> None:
    """What the desk's page does when a closing day changes."""
    pks = [controller.pk for controller in controllers]
    Controller.objects.filter(pk__in=pks).update(calendar_version=F("calendar_version") + 1)


def test_a_closing_day_that_is_known_is_left_out_of_business_days(
    file_case: Any, controller: Any
) -> None:
    ClosingDayFactory.create(controller=controller, day=date(2026, 11, 12))
    assert dues(file_case())["ack"] == "11-16"


def test_a_closing_day_of_another_company_changes_nothing(
    file_case: Any, other_controller: Any
) -> None:
    ClosingDayFactory.create(controller=other_controller, day=date(2026, 11, 12))
    assert dues(file_case())["ack"] == "11-13"


def test_a_companys_own_row_wins_over_the_one_for_all(
    file_case: Any, controller: Any, other_controller: Any
) -> None:
    ClosingDayFactory.create(controller=None, day=date(2026, 11, 12))
    ClosingDayFactory.create(controller=controller, day=date(2026, 11, 12), is_open=True)
    assert dues(file_case())["ack"] == "11-13"
    assert dues(file_case(controller=other_controller))["ack"] == "11-16"


def test_a_day_that_is_open_after_all_counts_although_it_is_a_holiday(
    file_case: Any, controller: Any
) -> None:
    at = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # the Friday before 勤労感謝の日
    assert dues(file_case(at=at))["ack"] == "11-26"
    ClosingDayFactory.create(controller=controller, day=date(2026, 11, 23), is_open=True)
    assert dues(file_case(at=at))["ack"] == "11-25"


def test_a_changed_calendar_makes_the_cases_of_that_company_stale_until_they_are_counted_anew(
    file_case: Any, controller: Any, other_controller: Any, now: datetime
) -> None:
    case, other = file_case(), file_case(controller=other_controller)
    assert not deadlines.stale().exists()
    ClosingDayFactory.create(controller=controller, day=date(2026, 11, 12))
    bump(controller)
    assert list(deadlines.stale()) == [case]
    assert other not in deadlines.stale()

    deadlines.refresh(fresh(case), now)
    assert dues(case) == {
        "ack": "11-16",
        "id_check": "11-18",
        "decision": "11-24",
        "art39_marker": "11-24",
    }
    assert fresh(case).due_on == date(2026, 11, 18)
    assert not deadlines.stale().exists()


def test_a_change_that_comes_while_counting_is_not_missed(
    file_case: Any, controller: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is read before the closing days, so what changed in between is stale again."""
    case = Case.objects.select_related("key").get(pk=file_case().pk)
    real = deadlines.reckon

    def change_in_between(*args: Any) -> Any:
        counted = real(*args)
        bump(controller)
        return counted

    monkeypatch.setattr(deadlines, "reckon", change_in_between)
    deadlines.refresh(case, now)
    assert list(deadlines.stale()) == [case]


def test_a_closed_case_is_never_stale(file_case: Any, advance: Any, controller: Any) -> None:
    advance(file_case(), "closed")
    bump(controller)
    assert not deadlines.stale().exists()


def test_counting_anew_changes_nothing_if_nothing_changed(
    file_case: Any, act: Desk, now: datetime
) -> None:
    case = file_case()
    act(case, "ask", day=12)
    before = list(case.deadlines.order_by("pk").values())
    notices.write(deadlines.refresh(fresh(case), now), now)
    assert list(case.deadlines.order_by("pk").values()) == before


# --- Reminders ----------------------------------------------------------------------------
def reminders(case: Case, code: str = "decision") -> list[str]:
    found = case.notices.filter(kind=f"desk_due:{code}", state="waiting").order_by("due_at")
    return [f"{notice.due_at:%m-%d}" for notice in found]


def test_reminders_move_with_the_due_date(file_case: Any, act: Desk) -> None:
    case = file_case()
    assert reminders(case) == ["11-17", "11-21", "11-23", "11-25", "12-01"]
    act(case, "ask", day=12)
    assert reminders(case) == []
    assert reminders(case, "cure") == ["11-27"]
    act(case, "resume", day=16)
    assert reminders(case) == ["11-21", "11-25", "11-27", "11-29", "12-05"]
    assert reminders(case, "cure") == []


def test_a_reminder_whose_time_has_passed_is_not_sent_late(file_case: Any) -> None:
    at = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
    case = file_case(at=at, received_at=at - timedelta(days=10), channel="post")
    assert reminders(case) == ["11-11", "11-13", "11-15", "11-21"]  # due on the 14th


def test_a_reminder_that_was_sent_stays_and_is_not_planned_again(
    file_case: Any, now: datetime
) -> None:
    case = file_case()
    first = case.notices.filter(kind="desk_due:decision").order_by("due_at")[0]
    Notice.objects.filter(pk=first.pk).update(state="sent", sent_at=first.due_at)
    notices.write(deadlines.refresh(fresh(case), now), now)
    assert reminders(case) == ["11-21", "11-23", "11-25", "12-01"]
    assert case.notices.get(pk=first.pk).state == "sent"


def test_only_active_rules_remind(file_case: Any) -> None:
    ReminderRule.objects.exclude(deadline="decision", days_before=3).update(is_active=False)
    case = file_case()
    assert reminders(case) == ["11-21"]
    assert reminders(case, "ack") == []


def test_reminders_of_two_deadlines_on_one_morning_are_both_kept(file_case: Any) -> None:
    ReminderRule.objects.create(deadline="art39_marker", days_before=3)
    case = file_case()
    assert "11-21" in reminders(case)
    assert reminders(case, "art39_marker") == ["11-21"]


# --- In words -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "due", "holiday"),
    [
        ("ja", "2026年11月24日", "勤労感謝の日"),
        ("en", "24 November 2026", "Labor Thanksgiving Day"),
    ],
)
def test_each_date_is_explained_in_both_languages(
    file_case: Any, act: Desk, language: str, due: str, holiday: str
) -> None:
    case = file_case()
    act(case, "ask", day=12)
    act(case, "resume", day=16)
    told = deadlines.explain(case, language)
    assert set(told) == set(dues(case))
    assert due in told["id_check"][-1]
    assert any(holiday in sentence for sentence in told["id_check"])
    assert all(sentence for sentences in told.values() for sentence in sentences)


def test_a_waiting_date_says_that_it_waits(file_case: Any, act: Desk) -> None:
    case = file_case()
    act(case, "ask", day=12)
    assert "2026年11月12日" in deadlines.explain(case, "ja")["decision"][-1]


def test_every_kind_of_every_rule_set_is_explained(
    law_kind: tuple[str, str], file_case: Any
) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    for language in ("ja", "en"):
        told = deadlines.explain(case, language)
        assert set(told) == set(dues(case))
        assert all(told.values())
