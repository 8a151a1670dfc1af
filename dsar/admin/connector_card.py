"""The card "Connectors": what each system with a connector is doing for the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dsar import ledger
from dsar.admin import connector_words, roles
from dsar.connectors import at_desk
from dsar.models import Case, ConnectorRun, SearchTask, StaffMember

State, Step = ConnectorRun.State, ConnectorRun.Step
TONES = {
    State.WAITING: "neutral",
    State.RUNNING: "progress",
    State.DONE: "success",
    State.FAILED: "error",
    State.CANCELLED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Button:
    """Something the reader may do: a page to open, or a form of one button."""

    label: str
    url: str
    posts: bool = True
    weight: str = "secondary"


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of one system."""

    run: ConnectorRun
    tone: str
    result: str
    error: str
    detail: str
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One task of one system, with its steps so far."""

    task: SearchTask
    steps: list[StepRow]
    buttons: list[Button] = field(default_factory=list)
    note: str = ""


def of(case: Case, user: StaffMember) -> dict[str, Any] | None:
    """The card, in one query; None where no connector has anything to do."""
    runs = (
        ConnectorRun.objects.filter(task__case=case)
        .exclude(state=State.CANCELLED)
        .select_related("task__system", "approved_by")
    )
    by_task: dict[int, list[ConnectorRun]] = {}
    for run in runs:
        run.task.case = case
        by_task.setdefault(run.task_id, []).append(run)
    if not by_task:
        return None
    rows = [_system(found, user) for found in by_task.values()]
    finished = [row for row in rows if row.task.state != SearchTask.State.OPEN]
    active = any(step.run.state in ConnectorRun.ACTIVE for row in rows for step in row.steps)
    failed = [row for row in rows if row.steps[-1].run.state == State.FAILED]
    summary = _("Systems that have answered: %(done)d of %(all)d.") % {
        "done": len(finished),
        "all": len(rows),
    }
    if failed:
        summary += " " + _("Systems that need attention: %(failed)d.") % {"failed": len(failed)}
    return {
        "rows": rows,
        "is_active": active,
        "summary": summary,
        "url": reverse("admin:dsar_case_connectors", args=[case.pk]),
    }


def _system(runs: list[ConnectorRun], user: StaffMember) -> SystemRow:
    task, last = runs[-1].task, runs[-1]
    steps = [
        StepRow(
            run=run,
            tone=TONES[State(run.state)],
            result=connector_words.result(run),
            error=connector_words.error(run.last_error) if run.last_error else "",
            detail=run.error_detail,
            next_try_at=run.next_try_at if run.state == State.WAITING and run.attempts else None,
        )
        for run in runs
    ]
    if task.state != SearchTask.State.OPEN:
        return SystemRow(task, steps)
    return SystemRow(task, steps, _buttons(last, user), _note(last, user))


def _buttons(last: ConnectorRun, user: StaffMember) -> list[Button]:
    found = []
    if last.step == Step.DRY_RUN and last.state == State.DONE and last.rows:
        url = _url("approve", last)
        label = _("Look at the change")
        if at_desk.why_not_approve(last, ledger.staff(user)) is None:
            label = _("Look at the change and approve it")
        found.append(Button(label, url, posts=False, weight="primary"))
    if not roles.may_work(user):
        return found
    if last.step == Step.DRY_RUN and last.state == State.DONE and not last.rows:
        found.append(Button(_("Record that there is nothing to change"), _url("nothing", last)))
    if last.state == State.FAILED or (last.state == State.WAITING and last.attempts):
        found.append(Button(_("Try again now"), _url("retry", last)))
    if last.step != Step.SEARCH and last.state in (State.FAILED, State.DONE):
        found.append(Button(_("Start again with a dry run"), _url("again", last)))
    return found


def _note(last: ConnectorRun, user: StaffMember) -> str:
    if last.state == State.FAILED:
        return _("The task can also be answered by hand, as for a system without a connector.")
    if last.step == Step.DRY_RUN and last.state == State.DONE and last.rows:
        return _("Nothing is changed before a second person has approved it.")
    return ""


def _url(act: str, run: ConnectorRun) -> str:
    return reverse(f"admin:dsar_case_connector_{act}", args=[run.task.case_id, run.pk])
