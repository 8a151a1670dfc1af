"""Loading the statutes: what a wrong file is told, which version applies, what operators add."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dsar import law

APPI = (law.BUNDLED / "appi.toml").read_text(encoding="utf-8")


def write(folder: Path, text: str, name: str = "appi.toml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def changed(*changes: tuple[str, str]) -> str:
    """The bundled APPI file with the first occurrence of each text replaced."""
    text = APPI
    for old, new in changes:
        assert old in text, f"{old!r} is not in the file"
        text = text.replace(old, new, 1)
    return text


def faults_of(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(law.LawError) as caught:
        law.load([write(folder, text)])
    return caught.value.faults


BROKEN = {
    "a missing language": (
        ('title = { ja = "保有個人データの開示の請求", en', "title = { en"),
        "appi.toml: kinds.disclosure.title.ja: Field required",
    ),
    "an empty text": (
        ('title = { ja = "保有個人データの開示の請求"', 'title = { ja = " "'),
        "appi.toml: kinds.disclosure.title.ja: String should have at least 1 character",
    ),
    "an unknown key": (
        ("fee_allowed = true", "fee_allowed = true\nfee = 500"),
        "appi.toml: kinds.purpose_notice.fee: Extra inputs are not permitted",
    ),
    "an empty list": (
        ('questions = ["scope", "method"]', "questions = []"),
        "appi.toml: kinds.disclosure.questions: Tuple should have at least 1 item after "
        "validation, not 0",
    ),
    "an unknown question": (
        ('questions = ["scope", "method"]', 'questions = ["scope", "method", "mood"]'),
        "appi.toml: kinds.disclosure.questions.2: Input should be 'scope', 'correction', "
        "'addition', 'deletion', 'ground', 'recipients', 'method', 'complaint', 'range' or "
        "'purpose_objection'",
    ),
    "an unknown refusal": (
        ('refusals = ["P1_evident",', 'refusals = ["P1_evident", "P9_mood",'),
        "appi.toml: kinds.purpose_notice.refusals: unknown refusal 'P9_mood'",
    ),
    "an unknown ground": (
        ('grounds = ["not_factual"]', 'grounds = ["not_factual", "dislike"]'),
        "appi.toml: kinds.correction.grounds: unknown ground 'dislike'",
    ),
    "an unknown threshold": (
        ('thresholds = ["T1_not_retained",', 'thresholds = ["T0", "T1_not_retained",'),
        "appi.toml: kinds.purpose_notice.thresholds: unknown threshold 'T0'",
    ),
    "an unknown method": (
        ('methods = ["electronic_record",', 'methods = ["fax", "electronic_record",'),
        "appi.toml: kinds.disclosure.methods: unknown method 'fax'",
    ),
    "an unknown deadline": (
        ('deadlines = ["ack",', 'deadlines = ["soon", "ack",'),
        "appi.toml: kinds.purpose_notice.deadlines: unknown deadline 'soon'",
    ),
    "an unknown delivery": (
        ('deliveries = ["portal_download",', 'deliveries = ["pigeon", "portal_download",'),
        "appi.toml: methods.electronic_record.deliveries: unknown delivery 'pigeon'",
    ),
    "a code listed twice": (
        ('refusals = ["P1_evident",', 'refusals = ["P1_evident", "P1_evident",'),
        "appi.toml: kinds.purpose_notice.refusals: duplicate code 'P1_evident'",
    ),
    "a want listed twice": (
        ('code = "purposes"', 'code = "see"'),
        "appi.toml: wants: duplicate code 'see'",
    ),
    "a want that leads nowhere": (
        ('kind = "purpose_notice"', ""),
        "appi.toml: wants.purposes: give either `kind` or a list of `reasons`, and not both",
    ),
    "a want that leads to an unknown kind": (
        ('kind = "complaint"', 'kind = "praise"'),
        "appi.toml: wants.complain.kind: unknown kind 'praise'",
    ),
    "a kind that nothing leads to": (
        ('kind = "purpose_notice"', 'kind = "disclosure"'),
        "appi.toml: kinds.purpose_notice: no want leads to this kind",
    ),
    "a reason whose ground is not the kind's": (
        ('ground = "not_needed_35_5"', 'ground = "purpose_18"'),
        "appi.toml: wants.stop_use.reasons.no_longer_needed.ground: unknown ground 'purpose_18'",
    ),
    "a refusal no kind uses": (
        ('"P3_business", ', ""),
        "appi.toml: refusals.P3_business: is never used",
    ),
    "a decision without a deadline": (
        ('deadlines = ["ack", "decision"]', 'deadlines = ["ack"]'),
        "appi.toml: kinds.complaint.deadlines: no deadline times the decision",
    ),
    "two deadlines for one step": (
        ('role = "id_check"', 'role = "ack"'),
        "appi.toml: kinds.purpose_notice.deadlines: 2 deadlines time the same step 'ack'",
    ),
    "an Article 39 kind without its marker": (
        ('"fee_payment", "art39_marker"]', '"fee_payment"]'),
        "appi.toml: kinds.disclosure.art39: must be true exactly when an art39_marker deadline "
        "applies",
    ),
    "a fee that may not be taken": (
        ("fee_allowed = true", "fee_allowed = false"),
        "appi.toml: kinds.purpose_notice.fee_allowed: a fee_payment deadline applies, yet no fee "
        "is allowed",
    ),
    "an outcome that is a refusal": (
        ('no_data_code = "D5_no_data"', 'no_data_code = "D3_law"'),
        "appi.toml: kinds.disclosure.no_data_code: 'D3_law' is a refusal, not an outcome",
    ),
    "methods that are not asked for": (
        ('questions = ["scope", "method"]', 'questions = ["scope"]'),
        'appi.toml: kinds.disclosure.methods: must be given exactly when the question "method" '
        "is asked",
    ),
    "a ground that cannot be chosen": (
        ('questions = ["scope", "ground"]', 'questions = ["scope"]'),
        'appi.toml: kinds.cease_use.questions: several grounds, yet the question "ground" is not '
        "asked",
    ),
    "a pausable Article 39 marker": (
        (
            'n = 2\nunit = "week"\nstart = "receipt"\npausable = false',
            'n = 2\nunit = "week"\nstart = "receipt"\npausable = true',
        ),
        "appi.toml: deadlines.art39_marker: the Article 39 marker is never paused, extended or "
        "rolled",
    ),
    "a length of nothing": (
        ("n = 3\n", "n = 0\n"),
        "appi.toml: deadlines.ack.n: Input should be greater than 0",
    ),
    "warnings out of order": (
        ("warn = [7, 3, 1]", "warn = [1, 3, 7]"),
        "appi.toml: deadlines.decision.warn: days before the due date must descend without repeats",
    ),
    "an unknown variant in use": (
        ('# use = "10_business_days"', 'use = "fortnight"'),
        "appi.toml: deadlines.decision.use: unknown variant 'fortnight'",
    ),
    "an unknown outcome of expiry": (
        ('on_expiry = "T6_fee"', 'on_expiry = "T6"'),
        "appi.toml: deadlines.fee_payment.on_expiry: unknown threshold 'T6'",
    ),
    "an extension from receipt granted twice": (
        ('base = "due"\nmax_times = 1', 'base = "receipt"\nmax_times = 2'),
        "appi.toml: extension.max_times: must be 1 where an extension is counted from receipt",
    ),
    "an end before the beginning": (
        ("effective_from = 2022-04-01", "effective_from = 2022-04-01\neffective_to = 2022-04-01"),
        "appi.toml: effective_to: must be later than effective_from",
    ),
    "an unknown time zone": (
        ('timezone = "Asia/Tokyo"', 'timezone = "Asia/Edo"'),
        "appi.toml: timezone: 'Asia/Edo' is no IANA time zone",
    ),
    "a closure on a leap day": (
        ('last = "01-03"', 'last = "02-29"'),
        "appi.toml: year_end_closure.last: day is out of range for month",
    ),
    "a link that is not safe": (
        ('url = "https://', 'url = "http://'),
        "appi.toml: external_bodies.ppc.url: String should match pattern '^https://'",
    ),
}


@pytest.mark.parametrize(("change", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_named_with_its_key_and_reason(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    assert told in faults_of(tmp_path, changed(change))


def test_a_table_given_twice_is_named_with_its_place(tmp_path: Path) -> None:
    text = APPI + '\n[refusals.P1_evident]\narticle = "32"\n'
    (fault,) = faults_of(tmp_path, text)
    assert fault.startswith("appi.toml: not valid TOML: ")
    assert "P1_evident" in fault
    assert "line" in fault


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, changed(('kind = "complaint"', 'kind = "praise"')), "a.toml")
    write(tmp_path, changed(("n = 3\n", "n = 0\n"), ("n = 20\n", "n = -1\n")), "b.toml")
    with pytest.raises(law.LawError) as caught:
        law.load([tmp_path])
    assert [fault.split(": ")[:2] for fault in caught.value.faults] == [
        ["a.toml", "wants.complain.kind"],
        ["a.toml", "kinds.complaint"],
        ["b.toml", "deadlines.ack.n"],
        ["b.toml", "extension.n"],
    ]
    assert str(caught.value) == "\n".join(caught.value.faults)


def test_the_same_version_twice_in_one_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, APPI, "appi.toml")
    write(tmp_path, APPI, "copy.toml")
    with pytest.raises(law.LawError, match=r"copy\.toml: effective_from: appi\.toml is already"):
        law.load([tmp_path])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(law.LawError, match="is not a folder"):
        law.load([law.BUNDLED, tmp_path / "nowhere"])


def test_folders_without_statutes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(law.LawError, match="no statute files"):
        law.load([tmp_path])


def test_the_bundled_statutes_are_three() -> None:
    assert law.load().regimes == ("appi", "ccpa", "gdpr")


def test_a_later_folder_replaces_a_version_and_adds_another(tmp_path: Path) -> None:
    write(tmp_path, changed(("n = 14\n", "n = 30\n")), "ours.toml")
    later = changed(("effective_from = 2022-04-01", "effective_from = 2027-04-01"))
    write(tmp_path, later, "reform.toml")
    book = law.load([law.BUNDLED, tmp_path])
    assert [rules.version for rules in book.versions("appi")] == ["2022-04-01", "2027-04-01"]
    assert book.get("appi", "2022-04-01").deadlines["decision"].n == 30
    assert book.get("appi", "2027-04-01").deadlines["decision"].n == 14
    assert book.get("gdpr", "2018-05-25").deadlines["decision"].n == 1


def test_the_version_in_force_on_the_day_of_receipt_is_chosen(tmp_path: Path) -> None:
    later = changed(("effective_from = 2022-04-01", "effective_from = 2027-04-01"))
    book = law.load([law.BUNDLED, write(tmp_path, later, "reform.toml")])
    assert book.version("appi", date(2027, 3, 31)).version == "2022-04-01"
    assert book.version("appi", date(2027, 4, 1)).version == "2027-04-01"


def test_a_version_is_in_force_through_its_last_day(tmp_path: Path) -> None:
    ended = changed(
        ("effective_from = 2022-04-01", "effective_from = 2022-04-01\neffective_to = 2027-03-31")
    )
    book = law.load([write(tmp_path, ended)])
    assert book.version("appi", date(2027, 3, 31)).version == "2022-04-01"
    with pytest.raises(law.LawError, match="no version was in force on 2027-04-01"):
        book.version("appi", date(2027, 4, 1))


def test_a_day_before_the_first_version_has_no_law() -> None:
    with pytest.raises(law.LawError, match="appi: no version was in force on 2022-03-31"):
        law.load().version("appi", date(2022, 3, 31))


def test_an_unknown_statute_or_version_is_refused() -> None:
    book = law.load()
    with pytest.raises(law.LawError, match="no statute 'pipl'"):
        book.version("pipl", date(2026, 6, 1))
    with pytest.raises(law.LawError, match="no version '2020-01-01'"):
        book.get("appi", "2020-01-01")


def test_a_variant_put_to_use_in_a_file_sets_the_length(tmp_path: Path) -> None:
    chosen = changed(('# use = "10_business_days"', 'use = "10_business_days"'))
    rule = law.load([write(tmp_path, chosen)]).get("appi", "2022-04-01").deadlines["decision"]
    assert (rule.n, rule.unit, rule.use) == (10, "business_day", "10_business_days")


def test_a_rule_set_cannot_be_changed_once_read() -> None:
    rules = law.load().get("appi", "2022-04-01")
    with pytest.raises(ValueError, match="frozen"):
        rules.kinds["disclosure"].fee_allowed = False
