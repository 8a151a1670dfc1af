"""What is due when, and what stopped or lengthened the clock."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.sealed import SealedTextField


class Deadline(models.Model):
    """One due date of a case; derived from facts by `dsar.deadlines` and recalculable."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deadlines")
    code = models.CharField(_("deadline"), max_length=40)
    starts_on = models.DateField(_("counted from"))
    due_on = models.DateField(_("due on"), null=True, help_text=_("Empty while suspended."))
    met_on = models.DateField(_("met on"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="one_deadline_a_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.due_on}"


class ClockStop(models.Model):
    """A time for which the clock stood, or after which it began anew."""

    class Cause(models.TextChoices):
        """What the case waited for."""

        QUESTION = "question", _("An answer")
        FEE = "fee", _("The fee")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="stops")
    effect = models.CharField(_("effect"), max_length=10)  # pause, restart, none
    cause = models.CharField(_("cause"), max_length=10, choices=Cause, default=Cause.QUESTION)
    stopped_on = models.DateField(_("stopped on"))
    resumed_on = models.DateField(_("resumed on"), null=True, blank=True)
    reason = SealedTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(resumed_on=None), name="one_open_stop"
            )
        ]

    def __str__(self) -> str:
        return f"{self.effect} {self.stopped_on} – {self.resumed_on or ''}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class ClockExtension(models.Model):
    """An extension granted, with its reason and what it moved."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="extensions")
    granted_on = models.DateField(_("granted on"))
    due_before = models.DateField(_("due before"))
    due_after = models.DateField(_("due after"))
    reason = SealedTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    def __str__(self) -> str:
        return f"{self.due_before} → {self.due_after}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()
