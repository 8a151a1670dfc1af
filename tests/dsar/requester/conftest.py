"""A case of a made-up person, and a browser that has opened it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar import filing, ledger, limits, reference
from dsar.models import Case, Controller, StaffMember
from dsar.requester import access

RECEIPT_CODE = "7F3K2M9QABCDEFGH"
FiledCase = Callable[..., Case]
Opened = Callable[..., Client]


@pytest.fixture(autouse=True)
def _fresh_limits_and_files(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.RATE_LIMITS = True
    limits.reset()
    yield
    limits.reset()


@pytest.fixture
def receipt_code() -> str:
    return RECEIPT_CODE


@pytest.fixture
def filed(controller: Controller) -> FiledCase:
    """Make a case; `email` and `address` of the principal, and anything of `Filing`."""

    def file(
        *,
        email: str = "taro@example.jp",
        address: str = "東京都千代田区1-1",
        at: datetime | None = None,
        receipt_code: str = RECEIPT_CODE,
        **given: Any,
    ) -> Case:
        at = at or timezone.now()
        values: dict[str, Any] = {
            "controller": controller,
            "regime": "appi",
            "kind": "disclosure",
            "received_at": at,
            "principal": {"name": "見本 太郎", "email": email, "address": address},
            "answers": {},
            "method": "electronic_record",
            "delivery": "portal_download",
            **given,
        }
        return filing.file(
            filing.Filing(**values),
            by=ledger.REQUESTER,
            at=at,
            receipt_code=reference.read_receipt_code(receipt_code),
        )

    return file


@pytest.fixture
def opened(client: Client) -> Opened:
    """A browser signed in to a case."""

    def open_for(case: Case, at: datetime | None = None) -> Client:
        session = client.session
        access.sign_in(session, access.Claim(case.pk, 0), at=at or timezone.now())
        session.save()
        client.cookies["sessionid"] = session.session_key or ""
        return client

    return open_for


@pytest.fixture
def noon() -> datetime:
    """Noon in Tokyo on a Tuesday."""
    return datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def browser(opened: Any, case: Case) -> Client:
    made: Client = opened(case)
    return made


@pytest.fixture
def desk(officer: StaffMember) -> ledger.Actor:
    return ledger.staff(officer)
