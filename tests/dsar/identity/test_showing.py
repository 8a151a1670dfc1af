"""Papers: what counts, what an officer must find in order, and the end of the pictures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage

from dsar import files, identity, ledger, lifecycle
from dsar.models import Attachment, Case, IdentityDocument, Subject
from tests.dsar.identity.papers import accept, show_and_accept, shown
from tests.factories import DraftFactory, png

pytestmark = pytest.mark.django_db
P = Subject.PRINCIPAL
TODAY = date(2026, 11, 10)


# --- Which papers suffice -----------------------------------------------------------------
def test_one_paper_with_a_photograph_is_enough(file_case: Any, by: Any, now: datetime) -> None:
    case = file_case()
    show_and_accept(case, "drivers_licence", P, by, now, expires_on=date(2029, 1, 1))
    assert identity.is_proven(case)
    check = case.identity_checks.get()
    assert (check.state, check.method, check.checked_by) == ("accepted", "documents", by.user)
    facts = case.events.get(act="identity_settled").facts
    assert facts["level"] == "standard"


def test_of_papers_without_a_photograph_two_are_needed(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = file_case()
    show_and_accept(case, "pension_book", P, by, now)
    assert not identity.is_proven(case)
    show_and_accept(case, "certificate_of_residence", P, by, now, issued_on=date(2026, 10, 1))
    assert identity.is_proven(case)


def test_the_same_paper_twice_counts_once(file_case: Any, by: Any, now: datetime) -> None:
    case = file_case()
    show_and_accept(case, "pension_book", P, by, now)
    show_and_accept(case, "pension_book", P, by, now)
    assert not identity.is_proven(case)


def test_a_paper_that_nobody_accepted_proves_nothing(file_case: Any, now: datetime) -> None:
    case = file_case()
    shown(case, "passport", P, now)
    assert not identity.is_proven(case)
    assert len(identity.standing(case)[0].waiting) == 1


# --- Dates --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("issued_on", "fault"),
    [
        (None, "must not be too old"),
        (date(2026, 8, 9), "too old"),
        (date(2026, 8, 10), ""),
        (date(2026, 11, 10), ""),
        (date(2026, 11, 11), "still to come"),
    ],
)
def test_a_certificate_must_be_recent(file_case: Any, issued_on: date | None, fault: str) -> None:
    paper = identity.rules_of(file_case()).documents["certificate_of_residence"]
    faults = identity.paper_faults(paper, issued_on, None, TODAY, "en")
    assert fault in faults.get("issued_on", "")
    assert bool(faults) == bool(fault)


def test_a_guardians_record_may_be_six_months_old(file_case: Any) -> None:
    paper = identity.rules_of(file_case()).documents["guardian_record"]
    assert identity.paper_faults(paper, date(2026, 5, 10), None, TODAY, "en") == {}
    assert identity.paper_faults(paper, date(2026, 5, 9), None, TODAY, "en")


def test_a_paper_past_its_validity_is_refused(file_case: Any) -> None:
    paper = identity.rules_of(file_case()).documents["passport"]
    assert "expires_on" in identity.paper_faults(paper, None, date(2026, 11, 9), TODAY, "en")
    assert identity.paper_faults(paper, None, TODAY, TODAY, "en") == {}


def test_an_eligibility_certificate_is_taken_from_the_day_there_were_any(file_case: Any) -> None:
    rules = identity.rules_of(file_case())
    codes = {paper.code for paper in rules.identity_papers(date(2024, 12, 2))}
    assert "insurance_confirmation" in codes
    codes = {paper.code for paper in rules.identity_papers(date(2024, 12, 1))}
    assert "insurance_confirmation" not in codes


def test_age_counts_from_the_day_the_paper_arrived(file_case: Any, by: Any, now: datetime) -> None:
    case = file_case()
    row = shown(case, "seal_certificate", P, now, issued_on=date(2026, 8, 12))
    accept(row, by, now + timedelta(days=20))
    assert row.state == "accepted"


# --- The verdict --------------------------------------------------------------------------
def test_a_paper_is_accepted_only_when_every_point_is_in_order(
    file_case: Any, by: Any, now: datetime
) -> None:
    row = shown(file_case(), "passport", P, now)
    with pytest.raises(identity.Incomplete) as lacking:
        identity.judge_paper(row, accepted=True, checklist=["name"], by=by, at=now)
    assert set(lacking.value.faults) == {"checklist"}
    assert IdentityDocument.objects.get().state == "new"


def test_the_checklist_asks_what_the_paper_can_show(file_case: Any) -> None:
    documents = identity.rules_of(file_case()).documents
    assert identity.checklist_of(documents["passport"]) == (
        "name",
        "birth_date",
        "valid",
        "masked",
    )
    assert identity.checklist_of(documents["certificate_of_residence"]) == (
        "name",
        "birth_date",
        "address",
        "issued",
        "masked",
    )


def test_a_rejection_needs_a_reason_which_is_sealed(file_case: Any, by: Any, now: datetime) -> None:
    case = file_case()
    row = shown(case, "passport", P, now)
    with pytest.raises(identity.Incomplete):
        identity.judge_paper(row, accepted=False, by=by, at=now)
    identity.judge_paper(row, accepted=False, reason="文字が読めません。", by=by, at=now)
    event = case.events.get(act="identity_judged")
    assert event.facts["result"] == "rejected"
    assert "読めません" not in str(event.facts)
    assert event.texts() == {"reason": "文字が読めません。"}
    assert IdentityDocument.objects.get().reason == "文字が読めません。"


def test_of_two_officers_the_second_is_told(
    file_case: Any, by: Any, other_officer: Any, now: datetime
) -> None:
    row = shown(file_case(), "passport", P, now)
    same = IdentityDocument.objects.select_related("case__key").get()
    accept(row, by, now)
    with pytest.raises(lifecycle.NotAllowed, match="checked meanwhile"):
        accept(same, ledger.staff(other_officer), now)


# --- What comes in ------------------------------------------------------------------------
def test_a_paper_is_sealed_for_this_purpose_and_the_desk_is_told(
    file_case: Any, now: datetime
) -> None:
    case = file_case()
    shown(case, "passport", P, now)
    kept = Attachment.objects.get()
    assert kept.purpose == "identity"
    with default_storage.open(kept.stored_as) as stored:
        assert b"PNG" not in stored.read()
    assert Case.objects.get().has_news
    assert case.notices.filter(kind="desk_news").count() == 1
    assert case.events.get(act="identity_paper").facts["type"] == "passport"


def test_what_cannot_be_shown_to_an_officer_is_not_taken(file_case: Any, now: datetime) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    heic = SimpleUploadedFile("id.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 32)
    with pytest.raises(files.Unacceptable, match="Send it as JPEG"):
        shown(file_case(), "passport", P, now, heic)
    assert not IdentityDocument.objects.exists()


def test_nothing_is_taken_for_a_decided_case(file_case: Any, advance: Any, now: datetime) -> None:
    case = advance(file_case(), "decided")
    with pytest.raises(lifecycle.NotAllowed):
        shown(case, "passport", P, now)
    assert not Attachment.objects.exists()


def test_papers_of_a_draft_become_the_cases(file_case: Any, now: datetime) -> None:
    draft = DraftFactory.create()
    identity.add_paper(
        draft, png("a.png"), subject=P, type_="passport", by=ledger.REQUESTER, at=now
    )
    assert IdentityDocument.objects.get().case is None
    case = file_case(draft=draft)
    assert [row.type for row in case.identity_documents.all()] == ["passport"]
    assert identity.standing(case)[0].documents


# --- Looking ------------------------------------------------------------------------------
def test_a_view_is_an_event_and_possible_only_while_checking(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = file_case()
    row = shown(case, "passport", P, now)
    identity.note_view(row, 1, by=by, at=now)
    event = case.events.get(act="view_identity")
    assert event.actor == by.user
    assert event.facts == {"document": row.pk, "type": "passport", "page": 1}
    accept(row, by, now)
    with pytest.raises(lifecycle.NotAllowed, match="only while"):
        identity.note_view(row, 1, by=by, at=now)


# --- The end of the pictures --------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_picture_is_destroyed_some_days_after_its_check(
    file_case: Any, by: Any, now: datetime
) -> None:
    case = file_case()
    row = show_and_accept(case, "passport", P, by, now, expires_on=date(2030, 1, 1))
    stored_as = Attachment.objects.get().stored_as
    assert identity.destroy_pictures(now + timedelta(days=29)) == 0
    assert identity.destroy_pictures(now + timedelta(days=30)) == 1
    assert not Attachment.objects.exists()
    assert not default_storage.exists(stored_as)
    row = IdentityDocument.objects.get()
    kept = (row.type, row.state, row.checked_by, row.checked_at, row.expires_on)
    assert kept == ("passport", "accepted", by.user, now, None)
    assert row.destroyed_at == now + timedelta(days=30)
    assert case.events.get(act="identity_destroyed").actor_kind == "system"
    assert identity.destroy_pictures(now + timedelta(days=31)) == 0
    assert identity.is_proven(case)


def test_a_picture_nobody_checked_goes_after_the_end_of_the_case(
    file_case: Any, advance: Any, now: datetime
) -> None:
    case = file_case()
    shown(case, "passport", P, now)
    advance(case, "closed")
    assert identity.destroy_pictures(now + timedelta(days=29)) == 0
    assert identity.destroy_pictures(now + timedelta(days=30)) == 1


def test_how_long_pictures_are_kept_is_a_setting(
    file_case: Any, by: Any, now: datetime, settings: Any
) -> None:
    settings.IDENTITY_IMAGE_DAYS = 3
    show_and_accept(file_case(), "passport", P, by, now)
    assert identity.destroy_pictures(now + timedelta(days=3)) == 1


def test_one_picture_that_cannot_go_does_not_keep_the_others(
    file_case: Any, by: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = show_and_accept(file_case(), "passport", P, by, now)
    show_and_accept(file_case(), "passport", P, by, now)
    real = files.remove

    def remove(row: Attachment) -> None:
        if row.pk == first.attachment_id:
            raise OSError("storage is away")
        real(row)

    monkeypatch.setattr(files, "remove", remove)
    assert identity.destroy_pictures(now + timedelta(days=30)) == 1
    assert Attachment.objects.get().pk == first.attachment_id


def test_a_picture_with_an_individual_number_goes_at_once(
    file_case: Any, by: Any, now: datetime
) -> None:
    row = shown(file_case(), "my_number_card", P, now)
    with pytest.raises(identity.Incomplete):
        accept(row, by, now, destroy=True)
    identity.judge_paper(row, accepted=False, reason="裏面", destroy=True, by=by, at=now)
    assert not Attachment.objects.exists()
    assert IdentityDocument.objects.get().destroyed_at == now
