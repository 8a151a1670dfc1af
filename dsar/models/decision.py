"""What was decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case, Outcome
from dsar.models.material import RequestedItem
from dsar.models.sealed import SealedTextField


class Decision(models.Model):
    """A decision on a case; the newest one that was not sent back counts.

    It says the whole in one: where the items differ, `outcome` follows from theirs, `code` is the
    first of theirs, and the texts name each item. A request that is not effective, and the answer
    to a complaint, have no items.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for approval")
        FINAL = "final", _("Final")
        SENT_BACK = "sent_back", _("Sent back")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="decisions")
    state = models.CharField(max_length=12, choices=State)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    code = models.CharField(_("ground"), max_length=40, blank=True)
    reason = SealedTextField()
    withheld = SealedTextField()  # partial: what is not granted
    alternative_measure = SealedTextField()
    answer = SealedTextField()  # what the person is told beside the reasons
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="approvals"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.outcome} {self.code}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class ItemDecision(models.Model):
    """What was decided on one item. It keeps the title it was decided under."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="items")
    item = models.ForeignKey(
        RequestedItem, on_delete=models.SET_NULL, null=True, related_name="decisions"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    title = SealedTextField()
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    code = models.CharField(_("ground"), max_length=40, blank=True)
    reason = SealedTextField()
    withheld = SealedTextField()
    alternative_measure = SealedTextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "position"], name="one_decision_a_position")
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.code}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.decision.sealing_key()
