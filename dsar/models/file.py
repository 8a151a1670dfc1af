"""Files that came with a request or a message."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.correspondence import Message
from dsar.models.draft import IntakeDraft
from dsar.models.sealed import SealedTextField
from dsar.models.search import SearchTask


class Attachment(models.Model):
    """A sealed file of a draft, later of its case. What it is for says who may open it."""

    class Purpose(models.TextChoices):
        """What a file is for."""

        REQUEST = "request", _("Came with the request or a message")
        IDENTITY = "identity", _("Identity or authority document")
        SEARCH = "search", _("Given by a data owner")
        MATERIAL = "material", _("Material to be disclosed")
        RELEASED = "released", _("Redacted copy")
        LETTER = "letter", _("Letter")
        PACKAGE = "package", _("Disclosure package")
        PROOF = "proof", _("Proof of something done")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="attachments")
    draft = models.ForeignKey(
        IntakeDraft, on_delete=models.SET_NULL, null=True, related_name="attachments"
    )
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="attachments"
    )
    task = models.ForeignKey(
        SearchTask, on_delete=models.SET_NULL, null=True, related_name="proofs"
    )  # of a proof: what it proves to be carried out
    purpose = models.CharField(
        _("what it is for"), max_length=12, choices=Purpose, default=Purpose.REQUEST
    )
    name = SealedTextField()
    content_type = models.CharField(_("type"), max_length=60)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    stored_as = models.CharField(max_length=120, unique=True)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"attachment {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The key of the case or draft."""
        owner = self.case or self.draft
        if owner is None:
            raise vault.VaultError("a file without case or draft has no key")
        return owner.sealing_key()
