"""What happened: the append-only chain of a case's events."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar.models.case import Case, Status


class ActorKind(models.TextChoices):
    """Who acted."""

    REQUESTER = "requester", _("Requester")
    STAFF = "staff", _("Desk")
    OWNER = "owner", _("Data owner")
    SYSTEM = "system", _("System")


class Event(models.Model):
    """One entry of the chain, written by `dsar.ledger` alone and never changed.

    `facts` holds codes and dates; free text is in `sealed`. The digest covers the sealed bytes,
    so the chain stays verifiable when the case's key is destroyed.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    position = models.PositiveIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=12, choices=ActorKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    from_status = models.CharField(max_length=24, choices=Status, blank=True)
    to_status = models.CharField(max_length=24, choices=Status, blank=True)
    facts = models.JSONField(default=dict)
    sealed = models.BinaryField(default=bytes)
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="one_event_a_position")
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.act}"

    def texts(self) -> dict[str, Any]:
        """The free text of the event, opened."""
        from dsar.models.sealed import SealedJSONField

        if not self.sealed:
            return {}
        plain = self.case.sealing_key().open(bytes(self.sealed), "Event.sealed")
        opened: dict[str, Any] = SealedJSONField().from_plain(plain)
        return opened
