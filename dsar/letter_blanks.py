"""What stands in the blanks of a letter: from the case, the act that ordered it, and the decision.

What people wrote is put in as it is (`letter_markup.literal`), so none of it is read as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from dsar import deadlines, decision, fees, law, redaction
from dsar.clock_words import long_date
from dsar.letter_markup import literal
from dsar.models import (
    Case,
    DataSystem,
    Decision,
    ItemDecision,
    Outcome,
    Person,
    SearchTask,
)

Decided = Decision | decision.Draft
"""A decision, or the draft of one."""


@dataclass(frozen=True)
class Source:
    """What the blanks of one letter are filled from.

    Attributes:
        on: the day of the act that ordered the letter.
        to: who gets it.
        facts, texts: of the act.
        decided: the decision it tells, if it tells one.
        nth_extension: which of the case's extensions it tells; 0 for one yet to be granted.
    """

    case: Case
    on: date
    to: Person | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    decided: Decided | None = None
    nth_extension: int = 0

    @property
    def language(self) -> str:
        """The language of the letter."""
        return "ja" if self.case.language.startswith("ja") else "en"

    def day(self, value: date | str | None) -> str:
        """A date in words; empty when there is none."""
        if not value:
            return ""
        found = date.fromisoformat(value) if isinstance(value, str) else value
        return long_date(found, self.language)

    def text(self, *names: str) -> str:
        """The first of the act's texts that is there."""
        return next((str(self.texts[name]) for name in names if self.texts.get(name)), "")

    def in_language(self, text: law.Text | None) -> str:
        """A text of the law in the letter's language."""
        return text.in_language(self.language) if text else ""

    @cached_property
    def due_dates(self) -> dict[str, date | None]:
        """Due dates by role."""
        return {row.code: row.due_on for row in self.case.deadlines.all()}

    @cached_property
    def extension(self) -> tuple[date | None, date | None]:
        """The due date before and after the extension."""
        if self.nth_extension:
            rows = list(self.case.extensions.order_by("id"))[: self.nth_extension]
            return (rows[-1].due_before, rows[-1].due_after) if rows else (None, None)
        return self.due_dates.get("decision"), deadlines.preview_extension(self.case)

    @cached_property
    def items(self) -> list[ItemDecision]:
        """The decision on each thing asked for; empty where there is one only."""
        found = decision.items_of(self.case, self.decided) if self.decided else []
        return found if len(found) > 1 else []

    @property
    def differs(self) -> bool:
        """Whether the items were decided differently, so that each has words of its own."""
        return len({tuple(_said(row).values()) for row in self.items}) > 1

    @property
    def basis(self) -> law.Refusal | law.Threshold | None:
        """The ground of the decision in the rule set; none where each item has its own."""
        if self.decided is None or self.differs:
            return None
        code = self.decided.code
        if self.decided.outcome == Outcome.NO_DATA:
            code = code or self.case.rule.no_data_code or ""
        return basis_of(self.case, code)


def values(source: Source, names: Mapping[str, Any]) -> dict[str, str]:
    """The values of these blanks, in the letter's language."""
    with override(source.language):
        return {
            name: VALUES[name](source) if name in _MARKUP else literal(VALUES[name](source))
            for name in names
        }


def basis_of(case: Case, code: str) -> law.Refusal | law.Threshold | None:
    """The refusal or threshold of that code in the case's rule set."""
    return case.rules.refusals.get(code) or case.rules.thresholds.get(code)


# --- The decision in words ----------------------------------------------------------------
def in_words(case: Case, outcome: str, language: str) -> str:
    """What was decided, in a sentence: 保有個人データを開示します."""
    measure = case.rule.measure.in_language(language) if case.rule.measure else ""
    if language == "ja":
        done = measure or "ご請求に対応"
        return {
            Outcome.GRANTED: f"ご請求のとおり、{done}します。",
            Outcome.PARTIAL: f"ご請求の一部に限り、{done}します。",
            Outcome.REFUSED: f"{done}しません。",
            Outcome.NO_DATA: "ご請求に該当するデータは存在しません。",
            Outcome.NOT_ACCEPTED: "ご請求として取り扱うことができません。",
            Outcome.ANSWERED: "お申し出にお答えします。",
        }.get(Outcome(outcome), "")
    done = measure or "do what you asked"
    return {
        Outcome.GRANTED: f"We will {done}, as you asked.",
        Outcome.PARTIAL: f"We will {done}, but only in part.",
        Outcome.REFUSED: f"We will not {done}.",
        Outcome.NO_DATA: "We hold no data of the kind you asked about.",
        Outcome.NOT_ACCEPTED: "We cannot treat your request as effective.",
        Outcome.ANSWERED: "We answer your complaint.",
    }.get(Outcome(outcome), "")


