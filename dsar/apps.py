"""The dsar application: data-subject requests."""

from __future__ import annotations

import sys

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class DsarConfig(AppConfig):
    """Loads the law before anything else runs; a wrong file stops the start."""

    name = "dsar"
    verbose_name = _("Requests")

    def ready(self) -> None:
        from dsar import law
        from dsar.law import shelf

        try:
            shelf.configure(settings.LAW_FOLDERS)
        except law.LawError as error:
            sys.stderr.write("".join(f"madoguchi: law: {line}\n" for line in error.faults))
            raise SystemExit(2) from None
