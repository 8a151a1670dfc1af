"""The people at the desk."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffMember(AbstractUser):
    """An officer, approver, data owner, auditor or administrator; the role is a group.

    A staff member sees only the cases of their controllers.
    """

    controllers = models.ManyToManyField(
        "dsar.Controller", blank=True, related_name="staff", verbose_name=_("controllers")
    )
    language = models.CharField(
        _("language of mail"), max_length=8, default="ja", choices=settings.LANGUAGES
    )

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")

    def shown_name(self) -> str:
        """The name colleagues see: family name first in Japanese, else the login."""
        return f"{self.last_name} {self.first_name}".strip() or self.username
