"""A case's events as the desk reads them: who did what, when, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import complaints, fees, reference, vault
from dsar.admin import checks, connector_words, identity_cards, law_words
from dsar.admin.sharing import SHAREABLE
from dsar.clock_words import long_date
from dsar.models import (
    ActorKind,
    Case,
    CaseLink,
    Channel,
    DataSystem,
    Event,
    Letter,
    Outcome,
    Posting,
    Release,
    SearchTask,
    StaffMember,
)

LOOKED = ("view", "view_file", "view_identity", "view_material")
"""Acts that only read; they are listed apart."""

_SENTENCES: dict[str, str | Promise] = {
    "file": gettext_lazy("The request was received (%(channel)s)."),
    "confirm_email": gettext_lazy("The e-mail address was confirmed."),
    "accept": gettext_lazy("The request was accepted; the identity is being checked."),
    "start": gettext_lazy("The request was accepted and is being examined."),
    "confirm_identity": gettext_lazy("The identity was confirmed (%(check)s)."),
    "ask_identity": gettext_lazy("The requester was asked for proof of identity."),
    "identity_level": gettext_lazy("It was noted how sensitive the data is."),
    "identity_agent": gettext_lazy("The kind of agent was noted."),
    "identity_paper": gettext_lazy("A paper was added to the identity check: %(type)s."),
    "identity_judged": gettext_lazy("A paper was checked: %(type)s – %(result)s."),
    "identity_proof": gettext_lazy("A proof was recorded: %(subject)s – %(method)s."),
    "identity_proof_judged": gettext_lazy("A proof was checked: %(method)s – %(result)s."),
    "identity_shown": gettext_lazy("The person showed a proof: %(method)s."),
    "identity_begun": gettext_lazy("The person began a proof: %(method)s."),
    "identity_posted": gettext_lazy("A tracked letter was posted (%(subject)s)."),
    "identity_delivery": gettext_lazy("The tracked letter: %(result)s."),
    "identity_settled": gettext_lazy("%(subject)s: %(result)s."),
    "identity_authority": gettext_lazy("The agent's authority: %(result)s."),
    "identity_destroyed": gettext_lazy("The picture of a paper was destroyed: %(type)s."),
    "view_identity": gettext_lazy("Saw the picture of a paper (%(type)s, page %(page)s)."),
    "ask": gettext_lazy("The requester was asked for something that is missing."),
    "resume": gettext_lazy("The case goes on; the answer arrived on %(resumed_on)s."),
    "extend": gettext_lazy("The due date was extended."),
    "charge_fee": gettext_lazy("The fee of %(money)s was charged."),
    "pay_part": gettext_lazy("%(money)s arrived; a part of the fee is still missing."),
    "pay_fee": gettext_lazy("The fee was paid: %(money)s."),
    "waive_fee": gettext_lazy("The fee was waived."),
    "propose": gettext_lazy("A decision was proposed: %(proposed)s."),
    "decide": gettext_lazy("The decision was made: %(outcome)s."),
    "end_without_decision": gettext_lazy("The request was found not effective."),
    "approve": gettext_lazy("The decision was approved: %(outcome)s."),
    "send_back": gettext_lazy("The proposed decision was sent back."),
    "close": gettext_lazy("The case was closed; the person was notified on %(notified_on)s."),
    "withdraw": gettext_lazy("The request was withdrawn."),
    "reopen": gettext_lazy("The case was reopened."),
    "merge": gettext_lazy("Closed as merged with case %(into)s."),
    "merge_in": gettext_lazy("Case %(other)s was merged with this one."),
    "link": gettext_lazy("Linked with case %(other)s (%(link)s)."),
    "unlink": gettext_lazy("The link with case %(other)s was taken away (%(link)s)."),
    "categorise": gettext_lazy("The complaint’s category was changed: %(category)s."),
    "investigate": gettext_lazy("A finding on the complaint was noted."),
    "assign": gettext_lazy("The case was assigned to %(to)s."),
    "note": gettext_lazy("An internal note was written."),
    "message_in": gettext_lazy("The requester sent a message."),
    "message_out": gettext_lazy("A message was sent to the requester."),
    "change_method": gettext_lazy("The method was changed: %(method)s."),
    "resend": gettext_lazy("A mail was queued once more."),
    "reclock": gettext_lazy("Closing days changed; due dates were counted anew: %(moved)s."),
    "receipt_given": gettext_lazy("The receipt was printed or handed over."),
    "add_item": gettext_lazy("An item was added to what is asked for."),
    "rename_item": gettext_lazy("Item %(position)s was worded anew."),
    "split_item": gettext_lazy("Item %(position)s was split into %(parts)s."),
    "merge_items": gettext_lazy("Item %(position)s became a part of item %(into)s."),
    "remove_item": gettext_lazy("Item %(position)s was taken out."),
    "ask_task": gettext_lazy(
        "The data owner of “%(system)s” was asked (%(purpose)s), to answer by %(due_on)s. "
        "Told of the person: %(shared)s."
    ),
    "remind_task": gettext_lazy("The data owner of “%(system)s” was reminded."),
    "answer_task": gettext_lazy("“%(system)s” answered: %(state)s."),
    "cancel_task": gettext_lazy("The task for “%(system)s” was taken back."),
    "add_material": gettext_lazy("Material was added."),
    "remove_material": gettext_lazy("Material was taken out."),
    "connector_search": gettext_lazy(
        "“%(system)s” was searched by its connector. Rows found: %(rows)s."
    ),
    "connector_dry_run": gettext_lazy(
        "Dry run at “%(system)s”. Rows that would be changed: %(rows)s."
    ),
    "connector_approved": gettext_lazy(
        "The change at “%(system)s” was approved for this number of rows: %(rows)s."
    ),
    "connector_change_begun": gettext_lazy(
        "The change at “%(system)s” begins. Rows: %(rows)s; rows that the verification finds:"
        " %(before)s."
    ),
    "connector_carry_out": gettext_lazy("The change at “%(system)s” was made. Rows: %(rows)s."),
    "connector_verify": gettext_lazy("Verification at “%(system)s”. Rows left: %(rows)s."),
    "connector_waiting": gettext_lazy("“%(system)s” is tried again later. %(error)s"),
    "connector_failed": gettext_lazy("The connector of “%(system)s” stopped. %(error)s"),
    "connector_retried": gettext_lazy("“%(system)s” was asked again."),
    "connector_restarted": gettext_lazy("The connector of “%(system)s” was started anew."),
    "include_material": gettext_lazy("Material was chosen to be given to the person."),
    "leave_out_material": gettext_lazy("Material was left out."),
    "mark_material": gettext_lazy("Parts of a material were masked: %(count)s."),
    "unmark_material": gettext_lazy("A mark was taken away from a material."),
    "copy_made": gettext_lazy("The copy of a material for the person was made."),
    "copy_failed": gettext_lazy("The copy of a material could not be made."),
    "view_material": gettext_lazy("Looked into a material."),
    "disclose_records": gettext_lazy("Third-party records were put into the case."),
    "order_package": gettext_lazy("The data is to be put together."),
    "build_package": gettext_lazy("The data was put together."),
    "propose_release": gettext_lazy("A release was proposed: %(way)s."),
    "release": gettext_lazy("The data was released: %(way)s."),
    "approve_release": gettext_lazy("The release was approved: %(way)s."),
    "decline_release": gettext_lazy("The release was declined: %(way)s."),
    "withdraw_release": gettext_lazy("The proposed release was taken back: %(way)s."),
    "revoke_release": gettext_lazy("The release was revoked: %(way)s."),
    "renew_release": gettext_lazy("The release was renewed: %(way)s."),
    "fetch_release": gettext_lazy("The person downloaded the data."),
    "hand_over": gettext_lazy("The data was handed over on %(handed_on)s: %(way)s."),
    "show_passphrase": gettext_lazy("The passphrase was shown."),
    "read_passphrase": gettext_lazy("The person read the passphrase on the portal."),
    "issue_letter": gettext_lazy("A letter was issued: %(letter)s (SHA-256 %(sha256)s)."),
    "retry_letter": gettext_lazy("A letter is written once more: %(letter)s."),
    "prepare_posting": gettext_lazy("A letter was prepared for the post: %(letter)s (%(way)s)."),
    "cancel_posting": gettext_lazy("A posting was taken back: %(letter)s (%(way)s)."),
    "post_letter": gettext_lazy("A letter was posted on %(posted_on)s: %(letter)s (%(way)s)."),
    "view": gettext_lazy("Opened the case."),
    "view_file": gettext_lazy("Downloaded a file."),
}

_BY_CONNECTOR = set(DataSystem.Connector.values) - {DataSystem.Connector.MANUAL}
_ASKED_CONNECTOR = gettext_lazy(
    "“%(system)s” was asked through its connector (%(purpose)s), to answer by %(due_on)s. "
    "Told of the person: %(shared)s."
)

_TEXTS: dict[str, str | Promise] = {
    "reason": gettext_lazy("Reason"),
    "message": gettext_lazy("Message to the person"),
    "proof": gettext_lazy("Tracking number or proof of identity"),
    "doubt": gettext_lazy("Doubt about the identity"),
    "result": gettext_lazy("Result"),
    "how_to_pay": gettext_lazy("How to pay"),
    "paid_by": gettext_lazy("How it was paid"),
    "reference": gettext_lazy("Reference"),
    "tracking": gettext_lazy("Tracking number"),
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("After"),
    "material": gettext_lazy("Material"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: a sentence, who and when, and the free text that was given."""

    at: datetime
    who: str
    sentence: str
    by_requester: bool = False
    texts: list[tuple[str, str]] = field(default_factory=list)


