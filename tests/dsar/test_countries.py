"""Countries by name."""

from __future__ import annotations

import pytest

from dsar import countries


@pytest.mark.parametrize(
    ("language", "japan", "ireland"), [("ja", "日本", "アイルランド"), ("en", "Japan", "Ireland")]
)
def test_countries_are_named_in_the_readers_language(
    language: str, japan: str, ireland: str
) -> None:
    assert countries.choices(language)[0] == ("JP", japan)
    assert countries.name("IE", language) == ireland
    codes = [code for code, _name in countries.choices(language)]
    assert len(codes) == len(set(codes)) > 240
    assert not {"EU", "ZZ"} & set(codes)


def test_an_unknown_code_stands_for_itself() -> None:
    assert countries.name("Q7", "ja") == "Q7"
