"""The wording of mail: texts with named blanks, ours as files, the desk's own as rows.

A mail is plain text with blanks such as `{case_number}`, see `dsar.blanks`. A line whose blank
has no value is left out. No blank holds personal data: a mailbox is not a safe place for it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import notices
from dsar.blanks import BLANK, faults
from dsar.models import MailTemplate

TEXTS = Path(__file__).parent / "mail_texts"
LANGUAGES = ("ja", "en")

Blanks = dict[str, str | Promise]

_PORTAL: Blanks = {
    "portal_name": gettext_lazy("The portal’s name"),
    "portal_link": gettext_lazy("Link to the portal’s first page"),
}
_CASE: Blanks = {
    **_PORTAL,
    "case_number": gettext_lazy("Case number"),
    "kind": gettext_lazy("Kind of request"),
    "received_on": gettext_lazy("Day of receipt"),
    "controller": gettext_lazy("Company that answers the request"),
    "phone": gettext_lazy("The company’s telephone number, if there is one"),
    "due_on": gettext_lazy("Day by which the answer is due, while it is"),
    "status_link": gettext_lazy("Link to the page where the person sees how far the request is"),
}
_DESK: Blanks = {
    **_PORTAL,
    "case_number": gettext_lazy("Case number"),
    "kind": gettext_lazy("Kind of request"),
    "received_on": gettext_lazy("Day of receipt"),
    "controller": gettext_lazy("Company that answers the request"),
    "channel": gettext_lazy("How the request arrived"),
    "due_on": gettext_lazy("Day by which the answer is due, while it is"),
    "case_link": gettext_lazy("Link to the case at the desk"),
}

_TASK: Blanks = {
    "system": gettext_lazy("The system that is asked about"),
    "deadline_on": gettext_lazy("When it is due"),
    "time_left": gettext_lazy("Days left, or days past the due date"),
}
_OWNER: Blanks = {
    **_PORTAL,
    "case_number": gettext_lazy("Case number"),
    "controller": gettext_lazy("Company that answers the request"),
    "task": gettext_lazy("What is to be done: search, or carry a decision out"),
    **_TASK,
}
_TASK_LINK: Blanks = {"task_link": gettext_lazy("Link to the task")}

BLANKS: dict[str, Blanks] = {
    notices.RECEIPT: _CASE,
    notices.CONFIRM_EMAIL: {
        **_CASE,
        "confirm_link": gettext_lazy("Link that confirms the e-mail address"),
        "confirm_until": gettext_lazy("Last day on which the link works"),
    },
    notices.MISSING: {
        **_CASE,
        "cure_due_on": gettext_lazy("Day by which the person should answer, if there is one"),
    },
    notices.RESUMED: _CASE,
    notices.EXTENDED: {
        **_CASE,
        "due_before": gettext_lazy("Due date before the extension"),
        "due_after": gettext_lazy("Due date after the extension"),
    },
    notices.FEE: {
        **_CASE,
        "fee_due_on": gettext_lazy("Day by which the fee should be paid"),
    },
    notices.FEE_PAID: _CASE,
    notices.FEE_WAIVED: _CASE,
    notices.DECIDED: _CASE,
    notices.CLOSED: _CASE,
    notices.WITHDRAWN: _CASE,
    notices.MERGED: {
        **_CASE,
        "other_number": gettext_lazy("Number of the earlier case"),
    },
    notices.MESSAGE: _CASE,
    notices.ACCESS_CODE: {
        **_PORTAL,
        "case_number": gettext_lazy("Case number"),
        "code": gettext_lazy("The one-time code"),
        "valid_until": gettext_lazy("Time until which the code works"),
    },
    notices.RELEASED: {
        **_CASE,
        "release_until": gettext_lazy("Last day on which it can be fetched"),
    },
    notices.DOWNLOAD_CODE: {
        **_PORTAL,
        "case_number": gettext_lazy("Case number"),
        "code": gettext_lazy("The one-time code"),
        "valid_until": gettext_lazy("Time until which the code works"),
    },
    notices.PACKAGE_MAIL: _CASE,
    notices.DRAFT_LINK: {
        **_PORTAL,
        "resume_link": gettext_lazy("Link back to the unfinished request"),
        "expires_on": gettext_lazy("Day on which the unfinished request is deleted"),
    },
    notices.DESK_NEW: _DESK,
    notices.DESK_NEWS: _DESK,
    notices.DESK_ASSIGNED: _DESK,
    notices.DESK_DUE: {
        **_DESK,
        "deadline": gettext_lazy("What is due"),
        "deadline_on": gettext_lazy("When it is due"),
        "time_left": gettext_lazy("Days left, or days past the due date"),
    },
    notices.DESK_APPROVAL: _DESK,
    notices.DESK_TASK_LATE: {**_DESK, **_TASK},
    notices.DESK_ANSWERED: _DESK,
    notices.OWNER_ASKED: {**_OWNER, **_TASK_LINK},
    notices.OWNER_REMINDER: {**_OWNER, **_TASK_LINK},
    notices.OWNER_CANCELLED: _OWNER,
    notices.DESK_RELEASE: _DESK,
    notices.DESK_DIGEST: {
        **_PORTAL,
        "today": gettext_lazy("Today’s date"),
        "desk_link": gettext_lazy("Link to the desk’s list of cases"),
        "overdue": gettext_lazy("Your cases past their due date"),
        "due_soon": gettext_lazy("Your cases due within a week"),
        "news": gettext_lazy("Your cases with something unread"),
        "unassigned": gettext_lazy("Cases that nobody has taken on"),
        "approvals": gettext_lazy("Cases that wait for your approval"),
    },
}
"""What may stand in braces, by kind of mail, with a description for whoever edits it."""

ESSENTIAL: dict[str, tuple[str, ...]] = {
    notices.CONFIRM_EMAIL: ("confirm_link",),
    notices.ACCESS_CODE: ("code",),
    notices.DOWNLOAD_CODE: ("code",),
    notices.DRAFT_LINK: ("resume_link",),
    notices.OWNER_ASKED: ("task_link",),
    notices.OWNER_REMINDER: ("task_link",),
    **dict.fromkeys(
        (
            notices.RECEIPT,
            notices.MISSING,
            notices.EXTENDED,
            notices.FEE,
            notices.DECIDED,
            notices.MESSAGE,
            notices.RELEASED,
        ),
        ("status_link",),
    ),
}
"""Blanks without which a mail is of no use. They stay out of subjects, which lock screens show."""


def stem(kind: str) -> str:
    """The kind whose letter is used: reminders of all deadlines share one."""
    return kind.partition(":")[0]


def wording(kind: str, language: str) -> tuple[str, str]:
    """Subject and body with their blanks: the desk's own, else ours.

    A row of the desk's that does not pass `check_template` any more is passed over.
    """
    name = stem(kind)
    row = MailTemplate.objects.filter(kind=name, language=language).first()
    if row is not None and not check_template(name, row.subject, row.body):
        return row.subject, row.body
    return default_wording(name, language)


@lru_cache(maxsize=64)
def default_wording(kind: str, language: str) -> tuple[str, str]:
    """Our subject and body. Raises FileNotFoundError for a kind or language there is not."""
    text = (TEXTS / f"{stem(kind)}.{language}.txt").read_text(encoding="utf-8")
    subject, _line_end, body = text.partition("\n")
    return subject, body.strip("\n") + "\n"


def check_template(kind: str, subject: str, body: str) -> list[str]:
    """What is wrong with a letter, in the reader's words; empty when it can be used.

    Raises KeyError for a kind there is not.
    """
    name = stem(kind)
    essential = ESSENTIAL.get(name, ())
    found = faults(subject, body, BLANKS[name], essential)
    found += [
        _("“{%(blank)s}” must not be in the subject.") % {"blank": blank}
        for blank in essential
        if blank in BLANK.findall(subject)
    ]
    return found