def of(case: Case, events: Iterable[Event], *, readable: bool = True) -> list[Entry]:
    """The events in the order given. `readable` is False once the case's key is destroyed."""
    rows = list(events)
    names: dict[Any, str] = {**_names(rows), **_systems(case, rows)}
    return [
        Entry(
            at=event.at,
            who=who(event),
            sentence=sentence(case, event, names),
            by_requester=event.actor_kind == ActorKind.REQUESTER,
            texts=_texts(event) if readable else [],
        )
        for event in rows
    ]


def who(event: Event) -> str:
    """The actor of an event."""
    return event.actor.shown_name() if event.actor else str(event.get_actor_kind_display())


def sentence(case: Case, event: Event, names: Mapping[Any, str]) -> str:
    """What happened, in the language in use; an unknown act by its code."""
    template = _SENTENCES.get(event.act)
    if template is None:
        return event.act
    if event.act == "ask_task" and event.facts.get("connector") in _BY_CONNECTOR:
        template = _ASKED_CONNECTOR
    if event.act == "assign" and not event.facts.get("to"):
        return _("The case was handed back; nobody has it.")
    facts = {name: _fact(name, value, names) for name, value in event.facts.items()}
    facts.setdefault("shared", _("nothing"))
    facts["check"] = checks.in_words(event.facts)
    facts |= identity_cards.facts_in_words(case, event.facts)
    if event.act in ("link", "unlink"):
        facts["link"] = CaseLink.Kind(event.facts["kind"]).label
    if event.act == "categorise":
        code = event.facts["category"]
        facts["category"] = complaints.category_title(case, code, law_words.language())
    if "amount" in event.facts:
        facts["money"] = fees.in_words(event.facts["amount"], event.facts.get("currency", ""))
    if event.act == "change_method":
        facts["method"] = law_words.method_in_words(case, *event.facts["to"])
    if event.facts.get("kind") in Letter.Kind.values and "letter" in event.facts:
        facts["letter"] = Letter.Kind(event.facts["kind"]).label
        if event.facts.get("way") in Posting.Way.values:
            facts["way"] = Posting.Way(event.facts["way"]).label
    if event.act == "reclock":
        facts["moved"] = _moved(case, event.facts.get("moved", {}))
    try:
        return str(template) % facts
    except KeyError:  # an event of an older portal may lack a fact
        return event.act


