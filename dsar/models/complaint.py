"""Complaints: what they are about and what was found out (APPI Art. 40)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.sealed import SealedTextField


class ComplaintCategory(models.Model):
    """What the desk takes a complaint to be about: a code of the law's `complaint_categories`.

    The person's own choice stays in the answers.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="complaint_category")
    code = models.CharField(_("category"), max_length=40)

    def __str__(self) -> str:
        return self.code


class Investigation(models.Model):
    """One thing that was looked into, and what came out; written once, never changed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="investigations")
    examined = SealedTextField()
    finding = SealedTextField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="investigations"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("investigation")
        verbose_name_plural = _("investigations")

    def __str__(self) -> str:
        return f"{self.case_id} {self.at}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()