def _decision(source: Source) -> str:
    if source.decided is None:
        return ""
    return in_words(source.case, source.decided.outcome, source.language)


def _said(row: ItemDecision) -> dict[str, str]:
    """What was decided on one item, without its name."""
    names = ("outcome", "code", "reason", "withheld", "alternative_measure")
    return {name: str(getattr(row, name)) for name in names}


def _items(source: Source) -> str:
    """One part of markup for each thing asked for, where there are several."""
    return "\n\n".join(_item(source, row) for row in source.items)


def _item(source: Source, row: ItemDecision) -> str:
    named = [(_("Decision"), in_words(source.case, row.outcome, source.language))]
    if source.differs:
        basis = basis_of(source.case, row.code)
        named += [
            (_("Ground"), source.in_language(basis.text) if basis else ""),
            (_("Article"), source.in_language(basis.article_label) if basis else ""),
            (_("Not granted"), row.withheld),
            (_("Reasons"), row.reason),
            (_("Alternative measure"), row.alternative_measure),
        ]
    lines = [f"- {label}: {literal(text)}" for label, text in named if text]
    title = " ".join(row.title.split())
    return "\n".join([f"## {row.position}. {title}", *lines])


def _masked(source: Source) -> str:
    """One row of markup for each material and ground on which a part of it is masked."""
    if not source.case.rule.methods:
        return ""
    rows = []
    for part in redaction.masked_parts(source.case):
        basis = basis_of(source.case, part.code) if part.code else None
        grounds = (
            [source.in_language(basis.text), source.in_language(basis.article_label)]
            if basis
            else []
        )
        words = [_(", ").join(part.places), " – ".join(grounds), part.reason]
        rows.append(f"- {_label(part.material)}: {literal(chr(10).join(filter(None, words)))}")
    return "\n".join(rows)


def _of_decision(name: str) -> Callable[[Source], str]:
    """The words that stand for all items."""

    def shown(source: Source) -> str:
        if source.decided is None:
            return source.text(name)
        return "" if source.differs else str(getattr(source.decided, name))

    return shown


def _may_be_cured(source: Source) -> str:
    if not getattr(source.basis, "curable", False):
        return ""
    return _("You may put this right and make the request again at any time.")


def _delivery(source: Source) -> str:
    rules, case = source.case.rules, source.case
    if case.method not in rules.methods:
        return ""
    titles = [rules.methods[case.method].title]
    if case.delivery in rules.deliveries:
        titles.append(rules.deliveries[case.delivery].title)
    return (" – " if source.language == "en" else "・").join(map(source.in_language, titles))


# --- The rest -----------------------------------------------------------------------------
def _bodies(source: Source) -> str:
    """Where to complain: the desk, the authorities of the rule set, the accredited organization.

    APPI Art. 40; GDPR Art. 12(4). One row of markup each.
    """
    company, language = source.case.controller, source.language
    desk = " ".join(
        part for part in (company.name_in(language), company.desk_name_in(language)) if part
    )
    reached = [desk, company.phone and _("Telephone %(number)s") % {"number": company.phone}]
    rows = [(_("The company"), "\n".join(filter(None, reached)))]
    rows += [
        (source.in_language(body.name), f"{source.in_language(body.text)}\n{body.url}")
        for body in source.case.rules.external_bodies
    ]
    accredited = company.accredited_org_in(language)
    if accredited and source.case.regime == "appi":
        text = "\n".join(filter(None, (accredited, company.accredited_org_contact)))
        rows.append((_("Accredited personal information protection organization"), text))
    return "\n".join(f"- {_label(label)}: {literal(text)}" for label, text in rows)


def _label(text: str) -> str:
    """Short and without a colon, whatever an operator's rule set says."""
    return " ".join(text.replace(":", " ").replace("：", " ").split())[:60]


