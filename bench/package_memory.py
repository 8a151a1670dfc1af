"""How much memory one large package takes.

    MADOGUCHI_ENV=test python bench/package_memory.py 2048

Makes a case with files of the given number of megabytes in all and a table of 200,000 rows, in a
database and folder of its own, builds the package, and prints the highest resident set size
before and during the build. The bytes are random, so that compression saves no work.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MEGABYTE = 1024 * 1024
FILE_MEGABYTES = 256
ROWS = 200_000


def peak_megabytes() -> float:
    """The highest resident set size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def noise(megabytes: int, seed: int) -> Iterator[bytes]:
    """Random bytes, a megabyte at a time."""
    source = random.Random(seed)
    for _ in range(megabytes):
        yield source.randbytes(MEGABYTE)


def main(megabytes: int, form: str) -> None:
    """Build one package and tell what it took."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        os.environ["MEDIA_ROOT"] = str(Path(folder) / "media")
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(megabytes, form)


def measure(megabytes: int, form: str) -> None:
    """Make the case, build, and print."""
    from django.utils import timezone

    from dsar import decision, disclosure, filing, ledger, materials
    from tests import factories
    from tests.dsar import disclosing

    company = factories.ControllerFactory.create(four_eyes=[])
    officer = factories.StaffFactory.create(role="officer", at=company)
    at = timezone.now()
    case = filing.file(
        factories.filing_for(company, received_at=at),
        by=ledger.REQUESTER,
        at=at,
        receipt_code=factories.RECEIPT_CODE,
    )
    factories.advance(case, "in_progress", officer=officer, approver=officer, at=at)
    for number in range(0, megabytes, FILE_MEGABYTES):
        size = min(FILE_MEGABYTES, megabytes - number)
        chunks = noise(size, number)
        disclosing.include(materials.add_file(case, chunks, name=f"{number}.bin", at=at))
    rows = ({"n": n, "text": "あいうえお" * 5, "amount": n * 3} for n in range(ROWS))
    columns = ("n", "text", "amount")
    disclosing.include(materials.add_table(case, "long", columns, rows, at=at))
    decision.record(case, decision.Draft("granted"), by=ledger.staff(officer), at=at)
    package = disclosure.order(case, form, by=ledger.staff(officer), at=at)
    before, began = peak_megabytes(), time.monotonic()
    state = disclosure.build(package.pk, at)
    took = time.monotonic() - began
    package.refresh_from_db()
    assert state == "ready", package.fault
    assert package.file is not None
    over = peak_megabytes() - before
    print(
        f"{form}: {package.file.size / MEGABYTE:.0f} MB in {took:.0f} s; "
        f"idle {before:.0f} MB, peak {before + over:.0f} MB, over idle {over:.0f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2048, (sys.argv[2:] or ["open"])[0])
