"""What an administrator declared for a system, read and checked before anything is asked.

Settings are JSON; passwords are never in them, only names of environment variables that begin
with `CONNECTOR_SECRET_`, so that a setting can never reach for the portal's own keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from dsar.connectors import calls, statements
from dsar.connectors.calls import Call
from dsar.connectors.outcome import Failure
from dsar.models import DataSystem

PREFIX = "CONNECTOR_SECRET_"
CHANGES = 2
"""How many changes a system may declare, each for requests of its own kinds."""
_ROWS, _MOST_ROWS = 5_000, 50_000
_SECONDS, _MOST_SECONDS = 30, 120
_MEGABYTES, _MOST_MEGABYTES = 20, 100
_SECRET = re.compile(PREFIX + r"[A-Z0-9_]+")
_TABLE = re.compile(r"[^\W\d]\w*")


class Misconfigured(Exception):
    """Settings cannot be used; `faults` says what is wrong, by the name of the field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(sorted(faults)))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class SqlChange:
    """A declared change, the kinds of request it is for, and the query that proves it."""

    kinds: frozenset[str]
    change: statements.Change
    verify: statements.Read


@dataclass(frozen=True, slots=True)
class Sql:
    """A database."""

    url_env: str
    search: statements.Read
    changes: tuple[SqlChange, ...]
    row_limit: int
    timeout: int


@dataclass(frozen=True, slots=True)
class HttpChange:
    """A declared call that changes, the kinds it is for, and the call that proves it."""

    kinds: frozenset[str]
    call: Call
    verify: Call


@dataclass(frozen=True, slots=True)
class Http:
    """An HTTP interface that answers in JSON."""

    search: Call
    headers: Mapping[str, str]
    rows: str
    changes: tuple[HttpChange, ...]
    row_limit: int
    timeout: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of CSV and Parquet files; `files` are patterns by table."""

    folder: str
    files: Mapping[str, str]
    search: statements.Read
    row_limit: int
    timeout: int


Declared = Sql | Http | Folder


def read(connector: str, given: Mapping[str, Any]) -> Declared:
    """The settings of one kind of connector.

    Raises:
        Misconfigured: with every fault, by the field's name (of the second change: `…_2`).
    """
    faults: dict[str, str] = {}
    made = _READERS[connector](_Fields(given, faults))
    if faults or made is None:
        raise Misconfigured(faults)
    return made


def secret(name: str) -> str:
    """A secret of the environment.

    Raises:
        Failure: "secret": it is not set.
    """
    found = settings.CONNECTOR_SECRETS.get(name, "") if _SECRET.fullmatch(name) else ""
    if not found:
        raise Failure("secret", name if _SECRET.fullmatch(name) else "")
    return str(found)


def folder_of(name: str) -> Path | None:
    """The folder, if it lies under one of `CONNECTOR_FOLDERS`; links are followed first."""
    for root in settings.CONNECTOR_FOLDERS:
        base = Path(root).resolve()
        wanted = (base / name).resolve()
        if wanted == base or base in wanted.parents:
            return wanted
    return None


class _Fields:
    """The values of a settings object, each read with its fault noted."""

    def __init__(self, given: Mapping[str, Any], faults: dict[str, str]) -> None:
        self.given, self.faults = given, faults

    def text(self, name: str) -> str:
        value = self.given.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def number(self, name: str, default: int, most: int) -> int:
        value = self.given.get(name)
        if value in (None, ""):
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            self.faults[name] = _("Enter a number from 1 to %(most)d.") % {"most": most}
            return default
        return value

    def checked(self, name: str, check: Callable[[str], Any]) -> Any:
        """What `check` makes of a text, or None with the fault noted."""
        try:
            return check(self.text(name))
        except (statements.Unsafe, calls.Unfit) as error:
            self.faults[name] = str(error)
            return None

    def secret_name(self, name: str) -> str:
        value = self.text(name)
        if not _SECRET.fullmatch(value):
            self.faults[name] = _(
                "Name an environment variable that begins with %(prefix)s, in capital letters."
            ) % {"prefix": PREFIX}
        return value

    def changes(self) -> list[tuple[str, _Fields]]:
        """The declared changes, each with the end of its fields' names."""
        rows = self.given.get("changes") or []
        return [
            (f"_{number}", _Fields({f"{key}_{number}": row[key] for key in row}, self.faults))
            for number, row in enumerate(rows[:CHANGES], 1)
        ]

    def kinds(self, name: str) -> frozenset[str]:
        found = frozenset(self.given.get(name) or ())
        if not found:
            self.faults[name] = _("Choose the kinds of request that this change is for.")
        return found

    def once(self, kinds: list[frozenset[str]]) -> None:
        """Each kind of request has one change."""
        if len(kinds) > 1 and kinds[0] & kinds[1]:
            self.faults["kinds_2"] = _("A kind of request can have one change only.")


