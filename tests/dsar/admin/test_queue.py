"""The queue: order, narrowing, words of the due date, counting, assigning many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import casework, correspondence, ledger
from dsar.admin import pages
from dsar.models import Case
from tests.dsar.admin.desk import (
    CASES,
    links_of,
    messages_of,
    numbers_on,
    page_of,
    tags_of,
    text_of,
)
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


def _days_ago(now: Any, days: int) -> Any:
    return now - timedelta(days=days)


def test_what_is_due_first_stands_on_top(desk: Any, file_case: Any, advance: Any, now: Any) -> None:
    fresh = file_case(at=now)
    late = advance(file_case(at=_days_ago(now, 20)), "in_progress")
    middle = advance(file_case(at=_days_ago(now, 10)), "in_progress")
    shown = numbers_on(desk.get(CASES))
    assert shown == [late.shown_number, middle.shown_number, fresh.shown_number]


def test_the_due_date_is_told_in_words_and_not_by_colour_alone(
    desk: Any, file_case: Any, advance: Any, now: Any
) -> None:
    for days in (20, 14, 11, 5):
        advance(file_case(at=_days_ago(now, days)), "in_progress")
    advance(file_case(at=_days_ago(now, 2)), "decided")
    text = text_of(desk.get(CASES))
    for words in ("6 days overdue", "Due today", "In 3 days", "In 9 days", "Nothing due"):
        assert words in text


def test_a_stopped_clock_says_so(desk: Any, file_case: Any, advance: Any) -> None:
    advance(file_case(), "awaiting_requester")
    assert "The clock is stopped." in text_of(desk.get(CASES))


def test_each_row_names_the_person_the_kind_and_the_article(desk: Any, file_case: Any) -> None:
    file_case("correction")
    text = text_of(desk.get(CASES))
    assert "見本 花子" in text
    assert "Request for correction of retained personal data APPI 34(1)" in text


def test_closed_cases_are_left_out_unless_asked_for(
    desk: Any, file_case: Any, advance: Any, now: Any
) -> None:
    older = advance(file_case(at=_days_ago(now, 3)), "closed")
    newer = advance(file_case(at=_days_ago(now, 1)), "closed")
    running = file_case()
    assert numbers_on(desk.get(CASES)) == [running.shown_number]
    closed = numbers_on(desk.get(CASES, {"status": "closed"}))
    assert closed == [newer.shown_number, older.shown_number]
    assert len(numbers_on(desk.get(CASES, {"status": "all"}))) == 3


def test_the_queue_narrows_to_each_thing_officers_look_for(
    desk: Any, file_case: Any, advance: Any, officer: Any, now: Any
) -> None:
    mine = file_case(assigned_to=officer)
    overdue = advance(file_case(at=_days_ago(now, 30)), "in_progress")
    week = advance(file_case(at=_days_ago(now, 12)), "in_progress")
    stopped = advance(file_case("purpose_notice"), "awaiting_requester")
    news = file_case("complaint")
    correspondence.send(news, "いつ返事が来ますか。", by=ledger.REQUESTER, at=now)
    waiting = advance(file_case("cease_use"), "in_approval")

    def shown(**params: str) -> set[str]:
        return set(numbers_on(desk.get(CASES, params)))

    assert shown(who="mine") == {mine.shown_number}
    assert mine.shown_number not in shown(who="nobody")
    assert shown(due="overdue") == {overdue.shown_number}
    assert week.shown_number in shown(due="week")
    assert overdue.shown_number not in shown(due="week")
    assert shown(due="stopped") == {stopped.shown_number}
    assert shown(news="1") == {news.shown_number}
    assert shown(status="in_approval") == {waiting.shown_number}
    assert shown(kind="appi:complaint") == {news.shown_number}


def test_filters_can_be_joined(desk: Any, file_case: Any, officer: Any, now: Any) -> None:
    both = file_case("complaint", assigned_to=officer)
    file_case("complaint")
    file_case(assigned_to=officer)
    found = numbers_on(desk.get(CASES, {"who": "mine", "kind": "appi:complaint"}))
    assert found == [both.shown_number]


def test_a_kind_of_the_same_name_in_another_rule_set_is_another_kind(
    desk: Any, file_case: Any
) -> None:
    japanese, european = file_case("complaint"), file_case("complaint", "gdpr")
    assert numbers_on(desk.get(CASES, {"kind": "gdpr:complaint"})) == [european.shown_number]
    assert numbers_on(desk.get(CASES, {"kind": "appi:complaint"})) == [japanese.shown_number]


def test_values_nobody_offered_narrow_nothing(desk: Any, file_case: Any) -> None:
    case = file_case()
    asked = {"who": "zz", "due": "zz", "kind": "zz", "status": "zz", "controller": "99", "p": "x"}
    assert numbers_on(desk.get(CASES, asked)) == [case.shown_number]


def test_fields_that_are_no_filter_cannot_be_probed(desk: Any, file_case: Any) -> None:
    file_case()
    for lookup in ("number__startswith", "people__name", "receipt_code_digest", "key__wrapped"):
        assert desk.get(CASES, {lookup: "2"}).status_code == 400


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "There are no open cases."),
        ({"who": "mine"}, "No open case is assigned to you."),
        ({"who": "nobody"}, "Every open case has someone who looks after it."),
        ({"due": "overdue"}, "Nothing is overdue."),
        ({"due": "week"}, "Nothing is due within the next 7 days."),
        ({"news": "1"}, "There is nothing unread."),
        ({"status": "in_approval"}, "No decision waits for approval."),
        ({"status": "closed", "who": "mine"}, "No case fits these choices."),
    ],
)
def test_an_empty_queue_says_why(desk: Any, asked: dict[str, str], said: str) -> None:
    assert said in text_of(desk.get(CASES, asked))


def test_an_officer_without_controllers_is_told_whom_to_ask(signed_in: Any, db: None) -> None:
    browser = signed_in(StaffFactory(role="officer"))
    assert "Ask an administrator" in text_of(browser.get(CASES))


def test_the_number_of_queries_does_not_grow_with_the_rows(
    desk: Any, file_case: Any, officer: Any
) -> None:
    for _n in range(3):
        file_case(assigned_to=officer)
    with CaptureQueriesContext(connection) as three:
        assert len(numbers_on(desk.get(CASES))) == 3
    for _n in range(57):
        file_case()
    with CaptureQueriesContext(connection) as sixty:
        assert len(numbers_on(desk.get(CASES))) == 60
    assert len(sixty) == len(three)
    assert len(sixty) <= 10


def test_counting_stops_at_the_bound(
    desk: Any, file_case: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _n in range(4):
        file_case()
    monkeypatch.setattr(pages, "COUNTED", 3)
    assert "More than 3 cases. Narrow down to see fewer." in text_of(desk.get(CASES))


def test_the_paginator_counts_once(file_case: Any, django_assert_num_queries: Any) -> None:
    file_case()
    paginator = pages.BoundedPaginator(Case.objects.order_by("id"), 100)
    with django_assert_num_queries(1):
        assert (paginator.count, paginator.num_pages, paginator.is_more) == (1, 1, False)


def test_a_page_beyond_the_end_shows_the_last_one(desk: Any, file_case: Any) -> None:
    case = file_case()
    assert numbers_on(desk.get(CASES, {"p": "99"})) == [case.shown_number]


def test_the_tab_in_use_is_marked_for_screen_readers(desk: Any, file_case: Any) -> None:
    file_case()
    tags = tags_of(desk.get(CASES, {"due": "overdue"})).tags
    here = [attrs for tag, attrs in tags if tag == "a" and attrs.get("aria-current") == "page"]
    assert any(attrs["href"] == "?due=overdue" for attrs in here)


def test_in_japanese_an_article_is_read_with_its_paragraph(desk: Any, file_case: Any) -> None:
    file_case("correction")
    assert "個人情報保護法 第34条第1項" in text_of(desk.get("/desk/dsar/case/"))


def test_the_officer_is_offered_first_so_that_nothing_is_handed_back_by_mistake(
    desk: Any, file_case: Any, officer: Any
) -> None:
    file_case()
    assert desk.get(CASES).context["assign_form"]["to"].value() == officer.pk


# --- Many at once -------------------------------------------------------------------------
def test_several_cases_are_assigned_at_once(desk: Any, file_case: Any, other_officer: Any) -> None:
    cases = [file_case(), file_case()]
    posted = {"ids": [case.pk for case in cases], "to": other_officer.pk, "back": "due=week"}
    response = desk.post(f"{CASES}assign/", posted, follow=True)
    assert response.redirect_chain == [(f"{CASES}?due=week", 302)]
    assert set(Case.objects.values_list("assigned_to", flat=True)) == {other_officer.pk}
    assert "2 cases were assigned to 窓口 二葉" in messages_of(response)[0]
    assert all(case.events.filter(act="assign").exists() for case in cases)


def test_a_mixed_choice_tells_the_result_of_each(
    desk: Any, file_case: Any, advance: Any, other_officer: Any, other_controller: Any
) -> None:
    good, closed = file_case(), advance(file_case(), "closed")
    foreign = file_case(controller=other_controller)
    posted = {"ids": [good.pk, closed.pk, foreign.pk], "to": other_officer.pk}
    said = messages_of(desk.post(f"{CASES}assign/", posted, follow=True))
    assert f"{closed.shown_number}: A closed case is not assigned to anyone." in said
    assert f"1 case was assigned to 窓口 二葉: {good.shown_number}" in said
    assert "1 case was not found." in said
    foreign.refresh_from_db()
    assert foreign.assigned_to is None


def test_only_those_who_may_work_on_the_cases_can_be_chosen(
    desk: Any, file_case: Any, auditor: Any, foreign_officer: Any, officer: Any, approver: Any
) -> None:
    case = file_case()
    offered = desk.get(CASES).context["assign_form"].fields["to"].queryset
    assert set(offered) == {officer, approver}
    for nobody in (auditor, foreign_officer):
        posted = {"ids": [case.pk], "to": nobody.pk}
        said = messages_of(desk.post(f"{CASES}assign/", posted, follow=True))
        assert said == ["Choose someone who may work on these cases."]
    case.refresh_from_db()
    assert case.assigned_to is None


def test_cases_are_handed_back(desk: Any, file_case: Any, officer: Any) -> None:
    case = file_case(assigned_to=officer)
    said = messages_of(desk.post(f"{CASES}assign/", {"ids": [case.pk], "to": ""}, follow=True))
    assert said == [f"1 case was handed back: {case.shown_number}"]


def test_nothing_chosen_is_said_and_nothing_done(desk: Any, file_case: Any) -> None:
    file_case()
    said = messages_of(desk.post(f"{CASES}assign/", {"to": ""}, follow=True))
    assert said == ["Choose the cases to assign first."]


def test_a_case_that_was_taken_since_the_page_was_shown_stays_where_it_is(
    desk: Any, file_case: Any, officer: Any, other_officer: Any, now: Any
) -> None:
    case = file_case()
    (shown,) = [
        attrs["value"] for tag, attrs in tags_of(desk.get(CASES)).tags if attrs.get("name") == "ids"
    ]
    casework.assign(case, other_officer, by=ledger.staff(other_officer), at=now)
    said = messages_of(
        desk.post(f"{CASES}assign/", {"ids": [shown], "to": officer.pk}, follow=True)
    )
    assert len(said) == 1
    assert "Meanwhile the case was assigned to 窓口 二葉." in said[0]
    case.refresh_from_db()
    assert case.assigned_to == other_officer


def test_numbers_that_can_be_no_case_are_passed_over(
    desk: Any, file_case: Any, officer: Any
) -> None:
    case = file_case()
    posted = {"ids": ["9" * 25, "9" * 5000, str(case.pk)], "to": officer.pk}
    said = messages_of(desk.post(f"{CASES}assign/", posted, follow=True))
    assert f"1 case was assigned to 窓口 一郎: {case.shown_number}" in said


def test_the_way_back_never_leads_elsewhere(desk: Any, file_case: Any) -> None:
    posted = {"ids": [file_case().pk], "to": "", "back": "next=https://evil.example&who=mine"}
    assert desk.post(f"{CASES}assign/", posted).url == f"{CASES}?who=mine"


def test_an_auditor_is_offered_no_boxes_and_assigns_nothing(
    signed_in: Any, auditor: Any, file_case: Any, officer: Any
) -> None:
    case, browser = file_case(), signed_in(auditor)
    page = browser.get(CASES)
    assert "assign" not in " ".join(attrs.get("action", "") for _tag, attrs in tags_of(page).tags)
    browser.post(f"{CASES}assign/", {"ids": [case.pk], "to": officer.pk})
    case.refresh_from_db()
    assert case.assigned_to is None


def test_nobody_is_offered_deletion(desk: Any, file_case: Any, officer: Any) -> None:
    officer.is_superuser = True
    officer.save()
    case = file_case()
    assert not any("delete" in link for link in links_of(desk.get(CASES)))
    assert desk.get(f"{CASES}{case.pk}/delete/").status_code == 404
    desk.post(CASES, {"action": "delete_selected", "_selected_action": [case.pk], "post": "yes"})
    assert Case.objects.filter(pk=case.pk).exists()
    assert page_of(case) in links_of(desk.get(CASES))
