"""Importing this module registers everything that the desk shows.

The package itself imports nothing: the site class lives in it, and a model registered while the
site is being made would be lost with the half-made site.
"""

from dsar.admin import (
    case,
    export,
    inventory,
    letter_templates,
    letters,
    mail_templates,
    notices,
    provision_pages,
    settings,
    staff,
)

__all__ = [
    "case",
    "export",
    "inventory",
    "letter_templates",
    "letters",
    "mail_templates",
    "notices",
    "provision_pages",
    "settings",
    "staff",
]
