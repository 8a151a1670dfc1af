"""What the desk keeps for its own work: saved views, calendar links, and who exported what."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A narrowed queue under a name; private to one member of staff.

    `query` holds the queue's filters only, never what was searched for: that is personal data.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(_("name of the view"), max_length=40)
    query = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name


class CalendarLink(models.Model):
    """The secret address under which an officer's calendar program reads due dates."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_link"
    )
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar of {self.owner_id}"


class Export(models.Model):
    """One export of the queue: who took which part of it out of the portal, and when."""

    class Format(models.TextChoices):
        """The kind of file."""

        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="exports",
        verbose_name=_("exported by"),
    )
    at = models.DateTimeField(_("exported at"))
    format = models.CharField(_("format"), max_length=4, choices=Format)
    query = models.CharField(_("narrowed to"), max_length=300, blank=True)
    count = models.PositiveIntegerField(_("cases"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.format}"
