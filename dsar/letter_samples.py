"""A letter with made-up values, for whoever edits its wording."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import blanks, letter_pdf
from dsar.clock_words import long_date
from dsar.law import RuleSet, shelf
from dsar.letter_wording import BLANKS, TITLES
from dsar.models import Controller, Window

NUMBER = "2611-4839-2075"
DAY = date(2026, 11, 4)


def sheet(
    name: str, language: str, subject: str, body: str, controller: Controller | None, regime: str
) -> letter_pdf.Sheet:
    """The letter with sample values, in its language.

    Raises KeyError for a letter there is not, and for an unknown blank (see
    `letter_wording.check`).
    """
    book = shelf.book()
    rules = book.versions(regime if regime in book.regimes else book.regimes[0])[-1]
    with override(language):
        given = _values(language, rules, controller)
        sender: tuple[str, ...] = (given["controller"],)
        if controller is not None:
            sender = letter_pdf.sender_of(controller, language)
        values = {blank: given[blank] for blank in BLANKS[name]}
        return letter_pdf.Sheet(
            language=language,
            title=str(TITLES[name]),
            subject=" ".join(blanks.fill(subject, values).split()),
            body=blanks.fill(body, values),
            recipient=_("100-0000\n4-5-6 Mihon-cho, Chiyoda-ku, Tokyo\nHanako Mihon"),
            number=NUMBER,
            dated_on=DAY,
            sender=sender,
            window=controller.window if controller else Window.NAGA3,
            is_draft=True,
        )


def _values(language: str, rules: RuleSet, controller: Controller | None) -> dict[str, str]:
    """A value for every blank there is."""
    kind = next(iter(rules.kinds.values()))
    refusal = next((rules.refusals[code] for code in kind.refusals), None)
    days = {
        "received_on": DAY,
        "due_on": DAY + timedelta(days=14),
        "cure_due_on": DAY + timedelta(days=10),
        "fee_due_on": DAY + timedelta(days=14),
        "paid_on": DAY + timedelta(days=3),
        "due_before": DAY + timedelta(days=14),
        "due_after": DAY + timedelta(days=28),
        "decided_on": DAY + timedelta(days=9),
        "done_on": DAY + timedelta(days=12),
    }
    body = rules.external_bodies[0]
    text = _("Here stands what the desk writes.")
    item, decided = _("Sample item"), _("What was decided on it.")
    return {
        **{name: long_date(day, language) for name, day in days.items()},
        **dict.fromkeys(("message", "reason", "answer", "withheld", "alternative_measure"), text),
        "addressee": _("Hanako Mihon"),
        "principal": _("Hanako Mihon"),
        "case_number": NUMBER,
        "kind": kind.title.in_language(language),
        "article": kind.article_label.in_language(language),
        "controller": controller.name_in(language) if controller else _("Sample Inc."),
        "desk": controller.desk_name_in(language) if controller else "",
        "phone": controller.phone if controller else "03-0000-0000",
        "status_link": settings.PUBLIC_URL + reverse("requester:login"),
        "bodies": f"- {body.name.in_language(language)}: {body.text.in_language(language)}",
        "delivery": _("Sample delivery"),
        "clock": _("The days until your answer arrives do not count towards the due date."),
        "amount": _("%(amount)s yen") % {"amount": "300"},
        "fee_article": rules.fee.text.in_language(language),
        "paid_by": _("Bank transfer"),
        "extension_rule": rules.extension.source.in_language(language),
        "decision": decided,
        "items": f"## 1. {item}\n- {_('Decision')}: {decided}",
        "ground": refusal.text.in_language(language) if refusal else "",
        "ground_article": refusal.article_label.in_language(language) if refusal else "",
        "may_be_cured": _("You may put this right and make the request again at any time."),
        "masked": text,
        "systems": _("Sample system"),
        "measure": kind.measure.in_language(language) if kind.measure else "",
    }
