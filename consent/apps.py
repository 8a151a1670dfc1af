"""The consent application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    """Cookie preferences."""

    name = "consent"
    verbose_name = _("Cookie preferences")