def _sql(fields: _Fields) -> Sql | None:
    changes = []
    for end, row in fields.changes():
        change = row.checked(f"statement{end}", statements.change)
        verify = row.checked(f"verify{end}", statements.verification)
        changes.append(SqlChange(row.kinds(f"kinds{end}"), change, verify))
    fields.once([change.kinds for change in changes])
    return Sql(
        url_env=fields.secret_name("url_env"),
        search=fields.checked("search", statements.read),
        changes=tuple(changes),
        row_limit=fields.number("row_limit", _ROWS, _MOST_ROWS),
        timeout=fields.number("timeout", _SECONDS, _MOST_SECONDS),
    )


def _http(fields: _Fields) -> Http | None:
    search = _call(fields, "", default="GET", methods=("GET", "POST"))
    changes = []
    for end, row in fields.changes():
        call = _call(row, end, default="POST", methods=("POST", "PUT", "PATCH", "DELETE"))
        verify = search
        if row.text(f"verify_url{end}"):
            verify = row.checked(f"verify_url{end}", lambda url: calls.call("GET", url, ""))
        if search is not None and call is not None and call.origin != search.origin:
            # The secrets in the headers are this host's alone.
            row.faults[f"url{end}"] = _("Use the host and port of the search.")
        if search is not None and verify is not None and verify.origin != search.origin:
            row.faults[f"verify_url{end}"] = _("Use the host and port of the search.")
        changes.append(HttpChange(row.kinds(f"kinds{end}"), call, verify))
    fields.once([change.kinds for change in changes])
    rows = fields.text("rows")
    if rows and not rows.startswith("/"):
        fields.faults["rows"] = _("Write a JSON Pointer such as /data/items, or leave it empty.")
    return Http(
        search=search,
        headers=fields.checked("headers", lambda text: calls.headers(text, _SECRET)) or {},
        rows=rows,
        changes=tuple(changes),
        row_limit=fields.number("row_limit", _ROWS, _MOST_ROWS),
        timeout=fields.number("timeout", _SECONDS, _MOST_SECONDS),
        max_bytes=fields.number("max_mb", _MEGABYTES, _MOST_MEGABYTES) * 1024 * 1024,
    )


def _call(fields: _Fields, end: str, *, default: str, methods: tuple[str, ...]) -> Any:
    method = fields.text(f"method{end}") or default
    if method not in methods:
        fields.faults[f"method{end}"] = _("Choose one of the methods.")
    body = fields.text(f"body{end}")
    if fields.checked(f"body{end}", calls.body) is None and body:
        return None
    return fields.checked(f"url{end}", lambda url: calls.call(method, url, body))


def _folder(fields: _Fields) -> Folder | None:
    name = fields.text("folder")
    if not name or folder_of(name) is None:
        fields.faults["folder"] = _(
            "Name a folder below one of those that the operator allows (CONNECTOR_FOLDERS)."
        )
    return Folder(
        folder=name,
        files=_files(fields),
        search=fields.checked("search", statements.read),
        row_limit=fields.number("row_limit", _ROWS, _MOST_ROWS),
        timeout=fields.number("timeout", _SECONDS, _MOST_SECONDS),
    )


def _files(fields: _Fields) -> dict[str, str]:
    """`table = pattern` line by line."""
    found: dict[str, str] = {}
    fault = ""
    for line in fields.text("tables").splitlines():
        table, equals, pattern = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        parts = Path(pattern).parts
        if not equals or not _TABLE.fullmatch(table) or table in found:
            fault = _("Write each line as: table = files-*.csv, each table once.")
        elif not pattern.endswith((".csv", ".parquet")):
            fault = _("Files end in .csv or .parquet.")
        elif Path(pattern).is_absolute() or ".." in parts:
            fault = _("Name files inside the folder.")
        found[table] = pattern
    if not found:
        fault = _("Name the files, for example: members = members-*.csv")
    if fault:
        fields.faults["tables"] = fault
    return found


_READERS: dict[str, Callable[[_Fields], Declared | None]] = {
    DataSystem.Connector.SQL: _sql,
    DataSystem.Connector.HTTP: _http,
    DataSystem.Connector.FOLDER: _folder,
}
