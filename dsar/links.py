"""Cases that belong together: asked again, filed together, merged, or a complaint about one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from dsar import ledger
from dsar.ledger import Actor
from dsar.lifecycle import NotAllowed
from dsar.models import Case, CaseLink

Kind = CaseLink.Kind
BY_HAND = (Kind.REPEAT, Kind.COMPLAINT_ABOUT)
"""Links that the desk sets and takes away; the others come with an act."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A case that belongs to the one looked at; `is_later` if that one came after it."""

    link: CaseLink
    case: Case
    is_later: bool


def of(case: Case) -> list[Linked]:
    """All cases that belong to it, whoever came first (one query)."""
    rows = CaseLink.objects.filter(Q(case=case) | Q(other=case)).select_related("case", "other")
    return [
        Linked(row, row.other, True) if row.case_id == case.pk else Linked(row, row.case, False)
        for row in rows
    ]


def filed_with(case: Case) -> list[Case]:
    """All requests of one filing, the first one first; only itself where there is one.

    They share a receipt code, so whoever may see one may see all.
    """
    rows = CaseLink.objects.filter(kind=Kind.FILED_TOGETHER)
    own = rows.filter(Q(case=case) | Q(other=case)).values_list("other", flat=True).first()
    if own is None:
        return [case]
    ids = [own, *rows.filter(other=own).values_list("case", flat=True)]
    found = Case.objects.filter(pk__in=ids).select_related("key", "controller")
    return list(found.order_by("pk"))


def link(case: Case, other: Case, kind: str, *, by: Actor, at: datetime) -> CaseLink:
    """Note that `case` belongs to `other`; both files say so.

    Raises:
        NotAllowed: not of the same company, or not a link of this kind.
    """
    if case.controller_id != other.controller_id or case.pk == other.pk:
        raise NotAllowed(_("Only another case of the same company can be linked."))
    if kind == Kind.COMPLAINT_ABOUT and "complaint" not in case.rule.questions:
        raise NotAllowed(_("Only a complaint is about another case."))
    with transaction.atomic():
        hold(case, other)
        row, made = CaseLink.objects.get_or_create(
            case=case, other=other, kind=kind, defaults={"at": at, "by": by.user}
        )
        if made:
            write(case, other, "link", {"kind": str(kind)}, by=by, at=at)
    return row


def unlink(row: CaseLink, *, by: Actor, at: datetime) -> None:
    """Take a link away that was a mistake.

    Raises:
        NotAllowed: it came with an act, such as the filing.
    """
    if row.kind not in BY_HAND:
        raise NotAllowed(_("This link cannot be taken away."))
    with transaction.atomic():
        hold(row.case, row.other)
        deleted, _rows = CaseLink.objects.filter(pk=row.pk).delete()
        if deleted:
            write(row.case, row.other, "unlink", {"kind": row.kind}, by=by, at=at)


def hold(*cases: Case) -> None:
    """Lock cases in one order, so that two officers never wait for each other in a circle."""
    ids = [case.pk for case in cases]
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").only("pk"))


def write(
    case: Case, other: Case, act: str, facts: Mapping[str, Any], *, by: Actor, at: datetime
) -> None:
    """One event in each of two files, each naming the other case."""
    ledger.append(case, act, by=by, at=at, facts={**facts, "other": other.number})
    ledger.append(
        other, act, by=by, at=at, facts={**facts, "other": case.number, "is_earlier": True}
    )
