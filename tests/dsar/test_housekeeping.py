"""What has expired goes; what has not stays."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from dsar import files, filing, housekeeping, notices
from dsar.models import (
    AccessCode,
    Attachment,
    CaseKey,
    EmailConfirmation,
    IntakeDraft,
    Notice,
)
from tests import factories
from tests.conftest import FileCase
from tests.factories import NOW

SECOND = timedelta(seconds=1)


def test_an_expired_draft_goes_with_its_files_and_its_key(
    db: None, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    draft: Any = factories.DraftFactory(expires_at=NOW)
    row = files.store(factories.png(), at=NOW, draft=draft)
    notices.write([notices.new(notices.DRAFT_LINK, NOW, draft=draft, secret={"token": "x"})], NOW)
    with django_capture_on_commit_callbacks(execute=True):
        assert housekeeping.drop_drafts(NOW) == 1
    assert not default_storage.exists(row.stored_as)
    for model in (IntakeDraft, Attachment, CaseKey, Notice):
        assert not model.objects.exists()


def test_a_draft_stays_until_the_moment_it_expires(db: None, media: Path) -> None:
    draft: Any = factories.DraftFactory(expires_at=NOW + SECOND)
    row = files.store(factories.png(), at=NOW, draft=draft)
    assert housekeeping.drop_drafts(NOW) == 0
    assert b"".join(files.read(row))


def test_a_filed_draft_goes_and_its_case_keeps_key_and_files(
    file_case: FileCase, media: Path
) -> None:
    draft: Any = factories.DraftFactory(expires_at=NOW)
    files.store(factories.png(), at=NOW, draft=draft)
    case = file_case(draft=draft)
    assert housekeeping.drop_drafts(NOW) == 1
    assert not IntakeDraft.objects.exists()
    row = Attachment.objects.select_related("case__key").get(case=case)
    assert b"".join(files.read(row)).startswith(b"\x89PNG")
    assert case.people.get().name == factories.PRINCIPAL["name"]


def test_codes_are_kept_for_a_day_so_that_they_can_be_counted(file_case: FileCase) -> None:
    case = file_case()
    AccessCode.objects.create(case=case, digest=b"x", sent_at=NOW, expires_at=NOW)
    assert housekeeping.drop_codes(NOW + timedelta(hours=23)) == 0
    assert housekeeping.drop_codes(NOW + timedelta(days=1)) == 1


def test_expired_confirmation_links_go(file_case: FileCase) -> None:
    file_case()
    last = NOW + timedelta(days=filing.CONFIRMATION_DAYS)
    assert housekeeping.drop_confirmations(last - SECOND) == 0
    assert housekeeping.drop_confirmations(last) == 1
    assert not EmailConfirmation.objects.exists()


def test_secrets_of_mail_that_is_done_are_forgotten_after_their_links(
    file_case: FileCase,
) -> None:
    case = file_case()
    row = case.notices.get(kind=notices.CONFIRM_EMAIL)
    last = NOW + timedelta(days=filing.CONFIRMATION_DAYS)
    assert housekeeping.forget_secrets(last) == 0  # it still waits to be sent
    Notice.objects.filter(pk=row.pk).update(state=Notice.State.SENT)
    assert housekeeping.forget_secrets(last - SECOND) == 0
    assert Notice.objects.get(pk=row.pk).secret["token"]
    assert housekeeping.forget_secrets(last) == 1
    assert Notice.objects.get(pk=row.pk).secret == {}
    assert housekeeping.forget_secrets(last) == 0


def test_expired_sessions_go(db: None) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=NOW)
    Session.objects.create(session_key="new", session_data="", expire_date=NOW + SECOND)
    assert housekeeping.drop_sessions(NOW) == 1
    assert Session.objects.get().session_key == "new"


def test_orphan_files_are_looked_for_once_a_day(db: None, media: Path) -> None:
    default_storage.save("files/2026/11/orphan", ContentFile(b"x"))
    at_three = NOW.replace(hour=18, minute=17) + timedelta(days=10)  # 3:17 in Tokyo
    far = at_three.replace(year=2126)
    assert "orphan files" not in housekeeping.drop_expired(far + timedelta(hours=1))
    assert housekeeping.drop_expired(far)["orphan files"] == 1
    assert not default_storage.exists("files/2026/11/orphan")


def test_one_failure_does_not_keep_the_rest_from_being_removed(
    file_case: FileCase, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file_case()

    def broken(now: Any) -> int:
        raise OSError("/secret/見本 花子.png")

    monkeypatch.setattr(housekeeping, "drop_drafts", broken)
    dropped = housekeeping.drop_expired(NOW + timedelta(days=60))
    assert "drafts" not in dropped
    assert dropped["confirmations"] == 1
    assert "OSError" in caplog.text
    assert "見本" not in caplog.text


# --- The embedded broker ------------------------------------------------------------------
@pytest.fixture
def broker(settings: Any, tmp_path: Path) -> Path:
    """A broker in a file, with one delivered message and one that waits."""
    file = tmp_path / "broker.sqlite3"
    settings.CELERY_BROKER_URL = f"sqla+sqlite:///{file}"
    app = Celery("test", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    app.send_task("first")
    app.send_task("second")
    with app.connection_for_read() as connection:
        connection.default_channel.basic_get("celery").ack()
    return file


def _rows(broker: Path) -> list[tuple[int]]:
    with sqlite3.connect(broker) as connection:
        return connection.execute("SELECT visible FROM kombu_message ORDER BY id").fetchall()


def test_delivered_rows_of_the_embedded_broker_go_and_waiting_ones_stay(broker: Path) -> None:
    from django.utils import timezone

    assert _rows(broker) == [(0,), (1,)]
    now = timezone.now()
    assert housekeeping.drop_broker_rows(now + timedelta(minutes=50)) == 0
    assert housekeeping.drop_broker_rows(now + timedelta(minutes=70)) == 1
    assert _rows(broker) == [(1,)]


def test_another_broker_is_left_alone(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert housekeeping.drop_broker_rows(NOW) == 0


def test_a_broker_that_was_never_used_has_nothing_to_remove(settings: Any, tmp_path: Path) -> None:
    settings.CELERY_BROKER_URL = f"sqla+sqlite:///{tmp_path / 'none.sqlite3'}"
    assert housekeeping.drop_broker_rows(NOW) == 0
