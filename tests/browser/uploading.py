"""Choosing files in a browser."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import FilePayload

from tests.browser.visitor import Visitor


def attach(visitor: Visitor, *uploads: SimpleUploadedFile) -> None:
    """Choose files for the page's one file control."""
    visitor.page.locator("main input[type='file']").set_input_files(
        [
            FilePayload(
                name=str(upload.name), mimeType=str(upload.content_type), buffer=upload.read()
            )
            for upload in uploads
        ]
    )
