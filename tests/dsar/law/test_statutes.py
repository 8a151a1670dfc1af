"""What the bundled statutes say, held against the articles themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import BaseModel

from dsar import law

BOOK = law.load()
RULE_SETS = [rules for regime in BOOK.regimes for rules in BOOK.versions(regime)]
APPI, GDPR, CCPA = (BOOK.version(regime, date(2026, 6, 1)) for regime in ("appi", "gdpr", "ccpa"))
every_rule_set = pytest.mark.parametrize("rules", RULE_SETS, ids=lambda r: r.regime)


def texts(part: object, path: str = "") -> Iterator[tuple[str, law.Text]]:
    """Every text of a rule set with its key."""
    if isinstance(part, law.Text):
        yield path, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from texts(getattr(part, name), f"{path}.{name}")
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from texts(value, f"{path}.{name}")
    elif isinstance(part, tuple):
        for n, value in enumerate(part):
            yield from texts(value, f"{path}.{n}")


@every_rule_set
def test_every_text_has_japanese_and_english(rules: law.RuleSet) -> None:
    found = list(texts(rules))
    assert len(found) > 100
    # Proper names of statutes and articles may do without kana or kanji; sentences may not.
    japanese = re.compile(r"[ぁ-んァ-ヶ一-龠]")
    without = [key for key, text in found if not japanese.search(text.ja)]
    assert [key for key in without if not key.endswith(("short_name", "article_label"))] == []
    assert [key for key, text in found if japanese.search(text.en)] == []


@every_rule_set
def test_every_kind_is_reached_from_what_a_person_wants(rules: law.RuleSet) -> None:
    reached = {want.kind for want in rules.wants if want.kind}
    reached |= {reason.kind for want in rules.wants for reason in want.reasons}
    assert reached == set(rules.kinds)


@every_rule_set
def test_every_ground_can_be_chosen_from_what_a_person_wants(rules: law.RuleSet) -> None:
    chosen = {(r.kind, r.ground) for want in rules.wants for r in want.reasons if r.ground}
    assert chosen == {
        (kind.code, ground) for kind in rules.kinds.values() for ground in kind.grounds
    }


@every_rule_set
def test_every_refusal_and_threshold_is_used_by_a_kind(rules: law.RuleSet) -> None:
    kinds = rules.kinds.values()
    assert {code for kind in kinds for code in kind.refusals} == set(rules.refusals)
    assert {code for kind in kinds for code in kind.thresholds} == set(rules.thresholds)


@every_rule_set
def test_every_kind_has_a_decision_to_time_and_a_way_to_complain(rules: law.RuleSet) -> None:
    assert all(rules.deadline(code, "decision") for code in rules.kinds)
    assert rules.kinds["complaint"].questions == ("complaint",)
    assert rules.deadline("complaint", "id_check") is None


# --------------------------------------------------------------------------------------- APPI

APPI_KINDS = {
    "purpose_notice": "32(2)",
    "disclosure": "33(1)",
    "tp_record_disclosure": "33(5)",
    "correction": "34(1)",
    "addition": "34(1)",
    "deletion": "34(1)",
    "cease_use": "35(1)",
    "erasure": "35(1)",
    "stop_provision": "35(3)",
    "cease_use_35_5": "35(5)",
    "erasure_35_5": "35(5)",
    "stop_provision_35_5": "35(5)",
    "complaint": "40",
    "optout_27_2": "27(2)",
    "transfer_info_28_3": "28(3)",
}
ART39_ARTICLES = {"33(1)", "33(5)", "34(1)", "35(1)", "35(3)", "35(5)"}


def refusals_of(kind: str) -> str:
    return " ".join(code.split("_")[0] for code in APPI.kinds[kind].refusals)


def test_the_appi_kinds_rest_on_their_articles() -> None:
    assert {code: kind.article for code, kind in APPI.kinds.items()} == APPI_KINDS


def test_a_fee_is_allowed_for_notices_of_purpose_and_disclosures_alone() -> None:
    allowed = {kind.article for kind in APPI.kinds.values() if kind.fee_allowed}
    assert allowed == {"32(2)", "33(1)", "33(5)"}
    assert {k.article for k in APPI.kinds.values() if "T6_fee" in k.thresholds} == allowed
    assert {k.article for k in APPI.kinds.values() if "fee_payment" in k.deadlines} == allowed


def test_article_39_covers_the_claims_that_can_be_sued_on() -> None:
    assert {k.article for k in APPI.kinds.values() if k.art39} == ART39_ARTICLES
    assert {k.article for k in APPI.kinds.values() if k.is_litigable} == ART39_ARTICLES


def test_article_36_asks_for_an_effort_to_explain() -> None:
    effort = {k.article for k in APPI.kinds.values() if k.reason_duty == "effort"}
    assert effort == ART39_ARTICLES | {"32(2)", "28(3)"}


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("purpose_notice", "P1 P2 P3 P4"),
        ("disclosure", "D1 D2 D3 D4 D5 D6"),
        ("tp_record_disclosure", "D1 D2 D3 D5 D6 R1 R2 R3 R4 R5"),
        ("correction", "C1 C2 C3 C4"),
        ("addition", "C1 C2 C3 C4"),
        ("deletion", "C1 C2 C3 C4"),
        ("cease_use", "U1 U2 U3"),
        ("erasure", "U1 U2 U3"),
        ("stop_provision", "U1 U3"),
        ("cease_use_35_5", "U1 U2 U3"),
        ("erasure_35_5", "U1 U2 U3"),
        ("stop_provision_35_5", "U1 U2 U3"),
        ("complaint", ""),
        ("optout_27_2", ""),
        ("transfer_info_28_3", "F1"),
    ],
)
def test_a_kind_may_be_refused_on_its_own_grounds_only(kind: str, codes: str) -> None:
    assert refusals_of(kind) == codes


def test_outcomes_and_conditions_of_refusals_are_marked() -> None:
    marked = APPI.refusals.values()
    assert {r.code for r in marked if not r.is_refusal} == {"D5_no_data", "D6_method"}
    assert {r.code for r in marked if r.requires_alternative} == {"U3_alternative"}
    assert {r.code for r in marked if r.partial_only} == {"U2_excess"}


def test_that_no_data_exists_is_an_answer_to_a_disclosure_request() -> None:
    outcome = {k.code: k.no_data_code for k in APPI.kinds.values() if k.no_data_outcome}
    assert outcome == {"disclosure": "D5_no_data", "tp_record_disclosure": "D5_no_data"}


def test_the_appi_thresholds_are_nine_and_only_some_can_be_cured() -> None:
    assert [code.split("_")[0] for code in APPI.thresholds] == [f"T{n}" for n in range(1, 10)]
    curable = {t.code for t in APPI.thresholds.values() if t.curable}
    assert curable == {"T3_identity", "T4_authority", "T5_unspecified", "T6_fee"}


@pytest.mark.parametrize(
    ("kind", "grounds"),
    [
        ("correction", {"not_factual"}),
        ("cease_use", {"purpose_18", "improper_19", "acquisition_20"}),
        ("erasure", {"purpose_18", "improper_19", "acquisition_20"}),
        ("stop_provision", {"third_party_27", "abroad_28"}),
        ("erasure_35_5", {"not_needed_35_5", "breach_35_5", "harm_35_5"}),
        ("disclosure", set()),
        ("optout_27_2", set()),
    ],
)
def test_what_a_person_has_to_show(kind: str, grounds: set[str]) -> None:
    assert set(APPI.kinds[kind].grounds) == grounds


def test_methods_are_for_kinds_that_deliver_data() -> None:
    assert {k.code for k in APPI.kinds.values() if k.methods} == {
        "disclosure",
        "tp_record_disclosure",
    }
    assert set(APPI.methods) == {"electronic_record", "paper", "other_set_by_business"}
    assert set(APPI.deliveries) == {
        *("portal_download", "encrypted_mail", "cd_r"),
        *("post_kan-i_kakitome", "post_honnin_gentei", "counter"),
    }


def test_only_the_article_39_marker_is_statutory_in_japan() -> None:
    assert {rule.code for rule in APPI.deadlines.values() if rule.statutory} == {"art39_marker"}


# ------------------------------------------------------------------------------- GDPR and CCPA


def test_the_gdpr_asks_for_doubt_before_the_clock_may_pause() -> None:
    assert GDPR.incomplete.doubt_required
    assert GDPR.incomplete.effect == "pause"


def test_a_gdpr_extension_keeps_both_readings() -> None:
    found = [(p.n, p.unit, p.base) for p in GDPR.extension.periods]
    assert found == [(3, "calendar_month", "receipt"), (2, "calendar_month", "due")]


def test_the_gdpr_is_free_and_always_gives_reasons() -> None:
    rights = [kind for code, kind in GDPR.kinds.items() if code != "complaint"]
    assert not any(kind.fee_allowed for kind in GDPR.kinds.values())
    assert {kind.reason_duty for kind in rights} == {"mandatory"}
    assert {kind.article for kind in rights} == {"15", "16", "17", "18", "20", "21", "22"}


def test_objection_to_marketing_needs_no_compelling_ground_to_succeed() -> None:
    assert "never for direct marketing" in GDPR.refusals["O1_compelling"].text.en


def test_opting_out_and_limiting_in_california_need_no_proof_of_identity() -> None:
    unproved = {k.code for k in CCPA.kinds.values() if k.identity == "none"}
    assert unproved == {"opt_out", "limit", "complaint"}
    for kind in ("opt_out", "limit"):
        rule = CCPA.deadline(kind, "decision")
        assert rule is not None
        assert (rule.n, rule.unit, rule.extendable) == (15, "business_day", False)


def test_the_clock_never_stops_in_california() -> None:
    assert CCPA.incomplete.effect == "none"
    assert not any(rule.pausable for rule in CCPA.deadlines.values())


def test_records_are_kept_for_24_months_at_least_in_california() -> None:
    assert CCPA.retention.months >= CCPA.retention.minimum_months == 24


def test_a_text_is_given_in_japanese_for_japanese_tags_and_in_english_for_any_other() -> None:
    text = law.Text(ja="開示", en="disclosure")
    found = [text.in_language(tag) for tag in ("ja", "ja-JP", "en", "en-us", "de")]
    assert found == ["開示", "開示", "disclosure", "disclosure", "disclosure"]
