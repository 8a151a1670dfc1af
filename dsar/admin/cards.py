"""The cards of a case's page, each with just what its template shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dsar import deadlines, decision
from dsar.admin import act_forms, due, law_words, notices, timeline
from dsar.admin.decision_forms import Reading, reading
from dsar.clock_words import long_date
from dsar.components import FileRow, SummaryRow
from dsar.models import Attachment, Case, Channel, Decision, Message, Notice, Person, StaffMember
from dsar.questions import case_summary


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One line of the clock card."""

    role: str
    title: str
    due: due.Due
    met_on: date | None
    source: str
    statutory: bool
    explained: tuple[str, ...]
    is_marker: bool


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """A decision with who made and approved it."""

    row: Decision
    reading: Reading


def clock(case: Case, user: StaffMember, today: date) -> dict[str, Any]:
    """All deadlines, how they were counted, stops and extensions."""
    language = law_words.language()
    explained = deadlines.explain(case, language)
    rows = []
    for row in case.deadlines.order_by("due_on", "code"):
        rule = law_words.duty_rule(case, row.code)
        rows.append(
            DeadlineRow(
                role=row.code,
                title=law_words.duty_title(case, row.code),
                due=due.row(row.due_on, row.met_on, today),
                met_on=row.met_on,
                source=rule.source.in_language(language) if rule else "",
                statutory=rule.statutory if rule else False,
                explained=explained.get(row.code, ()),
                is_marker=row.code in deadlines.MARKERS,
            )
        )
    why_not_extend = act_forms.ExtendForm.refusal(case, user, today)
    return {
        "rows": rows,
        "stops": list(case.stops.select_related("by").order_by("stopped_on", "id")),
        "extensions": list(case.extensions.select_related("by").order_by("id")),
        "may_extend": why_not_extend is None,
        "why_not_extend": why_not_extend,
    }


_PEOPLE_STEPS = ("requester", "agent", "principal", "address", "contact", "method")
"""Answers that have cards of their own."""


def asked(case: Case) -> list[SummaryRow]:
    """What is asked, question by question, beside the kind and the people."""
    lines = case_summary(case, law_words.language())
    return [
        SummaryRow(label=line.label, value=line.value)
        for line in lines
        if line.step not in (*_PEOPLE_STEPS, "want")
    ]


def items(case: Case) -> list[str]:
    """What gets a decision of its own; nothing for a complaint, which is answered as a whole."""
    return [row.title for row in case.items.all()] if decision.has_items(case) else []


def people(case: Case) -> list[dict[str, Any]]:
    """Who asks: the principal, and the agent if there is one."""
    contact = case.contact()
    return [
        {
            "title": person.get_role_display(),
            "rows": _person_rows(person),
            "is_contact": contact is not None and contact.pk == person.pk,
            "has_email": bool(person.email),
        }
        for person in sorted(case.people.all(), key=lambda row: row.role != Person.Role.PRINCIPAL)
    ]


def shown_birth(person: Person) -> str:
    """The date of birth as people write it; as it was given where it is no date."""
    try:
        return str(date_format(date.fromisoformat(person.birth_date), "DATE_FORMAT"))
    except ValueError:
        return person.birth_date


def _person_rows(person: Person) -> list[SummaryRow]:
    post = f"〒{person.postal_code}" if person.postal_code else ""
    rows = [
        (_("Name"), person.name),
        (_("Reading of the name"), person.kana),
        (_("Former name"), person.former_name),
        (_("Relation to the principal"), person.relation),
        (_("Date of birth"), shown_birth(person)),
        (_("Address"), " ".join(part for part in (post, person.address) if part)),
        (_("Former address"), person.former_address),
        (_("E-mail"), person.email),
        (_("Telephone"), person.phone),
        (_("Customer number"), person.customer_number),
    ]
    return [SummaryRow(label=label, value=value) for label, value in rows if value]


def request_facts(case: Case) -> list[SummaryRow]:
    """How and when the request came."""
    rows = [
        SummaryRow(label=_("Received on"), value=long_date(case.received_on, law_words.language())),
        SummaryRow(label=_("Channel"), value=str(Channel(case.channel).label)),
        SummaryRow(label=_("Controller"), value=case.controller.name),
        SummaryRow(
            label=_("Rule set"),
            value=_("%(name)s (as of %(version)s)")
            % {
                "name": case.rules.name.in_language(law_words.language()),
                "version": case.rule_version,
            },
        ),
    ]
    way = law_words.method_in_words(case, case.method, case.delivery)
    if way:
        rows.append(SummaryRow(label=_("Method and delivery"), value=way))
    return rows


def decisions(case: Case) -> list[DecisionCard]:
    """The decision that stands or waits first, then those sent back."""
    rows = list(case.decisions.select_related("decided_by", "approved_by"))
    return [DecisionCard(row, reading(case, row)) for row in rows]


def correspondence(case: Case) -> list[dict[str, Any]]:
    """Messages in order, with their files."""
    rows = list(case.messages.select_related("author").prefetch_related("attachments"))
    return [
        {
            "row": row,
            "from_requester": row.direction == Message.Direction.FROM_REQUESTER,
            "is_new": row.read_at is None and row.direction == Message.Direction.FROM_REQUESTER,
            "files": [file_row(case, file) for file in _owned(case, row.attachments.all())],
        }
        for row in rows
    ]


def attachments(case: Case, together: Sequence[Case]) -> list[FileRow]:
    """The files that came with the request and its messages; others have cards of their own.

    `together` are the requests of its filing, whose first one holds what came with all.
    """
    came = case.attachments.filter(purpose=Attachment.Purpose.REQUEST)
    rows = [file_row(case, row) for row in came]
    first = together[0]
    if first.pk != case.pk:
        with_it = first.attachments.filter(purpose=Attachment.Purpose.REQUEST, message=None)
        rows += [file_row(first, row) for row in with_it]
    return rows


def file_row(case: Case, row: Attachment) -> FileRow:
    """A file with the address it is downloaded from."""
    return FileRow(
        name=row.name,
        size=row.size,
        url=reverse("admin:dsar_case_file", args=[case.pk, row.pk]),
        note=long_date(deadlines.today(case, row.added_at), law_words.language()),
    )


def _owned(case: Case, rows: Any) -> list[Attachment]:
    """The rows, knowing their case, so that its key is not fetched again for each."""
    found = list(rows)
    for row in found:
        row.case = case
    return found


def mail(case: Case) -> dict[str, list[dict[str, Any]]]:
    """What was told by mail or should have been, with a way to send it; apart, what is planned."""
    rows = [notices.entry(row) for row in case.notices.order_by("-due_at", "-id")]
    waiting = (Notice.State.WAITING, Notice.State.CLAIMED)

    def is_planned(entry: dict[str, Any]) -> bool:
        return entry["row"].state in waiting and not entry["send_url"]

    return {
        "told": [entry for entry in rows if not is_planned(entry)],
        "planned": [entry for entry in reversed(rows) if is_planned(entry)],
    }


def history(case: Case, *, readable: bool) -> dict[str, list[timeline.Entry]]:
    """What was done, and apart from it who looked."""
    events = list(case.events.select_related("actor").order_by("-position"))
    done = [event for event in events if event.act not in timeline.LOOKED]
    looked = [event for event in events if event.act in timeline.LOOKED]
    return {
        "done": timeline.of(case, done, readable=readable),
        "looked": timeline.of(case, looked, readable=False),
    }
