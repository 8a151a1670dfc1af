"""App configuration that needs both Django's admin and this project."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin as the officer's desk."""

    default_site = "dsar.admin.site.Desk"
