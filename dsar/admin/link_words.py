"""Other cases of a person in the desk's words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import links
from dsar.admin import law_words
from dsar.clock_words import long_date
from dsar.models import Case, CaseLink

_SAME: dict[str, str | Promise] = {
    "name": gettext_lazy("name"),
    "email": gettext_lazy("e-mail address"),
    "phone": gettext_lazy("telephone number"),
    "customer_number": gettext_lazy("customer number"),
    "birth_date": gettext_lazy("date of birth"),
    "address": gettext_lazy("address"),
}
_EARLIER: dict[str, str | Promise] = {
    CaseLink.Kind.FILED_TOGETHER: gettext_lazy("Filed together"),
    CaseLink.Kind.REPEAT: gettext_lazy("Asked again later"),
    CaseLink.Kind.DUPLICATE: gettext_lazy("Merged with this case"),
    CaseLink.Kind.COMPLAINT_ABOUT: gettext_lazy("Complaint about this case"),
}
_LATER: dict[str, str | Promise] = {
    CaseLink.Kind.FILED_TOGETHER: gettext_lazy("Filed together"),
    CaseLink.Kind.REPEAT: gettext_lazy("Asked before"),
    CaseLink.Kind.DUPLICATE: gettext_lazy("Merged with the earlier case"),
    CaseLink.Kind.COMPLAINT_ABOUT: gettext_lazy("The complaint is about this case"),
}


def kind_of(row: links.Linked) -> str:
    """What the other case is to this one."""
    return str((_LATER if row.is_later else _EARLIER)[row.link.kind])


def reasons(same: Iterable[str]) -> str:
    """Why a case is taken to be of the same person."""
    words = _(", ").join(str(_SAME[name]) for name in same)
    return _("Same: %(values)s") % {"values": words}


def case_line(case: Case) -> str:
    """A case in one line: number, kind, day of receipt, status."""
    return _("%(number)s %(kind)s, received on %(day)s, %(status)s") % {
        "number": case.shown_number,
        "kind": law_words.kind_title(case),
        "day": long_date(case.received_on, law_words.language()),
        "status": case.get_outcome_display() or case.get_status_display(),
    }
