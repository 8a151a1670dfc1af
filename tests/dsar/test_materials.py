"""What was found: tables row by row, files as they came, all of it sealed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsar import files, materials
from dsar.models import Attachment, Material
from tests.factories import png


@pytest.fixture
def case(file_case: Any, media: Path) -> Any:
    return file_case()


def test_a_table_comes_back_row_by_row_with_its_columns_in_order(case: Any, now: datetime) -> None:
    found = [{"name": "髙橋 𠮷子", "since": date(2024, 1, 2), "points": Decimal("12.50")}]
    table = materials.add_table(case, "会員", ["since", "name", "points"], found, at=now)
    assert table.form == Material.Form.TABLE
    assert [list(row.items()) for row in materials.rows(table.original)] == [
        [("since", "2024-01-02"), ("name", "髙橋 𠮷子"), ("points", "12.50")]
    ]


def test_a_large_table_is_read_whole(case: Any, now: datetime) -> None:
    many = ({"n": number, "text": "あ" * 50} for number in range(5000))
    table = materials.add_table(case, "記録", ["n", "text"], many, at=now)
    assert [row["n"] for row in materials.rows(table.original)] == list(range(5000))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_file_as_excel_writes_it_becomes_a_table(
    case: Any, now: datetime, encoding: str
) -> None:
    content = '氏名,備考\r\n見本 花子,"一行目\r\n二行目"\r\n'.encode(encoding)
    table = materials.add_csv(case, content, name="顧客.csv", at=now)
    assert list(materials.rows(table.original)) == [
        {"氏名": "見本 花子", "備考": "一行目\r\n二行目"}
    ]


@pytest.mark.parametrize(
    "content", [b"", b"a,a\n1,2\n", b"a,b\n1\n", b'a,b\n"1,2\n', b"\xff\xfe\x81"]
)
def test_what_is_no_table_is_refused(case: Any, now: datetime, content: bytes) -> None:
    with pytest.raises(materials.NotATable):
        materials.add_csv(case, content, name="x.csv", at=now)
    assert not Attachment.objects.exists()


def test_the_form_of_a_file_is_found_from_its_content(case: Any, now: datetime) -> None:
    image = materials.add_file(case, [png().read()], name="scan.pdf", at=now)
    other = materials.add_file(case, [b"plain", b" words"], name="note.txt", at=now)
    assert (image.form, other.form) == (Material.Form.IMAGE, Material.Form.OTHER)
    assert b"".join(files.read(other.original)) == b"plain words"


def test_what_is_removed_is_gone_with_its_bytes(
    case: Any, now: datetime, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    kept = materials.add_file(case, [b"plain words"], name="note.txt", at=now)
    stored = media / kept.original.stored_as
    assert b"plain" not in stored.read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        materials.remove(kept)
    assert not stored.exists()
    assert not Attachment.objects.exists()
