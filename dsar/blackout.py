"""Blacking out: what an area is, what is refused, and tables without what is masked.

Pure. Files are done by `dsar.blackout_files` in the closed room of `dsar.blackout_room`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 200 * 1024 * 1024
"""Files up to this size are opened."""
MASK = "■■■"
"""Stands for masked text; always as long, so that it tells nothing."""


class Refused(Exception):
    """A file cannot be handled; `code` says why: encrypted, broken, too_big, format."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Box:
    """An area of a page (from 1) as it is shown, in per cent, from the top left."""

    page: int
    left: float
    top: float
    width: float
    height: float

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The corners within a picture of that size, rounded outwards, both inclusive."""
        return (
            max(0, math.floor(self.left / 100 * width) - 1),
            max(0, math.floor(self.top / 100 * height) - 1),
            min(width - 1, math.ceil((self.left + self.width) / 100 * width)),
            min(height - 1, math.ceil((self.top + self.height) / 100 * height)),
        )


# --- Tables -------------------------------------------------------------------------------
def clean_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    columns: Collection[str] = (),
    numbers: Collection[int] = (),
    texts: Collection[str] = (),
) -> Iterator[dict[str, Any]]:
    """The rows of a table without these columns and rows (from 1), these texts masked in cells."""
    wanted = [text for text in texts if text]
    for number, row in enumerate(rows, 1):
        if number in numbers:
            continue
        yield {name: _masked(value, wanted) for name, value in row.items() if name not in columns}


def _masked(value: Any, texts: list[str]) -> Any:
    """A cell without the texts; one that holds them only in another width or case goes whole."""
    if isinstance(value, list):
        return [_masked(part, texts) for part in value]
    if isinstance(value, dict):
        return {_masked(name, texts): _masked(part, texts) for name, part in value.items()}
    if value is None or not texts:
        return value
    plain = value if isinstance(value, str) else str(value)
    left = plain
    for text in texts:
        left = left.replace(text, MASK)
    if any(_folded(text) in _folded(left) for text in texts):
        return MASK
    return value if left == plain else left


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
