"""The mailbox of the demo: shows what was written, in development only."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import get_connection
from django.test import Client
from django.urls import include, path

from config.urls import urlpatterns as portal
from dsar import mail, notices
from dsar.models import Notice
from tests.conftest import FileCase
from tests.factories import NOW

urlpatterns = [path("dev/", include("dsar.dev_urls")), *portal]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the mail is written to."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def _write(file_case: FileCase, *delays: int) -> list[Notice]:
    """Receipts, written over one connection, so many minutes after now."""
    rows = []
    connection = get_connection()
    connection.open()
    for delay in delays:
        row = file_case().notices.get(kind=notices.CONFIRM_EMAIL)
        connection.send_messages([mail.compose(row, NOW + timedelta(minutes=delay))])
        rows.append(row)
    connection.close()
    return rows


def test_mail_is_listed_newest_first(folder: Path, file_case: FileCase, client: Client) -> None:
    rows = _write(file_case, 2, 30, 1)
    page = client.get("/dev/mail/").content.decode()
    places = [page.index(row.case.shown_number) for row in rows if row.case]
    assert places[1] < places[0] < places[2]
    assert "hanako@person.example" in page


def test_a_message_is_shown_with_its_links(
    folder: Path, file_case: FileCase, client: Client
) -> None:
    first, second = _write(file_case, 1, 2)
    (file,) = folder.glob("*.log")
    page = client.get(f"/dev/mail/{file.stem}-1/").content.decode()
    assert second.message_id.strip("<>") in page
    assert first.message_id.strip("<>") not in page
    link = f"http://127.0.0.1:8000/confirm/{second.secret['token']}/"
    assert f'<a href="{link}"' in page


def test_what_stands_in_a_mail_is_not_run_as_markup(
    folder: Path, file_case: FileCase, client: Client, controller: Any
) -> None:
    controller.name_ja = "<script>alert(1)</script>"
    controller.save()
    _write(file_case, 1)
    (file,) = folder.glob("*.log")
    page = client.get(f"/dev/mail/{file.stem}-0/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_empty_mailbox_and_an_unknown_mail(folder: Path, client: Client, db: None) -> None:
    assert client.get("/dev/mail/").status_code == 200
    assert client.get("/dev/mail/none-0/").status_code == 404


def test_mail_that_has_no_date_is_listed_last(
    folder: Path, file_case: FileCase, client: Client
) -> None:
    (row,) = _write(file_case, 1)
    (folder / "x.log").write_bytes(b"Subject: old\n\nx\n")
    page = client.get("/dev/mail/").content.decode()
    assert row.case is not None
    assert page.index(row.case.shown_number) < page.index("old</a>")


@pytest.mark.parametrize("address", ["/dev/mail/", "/dev/mail/x-0/"])
def test_in_production_there_is_no_mailbox(
    address: str, folder: Path, client: Client, settings: Any, db: None
) -> None:
    settings.PRODUCTION = True
    assert client.get(address).status_code == 404


def test_where_mail_is_really_sent_there_is_no_mailbox(
    client: Client, settings: Any, db: None
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert client.get("/dev/mail/").status_code == 404
