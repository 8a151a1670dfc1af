"""Checks that span a whole rule set: each returns faults as (key, reason), none raises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from .schema import Kind, RuleSet

Fault = tuple[str, str]


def faults(rules: RuleSet) -> list[Fault]:
    """Every fault in how the entries of a rule set refer to one another, in file order."""
    return [
        *_kinds(rules),
        *_methods(rules),
        *_deadlines(rules),
        *_extension(rules),
        *_wants(rules),
        *_bodies(rules),
        *_complaints(rules),
        *_unused(rules),
    ]


def _unknown(key: str, codes: Iterable[str], known: Iterable[str], what: str) -> Iterator[Fault]:
    known = frozenset(known)
    for code in codes:
        if code not in known:
            yield key, f"unknown {what} {code!r}"


def _repeated(key: str, codes: Iterable[str]) -> Iterator[Fault]:
    for code, count in Counter(codes).items():
        if count > 1:
            yield key, f"duplicate code {code!r}"


def _kinds(rules: RuleSet) -> Iterator[Fault]:
    for kind in rules.kinds.values():
        key = f"kinds.{kind.code}"
        lists: tuple[tuple[str, tuple[str, ...], Iterable[str], str], ...] = (
            ("grounds", kind.grounds, rules.grounds, "ground"),
            ("refusals", kind.refusals, rules.refusals, "refusal"),
            ("thresholds", kind.thresholds, rules.thresholds, "threshold"),
            ("methods", kind.methods, rules.methods, "method"),
            ("deadlines", kind.deadlines, rules.deadlines, "deadline"),
            ("questions", kind.questions, kind.questions, "question"),
        )
        for name, codes, known, what in lists:
            yield from _unknown(f"{key}.{name}", codes, known, what)
            yield from _repeated(f"{key}.{name}", codes)
        yield from _kind_agrees_with_itself(rules, kind)


def _kind_agrees_with_itself(rules: RuleSet, kind: Kind) -> Iterator[Fault]:
    key = f"kinds.{kind.code}"
    roles = Counter(rules.deadlines[c].role for c in kind.deadlines if c in rules.deadlines)
    for role, count in roles.items():
        if count > 1:
            yield f"{key}.deadlines", f"{count} deadlines time the same step {role!r}"
    if "decision" not in roles:
        yield f"{key}.deadlines", "no deadline times the decision"
    if kind.art39 != ("art39_marker" in roles):
        yield f"{key}.art39", "must be true exactly when an art39_marker deadline applies"
    if "fee_payment" in roles and not kind.fee_allowed:
        yield f"{key}.fee_allowed", "a fee_payment deadline applies, yet no fee is allowed"
    if kind.fee_allowed and "fee_payment" not in roles:
        yield f"{key}.deadlines", "a fee is allowed, yet no fee_payment deadline applies"
    if kind.fee_allowed and not rules.fee.ways:
        yield f"{key}.fee_allowed", "a fee is allowed, yet fee.ways names no way to pay it"
    if ("method" in kind.questions) != bool(kind.methods):
        yield f"{key}.methods", 'must be given exactly when the question "method" is asked'
    if len(kind.grounds) > 1 and "ground" not in kind.questions:
        yield f"{key}.questions", 'several grounds, yet the question "ground" is not asked'
    if "ground" in kind.questions and not kind.grounds:
        yield f"{key}.grounds", 'the question "ground" is asked, yet there is nothing to choose'
    if kind.no_data_code is not None:
        if kind.no_data_code not in kind.refusals:
            yield f"{key}.no_data_code", f"{kind.no_data_code!r} is not among this kind's refusals"
        elif kind.no_data_code in rules.refusals and rules.refusals[kind.no_data_code].is_refusal:
            yield f"{key}.no_data_code", f"{kind.no_data_code!r} is a refusal, not an outcome"


def _methods(rules: RuleSet) -> Iterator[Fault]:
    for method in rules.methods.values():
        key = f"methods.{method.code}.deliveries"
        yield from _unknown(key, method.deliveries, rules.deliveries, "delivery")
        yield from _repeated(key, method.deliveries)


def _deadlines(rules: RuleSet) -> Iterator[Fault]:
    for rule in rules.deadlines.values():
        key = f"deadlines.{rule.code}"
        variants = [variant.code for variant in rule.variants]
        yield from _repeated(f"{key}.variants", variants)
        if rule.use is not None:
            yield from _unknown(f"{key}.use", [rule.use], variants, "variant")
        if rule.on_expiry is not None:
            yield from _unknown(f"{key}.on_expiry", [rule.on_expiry], rules.thresholds, "threshold")


def _extension(rules: RuleSet) -> Iterator[Fault]:
    # "n in all from receipt" says nothing of what a second extension would add.
    if rules.extension.max_times > 1 and any(p.base == "receipt" for p in rules.extension.periods):
        yield "extension.max_times", "must be 1 where an extension is counted from receipt"
    decisions = [r for r in rules.deadlines.values() if r.role == "decision"]
    for kind in rules.kinds.values():
        extendable = any(r.extendable for r in decisions if r.code in kind.deadlines)
        if kind.extension_allowed and not extendable:
            key = f"kinds.{kind.code}.extension_allowed"
            yield key, "the deadline of the decision is not extendable"


def _wants(rules: RuleSet) -> Iterator[Fault]:
    yield from _repeated("wants", (want.code for want in rules.wants))
    reached: set[str] = set()
    for want in rules.wants:
        key = f"wants.{want.code}"
        if want.kind is not None:
            reached.add(want.kind)
            yield from _unknown(f"{key}.kind", [want.kind], rules.kinds, "kind")
        yield from _repeated(f"{key}.reasons", (reason.code for reason in want.reasons))
        for reason in want.reasons:
            at = f"{key}.reasons.{reason.code}"
            reached.add(reason.kind)
            yield from _unknown(f"{at}.kind", [reason.kind], rules.kinds, "kind")
            if reason.ground is not None and reason.kind in rules.kinds:
                grounds = rules.kinds[reason.kind].grounds
                yield from _unknown(f"{at}.ground", [reason.ground], grounds, "ground")
    for code in rules.kinds:
        if code not in reached:
            yield f"kinds.{code}", "no want leads to this kind"


def _bodies(rules: RuleSet) -> Iterator[Fault]:
    yield from _repeated("external_bodies", (body.code for body in rules.external_bodies))


def _complaints(rules: RuleSet) -> Iterator[Fault]:
    key = "complaint_categories"
    yield from _repeated(key, (category.code for category in rules.complaint_categories))
    complains = any("complaint" in kind.questions for kind in rules.kinds.values())
    if complains and not rules.complaint_categories:
        yield key, 'the question "complaint" is asked, yet there is no category to choose'
    if rules.repeats is not None:
        yield from _unknown("repeats.kinds", rules.repeats.kinds, rules.kinds, "kind")


def _unused(rules: RuleSet) -> Iterator[Fault]:
    kinds = rules.kinds.values()
    tables: tuple[tuple[str, Iterable[str], set[str]], ...] = (
        ("grounds", rules.grounds, {c for kind in kinds for c in kind.grounds}),
        ("refusals", rules.refusals, {c for kind in kinds for c in kind.refusals}),
        ("thresholds", rules.thresholds, {c for kind in kinds for c in kind.thresholds}),
        ("methods", rules.methods, {c for kind in kinds for c in kind.methods}),
        ("deadlines", rules.deadlines, {c for kind in kinds for c in kind.deadlines}),
        (
            "deliveries",
            rules.deliveries,
            {c for method in rules.methods.values() for c in method.deliveries},
        ),
    )
    for table, codes, used in tables:
        for code in codes:
            if code not in used:
                yield f"{table}.{code}", "is never used"
