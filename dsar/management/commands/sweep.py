"""`sweep`: do once what the worker does by itself, for a machine that has cron but no worker."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dsar import digests, housekeeping, reclock, reminders
from dsar.reminders import CHUNK

SECONDS = 120.0


class Command(BaseCommand):
    """Counts clocks anew, plans digests, sends what is due, removes what has expired."""

    help = "Send the mail that is due and do the other work of the background, once."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.stdout.write(f"clocks counted anew: {reclock.recompute_stale_clocks(now)}")
        self.stdout.write(f"digests planned: {digests.plan_digests(now)}")
        done, began = 0, time.monotonic()
        # Well within a claim's lease; what is left is for the next call.
        while time.monotonic() - began < SECONDS and (batch := reminders.claim(now, CHUNK)):
            reminders.deliver_all(batch, now)
            done += len(batch)
        self.stdout.write(f"notices worked on: {done}")
        for name, count in housekeeping.drop_expired(now).items():
            self.stdout.write(f"{name} removed: {count}")
