"""How the portal is put together: settings, URLs, the Celery app and the two commands."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
