"""What is asked for, thing by thing: read out of the request at filing, put right by the desk.

One request may ask for several things, and each gets a decision of its own (APPI Art. 33(2): a
part may be withheld). Every change is an event of the case, and counts as a change of the case:
a page that was shown before it is outdated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import ledger, lifecycle
from dsar.ledger import Actor
from dsar.models import FINISHED, Case, Material, RequestedItem, Status

MOST = 50
"""Lines beyond it stay together in the last item: nobody decides on more one by one."""
_BULLET = re.compile(r"^(?:[・•●○◦*\-–—]|[(（]?\d{1,2}[.)）．、:：]|[①-⑳])\s*")


@dataclass(frozen=True, slots=True)
class Change:
    """What the officer wants of one item.

    Attributes:
        titles: its title; several split it; none takes it out.
        into: the item that it becomes a part of.
    """

    item: int
    titles: tuple[str, ...]
    into: int | None = None


def asked_for(kind_title: str, answers: Mapping[str, Any], language: str) -> list[str]:
    """The titles of the items of a request, the most exact answer first; at least one.

    `answers` are those of the filing, by question (see `dsar.questions`).
    """
    with override(language):
        found = _named(answers) or [kind_title]
    if len(found) > MOST:
        found = [*found[: MOST - 1], "\n".join(found[MOST - 1 :])]
    return found


def at_filing(case: Case) -> list[RequestedItem]:
    """The items of a case that is being filed, not yet saved."""
    title = case.rule.title.in_language(case.language)
    titles = asked_for(title, case.answers, case.language)
    return [
        RequestedItem(case=case, position=position, title=title)
        for position, title in enumerate(titles, 1)
    ]


def lines(text: str) -> list[str]:
    """The lines of a list as a person types it, without bullets and numbers in front."""
    found = []
    for line in text.splitlines():
        bare = _BULLET.sub("", line.strip()).strip()
        if bare and bare not in found:
            found.append(bare)
    return found


def why_not(case: Case) -> str | None:
    """Why the items cannot be changed now, or None."""
    if case.status in FINISHED:
        return _("The case is decided; what is asked for can no longer be changed.")
    if case.status == Status.IN_APPROVAL:
        return _("A decision on these items waits for approval. It has to be sent back first.")
    return None


def change(
    case: Case,
    changes: Sequence[Change],
    added: Sequence[str],
    *,
    by: Actor,
    at: datetime,
    seen: int | None = None,
) -> int:
    """Rename, split, merge, remove and add items in one go; returns how many changes there were.

    Raises:
        lifecycle.NotAllowed: decided or waiting for approval, nothing would be left, or an item
            is to become a part of one that goes away itself.
        lifecycle.Conflict: someone else was first.
    """
    with transaction.atomic():
        locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if seen is not None and locked.version != seen:
            raise lifecycle.changed_meanwhile(case)
        refusal = why_not(locked)
        if refusal:
            raise lifecycle.NotAllowed(refusal)
        rows = {row.pk: row for row in case.items.all()}
        wanted = {change.item: change for change in changes if change.item in rows}
        order = _new_order(rows, wanted, added)
        events = _events(rows, wanted, added)
        if not events:
            return 0
        _write(case, rows, wanted, order)
        for act, facts, texts in events:
            ledger.append(case, act, by=by, at=at, facts=facts, texts=texts)
        Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
        case.version = locked.version + 1
    return len(events)


_Order = list[tuple[RequestedItem | None, str]]


def _new_order(
    rows: Mapping[int, RequestedItem], wanted: Mapping[int, Change], added: Sequence[str]
) -> _Order:
    """The items as they shall stand: (existing row or None, title)."""
    order: _Order = []
    for pk, row in rows.items():
        plan = wanted.get(pk)
        if plan is None:
            order.append((row, row.title))
        elif plan.into is None:
            order += [(row if n == 0 else None, title) for n, title in enumerate(plan.titles)]
    order += [(None, title) for title in added]
    staying = {row.pk for row, _title in order if row is not None}
    for plan in wanted.values():
        if plan.into is not None and plan.into not in staying:
            raise lifecycle.NotAllowed(
                _("An item cannot become a part of one that is taken out or merged itself.")
            )
    if not order:
        raise lifecycle.NotAllowed(_("At least one item has to be left."))
    if len(order) > MOST:
        raise lifecycle.NotAllowed(_("There can be up to %(most)d items.") % {"most": MOST})
    return order


def _events(
    rows: Mapping[int, RequestedItem], wanted: Mapping[int, Change], added: Sequence[str]
) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
    """What is written into the log, one entry a change."""
    found: list[tuple[str, dict[str, Any], dict[str, str]]] = []
    for pk, plan in wanted.items():
        row = rows[pk]
        facts, before = {"item": pk, "position": row.position}, {"before": row.title}
        if plan.into is not None:
            into = rows[plan.into]
            after = {**before, "after": into.title}
            found.append(("merge_items", {**facts, "into": into.position}, after))
        elif not plan.titles:
            found.append(("remove_item", facts, before))
        elif len(plan.titles) > 1:
            texts = {**before, "after": "\n".join(plan.titles)}
            found.append(("split_item", {**facts, "parts": len(plan.titles)}, texts))
        elif plan.titles[0] != row.title:
            found.append(("rename_item", facts, {**before, "after": plan.titles[0]}))
    found += [("add_item", {}, {"after": title}) for title in added]
    return found


def _write(
    case: Case, rows: Mapping[int, RequestedItem], wanted: Mapping[int, Change], order: _Order
) -> None:
    for pk, plan in wanted.items():
        if plan.into is not None:
            target = rows[plan.into]
            Material.objects.filter(case=case, item=pk).update(item=target)
    staying = {row.pk for row, _title in order if row is not None}
    case.items.exclude(pk__in=staying).delete()
    # A position is free before it is taken: all move out of the way first.
    case.items.update(position=F("position") + 2 * MOST)
    for position, (row, title) in enumerate(order, 1):
        if row is None:
            RequestedItem.objects.create(case=case, position=position, title=title)
        else:
            row.position, row.title = position, title
            row.save(update_fields=["position", "title"])


def _named(answers: Mapping[str, Any]) -> list[str]:
    """What the answers name, by the most exact question that was answered."""

    def given(question: str, name: str) -> str:
        return str(answers.get(question, {}).get(name) or "")

    wrong, right = lines(given("correction", "wrong")), lines(given("correction", "right"))
    if wrong:
        if len(wrong) != len(right):
            wrong, right = [" / ".join(wrong)], [" / ".join(right)]
        pairs = zip(wrong, right, strict=True)
        return [_("“%(wrong)s” → “%(right)s”") % {"wrong": w, "right": r} for w, r in pairs]
    for question, name in (("addition", "missing"), ("deletion", "untrue")):
        if found := lines(given(question, name)):
            return found
    if found := lines(given("scope", "items")):
        return found
    recipients = lines(given("recipients", "recipients"))
    if recipients:
        return [_("Provision to %(recipient)s") % {"recipient": name} for name in recipients]
    services = answers.get("scope", {}).get("services") or []
    return [_("Data of %(service)s") % {"service": name} for name in services]
