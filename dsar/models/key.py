"""The wrapped data key of a draft or case."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models

from dsar import vault


class CaseKey(models.Model):
    """One data key. A draft's key goes over to its case, so files need no second encryption."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    _opened: vault.DataKey | None = None

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def fresh(cls) -> CaseKey:
        """A new key, not yet saved."""
        row = cls()
        row._opened, row.wrapped = vault.new_key(str(row.id))
        return row

    def open(self) -> vault.DataKey:
        """The data key.

        Raises:
            vault.KeyDestroyed, vault.KeyMissing, vault.Tampered
        """
        if self._opened is None:
            self._opened = vault.unwrap(bytes(self.wrapped), str(self.id))
        return self._opened

    def destroy(self, at: datetime) -> None:
        """Forget the key: everything sealed with it is unreadable from now on."""
        self.wrapped, self.destroyed_at, self._opened = b"", at, None
        self.save(update_fields=["wrapped", "destroyed_at"])
