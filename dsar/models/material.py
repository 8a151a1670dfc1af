"""What is asked for, item by item, and the material that was gathered to answer it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.file import Attachment
from dsar.models.sealed import SealedTextField
from dsar.models.search import SearchTask


class RequestedItem(models.Model):
    """One thing that is asked for; each gets a decision of its own (one request, n decisions)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"))
    title = SealedTextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="one_item_a_position")
        ]

    def __str__(self) -> str:
        return f"item {self.case_id}-{self.position}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class Material(models.Model):
    """A file or table that was found. It leaves the house only as its released copy.

    A table rests as JSON lines: one object a row, every row with the same keys in one order.
    """

    class Form(models.TextChoices):
        """What can be masked in it."""

        TABLE = "table", _("Table")
        PDF = "pdf", _("PDF")
        IMAGE = "image", _("Image")
        OTHER = "other", _("Other file")

    class State(models.TextChoices):
        """Whether the person gets it."""

        NEW = "new", _("Not looked at yet")
        INCLUDED = "included", _("Given to the person")
        LEFT_OUT = "left_out", _("Not given")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="materials")
    task = models.ForeignKey(
        SearchTask, on_delete=models.SET_NULL, null=True, related_name="materials"
    )
    item = models.ForeignKey(
        RequestedItem, on_delete=models.SET_NULL, null=True, related_name="materials"
    )
    title = SealedTextField()
    form = models.CharField(_("form"), max_length=10, choices=Form)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    original = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, related_name="material_of"
    )
    released = models.OneToOneField(
        Attachment, on_delete=models.SET_NULL, null=True, related_name="released_of"
    )
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="materials"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"material {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()
