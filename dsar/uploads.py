"""How uploaded bytes are received: in memory, or sealed on disk where files are large.

Whatever is beyond the limit is thrown away; nothing ever lies on disk in clear.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from dsar import vault

_LENGTH = struct.Struct(">I")


class BoundedUpload(InMemoryUploadedFile):
    """An uploaded file in memory; `too_large` says that the rest was thrown away."""

    too_large = False


class BoundedUploadHandler(FileUploadHandler):
    """Keeps up to the limit of each file and up to the limit of files; drops what is beyond.

    Django's own memory handler would silently drop files of a large request, its temporary-file
    handler would put them in clear on disk. Here a form sees every file and can say what is wrong.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; far more files than allowed are not even looked at."""
        super().new_file(*args, **kwargs)
        self._files += 1
        if self._files > 2 * settings.ATTACHMENT_MAX_COUNT:
            raise SkipFile
        self._buffer = BytesIO()
        self._too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a chunk unless the file is over the limit already."""
        if start + len(raw_data) > settings.ATTACHMENT_MAX_BYTES:
            self._too_large = True
            self._buffer = BytesIO()
        elif not self._too_large:
            self._buffer.write(raw_data)

    def file_complete(self, file_size: int) -> BoundedUpload:
        """The finished file; an oversized one is empty and marked."""
        self._buffer.seek(0)
        upload = BoundedUpload(
            self._buffer,
            self.field_name,
            self.file_name or "",
            self.content_type or "",
            file_size,
            self.charset,
            self.content_type_extra,
        )
        upload.too_large = self._too_large
        return upload


class SealedUpload(UploadedFile):
    """An uploaded file on disk, sealed piece by piece under a key that only memory holds.

    Read with `chunks`, as often as wanted. A process that dies leaves nothing readable.
    """

    too_large = False

    def __init__(self, spool: IO[bytes], key: vault.DataKey, **about: Any) -> None:
        super().__init__(file=spool, **about)
        self._spool, self._key = spool, key

    def multiple_chunks(self, chunk_size: int | None = None) -> bool:
        """Always: it is never read in one piece."""
        return True

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The bytes, one sealed piece at a time."""
        self._spool.seek(0)
        position = 0
        while head := self._spool.read(_LENGTH.size):
            (length,) = _LENGTH.unpack(head)
            yield self._key.open(self._spool.read(length), f"upload {position}")
            position += 1


class SealedUploadHandler(FileUploadHandler):
    """For large files: up to OWNER_UPLOAD_MAX_BYTES each, at most twice OWNER_UPLOAD_MAX_COUNT.

    A view that uses it sets `request.upload_handlers` before anything of the body is read.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; far more files than allowed are not even looked at."""
        super().new_file(*args, **kwargs)
        self._files += 1
        if self._files > 2 * settings.OWNER_UPLOAD_MAX_COUNT:
            raise SkipFile
        self._key = vault.DataKey(os.urandom(vault.KEY_BYTES))
        self._spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the upload
        self._pieces = 0
        self._too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seal a chunk to disk unless the file is over the limit already."""
        if start + len(raw_data) > settings.OWNER_UPLOAD_MAX_BYTES:
            self._too_large = True
            self._spool.truncate(0)
        elif not self._too_large:
            sealed = self._key.seal(raw_data, f"upload {self._pieces}")
            self._spool.write(_LENGTH.pack(len(sealed)) + sealed)
            self._pieces += 1

    def file_complete(self, file_size: int) -> SealedUpload:
        """The finished file; an oversized one is empty and marked."""
        upload = SealedUpload(
            self._spool,
            self._key,
            name=self.file_name or "",
            content_type=self.content_type or "",
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
        upload.too_large = self._too_large
        return upload
