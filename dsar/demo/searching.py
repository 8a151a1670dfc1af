"""What data owners do in demo cases: they are asked, and they answer, with made-up data."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from dsar import collection, deadlines, ledger, owner_answers
from dsar.demo.papers import paper
from dsar.demo.steps import HANDLER, Step, Turn
from dsar.models import Person, SearchTask

_TABLE = (
    "受付日,区分,内容\r\n"
    "2024-04-02,会員登録,ウェブサイトから入会\r\n"
    "2025-01-15,問い合わせ,配送状況のお尋ね（電話）\r\n"
    "2025-06-30,登録変更,電話番号の変更\r\n"
)


def asks(day: int, question: str, *systems: str, days: int = 0) -> Step:
    """The officer asks the data owners of these systems; due in `days`, or as is usual."""

    def run(turn: Turn) -> None:
        purpose = collection.purpose_now(turn.case)
        person = turn.case.people.get(role=Person.Role.PRINCIPAL)
        person.case = turn.case
        known = {"customer_number": "会員番号", "name": "氏名"}
        shared = [name for name in known if getattr(person, name)]
        lines = [f"{known[name]}：{getattr(person, name)}" for name in shared]
        words = "\n".join([question, "", *lines])
        today = deadlines.today(turn.case, turn.at)
        due_on = collection.default_due(turn.case, today)
        if days:
            due_on = today + timedelta(days=days)
        rows = turn.case.tasks.filter(purpose=purpose, state=SearchTask.State.PROPOSED)
        for task in rows.filter(system__code__in=systems).select_related("system__processor"):
            task.case = turn.case
            collection.ask(task, words, due_on, by=turn.by, at=turn.at, shared=shared)

    return Step(day, HANDLER, run)


def answers(day: int, system: str, state: str, words: str = "", *names: str, by: str = "") -> Step:
    """A data owner answers, with files of these names: by login, or without one by link."""

    def run(turn: Turn) -> None:
        task = turn.case.tasks.select_related("system__processor").get(
            system__code=system, state=SearchTask.State.OPEN
        )
        task.case = turn.case
        uploads = [_file(name) for name in names]
        actor = turn.by if by else ledger.OWNER
        owner_answers.give(task, state, words, uploads, by=actor, at=turn.at)

    return Step(day, by or HANDLER, run)


def _file(name: str) -> SimpleUploadedFile:
    if name.endswith(".csv"):
        return SimpleUploadedFile(name, _TABLE.encode("cp932"), "text/csv")
    return paper(name)
