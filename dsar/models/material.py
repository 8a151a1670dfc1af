"""What is asked for, item by item, and the material that was gathered to answer it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
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
    `revision` counts what was changed of its marks: a copy made for an older one is not used.
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

    class Copy(models.TextChoices):
        """How far the copy for the person is."""

        NONE = "", _("None")
        WAITING = "waiting", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be made")

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
    as_pictures = models.BooleanField(
        _("every page as a picture"),
        default=False,
        help_text=_(
            "Nothing that lies hidden in a page can remain; its text can no longer be read out."
        ),
    )
    revision = models.PositiveIntegerField(default=0)
    copy_state = models.CharField(
        _("copy"), max_length=10, choices=Copy, default=Copy.NONE, blank=True
    )
    copy_fault = models.CharField(max_length=20, blank=True)
    copy_tries = models.PositiveSmallIntegerField(default=0)
    copy_claimed_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="materials"
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["id"], name="material_copying", condition=Q(copy_state="waiting")),
        ]

    def __str__(self) -> str:
        return f"material {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class Redaction(models.Model):
    """One thing that the person does not get of a material: an area, a column, a row, a value.

    An area lies on a page as it is shown: per cent of its width and height, from the top left. A
    row is counted from 1 in the table as it came.
    """

    class Kind(models.TextChoices):
        """What is masked."""

        AREA = "area", _("Area")
        COLUMN = "column", _("Column")
        ROW = "row", _("Row")
        VALUE = "value", _("Text in cells")

    material = models.ForeignKey(Material, on_delete=models.CASCADE, related_name="redactions")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    page = models.PositiveIntegerField(null=True)
    left = models.FloatField(null=True)
    top = models.FloatField(null=True)
    width = models.FloatField(null=True)
    height = models.FloatField(null=True)
    row = models.PositiveIntegerField(null=True)
    text = SealedTextField()  # the column's name, or the text that is masked in cells
    code = models.CharField(_("ground"), max_length=40, blank=True)
    reason = SealedTextField()
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="redactions"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.material_id}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.material.sealing_key()
