"""A paper as a picture made anew for the officer's screen; the file itself is never handed out.

What was uploaded is decoded and drawn again in a closed room (`dsar.blackout_room`), so nothing
hidden in it reaches the portal or a browser: no script, no metadata.
"""

from __future__ import annotations

from dsar import blackout_room, files
from dsar.blackout import Refused
from dsar.models import Attachment

WIDTHS = (1200, 1800, 2700)
"""Widths in pixels by zoom step."""
MOST_PAGES = 20
PDF = "application/pdf"
CONTENT_TYPE = "image/png"


class Unreadable(Exception):
    """The file is damaged, locked or too large to be drawn, or has no such page."""


def page_count(attachment: Attachment) -> int:
    """How many pages there are to look at.

    Raises:
        Unreadable: not a file that can be drawn.
        vault.VaultError: the sealed bytes were altered.
    """
    if attachment.content_type != PDF:
        return 1
    try:
        return min(blackout_room.pages_of(_whole(attachment)), MOST_PAGES)
    except Refused as refused:
        raise Unreadable(refused.code) from refused


def picture(attachment: Attachment, page: int, zoom: int) -> bytes:
    """A page, counted from 1, at a zoom step from 1, as PNG.

    Raises:
        Unreadable: no such page, damaged, or too large.
        vault.VaultError: the sealed bytes were altered.
    """
    width = WIDTHS[min(max(zoom, 1), len(WIDTHS)) - 1]
    if page > MOST_PAGES or (attachment.content_type != PDF and page != 1):
        raise Unreadable("no such page")
    content = _whole(attachment)
    try:
        if attachment.content_type == PDF:
            return blackout_room.show_pdf(content, page, (), width=width)
        return blackout_room.show_image(content, (), width=width)
    except (Refused, IndexError) as error:
        raise Unreadable(str(error)) from error


def _whole(attachment: Attachment) -> bytes:
    return b"".join(files.read(attachment))
