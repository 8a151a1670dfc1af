"""Folders of CSV and Parquet files: searched by DuckDB, which reaches nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from dsar.connectors import declared
from dsar.connectors.declared import Folder
from dsar.connectors.folder import FolderConnector
from dsar.connectors.outcome import Failure

HANAKO = {"email": "hanako@person.example", "customer_number": "0001234"}


@pytest.fixture
def exports(tmp_path: Path, settings: Any) -> Path:
    """A folder with two months of points as CSV and orders as Parquet."""
    root = tmp_path / "exports"
    (root / "shop").mkdir(parents=True)
    settings.CONNECTOR_FOLDERS = [str(root)]
    for month, points in (("01", "10"), ("02", "20")):
        (root / "shop" / f"points-{month}.csv").write_text(
            f"number,email,points\n0001234,hanako@person.example,{points}\n9,x@person.example,7\n"
        )
    orders = root / "shop" / "orders.parquet"
    duckdb.execute(
        "COPY (SELECT 'hanako@person.example' AS email, DATE '2026-01-02' AS ordered, '本' AS item)"
        f" TO '{orders}' (FORMAT parquet)"
    )
    return root / "shop"


def connector(**more: Any) -> FolderConnector:
    given = {
        "folder": "shop",
        "tables": "points = points-*.csv\norders = orders.parquet",
        "search": "SELECT p.number, p.points, o.item FROM points p"
        " LEFT JOIN orders o ON o.email = p.email WHERE p.email = :email ORDER BY p.points",
        **more,
    }
    found = declared.read("folder", given)
    assert isinstance(found, Folder)
    return FolderConnector(found)


def failure_of(asked: FolderConnector) -> str:
    with pytest.raises(Failure) as failure:
        asked.search(HANAKO)
    return failure.value.code


def test_files_are_read_as_tables_and_numbers_keep_their_zeros(exports: Path) -> None:
    found = connector().search(HANAKO)
    assert found.columns == ("number", "points", "item")
    assert found.rows == [
        {"number": "0001234", "points": "10", "item": "本"},
        {"number": "0001234", "points": "20", "item": "本"},
    ]


def test_what_a_person_wrote_stays_a_value(exports: Path) -> None:
    assert connector().search({"email": "' OR 1=1 --"}).rows == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd') WHERE 'x' = :email",
        "SELECT * FROM read_text('/etc/hostname') WHERE 'x' = :email",
        "SELECT * FROM '../secret.csv' WHERE email = :email",
        "SELECT * FROM read_csv('https://person.example/x.csv') WHERE email = :email",
        "SELECT * FROM glob('/etc/*') WHERE 'x' = :email",
    ],
)
def test_a_query_reaches_no_other_file(exports: Path, query: str) -> None:
    (exports.parent / "secret.csv").write_text("email\nhanako@person.example\n")
    assert failure_of(connector(search=query)) in ("forbidden_file", "statement")


def test_a_link_that_leads_out_of_the_folder_is_refused(exports: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("number,email,points\n1,hanako@person.example,1\n")
    (exports / "points-03.csv").symlink_to(tmp_path / "secret.csv")
    assert failure_of(connector()) == "forbidden_file"


@pytest.mark.parametrize("folder", ["..", "/etc", "shop/../..", ""])
def test_a_folder_elsewhere_is_refused(exports: Path, folder: str) -> None:
    with pytest.raises(declared.Misconfigured) as refused:
        connector(folder=folder)
    assert set(refused.value.faults) == {"folder"}


def test_missing_files_are_a_failure_not_nothing_found(exports: Path) -> None:
    (exports / "orders.parquet").unlink()
    assert failure_of(connector()) == "unreachable"
    (exports / "points-01.csv").write_bytes(b"\xff\xfe\x00")
    assert failure_of(connector(tables="points = points-01.csv")) == "statement"


def test_rows_and_time_are_limited(exports: Path) -> None:
    assert failure_of(connector(row_limit=1)) == "too_many_rows"
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT sum(i) AS s FROM n, points WHERE email = :email"
    )
    assert failure_of(connector(search=endless, timeout=1)) == "timeout"


def test_files_are_never_changed(exports: Path) -> None:
    for attempt in (
        lambda: connector().touched("appi.erasure", HANAKO),
        lambda: connector().carry_out("appi.erasure", HANAKO, at_most=1, key="k"),
        lambda: connector().left("appi.erasure", HANAKO),
    ):
        with pytest.raises(Failure, match="read_only"):
            attempt()
