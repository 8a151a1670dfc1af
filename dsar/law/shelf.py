"""The one law book of a running process."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .book import BUNDLED, LawBook, LawError, load
from .proof import ProofRules, load_papers, missing_kinds

_folders: tuple[Path, ...] = (BUNDLED,)


def configure(further: Iterable[Path]) -> LawBook:
    """Read the bundled files, then the operator's folders; LawError if a file is wrong."""
    global _folders
    _folders = (BUNDLED, *further)
    book.cache_clear()
    papers.cache_clear()
    papers()
    return book()


@cache
def book() -> LawBook:
    """The law book of this process."""
    return load(_folders)


@cache
def papers() -> dict[str, ProofRules]:
    """What proves identity and authority, by statute.

    Raises:
        LawError: a file is wrong, names a kind its statute does not know, or a statute has none.
    """
    found = load_papers(_folders)
    faults = [
        f"papers: {regime}: there is no file" for regime in book().regimes if regime not in found
    ]
    for regime in set(found) & set(book().regimes):
        kinds = {kind for rules in book().versions(regime) for kind in rules.kinds}
        faults += [
            f"papers: {regime}: rules.kinds: {kind!r} is unknown"
            for kind in missing_kinds(found[regime], kinds)
        ]
    if faults:
        raise LawError(*faults)
    return found
