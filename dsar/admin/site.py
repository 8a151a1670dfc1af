"""The desk as an admin site."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class Desk(admin.AdminSite):
    """The officer's desk."""

    site_title = _("Request desk")
    site_header = _("Request desk")
    index_title = _("Today")
    enable_nav_sidebar = True
