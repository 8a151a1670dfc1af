"""CSV runs nothing in a spreadsheet; JSON is what was found."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsar.disclosure_tables import csv_of, json_of, safe

ROW = st.dictionaries(st.sampled_from("abc"), st.text() | st.integers() | st.none(), min_size=1)


@pytest.mark.parametrize(
    "dangerous",
    ["=1+1", "+1", "@SUM(A1)", "-1+1", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a", "  =1", "　=1"],
)
def test_text_that_a_spreadsheet_takes_for_a_formula_begins_with_an_apostrophe(
    dangerous: str,
) -> None:
    assert safe(dangerous) == f"'{dangerous}"


@pytest.mark.parametrize("plain", ["-500", "-1.5", "見本", "a=b", "1-2", "", -3, 2.5, True])
def test_other_values_stay_as_they_are(plain: Any) -> None:
    assert safe(plain) == plain


@given(st.text())
def test_no_cell_begins_as_a_formula(text: str) -> None:
    cell = str(safe(text))
    assert not cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r"))


def test_column_names_are_safe_too() -> None:
    assert b"'=cmd" in b"".join(csv_of([{"=cmd": 1}]))


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_csv_reads_back_as_it_was_but_for_apostrophes(rows: list[list[str]]) -> None:
    written = b"".join(csv_of({"a": one, "b": two} for one, two in rows)).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert read == [[safe(one), safe(two)] for one, two in rows]


@given(st.lists(ROW, max_size=5), st.text())
def test_json_reads_back_as_it_was(rows: list[dict[str, Any]], title: str) -> None:
    assert json.loads(b"".join(json_of(title, rows))) == {"title": title, "rows": rows}


def test_a_long_table_comes_in_pieces() -> None:
    rows = [{"a": "x" * 1000} for _ in range(1000)]
    for pieces in (list(csv_of(rows)), list(json_of("t", rows))):
        assert len(pieces) > 10
        assert max(map(len, pieces)) < 200_000
