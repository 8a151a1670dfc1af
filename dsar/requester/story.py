"""A case told to the person: what has happened.

Only what is listed here is told. Notes, assignments, the approval between colleagues and the
names of officers are nobody's business outside, so an act without a sentence stays untold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsar import fees, reference
from dsar.clock_words import long_date
from dsar.components import TimelineEntry
from dsar.models import (
    ActorKind,
    Case,
    Channel,
    ClockExtension,
    Event,
    Outcome,
)

# --- What has happened --------------------------------------------------------------------


def timeline(
    case: Case, events: Iterable[Event], extensions: Sequence[ClockExtension], language: str
) -> list[TimelineEntry]:
    """The events the person may know, the newest first, one sentence each."""
    granted = iter(extensions)
    told = []
    asked_at = None
    for event in events:
        extension = next(granted, None) if event.act == "extend" else None
        sentence = _SENTENCES.get(event.act)
        # A question is sent as a message in the same act; it is told once.
        if sentence is None or (event.act == "message_out" and event.at == asked_at):
            continue
        asked_at = event.at if event.act in ("ask", "ask_identity") else None
        title, text = sentence(case, event, extension, language)
        told.append(TimelineEntry(title=title, at=event.at, text=text))
    told.reverse()
    return told


def _filed(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    if case.channel == Channel.WEB:
        return _("You sent us your request."), ""
    return _("We received your request and entered it here."), ""


def _confirmed_email(*rest: Any) -> tuple[str, str]:
    return _("You confirmed your e-mail address."), ""


def _accepted(*rest: Any) -> tuple[str, str]:
    return _("We accepted your request and began to check your identity."), ""


def _started(*rest: Any) -> tuple[str, str]:
    return _("We accepted your request and began to examine it."), ""


def _identified(*rest: Any) -> tuple[str, str]:
    return _("We confirmed your identity and began to examine your request."), ""


def _asked(*rest: Any) -> tuple[str, str]:
    return _("We asked you for something that is missing."), ""


def _asked_identity(*rest: Any) -> tuple[str, str]:
    return _("We asked you for proof of identity."), ""


def _paper(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    if event.actor_kind == ActorKind.REQUESTER:
        return _("You sent a paper for the identity check."), ""
    return _("We added a paper of yours to the identity check."), ""


def _shown(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    if event.facts.get("method") == "account":
        return _("You signed in to your account."), ""
    return _("You identified yourself online."), ""


def _posted(*rest: Any) -> tuple[str, str]:
    return _("We posted a letter to your address, with a code for this page."), ""


def _delivered(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    if event.facts.get("result") == "accepted":
        return _("Our letter reached your address."), ""
    return _("Our letter did not prove your address."), ""


def _resumed(*rest: Any) -> tuple[str, str]:
    return _("We went on with your request."), ""


def _extended(
    case: Case, event: Event, extension: ClockExtension | None, language: str
) -> tuple[str, str]:
    if extension is None:
        return _("We put off the date of our answer."), ""
    title = _("We put off the date of our answer to %(date)s.") % {
        "date": long_date(extension.due_after, language)
    }
    return title, extension.reason


def _charged(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    return _("We told you of the fee: %(amount)s.") % {"amount": _money(event)}, ""


def _paid_part(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    title = _("A part of the fee has arrived: %(amount)s.")
    return title % {"amount": _money(event)}, ""


def _paid(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    return _("The fee has arrived: %(amount)s.") % {"amount": _money(event)}, ""


def _waived(*rest: Any) -> tuple[str, str]:
    return _("You need not pay the fee."), ""


def _money(event: Event) -> str:
    return fees.in_words(int(event.facts["amount"]), str(event.facts["currency"]))


def _decided(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    outcome = event.facts.get("outcome", "")
    if outcome not in Outcome.values:
        return _("We decided on your request."), ""
    return _("We decided on your request: %(outcome)s.") % {"outcome": Outcome(outcome).label}, ""


def _closed(*rest: Any) -> tuple[str, str]:
    return _("We closed the case."), ""


def _withdrawn(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    if event.actor_kind == ActorKind.REQUESTER:
        return _("You withdrew your request."), ""
    return _("We recorded that you withdraw your request."), ""


def _merged(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    number = reference.show_case_number(str(event.facts["into"]))
    return _("We deal with this request together with your request %(number)s.") % {
        "number": number
    }, ""


def _reopened(*rest: Any) -> tuple[str, str]:
    return _("We took up the examination again."), ""


def _message_in(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    return _("You sent us a message."), _number_of_files(event)


def _message_out(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    return _("We sent you a message."), _number_of_files(event)


def _number_of_files(event: Event) -> str:
    count = int(event.facts.get("files") or 0)
    if not count:
        return ""
    return ngettext("With %(count)d file.", "With %(count)d files.", count) % {"count": count}


def _method_changed(
    case: Case, event: Event, extension: ClockExtension | None, language: str
) -> tuple[str, str]:
    chosen = event.facts.get("to") or ["", ""]
    text = method_in_words(case, chosen[0], chosen[1], language)
    if event.actor_kind == ActorKind.REQUESTER:
        return _("You changed how you receive our answer."), text
    return _("We changed how you receive our answer."), text


def _released(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    return {
        "portal": _("We released the data for you on this page."),
        "mail": _("We sent you the data as an encrypted file by e-mail."),
    }.get(event.facts.get("way", ""), _("We put the data together for you.")), ""


def _renewed(*rest: Any) -> tuple[str, str]:
    return _("We released the data for you once more."), ""


def _revoked(*rest: Any) -> tuple[str, str]:
    return _("We closed the release of the data."), ""


def _fetched(*rest: Any) -> tuple[str, str]:
    return _("You downloaded the data."), ""


def _handed_over(case: Case, event: Event, *rest: Any) -> tuple[str, str]:
    if event.facts.get("way") == "counter":
        return _("We handed the data over to you at the counter."), ""
    return _("We posted the data to you."), ""


_Sentence = Callable[[Case, Event, ClockExtension | None, str], tuple[str, str]]

_SENTENCES: dict[str, _Sentence] = {
    "file": _filed,
    "confirm_email": _confirmed_email,
    "accept": _accepted,
    "start": _started,
    "confirm_identity": _identified,
    "ask": _asked,
    "ask_identity": _asked_identity,
    "identity_paper": _paper,
    "identity_shown": _shown,
    "identity_posted": _posted,
    "identity_delivery": _delivered,
    "resume": _resumed,
    "extend": _extended,
    "charge_fee": _charged,
    "pay_part": _paid_part,
    "pay_fee": _paid,
    "waive_fee": _waived,
    "decide": _decided,
    "approve": _decided,
    "end_without_decision": _decided,
    "close": _closed,
    "withdraw": _withdrawn,
    "merge": _merged,
    "reopen": _reopened,
    "message_in": _message_in,
    "message_out": _message_out,
    "change_method": _method_changed,
    "release": _released,
    "approve_release": _released,
    "renew_release": _renewed,
    "revoke_release": _revoked,
    "fetch_release": _fetched,
    "hand_over": _handed_over,
}
TOLD = tuple(_SENTENCES)
"""The acts the person may know."""


def method_in_words(case: Case, method: str, delivery: str, language: str) -> str:
    """A method of disclosure with its delivery; empty where none was chosen."""
    rules = case.rules
    if method not in rules.methods:
        return ""
    title = rules.methods[method].title.in_language(language)
    if delivery not in rules.deliveries:
        return title
    way = rules.deliveries[delivery].title.in_language(language)
    return _("%(method)s (%(delivery)s)") % {"method": title, "delivery": way}


# --- Where it stands ----------------------------------------------------------------------
