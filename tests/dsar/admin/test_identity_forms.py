"""The identity check at the desk: its card, its acts, and the page of a paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from dsar import identity, ledger
from dsar.models import Attachment, Case, IdentityDocument, Subject
from tests.dsar.admin.desk import act_of, messages_of, page_of, parts, text_of
from tests.dsar.identity.papers import show_and_accept, shown
from tests.factories import AGENT, do, pdf, png

pytestmark = pytest.mark.django_db
P = Subject.PRINCIPAL


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


def post(browser: Any, case: Case, act: str, **given: Any) -> Any:
    return browser.post(act_of(case, act), {"seen": fresh(case).version, **given}, follow=True)


def check_of(row: IdentityDocument) -> str:
    return reverse("admin:dsar_case_identity", args=[row.case_id, row.pk])


def page_of_paper(row: IdentityDocument, page: int = 1) -> str:
    return reverse("admin:dsar_case_identity_page", args=[row.case_id, row.pk, page])


# --- The card -----------------------------------------------------------------------------
def test_the_card_says_what_is_required_and_what_was_shown(
    desk: Any, file_case: Any, now: datetime
) -> None:
    case = file_case()
    shown(case, "passport", P, now)
    text = text_of(desk.get(page_of(case)))
    assert "Ordinary proof of identity" in text
    assert "Passport" in text
    assert "Not checked yet" in text


def test_a_complaint_has_no_such_card(desk: Any, file_case: Any) -> None:
    assert 'id="identity"' not in desk.get(page_of(file_case("complaint"))).content.decode()


def test_a_picture_is_not_downloaded_like_other_files(
    desk: Any, file_case: Any, now: datetime
) -> None:
    case = file_case()
    row = shown(case, "passport", P, now)
    address = reverse("admin:dsar_case_file", args=[case.pk, row.attachment_id])
    assert desk.get(address).status_code == 404


# --- Acts ---------------------------------------------------------------------------------
def test_proof_is_asked_for_with_words_proposed(desk: Any, file_case: Any, advance: Any) -> None:
    case = advance(file_case(language="en"), "identity_check")
    page = desk.get(act_of(case, "ask_identity"))
    assert "The clock stops today." in text_of(page)
    assert "Before we go on with your request" in text_of(page)
    post(
        desk,
        case,
        "ask_identity",
        wanted=["principal"],
        reason="no papers",
        message="Please send one.",
    )
    case = fresh(case)
    assert (case.status, case.is_stopped) == ("awaiting_requester", True)
    assert case.letters.get(kind="identity").state == "ordered"


def test_a_confirmation_that_is_not_enough_says_what_is_needed_and_keeps_the_note(
    desk: Any, file_case: Any, advance: Any, by_sensitive: Any
) -> None:
    case = by_sensitive(advance(file_case(), "identity_check"))
    page = post(desk, case, "confirm_identity", check_method="account", result="照合済み")
    assert "Needed: Documents together with a tracked letter" in text_of(page)
    assert "照合済み" in page.content.decode()
    assert fresh(case).status == "identity_check"


@pytest.fixture
def by_sensitive(desk: Any) -> Any:
    def make(case: Case) -> Case:
        post(desk, case, "identity_level", sensitivity="sensitive")
        return fresh(case)

    return make


def test_with_accepted_papers_nothing_more_is_asked(
    desk: Any, file_case: Any, advance: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    show_and_accept(case, "passport", P, ledger.staff(officer), now)
    page = desk.get(act_of(case, "confirm_identity")).content.decode()
    assert 'name="check_method"' not in page
    post(desk, case, "confirm_identity")
    assert fresh(case).status == "in_progress"
    assert "as recorded in this case" in text_of(desk.get(page_of(case)))


def test_a_proof_seen_at_the_counter_is_recorded(desk: Any, file_case: Any) -> None:
    case = file_case()
    bare = post(desk, case, "identity_proof", method="other")
    assert "Say in the note how it was checked." in text_of(bare)
    post(desk, case, "identity_proof", method="in_person", note="originals")
    assert case.identity_proofs.get().method == "in_person"
    assert identity.is_proven(case)


def test_a_paper_that_came_by_post_is_added(desk: Any, file_case: Any) -> None:
    case = file_case(channel="post")
    post(desk, case, "identity_paper", type="pension_book", uploads=[pdf("scan.pdf")])
    row = IdentityDocument.objects.get()
    assert (row.type, row.subject) == ("pension_book", "principal")
    assert not fresh(case).has_news


def test_the_authority_is_judged_apart_and_says_who_gets_the_answer(
    desk: Any, file_case: Any
) -> None:
    case = file_case(agent=dict(AGENT), requester_role="mandated_agent")
    post(desk, case, "identity_agent", kind="lawyer")
    lacking = post(desk, case, "identity_authority", verdict="accepted")
    assert "The papers are not complete." in text_of(lacking)
    post(desk, case, "identity_authority", verdict="accepted", covers_answer="on", note="登録番号")
    assert "it goes to the agent" in text_of(desk.get(page_of(case)))


def test_who_reads_only_or_has_no_agent_is_refused(
    signed_in: Any, auditor: Any, desk: Any, file_case: Any
) -> None:
    case = file_case()
    assert signed_in(auditor).get(act_of(case, "identity_proof")).status_code == 403
    assert desk.get(act_of(case, "identity_authority")).status_code == 409


# --- The page of a paper ------------------------------------------------------------------
def test_the_picture_is_drawn_anew_and_never_stored_by_a_browser(
    desk: Any, file_case: Any, now: datetime
) -> None:
    row = shown(file_case(), "passport", P, now)
    response = desk.get(page_of_paper(row))
    assert response["Content-Type"] == "image/png"
    assert "no-store" in response["Cache-Control"]
    assert response.content.startswith(b"\x89PNG")


def test_each_look_is_an_event(desk: Any, file_case: Any, officer: Any, now: datetime) -> None:
    case = file_case()
    row = shown(case, "passport", P, now)
    desk.get(check_of(row))
    assert not case.events.filter(act="view_identity").exists()
    desk.get(page_of_paper(row))
    desk.get(page_of_paper(row))
    events = case.events.filter(act="view_identity")
    assert [event.actor for event in events] == [officer, officer]


def test_a_pdf_is_shown_page_by_page(desk: Any, file_case: Any, now: datetime) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from dsar.demo.papers import document

    upload = SimpleUploadedFile("a.pdf", document("licence"), "application/pdf")
    row = shown(file_case(), "pension_book", P, now, upload)
    assert desk.get(page_of_paper(row))["Content-Type"] == "image/png"
    assert desk.get(page_of_paper(row, 2)).status_code == 404


def test_a_damaged_file_is_said_to_be_so(desk: Any, file_case: Any, now: datetime) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n" + b"x" * 64, "application/pdf")
    row = shown(file_case(), "passport", P, now, upload)
    assert "This file cannot be shown" in text_of(desk.get(check_of(row)))
    assert desk.get(page_of_paper(row)).status_code == 404


def test_zoom_is_a_link(desk: Any, file_case: Any, now: datetime) -> None:
    row = shown(file_case(), "passport", P, now)
    page = desk.get(check_of(row) + "?zoom=3").content.decode()
    assert f"{page_of_paper(row)}?zoom=3" in page
    assert "?zoom=2#paper" in page
    assert desk.get(page_of_paper(row) + "?zoom=x").status_code == 200


def test_the_page_shows_what_to_compare_and_takes_the_verdict(
    desk: Any, file_case: Any, now: datetime
) -> None:
    case = file_case()
    row = shown(case, "passport", P, now, expires_on=date(2030, 1, 1))
    text = text_of(desk.get(check_of(row)))
    assert "15 March 1988" in text
    assert "The registered domicile" in text
    lacking = desk.post(check_of(row), {"verdict": "accepted", "checklist": ["name"]})
    assert "accepted only if every point is in order" in text_of(lacking)
    done = desk.post(
        check_of(row),
        {
            "verdict": "accepted",
            "checklist": ["name", "birth_date", "valid", "masked"],
            **parts("expires_on", 2030, 1, 1),
        },
        follow=True,
    )
    assert messages_of(done) == ["The result was saved."]
    assert identity.is_proven(case)


def test_after_the_check_the_picture_is_gone_for_everyone(
    desk: Any, file_case: Any, now: datetime
) -> None:
    row = shown(file_case(), "passport", P, now)
    desk.post(check_of(row), {"verdict": "rejected", "reason": "blurred"})
    assert desk.get(page_of_paper(row)).status_code == 404
    again = desk.get(check_of(row), follow=True)
    assert "only while the paper is being checked" in messages_of(again)[0]


def test_a_picture_with_a_number_that_must_not_be_kept_goes_at_once(
    desk: Any, file_case: Any, now: datetime
) -> None:
    row = shown(file_case(), "my_number_card", P, now)
    desk.post(check_of(row), {"verdict": "rejected", "reason": "back side", "destroy": "on"})
    assert not Attachment.objects.exists()


def test_other_companies_and_readers_see_no_picture(
    signed_in: Any, foreign_officer: Any, auditor: Any, file_case: Any, now: datetime
) -> None:
    row = shown(file_case(), "passport", P, now)
    for user in (foreign_officer, auditor):
        assert signed_in(user).get(page_of_paper(row)).status_code == 404
    assert not row.case.events.filter(act="view_identity").exists()  # type: ignore[union-attr]


# --- The end ------------------------------------------------------------------------------
def test_after_the_cure_period_the_end_is_offered_with_its_reason(
    desk: Any, signed_in: Any, file_case: Any, advance: Any, officer: Any, now: Any, freeze: Any
) -> None:
    case = advance(file_case(language="en"), "identity_check")
    identity.ask(case, [P], "Please.", reason="r", by=ledger.staff(officer), at=now)
    assert "did not arrive in time" not in text_of(desk.get(page_of(case)))
    freeze(now + timedelta(days=60))
    desk = signed_in(officer)
    assert "did not arrive in time" in text_of(desk.get(page_of(case)))
    page = desk.get(act_of(case, "end_without_decision"))
    assert page.context["form"].initial["code"] == "T3_identity"
    assert "We could not confirm it within the period set." in text_of(page)


def test_an_ordinary_end_proposes_nothing(desk: Any, file_case: Any, advance: Any) -> None:
    case = advance(file_case(), "in_progress")
    page = desk.get(act_of(case, "end_without_decision"))
    assert "code" not in page.context["form"].initial


def test_the_resumed_case_can_be_asked_again(
    desk: Any, file_case: Any, advance: Any, officer: Any, now: datetime
) -> None:
    case = advance(file_case(), "identity_check")
    by = ledger.staff(officer)
    identity.ask(case, [P], "Please.", reason="r", by=by, at=now)
    do(case, "resume", by=by, at=now)
    identity.reject_identity(case, P, "no", by=by, at=now)
    identity.ask(fresh(case), [P], "Again.", reason="r", by=by, at=now)
    assert case.identity_checks.get().state == "open"


def test_png_of_the_demo_can_be_drawn(desk: Any, file_case: Any, now: datetime) -> None:
    row = shown(file_case(), "passport", P, now, png("x.png"))
    assert desk.get(page_of_paper(row) + "?zoom=2").status_code == 200
