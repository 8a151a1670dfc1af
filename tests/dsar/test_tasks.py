"""The tasks: thin, by name, with ids only."""

from __future__ import annotations

import ast
import inspect
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core import mail as outbox

from config.celery import app
from dsar import notices, tasks
from dsar.models import Notice, ReminderRule
from tests.conftest import FileCase
from tests.factories import NOW

NAMES = {
    "dsar.sweep_notices",
    "dsar.send_notice",
    "dsar.recompute_stale_clocks",
    "dsar.replan_reminders",
    "dsar.plan_digests",
    "dsar.destroy_identity_pictures",
    "dsar.drop_expired",
    "dsar.write_letters",
    "dsar.run_connectors",
    "dsar.run_connector",
    "dsar.make_copy",
    "dsar.sweep_copies",
    "dsar.sweep_packages",
    "dsar.build_package",
}

OF_ROWS = {"dsar.send_notice", "dsar.run_connector", "dsar.make_copy", "dsar.build_package"}
"""Those that take ids; the sweeps queue them."""


def test_what_beat_asks_for_exists() -> None:
    app.loader.import_default_modules()
    known = {name for name in app.tasks if name.startswith("dsar.")}
    assert known == NAMES
    planned = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert planned == NAMES - OF_ROWS


def test_tasks_only_take_the_time_and_hand_on() -> None:
    tree = ast.parse(inspect.getsource(tasks))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert len(functions) == len(NAMES)
    for function in functions:
        body = function.body[1:]  # after the docstring
        assert sum(node.end_lineno - node.lineno + 1 for node in body if node.end_lineno) <= 5


def test_a_notice_goes_from_sweep_to_mail(
    file_case: FileCase, queued: list[Any], freeze: Any
) -> None:
    freeze(NOW + timedelta(minutes=1))
    file_case()
    queued.clear()
    tasks.sweep_notices.apply(throw=True)
    for name, *ids in queued:
        assert name == "dsar.send_notice"
        tasks.send_notice.apply(args=ids, throw=True)
    assert {to for message in outbox.outbox for to in message.to} == {
        "hanako@person.example",
        "desk@sample.example",
    }
    assert not Notice.objects.filter(state="claimed").exists()


def test_every_task_may_run_twice(
    file_case: FileCase, officer: Any, queued: list[Any], freeze: Any
) -> None:
    freeze(NOW + timedelta(minutes=1))
    file_case(assigned_to=officer)
    for _ in range(2):
        for name in sorted(NAMES - OF_ROWS):
            app.tasks[name].apply(throw=True)
    ids = [pk for name, *ids in queued if name == "dsar.send_notice" for pk in ids]
    assert len(ids) == len(set(ids))
    for _ in range(2):
        tasks.send_notice.apply(args=ids, throw=True)
    assert len(outbox.outbox) == len(
        {message.extra_headers["Message-ID"] for message in outbox.outbox}
    )


def test_replanning_queues_its_own_continuation(
    file_case: FileCase, queued: list[Any], monkeypatch: pytest.MonkeyPatch, freeze: Any
) -> None:
    from dsar import reminders

    freeze(NOW)
    cases = sorted(file_case().pk for _ in range(3))
    ReminderRule.objects.create(deadline="decision", days_before=5)
    queued.clear()
    monkeypatch.setattr(reminders.replan_reminders, "__defaults__", (0, 2))
    tasks.replan_reminders.apply(throw=True)
    assert queued == [("dsar.replan_reminders", cases[1])]
    tasks.replan_reminders.apply(args=[cases[1]], throw=True)
    assert len(queued) == 1
    due_at = Notice.objects.filter(kind="desk_due:decision").values("due_at").distinct()
    assert due_at.count() == 6


def test_tasks_carry_no_more_than_ids(file_case: FileCase, queued: list[Any]) -> None:
    file_case()
    assert all(isinstance(value, int) for _name, *ids in queued for value in ids)
    assert current_app.conf.task_ignore_result
    assert notices.queue is not None
