"""How uploaded bytes are received: in memory only, cut off at the limit."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


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
