"""`compile_catalogs`: make the `.mo` files that Django reads from the `.po` files in `locale/`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.reloader import translation_file_changed


class Command(BaseCommand):
    """Compiles with Babel, so that running the portal needs no GNU gettext."""

    help = "Compile the message catalogues that changed since they were last compiled."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                if compile_catalog(source) and options["verbosity"]:
                    self.stdout.write(f"compiled {source}")


def compile_catalog(source: Path) -> bool:
    """Compile one `.po` file if it is newer than its `.mo`; whether it was."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return False
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name)
    # In one step: another process may be reading.
    half = target.with_name(f"{target.name}.{os.getpid()}")
    with half.open("wb") as file:
        write_mo(file, catalog)
    half.replace(target)
    translation_file_changed(sender=None, file_path=target)  # this process forgets the old one
    return True
