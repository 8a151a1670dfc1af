"""A request that is still being written."""

from __future__ import annotations

from django.db import models

from dsar import vault
from dsar.models.case import Case
from dsar.models.key import CaseKey
from dsar.models.sealed import SealedJSONField, SealedTextField


class IntakeDraft(models.Model):
    """Answers given so far, sealed, found by a secret token and dropped when it expires.

    After filing, the draft holds the receipt code until the person confirms having saved it.
    """

    token_digest = models.BinaryField(max_length=32, unique=True)
    key = models.ForeignKey(CaseKey, on_delete=models.PROTECT, related_name="drafts")
    answers = SealedJSONField()
    receipt_code = SealedTextField()
    language = models.CharField(max_length=8, default="ja")
    case = models.OneToOneField(Case, on_delete=models.CASCADE, null=True, related_name="draft")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"draft {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The draft's key, which becomes the case's."""
        return self.key.open()
