"""The only door for files: what may come in, and the sealed bytes on the storage.

A file is stored before its row is written; a row never points at nothing. Bytes without a row
(a crash in between) are removed by `drop_orphans`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import PurePath
from typing import Any

import filetype
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsar.models import Attachment, Case, IntakeDraft, Message, SearchTask

ALLOWED_TYPES = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/heic": (".heic",),
    "image/webp": (".webp",),
}
FOLDER = "files"
_LOOKED_UP_AT_ONCE = 500


class Unacceptable(Exception):
    """A file cannot be taken; the message tells the person why and what to do."""


def check(upload: Any) -> str:
    """The real content type of an upload.

    Raises:
        Unacceptable: too large, empty, or of a type that is not taken (by content, not by name).
    """
    name = shown_name(upload.name)
    if getattr(upload, "too_large", False) or upload.size > settings.ATTACHMENT_MAX_BYTES:
        raise Unacceptable(
            _("“%(name)s” is larger than %(limit)d MB. Make it smaller and add it again.")
            % {"name": name, "limit": settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)}
        )
    if not upload.size:
        raise Unacceptable(_("“%(name)s” is empty. Choose another file.") % {"name": name})
    upload.seek(0)
    kind = filetype.guess(upload.read(8192))
    upload.seek(0)
    mime = kind.mime if kind else ""
    if mime not in ALLOWED_TYPES:
        raise Unacceptable(
            _("“%(name)s” is not a PDF, JPEG, PNG, HEIC or WebP file. Choose another file.")
            % {"name": name}
        )
    return str(mime)


def store(
    upload: Any,
    *,
    at: datetime,
    case: Case | None = None,
    draft: IntakeDraft | None = None,
    message: Message | None = None,
    purpose: str = Attachment.Purpose.REQUEST,
) -> Attachment:
    """Seal an upload for its case or draft and write its row.

    Raises:
        Unacceptable: see `check`; or the draft has as many files as it may have.
    """
    if draft is not None:
        _check_count(draft, upload.name)
    row = Attachment(
        case=case,
        draft=draft,
        message=message,
        purpose=purpose,
        name=shown_name(upload.name),
        content_type=check(upload),
        added_at=at,
    )
    _seal(row, upload.chunks())
    try:
        with transaction.atomic():
            if draft is not None:
                # A draft filed in the meantime has handed its files on: this one goes after them.
                drafts = IntakeDraft.objects.select_for_update()
                row.case_id = drafts.values_list("case_id", flat=True).get(pk=draft.pk)
                # Counted once more: another tab may have added files while this one was sealed.
                _check_count(draft, upload.name)
            row.save(force_insert=True)
    except Unacceptable:
        default_storage.delete(row.stored_as)
        raise
    return row


def _check_count(draft: IntakeDraft, name: str) -> None:
    limit = settings.ATTACHMENT_MAX_COUNT
    if Attachment.objects.filter(draft=draft).count() >= limit:
        raise Unacceptable(
            ngettext(
                "“%(name)s” was not added: you can attach up to %(limit)d file.",
                "“%(name)s” was not added: you can attach up to %(limit)d files.",
                limit,
            )
            % {"name": shown_name(name), "limit": limit}
        )


def keep(
    chunks: Iterable[bytes],
    *,
    case: Case,
    name: str,
    content_type: str,
    purpose: str,
    at: datetime,
    task: SearchTask | None = None,
    stored_as: str = "",
) -> Attachment:
    """Seal what the desk, a data owner or the portal itself made, of any type and size.

    The bytes are streamed; memory stays flat. Types are not checked: what is kept here is served
    as a download only. A place got beforehand from `new_place` lets the caller find the bytes
    again that a killed worker left behind.
    """
    row = Attachment(
        case=case,
        name=shown_name(name),
        content_type=content_type,
        purpose=purpose,
        added_at=at,
        task=task,
    )
    _seal(row, chunks, stored_as)
    row.save(force_insert=True)
    return row


class _Sealing(File):
    """What a storage reads a file from: sealed pieces as they are made, and how much went in."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__(None)
        self._pieces = pieces
        self._left = b""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        return self._pieces

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, for storages that read."""
        parts, have = [self._left], len(self._left)
        while size < 0 or have < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece)
            have += len(piece)
        joined = b"".join(parts)
        cut = len(joined) if size < 0 else size
        self._left = joined[cut:]
        return joined[:cut]


def new_place(at: datetime) -> str:
    """A place on the storage where nothing lies yet."""
    return f"{FOLDER}/{at:%Y/%m}/{uuid.uuid4().hex}"


def drop_bytes(stored_as: str) -> None:
    """Delete what lies at a place that no row points at; nothing there is fine too."""
    if not Attachment.objects.filter(stored_as=stored_as).exists():
        default_storage.delete(stored_as)


def _seal(row: Attachment, chunks: Iterable[bytes], stored_as: str = "") -> None:
    """Stream `chunks` sealed to a fresh place on the storage; notes place and size on the row."""
    row.size = 0

    def counted() -> Iterator[bytes]:
        for chunk in chunks:
            row.size += len(chunk)
            yield chunk

    stored_as = stored_as or new_place(row.added_at)
    sealed = row.sealing_key().seal_stream(counted(), _place(stored_as))
    row.stored_as = default_storage.save(stored_as, _Sealing(sealed))
    if row.stored_as != stored_as:  # the name is part of what is authenticated
        default_storage.delete(row.stored_as)
        raise OSError(f"storage renamed {stored_as}")


def read(row: Attachment) -> Iterator[bytes]:
    """The file's bytes, piece by piece.

    Raises:
        vault.Tampered: the stored bytes were altered, cut short or moved.
    """
    with default_storage.open(row.stored_as, "rb") as stored:
        yield from row.sealing_key().open_stream(stored.chunks(), _place(row.stored_as))


def remove(row: Attachment) -> None:
    """Delete a file's row and, once that is committed, its bytes."""
    row.delete()
    transaction.on_commit(partial(default_storage.delete, row.stored_as))


def drop_orphans(now: datetime) -> int:
    """Delete stored bytes older than a day that no row points at; returns how many."""
    before, dropped = now - timedelta(days=1), 0
    stored = _stored(FOLDER)
    while batch := list(islice(stored, _LOOKED_UP_AT_ONCE)):
        rows = Attachment.objects.filter(stored_as__in=batch)
        known = set(rows.values_list("stored_as", flat=True))
        for stored_as in batch:
            if stored_as not in known and default_storage.get_modified_time(stored_as) < before:
                default_storage.delete(stored_as)
                dropped += 1
    return dropped


def shown_name(name: str | None) -> str:
    """A file name without path and control characters, at most 120 characters."""
    bare = PurePath((name or "").replace("\\", "/")).name
    clean = "".join(ch for ch in bare if ch.isprintable()).strip() or "file"
    stem, suffix = PurePath(clean).stem, PurePath(clean).suffix[:10]
    return stem[: 120 - len(suffix)] + suffix


def _place(stored_as: str) -> str:
    return f"Attachment:{stored_as}"


def _stored(folder: str) -> Iterator[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}"
    for inner in folders:
        yield from _stored(f"{folder}/{inner}")
