"""Requests of one person: who has probably asked before, how often, and merging two cases.

Persons are compared by search tokens first (`SearchToken`), then by what the tokens cannot say:
date of birth and address. Nothing is ever merged by itself.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from dsar import law, ledger, lifecycle, links, vault
from dsar.ledger import Actor
from dsar.models import Case, CaseLink, Event, Outcome, Person, SearchToken, Status

LATELY = timedelta(days=365)
"""Closed cases are looked at for so long."""
MOST = 50
"""So many cases with a value in common are looked at, the newest first."""
SURE = ("email", "phone", "customer_number")
"""Values that hardly two people share; a name is shared by many."""
COMPARED = ("name", *SURE, "birth_date", "address")


@dataclass(frozen=True, slots=True)
class Likely:
    """A case that is probably of the same person; `same` are the values they share."""

    case: Case
    same: tuple[str, ...]
    is_same_kind: bool


def likely(case: Case, *, today: date) -> list[Likely]:
    """Other cases of the company that are probably of the same person, the newest first.

    Three queries however many there are.
    """
    principal = _principal(case.people.all())
    if principal is None:
        return []
    tokens = [row.token for row in principal.tokens() if row.field in ("name", *SURE)]
    found = (
        Case.objects.filter(controller=case.controller_id, key__destroyed_at=None)
        .filter(pk__in=SearchToken.objects.filter(token__in=tokens).values("case"))
        .filter(~Q(status=Status.CLOSED) | Q(received_on__gte=today - LATELY))
        .exclude(pk=case.pk)
        .select_related("key", "controller")
        .defer("answers")
        .prefetch_related(
            Prefetch("people", Person.objects.filter(role=Person.Role.PRINCIPAL), "principals")
        )
        .order_by("-received_at", "-pk")[:MOST]
    )
    rows = []
    for other in found:
        person = _principal(other.principals)
        same = _shared(principal, person) if person is not None else ()
        if same:
            is_same_kind = (other.regime, other.kind) == (case.regime, case.kind)
            rows.append(Likely(other, same, is_same_kind))
    return rows


def _principal(people: Iterable[Person]) -> Person | None:
    return next((row for row in people if row.role == Person.Role.PRINCIPAL), None)


def _shared(one: Person, other: Person) -> tuple[str, ...]:
    """What both have in common, if it is enough to take them for the same person."""
    try:
        same = tuple(name for name in COMPARED if _is_same(name, one, other))
    except vault.VaultError:
        return ()
    others = set(same) - {"name"}
    if "name" in same and others:
        return same
    # People of one household share an address or telephone, but not the day they were born.
    differ = bool(one.birth_date and other.birth_date) and "birth_date" not in same
    return same if set(SURE) & set(same) and not differ and "name" not in same else ()


def _is_same(name: str, one: Person, other: Person) -> bool:
    mine, theirs = getattr(one, name), getattr(other, name)
    return bool(mine) and vault.normalise(name, mine) == vault.normalise(name, theirs)


# --- Asking again -------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Repetition:
    """How often the person asked for the same within the law's time, this request included."""

    rule: law.Repeats
    count: int

    @property
    def is_beyond(self) -> bool:
        """Whether it is asked more often than the law makes the company answer."""
        return self.rule.times is not None and self.count > self.rule.times


def repetition(case: Case, found: Sequence[Likely]) -> Repetition | None:
    """The same kind asked again in the time the law looks at; None for the first request."""
    rule = case.rules.repeats
    if rule is None or (rule.kinds and case.kind not in rule.kinds):
        return None
    begin = _months_before(case.received_on, rule.months)
    before = [
        row
        for row in found
        if row.is_same_kind
        and row.case.outcome not in (Outcome.MERGED, Outcome.WITHDRAWN)
        and begin < row.case.received_on
        and (row.case.received_at, row.case.pk) < (case.received_at, case.pk)
    ]
    return Repetition(rule, len(before) + 1) if before else None


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# --- Merging ------------------------------------------------------------------------------
def why_not_merge(case: Case, into: Case) -> str | None:
    """Why the case cannot be merged with the other one, or None."""
    if case.controller_id != into.controller_id or case.pk == into.pk:
        return _("Only another case of the same company can be linked.")
    if (into.received_at, into.pk) > (case.received_at, case.pk):
        return _("The later case is merged with the earlier one. Open the later case to merge it.")
    if into.outcome in (Outcome.MERGED, Outcome.WITHDRAWN):
        return _("That case was merged or withdrawn itself. Choose another one.")
    return None


def merge(
    case: Case, into: Case, *, reason: str, by: Actor, at: datetime, seen: int | None = None
) -> Event:
    """Close a case because the earlier one asks for the same; the person is told.

    Its messages and files stay readable. Reopening undoes it.

    Raises:
        lifecycle.NotAllowed: not the earlier case of the same company, or a wrong status or role.
        lifecycle.Conflict
    """
    with transaction.atomic():
        links.hold(case, into)
        into.refresh_from_db(fields=["outcome", "status"])
        refusal = why_not_merge(case, into)
        if refusal:
            raise lifecycle.NotAllowed(refusal)
        CaseLink.objects.filter(case=case, other=into, kind=CaseLink.Kind.REPEAT).delete()
        CaseLink.objects.get_or_create(
            case=case,
            other=into,
            kind=CaseLink.Kind.DUPLICATE,
            defaults={"at": at, "by": by.user},
        )
        event = lifecycle.move(
            case,
            "merge",
            by=by,
            at=at,
            seen=seen,
            facts={"into": into.number},
            texts={"reason": reason},
        )
        ledger.append(into, "merge_in", by=by, at=at, facts={"other": case.number})
    return event
