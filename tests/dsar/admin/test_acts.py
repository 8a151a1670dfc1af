"""Acting on a case: each act by its form, refusals in words, two officers at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dsar import correspondence, decision, ledger, lifecycle
from dsar.clock_words import long_date
from dsar.models import Case, Decision, Notice
from tests.dsar.admin.desk import act_of, messages_of, page_of, parts, tags_of, text_of
from tests.factories import AGENT, do, pdf, plain_decision, png, refusal

pytestmark = pytest.mark.django_db


def _fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def _post(browser: Any, case: Case, act: str, **given: Any) -> Any:
    return browser.post(act_of(case, act), {"seen": _fresh(case).version, **given}, follow=True)


# --- The way of a case --------------------------------------------------------------------
def test_a_request_is_accepted(desk: Any, file_case: Any) -> None:
    case = file_case()
    response = _post(desk, case, "accept")
    assert response.redirect_chain == [(page_of(case), 302)]
    assert messages_of(response) == ["Done: Accept and check identity."]
    assert _fresh(case).status == "identity_check"


def test_a_complaint_is_started_without_identity_check(desk: Any, file_case: Any) -> None:
    case = file_case("complaint")
    _post(desk, case, "start")
    assert _fresh(case).status == "in_progress"


def test_the_identity_check_is_recorded_with_its_method(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "identity_check")
    _post(desk, case, "confirm_identity", check_method="account", result="照合済み")
    event = case.events.get(act="confirm_identity")
    assert event.facts == {"check_method": "account"}
    assert event.texts() == {"result": "照合済み"}
    assert _fresh(case).status == "in_progress"


def test_with_an_agent_the_authority_is_asked_too(desk: Any, file_case: Any, advance: Any) -> None:
    case = advance(file_case(agent=dict(AGENT)), "identity_check")
    missing = _post(desk, case, "confirm_identity", check_method="photo_id")
    assert "Choose an answer for “How was the agent's authority checked?”." in text_of(missing)
    _post(desk, case, "confirm_identity", check_method="photo_id", authority="family_register")
    facts = case.events.get(act="confirm_identity").facts
    assert facts == {"check_method": "photo_id", "authority": "family_register"}


def test_another_way_of_checking_has_to_be_named(desk: Any, file_case: Any, advance: Any) -> None:
    case = advance(file_case(), "identity_check")
    response = _post(desk, case, "confirm_identity", check_method="other")
    assert "Say in the note how it was checked." in text_of(response)
    assert _fresh(case).status == "identity_check"


def test_asking_stops_the_clock_and_writes_one_message_and_one_mail(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    assert "The clock stops today." in text_of(desk.get(act_of(case, "ask")))
    _post(desk, case, "ask", reason="本人確認書類", message="書類の写しをお送りください。")
    case = _fresh(case)
    assert (case.status, case.is_stopped) == ("awaiting_requester", True)
    assert [row.body for row in case.messages.all()] == ["書類の写しをお送りください。"]
    assert case.stops.get().reason == "本人確認書類"
    told = case.notices.filter(audience="requester").values_list("kind", flat=True)
    assert sorted(told) == ["confirm_email", "missing_document"]


def test_under_the_gdpr_only_a_recorded_doubt_stops_the_clock(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case("access", "gdpr"), "identity_check")
    assert 'name="doubt"' in desk.get(act_of(case, "ask")).content.decode()
    _post(desk, case, "ask", reason="scope", message="Which account?")
    assert _fresh(case).is_stopped is False
    other = advance(file_case("access", "gdpr"), "identity_check")
    _post(desk, other, "ask", reason="id", doubt="Name differs.", message="Please show a paper.")
    assert _fresh(other).stops.get().reason == "Name differs."


def test_asking_without_a_message_keeps_what_was_written(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    page = _post(desk, case, "ask", reason="本人確認書類", message="")
    assert "Error:" in page.content.decode().split("</title>")[0]
    assert "Enter “Message to the requester”." in text_of(page)
    values = [attrs.get("value") for tag, attrs in tags_of(page).tags if tag == "input"]
    assert "本人確認書類" in values
    assert not case.messages.exists()


def test_resuming_proposes_the_day_of_the_persons_last_message(
    desk: Any, officer: Any, file_case: Any, advance: Any, now: Any, freeze: Any
) -> None:
    case = advance(file_case(), "awaiting_requester")
    arrived = now + timedelta(days=2)
    correspondence.send(case, "書類です。", by=ledger.REQUESTER, at=arrived)
    freeze(now + timedelta(days=5))
    desk.force_login(officer)
    boxes = tags_of(desk.get(act_of(case, "resume"))).tags
    typed = {
        attrs["name"]: attrs["value"]
        for _tag, attrs in boxes
        if "resumed_on" in attrs.get("name", "")
    }
    assert typed == parts("resumed_on", 2026, 11, 12)
    _post(desk, case, "resume", reason="書類到着", **parts("resumed_on", 2026, 11, 12))
    assert case.stops.get().resumed_on == date(2026, 11, 12)
    assert _fresh(case).status == "received"


@pytest.mark.parametrize("day", [9, 11])
def test_an_answer_cannot_arrive_before_the_question_or_in_the_future(
    desk: Any, file_case: Any, advance: Any, day: int
) -> None:
    case = advance(file_case(), "awaiting_requester")
    page = _post(desk, case, "resume", reason="書類", **parts("resumed_on", 2026, 11, day))
    assert page.status_code == 200
    assert page.context["form"].errors["resumed_on"]
    assert _fresh(case).status == "awaiting_requester"


def test_an_extension_shows_both_dates_first_and_then_moves_the_due_date(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    shown = {
        str(row.label): row.value for row in desk.get(act_of(case, "extend")).context["form"].rows()
    }
    assert shown["Due date now"] == "Tuesday 24 November 2026"
    _post(desk, case, "extend", reason="調査に時間を要するため")
    row = case.extensions.get()
    assert long_date(row.due_after, "en") == shown["Due date after the extension"]
    assert case.deadlines.get(code="decision").due_on == row.due_after


def test_closing_notes_how_and_when_the_person_was_notified(
    desk: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "decided")
    _post(desk, case, "close", notified_by="post", **parts("notified_on", 2026, 11, 10))
    assert case.events.get(act="close").facts == {
        "notified_by": "post",
        "notified_on": "2026-11-10",
    }
    assert _fresh(case).status == "closed"


@pytest.mark.parametrize("day", [9, 11])
def test_nobody_is_notified_before_the_decision_or_in_the_future(
    desk: Any, file_case: Any, advance: Any, day: int
) -> None:
    case = advance(file_case(), "decided")
    page = _post(desk, case, "close", notified_by="post", **parts("notified_on", 2026, 11, day))
    assert page.context["form"].errors["notified_on"]
    assert _fresh(case).status == "decided"


def test_a_withdrawal_is_recorded_with_the_way_it_was_told(desk: Any, file_case: Any) -> None:
    case = file_case()
    _post(desk, case, "withdraw", reason="電話で連絡があった")
    case = _fresh(case)
    assert (case.status, case.outcome) == ("closed", "withdrawn")
    assert case.events.get(act="withdraw").texts() == {"reason": "電話で連絡があった"}


def test_an_approver_reopens_a_closed_case(
    signed_in: Any, approver: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "closed")
    _post(signed_in(approver), case, "reopen", reason="新しい資料")
    assert _fresh(case).status == "in_progress"


def test_who_reopens_reads_that_the_identity_is_still_to_be_checked(
    signed_in: Any, approver: Any, file_case: Any, advance: Any, now: Any
) -> None:
    unchecked, checked = file_case(), advance(file_case(), "closed")
    do(unchecked, "withdraw", by=ledger.REQUESTER, at=now)
    browser = signed_in(approver)
    said = "the case goes back to the identity check"
    assert said in text_of(browser.get(act_of(unchecked, "reopen")))
    assert said not in text_of(browser.get(act_of(checked, "reopen")))


# --- Beside the lifecycle -----------------------------------------------------------------
def test_a_case_is_taken_and_given_away(
    desk: Any, file_case: Any, officer: Any, other_officer: Any, auditor: Any
) -> None:
    case = file_case()
    _post(desk, case, "assign", to=officer.pk, held_by="")
    assert _fresh(case).assigned_to_id == officer.pk
    _post(desk, case, "assign", to=other_officer.pk, held_by=officer.pk)
    assert _fresh(case).assigned_to_id == other_officer.pk
    page = _post(desk, case, "assign", to=auditor.pk, held_by=other_officer.pk)
    assert page.context["form"].errors["to"]


def test_two_who_take_the_same_case_do_not_take_it_from_each_other(
    desk: Any, signed_in: Any, file_case: Any, officer: Any, other_officer: Any
) -> None:
    case = file_case()
    _post(signed_in(other_officer), case, "assign", to=other_officer.pk, held_by="")
    page = _post(desk, case, "assign", to=officer.pk, held_by="")
    assert "Meanwhile the case was assigned to 窓口 二葉." in text_of(page)
    assert _fresh(case).assigned_to_id == other_officer.pk


def test_a_message_goes_out_with_its_files(desk: Any, file_case: Any) -> None:
    case = file_case()
    _post(desk, case, "message", body="ご案内です。", uploads=[png(), pdf()])
    message = case.messages.get()
    assert message.body == "ご案内です。"
    assert [row.name for row in message.attachments.all()] == ["本人確認書類.png", "委任状.pdf"]
    assert case.notices.filter(kind="message").count() == 1


def test_a_file_that_cannot_be_taken_is_named_and_the_message_kept(
    desk: Any, file_case: Any
) -> None:
    case = file_case()
    page = _post(
        desk,
        case,
        "message",
        body="ご案内です。",
        uploads=[SimpleUploadedFile("prog.pdf", b"MZ not a pdf")],
    )
    assert "“prog.pdf” is not a PDF" in text_of(page)
    assert "ご案内です。" in text_of(page)
    assert not case.messages.exists()


def test_a_note_is_kept_and_told_to_nobody(desk: Any, file_case: Any, officer: Any) -> None:
    case = file_case()
    before = case.notices.count()
    _post(desk, case, "note", body="折り返しは午後")
    assert [(row.body, row.author) for row in case.notes.all()] == [("折り返しは午後", officer)]
    assert case.notices.count() == before


def test_a_method_that_stays_is_not_said_to_have_changed(desk: Any, file_case: Any) -> None:
    case = file_case()
    way = f"{case.method}|{case.delivery}"
    response = desk.post(act_of(case, "method"), {"seen": case.version, "way": way}, follow=True)
    assert messages_of(response) == ["The method stays as it was."]


def test_the_method_is_changed_among_those_the_law_offers(desk: Any, file_case: Any) -> None:
    case = file_case()
    _post(desk, case, "method", way="paper|counter")
    case = _fresh(case)
    assert (case.method, case.delivery) == ("paper", "counter")
    page = _post(desk, case, "method", way="paper|portal_download")
    assert page.context["form"].errors["way"]


# --- Refused ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("decide", "“Decide” is not possible while the case is “Received”."),
        ("resume", "is not possible while the case is “Received”."),
        ("close", "is not possible while the case is “Received”."),
        ("start", "The identity must be checked first."),
    ],
)
def test_an_act_at_the_wrong_time_is_refused_in_words(
    desk: Any, file_case: Any, act: str, said: str
) -> None:
    case = file_case()
    for response in (desk.get(act_of(case, act)), _post(desk, case, act)):
        assert response.status_code == 409
        assert said in text_of(response)
        assert "Back to the case" in text_of(response)


def test_a_decision_is_not_approved_by_the_one_who_made_it(
    signed_in: Any, approver: Any, file_case: Any, advance: Any, now: Any
) -> None:
    case = advance(file_case(), "in_progress")
    decision.record(case, refusal(case), by=ledger.staff(approver), at=now)
    response = _post(signed_in(approver), case, "approve")
    assert response.status_code == 409
    assert "approved by someone other than the person who made it" in text_of(response)
    assert _fresh(case).status == "in_approval"


def test_an_extension_after_the_due_date_is_refused_in_words(
    desk: Any, file_case: Any, advance: Any, now: Any
) -> None:
    case = advance(file_case(at=now - timedelta(days=30)), "in_progress")
    response = _post(desk, case, "extend", reason="遅れ")
    assert response.status_code == 409
    assert "an extension must be notified before it" in text_of(response)


def test_an_act_nobody_knows_is_not_found(desk: Any, file_case: Any) -> None:
    assert desk.get(act_of(file_case(), "propose")).status_code == 404


# --- Two officers at once -----------------------------------------------------------------
def test_the_second_of_two_officers_is_told_and_loses_nothing(
    desk: Any, file_case: Any, advance: Any, other_officer: Any, now: Any
) -> None:
    case = advance(file_case(), "in_progress")
    seen = _fresh(case).version
    do(_fresh(case), "extend", by=ledger.staff(other_officer), at=now)
    typed = {"seen": seen, "reason": "氏名の漢字", "message": "長い時間をかけて書いた文章です。"}
    response = desk.post(act_of(case, "ask"), typed)
    assert response.status_code == 409
    text = text_of(response)
    assert "Nothing of yours was saved." in text
    assert "窓口 二葉 The due date was extended." in text
    assert "長い時間をかけて書いた文章です。" in text
    assert "Open the case as it is now" in text
    assert not case.messages.exists()
    again = response.context["form"]["seen"].data
    assert str(again) == str(_fresh(case).version)
    desk.post(act_of(case, "ask"), {**typed, "seen": again})
    assert case.messages.get().body == "長い時間をかけて書いた文章です。"


def test_what_was_written_survives_when_the_act_is_no_longer_possible(
    desk: Any, file_case: Any, advance: Any, other_officer: Any, now: Any
) -> None:
    case = advance(file_case(), "in_progress")
    seen = _fresh(case).version
    mine = _fresh(case)
    decision.record(mine, plain_decision(mine), by=ledger.staff(other_officer), at=now)
    response = desk.post(
        act_of(case, "extend"), {"seen": seen, "reason": "保管先の調査が続いているため"}
    )
    assert response.status_code == 409
    assert "What you wrote" in text_of(response)
    assert "保管先の調査が続いているため" in text_of(response)


def test_a_conflict_within_the_act_itself_is_shown_the_same_way(
    desk: Any, file_case: Any, advance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = advance(file_case(), "in_progress")

    def beaten(*_given: Any, **_named: Any) -> None:
        raise lifecycle.Conflict("窓口 二葉 was first.")

    monkeypatch.setattr(lifecycle, "move", beaten)
    response = _post(desk, case, "extend", reason="調査")
    assert response.status_code == 409
    assert "窓口 二葉 was first." in text_of(response)
    assert "調査" in text_of(response)


def test_two_same_decisions_at_once_leave_one(
    desk: Any, signed_in: Any, other_officer: Any, file_case: Any, advance: Any
) -> None:
    case = advance(file_case(), "in_progress")
    posted = {"seen": _fresh(case).version, "outcome": "granted", "step": "confirm"}
    assert desk.post(act_of(case, "decide"), posted).status_code == 302
    second = signed_in(other_officer).post(act_of(case, "decide"), posted)
    assert second.status_code == 409
    assert Decision.objects.filter(case=case).count() == 1
    assert Notice.objects.filter(case=case, kind="decision").count() == 1
