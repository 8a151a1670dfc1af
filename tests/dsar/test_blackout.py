"""Tables lose columns, rows and words for good."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsar.blackout import MASK, clean_rows

_CALM = settings(suppress_health_check=[HealthCheck.too_slow])
ROWS = [
    {"name": "見本 花子", "note": "担当は山田太郎さん", "n": 1},
    {"name": "見本 次郎", "note": "ﾔﾏﾀﾞより入電", "n": 2},
]


def test_columns_and_rows_are_gone() -> None:
    assert list(clean_rows(ROWS, columns={"note"}, numbers={1})) == [{"name": "見本 次郎", "n": 2}]


@pytest.mark.parametrize(
    ("text", "cell", "expected"),
    [
        ("山田太郎", "担当は山田太郎さん", f"担当は{MASK}さん"),
        ("ヤマダ", "ﾔﾏﾀﾞより入電", MASK),  # found only in another width: the cell goes whole
        ("taro", "TARO@example.jp", MASK),
        ("42", 42, MASK),
        ("山田", ["山田", {"山田": "山田さん"}], [MASK, {MASK: f"{MASK}さん"}]),
        ("山田", None, None),
        ("山田", 3.5, 3.5),
        ("", "山田", "山田"),
    ],
)
def test_words_are_masked_in_cells(text: str, cell: Any, expected: Any) -> None:
    assert next(clean_rows([{"a": cell}], texts=[text])) == {"a": expected}


_NAMES = st.sampled_from(["a", "b", "c", "d"])
_CELLS = st.one_of(st.none(), st.integers(), st.text(max_size=12), st.booleans())


@_CALM
@given(
    rows=st.lists(st.fixed_dictionaries(dict.fromkeys("abcd", _CELLS)), max_size=8),
    columns=st.sets(_NAMES),
    numbers=st.sets(st.integers(1, 8)),
)
def test_what_is_left_is_exactly_what_was_not_chosen(
    rows: list[dict[str, Any]], columns: set[str], numbers: set[int]
) -> None:
    left = list(clean_rows(rows, columns=columns, numbers=numbers))
    kept = [row for number, row in enumerate(rows, 1) if number not in numbers]
    assert left == [{n: v for n, v in row.items() if n not in columns} for row in kept]


@_CALM
@given(
    cells=st.lists(st.text(max_size=30), max_size=5),
    text=st.text(min_size=1, max_size=6).filter(lambda text: MASK[0] not in text),
)
def test_a_masked_word_is_nowhere_in_the_copy(cells: list[str], text: str) -> None:
    rows = [{"a": cell + text} for cell in cells]
    for row in clean_rows(rows, texts=[text]):
        assert text not in row["a"]
        assert json.dumps(row["a"], ensure_ascii=False)
