"""A database, SQLite and PostgreSQL alike: searched, changed as approved, never more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsar.connectors import declared
from dsar.connectors.declared import Sql
from dsar.connectors.outcome import Failure
from dsar.connectors.sql import SqlConnector
from tests.dsar.connectors.conftest import HANAKO, SQL_SETTINGS, customers

ERASURE, STOP = "appi.erasure", "appi.cease_use"


def connector(**more: Any) -> SqlConnector:
    found = declared.read("sql", {**SQL_SETTINGS, **more})
    assert isinstance(found, Sql)
    return SqlConnector(found)


def test_a_search_finds_the_rows_of_the_person_only(crm_url: str) -> None:
    found = connector().search(HANAKO)
    assert found.columns == ("id", "name", "email")
    assert [row["id"] for row in found.rows] == [1, 2]
    assert connector().search({**HANAKO, "email": "'; DROP TABLE customers; --"}).rows
    assert customers(crm_url) == [1, 2, 3]


def test_a_value_that_is_not_known_matches_nobody(crm_url: str) -> None:
    assert [row["id"] for row in connector().search({"email": HANAKO["email"]}).rows] == [1]
    with pytest.raises(Failure, match="no_values"):
        connector().search({"phone": "090"})


def test_columns_of_the_same_name_are_told_apart(crm_url: str) -> None:
    search = "SELECT a.id, b.id FROM customers a, customers b WHERE a.email = :email AND b.id = 3"
    found = connector(search=search).search(HANAKO)
    assert found.columns == ("id", "id_2")
    assert found.rows == [{"id": 1, "id_2": 3}]


def test_more_rows_than_the_limit_are_a_failure_not_half_an_answer(crm_url: str) -> None:
    with pytest.raises(Failure, match="too_many_rows 1"):
        connector(row_limit=1).search(HANAKO)


def test_a_dry_run_counts_and_shows_without_changing(crm_url: str) -> None:
    touched = connector().touched(ERASURE, HANAKO)
    assert touched.count == 2
    assert [row["id"] for row in touched.sample.rows] == [1, 2]
    assert customers(crm_url) == [1, 2, 3]


def test_a_change_is_made_once_and_proven(crm_url: str) -> None:
    asked = connector()
    assert asked.left(ERASURE, HANAKO) == 2
    assert asked.carry_out(ERASURE, HANAKO, at_most=2, key="k") == 2
    assert customers(crm_url) == [3]
    assert asked.left(ERASURE, HANAKO) == 0


def test_each_kind_of_request_has_its_own_change(crm_url: str) -> None:
    assert connector().carry_out(STOP, HANAKO, at_most=1, key="k") == 1
    assert customers(crm_url) == [1, 2, 3]
    assert connector().left(STOP, HANAKO) == 0
    with pytest.raises(Failure, match="no_change"):
        connector().carry_out("appi.disclosure", HANAKO, at_most=1, key="k")


def test_a_change_of_more_rows_than_approved_is_undone(crm_url: str) -> None:
    with pytest.raises(Failure, match="more_than_approved 2"):
        connector().carry_out(ERASURE, HANAKO, at_most=1, key="k")
    assert customers(crm_url) == [1, 2, 3]


def test_a_query_runs_where_nothing_can_be_written(crm_url: str, tmp_path: Path) -> None:
    """Past the gate as well: a function that writes is refused by the database."""
    asked = connector()
    with pytest.raises(Failure), asked._reading() as connection:
        connection.exec_driver_sql("DELETE FROM customers")
    assert customers(crm_url) == [1, 2, 3]


def test_a_query_is_ended_after_its_time(crm_url: str) -> None:
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT count(*) FROM n, customers WHERE email = :email"
    )
    with pytest.raises(Failure) as failure:
        connector(search=endless, timeout=1).search(HANAKO)
    assert failure.value.code == "timeout"
    assert failure.value.is_passing


def test_a_failure_says_nothing_of_what_was_asked_or_answered(crm_url: str) -> None:
    search = "SELECT nothing FROM nowhere WHERE email = :email"
    with pytest.raises(Failure) as failure:
        connector(search=search).search(HANAKO)
    assert failure.value.code == "statement"
    assert "hanako" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:////nowhere/at-all.sqlite3", "unreachable"),
        ("postgresql://user:secret@127.0.0.1:1/crm", "unreachable"),
        ("no url", "settings"),
        ("nosuchdatabase://host/name", "settings"),
        ("", "secret"),
    ],
)
def test_what_cannot_be_reached_is_told_by_a_code(settings: Any, url: str, code: str) -> None:
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_CRM": url}
    with pytest.raises(Failure) as failure:
        connector().search(HANAKO)
    assert failure.value.code == code
    assert "secret@" not in str(failure.value)


def test_a_wrong_path_makes_no_database(settings: Any, tmp_path: Path) -> None:
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_CRM": f"sqlite:///{tmp_path / 'x.sqlite3'}"}
    with pytest.raises(Failure):
        connector().search(HANAKO)
    assert list(tmp_path.iterdir()) == []
