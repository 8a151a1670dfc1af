"""Files of its own for each test, and English words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from dsar import ledger
from dsar.models import StaffMember


@pytest.fixture(autouse=True)
def _own_files_and_language(media: Any) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def by(officer: StaffMember) -> ledger.Actor:
    """The officer as actor."""
    return ledger.staff(officer)
