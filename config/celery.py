"""The Celery app and the one list of what runs when nobody asks.

Every due thing is a row that a sweep claims, so the broker only ever carries "now" work:
countdowns and ETAs were measured to be lost when a worker is killed.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("madoguchi")
app.set_default()  # else threads other than this one would find an app that knows no broker
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["dsar"])

app.conf.beat_schedule = {
    "send notices that are due": {"task": "dsar.sweep_notices", "schedule": 60.0},
    "write letters that are ordered": {"task": "dsar.write_letters", "schedule": 60.0},
    "ask systems that have a connector": {"task": "dsar.run_connectors", "schedule": 60.0},
    "recompute clocks after a calendar change": {
        "task": "dsar.recompute_stale_clocks",
        "schedule": 60.0,
    },
    "make copies of material that still wait": {
        "task": "dsar.sweep_copies",
        "schedule": 60.0,
    },
    "build packages that wait or were left behind": {
        "task": "dsar.sweep_packages",
        "schedule": 60.0,
    },
    "plan the officers' daily digest": {
        "task": "dsar.plan_digests",
        "schedule": crontab(minute="5"),
    },
    "drop expired drafts and codes": {
        "task": "dsar.drop_expired",
        "schedule": crontab(minute="17"),
    },
    "destroy pictures of identity documents": {
        "task": "dsar.destroy_identity_pictures",
        "schedule": crontab(minute="27"),
    },
    # The desk asks for it when it edits the schedule; this makes up for a call that was lost.
    "plan reminders anew": {
        "task": "dsar.replan_reminders",
        "schedule": crontab(hour="18", minute="41"),
    },
}
