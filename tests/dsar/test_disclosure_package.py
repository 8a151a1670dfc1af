"""The encrypted package, and the mark on what is inside."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
import pyzipper
from django.db import connection

from dsar.models import Case, Material, Package, StaffMember
from tests.dsar import disclosing
from tests.dsar.test_watermark import texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _that_day(freeze: Any, now: datetime, media: Any) -> None:
    freeze(now)


@pytest.fixture
def case(file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime) -> Case:
    made: Case = file_case()
    return disclosing.granted(made, officer=officer, approver=approver, at=now)


@pytest.fixture
def locked(case: Case, officer: StaffMember, now: datetime) -> Package:
    return disclosing.built(case, "locked", officer=officer, at=now)


def test_the_encrypted_package_opens_with_its_passphrase(locked: Package) -> None:
    content = disclosing.content(locked)
    with pyzipper.AESZipFile(io.BytesIO(content)) as opened:
        opened.setpassword(locked.passphrase.encode())
        assert opened.testzip() is None
        assert opened.read("files/04.txt") == b"plain words"
        strengths = {info.wz_aes_strength for info in opened.infolist()}
    assert strengths == {3}  # AES-256 (WinZip's specification of 2004)


@pytest.mark.parametrize("wrong", [None, b"", b"ABCD-EFGH-JKMN-PQRS-TVWX"])
def test_it_does_not_open_without(locked: Package, wrong: bytes | None) -> None:
    with pyzipper.AESZipFile(io.BytesIO(disclosing.content(locked))) as opened:
        opened.setpassword(wrong) if wrong else None
        for name in opened.namelist():
            with pytest.raises(RuntimeError):
                opened.read(name)


def test_its_names_tell_nothing_and_the_content_is_not_readable(locked: Package) -> None:
    content = disclosing.content(locked)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        names = opened.namelist()
    assert names[:5] == [
        "tables/01.csv",
        "tables/01.json",
        "files/02.pdf",
        "files/03.jpg",
        "files/04.txt",
    ]
    assert "会員情報".encode() not in content
    assert b"plain words" not in content


def test_the_passphrase_is_long_readable_and_new_each_time(
    case: Case, locked: Package, officer: StaffMember, now: datetime
) -> None:
    other = disclosing.built(case, "locked", officer=officer, at=now)
    assert locked.passphrase != other.passphrase
    groups = other.passphrase.split("-")
    assert [len(group) for group in groups] == [4] * 5
    assert not set("".join(groups)) & set("ILOU")


def test_the_passphrase_rests_sealed(locked: Package) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT passphrase FROM dsar_package WHERE id = %s", [locked.pk])
        kept = bytes(cursor.fetchone()[0])
    assert len(kept) > len(locked.passphrase)
    assert locked.passphrase.encode() not in kept


def test_documents_and_pictures_bear_the_mark_and_the_manifest_says_so(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    pages = texts(members["files/02-通話記録.pdf"])
    assert all(case.shown_number in page and "2026-11-10" in page for page in pages)
    assert b'"marked": true' in members["manifest.json"]


def test_a_controller_may_do_without_the_mark(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    case.controller.watermark = False
    case.controller.save()
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    given = case.materials.get(form=Material.Form.IMAGE).released
    assert given is not None
    given.case = case
    assert len(members["files/03-写真.jpg"]) == given.size
    assert b"marked" not in members["manifest.json"]


def test_what_is_too_large_to_be_marked_goes_as_it_is(
    case: Case, officer: StaffMember, now: datetime, settings: Any
) -> None:
    settings.MARKED_MAX_BYTES = 100
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    assert b"marked" not in members["manifest.json"]


def test_the_index_is_in_the_language_of_the_case(
    file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    case = disclosing.granted(
        file_case(kind="access", regime="gdpr", language="en"),
        officer=officer,
        approver=approver,
        at=now,
    )
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    page = members["index.html"].decode()
    assert '<html lang="en">' in page
    assert "What we disclose to you" in page
    assert "Sample Co., Ltd." in page
