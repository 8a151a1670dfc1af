"""The officer's desk: Django's admin, with pages of its own for cases."""
