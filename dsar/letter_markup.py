"""The plain text of a letter read as its parts: paragraphs, headings, rows of a table.

    # Heading            a section; one without content is left out
    ## Heading           a part of a section
    - Label: value       a row; lines that follow it belong to the value
    記 / 以上 / 敬具       alone on a line: where a Japanese business letter has them
    \\text               text as it is, whatever it begins with

An empty line ends a paragraph. Everything else is text: nothing in it is run or fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SET_APART = {"記": "centre", "以上": "right", "敬具": "right", "謹白": "right"}
_ROW = re.compile(r"- ([^:：]{1,60})[:：]\s*(.*)")


@dataclass(slots=True)
class Block:
    """One part. `kind`: text, heading, part, rows, centre or right; `rows` as (label, value)."""

    kind: str
    text: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)


def literal(value: str) -> str:
    """Text that somebody wrote, so that none of it is read as a heading, row or end."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    if not value.strip():
        return ""
    first, *others = lines
    # The first line may stand behind a label; only where it opens a line could it be misread.
    is_odd = first[:1] in ("#", "-", "\\") or first.strip() in ("", *SET_APART)
    kept = [f"\\{first}" if is_odd else first]
    return "\n".join([*kept, *(f"\\{line}" for line in others)])


def parse(text: str) -> list[Block]:
    """The parts in order."""
    return list(_with_content(_blocks(text)))


def _blocks(text: str) -> Iterator[Block]:
    current: Block | None = None
    for line in text.split("\n"):
        if current is not None and (not line.strip() or _opens(line, current)):
            yield current
            current = None
        if not line.strip():
            continue
        row = _ROW.fullmatch(line)
        if line.strip() in SET_APART:
            yield Block(SET_APART[line.strip()], line.strip())
        elif line.startswith("#"):
            yield Block("part" if line.startswith("##") else "heading", line.lstrip("# "))
        elif row is not None:
            current = current or Block("rows")
            current.rows.append((row[1].strip(), _plain(row[2])))
        elif current is None:
            current = Block("text", _plain(line))
        elif current.kind == "rows":
            label, value = current.rows[-1]
            current.rows[-1] = (label, f"{value}\n{_plain(line)}")
        else:
            current.text += f"\n{_plain(line)}"
    if current is not None:
        yield current


def _opens(line: str, current: Block) -> bool:
    """Whether a line begins another part than the current one."""
    is_row = _ROW.fullmatch(line) is not None
    return line.startswith("#") or line.strip() in SET_APART or (is_row and current.kind != "rows")


def _plain(line: str) -> str:
    return line.removeprefix("\\")


def _with_content(blocks: Iterator[Block]) -> Iterator[Block]:
    """Leave out headings that nothing follows, as when their blank was empty."""
    pending: list[Block] = []
    for block in blocks:
        if block.kind in ("heading", "part"):
            if block.kind == "heading":
                pending = [block]
            else:
                pending = [*(held for held in pending if held.kind == "heading"), block]
            continue
        if block.kind not in ("centre", "right"):
            yield from pending
        pending = []
        yield block
