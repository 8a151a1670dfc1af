"""What proves identity and authority: the bundled files, and faults in an operator's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsar.law import LawError, shelf
from dsar.law.book import BUNDLED
from dsar.law.proof import load_papers
from dsar.models import Channel, Sensitivity

PLAIN = """
regime = "appi"
without_photo = 2
source = { ja = "根拠", en = "Source" }
[documents.card]
title = { ja = "カード", en = "Card" }
[levels.only]
rank = 1
title = { ja = "確認", en = "Proof" }
needs = { ja = "カード", en = "A card" }
ways = [["documents"]]
[[rules]]
level = "only"
[agents.any]
role = "mandated_agent"
title = { ja = "代理人", en = "Agent" }
needs = { ja = "カード", en = "A card" }
papers = [["card"]]
"""


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "own.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_statute_has_rules_for_every_request_it_knows() -> None:
    for regime, rules in shelf.papers().items():
        for version in shelf.book().versions(regime):
            for kind in version.kinds:
                for sensitivity in Sensitivity.values:
                    for channel in Channel.values:
                        assert rules.level_for(kind, sensitivity, channel)


def test_every_statute_knows_both_roles_of_agents() -> None:
    for rules in shelf.papers().values():
        assert rules.agents_of("statutory_agent")
        assert rules.agents_of("mandated_agent")


def test_a_sensitive_request_never_needs_less() -> None:
    for regime, rules in shelf.papers().items():
        for kind in shelf.book().versions(regime)[-1].kinds:
            plain = rules.level_for(kind, "ordinary", "web").rank
            assert rules.level_for(kind, "sensitive", "web").rank >= plain


def test_a_higher_level_proves_a_lower_one() -> None:
    rules = shelf.papers()["appi"]
    assert rules.reaches({"ekyc"}, rules.levels["contact"])
    assert rules.reaches({"documents", "post"}, rules.levels["standard"])
    assert not rules.reaches({"documents"}, rules.levels["strong"])
    assert not rules.reaches({"email"}, rules.levels["standard"])
    assert rules.reaches({"other"}, rules.levels["strong"])
    assert not rules.reaches(set(), rules.levels["contact"])


def test_an_operators_file_replaces_ours(tmp_path: Path) -> None:
    found = load_papers([BUNDLED, folder(tmp_path, PLAIN)])
    assert set(found["appi"].documents) == {"card"}
    assert "gdpr" in found


@pytest.mark.parametrize(
    ("change", "to", "fault"),
    [
        ('papers = [["card"]]', 'papers = [["cart"]]', "'cart' is not in this file"),
        ('level = "only"', 'level = "none"', "'none' is not in this file"),
        ('level = "only"', 'level = "only"\nkinds = ["disclosure"]', "must fit everything"),
        ('ways = [["documents"]]', 'ways = [["palm"]]', "levels.only"),
        ("without_photo = 2", "without_photo = 2\nwithout = 1", "without"),
        ('regime = "appi"', "regime = appi", "not valid TOML"),
        ("[agents.any]", '[masks.x]\ntext = { ja = "x" }\n[agents.any]', "masks.x.text.en"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, change: str, to: str, fault: str) -> None:
    with pytest.raises(LawError) as error:
        load_papers([folder(tmp_path, PLAIN.replace(change, to))])
    assert fault in str(error.value)
    assert "papers/own.toml" in str(error.value)


def test_a_kind_that_the_statute_does_not_know_stops_the_start(tmp_path: Path) -> None:
    text = PLAIN.replace("[[rules]]", '[[rules]]\nkinds = ["palmistry"]\nlevel = "only"\n[[rules]]')
    try:
        with pytest.raises(LawError, match="'palmistry' is unknown"):
            shelf.configure([folder(tmp_path, text)])
    finally:
        shelf.configure([])
