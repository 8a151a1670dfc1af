"""A process that is killed while it writes a letter or builds a package: the next one does it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.bootstrap import ROOT
from tests.faults.stack import database_beside

WHERE = ["sqlite"] if settings.SQLITE else [pytest.param("postgres", marks=[pytest.mark.postgres])]
# One step a process: each begins with what the one before it left on disk.
STEPS = """
import json, os, signal, sys
from datetime import timedelta
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
from dsar import disclosure, filing, ledger, letter_pdf, letters
from dsar.models import Attachment, Case, Letter, Package
from tests import factories
from tests.dsar import disclosing
now, step = timezone.now(), sys.argv[1]

def die(*args, **named):
    os.kill(os.getpid(), signal.SIGKILL)

def prepare():
    call_command("migrate", verbosity=0)
    controller = factories.ControllerFactory(code="sample")
    officer = factories.StaffFactory(role="officer", at=controller)
    approver = factories.StaffFactory(role="approver", at=controller)
    case = filing.file(
        factories.filing_for(controller, received_at=now),
        by=ledger.REQUESTER, at=now, receipt_code=factories.RECEIPT_CODE,
    )
    disclosing.granted(case, officer=officer, approver=approver, at=now)
    disclosure.order(case, "open", by=ledger.staff(officer), at=now)

def letter():
    letter_pdf.as_pdf = die
    letters.sweep(now)

def freezing():
    real = ledger.append
    def append(case, act, *args, **named):
        real(case, act, *args, **named)
        die()
    ledger.append = append
    letters.sweep(now)

def package():
    real = disclosure.Progress.part
    def part(self):
        real(self)
        die()
    disclosure.Progress.part = part
    disclosure.build(Package.objects.get().pk, now)

def later():
    after = now + max(letters.LEASE, disclosure.LEASE) + timedelta(minutes=1)
    letters.sweep(after)
    for pk in disclosure.sweep(after):
        disclosure.build(pk, after)

globals()[step]()
case = Case.objects.select_related("key").get()
package = Package.objects.select_related("case__key", "file").get()
print(json.dumps({
    "letters": sorted(Letter.objects.values_list("state", flat=True)),
    "issued": case.events.filter(act="issue_letter").count(),
    "pdfs": Attachment.objects.filter(purpose="letter").count(),
    "package": list(Package.objects.values_list("state", flat=True)),
    "built": case.events.filter(act="build_package").count(),
    "members": sorted(disclosing.unzipped(package)) if package.file else [],
    "chain": ledger.verify(case) == case.event_count,
}))
"""
Steps = Callable[[str], dict[str, Any]]


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Steps]:
    """Take a step in a process of its own; {} if it was killed over it."""
    with database_beside(os.environ.get("DATABASE_URL", ""), tmp_path) as database:
        env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "MADOGUCHI_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database,
            "REDIS_URL": "",
            "VAR_DIR": str(tmp_path),
            "EMAIL_URL": "dummymail://",
        }

        def take(step: str) -> dict[str, Any]:
            done = subprocess.run(
                [sys.executable, "-c", STEPS, step],
                cwd=ROOT,
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == -signal.SIGKILL:
                return {}
            assert done.returncode == 0, done.stderr[-3000:]
            found: dict[str, Any] = json.loads(done.stdout)
            return found

        yield take


@pytest.mark.parametrize("database", WHERE)
def test_letters_and_packages_survive_the_killing_of_their_writers(
    database: str, steps: Steps
) -> None:
    before = steps("prepare")
    assert before["letters"] == ["ordered", "ordered"]
    assert steps("letter") == {}
    assert steps("freezing") == {}
    assert steps("package") == {}
    after = steps("later")
    assert after["letters"] == ["issued", "issued"]
    assert (after["issued"], after["pdfs"]) == (2, 2)
    assert (after["package"], after["built"]) == (["ready"], 1)
    assert after["chain"]
    assert "manifest.json" in after["members"]
