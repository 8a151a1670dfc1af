"""Putting together what the person gets: asked for by the desk, built by a worker.

A build takes a lease and renews it as it goes. A worker that dies loses nothing: the lease runs
out, and the package is built from the beginning, the bytes of the first try dropped. A worker
that was only slow finds itself replaced, and drops its own.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dsar import (
    deadlines,
    disclosure_package,
    disclosure_print,
    files,
    ledger,
    lifecycle,
    materials,
    notices,
    pdf,
    reference,
    vault,
)
from dsar.ledger import Actor
from dsar.models import FINISHED, Attachment, Case, Material, Outcome, Package

LEASE = timedelta(minutes=3)
MAX_TRIES = 4
STEP_SECONDS = 2.0
"""How often a build tells how far it is, and renews its lease."""
PASSPHRASE_LETTERS = 20
"""Of an alphabet of 32: 100 random bits."""

GIVING = (Outcome.GRANTED, Outcome.PARTIAL)

logger = logging.getLogger(__name__)
_State = Package.State
UNBUILT = (_State.WAITING, _State.BUILDING)


class Replaced(Exception):
    """Another worker has taken the build over."""


def gives(case: Case) -> bool:
    """Whether the decision that stands gives data out."""
    return bool(case.rule.methods) and case.status in FINISHED and case.outcome in GIVING


def included(case: Case) -> list[Material]:
    """What the person gets, in order; the rows know their case."""
    rows = case.materials.filter(state=Material.State.INCLUDED).select_related(
        "original", "released"
    )
    found = list(rows.order_by(F("item__position").asc(nulls_last=True), "id"))
    for row in found:
        row.case = case
    return found


def why_not_build(case: Case) -> str | None:
    """Why nothing can be put together now, in words, or None."""
    if not gives(case):
        return _("There is nothing to disclose before the request is granted, wholly or in part.")
    if case.key.destroyed_at is not None:
        return _("The content of this case was destroyed; nothing can be done with it any more.")
    unready = materials.unready(case)
    if unready:
        return unready
    if not case.materials.filter(state=Material.State.INCLUDED).exists():
        return _("No material is marked as given to the person.")
    return None


def usual_form(case: Case) -> str:
    """The form that the way chosen by the person needs."""
    delivery = case.rules.deliveries.get(case.delivery)
    return delivery.package if delivery else Package.Form.OPEN


def is_current(package: Package) -> bool:
    """Whether it holds what was decided last."""
    return package.decided_at == package.case.decided_at and package.case.status in FINISHED


def order(case: Case, form: str, *, by: Actor, at: datetime) -> Package:
    """Ask for a package; one that is being built already is not asked for twice.

    Raises:
        lifecycle.NotAllowed: nothing can be put together now.
    """
    with transaction.atomic():
        held = Case.objects.select_for_update(of=("self",)).only("decided_at", "version")
        if held.get(pk=case.pk).version != case.version:
            raise lifecycle.changed_meanwhile(case)
        refusal = why_not_build(case)
        if refusal:
            raise lifecycle.NotAllowed(refusal)
        decided_at = case.decided_at
        if decided_at is None:
            raise lifecycle.changed_meanwhile(case)
        unbuilt = case.packages.filter(form=form, state__in=UNBUILT)
        for row in unbuilt:
            if row.decided_at == decided_at:
                return row
        # What was asked for under an earlier decision is not built any more.
        unbuilt.update(state=_State.FAILED, fault="outdated")
        package = Package.objects.create(
            case=case, form=form, decided_at=decided_at, asked_at=at, asked_by=by.user
        )
        ledger.append(
            case, "order_package", by=by, at=at, facts={"package": package.pk, "form": form}
        )
        transaction.on_commit(partial(notices.queue, "dsar.build_package", package.pk))
    return package


def sweep(now: datetime) -> list[int]:
    """Queue what is not built: waiting, or left behind by a worker that died."""
    due = Q(state=_State.WAITING) | Q(state=_State.BUILDING, claimed_until__lte=now)
    found = list(Package.objects.filter(due).order_by("pk").values_list("pk", flat=True))
    for pk in found:
        notices.queue("dsar.build_package", pk)
    return found


def build(pk: int, now: datetime) -> Package.State | None:
    """Build one package; its state afterwards. None: there was nothing to do."""
    due = Q(state=_State.WAITING) | Q(state=_State.BUILDING, claimed_until__lte=now)
    begun = Package.objects.filter(due, pk=pk).update(
        state=_State.BUILDING,
        claimed_until=now + LEASE,
        tries=F("tries") + 1,
        parts=0,
        parts_done=0,
        bytes_done=0,
    )
    if not begun:
        return None
    package = Package.objects.select_related("case__key", "case__controller").get(pk=pk)
    _drop_left_behind(package)
    if package.tries > MAX_TRIES:  # workers died over it
        return _fail(package, "given_up")
    try:
        return _build(package)
    except Replaced:
        logger.info("package %d was taken over by another worker", pk)
        return None
    except vault.KeyDestroyed:
        return _fail(package, "erased")
    except disclosure_print.TooLarge:
        return _fail(package, "too_large")
    except (vault.VaultError, FileNotFoundError):
        logger.exception("package %d: a file cannot be read", pk)
        return _fail(package, "unreadable")
    except pdf.NoPdf:
        return _fail(package, "no_pdf")
    except Exception as error:  # whatever it is, the desk is told and others go on
        logger.exception("package %d could not be built: %s", pk, type(error).__name__)
        return _fail(package, "error")


def _build(package: Package) -> Package.State:
    case = package.case
    if not is_current(package) or why_not_build(case):
        return _fail(package, "outdated")
    progress = Progress(package)
    package.stored_as = files.new_place(timezone.now())
    package.passphrase = ""
    if package.form == Package.Form.LOCKED:
        letters = reference.new_code(PASSPHRASE_LETTERS)
        package.passphrase = reference.show_receipt_code(letters)
    found = included(case)
    with transaction.atomic():
        progress.begin(len(found) + 1)
        package.save(update_fields=["stored_as", "passphrase"])
    on = deadlines.today(case, timezone.now())
    if package.form == Package.Form.PRINT:
        suffix, content_type = "pdf", "application/pdf"
        printed = disclosure_print.Printed(case, found, on, progress.step, progress.part)
        chunks = printed.chunks()
    else:
        suffix, content_type = "zip", "application/zip"
        zipped = disclosure_package.Package(
            case, found, on, package.passphrase, progress.step, progress.part
        )
        chunks = zipped.chunks()
    digest = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for chunk in chunks:
            digest.update(chunk)
            yield chunk

    try:
        kept = files.keep(
            hashed(),
            case=case,
            name=f"{case.shown_number}.{suffix}",
            content_type=content_type,
            purpose=Attachment.Purpose.PACKAGE,
            at=timezone.now(),
            stored_as=package.stored_as,
        )
    except BaseException:
        files.drop_bytes(package.stored_as)
        raise
    return _finish(package, kept, digest.digest())


class Progress:
    """Tells how far a build is and renews its lease, every few seconds."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._parts = self._bytes = 0
        self._told = time.monotonic()

    def begin(self, parts: int) -> None:
        """Note how many parts there are."""
        self._tell(parts=parts)

    def step(self, size: int) -> None:
        """So many bytes more are written."""
        self._bytes += size
        if time.monotonic() - self._told > STEP_SECONDS:
            self._tell()

    def part(self) -> None:
        """One more part is done."""
        self._parts += 1
        self._tell()

    def _tell(self, **more: int) -> None:
        """Raises Replaced if another worker has begun."""
        self._told = time.monotonic()
        held = Package.objects.filter(
            pk=self._package.pk, state=_State.BUILDING, tries=self._package.tries
        ).update(
            parts_done=self._parts,
            bytes_done=self._bytes,
            claimed_until=timezone.now() + LEASE,
            **more,
        )
        if not held:
            raise Replaced


