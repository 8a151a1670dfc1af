"""A mailbox for development and the demo: shows the mail that was written to files.

Answers 404 in production, and wherever mail is really sent.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

_SEPARATOR = b"-" * 79 + b"\n"
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that was written; `key` names it in addresses."""

    key: str
    subject: str
    to: str
    sender: str
    message_id: str
    at: datetime
    body: str


def mailbox(request: HttpRequest) -> HttpResponse:
    """The list of mails, newest first."""
    mails = sorted(_mails(_folder()), key=lambda mail: (mail.at, mail.key), reverse=True)
    context = {"mails": mails[:SHOWN], "count": len(mails)}
    return render(request, "dev/mail.html", context)


def message(request: HttpRequest, key: str) -> HttpResponse:
    """One mail."""
    found = next((mail for mail in _mails(_folder()) if mail.key == key), None)
    if found is None:
        raise Http404
    return render(request, "dev/mail_message.html", {"mail": found})


def _folder() -> Path:
    place = getattr(settings, "EMAIL_FILE_PATH", None)
    if settings.PRODUCTION or not place or "filebased" not in settings.EMAIL_BACKEND:
        raise Http404
    return Path(place)


def _mails(folder: Path) -> Iterator[Mail]:
    for file in folder.glob("*.log"):
        # A connection writes all its mails into one file, with a line between them.
        parts = file.read_bytes().split(_SEPARATOR)
        for position, raw in enumerate(part for part in parts if part.strip()):
            yield _read(f"{file.stem}-{position}", raw)


def _read(key: str, raw: bytes) -> Mail:
    parsed = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    plain = parsed.get_body(("plain",))
    return Mail(
        key=key,
        subject=str(parsed["Subject"] or "").strip(),
        to=str(parsed["To"] or ""),
        sender=str(parsed["From"] or ""),
        message_id=str(parsed["Message-ID"] or ""),
        at=parsedate_to_datetime(parsed["Date"])
        if parsed["Date"]
        else datetime.fromtimestamp(0, UTC),
        body=plain.get_content() if plain is not None else "",
    )
