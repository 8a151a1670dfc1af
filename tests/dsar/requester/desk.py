"""What the desk does to a case, and what a browser sends, for the tests beside."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dsar import correspondence, decision, ledger, lifecycle
from dsar.models import Case, StaffMember, Status
from tests.factories import do

CASE = "/status/request/"
MESSAGE = "/status/request/message/"
METHOD = "/status/request/method/"
WITHDRAW = "/status/request/withdraw/"
PDF = b"%PDF-1.7\n" + b"x" * 64


def pdf(name: str = "住民票.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def text_of(page: Any) -> str:
    return str(page.content.decode())


def ask(case: Case, desk: ledger.Actor, message: str) -> None:
    """As the desk does it: the question is an act and a message at the same time."""
    at = timezone.now()
    texts = {"reason": "not for the person", "message": message}
    lifecycle.move(case, "ask", by=desk, at=at, texts=texts)
    correspondence.send(case, message, by=desk, at=at, tell=False)


def begin_examination(case: Case, desk: ledger.Actor) -> None:
    now = timezone.now()
    lifecycle.move(case, "accept", by=desk, at=now)
    do(case, "confirm_identity", by=desk, at=now)


def decide(case: Case, desk: ledger.Actor, approver: StaffMember, **draft: Any) -> None:
    begin_examination(case, desk)
    decision.record(case, decision.Draft(**draft), by=desk, at=timezone.now())
    if case.status == Status.IN_APPROVAL:
        decision.approve(case, by=ledger.staff(approver), at=timezone.now())


def close(case: Case, desk: ledger.Actor) -> None:
    now = timezone.now()
    facts = {"notified_by": "portal", "notified_on": now.date()}
    lifecycle.move(case, "close", by=desk, at=now, facts=facts)
