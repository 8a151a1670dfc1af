"""Telling machines from people without asking anyone else.

A trap field that only machines see, and a signed note of when the page was made. A machine gets
the same answer as a person, and nothing is kept; a person who is very quick is asked to look once
more, and loses nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

TRAP = "homepage"
STAMP = "shown"
LEAST = timedelta(seconds=2)
_SALT = "dsar.intake.shown"


class Visitor(Enum):
    """What a posted page looks like."""

    PERSON = "person"
    HASTY = "hasty"
    MACHINE = "machine"


def stamp(at: datetime) -> str:
    """A signed note of the moment a page is made, for its hidden field."""
    return signing.dumps(int(at.timestamp()), salt=_SALT)


def judge(request: HttpRequest, *, at: datetime) -> Visitor:
    """Who seems to have posted a page.

    `RATE_LIMITS` off (tests and measurements) switches the clock off, never the trap.
    """
    if request.POST.get(TRAP, ""):
        return Visitor.MACHINE
    if not settings.RATE_LIMITS:
        return Visitor.PERSON
    shown = _read(request.POST.get(STAMP, ""))
    if shown is None or at.timestamp() - shown < LEAST.total_seconds():
        return Visitor.HASTY
    return Visitor.PERSON


def ask_to_look_again(form: forms.Form) -> None:
    """Say that the page came back too fast to have been read."""
    form.add_error(
        None,
        _(
            "The page was sent within a moment. Please check that everything is right, then press"
            " the button once more."
        ),
    )


def _read(text: str) -> int | None:
    try:
        return int(signing.loads(text, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
