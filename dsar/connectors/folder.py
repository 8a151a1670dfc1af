"""Folders of CSV and Parquet files, read by DuckDB in memory.

DuckDB may open the matched files and nothing else: no network, no extensions, no other path, and
it spills nothing to disk. CSV columns are text, so a customer number keeps its leading zeros.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dsar.connectors.declared import Folder, folder_of
from dsar.connectors.outcome import Failure, Table, Touched, Values, needed

MEMORY = "512MB"
_CHUNK = 500


class FolderConnector:
    """One folder. It can only be read."""

    def __init__(self, declared: Folder) -> None:
        self.declared = declared

    def search(self, values: Values) -> Table:
        """The rows of the declared query; "too_many_rows" beyond the limit."""
        query = self.declared.search
        bound = needed(query.names, values)
        limit = self.declared.row_limit
        with self._opened() as database:
            result = database.execute(query.for_duckdb(), bound)
            columns = tuple(column[0] for column in result.description or ())
            if len(set(columns)) != len(columns):
                raise Failure("statement", "columns")
            rows: list[tuple[Any, ...]] = []
            while part := result.fetchmany(_CHUNK):
                rows += part
                if len(rows) > limit:
                    raise Failure("too_many_rows", str(limit))
        return Table(columns, [dict(zip(columns, row, strict=True)) for row in rows])

    def touched(self, kind: str, values: Values) -> Touched:
        """Files are not changed."""
        raise Failure("read_only")

    def carry_out(self, kind: str, values: Values, *, at_most: int, key: str) -> int:
        """Files are not changed."""
        raise Failure("read_only")

    def left(self, kind: str, values: Values) -> int:
        """Files are not changed, so there is nothing to prove."""
        raise Failure("read_only")

    @contextmanager
    def _opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        files = self._files()
        database = duckdb.connect(":memory:")
        timer = threading.Timer(self.declared.timeout, database.interrupt)
        timer.daemon = True
        timer.start()
        try:
            for setting in (
                f"memory_limit='{MEMORY}'",
                "threads=1",
                "temp_directory=''",
                "autoinstall_known_extensions=false",
                "autoload_known_extensions=false",
            ):
                database.execute(f"SET {setting}")
            every = [path for paths in files.values() for path in paths]
            database.execute(f"SET allowed_paths={_list(every)}")
            database.execute("SET enable_external_access=false")
            database.execute("SET lock_configuration=true")
            for table, paths in files.items():
                database.execute(f'CREATE VIEW "{table}" AS SELECT * FROM {_reader(paths)}')  # noqa: S608
            yield database
        except duckdb.Error as error:
            raise _failure(error) from None
        finally:
            timer.cancel()
            database.close()

    def _files(self) -> dict[str, list[str]]:
        """The matched files by table, each proven to lie in the folder.

        Raises:
            Failure: the folder or all files of a table are missing.
        """
        folder = folder_of(self.declared.folder)
        if folder is None:
            raise Failure("settings", "folder")
        if not folder.is_dir():
            raise Failure("unreachable", "no such folder")
        found: dict[str, list[str]] = {}
        for table, pattern in self.declared.files.items():
            real = [path.resolve() for path in sorted(folder.glob(pattern))]
            inside = [path for path in real if folder in path.parents and path.is_file()]
            if not inside:
                raise Failure("unreachable", "no such file")
            if len(inside) != len(real):
                raise Failure("forbidden_file")
            found[table] = [str(path) for path in inside]
        return found


def _reader(paths: list[str]) -> str:
    if Path(paths[0]).suffix == ".parquet":
        return f"read_parquet({_list(paths)}, union_by_name=true)"
    return f"read_csv({_list(paths)}, all_varchar=true, header=true, union_by_name=true)"


def _list(paths: list[str]) -> str:
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"[{quoted}]"


def _failure(error: duckdb.Error) -> Failure:
    name = type(error).__name__
    if isinstance(error, duckdb.InterruptException):
        return Failure("timeout", name)
    if isinstance(error, duckdb.PermissionException):
        return Failure("forbidden_file", name)
    if isinstance(error, duckdb.OutOfMemoryException):
        return Failure("too_large", name)
    if isinstance(error, duckdb.IOException):
        return Failure("unreachable", name)
    return Failure("statement", name)
