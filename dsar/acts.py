"""The table of what may be done to a case. `dsar.lifecycle` asks it and does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dsar import collection, deadlines, notices
from dsar.models import Case, Fee, IdentityCheck, Letter, Outcome, Status
from dsar.models.identity import subjects

WORK = "dsar.work_case"
APPROVE = "dsar.approve_case"

_BEFORE_DECISION = (Status.RECEIVED, Status.IDENTITY_CHECK, Status.IN_PROGRESS)
_UNDECIDED = (*_BEFORE_DECISION, Status.AWAITING_REQUESTER, Status.IN_APPROVAL)


@dataclass(frozen=True, slots=True)
class Act:
    """One row of the table.

    Attributes:
        label: what the button says.
        sources: statuses it starts from.
        target: status it leads to; None stays; "waiting_from" goes back to where it waited from;
            "reopened" to the examination, or to the identity check if it was never passed.
        who: permissions of which staff need one; `requester` for the person as well.
        requires: facts that must be given and not empty.
        meets: deadlines that this act meets.
        clock: "stop", "charge", "resume", "extend" or "".
        tells: notice to the person.
        letter: letter to the person.
        outcome: what comes of the case by this act alone.
        guard: a further condition; returns the reason why not, or None.
    """

    label: str | Promise
    sources: tuple[Status, ...]
    target: Status | str | None
    who: tuple[str, ...] = (WORK,)
    requester: bool = False
    requires: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    clock: str = ""
    tells: str = ""
    letter: Letter.Kind | None = None
    outcome: Outcome | str = ""
    guard: Callable[[Case, Mapping[str, Any]], str | None] | None = None


def _needs_identity(case: Case, facts: Mapping[str, Any]) -> str | None:
    if case.rule.identity == "required":
        return None
    return _("This kind of request needs no identity check. Start the examination.")


def _needs_identity_at_all(case: Case, facts: Mapping[str, Any]) -> str | None:
    if case.rule.identity == "required":
        return None
    return _("This kind of request needs no identity check.")


def _needs_no_identity(case: Case, facts: Mapping[str, Any]) -> str | None:
    if case.rule.identity != "required":
        return None
    return _("The identity must be checked first.")


def _may_extend(case: Case, facts: Mapping[str, Any]) -> str | None:
    return deadlines.why_not_extend(case, facts["today"])


def _may_resume(case: Case, facts: Mapping[str, Any]) -> str | None:
    if _open_fee(case):
        return _("The case waits for the fee. Record the payment, or waive the fee.")
    return deadlines.why_not_resume(case, facts.get("resumed_on"), facts["today"])


# `dsar.fees` asks these before it writes the fee, and names it in the facts when it moves the case.
def _may_charge(case: Case, facts: Mapping[str, Any]) -> str | None:
    if not case.rule.fee_allowed:
        return _("The law allows no fee for this kind of request.")
    settled = (Fee.State.OPEN, Fee.State.PAID)
    if "fee" not in facts and case.fees.filter(state__in=settled).exists():
        return _("The fee was charged already.")
    return None


def _may_pay(case: Case, facts: Mapping[str, Any]) -> str | None:
    if not case.rule.fee_allowed:
        return _("The law allows no fee for this kind of request.")
    if "fee" in facts:
        return None
    if case.fees.filter(state=Fee.State.PAID).exists():
        return _("The fee is paid already.")
    if case.status == Status.AWAITING_REQUESTER and not _open_fee(case):
        return _("The case waits for an answer, not for a fee. Resume it first.")
    return None


def _may_waive(case: Case, facts: Mapping[str, Any]) -> str | None:
    if "fee" in facts or _open_fee(case):
        return None
    return _("No fee is waiting for payment.")


def _open_fee(case: Case) -> bool:
    return case.rule.fee_allowed and case.fees.filter(state=Fee.State.OPEN).exists()


def _approver_differs(case: Case, facts: Mapping[str, Any]) -> str | None:
    if facts.get("decided_by") == facts.get("actor_id"):
        return _("A decision is approved by someone other than the person who made it.")
    return None


def _carried_out(case: Case, facts: Mapping[str, Any]) -> str | None:
    count = collection.to_carry_out(case)
    if not count:
        return None
    return ngettext(
        "%(count)d system still has to carry the decision out. Close the case when that is done.",
        "%(count)d systems still have to carry the decision out. Close the case when that is done.",
        count,
    ) % {"count": count}


def _identity_is_proven(case: Case, facts: Mapping[str, Any]) -> str | None:
    """Asked when it is done, not when its page is opened: there a check may still be recorded."""
    if "check_method" not in facts:
        return None
    accepted = case.identity_checks.filter(state=IdentityCheck.State.ACCEPTED)
    if not set(subjects(case)) <= set(accepted.values_list("subject", flat=True)):
        return _("The identity, or the authority of the agent, is not proven yet.")
    return None


ACTS: dict[str, Act] = {
    "accept": Act(
        label=gettext_lazy("Accept and check identity"),
        sources=(Status.RECEIVED,),
        target=Status.IDENTITY_CHECK,
        meets=("ack",),
        guard=_needs_identity,
    ),
    "start": Act(
        label=gettext_lazy("Accept and start examination"),
        sources=(Status.RECEIVED,),
        target=Status.IN_PROGRESS,
        meets=("ack", "id_check"),
        guard=_needs_no_identity,
    ),
    "confirm_identity": Act(
        label=gettext_lazy("Identity confirmed"),
        sources=(Status.IDENTITY_CHECK,),
        target=Status.IN_PROGRESS,
        requires=("check_method",),
        meets=("id_check",),
        guard=_identity_is_proven,
    ),
    "ask": Act(
        label=gettext_lazy("Ask the requester and stop the clock"),
        sources=_BEFORE_DECISION,
        target=Status.AWAITING_REQUESTER,
        requires=("reason", "message"),
        meets=("ack",),
        clock="stop",
        tells=notices.MISSING,
        letter=Letter.Kind.DEFICIENCY,
    ),
    "ask_identity": Act(
        label=gettext_lazy("Ask for proof of identity"),
        sources=_BEFORE_DECISION,
        target=Status.AWAITING_REQUESTER,
        requires=("reason", "message"),
        meets=("ack",),
        clock="stop",
        tells=notices.MISSING,
        letter=Letter.Kind.IDENTITY,
        guard=_needs_identity_at_all,
    ),
    "resume": Act(
        label=gettext_lazy("Resume and restart the clock"),
        sources=(Status.AWAITING_REQUESTER,),
        target="waiting_from",
        requires=("reason", "resumed_on"),
        clock="resume",
        tells=notices.RESUMED,
        guard=_may_resume,
    ),
    "charge_fee": Act(
        label=gettext_lazy("Charge the fee"),
        sources=_BEFORE_DECISION,
        target=Status.AWAITING_REQUESTER,
        requires=("amount",),
        meets=("ack",),
        clock="charge",
        tells=notices.FEE,
        letter=Letter.Kind.FEE,
        guard=_may_charge,
    ),
    "pay_part": Act(
        label=gettext_lazy("Record a payment"),
        sources=(*_BEFORE_DECISION, Status.AWAITING_REQUESTER),
        target=None,
        requires=("amount", "way", "paid_on"),
        guard=_may_pay,
    ),
    "pay_fee": Act(
        label=gettext_lazy("Record a payment"),
        sources=(*_BEFORE_DECISION, Status.AWAITING_REQUESTER),
        target="waiting_from",
        requires=("amount", "way", "paid_on", "resumed_on"),
        meets=("fee_payment",),
        clock="resume",
        tells=notices.FEE_PAID,
        letter=Letter.Kind.FEE_RECEIPT,
        guard=_may_pay,
    ),
    "waive_fee": Act(
        label=gettext_lazy("Waive the fee"),
        sources=(Status.AWAITING_REQUESTER,),
        target="waiting_from",
        requires=("reason", "resumed_on"),
        clock="resume",
        tells=notices.FEE_WAIVED,
        guard=_may_waive,
    ),
    "extend": Act(
        label=gettext_lazy("Extend the due date"),
        sources=_UNDECIDED,  # asking does not stop every rule set's clock
        target=None,
        requires=("reason",),
        clock="extend",
        tells=notices.EXTENDED,
        letter=Letter.Kind.EXTENSION,
        guard=_may_extend,
    ),
    "propose": Act(
        label=gettext_lazy("Decide (goes to approval)"),
        sources=(Status.IN_PROGRESS,),
        target=Status.IN_APPROVAL,
        requires=("proposed",),
    ),
    "decide": Act(
        label=gettext_lazy("Decide"),
        sources=(Status.IN_PROGRESS,),
        target=Status.DECIDED,
        requires=("outcome",),
        meets=("ack", "id_check", "decision", "cure"),
        tells=notices.DECIDED,
        letter=Letter.Kind.DECISION,
    ),
    "end_without_decision": Act(
        label=gettext_lazy("End: request not effective"),
        sources=(*_BEFORE_DECISION, Status.AWAITING_REQUESTER),
        target=Status.DECIDED,
        requires=("code", "reason"),
        meets=("ack", "id_check", "decision", "cure"),
        tells=notices.DECIDED,
        letter=Letter.Kind.THRESHOLD,
        outcome=Outcome.NOT_ACCEPTED,
    ),
    "approve": Act(
        label=gettext_lazy("Approve"),
        sources=(Status.IN_APPROVAL,),
        target=Status.DECIDED,
        who=(APPROVE,),
        requires=("outcome",),
        meets=("ack", "id_check", "decision", "cure"),
        tells=notices.DECIDED,
        letter=Letter.Kind.DECISION,
        guard=_approver_differs,
    ),
    "send_back": Act(
        label=gettext_lazy("Send back"),
        sources=(Status.IN_APPROVAL,),
        target=Status.IN_PROGRESS,
        who=(APPROVE,),
        requires=("reason",),
    ),
    "close": Act(
        label=gettext_lazy("Close the case"),
        sources=(Status.DECIDED,),
        target=Status.CLOSED,
        requires=("notified_by", "notified_on"),
        tells=notices.CLOSED,
        guard=_carried_out,
    ),
    "withdraw": Act(
        label=gettext_lazy("Record a withdrawal"),
        sources=_UNDECIDED,
        target=Status.CLOSED,
        requester=True,
        meets=("ack", "id_check", "decision", "cure"),
        tells=notices.WITHDRAWN,
        outcome=Outcome.WITHDRAWN,
    ),
    "merge": Act(
        label=gettext_lazy("Merge with an earlier case"),
        sources=_UNDECIDED,
        target=Status.CLOSED,
        requires=("into",),
        meets=("ack", "id_check", "decision", "cure"),
        tells=notices.MERGED,
        outcome=Outcome.MERGED,
    ),
    "reopen": Act(
        label=gettext_lazy("Reopen"),
        sources=(Status.CLOSED, Status.DECIDED),
        target="reopened",
        who=(APPROVE,),
        requires=("reason",),
    ),
}
