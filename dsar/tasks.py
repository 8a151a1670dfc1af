"""What is done without anyone: each task takes ids and the time, and calls one stage.

All of them may run twice or be cut off: the rows say what is still to be done. `config/celery.py`
says when they run.
"""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from dsar import (
    copies,
    digests,
    disclosure,
    housekeeping,
    identity,
    letters,
    notices,
    reclock,
    reminders,
)
from dsar.connectors import runs


@shared_task(name="dsar.sweep_notices")
def sweep_notices() -> None:
    """Claim every notice that is due."""
    reminders.sweep(timezone.now())


@shared_task(name="dsar.send_notice")
def send_notice(*ids: int) -> None:
    """Send the notices of these ids."""
    reminders.deliver_all(ids, timezone.now())


@shared_task(name="dsar.write_letters")
def write_letters() -> None:
    """Write the letters that acts have ordered."""
    letters.sweep(timezone.now())


@shared_task(name="dsar.make_copy")
def make_copy(*ids: int) -> None:
    """Make the copies of these materials for the person."""
    for pk in ids:
        copies.make(pk, timezone.now())


@shared_task(name="dsar.sweep_copies")
def sweep_copies() -> None:
    """Queue the copies that still wait."""
    copies.sweep(timezone.now())


@shared_task(name="dsar.recompute_stale_clocks")
def recompute_stale_clocks() -> None:
    """Count due dates anew after a calendar change."""
    reclock.recompute_stale_clocks(timezone.now())


@shared_task(name="dsar.replan_reminders")
def replan_reminders(after: int = 0) -> None:
    """Plan reminders anew after the schedule was edited, some cases at a time."""
    last = reminders.replan_reminders(timezone.now(), after)
    if last is not None:
        notices.queue("dsar.replan_reminders", last)


@shared_task(name="dsar.plan_digests")
def plan_digests() -> None:
    """Write today's digests."""
    digests.plan_digests(timezone.now())


@shared_task(name="dsar.drop_expired")
def drop_expired() -> None:
    """Remove what has expired."""
    housekeeping.drop_expired(timezone.now())


@shared_task(name="dsar.destroy_identity_pictures")
def destroy_identity_pictures() -> None:
    """Destroy pictures of papers whose check lies back far enough."""
    identity.destroy_pictures(timezone.now())


@shared_task(name="dsar.run_connectors")
def run_connectors() -> None:
    """Claim every run of a connector that is due."""
    runs.sweep(timezone.now())


@shared_task(name="dsar.run_connector")
def run_connector(pk: int) -> None:
    """Ask one system for one task."""
    runs.run(pk, timezone.now())


@shared_task(name="dsar.sweep_packages")
def sweep_packages() -> None:
    """Queue the packages that are not built."""
    disclosure.sweep(timezone.now())


@shared_task(name="dsar.build_package")
def build_package(pk: int) -> None:
    """Put one package together."""
    disclosure.build(pk, timezone.now())
