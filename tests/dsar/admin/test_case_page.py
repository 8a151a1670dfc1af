"""A case read from top to bottom: what stands on its page, for whom, in which state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import acts, casework, correspondence, decision, ledger, reclock
from dsar.admin import settings, timeline
from dsar.clock_words import long_date
from dsar.models import Case, Notice
from tests.dsar.admin.desk import CASES, act_of, links_of, messages_of, page_of, text_of
from tests.factories import AGENT, PRINCIPAL, ClosingDayFactory, do, png, refusal

pytestmark = pytest.mark.django_db


def _acts_on(response: Any) -> set[str]:
    return {link.rstrip("/").rsplit("/", 1)[-1] for link in links_of(response) if "/act/" in link}


def test_the_page_tells_what_is_asked_by_whom_and_under_which_article(
    desk: Any, file_case: Any
) -> None:
    text = text_of(desk.get(page_of(file_case("correction"))))
    for words in (
        "Request for correction of retained personal data APPI Art. 34(1) (correction)",
        "見本町4-5-5",
        "転居しました。",
        "見本 花子",
        "hanako@person.example",
        "E-mail not confirmed",
    ):
        assert words in text


def test_with_an_agent_both_people_are_shown_and_where_the_mail_goes(
    desk: Any, file_case: Any
) -> None:
    text = text_of(desk.get(page_of(file_case(agent=dict(AGENT)))))
    assert PRINCIPAL["name"] in text
    assert "(mail goes here) Name 見本 太郎" in text


def test_someone_without_mail_is_marked(desk: Any, file_case: Any) -> None:
    case = file_case(principal={**PRINCIPAL, "email": ""}, channel="post")
    assert "no e-mail The person gets no mail from the portal" in text_of(desk.get(page_of(case)))


_ASKS = ("ask", "ask_identity")


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        ("received", {"accept", *_ASKS, "extend", "end_without_decision", "withdraw"}),
        (
            "identity_check",
            {"confirm_identity", *_ASKS, "extend", "end_without_decision", "withdraw"},
        ),
        ("in_progress", {*_ASKS, "extend", "decide", "end_without_decision", "withdraw"}),
        ("awaiting_requester", {"resume", "end_without_decision", "withdraw"}),
        ("in_approval", {"extend", "withdraw"}),
        ("decided", {"close"}),
        ("closed", set()),
    ],
)
def test_an_officer_is_offered_only_what_is_possible_now(
    desk: Any, file_case: Any, advance: Any, status: str, acts: set[str]
) -> None:
    case = advance(file_case(), status)
    searches = {"propose_tasks", "add_systems", "add_material"}
    if "withdraw" in acts:  # as long as it is not decided
        acts = {*acts, "merge"}
    beside = {"message", "assign", "method", "extend", "items", "link", *searches}
    found = {act for act in _acts_on(desk.get(page_of(case))) if not act.startswith("identity_")}
    assert found - beside == acts - beside


def test_an_approver_is_offered_approval_but_not_of_the_own_decision(
    signed_in: Any, approver: Any, file_case: Any, advance: Any, now: Any
) -> None:
    browser = signed_in(approver)
    others = advance(file_case(), "in_approval")
    assert {"approve", "send_back"} <= _acts_on(browser.get(page_of(others)))
    own = advance(file_case(), "in_progress")
    decision.record(own, refusal(own), by=ledger.staff(approver), at=now)
    assert "approve" not in _acts_on(browser.get(page_of(own)))


def test_the_clock_card_explains_itself(desk: Any, file_case: Any, advance: Any, now: Any) -> None:
    case = advance(file_case(at=now - timedelta(days=3)), "in_progress")
    text = text_of(desk.get(page_of(case)))
    for words in (
        "Decision and its notice",
        "A date to know, not a duty",
        "Two weeks before a lawsuit may be filed",
        "How these dates were counted",
        "APPI Art. 39(1)",
        "Saturday 21 November 2026",
    ):
        assert words in text


def test_stops_and_extensions_are_listed_with_their_reasons(
    desk: Any, file_case: Any, advance: Any, officer: Any, now: Any
) -> None:
    case = advance(file_case(), "in_progress")
    do(case, "extend", by=ledger.staff(officer), at=now)
    do(case, "ask", by=ledger.staff(officer), at=now)
    text = text_of(desk.get(page_of(case)))
    assert "Since Tuesday 10 November 2026, still waiting" in text
    assert "生年月日を確認できないため" in text
    assert "調査に時間を要するため" in text
    assert "From Tuesday 24 November 2026 to" in text


def test_where_no_extension_is_possible_the_page_says_why(
    desk: Any, file_case: Any, advance: Any, now: Any
) -> None:
    case = advance(file_case(at=now - timedelta(days=30)), "in_progress")
    assert "No extension now: The due date has passed" in text_of(desk.get(page_of(case)))


def test_a_decision_sent_back_stays_on_file(
    desk: Any, file_case: Any, advance: Any, approver: Any, now: Any
) -> None:
    case = advance(file_case(), "in_approval")
    decision.send_back(case, "理由が足りません。", by=ledger.staff(approver), at=now)
    text = text_of(desk.get(page_of(case)))
    assert "Sent back: Refused" in text
    assert "理由が足りません。" in text


def test_messages_and_notes_are_told_apart(
    desk: Any, file_case: Any, officer: Any, now: Any
) -> None:
    case = file_case()
    correspondence.send(case, "届きましたか。", by=ledger.REQUESTER, at=now, uploads=[png()])
    correspondence.send(case, "届きました。", by=ledger.staff(officer), at=now)
    casework.note(case, "電話の折り返しは午後", by=ledger.staff(officer), at=now)
    text = text_of(desk.get(page_of(case)))
    assert "From the requester" in text
    assert "To the requester – 窓口 一郎" in text
    assert "Not read yet" in text
    assert "本人確認書類.png" in text
    assert text.index("Internal notes") < text.index("電話の折り返しは午後")


# --- News ---------------------------------------------------------------------------------
def _with_news(file_case: Any, now: Any, **given: Any) -> Case:
    case: Case = file_case(**given)
    correspondence.send(case, "追加の書類です。", by=ledger.REQUESTER, at=now)
    return case


def _has_news(case: Case) -> bool:
    return Case.objects.get(pk=case.pk).has_news


def test_the_one_in_charge_clears_the_news_by_reading(
    desk: Any, file_case: Any, officer: Any, now: Any
) -> None:
    case = _with_news(file_case, now, assigned_to=officer)
    assert "New 追加の書類です。" in text_of(desk.get(page_of(case)))
    assert not _has_news(case)
    assert "New 追加の書類です。" not in text_of(desk.get(page_of(case)))


def test_a_colleagues_look_leaves_the_news_to_the_one_in_charge(
    desk: Any, file_case: Any, other_officer: Any, now: Any
) -> None:
    case = _with_news(file_case, now, assigned_to=other_officer)
    page = desk.get(page_of(case))
    assert _has_news(case)
    assert "Mark as read" in text_of(page)
    desk.post(act_of(case, "read"))
    assert not _has_news(case)


def test_an_auditors_look_leaves_the_news(
    signed_in: Any, auditor: Any, file_case: Any, now: Any
) -> None:
    case = _with_news(file_case, now)
    signed_in(auditor).get(page_of(case))
    assert _has_news(case)


def test_due_dates_that_moved_with_the_calendar_are_told_with_both_days(
    desk: Any, file_case: Any, now: Any
) -> None:
    case = file_case()
    due_on = case.deadlines.get(code="id_check").due_on
    ClosingDayFactory(controller=case.controller, day=due_on)
    settings.calendar_changed([case.controller_id])
    assert reclock.recompute_stale_clocks(now) == 1
    after = case.deadlines.get(code="id_check").due_on
    text = text_of(desk.get(page_of(case)))
    assert "Closing days changed; due dates were counted anew:" in text
    assert f"Identity verification {long_date(due_on, 'en')} → {long_date(after, 'en')}" in text
    assert " reclock " not in text


# --- Mail ---------------------------------------------------------------------------------
def test_failed_mail_is_sent_again_from_the_case(desk: Any, file_case: Any, now: Any) -> None:
    case = file_case()
    row = case.notices.get(kind="confirm_email")
    Notice.objects.filter(pk=row.pk).update(state="failed", last_error="SMTP 550", attempts=6)
    text = text_of(desk.get(page_of(case)))
    assert "code 550" in text
    assert "Send again" in text
    again = desk.post(f"{CASES}{case.pk}/notices/{row.pk}/resend/", follow=True)
    assert "is sent again." in messages_of(again)[0]
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == ("waiting", 0, "")
    assert "A mail was queued once more." in text_of(desk.get(page_of(case)))


def test_mail_that_has_not_failed_is_not_sent_twice(desk: Any, file_case: Any) -> None:
    case = file_case()
    row = case.notices.get(kind="confirm_email")
    Notice.objects.filter(pk=row.pk).update(state="sent")
    said = messages_of(desk.post(f"{CASES}{case.pk}/notices/{row.pk}/resend/", follow=True))
    assert said == ["This mail has not failed, so it is not sent again."]
    row.refresh_from_db()
    assert row.state == "sent"


def test_resending_needs_a_post(desk: Any, file_case: Any) -> None:
    case = file_case()
    row = case.notices.first()
    assert desk.get(f"{CASES}{case.pk}/notices/{row.pk}/resend/").status_code == 405


def test_secrets_of_mail_stay_off_the_page(desk: Any, file_case: Any) -> None:
    case = file_case()
    token = case.notices.get(kind="confirm_email").secret["token"]
    assert token not in desk.get(page_of(case)).content.decode()


# --- History ------------------------------------------------------------------------------
def test_the_history_tells_who_did_what_and_apart_who_looked(
    desk: Any, file_case: Any, advance: Any, officer: Any, now: Any
) -> None:
    case = advance(file_case(), "in_progress")
    casework.assign(case, officer, by=ledger.staff(officer), at=now)
    text = text_of(desk.get(page_of(case)))
    history = text[text.index("History", text.index("How these dates")) :]
    for words in (
        "Requester The request was received (Web form).",
        "窓口 一郎 The identity was confirmed (One paper with a photograph",
        "The case was assigned to 窓口 一郎.",
    ):
        assert words in history
    assert history.index("Who looked at this case") < history.index("Opened the case.")


def test_every_act_of_the_lifecycle_has_a_sentence() -> None:
    beside = {
        "file",
        "confirm_email",
        "assign",
        "note",
        "message_in",
        "message_out",
        "change_method",
        "view",
        "view_file",
    }
    assert set(acts.ACTS) | beside <= set(timeline._SENTENCES)


def test_every_kind_of_request_has_a_readable_page(
    desk: Any, file_case: Any, law_kind: tuple[str, str]
) -> None:
    regime, kind = law_kind
    case = file_case(kind, regime)
    text = text_of(desk.get(page_of(case)))
    assert case.rule.title.en in text
    assert "Next step" in text


def test_the_page_costs_the_same_with_many_files_and_messages(
    desk: Any, file_case: Any, now: Any
) -> None:
    case = file_case()
    correspondence.send(case, "1", by=ledger.REQUESTER, at=now, uploads=[png()])
    desk.get(page_of(case))
    with CaptureQueriesContext(connection) as few:
        desk.get(page_of(case))
    for _n in range(5):
        correspondence.send(case, "2", by=ledger.REQUESTER, at=now, uploads=[png(), png()])
    desk.get(page_of(case))
    with CaptureQueriesContext(connection) as many:
        desk.get(page_of(case))
    assert len(many) == len(few)


def test_a_case_whose_key_was_destroyed_keeps_its_history(
    desk: Any, file_case: Any, advance: Any, officer: Any, now: Any
) -> None:
    case = advance(file_case(), "awaiting_requester")
    case.key.destroy(now)
    text = text_of(desk.get(page_of(case)))
    assert "The content of this case was destroyed" in text
    assert "The requester was asked for something that is missing." in text
    assert "見本 花子" not in text
    assert "(cannot be read)" in text_of(desk.get(CASES))
    refused = desk.get(act_of(case, "resume"))
    assert refused.status_code == 409
    assert "nothing can be done with it any more" in text_of(refused)
