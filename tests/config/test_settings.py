"""The settings refuse what is missing or unsafe, each time in one line that names the variable."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def key() -> str:
    """A fresh key of 32 bytes."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def demo_key(label: str) -> str:
    """The throw-away key of the demo, as the settings derive it."""
    import hashlib

    return base64.b64encode(hashlib.sha256(f"madoguchi {label}".encode()).digest()).decode()


def complete() -> dict[str, str]:
    """Everything production needs."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "VAULT_KEYS": f"k1:{key()}",
        "INDEX_KEY": key(),
        "ALLOWED_HOSTS": "privacy.example.jp",
        "DATABASE_URL": "postgres://portal:secret@127.0.0.1:5432/portal",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "EMAIL_URL": "smtp+tls://portal:secret@mail.example.jp:587",
        "DEFAULT_FROM_EMAIL": "privacy@example.jp",
    }


def start(tmp_path: Path, **given: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, in production."""
    environment = {**complete(), **{name: value or "" for name, value in given.items()}}
    environment |= {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_starts_when_everything_is_set(tmp_path: Path) -> None:
    run = start(tmp_path)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFAULT_FROM_EMAIL", "個人情報窓口 <privacy@example.jp>"),
        ("LOG_LEVEL", "warning"),
        ("ADMIN_PATH", "/staff/desk/"),
    ],
)
def test_what_makes_sense_is_taken(tmp_path: Path, name: str, value: str) -> None:
    run = start(tmp_path, **{name: value})
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("name", sorted(complete()))
def test_a_missing_variable_stops_the_start_by_name(tmp_path: Path, name: str) -> None:
    run = start(tmp_path, **{name: None})
    assert run.returncode == 2
    assert run.stderr.startswith(f"madoguchi: {name} ")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "true"),
        ("SECRET_KEY", "changeme"),
        ("SECRET_KEY", "a" * 80),
        ("VAULT_KEYS", f"demo:{demo_key('vault')}"),
        ("VAULT_KEYS", "k1:short"),
        ("VAULT_KEYS", "bm9uYW1l"),
        ("INDEX_KEY", demo_key("index")),
        ("INDEX_KEY", "not base64"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "privacy.example.jp,*"),
        ("CELERY_BROKER_URL", "sqla+sqlite:///broker.sqlite3"),
        ("CELERY_BROKER_URL", "memory://"),
        ("DATABASE_URL", "nonsense"),
        ("EMAIL_URL", "nonsense"),
        ("MADOGUCHI_ENV", "staging"),
        ("DRAFT_DAYS", "many"),
        ("DRAFT_DAYS", "0"),
        ("REMINDER_HOUR", "24"),
        ("TRUSTED_PROXIES", "-1"),
        ("RATE_LIMITS", "maybe"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("SECRET_KEY", f"django-insecure-{'abcdefghij' * 5}"),
        ("CELERY_BROKER_URL", "SQLA+sqlite:///broker.sqlite3"),
        ("EMAIL_URL", "consolemail://"),
        ("EMAIL_URL", "filemail:///var/mail"),
        ("EMAIL_URL", "memorymail://"),
        ("EMAIL_URL", "dummymail://"),
        ("EMAIL_URL", "smtp+tls://"),
        ("DEFAULT_FROM_EMAIL", "nonsense"),
        ("DEFAULT_FROM_EMAIL", "one@example.jp, two@example.jp"),
        ("DEFAULT_FROM_EMAIL", "Desk privacy@example.jp"),
        ("LOG_LEVEL", "chatty"),
        ("ADMIN_PATH", "/"),
        ("ADMIN_PATH", "the desk"),
        ("ADMIN_PATH", "request"),
        ("ADMIN_PATH", "/en/desk/"),
    ],
)
def test_an_unsafe_or_senseless_value_stops_the_start(
    tmp_path: Path, name: str, value: str
) -> None:
    run = start(tmp_path, **{name: value})
    assert run.returncode == 2, run.stderr
    assert run.stderr.startswith(f"madoguchi: {name} ")
    assert run.stderr.count("\n") == 1


def test_a_wrong_law_file_stops_the_start_with_file_and_key(tmp_path: Path) -> None:
    folder = tmp_path / "law"
    folder.mkdir()
    text = (ROOT / "dsar/law/appi.toml").read_text()
    (folder / "ours.toml").write_text(text.replace("fee_allowed = true", 'fee_allowed = "?"', 1))
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={
            **complete(),
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path),
            "LAW_FOLDERS": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2
    assert "ours.toml: kinds." in run.stderr
    assert "fee_allowed" in run.stderr
    assert "Traceback" not in run.stderr
