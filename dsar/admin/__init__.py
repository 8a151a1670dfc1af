"""The officer's desk: Django's admin."""
