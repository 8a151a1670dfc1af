"""The cards of other cases of the person, and of a complaint's investigation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dsar import complaints, duplicates, links
from dsar.admin import complaint_forms, due, law_words, link_forms, link_words, roles
from dsar.clock_words import long_date
from dsar.models import Case, StaffMember


@dataclass(frozen=True, slots=True)
class CaseRow:
    """Another case in one row; `why` says how it belongs here."""

    number: str
    url: str
    kind: str
    received_on: str
    status: str
    status_tone: str
    why: str
    is_same_kind: bool = False


def card(case: Case, user: StaffMember, today: date) -> dict[str, Any]:
    """Cases that are linked, cases that are probably of the same person, and what may be done."""
    linked = links.of(case)
    known = {row.case.pk for row in linked}
    found = duplicates.likely(case, today=today)
    works = roles.may_work(user)
    return {
        "linked": [_row(row.case, link_words.kind_of(row)) for row in linked],
        "likely": [
            _row(row.case, link_words.reasons(row.same), row.is_same_kind)
            for row in found
            if row.case.pk not in known
        ],
        "repetition": _repetition(case, found),
        "may_link": works,
        "may_unlink": works and any(row.link.kind in links.BY_HAND for row in linked),
        "may_merge": any(duplicates.why_not_merge(case, row.case) is None for row in found)
        and link_forms.MergeForm.refusal(case, user, today) is None,
    }


def _row(case: Case, why: str, is_same_kind: bool = False) -> CaseRow:
    return CaseRow(
        number=case.shown_number,
        url=reverse("admin:dsar_case_change", args=[case.pk]),
        kind=law_words.kind_title(case),
        received_on=long_date(case.received_on, law_words.language()),
        status=str(case.get_outcome_display() or case.get_status_display()),
        status_tone=due.status_tone(case.status),
        why=why,
        is_same_kind=is_same_kind,
    )


def _repetition(case: Case, found: list[duplicates.Likely]) -> dict[str, Any] | None:
    repetition = duplicates.repetition(case, found)
    if repetition is None:
        return None
    facts = {"count": repetition.count, "months": repetition.rule.months}
    return {
        "headline": _("Request no. %(count)d of this kind within %(months)d months") % facts,
        "text": repetition.rule.text.in_language(law_words.language()),
        "tone": "warning" if repetition.is_beyond else "info",
    }


def complaint(case: Case, user: StaffMember, today: date) -> dict[str, Any] | None:
    """What a complaint is about and what was found out; None for a request."""
    if not complaints.is_complaint(case):
        return None
    rows = list(case.investigations.select_related("by"))
    for row in rows:
        row.case = case
    language = law_words.language()
    code = complaints.category_of(case)
    return {
        "category": complaints.category_title(case, code, language) if code else "",
        "investigations": rows,
        "bodies": complaints.bodies(case, language),
        "may_investigate": complaint_forms.InvestigateForm.refusal(case, user, today) is None,
    }
