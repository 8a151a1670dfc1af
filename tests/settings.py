"""The project's settings as a test process sees them.

pytest-django reads the settings before any conftest.py, so this is where a plain `pytest` learns
that it is a test: without MADOGUCHI_ENV the settings mean production and refuse to load.
Each xdist worker gets files and a Redis database of its own.
"""

import atexit
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ.setdefault("MADOGUCHI_ENV", "test")
# What a test starts as a process of its own inherits its worker's folder and database.
if os.environ.get("TEST_FOLDER_OF") != _worker:
    os.environ["TEST_FOLDER_OF"] = _worker
    # Only named here: mypy's plugin reads the settings too, and needs no folder.
    _folder = f"madoguchi-test-{_worker}-{secrets.token_hex(8)}"
    os.environ["VAR_DIR"] = str(Path(tempfile.gettempdir()) / _folder)
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
    if os.environ.get("REDIS_URL") and _worker != "main":
        _number = int(_worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = re.sub(r"/\d*$", f"/{_number}", os.environ["REDIS_URL"])

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, SQLITE, VAR_DIR  # noqa: E402

# A database in a file, as in the field: the WAL lets threads work side by side, as they do there.
if SQLITE:
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Fast, and good enough for made-up people.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Nothing is run behind a test's back: what would be queued is caught by tests/conftest.py.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
CELERY_TASK_ALWAYS_EAGER = False
# The tests of the limits switch them on, and count for themselves alone.
RATE_LIMITS = False
RATE_LIMIT_STORAGE = "memory://"
