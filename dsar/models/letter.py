"""Letters to the person: ordered by an act, written and frozen once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.file import Attachment
from dsar.models.sealed import SealedTextField


class Letter(models.Model):
    """One letter. An act orders it in its own transaction; its text is frozen when it is issued.

    `digest` is the SHA-256 of the issued PDF.
    """

    class Kind(models.TextChoices):
        """What the letter is about."""

        RECEIPT = "receipt", _("Receipt of the request")
        DEFICIENCY = "deficiency", _("Request to complete the request")
        IDENTITY = "identity", _("Request to prove identity")
        FEE = "fee", _("Notice of the fee")
        FEE_RECEIPT = "fee_receipt", _("Receipt for the fee")
        EXTENSION = "extension", _("Notice of extension")
        DECISION = "decision", _("Notice of decision")
        THRESHOLD = "threshold", _("Notice that the request is not effective")
        COMPLETION = "completion", _("Notice of completion")
        COMPLAINT = "complaint", _("Answer to a complaint")

    class State(models.TextChoices):
        """How far it is."""

        ORDERED = "ordered", _("Being written")
        ISSUED = "issued", _("Issued")
        FAILED = "failed", _("Could not be written")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ORDERED)
    event = models.PositiveIntegerField(help_text=_("Position of the event that ordered it."))
    facts = models.JSONField(default=dict)
    language = models.CharField(_("language"), max_length=8)
    subject = SealedTextField()
    body = SealedTextField()
    recipient = SealedTextField()  # the address block, one line a row
    pdf = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, null=True, related_name="letter"
    )
    digest = models.BinaryField(max_length=32, default=bytes)
    ordered_at = models.DateTimeField(_("ordered at"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="letters"
    )
    issued_at = models.DateTimeField(_("issued at"), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "event"], name="one_letter_an_event")
        ]
        indexes = [
            models.Index(fields=["id"], name="letter_ordered", condition=Q(state="ordered")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()