def _fact(name: str, value: Any, names: Mapping[Any, str]) -> Any:
    if name == "channel" and value in Channel.values:
        return Channel(value).label
    if name in ("outcome", "proposed") and value in Outcome.values:
        return Outcome(value).label
    if name == "way" and value in Release.Way.values:
        return Release.Way(value).label
    if name.endswith("_on") and isinstance(value, str):
        return long_date(date.fromisoformat(value), law_words.language())
    if name == "error":
        return connector_words.error(value)
    if name in ("into", "other") and isinstance(value, str):
        return reference.show_case_number(value)
    if name == "to" and isinstance(value, int):
        return names.get(value, _("someone who has left"))
    if name == "system":
        return names.get(value, value)
    if name in _CHOICES and value in _CHOICES[name].values:
        return _CHOICES[name](value).label
    if name == "shared":
        return ", ".join(str(SHAREABLE.get(each, each)) for each in value) or _("nothing")
    return value


def _moved(case: Case, moved: Mapping[str, Mapping[str, str | None]]) -> str:
    """Each due date that moved, with the day before and after."""
    found = []
    for code, days in moved.items():
        before, after = (
            long_date(date.fromisoformat(day), law_words.language()) if day else "–"
            for day in (days.get("from"), days.get("to"))
        )
        found.append(f"{law_words.duty_title(case, code)} {before} → {after}")
    return " · ".join(found)


_CHOICES: dict[str, Any] = {"purpose": SearchTask.Purpose, "state": SearchTask.State}


def _systems(case: Case, events: Iterable[Event]) -> dict[str, str]:
    """Names of the systems that tasks were about (one query, none without such events)."""
    codes = {event.facts.get("system") for event in events} - {None}
    if not codes:
        return {}
    rows = DataSystem.objects.filter(controller=case.controller_id, code__in=codes)
    return {row.code: row.name for row in rows}


def _names(events: Iterable[Event]) -> dict[int, str]:
    """Names of those that cases were assigned to (one query, none without such events)."""
    ids = {event.facts.get("to") for event in events if event.act == "assign"} - {None}
    if not ids:
        return {}
    return {row.pk: row.shown_name() for row in StaffMember.objects.filter(pk__in=ids)}


def _texts(event: Event) -> list[tuple[str, str]]:
    try:
        opened = event.texts()
    except vault.VaultError:
        return [("", _("This text can no longer be read."))]
    return [(str(_TEXTS.get(name, name)), str(text)) for name, text in opened.items()]