def _clock(source: Source) -> str:
    """What asking does to the due date; nothing where only a doubt on record stops the clock."""
    if source.case.rules.incomplete.doubt_required and not source.texts.get("doubt"):
        return ""
    return {
        "pause": _("The days until your answer arrives do not count towards the due date."),
        "restart": _("The time for our answer begins anew on the day your answer arrives."),
    }.get(source.case.rules.incomplete.effect, "")


def _amount(source: Source) -> str:
    """The fee that the act is about, else what the company charges."""
    amount = int(source.facts.get("amount", source.case.controller.fee_yen))
    return fees.in_words(amount, source.facts.get("currency") or source.case.rules.fee.currency)


def _principal(source: Source) -> str:
    if source.to is None or source.to.role != Person.Role.AGENT:
        return ""
    return next((p.name for p in source.case.people.all() if p.role == Person.Role.PRINCIPAL), "")


def _systems(source: Source) -> str:
    """Where it was carried out: our own systems by number, processors by name (APPI Art. 25)."""
    systems = DataSystem.objects.filter(
        controller=source.case.controller_id, code__in=source.facts.get("systems", ())
    )
    found = list(systems.select_related("processor"))
    own = sum(row.processor is None for row in found)
    names = dict.fromkeys(row.processor.name_in(source.language) for row in found if row.processor)
    lines = []
    if own:
        text = ngettext("%(count)d system of the company", "%(count)d systems of the company", own)
        lines.append(text % {"count": own})
    return "\n".join([*lines, *(_("Processor: %(name)s") % {"name": name} for name in names)])


def _done_on(source: Source) -> date | str:
    """When the last of it was carried out, else the day of the act."""
    done = source.case.tasks.filter(
        purpose=SearchTask.Purpose.CARRY_OUT, state=SearchTask.State.DONE
    )
    last = done.exclude(answered_at=None).order_by("answered_at").last()
    if last is not None and last.answered_at is not None:
        return deadlines.today(source.case, last.answered_at)
    return str(source.facts.get("done_on", "")) or source.on


def _measure(source: Source) -> str:
    measure = source.in_language(source.case.rule.measure)
    return f"{measure}しました。" if measure and source.language == "ja" else measure


VALUES: dict[str, Callable[[Source], str]] = {
    "addressee": lambda source: source.to.name if source.to else "",
    "principal": _principal,
    "case_number": lambda source: source.case.shown_number,
    "kind": lambda source: source.in_language(source.case.rule.title),
    "article": lambda source: source.in_language(source.case.rule.article_label),
    "received_on": lambda source: source.day(source.case.received_on),
    "controller": lambda source: source.case.controller.name_in(source.language),
    "desk": lambda source: source.case.controller.desk_name_in(source.language),
    "phone": lambda source: source.case.controller.phone,
    "status_link": lambda source: settings.PUBLIC_URL + reverse("requester:login"),
    "bodies": _bodies,
    "due_on": lambda source: source.day(source.due_dates.get("decision")),
    "delivery": _delivery,
    "message": lambda source: source.text("message", "how_to_pay", "result", "answer", "reason"),
    "cure_due_on": lambda source: source.day(source.due_dates.get("cure")),
    "clock": _clock,
    "amount": _amount,
    "fee_article": lambda source: source.in_language(source.case.rules.fee.text),
    "fee_due_on": lambda source: source.day(
        source.facts.get("due_on") or source.due_dates.get("fee_payment")
    ),
    "paid_on": lambda source: source.day(source.facts.get("paid_on") or source.on),
    "paid_by": lambda source: source.text("paid_by"),
    "due_before": lambda source: source.day(source.extension[0]),
    "due_after": lambda source: source.day(source.extension[1]),
    "extension_rule": lambda source: source.in_language(source.case.rules.extension.source),
    "decided_on": lambda source: source.day(source.on),
    "decision": _decision,
    "items": _items,
    "masked": _masked,
    "ground": lambda source: source.in_language(source.basis.text) if source.basis else "",
    "ground_article": lambda source: (
        source.in_language(source.basis.article_label) if source.basis else ""
    ),
    "reason": _of_decision("reason"),
    "withheld": _of_decision("withheld"),
    "alternative_measure": _of_decision("alternative_measure"),
    "answer": lambda source: source.decided.answer if source.decided else source.text("answer"),
    "may_be_cured": _may_be_cured,
    "measure": _measure,
    "systems": _systems,
    "done_on": lambda source: source.day(_done_on(source)),
}
_MARKUP = ("bodies", "items", "masked")