def _finish(package: Package, kept: Attachment, digest: bytes) -> Package.State:
    at = timezone.now()
    with transaction.atomic():
        held = Package.objects.filter(
            pk=package.pk, state=_State.BUILDING, tries=package.tries
        ).update(
            state=_State.READY,
            file=kept,
            digest=digest,
            built_at=at,
            claimed_until=None,
            fault="",
        )
        if held:
            ledger.append(
                package.case,
                "build_package",
                by=ledger.SYSTEM,
                at=at,
                facts={
                    "package": package.pk,
                    "form": package.form,
                    "size": kept.size,
                    "sha256": digest.hex(),
                },
            )
            _drop_older(package)
    if not held:
        with transaction.atomic():
            files.remove(kept)
        raise Replaced
    return _State.READY


def _fail(package: Package, fault: str) -> Package.State:
    Package.objects.filter(pk=package.pk, state=_State.BUILDING, tries=package.tries).update(
        state=_State.FAILED, fault=fault, claimed_until=None
    )
    return _State.FAILED


def _drop_left_behind(package: Package) -> None:
    """Delete what an earlier try of this package had written."""
    if not package.stored_as:
        return
    row = Attachment.objects.filter(stored_as=package.stored_as).first()
    if row is None:
        files.drop_bytes(package.stored_as)
    else:
        with transaction.atomic():
            files.remove(row)


def _drop_older(package: Package) -> None:
    """Delete the bytes of earlier packages of the same form that were never released."""
    older = Package.objects.filter(
        case=package.case, form=package.form, pk__lt=package.pk, releases=None
    ).exclude(file=None)
    for row in older.select_related("file"):
        if row.file is not None:
            files.remove(row.file)
