"""The wording of letters: texts with named blanks, ours as files, the desk's own as rows.

Our files are `letter_texts/<letter>.<language>.txt`, or `<letter>.<rule set>.<language>.txt` where
a rule set needs words of its own. The first line is the subject; what the rest may hold is said
in `dsar.letter_markup`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsar.blanks import faults
from dsar.models import Case, LetterTemplate

TEXTS = Path(__file__).parent / "letter_texts"
LANGUAGES = ("ja", "en")

Blanks = dict[str, str | Promise]

TITLES: Blanks = {
    "receipt": _("Receipt of the request"),
    "deficiency": _("Request to complete the request"),
    "identity": _("Request to prove identity"),
    "fee": _("Notice of the fee"),
    "fee_receipt": _("Receipt for the fee"),
    "extension": _("Notice of extension"),
    "decision_granted": _("Decision: granted"),
    "decision_partial": _("Decision: granted in part"),
    "decision_refused": _("Decision: refused"),
    "decision_no_data": _("Decision: data not held"),
    "threshold": _("Notice that the request is not effective"),
    "completion": _("Notice of completion"),
    "complaint": _("Answer to a complaint"),
}
"""The texts there are. A decision has one for each outcome; else it is one a kind of letter."""

_CASE: Blanks = {
    "addressee": _("Name of the person the letter goes to"),
    "principal": _("Name of the person concerned, if an agent gets the letter"),
    "case_number": _("Case number"),
    "kind": _("Kind of request"),
    "article": _("Where the law has this kind of request"),
    "received_on": _("Day of receipt"),
    "controller": _("Company that answers the request"),
    "desk": _("Name of the company’s desk"),
    "phone": _("The company’s telephone number, if there is one"),
    "status_link": _("Link to the page where the person sees how far the request is"),
    "bodies": _("Where to complain: the desk and the external bodies, one row each"),
}
_DECISION: Blanks = {
    **_CASE,
    "decided_on": _("Day of the decision"),
    "decision": _("What was decided, in a sentence"),
    "items": _("The decision on each thing asked for, if there are several"),
    "delivery": _("How the answer reaches the person"),
    "answer": _("What the person is told beside"),
}
_GROUND: Blanks = {
    "ground": _("Ground in law"),
    "ground_article": _("Where the law has the ground"),
    "reason": _("Reasons"),
}
_MASKED: Blanks = {
    "masked": _("What is masked in the material that is given, with its grounds"),
}

BLANKS: dict[str, Blanks] = {
    "receipt": {
        **_CASE,
        "due_on": _("Day by which the answer is due"),
        "delivery": _("How the person wishes to receive the answer"),
    },
    "deficiency": {
        **_CASE,
        "message": _("What the desk asks for"),
        "cure_due_on": _("Day by which the person should answer, if there is one"),
        "clock": _("What asking does to the due date"),
    },
    "identity": {
        **_CASE,
        "message": _("What the desk asks for"),
        "cure_due_on": _("Day by which the person should answer, if there is one"),
        "clock": _("What asking does to the due date"),
    },
    "fee": {
        **_CASE,
        "amount": _("The fee"),
        "fee_article": _("Where the law has the fee"),
        "fee_due_on": _("Day by which the fee should be paid, if there is one"),
        "message": _("How to pay"),
    },
    "fee_receipt": {
        **_CASE,
        "amount": _("The fee"),
        "fee_article": _("Where the law has the fee"),
        "paid_on": _("Day on which the fee was paid"),
        "paid_by": _("How it was paid"),
    },
    "extension": {
        **_CASE,
        "due_before": _("Due date before the extension"),
        "due_after": _("Due date after the extension"),
        "extension_rule": _("What the rule set says of extensions"),
        "reason": _("Reasons"),
    },
    "decision_granted": {**_DECISION, **_GROUND, **_MASKED},
    "decision_partial": {
        **_DECISION,
        **_GROUND,
        **_MASKED,
        "withheld": _("Which part is not granted"),
        "alternative_measure": _("Alternative measure"),
    },
    "decision_refused": {
        **_DECISION,
        **_GROUND,
        "alternative_measure": _("Alternative measure"),
    },
    "decision_no_data": {**_DECISION, **_GROUND},
    "threshold": {
        **_DECISION,
        **_GROUND,
        "may_be_cured": _("That the request may be made again, where it may be put right"),
    },
    "completion": {
        **_CASE,
        "measure": _("What was done, by the kind of request"),
        "systems": _("Where it was done"),
        "done_on": _("Day on which it was done"),
        "message": _("What was done, in the desk’s words"),
    },
    "complaint": {**_DECISION},
}
"""What may stand in braces, by letter, with a description for whoever edits it."""

ESSENTIAL: dict[str, tuple[str, ...]] = {
    "receipt": ("case_number", "received_on"),
    "deficiency": ("message",),
    "identity": ("message",),
    "fee": ("amount",),
    "fee_receipt": ("amount",),
    "extension": ("due_after", "reason"),
    "decision_granted": ("decision", "items", "answer"),
    "decision_partial": ("decision", "items", "withheld", "ground_article", "reason", "bodies"),
    "decision_refused": ("decision", "items", "ground_article", "reason", "bodies"),
    "decision_no_data": ("decision", "items", "bodies"),
    "threshold": ("ground", "ground_article", "reason", "bodies"),
    "completion": ("kind", "done_on"),
    "complaint": ("answer", "bodies"),
}
"""Blanks without which a letter does not say what it has to say."""


def wording(name: str, case: Case) -> tuple[str, str]:
    """Subject and body with their blanks for a case: the desk's own, else ours.

    A row of the desk's that does not pass `check` any more is passed over.
    """
    language = "ja" if case.language.startswith("ja") else "en"
    rows = LetterTemplate.objects.filter(
        Q(controller=None) | Q(controller=case.controller_id),
        kind=name,
        language=language,
        regime__in=("", case.regime),
    )
    # The nearest first: of the company, then of the rule set.
    for row in sorted(rows, key=lambda row: (row.controller_id is None, row.regime == "")):
        if not check(name, row.subject, row.body):
            return row.subject, row.body
    return default_wording(name, language, case.regime)


@lru_cache(maxsize=128)
def default_wording(name: str, language: str, regime: str = "") -> tuple[str, str]:
    """Our subject and body. Raises FileNotFoundError for a letter or language there is not."""
    found = TEXTS / f"{name}.{regime}.{language}.txt"
    if not regime or not found.exists():
        found = TEXTS / f"{name}.{language}.txt"
    subject, _line_end, body = found.read_text(encoding="utf-8").partition("\n")
    return subject, body.strip("\n") + "\n"


def check(name: str, subject: str, body: str) -> list[str]:
    """What is wrong with a letter's text, in the reader's words; empty when it can be used.

    Raises KeyError for a letter there is not.
    """
    return faults(subject, body, BLANKS[name], ESSENTIAL[name])
