"""The one law book of a running process."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .book import BUNDLED, LawBook, load

_folders: tuple[Path, ...] = (BUNDLED,)


def configure(further: Iterable[Path]) -> LawBook:
    """Read the bundled files, then the operator's folders; LawError if a file is wrong."""
    global _folders
    _folders = (BUNDLED, *further)
    book.cache_clear()
    return book()


@cache
def book() -> LawBook:
    """The law book of this process."""
    return load(_folders)
