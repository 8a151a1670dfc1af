"""The settings: what a change of controllers, closing days or reminders sets off."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dsar.models import ClosingDay, Controller, FeeAmount, PaymentWay, ReminderRule
from tests.dsar.admin.desk import DESK, messages_of, tags_of, text_of
from tests.factories import ClosingDayFactory

pytestmark = pytest.mark.django_db

DAYS = f"{DESK}dsar/closingday/"
RULES = f"{DESK}dsar/reminderrule/"
CONTROLLERS = f"{DESK}dsar/controller/"
RECOUNT, REPLAN = ("dsar.recompute_stale_clocks",), ("dsar.replan_reminders",)


@pytest.fixture
def setup(signed_in: Any, administrator: Any) -> Any:
    """The administrator's browser."""
    return signed_in(administrator)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """What is queued after commit happens at the end of the block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_lists_are_headed_by_what_they_hold(setup: Any) -> None:
    for place, heading in (
        ("closingday", "Closing days"),
        ("reminderrule", "Reminder rules"),
        ("controller", "Controllers"),
        ("mailtemplate", "Mail templates"),
        ("staffmember", "Staff members"),
    ):
        assert f"<h1>{heading}</h1>" in setup.get(f"{DESK}dsar/{place}/").content.decode()


def test_a_day_entered_twice_is_refused_in_words(setup: Any, controller: Any) -> None:
    for owner in ("", controller):
        setup.post(f"{DAYS}add/", _day(owner))
        again = text_of(setup.post(f"{DAYS}add/", _day(owner)))
        assert "This day is entered already." in again
        assert "one_closing_day" not in again
    assert ClosingDay.objects.count() == 2


def test_a_closing_day_of_all_says_so_in_the_list(setup: Any) -> None:
    ClosingDayFactory(controller=None)
    page = setup.get(DAYS).content.decode()
    assert '<td class="field-controller nowrap">All controllers</td>' in page


def test_a_reminder_is_named_in_words(setup: Any) -> None:
    ReminderRule.objects.filter(deadline="decision").delete()
    form = {"deadline": "decision", "days_before": "5", "is_active": "on"}
    saved = text_of(setup.post(f"{RULES}add/", form, follow=True))
    assert "Decision and its notice – 5 days before" in saved
    assert "decision +5" not in saved


def _versions() -> dict[str, int]:
    return dict(Controller.objects.values_list("code", "calendar_version"))


def _day(controller: Any = "", day: str = "2026-11-13") -> dict[str, Any]:
    pk = getattr(controller, "pk", controller)
    return {"controller": pk, "day": day, "name_ja": "創立記念日", "name_en": "Foundation day"}


def test_a_closing_day_of_one_company_moves_its_clocks_only(
    setup: Any, controller: Any, other_controller: Any, queued: Any, committed: Any
) -> None:
    with committed():
        response = setup.post(f"{DAYS}add/", _day(controller), follow=True)
    assert _versions() == {"sample": 2, "travel": 1}
    assert RECOUNT in queued
    assert "Due dates of open cases are counted anew." in messages_of(response)


def test_a_closing_day_of_all_companies_moves_all_clocks(
    setup: Any, controller: Any, other_controller: Any, committed: Any
) -> None:
    with committed():
        setup.post(f"{DAYS}add/", _day())
    assert _versions() == {"sample": 2, "travel": 2}


def test_a_day_given_to_another_company_concerns_both(
    setup: Any, controller: Any, other_controller: Any, committed: Any
) -> None:
    row = ClosingDayFactory.create(controller=controller)
    with committed():
        setup.post(f"{DAYS}{row.pk}/change/", _day(other_controller))
    assert _versions() == {"sample": 2, "travel": 2}


def test_a_deleted_day_moves_clocks_too(
    setup: Any, controller: Any, other_controller: Any, queued: Any, committed: Any
) -> None:
    row = ClosingDayFactory.create(controller=controller)
    with committed():
        setup.post(f"{DAYS}{row.pk}/delete/", {"post": "yes"})
    assert _versions() == {"sample": 2, "travel": 1}
    assert queued == [RECOUNT]


def test_several_deleted_days_move_clocks_too(
    setup: Any, controller: Any, other_controller: Any, queued: Any, committed: Any
) -> None:
    rows = [
        ClosingDayFactory.create(controller=controller),
        ClosingDayFactory.create(controller=other_controller, day=date(2026, 11, 16)),
    ]
    posted = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
    with committed():
        setup.post(DAYS, {**posted, "post": "yes"})
    assert not ClosingDay.objects.exists()
    assert _versions() == {"sample": 2, "travel": 2}
    assert RECOUNT in queued


def _controller_form(controller: Any, **given: Any) -> dict[str, Any]:
    blank = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return {
        "name_ja": controller.name_ja,
        "name_en": controller.name_en,
        "code": controller.code,
        "regimes": ["appi"],
        "first_regime": "",
        "desk_email": controller.desk_email,
        "window": controller.window,
        "fee_yen": 0,
        "position": 0,
        "is_active": "on",
        **{
            f"{rows}-{name}": value
            for rows in ("services", "fee_amounts", "payment_ways", "closing_days")
            for name, value in blank.items()
        },
        **given,
    }


def test_a_closing_day_written_on_the_controllers_page_moves_its_clocks(
    setup: Any, controller: Any, other_controller: Any, queued: Any, committed: Any
) -> None:
    given = {
        "closing_days-TOTAL_FORMS": 1,
        "closing_days-0-day": "2026-11-13",
        "closing_days-0-name_ja": "創立記念日",
        "closing_days-0-name_en": "Foundation day",
        "closing_days-0-controller": controller.pk,
    }
    with committed():
        setup.post(f"{CONTROLLERS}{controller.pk}/change/", _controller_form(controller, **given))
    assert controller.closing_days.count() == 1
    assert _versions() == {"sample": 2, "travel": 1}
    assert queued == [RECOUNT]


def test_a_controllers_page_without_closing_days_moves_nothing(
    setup: Any, controller: Any, queued: Any, committed: Any
) -> None:
    with committed():
        setup.post(f"{CONTROLLERS}{controller.pk}/change/", _controller_form(controller))
    assert _versions() == {"sample": 1}
    assert queued == []


def test_the_rule_set_offered_first_stands_first(setup: Any, controller: Any) -> None:
    given = {"regimes": ["appi", "ccpa", "gdpr"], "first_regime": "gdpr"}
    setup.post(f"{CONTROLLERS}{controller.pk}/change/", _controller_form(controller, **given))
    controller.refresh_from_db()
    assert controller.regimes == ["gdpr", "appi", "ccpa"]


def test_a_rule_set_that_is_not_ticked_cannot_be_first(setup: Any, controller: Any) -> None:
    given = {"regimes": ["appi"], "first_regime": "gdpr"}
    response = setup.post(
        f"{CONTROLLERS}{controller.pk}/change/", _controller_form(controller, **given)
    )
    assert "Choose one of the rule sets that are ticked above." in text_of(response)


def test_a_controller_with_cases_is_not_deleted(
    setup: Any, controller: Any, file_case: Any
) -> None:
    file_case()
    response = setup.post(f"{CONTROLLERS}{controller.pk}/delete/", {"post": "yes"})
    assert response.status_code == 200
    assert Controller.objects.filter(pk=controller.pk).exists()
    assert "見本" not in text_of(response)


def test_a_new_reminder_tells_how_many_cases_it_concerns(
    setup: Any, file_case: Any, advance: Any, queued: Any, committed: Any
) -> None:
    file_case()
    advance(file_case(), "in_progress")
    advance(file_case(), "decided")
    with committed():
        response = setup.post(
            f"{RULES}add/",
            {"deadline": "decision", "days_before": 5, "is_active": "on"},
            follow=True,
        )
    assert "2 open cases get this reminder from now on." in messages_of(response)
    assert REPLAN in queued


def test_a_reminder_whose_day_has_passed_concerns_nobody(
    setup: Any, file_case: Any, committed: Any
) -> None:
    file_case()
    posted = {"deadline": "decision", "days_before": 14, "is_active": "on"}
    response = setup.post(f"{RULES}add/", posted, follow=True)
    assert "0 open cases get this reminder from now on." in messages_of(response)


def test_a_reminder_switched_off_or_deleted_is_planned_anew(
    setup: Any, queued: Any, committed: Any
) -> None:
    rule = ReminderRule.objects.filter(deadline="decision").first()
    assert rule is not None
    with committed():
        response = setup.post(
            f"{RULES}{rule.pk}/change/",
            {"deadline": "decision", "days_before": rule.days_before},
            follow=True,
        )
    assert "This reminder is no longer sent." in messages_of(response)
    with committed():
        setup.post(f"{RULES}{rule.pk}/delete/", {"post": "yes"})
    assert queued == [REPLAN, REPLAN]


def test_the_list_of_reminders_reads_in_words(setup: Any) -> None:
    text = text_of(setup.get(RULES))
    assert "7 days before" in text
    assert "1 day after" in text


def test_officers_do_not_open_the_settings(desk: Any, controller: Any) -> None:
    for address in (
        CONTROLLERS,
        DAYS,
        RULES,
        f"{DESK}dsar/mailtemplate/",
        f"{DESK}dsar/staffmember/",
    ):
        assert desk.get(address).status_code == 403, address
        assert desk.post(f"{address}add/", {}).status_code == 403, address


def test_a_closing_day_is_picked_from_the_browsers_calendar(setup: Any) -> None:
    for address in (DAYS, CONTROLLERS):
        tags = tags_of(setup.get(f"{address}add/")).tags
        days = [attrs for _tag, attrs in tags if attrs.get("name", "").endswith("day")]
        assert days, address
        assert {attrs["type"] for attrs in days} == {"date"}, address


def test_a_company_and_a_day_have_a_name_and_not_a_persons_name(
    setup: Any, controller: Any
) -> None:
    ClosingDayFactory()
    for address in ("/desk/dsar/controller/", "/desk/dsar/closingday/"):
        shown = text_of(setup.get(address))
        assert "名称" in shown, address
        assert "氏名" not in shown, address


def _fee_rows(controller: Any, *whats: str) -> dict[str, Any]:
    rows: dict[str, Any] = {"fee_amounts-TOTAL_FORMS": len(whats)}
    for place, what in enumerate(whats):
        rows |= {
            f"fee_amounts-{place}-what": what,
            f"fee_amounts-{place}-amount": "800",
            f"fee_amounts-{place}-controller": controller.pk,
        }
    return rows


def test_a_fee_of_a_kind_and_a_way_of_payment_are_set_on_the_controllers_page(
    setup: Any, controller: Any
) -> None:
    given = {
        **_fee_rows(controller, "appi disclosure"),
        "payment_ways-TOTAL_FORMS": 1,
        "payment_ways-0-code": "bank_transfer",
        "payment_ways-0-instructions_ja": "見本銀行 本店 普通 0000000",
        "payment_ways-0-instructions_en": "",
        "payment_ways-0-position": "0",
        "payment_ways-0-controller": controller.pk,
    }
    setup.post(f"{CONTROLLERS}{controller.pk}/change/", _controller_form(controller, **given))
    fee = FeeAmount.objects.get(controller=controller)
    assert (fee.regime, fee.kind, fee.amount) == ("appi", "disclosure", 800)
    way = PaymentWay.objects.get(controller=controller)
    assert (way.code, way.instructions_in("en")) == ("bank_transfer", "見本銀行 本店 普通 0000000")


def test_only_kinds_with_a_fee_by_law_can_be_chosen_and_each_once(
    setup: Any, controller: Any
) -> None:
    page = f"{CONTROLLERS}{controller.pk}/change/"
    unlawful = _controller_form(controller, **_fee_rows(controller, "appi correction"))
    assert "Select a valid choice" in text_of(setup.post(page, unlawful))
    twice = _fee_rows(controller, "appi disclosure", "appi disclosure")
    again = text_of(setup.post(page, _controller_form(controller, **twice)))
    assert "This kind stands here already." in again
    assert not FeeAmount.objects.exists()
