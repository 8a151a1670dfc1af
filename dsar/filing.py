"""The only door to a new case: from the web form and from the desk alike.

One transaction writes case, people, search tokens, what is asked for item by item, deadlines,
notices and the first event. A
draft is filed at most once, however often its button is pressed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from dsar import clock, deadlines, items, ledger, links, notices, reference, vault
from dsar.law import shelf
from dsar.ledger import Actor
from dsar.models import (
    Attachment,
    Case,
    CaseKey,
    CaseLink,
    Channel,
    Controller,
    EmailConfirmation,
    IdentityDocument,
    IntakeDraft,
    Letter,
    Person,
    RequestedItem,
    RequesterRole,
    SearchToken,
    StaffMember,
)

CONFIRMATION_DAYS = 14
_NUMBER_TRIES = 5


class AlreadyFiled(Exception):
    """The draft was filed before; `case` is what came of it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__(case.number)


@dataclass(frozen=True, slots=True)
class Filing:
    """A complete request, checked by the forms.

    Attributes:
        principal, agent: values of `Person.FIELDS`; no agent when the person acts alone.
        answers: what is asked, by question of the law (`dsar.law.Question`), JSON values.
        received_at: when the request reached the business.
        grounds: codes of the grounds the person shows.
    """

    controller: Controller
    regime: str
    kind: str
    received_at: datetime
    principal: Mapping[str, str]
    answers: Mapping[str, Any]
    agent: Mapping[str, str] | None = None
    requester_role: str = RequesterRole.SELF
    method: str = ""
    delivery: str = ""
    language: str = "ja"
    channel: str = Channel.WEB
    assigned_to: StaffMember | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def file(
    filing: Filing,
    *,
    by: Actor,
    at: datetime,
    receipt_code: str,
    draft: IntakeDraft | None = None,
    further: Sequence[Filing] = (),
) -> Case:
    """Make the case, and those of further requests that are filed together with it.

    Args:
        at: now; `filing.received_at` may be earlier for paper, telephone and counter.
        receipt_code: shown to the person; only its keyed digest is kept.
        draft: where the answers and files come from; its key becomes the case's.
        further: what else the same person asks; each becomes a case with the same receipt code,
            linked to the first, which keeps the files.

    Raises:
        AlreadyFiled: the draft has its case already.
    """
    for attempt in range(_NUMBER_TRIES):
        try:
            with transaction.atomic():
                first = _write(filing, by, at, receipt_code, draft)
                for more in further:
                    case = _write(more, by, at, receipt_code, None, first)
                    _link_together(case, first, by, at)
                return first
        except IntegrityError:
            # A case number drawn twice; anything else fails again and is raised.
            if attempt == _NUMBER_TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _write(
    filing: Filing,
    by: Actor,
    at: datetime,
    receipt_code: str,
    draft: IntakeDraft | None,
    first: Case | None = None,
) -> Case:
    """One case; with `first` one that is filed together with it, whose mail tells of both."""
    rules = shelf.book().version(filing.regime, _local_date(filing))
    received_on = clock.received_on(filing.received_at, rules.timezone)
    if draft is None:
        key = CaseKey.fresh()
        key.save(force_insert=True)
    else:
        key = draft.key
        drafts = IntakeDraft.objects.select_for_update(of=("self",)).select_related("case")
        locked = drafts.get(pk=draft.pk)
        if locked.case is not None:
            raise AlreadyFiled(locked.case)
    case = Case(
        number=reference.new_case_number(received_on),
        key=key,
        controller=filing.controller,
        regime=filing.regime,
        rule_version=rules.version,
        kind=filing.kind,
        channel=filing.channel,
        language=filing.language,
        requester_role=filing.requester_role,
        received_at=filing.received_at,
        received_on=received_on,
        answers=dict(filing.answers),
        method=filing.method,
        delivery=filing.delivery,
        assigned_to=filing.assigned_to,
        receipt_code_digest=vault.keyed_digest("receipt", receipt_code),
    )
    event = ledger.first(
        case,
        "file",
        by=by,
        at=at,
        facts={
            "channel": filing.channel,
            "kind": filing.kind,
            "rules": f"{rules.regime} {rules.version}",
            "received_on": received_on.isoformat(),
            **filing.facts,
        },
    )
    rows, planned = deadlines.start(case, at)
    case.save(force_insert=True)
    people = [
        Person(case=case, role=role, **{name: given.get(name, "") for name in Person.FIELDS})
        for role, given in (
            (Person.Role.PRINCIPAL, filing.principal),
            (Person.Role.AGENT, filing.agent),
        )
        if given
    ]
    Person.objects.bulk_create(people)
    tokens = {(t.field, t.token): t for person in people for t in person.tokens()}
    SearchToken.objects.bulk_create(tokens.values())
    RequestedItem.objects.bulk_create(items.at_filing(case))
    deadlines.Deadline.objects.bulk_create(rows)
    event.save(force_insert=True)
    about = filing.answers.get("complaint", {}).get("about_case")
    if about:
        _link_complaint(case, about, by, at)
    has_email = any(person.email for person in people)
    if has_email and first is None and filing.channel == Channel.WEB:
        planned.append(_confirmation(case, at))
    elif has_email and first is None:
        planned.append(notices.new(notices.RECEIPT, at, case=case))
    planned.append(notices.new(notices.DESK_NEW, at, case=case))
    notices.write(planned, at)
    notices.order_letter(case, Letter.Kind.RECEIPT, event)
    if draft is not None:
        IntakeDraft.objects.filter(pk=draft.pk).update(case=case, answers=b"")
        if Attachment.objects.filter(draft=draft).update(case=case):
            IdentityDocument.objects.filter(attachment__draft=draft).update(case=case)
        draft.case = case
    return case


