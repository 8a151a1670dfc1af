"""How a returning person proves to be the one who filed."""

from __future__ import annotations

from django.db import models

from dsar.models.case import Case


class AccessCode(models.Model):
    """A one-time code sent by e-mail; kept as a keyed digest, spent on use.

    With a `release` it opens that release and no page.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="access_codes")
    release = models.ForeignKey(
        "dsar.Release", on_delete=models.CASCADE, null=True, related_name="access_codes"
    )
    digest = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code {self.pk}"


class EmailConfirmation(models.Model):
    """A link that proves the e-mail address; used by a button, so that mail scanners cannot."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="confirmations")
    digest = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"confirmation {self.pk}"
