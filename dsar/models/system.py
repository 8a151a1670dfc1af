"""The inventory: which systems hold personal data, who answers for them, who processes for us."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar.models.controller import Bilingual, Controller


class Processor(Bilingual):
    """An entrusted party (委託先, APPI Art. 25) that holds data for the controller."""

    controller = models.ForeignKey(
        Controller,
        on_delete=models.CASCADE,
        related_name="processors",
        verbose_name=_("controller"),
    )
    country = models.CharField(
        _("country"), max_length=2, default="JP", help_text=_("ISO 3166-1 code of two letters.")
    )
    contact_email = models.EmailField(_("contact’s e-mail"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["controller", "id"]
        verbose_name = _("processor")
        verbose_name_plural = _("processors")


class DataSystem(Bilingual):
    """A system or file store that holds personal data: what is in it, and whom to ask."""

    class Connector(models.TextChoices):
        """How it is searched."""

        MANUAL = "manual", _("A person answers")
        SQL = "sql", _("SQL database")
        HTTP = "http", _("HTTP/JSON interface")
        FOLDER = "folder", _("Folder of CSV or Parquet files")

    controller = models.ForeignKey(
        Controller, on_delete=models.CASCADE, related_name="systems", verbose_name=_("controller")
    )
    code = models.SlugField(_("code"), max_length=40)
    department_ja = models.CharField(_("department (Japanese)"), max_length=200, blank=True)
    department_en = models.CharField(_("department (English)"), max_length=200, blank=True)
    owners = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="systems", verbose_name=_("data owners")
    )
    owner_email = models.EmailField(
        _("data owner’s e-mail"),
        blank=True,
        help_text=_("For a data owner without a login: gets a link for each task."),
    )
    processor = models.ForeignKey(
        Processor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="systems",
        verbose_name=_("processor"),
        help_text=_("Empty: the company runs it itself."),
    )
    country = models.CharField(
        _("country"), max_length=2, default="JP", help_text=_("Where the data is kept.")
    )
    categories_ja = models.CharField(_("categories of data (Japanese)"), max_length=300, blank=True)
    categories_en = models.CharField(_("categories of data (English)"), max_length=300, blank=True)
    connector = models.CharField(
        _("how it is searched"), max_length=10, choices=Connector, default=Connector.MANUAL
    )
    settings = models.JSONField(
        _("connector settings"),
        default=dict,
        blank=True,
        help_text=_("No passwords: secrets are named here and read from the environment."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["controller", "position", "id"]
        verbose_name = _("data system")
        verbose_name_plural = _("data systems")
        constraints = [
            models.UniqueConstraint(fields=["controller", "code"], name="one_system_a_code")
        ]

    def department_in(self, language: str | None) -> str:
        """The owning department in `language`."""
        english = (language or "ja").startswith("en")
        return (self.department_en if english else self.department_ja) or self.department_ja

    def categories_in(self, language: str | None) -> str:
        """The categories of data in `language`."""
        english = (language or "ja").startswith("en")
        return (self.categories_en if english else self.categories_ja) or self.categories_ja
