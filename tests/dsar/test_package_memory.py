"""A large package is built in flat memory; `bench/package_memory.py` measures two gigabytes."""

from __future__ import annotations

import tracemalloc
from datetime import datetime
from typing import Any

import pytest

from dsar import decision, disclosure, ledger, materials
from dsar.models import Package, StaffMember
from tests import factories
from tests.dsar import disclosing

pytestmark = [pytest.mark.django_db, pytest.mark.memory]
MEGABYTE = 1024 * 1024
FILE_MEGABYTES = 32
MOST_MEGABYTES = 12


@pytest.mark.parametrize("form", ["open", "locked"])
def test_memory_stays_flat_however_large_the_file(
    form: str,
    file_case: Any,
    officer: StaffMember,
    approver: StaffMember,
    now: datetime,
    freeze: Any,
    media: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freeze(now)
    # The first page is drawn by a library that keeps its fonts; that is not what is measured.
    monkeypatch.setattr("dsar.pdf.draw", lambda html, css: b"%PDF-1.7\n")
    case = file_case()
    factories.advance(case, "in_progress", officer=officer, approver=approver, at=now)
    block = bytes(range(256)) * (MEGABYTE // 256)
    chunks = (block for _ in range(FILE_MEGABYTES))
    disclosing.include(materials.add_file(case, chunks, name="large.bin", at=now))
    rows = ({"n": n, "text": "あ" * 100} for n in range(20_000))
    disclosing.include(materials.add_table(case, "long", ("n", "text"), rows, at=now))
    decision.record(case, decision.Draft("granted"), by=ledger.staff(officer), at=now)
    package = disclosure.order(case, form, by=ledger.staff(officer), at=now)
    tracemalloc.start()
    try:
        assert disclosure.build(package.pk, now) == Package.State.READY
        _held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEGABYTES * MEGABYTE
