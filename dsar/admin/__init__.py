"""The officer's desk: Django's admin, with pages of its own for cases.

Importing this package registers everything that the desk shows.
"""

from dsar.admin import case, mail_templates, notices, settings, staff

__all__ = ["case", "mail_templates", "notices", "settings", "staff"]
