"""The card of a case's letters, and what lists and cards show of one letter."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dsar.models import Case, Letter, Posting, StaffMember

TONES = {
    Letter.State.ORDERED: "progress",
    Letter.State.ISSUED: "success",
    Letter.State.FAILED: "error",
}


def why_failed(error: str) -> str:
    """Why a letter could not be written, in words where they are known."""
    known = {
        "NoPdf": _("The library that draws PDF pages is missing on this machine."),
        "erased meanwhile": _("The content of the case was destroyed."),
        "given up": _("The work was cut off each time."),
        "VaultError": _("The content of the case could not be opened."),
        "OSError": _("The file could not be stored."),
    }
    return known.get(error, error)


def entry(letter: Letter, user: StaffMember) -> dict[str, Any]:
    """One letter; its postings are prefetched."""
    rows = list(letter.postings.all())
    waiting = next((row for row in rows if row.state == Posting.State.PREPARED), None)
    is_issued = letter.state == Letter.State.ISSUED
    return {
        "row": letter,
        "title": letter.get_kind_display(),
        "tone": TONES[Letter.State(letter.state)],
        "error": why_failed(letter.last_error),
        "is_issued": is_issued,
        "is_failed": letter.state == Letter.State.FAILED,
        "postings": [row for row in rows if row.state == Posting.State.POSTED],
        "waiting": waiting,
        "may_check": waiting is not None and waiting.by_id != user.pk,
        "may_post": is_issued and waiting is None,
        "urls": {
            name: reverse(f"admin:dsar_letter_{name}", args=[letter.pk])
            for name in ("pdf", "envelope", "retry", "post")
        },
        "check_url": reverse("admin:dsar_letter_check", args=[waiting.pk]) if waiting else "",
        "cancel_url": reverse("admin:dsar_letter_cancel", args=[waiting.pk]) if waiting else "",
    }


def letters(case: Case, user: StaffMember) -> list[dict[str, Any]]:
    """The letters of a case, the newest first (two queries)."""
    rows = case.letters.prefetch_related("postings__by", "postings__checked_by").order_by("-id")
    found = []
    for row in rows:
        row.case = case  # so that its key and controller are at hand
        for posting in row.postings.all():
            posting.letter = row
        found.append(entry(row, user))
    return found
