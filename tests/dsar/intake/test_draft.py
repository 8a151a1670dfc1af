"""Drafts: found by their secret, kept for a while, deleted without a trace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage

from dsar import files
from dsar.intake import draft as drafts
from dsar.models import Attachment, CaseKey, IntakeDraft
from tests.factories import NOW, png

pytestmark = pytest.mark.django_db


def test_a_draft_is_found_by_its_token_and_by_nothing_else() -> None:
    made, token = drafts.begin({"want": {"want": "see"}}, at=NOW)
    assert drafts.find(token, at=NOW) == made
    assert drafts.find(token + "x", at=NOW) is None
    assert token.encode() not in bytes(made.token_digest)


def test_each_draft_has_its_own_key_and_receipt_code() -> None:
    (one, _), (two, _) = (drafts.begin({"want": {"want": "see"}}, at=NOW) for _ in range(2))
    assert one.key_id != two.key_id
    assert one.receipt_code != two.receipt_code
    assert len(one.receipt_code) == 16


def test_a_draft_lives_seven_days_from_the_last_answer(settings: Any) -> None:
    settings.DRAFT_DAYS = 7
    made, token = drafts.begin({"want": {"want": "see"}}, at=NOW)
    later = NOW + timedelta(days=6)
    drafts.save(made, {"want": {"want": "erase"}}, at=later)
    assert drafts.find(token, at=later + timedelta(days=7, seconds=-1)) == made
    assert drafts.find(token, at=later + timedelta(days=7)) is None


def test_an_answer_that_comes_after_the_draft_was_filed_is_not_kept(file_case: Any) -> None:
    made, _token = drafts.begin({"want": {"want": "see"}}, at=NOW)
    late = IntakeDraft.objects.select_related("key").get(pk=made.pk)
    file_case(draft=made)
    drafts.save(late, {"want": {"want": "erase"}}, at=NOW)
    assert not IntakeDraft.objects.get(pk=made.pk).answers


def test_an_answer_that_comes_after_the_draft_was_deleted_does_no_harm() -> None:
    made, _token = drafts.begin({"want": {"want": "see"}}, at=NOW)
    late = IntakeDraft.objects.select_related("key").get(pk=made.pk)
    drafts.delete(made)
    drafts.save(late, {"want": {"want": "erase"}}, at=NOW)
    assert not IntakeDraft.objects.exists()


def test_deleting_a_draft_deletes_its_files_and_its_key(
    media: Any, django_capture_on_commit_callbacks: Any
) -> None:
    made, token = drafts.begin({"want": {"want": "see"}}, at=NOW)
    stored = files.store(png(), at=NOW, draft=made).stored_as
    with django_capture_on_commit_callbacks(execute=True):
        drafts.delete(made)
    assert drafts.find(token, at=NOW) is None
    assert not default_storage.exists(stored)
    assert not Attachment.objects.exists()
    assert not CaseKey.objects.exists()


def test_deleting_a_filed_draft_keeps_the_cases_key_and_files(file_case: Any, media: Any) -> None:
    made, _token = drafts.begin({"want": {"want": "see"}}, at=NOW)
    stored = files.store(png(), at=NOW, draft=made).stored_as
    case = file_case(draft=made)
    drafts.delete(made)
    case.refresh_from_db()
    assert case.people.get().name == "見本 花子"
    assert default_storage.exists(stored)
    assert Attachment.objects.get().case == case


def test_deleting_twice_does_no_harm() -> None:
    made, _token = drafts.begin({"want": {"want": "see"}}, at=NOW)
    drafts.delete(made)
    drafts.delete(made)
    assert not IntakeDraft.objects.exists()
