"""The plain text of a letter read as its parts; what people wrote stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsar.letter_markup import literal, parse


def shapes(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in parse(text)]


def test_each_part_is_told_apart() -> None:
    text = "拝啓\n本文\n\n敬具\n\n記\n\n# 見出し\n## 部分\n- 番号：1\n- 宛先: a: b\n続き\n\n以上"
    blocks = parse(text)
    assert [block.kind for block in blocks] == [
        *("text", "right", "centre", "heading", "part", "rows", "right"),
    ]
    assert blocks[0].text == "拝啓\n本文"
    assert blocks[5].rows == [("番号", "1"), ("宛先", "a: b\n続き")]


def test_a_heading_without_content_is_left_out() -> None:
    assert shapes("# 空\n\n# 理由\n理由です。\n\n# 空\n\n以上") == [
        ("heading", "理由"),
        ("text", "理由です。"),
        ("right", "以上"),
    ]
    assert shapes("# 空\n## 空\n# 二\n## 三\n本文") == [
        ("heading", "二"),
        ("part", "三"),
        ("text", "本文"),
    ]


@pytest.mark.parametrize("written", ["# x", "- a: b", "以上", "\\x", "a\n\n# b\n- c: d\n記", "-"])
def test_what_somebody_wrote_is_read_back_as_it_was(written: str) -> None:
    assert shapes(literal(written)) == [("text", written)]
    rows = parse(f"- 理由：{literal(written)}")[0].rows
    assert rows == [("理由", written)]


@given(st.text(alphabet="#- :：a記以上敬具\\\n", max_size=60))
def test_no_text_of_a_person_makes_a_part(written: str) -> None:
    kept = written.strip("\n")
    blocks = parse(f"# 理由\n{literal(written)}\n")
    if kept.strip():
        assert [block.kind for block in blocks] == ["heading", "text"]
        assert blocks[1].text == kept
