"""Files come in only if they are what they say, rest sealed, and leave nothing behind."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import override

from dsar import files, vault
from dsar.models import Attachment, IntakeDraft
from tests.factories import DraftFactory, pdf, png

pytestmark = pytest.mark.django_db


def stored(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


def upload(name: str, content: bytes, content_type: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


# --- What may come in ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
    ],
)
def test_the_type_is_told_by_the_content_whatever_the_name_says(content: bytes, found: str) -> None:
    given = upload("写真.exe", content.ljust(300, b"\0"), "application/x-msdownload")
    assert files.check(given) == found
    assert given.tell() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0\x03\0\0\0",
        b"PK\x03\x04 a zip or a word document",
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\0\x01\0",
        b"plain words",
        b"\0" * 100,
    ],
)
def test_other_types_are_refused_by_name_whatever_the_name_says(content: bytes) -> None:
    with override("en"), pytest.raises(files.Unacceptable, match=r"“id\.pdf” is not a PDF"):
        files.check(upload("id.pdf", content))


def test_an_empty_file_is_refused() -> None:
    with override("en"), pytest.raises(files.Unacceptable, match="is empty"):
        files.check(upload("id.pdf", b""))


def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 2 * 1024 * 1024
    assert files.check(png(size=2 * 1024 * 1024)) == "image/png"
    with override("en"), pytest.raises(files.Unacceptable, match="larger than 2 MB"):
        files.check(png(size=2 * 1024 * 1024 + 1))


def test_a_file_whose_rest_was_thrown_away_is_too_large() -> None:
    given = png()
    given.too_large = True  # type: ignore[attr-defined]
    with override("en"), pytest.raises(files.Unacceptable, match="larger"):
        files.check(given)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("本人確認書類.pdf", "本人確認書類.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\花子\\旅券.png", "旅券.png"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("", "file"),
        (None, "file"),
        ("...", "..."),
        (" .pdf ", ".pdf"),
        ("あ" * 300 + ".pdf", "あ" * 116 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_path_and_control_characters(name: str | None, shown: str) -> None:
    assert files.shown_name(name) == shown
    assert len(files.shown_name(name)) <= 120


# --- At rest ------------------------------------------------------------------------------
def test_a_stored_file_is_sealed_and_reads_back(file_case: Any, now: datetime, media: Path) -> None:
    case = file_case()
    given = png("旅券.png", size=200_000)
    content = given.read()
    row = files.store(given, at=now, case=case)

    (path,) = stored(media)
    assert b"PNG" not in path.read_bytes()
    assert "旅券" not in str(path)
    reread = Attachment.objects.get(pk=row.pk)
    assert b"".join(files.read(reread)) == content
    assert (reread.name, reread.size, reread.content_type) == ("旅券.png", 200_000, "image/png")
    assert reread.added_at == now


def test_a_file_that_was_changed_on_the_storage_is_not_given_out(
    file_case: Any, now: datetime, media: Path
) -> None:
    row = files.store(png(size=100), at=now, case=file_case())
    (path,) = stored(media)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(vault.Tampered):
        b"".join(files.read(row))


def test_files_swapped_on_the_storage_are_not_given_out(
    file_case: Any, now: datetime, media: Path
) -> None:
    case = file_case()
    one, other = (files.store(png(f"{n}.png"), at=now, case=case) for n in range(2))
    paths = [media / row.stored_as for row in (one, other)]
    first, second = (path.read_bytes() for path in paths)
    paths[0].write_bytes(second)
    paths[1].write_bytes(first)
    for row in (one, other):
        with pytest.raises(vault.Tampered):
            b"".join(files.read(row))


def test_a_file_nobody_owns_is_not_stored(now: datetime, media: Path) -> None:
    with pytest.raises(vault.VaultError):
        files.store(png(), at=now)
    assert stored(media) == []


def test_a_name_the_storage_changes_is_an_error_and_leaves_nothing(
    file_case: Any, now: datetime, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = files.default_storage.save

    def rename(name: str, content: Any) -> str:
        return str(real(f"{name}-renamed", content))

    monkeypatch.setattr(files.default_storage, "save", rename)
    with pytest.raises(OSError, match="renamed"):
        files.store(png(), at=now, case=file_case())
    assert stored(media) == []
    assert not Attachment.objects.exists()


# --- Gone ---------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_removed_file_is_gone_with_its_row(file_case: Any, now: datetime, media: Path) -> None:
    row = files.store(png(), at=now, case=file_case())
    files.remove(row)
    assert stored(media) == []
    assert not Attachment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_removal_that_is_taken_back_keeps_the_bytes(
    file_case: Any, now: datetime, media: Path
) -> None:
    row = files.store(png(), at=now, case=file_case())
    with transaction.atomic():
        files.remove(row)
        transaction.set_rollback(True)
    assert b"".join(files.read(Attachment.objects.get())).startswith(b"\x89PNG")


def test_bytes_without_a_row_are_dropped_after_a_day(
    file_case: Any, now: datetime, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_LOOKED_UP_AT_ONCE", 2)
    kept = [files.store(png(), at=now, case=file_case()) for _ in range(3)]
    folder = media / "files" / "2026" / "11"
    old, young = folder / "old", folder / "young"
    for path, age in ((old, 25), (young, 23)):
        path.write_bytes(b"left over")
        then = (now - timedelta(hours=age)).timestamp()
        os.utime(path, (then, then))
    for row in kept:
        then = (now - timedelta(days=9)).timestamp()
        os.utime(media / row.stored_as, (then, then))

    assert files.drop_orphans(now) == 1
    assert set(stored(media)) == {young, *(media / row.stored_as for row in kept)}
    assert files.drop_orphans(now) == 0


def test_looking_for_orphans_asks_the_database_once_a_batch(
    file_case: Any, now: datetime, media: Path, django_assert_num_queries: Any
) -> None:
    case = file_case()
    for _ in range(5):
        files.store(pdf(), at=now, case=case)
    with django_assert_num_queries(1):
        files.drop_orphans(now)


def test_an_empty_storage_has_no_orphans(now: datetime, media: Path) -> None:
    assert files.drop_orphans(now) == 0


def test_a_file_of_a_draft_opens_with_the_drafts_key(now: datetime, media: Path) -> None:
    row = files.store(pdf(), at=now, draft=DraftFactory.create())
    assert b"".join(files.read(Attachment.objects.get(pk=row.pk))).startswith(b"%PDF")


def test_a_file_added_while_the_draft_is_filed_goes_to_the_case(
    file_case: Any, now: datetime, media: Path
) -> None:
    draft = DraftFactory.create()
    before = IntakeDraft.objects.get(pk=draft.pk)
    case = file_case(draft=draft)
    row = files.store(png(), at=now, draft=before)
    assert row.case_id == case.pk
    assert b"".join(files.read(case.attachments.get())).startswith(b"\x89PNG")


def test_two_uploads_at_once_do_not_pass_the_limit_of_files(
    media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    settings.ATTACHMENT_MAX_COUNT = 2
    draft: IntakeDraft = DraftFactory.create()
    files.store(png("first.png"), at=now, draft=draft)
    really_seal = files._seal

    def sealed_while_another_tab_adds_one(row: Attachment, chunks: Any) -> None:
        monkeypatch.setattr(files, "_seal", really_seal)
        files.store(png("other tab.png"), at=now, draft=draft)
        really_seal(row, chunks)

    monkeypatch.setattr(files, "_seal", sealed_while_another_tab_adds_one)
    with override("en"), pytest.raises(files.Unacceptable, match="up to 2 files"):
        files.store(png("late.png"), at=now, draft=draft)
    names = {
        row.name for row in Attachment.objects.filter(draft=draft).select_related("draft__key")
    }
    assert names == {"first.png", "other tab.png"}
    assert len(stored(media)) == 2
