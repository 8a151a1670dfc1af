"""Messages reach the other side, with their files, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dsar import correspondence, files, ledger
from dsar.models import ActorKind, Attachment, Case, Message
from tests.factories import pdf, png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_what_the_person_writes_is_news_for_the_desk(file_case: Any, now: datetime) -> None:
    case = file_case()
    message = correspondence.send(case, "書類を送ります。", by=ledger.REQUESTER, at=now)
    assert (message.direction, message.author) == (Message.Direction.FROM_REQUESTER, None)
    assert fresh(case).has_news
    assert case.notices.filter(kind="desk_news", due_at=now).exists()
    assert not case.notices.filter(kind="message").exists()
    event = case.events.last()
    assert (event.act, event.facts) == ("message_in", {"message": message.pk, "files": 0})


def test_what_the_desk_writes_is_told_to_the_person(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    message = correspondence.send(case, "お調べしています。", by=ledger.staff(officer), at=now)
    assert (message.direction, message.author) == (Message.Direction.TO_REQUESTER, officer)
    assert not fresh(case).has_news
    assert case.notices.filter(kind="message", due_at=now).exists()
    assert case.events.last().act == "message_out"


def test_a_message_can_go_without_a_mail_of_its_own(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case = file_case()
    correspondence.send(case, "質問です。", by=ledger.staff(officer), at=now, tell=False)
    assert not case.notices.filter(kind="message").exists()


def test_files_come_with_their_message(file_case: Any, now: datetime) -> None:
    case = file_case()
    uploads = [png("表.png"), pdf("委任状.pdf")]
    message = correspondence.send(
        case, "二つ送ります。", by=ledger.REQUESTER, at=now, uploads=uploads
    )
    assert [(row.name, row.content_type) for row in message.attachments.all()] == [
        ("表.png", "image/png"),
        ("委任状.pdf", "application/pdf"),
    ]
    assert b"".join(files.read(message.attachments.all()[1])).startswith(b"%PDF-1.4")
    assert case.attachments.count() == 2
    assert case.events.last().facts["files"] == 2


def test_one_file_that_cannot_be_taken_keeps_everything_back(
    file_case: Any, now: datetime, media: Any
) -> None:
    case = file_case()
    bad = SimpleUploadedFile("x.png", b"")
    with pytest.raises(files.Unacceptable):
        correspondence.send(case, "x", by=ledger.REQUESTER, at=now, uploads=[pdf(), bad])
    assert not case.messages.exists()
    assert not Attachment.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert not fresh(case).has_news
    assert case.events.count() == 1


def test_reading_marks_only_what_the_other_side_wrote(
    file_case: Any, officer: Any, now: datetime
) -> None:
    case, at = file_case(), now + timedelta(hours=1)
    mine = correspondence.send(case, "質問", by=ledger.REQUESTER, at=now)
    theirs = correspondence.send(case, "答え", by=ledger.staff(officer), at=now)

    correspondence.mark_read(fresh(case), ActorKind.STAFF, at)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.read_at, theirs.read_at) == (at, None)
    assert not fresh(case).has_news

    correspondence.mark_read(fresh(case), ActorKind.REQUESTER, at + timedelta(hours=1))
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.read_at, theirs.read_at) == (at, at + timedelta(hours=1))


def test_the_person_reading_does_not_take_the_news_from_the_desk(
    file_case: Any, now: datetime
) -> None:
    case = file_case()
    correspondence.send(case, "質問", by=ledger.REQUESTER, at=now)
    correspondence.mark_read(case, ActorKind.REQUESTER, now)
    assert fresh(case).has_news


def test_a_message_that_arrives_while_the_desk_reads_stays_news(
    file_case: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = file_case()
    correspondence.send(case, "一通目", by=ledger.REQUESTER, at=now)
    real = correspondence._set_news

    def another_arrives(reader_case: Case, value: bool) -> None:
        real(reader_case, value)
        if not value:
            monkeypatch.setattr(correspondence, "_set_news", real)
            at = now + timedelta(seconds=1)
            correspondence.send(fresh(case), "二通目", by=ledger.REQUESTER, at=at)

    monkeypatch.setattr(correspondence, "_set_news", another_arrives)
    correspondence.mark_read(fresh(case), ActorKind.STAFF, now)
    assert fresh(case).has_news
    assert case.messages.count() == 2
