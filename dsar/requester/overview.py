"""What the status page shows of a case, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dsar import complaints, deadlines, fees, identity, links, models, release
from dsar import letters as issued_letters
from dsar.clock_words import long_date
from dsar.components import FileRow, SummaryRow
from dsar.models import (
    Attachment,
    Case,
    Deadline,
    Event,
    Fee,
    Message,
    Release,
    Status,
)
from dsar.requester import stages, story
from dsar.requester.proof import needs
from dsar.requester.verdict import Explained, explained, lawsuit, verdict


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as both sides see it."""

    is_own: bool
    at: datetime
    body: str
    files: tuple[FileRow, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class Issued:
    """A letter on paper that the person may read here as well."""

    subject: str
    language: str
    on: date
    url: str
    pdf_url: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the desk asked for and waits for; `is_answered` once something was sent since."""

    at: datetime
    text: str
    is_answered: bool


@dataclass(frozen=True, slots=True)
class FeeView:
    """The fee as the person sees it; `by` and `ways` while it is to be paid."""

    amount: str
    state: str
    title: str
    received: str
    missing: str
    settled_on: date | None
    by: date | None
    ways: tuple[fees.Way, ...]
    why: str


def of(case: Case, *, at: datetime, language: str) -> dict[str, Any]:
    """The status page's context; nothing is written.

    Args:
        case: with its key and controller.
        language: of the page.
    """
    events = told_events(case)
    letters = conversation(case)
    together = links.filed_with(case)
    rows = {row.code: row for row in case.deadlines.all()}
    extensions = list(case.extensions.order_by("id"))
    reckoned = deadlines.explain(case, language)
    return {
        "case": case,
        "kind": case.rule.title.in_language(language),
        "standing": stages.standing(case, rows, deadlines.today(case, at)),
        "stages": stages.stages(case, rows),
        "question": open_question(case, events, letters),
        "clock": _clock(case, rows, reckoned, language),
        "fee": fee_of(case, rows.get("fee_payment"), language),
        "verdict": verdict(case, language),
        "releases": released(case, at),
        "lawsuit": lawsuit(case, reckoned, language),
        "bodies": complaints.bodies(case, language),
        "letters": letters,
        "issued": issued(case),
        "together": _together(case, together, language),
        "proof": needs(case, together) if identity.is_wanted(case) else [],
        "filed_files": [_file_row(row) for row in filed_files(together[0], events[0].at)],
        "timeline": story.timeline(case, events, extensions, language),
        "summary": summary(case, language),
        "may_change_method": may_change_method(case),
        "may_withdraw": may_withdraw(case),
    }


def fee_of(case: Case, payment: Deadline | None, language: str) -> FeeView | None:
    """What the person has to pay or has paid; None where no fee was charged."""
    fee = fees.current(case)
    if fee is None:
        return None
    given = fees.received(fee)
    is_open = fee.state == Fee.State.OPEN
    return FeeView(
        amount=fees.in_words(fee.amount, fee.currency),
        state=fee.state,
        title=str(Fee.State(fee.state).label),
        received=fees.in_words(given, fee.currency) if given else "",
        missing=fees.in_words(fee.amount - given, fee.currency) if is_open and given else "",
        settled_on=fee.settled_on,
        by=payment.due_on if is_open and payment else None,
        ways=tuple(fees.ways(case.controller, case.rules, language)) if is_open else (),
        why=case.rules.fee.text.in_language(language),
    )


@dataclass(frozen=True, slots=True)
class Released:
    """Something to receive; `closed` says why it cannot be received now."""

    is_file: bool
    url: str
    size: int
    until: datetime | None
    left: int
    closed: str


def released(case: Case, at: datetime) -> list[Released]:
    """What was released to the person, the newest first (one query, none before a decision)."""
    if case.status not in (Status.DECIDED, Status.CLOSED):
        return []
    return [
        Released(
            is_file=row.way == Release.Way.PORTAL,
            url=reverse("requester:receive", args=[row.pk]),
            size=row.package.file.size if row.package.file else 0,
            until=row.expires_at,
            left=row.allowed - row.fetched,
            closed=release.why_closed(row, at) or "",
        )
        for row in reversed(release.offered(case))
    ]


def _together(case: Case, cases: Sequence[Case], language: str) -> list[dict[str, Any]]:
    """The requests of the filing, to switch between; nothing where there is one."""
    if len(cases) < 2:
        return []
    return [
        {
            "number": one.shown_number,
            "kind": one.rule.title.in_language(language),
            "status": one.get_status_display(),
            "is_here": one.pk == case.pk,
        }
        for one in cases
    ]


def told_events(case: Case) -> list[Event]:
    """The events the person may know, in order; the first is the filing."""
    return list(case.events.filter(act__in=story.TOLD))


def conversation(case: Case) -> list[Letter]:
    """The messages of both sides with their files, oldest first (two queries)."""
    found = case.messages.prefetch_related("attachments")
    return [
        Letter(
            is_own=message.direction == Message.Direction.FROM_REQUESTER,
            at=message.at,
            body=message.body,
            files=tuple(_file_row(_opened_by(case, row)) for row in message.attachments.all()),
            is_new=message.direction == Message.Direction.TO_REQUESTER and message.read_at is None,
        )
        for message in found
    ]


def issued(case: Case) -> list[Issued]:
    """The letters that were issued, the newest first (one query)."""
    return [shown_letter(row) for row in issued_letters.issued(case)]


def shown_letter(row: models.Letter) -> Issued:
    """What is shown of a letter beside its text."""
    return Issued(
        subject=row.subject,
        language=row.language,
        on=deadlines.today(row.case, row.ordered_at),
        url=reverse("requester:letter", args=[row.pk]),
        pdf_url=reverse("requester:letter_pdf", args=[row.pk]),
    )


def filed_files(case: Case, filed_at: datetime) -> list[Attachment]:
    """Files that came with the request. What the desk adds later without a message is its own."""
    return list(
        case.attachments.filter(
            message=None, purpose=Attachment.Purpose.REQUEST, added_at__lte=filed_at
        )
    )


def _opened_by(case: Case, row: Attachment) -> Attachment:
    """Let a row that was read over its message use the case's key already at hand."""
    row.case = case
    return row


def _file_row(row: Attachment) -> FileRow:
    return FileRow(name=row.name, size=row.size, url=reverse("requester:file", args=[row.pk]))


def may_withdraw(case: Case) -> bool:
    """Whether withdrawing still changes anything."""
    return case.status not in (Status.DECIDED, Status.CLOSED)


def may_change_method(case: Case) -> bool:
    """Whether the law lets the person choose, and the choice is still open."""
    return bool(case.rule.methods) and case.status not in (Status.DECIDED, Status.CLOSED)


def summary(case: Case, language: str) -> list[SummaryRow]:
    """The least that lets the person recognise the request."""
    rows = [
        SummaryRow(label=_("Case number"), value=case.shown_number),
        SummaryRow(label=_("What you asked for"), value=case.rule.title.in_language(language)),
        SummaryRow(
            label=pgettext("company a request goes to", "To"),
            value=case.controller.name_in(language),
        ),
        SummaryRow(label=_("Received on"), value=long_date(case.received_on, language)),
        SummaryRow(label=_("E-mail"), value=masked(case.email())),
    ]
    if case.rule.methods:
        chosen = story.method_in_words(case, case.method, case.delivery, language)
        rows.append(
            SummaryRow(
                label=_("How you receive our answer"),
                value=chosen or _("Not chosen yet"),
                change_url=reverse("requester:method") if may_change_method(case) else "",
            )
        )
    return rows


def masked(email: str) -> str:
    """Enough of an address to recognise one's own: t•••@example.jp."""
    name, at_sign, host = email.rpartition("@")
    return f"{name[:1]}•••{at_sign}{host}" if at_sign else ""


def open_question(
    case: Case, events: Sequence[Event], letters: Sequence[Letter]
) -> Question | None:
    """What the desk waits for, or None."""
    if case.status != Status.AWAITING_REQUESTER:
        return None
    waits = ("ask", "ask_identity", "charge_fee")
    asked = next((row for row in reversed(events) if row.act in waits), None)
    if asked is None or asked.act == "charge_fee":
        return None
    answered = any(letter.is_own and letter.at > asked.at for letter in letters) or any(
        row.act in ("identity_paper", "identity_shown") and row.at > asked.at for row in events
    )
    return Question(asked.at, str(asked.texts().get("message", "")), answered)


def _clock(
    case: Case,
    rows: dict[str, Deadline],
    reckoned: dict[str, tuple[str, ...]],
    language: str,
) -> list[Explained]:
    """The due dates that still run, with the way they were counted."""
    if case.status in (Status.DECIDED, Status.CLOSED):
        return []
    return [
        explained(case, role, reckoned[role], language)
        for role in ("decision", "cure", "fee_payment")
        if role in reckoned and role in rows and not rows[role].met_on
    ]
