"""Tables as they are given out: CSV that opens in Excel and runs nothing, and JSON as it was."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

BOM = "\ufeff"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_PIECE = 64 * 1024


def csv_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, lines ended as RFC 4180 asks, cells safe in a spreadsheet."""
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    for position, row in enumerate(rows):
        if position == 0:
            writer.writerow([safe(name) for name in row])
        writer.writerow([safe(value) for value in row.values()])
        if text.tell() > _PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: such text begins with an apostrophe.

    OWASP, "CSV Injection". Numbers stay numbers.
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    if text.lstrip(" \u3000").startswith(_STARTS_A_FORMULA) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def json_of(title: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One object: title and rows, each an object; values as they were found."""
    held = [f'{{"title": {json.dumps(title, ensure_ascii=False)},\n"rows": [']
    size, comma = 0, ""
    for row in rows:
        line = f"{comma}\n{json.dumps(row, ensure_ascii=False)}"
        held.append(line)
        size, comma = size + len(line), ","
        if size > _PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    held.append("\n]}\n")
    yield "".join(held).encode()