def _link_together(case: Case, first: Case, by: Actor, at: datetime) -> None:
    kind = links.Kind.FILED_TOGETHER
    CaseLink.objects.create(case=case, other=first, kind=kind, at=at, by=by.user)
    links.write(case, first, "link", {"kind": str(kind)}, by=by, at=at)


def _link_complaint(case: Case, number: str, by: Actor, at: datetime) -> None:
    """Note which case a complaint is about, if the company has one of the number given."""
    other = Case.objects.filter(controller=case.controller_id, number=number).first()
    if other is not None:
        links.link(case, other, links.Kind.COMPLAINT_ABOUT, by=by, at=at)


def _local_date(filing: Filing) -> Any:
    """The local date of receipt, by the zone of the newest version of the rule set."""
    newest = shelf.book().versions(filing.regime)[-1]
    return clock.received_on(filing.received_at, newest.timezone)


def _confirmation(case: Case, at: datetime) -> Any:
    """The first mail of a web request: receipt, and a link that proves the address."""
    token = vault.new_token()
    EmailConfirmation.objects.create(
        case=case,
        digest=vault.keyed_digest("confirm", token),
        expires_at=at + timedelta(days=CONFIRMATION_DAYS),
    )
    return notices.new(notices.CONFIRM_EMAIL, at, case=case, secret={"token": token})


def confirm_email(token: str, *, at: datetime) -> Case | None:
    """Note that the address is proven; None if the link is unknown, used or too old.

    A link that was used by the same person twice still answers with the case.
    """
    found = (
        EmailConfirmation.objects.select_related("case__key")
        .filter(digest=vault.keyed_digest("confirm", token), expires_at__gt=at)
        .first()
    )
    if found is None:
        return None
    case = found.case
    with transaction.atomic():
        fresh = EmailConfirmation.objects.filter(pk=found.pk, used_at=None).update(used_at=at)
        if fresh:
            case.email_confirmed_at = at
            for together in links.filed_with(case):
                Case.objects.filter(pk=together.pk).update(email_confirmed_at=at)
                ledger.append(together, "confirm_email", by=ledger.REQUESTER, at=at)
    return case
