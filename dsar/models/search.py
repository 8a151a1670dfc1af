"""What is asked of a data owner about one case: to search, or to carry a decision out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.sealed import SealedTextField
from dsar.models.system import DataSystem


class SearchTask(models.Model):
    """One task of a case for one system, answered by its data owner or its connector."""

    class Purpose(models.TextChoices):
        """What is to be done."""

        SEARCH = "search", _("Search for data")
        CARRY_OUT = "carry_out", _("Carry the decision out")

    class State(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed", _("Proposed")
        OPEN = "open", _("Asked")
        FOUND = "found", _("Data found")
        NOTHING = "nothing", _("Nothing found")
        NOT_OURS = "not_ours", _("Not ours")
        DONE = "done", _("Carried out")
        CANCELLED = "cancelled", _("Cancelled")

    ANSWERED = (State.FOUND, State.NOTHING, State.NOT_OURS, State.DONE)

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    system = models.ForeignKey(DataSystem, on_delete=models.PROTECT, related_name="tasks")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.SEARCH)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    question = SealedTextField()  # what the data owner is asked, in words
    answer = SealedTextField()  # what the data owner wrote
    due_on = models.DateField(_("due on"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="asked_tasks"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="answered_tasks"
    )
    token_digest = models.BinaryField(max_length=32, default=bytes)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]
        verbose_name = _("search task")
        verbose_name_plural = _("search tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "system", "purpose"],
                condition=~Q(state="cancelled"),
                name="one_task_a_system",
            )
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="task_due", condition=Q(state="open")),
            models.Index(fields=["token_digest"], name="task_link", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.case_id} {self.system_id}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()
