"""What every test stands on: no network, caught queueing, companies, staff, and filed cases.

A test that is marked `postgres` and uses the database runs only when DATABASE_URL names a
PostgreSQL; see `tests/run.py`, which starts one.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import call_command
from django.utils import translation

DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_serialized_rollback"})


# --- What is run --------------------------------------------------------------------------
def pytest_configure(config: pytest.Config) -> None:
    """The folders that the settings only name, and the Japanese texts, before the first test."""
    for folder in (django_settings.VAR_DIR, django_settings.STATIC_ROOT):
        Path(folder).mkdir(parents=True, exist_ok=True)
    if not hasattr(config, "workerinput"):  # the process that starts the workers, or the only one
        call_command("compile_catalogs", verbosity=0)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `law_kind` runs for every kind of request of every rule set."""
    if "law_kind" in metafunc.fixturenames:
        from tests.factories import LAW_KINDS

        metafunc.parametrize(
            "law_kind", LAW_KINDS, ids=[f"{regime}-{kind}" for regime, kind in LAW_KINDS]
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit find the roles again; what needs a PostgreSQL is skipped without one."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark is not None and mark.kwargs.get("transaction"):
            named = {**mark.kwargs, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(*mark.args, **named), append=False)
    engine = django_settings.DATABASES["default"]["ENGINE"]
    if "postgres" in engine:
        return
    skip = pytest.mark.skip(reason="needs DATABASE_URL of a PostgreSQL")
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        uses_database = used & DATABASE_FIXTURES or item.get_closest_marker("django_db")
        if uses_database and item.get_closest_marker("postgres"):
            item.add_marker(skip)


# --- Nothing leaves the machine -----------------------------------------------------------
class NetworkTouched(AssertionError):
    """A test tried to reach another machine."""


def _is_here(family: int, address: Any) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True  # a socket of this machine
    host = str(address[0]).partition("%")[0]
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Only this machine can be reached; a name of another one is not even looked up."""
    patch = pytest.MonkeyPatch()

    def guarded(name: str) -> None:
        real = getattr(socket.socket, name)

        def attempt(self: socket.socket, address: Any, *more: Any) -> Any:
            if not _is_here(self.family, address):
                raise NetworkTouched(f"a test tried to reach {address!r}")
            return real(self, address, *more)

        patch.setattr(socket.socket, name, attempt)

    real_lookup = socket.getaddrinfo

    def lookup(host: Any, *given: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host or ""
        if not _is_here(socket.AF_INET, (name,)) and name != socket.gethostname():
            raise NetworkTouched(f"a test tried to look up {name!r}")
        return real_lookup(host, *given, **named)

    guarded("connect")
    guarded("connect_ex")
    patch.setattr(socket, "getaddrinfo", lookup)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have been handed to the broker: (task's name, *ids), in order.

    Tests of the queueing itself import `queue` by name and so have the real one.
    """
    from dsar import notices

    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(notices, "queue", lambda task, *ids: asked.append((task, *ids)))
    return asked


@pytest.fixture(autouse=True, scope="session")
def _clean_folder() -> Iterator[None]:
    yield
    shutil.rmtree(django_settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """An empty folder where this test's files are stored."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def redis_url() -> str:
    """The URL of a real Redis; the test is skipped without one."""
    url = os.environ.get("TEST_REDIS_URL") or django_settings.REDIS_URL
    if not url:
        pytest.skip("needs TEST_REDIS_URL of a Redis")
    return str(url)


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A page asked for in English leaves its thread speaking English; the next test does not."""
    translation.activate(django_settings.LANGUAGE_CODE)


# --- Time ---------------------------------------------------------------------------------
@pytest.fixture
def now() -> datetime:
    """Tuesday 10 November 2026, 10:00 in Tokyo."""
    from tests.factories import NOW

    return NOW


@pytest.fixture
def freeze() -> Iterator[Callable[[datetime], None]]:
    """`freeze(moment)`: from now on every clock of the process stands at that moment."""
    travels: list[time_machine.travel] = []

    def to(moment: datetime) -> None:
        travel = time_machine.travel(moment, tick=False)
        travel.start()
        travels.append(travel)

    yield to
    for travel in reversed(travels):
        travel.stop()


# --- Companies and staff ------------------------------------------------------------------
@pytest.fixture
def controller(db: None) -> Any:
    """株式会社サンプル, which takes requests under APPI, GDPR and CCPA."""
    from tests.factories import ControllerFactory

    return ControllerFactory.create(
        code="sample", name_ja="株式会社サンプル", name_en="Sample Co., Ltd."
    )


@pytest.fixture
def other_controller(db: None) -> Any:
    """Another company of the group, with cases and staff of its own; APPI only."""
    from tests.factories import ControllerFactory

    return ControllerFactory.create(
        code="travel",
        name_ja="サンプル・トラベル株式会社",
        name_en="Sample Travel Co., Ltd.",
        regimes=["appi"],
    )


def _staff(username: str, role: str, controller: Any, name: str) -> Any:
    from tests.factories import StaffFactory

    last, first = name.split()
    return StaffFactory.create(
        username=username, role=role, at=controller, last_name=last, first_name=first
    )


@pytest.fixture
def officer(controller: Any) -> Any:
    """Works on cases of 株式会社サンプル."""
    return _staff("officer", "officer", controller, "窓口 一郎")


@pytest.fixture
def other_officer(controller: Any) -> Any:
    """A second officer of the same company."""
    return _staff("officer2", "officer", controller, "窓口 二葉")


@pytest.fixture
def approver(controller: Any) -> Any:
    """Approves decisions."""
    return _staff("approver", "approver", controller, "承認 三郎")


@pytest.fixture
def auditor(controller: Any) -> Any:
    """May look, and do nothing."""
    return _staff("auditor", "auditor", controller, "監査 四季")


@pytest.fixture
def intake_clerk(controller: Any) -> Any:
    """Enters requests from paper, telephone and counter."""
    return _staff("intake", "intake", controller, "受付 五月")


@pytest.fixture
def data_owner(controller: Any) -> Any:
    """A department's data owner."""
    return _staff("owner", "data_owner", controller, "部門 六花")


@pytest.fixture
def administrator(controller: Any) -> Any:
    """Sets up the portal, and sees no cases."""
    return _staff("admin", "administrator", controller, "管理 七海")


@pytest.fixture
def foreign_officer(other_controller: Any) -> Any:
    """An officer of the other company."""
    return _staff("foreign", "officer", other_controller, "他社 八重")


# --- Cases --------------------------------------------------------------------------------
class FileCase(Protocol):
    """`file_case(kind="disclosure", regime="appi", at=…, **what Filing holds)`."""

    def __call__(
        self, kind: str = "disclosure", regime: str = "appi", *, at: datetime = ..., **given: Any
    ) -> Any: ...


class Advance(Protocol):
    """`advance(case, "in_progress", at=…)`."""

    def __call__(self, case: Any, to: str, *, at: datetime | None = None) -> Any: ...


@pytest.fixture
def file_case(controller: Any, now: datetime) -> FileCase:
    """File a request as the web form does; anything of `dsar.filing.Filing` may be given."""
    from dsar import filing, ledger
    from tests.factories import RECEIPT_CODE, filing_for

    def file(
        kind: str = "disclosure",
        regime: str = "appi",
        *,
        at: datetime = now,
        by: Any = ledger.REQUESTER,
        receipt_code: str = RECEIPT_CODE,
        draft: Any = None,
        **given: Any,
    ) -> Any:
        of = given.pop("controller", controller)
        given.setdefault("received_at", at)
        return filing.file(
            filing_for(of, kind, regime, **given),
            by=by,
            at=at,
            receipt_code=receipt_code,
            draft=draft,
        )

    return file


@pytest.fixture
def advance(officer: Any, approver: Any) -> Advance:
    """Lead a case on to a status by the acts of the desk; without `at` on the day of receipt."""
    from tests import factories

    def lead(case: Any, to: str, *, at: datetime | None = None) -> Any:
        return factories.advance(
            case, to, officer=officer, approver=approver, at=at or case.received_at
        )

    return lead
