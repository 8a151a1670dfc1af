"""What had been told by mail before the demo began: it is noted as sent, and never sent."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from dsar.mail import NO_ADDRESS
from dsar.models import Case, Notice

REFUSED = "SMTP 550: address refused"


def settle(case: Case, now: datetime) -> None:
    """Note the case's past notices as sent; to a person without e-mail, as cancelled.

    Reminders that are still ahead stay and will be sent. Run it in the transaction that makes
    the case, so that no worker sees the notices before.
    """
    past = case.notices.filter(state=Notice.State.WAITING, due_at__lte=now)
    contact = case.contact()
    if contact is None or not contact.email:
        past.filter(audience=Notice.Audience.REQUESTER).update(
            state=Notice.State.CANCELLED, attempts=1, last_error=NO_ADDRESS
        )
    past.update(state=Notice.State.SENT, attempts=1, sent_at=F("due_at"))


def bounce(case: Case, kind: str) -> None:
    """Let the newest sent mail of one kind have been refused by the person's mail server.

    Raises:
        Notice.DoesNotExist: none of that kind was sent.
    """
    newest = case.notices.filter(kind=kind, state=Notice.State.SENT).latest("due_at")
    Notice.objects.filter(pk=newest.pk).update(
        state=Notice.State.FAILED, sent_at=None, last_error=REFUSED
    )
