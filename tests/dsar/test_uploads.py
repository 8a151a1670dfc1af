"""Uploads stay in memory, cut off at the limit, and a form can say what was wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from dsar import files
from dsar.uploads import BoundedUpload, SealedUpload, SealedUploadHandler
from tests.factories import png

LIMIT = 100_000


@pytest.fixture(autouse=True)
def _small_limits(settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = LIMIT
    settings.ATTACHMENT_MAX_COUNT = 3


def received(*uploads: SimpleUploadedFile) -> list[BoundedUpload]:
    request: HttpRequest = RequestFactory().post("/", {"files": list(uploads), "words": "日本語"})
    found: Any = request.FILES.getlist("files")
    assert request.POST["words"] == "日本語"
    return list(found)


def file_of(size: int, name: str = "x.png") -> SimpleUploadedFile:
    return png(name, size=size)


@pytest.mark.parametrize("size", [1_000, 65_536, LIMIT - 1, LIMIT])
def test_a_file_within_the_limit_arrives_whole(size: int) -> None:
    (upload,) = received(file_of(size))
    assert (upload.size, upload.too_large, upload.name) == (size, False, "x.png")
    assert len(upload.read()) == size
    assert files.check(upload) == "image/png"


@pytest.mark.parametrize("size", [LIMIT + 1, 3 * LIMIT])
def test_a_file_over_the_limit_is_marked_and_not_kept(size: int) -> None:
    (upload,) = received(file_of(size))
    assert upload.too_large
    assert upload.size == size
    assert upload.read() == b""
    with pytest.raises(files.Unacceptable):
        files.check(upload)


def test_one_large_file_does_not_spoil_the_others() -> None:
    large, small = received(file_of(2 * LIMIT, "large.png"), file_of(500, "small.png"))
    assert (large.too_large, small.too_large) == (True, False)
    assert len(small.read()) == 500


def test_more_files_than_allowed_are_seen_and_far_more_are_dropped() -> None:
    assert len(received(*(file_of(200) for _ in range(4)))) == 4
    assert len(received(*(file_of(200) for _ in range(9)))) == 6


def test_nothing_of_an_upload_touches_the_disk(tmp_path: Any, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    (upload,) = received(file_of(LIMIT))
    assert list(tmp_path.iterdir()) == []
    assert not hasattr(upload, "temporary_file_path")


def test_only_the_bounded_handler_is_installed(settings: Any) -> None:
    assert settings.FILE_UPLOAD_HANDLERS == ["dsar.uploads.BoundedUploadHandler"]


# --- Large files --------------------------------------------------------------------------
@pytest.fixture
def _small_owner_limits(settings: Any) -> None:
    settings.OWNER_UPLOAD_MAX_BYTES = 3 * LIMIT
    settings.OWNER_UPLOAD_MAX_COUNT = 2


def sealed(*uploads: SimpleUploadedFile) -> list[SealedUpload]:
    request: HttpRequest = RequestFactory().post("/", {"files": list(uploads)})
    request.upload_handlers = [SealedUploadHandler(request)]
    found: Any = request.FILES.getlist("files")
    return list(found)


@pytest.mark.usefixtures("_small_owner_limits")
def test_a_large_file_lies_on_disk_sealed_and_can_be_read_twice() -> None:
    content = "会員番号 4821 ".encode() * 12_000
    (upload,) = sealed(SimpleUploadedFile("list.csv", content))
    assert (upload.size, upload.too_large, upload.name) == (len(content), False, "list.csv")
    assert b"".join(upload.chunks()) == content
    assert b"".join(upload.chunks()) == content
    assert max(len(chunk) for chunk in upload.chunks()) <= 64 * 1024
    spool: Any = upload.file
    spool.seek(0)
    on_disk = spool.read()
    assert len(on_disk) > len(content)
    assert content[:30] not in on_disk


@pytest.mark.usefixtures("_small_owner_limits")
def test_a_large_file_over_the_limit_is_marked_and_not_kept() -> None:
    (upload,) = sealed(SimpleUploadedFile("list.csv", b"x" * (3 * LIMIT + 1)))
    assert upload.too_large
    assert upload.size == 3 * LIMIT + 1
    spool: Any = upload.file
    spool.seek(0)
    assert spool.read() == b""


@pytest.mark.usefixtures("_small_owner_limits")
def test_far_too_many_large_files_are_not_even_looked_at() -> None:
    assert len(sealed(*[SimpleUploadedFile(f"{n}.csv", b"x") for n in range(9)])) == 4
