"""Databases through SQLAlchemy: bound parameters only, reads in a read-only transaction.

PostgreSQL and MySQL end a statement after the timeout themselves, SQLite by its progress handler.
Other databases are read in a transaction that is always rolled back; give the account no right
to write there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, exc, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from dsar.connectors.declared import Sql, SqlChange, secret
from dsar.connectors.outcome import Failure, Table, Touched, Values, needed
from dsar.connectors.statements import Read

CONNECT_SECONDS = 10
SAMPLE = 5
_CHUNK = 500
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
_STATE = re.compile(r"[0-9A-Z]{5}")


class SqlConnector:
    """One database."""

    def __init__(self, declared: Sql) -> None:
        self.declared = declared

    def search(self, values: Values) -> Table:
        """The rows of the declared query; "too_many_rows" beyond the limit."""
        with self._reading() as connection:
            return self._rows(connection, self.declared.search, values, self.declared.row_limit)

    def touched(self, kind: str, values: Values) -> Touched:
        """Number and first rows of what the change would touch, without changing."""
        query = self._change(kind).change.touched
        bound = needed(query.names, values)
        with self._reading() as connection:
            counting = text(f"SELECT count(*) FROM ({query.for_sqlalchemy()}) touched")  # noqa: S608
            count = int(connection.execute(counting, bound).scalar_one())
            result = connection.execute(text(query.for_sqlalchemy()), bound)
            sample = _table(result, result.fetchmany(SAMPLE))
        return Touched(count, sample)

    def carry_out(self, kind: str, values: Values, *, at_most: int, key: str) -> int:
        """The change in one transaction, undone when it touches more than was approved."""
        statement = self._change(kind).change.statement
        with self._connected() as connection, _told(), connection.begin() as transaction:
            _limit_time(connection, self.declared.timeout)
            bound = needed(statement.names, values)
            count = connection.execute(text(statement.for_sqlalchemy()), bound).rowcount
            if count < 0 or count > at_most:
                transaction.rollback()
                raise Failure("more_than_approved", str(count))
        return count

    def left(self, kind: str, values: Values) -> int:
        """The rows that the verification query still finds."""
        query = self._change(kind).verify
        with self._reading() as connection:
            found = self._rows(connection, query, values, self.declared.row_limit)
        return len(found.rows)

    def _change(self, kind: str) -> SqlChange:
        for change in self.declared.changes:
            if kind in change.kinds:
                return change
        raise Failure("no_change")

    def _rows(self, connection: Connection, query: Read, values: Values, limit: int) -> Table:
        statement = text(query.for_sqlalchemy())
        result = connection.execution_options(yield_per=_CHUNK).execute(
            statement, needed(query.names, values)
        )
        rows: list[Any] = []
        for part in result.partitions():
            rows += part
            if len(rows) > limit:
                raise Failure("too_many_rows", str(limit))
        return _table(result, rows)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A transaction that may only read, where the database knows such a thing."""
        with self._connected() as connection, _told():
            dialect = connection.dialect.name
            if dialect == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            elif dialect == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            elif dialect in ("mysql", "mariadb"):
                connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
                connection.rollback()
            _limit_time(connection, self.declared.timeout)
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with _told():
            engine = _engine(_url(secret(self.declared.url_env)))
            connection = engine.connect()
        try:
            yield connection
        finally:
            connection.close()
            engine.dispose()


def _url(given: str) -> URL:
    try:
        url = make_url(given)
    except exc.ArgumentError:
        raise Failure("settings", "URL") from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    is_file = url.get_backend_name() == "sqlite" and url.database and not url.query
    if is_file and not Path(str(url.database)).is_file():
        # SQLite would make an empty database out of a wrong path.
        raise Failure("unreachable", "no such file")
    return url


def _engine(url: URL) -> Engine:
    backend = url.get_backend_name()
    arguments: dict[str, Any] = {}
    if backend in ("postgresql", "mysql", "mariadb"):
        arguments["connect_timeout"] = CONNECT_SECONDS
    elif backend == "sqlite":
        arguments["timeout"] = CONNECT_SECONDS
    try:
        return create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except (ImportError, exc.ArgumentError) as error:
        raise Failure("settings", type(error).__name__) from None


def _limit_time(connection: Connection, seconds: int) -> None:
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000}")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {seconds * 1000}")
    elif dialect == "mysql":
        connection.exec_driver_sql(f"SET SESSION max_execution_time = {seconds * 1000}")
    elif dialect == "mariadb":
        connection.exec_driver_sql(f"SET SESSION max_statement_time = {seconds}")
    elif dialect == "sqlite":
        until = time.monotonic() + seconds
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database as failures without a word of what it said."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _failure(error) from None


def _failure(error: exc.SQLAlchemyError) -> Failure:
    origin = getattr(error, "orig", None)
    state = str(getattr(origin, "sqlstate", "") or "")
    detail = state if _STATE.fullmatch(state) else type(error).__name__
    said = str(origin).lower()
    if state == "57014" or "interrupted" in said:
        return Failure("timeout", detail)
    if state[:2] in ("08", "53", "57", "40", "55") or "locked" in said:
        return Failure("unavailable", detail)
    disconnected = isinstance(error, exc.DBAPIError) and error.connection_invalidated
    if disconnected or (isinstance(error, exc.OperationalError) and error.statement is None):
        return Failure("unreachable", detail)
    return Failure("statement", detail)


def _table(result: Any, rows: Any) -> Table:
    columns = tuple(_distinct(result.keys()))
    return Table(columns, [dict(zip(columns, row, strict=True)) for row in rows])


def _distinct(names: Any) -> Iterator[str]:
    """Column names, each once: a second `id` becomes `id_2`."""
    seen: dict[str, int] = {}
    for name in map(str, names):
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}_{seen[name]}"
