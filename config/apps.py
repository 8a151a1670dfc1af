"""App configuration that needs both Django's admin and this project."""

from importlib import import_module

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin as the officer's desk."""

    default_site = "dsar.admin.site.Desk"

    def ready(self) -> None:
        """Register the desk's pages once the site is there."""
        super().ready()
        import_module("dsar.admin.registered")
