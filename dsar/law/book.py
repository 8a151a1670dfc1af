"""Reading the statute files and finding the version that applies."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from . import crossrefs
from .schema import RuleSet

BUNDLED = Path(__file__).parent


class LawError(Exception):
    """A statute file cannot be used, or no version of a statute applies.

    ``faults`` holds one line a fault, each "file: key: reason".
    """

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class LawBook:
    """Every version of every statute that was loaded."""

    def __init__(self, rule_sets: Iterable[RuleSet]) -> None:
        self._versions: dict[str, dict[str, RuleSet]] = {}
        for rules in sorted(rule_sets, key=lambda r: r.effective_from):
            self._versions.setdefault(rules.regime, {})[rules.version] = rules

    @property
    def regimes(self) -> tuple[str, ...]:
        """The codes of the statutes, sorted."""
        return tuple(sorted(self._versions))

    def versions(self, regime: str) -> tuple[RuleSet, ...]:
        """Every version of a statute, oldest first; LawError if the statute is unknown."""
        return tuple(self._of(regime).values())

    def version(self, regime: str, on: date) -> RuleSet:
        """The version in force on the local date of receipt; LawError if there is none."""
        for rules in reversed(self.versions(regime)):
            if rules.in_force(on):
                return rules
        raise LawError(f"{regime}: no version was in force on {on.isoformat()}")

    def get(self, regime: str, version: str) -> RuleSet:
        """A pinned version; LawError if it was not loaded."""
        try:
            return self._of(regime)[version]
        except KeyError:
            raise LawError(f"{regime}: there is no version {version!r}") from None

    def _of(self, regime: str) -> dict[str, RuleSet]:
        try:
            return self._versions[regime]
        except KeyError:
            raise LawError(f"there is no statute {regime!r}") from None


def load(folders: Iterable[Path] = (BUNDLED,)) -> LawBook:
    """Read every ``*.toml`` of the folders, in order.

    A file of a later folder replaces the file of an earlier one that has the same statute and
    ``effective_from``; any other date adds a version. Raises LawError naming every fault found.
    """
    loaded: dict[tuple[str, str], RuleSet] = {}
    faults: list[str] = []
    for folder in folders:
        if not folder.is_dir():
            faults.append(f"{folder}: is not a folder")
            continue
        here: dict[tuple[str, str], str] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                rules = _read(path)
            except LawError as error:
                faults.extend(error.faults)
                continue
            key = (rules.regime, rules.version)
            if key in here:
                faults.append(
                    f"{path.name}: effective_from: {here[key]} is already "
                    f"{rules.regime} of {rules.version}"
                )
            here[key] = path.name
            loaded[key] = rules
    if faults:
        raise LawError(*faults)
    if not loaded:
        raise LawError("no statute files were found")
    return LawBook(loaded.values())


def _read(path: Path) -> RuleSet:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LawError(f"{path.name}: not valid TOML: {error}") from None
    try:
        rules = RuleSet.model_validate(data)
    except ValidationError as error:
        raise LawError(*(f"{path.name}: {line}" for line in _lines(error, data))) from None
    faults = [f"{path.name}: {key}: {reason}" for key, reason in crossrefs.faults(rules)]
    if faults:
        raise LawError(*faults)
    return rules


def _lines(error: ValidationError, data: dict[str, Any]) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        reason = fault["msg"].removeprefix("Value error, ")
        yield f"{_key(fault['loc'], data) or 'file'}: {reason}"


def _key(location: tuple[int | str, ...], data: Any) -> str:
    """The key a person would look for: entries of lists by their code, where they have one."""
    parts: list[str] = []
    for step in location:
        if step == "[key]":
            continue
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            data = None
        named = isinstance(step, int) and isinstance(data, dict) and data.get("code")
        parts.append(str(named or step))
    return ".".join(parts)
