"""What is handed in: files first, one by one, then the answer that ends the task.

A file is kept as soon as it has arrived, so a large one is not lost when the next one fails;
until the task is answered it can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import filetype
from django.db import transaction
from django.utils.translation import gettext as _

from dsar import collection, files, ledger, materials
from dsar.collection import Purpose, State
from dsar.ledger import Actor
from dsar.models import Attachment, Case, Material, SearchTask

TABLE_MAX_BYTES = 20 * 1024 * 1024
"""A CSV file up to this size becomes a table; a larger one stays a file."""


class Incomplete(Exception):
    """An answer lacks something; `faults` says what, by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        self.faults = faults
        super().__init__(" ".join(faults.values()))


@dataclass(frozen=True, slots=True)
class Given:
    """One file of a task, as its data owner sees it."""

    pk: int
    name: str
    size: int


def given(task: SearchTask) -> list[Given]:
    """What was handed in so far (one query)."""
    if task.purpose == Purpose.CARRY_OUT:
        proofs = list(task.proofs.all())
        for proof in proofs:
            proof.case = task.case
        return [Given(row.pk, row.name, row.size) for row in proofs]
    found = list(task.materials.select_related("original"))
    for material in found:
        material.case = task.case
    return [Given(row.pk, row.title, row.original.size) for row in found]


def add(task: SearchTask, uploads: Iterable[Any], *, by: Actor, at: datetime) -> None:
    """Keep files: as material of a search, as proof that something was carried out.

    Raises:
        collection.NotPossible: the task ended meanwhile.
    """
    for upload in uploads:
        if task.purpose == Purpose.CARRY_OUT:
            row: Material | Attachment = _kept_proof(task, upload, at)
        else:
            row = kept_material(upload, case=task.case, at=at, by=by.user, task=task)
        with transaction.atomic():
            # The bytes took their time; the task may have been taken back.
            is_open = _is_open(task)
            if not is_open:
                _remove(row)
        if not is_open:
            raise collection.NotPossible(_("This task has ended; nothing can be added any more."))


def take_back(task: SearchTask, pk: int) -> bool:
    """Remove a file that was handed in by mistake; False if there is none such.

    Raises:
        collection.NotPossible: the task ended meanwhile.
    """
    with transaction.atomic():
        if not _is_open(task):
            raise collection.NotPossible(_("This task has ended; nothing can be changed any more."))
        rows = task.proofs if task.purpose == Purpose.CARRY_OUT else task.materials
        row: Any = rows.filter(pk=pk).first()
        if row is None:
            return False
        _remove(row)
    return True


def check(task: SearchTask, state: str, answer: str, count: int) -> None:
    """Whether an answer with `count` files is complete.

    Raises:
        Incomplete: what is missing or does not fit.
    """
    faults: dict[str, str] = {}
    says = bool(answer.strip())
    if state == State.FOUND and not count and not says:
        faults["uploads"] = _("Add the files that you found, or say where they are.")
    elif state in (State.NOTHING, State.NOT_OURS) and count:
        faults["state"] = _("You added files: choose “Data found”, or remove them.")
    elif state == State.NOT_OURS and not says:
        faults["answer"] = _("Say who has such data, as far as you know.")
    elif collection.needs_proof(task) and not count and not says:
        faults["uploads"] = _("Add a proof that it was done, or name the document below.")
    if faults:
        raise Incomplete(faults)


def give(
    task: SearchTask, state: str, answer: str, uploads: list[Any], *, by: Actor, at: datetime
) -> None:
    """Hand in the files and the answer.

    Raises:
        Incomplete: see `check`; the files were not kept.
        collection.NotPossible: the task ended meanwhile.
    """
    check(task, state, answer, len(uploads) + len(given(task)))
    add(task, uploads, by=by, at=at)
    collection.answer(task, state, by=by, at=at, answer=answer)


# --- The desk's own hand ------------------------------------------------------------------
def add_by_desk(
    case: Case, uploads: Iterable[Any], *, by: Actor, at: datetime, task: SearchTask | None = None
) -> None:
    """Add files that reached the desk in another way, with or without a task they belong to."""
    for upload in uploads:
        row = kept_material(upload, case=case, at=at, by=by.user, task=task)
        with transaction.atomic():
            facts = {"material": row.pk, "task": task.pk if task else None}
            ledger.append(case, "add_material", by=by, at=at, facts=facts)


def take_out(material: Material, reason: str, *, by: Actor, at: datetime) -> None:
    """Take material out of its case; its name and the reason stay on record, sealed."""
    case, pk = material.case, material.pk
    texts = {"material": material.title, "reason": reason}
    with transaction.atomic():
        # The case first, then what is in it: other acts lock in this order too.
        Case.objects.select_for_update().values_list("pk").get(pk=case.pk)
        materials.remove(material)
        ledger.append(case, "remove_material", by=by, at=at, facts={"material": pk}, texts=texts)


def _kept_proof(task: SearchTask, upload: Any, at: datetime) -> Attachment:
    guessed = filetype.guess(next(iter(upload.chunks()), b"")[:8192])
    return files.keep(
        upload.chunks(),
        case=task.case,
        name=upload.name,
        content_type=guessed.mime if guessed else "application/octet-stream",
        purpose=Attachment.Purpose.PROOF,
        at=at,
        task=task,
    )


def kept_material(upload: Any, *, case: Case, at: datetime, **more: Any) -> Material:
    """Keep an upload as material: a readable CSV file as a table, anything else as a file."""
    name = files.shown_name(upload.name)
    if name.lower().endswith(".csv") and upload.size <= TABLE_MAX_BYTES:
        try:
            return materials.add_csv(case, b"".join(upload.chunks()), name=name, at=at, **more)
        except materials.NotATable:
            pass  # the desk still wants to see it
    return materials.add_file(case, upload.chunks(), name=name, at=at, **more)


def _is_open(task: SearchTask) -> bool:
    """Whether the task is open, and stays so until the caller's transaction ends."""
    rows = SearchTask.objects.select_for_update().filter(pk=task.pk, state=State.OPEN)
    return rows.first() is not None


def _remove(row: Material | Attachment) -> None:
    if isinstance(row, Material):
        materials.remove(row)
    else:
        files.remove(row)
