"""What the desk does to a case beside moving it on: assign, note, change the method."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from dsar import ledger, notices
from dsar.ledger import Actor
from dsar.lifecycle import NotAllowed
from dsar.models import FINISHED, Case, Note, StaffMember, Status


def assign(case: Case, to: StaffMember | None, *, by: Actor, at: datetime) -> None:
    """Hand a case to a member of staff, or back to everyone; the new one is told.

    Raises:
        NotAllowed: the case is closed, `to` may not work on this controller's cases, or someone
            else was faster: it is no longer in the hands it was in when `case` was loaded.
    """
    if not case.is_open:
        raise NotAllowed(_("A closed case is not assigned to anyone."))
    if to is not None and not may_work_on(to, case):
        raise NotAllowed(
            _("%(name)s cannot work on cases of %(controller)s.")
            % {"name": to.shown_name(), "controller": case.controller.name}
        )
    if case.assigned_to_id == (to.pk if to else None):
        return
    with transaction.atomic():
        rows = Case.objects.filter(pk=case.pk, assigned_to=case.assigned_to_id)
        if not rows.exclude(status=Status.CLOSED).update(assigned_to=to):
            raise NotAllowed(_why_not_assigned(case.pk))
        case.assigned_to = to
        ledger.append(case, "assign", by=by, at=at, facts={"to": to.pk if to else None})
        if to is not None and by.user != to:
            notices.write([notices.new(notices.DESK_ASSIGNED, at, case=case, recipient=to)], at)


def _why_not_assigned(pk: int) -> str:
    """What happened to a case since it was loaded, so that it could not be assigned."""
    now = Case.objects.select_related("assigned_to").get(pk=pk)
    return (
        meanwhile(now.assigned_to) if now.is_open else _("A closed case is not assigned to anyone.")
    )


def meanwhile(holder: StaffMember | None) -> str:
    """That the case is in other hands than the reader saw."""
    return _("Meanwhile the case was assigned to %(name)s. Choose again if that is not right.") % {
        "name": holder.shown_name() if holder else _("nobody")
    }


def may_work_on(user: StaffMember, case: Case) -> bool:
    """Whether a member of staff may work on a case of its controller."""
    return (
        user.is_active
        and user.has_perm("dsar.work_case")
        and user.controllers.filter(pk=case.controller_id).exists()
    )


def note(case: Case, body: str, *, by: Actor, at: datetime) -> Note:
    """Write an internal note."""
    if by.user is None:
        raise NotAllowed(_("Only the desk can do this."))
    with transaction.atomic():
        row = Note.objects.create(case=case, author=by.user, body=body, at=at)
        ledger.append(case, "note", by=by, at=at, facts={"note": row.pk})
    return row


def change_method(case: Case, method: str, delivery: str, *, by: Actor, at: datetime) -> None:
    """Change how the person wants the disclosure.

    Raises:
        NotAllowed: already decided, or the law knows no such method for this kind.
    """
    if case.status in FINISHED:
        raise NotAllowed(_("The case is decided; the method can no longer be changed."))
    if method not in case.rule.methods or delivery not in case.rules.methods[method].deliveries:
        raise NotAllowed(_("This method is not offered for this kind of request."))
    if (method, delivery) == (case.method, case.delivery):
        return
    with transaction.atomic():
        ledger.append(
            case,
            "change_method",
            by=by,
            at=at,
            facts={"from": [case.method, case.delivery], "to": [method, delivery]},
        )
        rows = Case.objects.filter(pk=case.pk).exclude(status__in=FINISHED)
        if not rows.update(method=method, delivery=delivery):
            raise NotAllowed(_("The case is decided; the method can no longer be changed."))
        case.method, case.delivery = method, delivery
