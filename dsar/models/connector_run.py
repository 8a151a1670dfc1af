"""What a connector does for a task: one row a step, claimed, tried and ended by the sweep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dsar import vault
from dsar.models.sealed import SealedJSONField
from dsar.models.search import SearchTask


class ConnectorRun(models.Model):
    """One step of a connector for one task.

    `next_try_at` says when somebody may begin a try; beginning one moves it to the end of the
    lease, so of several workers that hold the same id only one goes on. `attempts` tells a try
    that has lost its lease from the one that took over.
    """

    class Step(models.TextChoices):
        """What is done."""

        SEARCH = "search", _("Search")
        DRY_RUN = "dry_run", _("Dry run")
        CARRY_OUT = "carry_out", _("Carrying out")
        VERIFY = "verify", _("Verification")

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", pgettext_lazy("of a connector", "Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    ACTIVE = (State.WAITING, State.RUNNING)

    task = models.ForeignKey(SearchTask, on_delete=models.CASCADE, related_name="runs")
    step = models.CharField(_("step"), max_length=10, choices=Step)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_attempt = models.PositiveSmallIntegerField()  # after it, nothing is tried by itself
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    # Search: rows found. Dry run: rows the change would touch. Carrying out: rows touched.
    # Verification: rows still found.
    rows = models.PositiveIntegerField(null=True)
    before_rows = models.PositiveIntegerField(null=True)  # found by the verification beforehand
    approved_rows = models.PositiveIntegerField(null=True)  # carrying out: no more than these
    fingerprint = models.BinaryField(max_length=32, default=bytes)  # of the settings in use
    sample = SealedJSONField()  # dry run: {"columns": […], "rows": […]}
    last_error = models.CharField(max_length=20, blank=True)
    error_detail = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="started_runs"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="approved_runs"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "step"], condition=~Q(state="cancelled"), name="one_run_a_step"
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="run_due", condition=Q(state="waiting")),
            models.Index(fields=["claimed_until"], name="run_lapsed", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.task_id}"

    @property
    def kind(self) -> str:
        """The kind of request as settings name it: `appi.erasure`."""
        return f"{self.task.case.regime}.{self.task.case.kind}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.task.sealing_key()
