"""What a fault test asks of the portal's own code, in a process of its own.

It reads one word a line and answers each with a line of JSON: `prepare` makes the tables and a
company, `later` lets the leases of killed workers run out, `waiting` says how much mail is still
to be sent, and `reckon` looks through everything that is stored.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import timedelta
from typing import Any

import django

LEASE_AND_A_BIT = timedelta(hours=5)
"""Longer than any lease and any wait between two tries."""


def prepare() -> dict[str, Any]:
    """Tables, a company, and a desk that gets mail."""
    from django.core.management import call_command

    from dsar.models import Controller

    call_command("migrate", verbosity=0)
    Controller.objects.create(
        code="sample",
        name_ja="株式会社サンプル",
        name_en="Sample Co., Ltd.",
        regimes=["appi"],
        desk_email="desk@sample.example",
    )
    return {}


def later() -> dict[str, Any]:
    """Let hours pass for what was claimed or put off, and have the worker look."""
    from django.db.models import F
    from django.utils import timezone

    from dsar import notices
    from dsar.models import Notice

    state = Notice.State
    lapsed = Notice.objects.filter(state=state.CLAIMED).update(
        claimed_until=F("claimed_until") - LEASE_AND_A_BIT,
        next_try_at=F("next_try_at") - LEASE_AND_A_BIT,
    )
    Notice.objects.filter(state=state.WAITING, due_at__lte=timezone.now()).update(
        next_try_at=F("due_at")
    )
    notices.queue("dsar.sweep_notices")
    return {"lapsed": lapsed, "waiting": _undone()}


def waiting() -> dict[str, Any]:
    """How many notices that are due are neither sent nor moot."""
    return {"waiting": _undone()}


def _undone() -> int:
    from django.utils import timezone

    from dsar.models import Notice

    done = (Notice.State.SENT, Notice.State.CANCELLED)
    return Notice.objects.filter(due_at__lte=timezone.now()).exclude(state__in=done).count()


def reckon() -> dict[str, Any]:
    """Every case with what it lacks, its files' digests, and every notice that was due."""
    from django.utils import timezone

    from dsar.models import Case, CaseKey, Notice

    cases = {}
    for case in Case.objects.select_related("key").order_by("id"):
        cases[case.number] = {
            "email": next((p.email for p in case.people.all() if p.role == "principal"), ""),
            "faults": _faults(case),
            "files": sorted(_digest(case, row) for row in case.attachments.all()),
        }
    due = Notice.objects.filter(due_at__lte=timezone.now()).select_related("case")
    return {
        "cases": cases,
        "notices": [
            {
                "case": row.case.number if row.case else "",
                "kind": row.kind,
                "state": row.state,
                "message_id": row.message_id,
            }
            for row in due
        ],
        "keys of nothing": CaseKey.objects.filter(case=None, drafts=None).count(),
    }


def _faults(case: Any) -> list[str]:
    """What a whole case has and this one lacks."""
    from dsar import deadlines, ledger, notices

    found = []
    try:
        ledger.verify(case)
    except ledger.Broken as broken:
        found.append(str(broken))
    if [event.act for event in case.events.all()][:1] != ["file"]:
        found.append("no filing in the ledger")
    if [bool(person.name) for person in case.people.all()] != [True]:
        found.append("not one person with a name")
    if not case.search_tokens.exists():
        found.append("no search tokens")
    if not case.answers.get("scope"):
        found.append("no answers")
    counted = deadlines.reckon(case, deadlines.facts_of(case), deadlines.calendar_of(case))
    if missing := set(counted) - {row.code for row in case.deadlines.all()}:
        found.append(f"no deadlines {sorted(missing)}")
    told = {notices.CONFIRM_EMAIL, notices.DESK_NEW}
    if missing := told - {row.kind for row in case.notices.all()}:
        found.append(f"no notices {sorted(missing)}")
    return found


def _digest(case: Any, row: Any) -> str:
    """SHA-256 of a file's opened bytes, or why it cannot be read."""
    from dsar import files

    row.case = case
    try:
        return hashlib.sha256(b"".join(files.read(row))).hexdigest()
    except Exception as error:
        return f"unreadable: {type(error).__name__}"


PARTS = {"prepare": prepare, "later": later, "waiting": waiting, "reckon": reckon}


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(PARTS[line.strip()]()) + "\n")
        sys.stdout.flush()
