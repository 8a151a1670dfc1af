"""Chromium, the portal it looks at, and people with browsers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from config.bootstrap import chromium_path
from tests.browser.portal import Portal, new_database, portal_on
from tests.browser.visitor import DESKTOP, PATIENCE, Visitor

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; it asks nobody on the net."""
    program = chromium_path()
    if program is None:
        pytest.skip("needs Chromium")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    # Playwright keeps an event loop in this thread; our own code still runs in order.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=flags, timeout=3 * PATIENCE
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def _portal(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("browser")
    with (
        django_db_blocker.unblock(),
        new_database(folder) as database,
        portal_on(database) as portal,
    ):
        with portal.in_use():
            _found_company()
        yield portal


def _found_company() -> None:
    """Two companies of a group, and the people at the desk of the first."""
    from tests.factories import ControllerFactory, ServiceFactory, StaffFactory

    sample = ControllerFactory(
        code="sample",
        name_ja="株式会社サンプル",
        name_en="Sample Co., Ltd.",
        fee_yen=300,
    )
    ControllerFactory(
        code="travel",
        name_ja="サンプル・トラベル株式会社",
        name_en="Sample Travel Co., Ltd.",
        regimes=["appi"],
    )
    ServiceFactory(controller=sample)
    ServiceFactory(controller=sample, name_ja="サンプル通販", name_en="Sample Shop")
    for username, role, last, first in (
        ("officer", "officer", "窓口", "一郎"),
        ("approver", "approver", "承認", "三郎"),
        ("clerk", "intake", "受付", "五月"),
        ("admin", "administrator", "管理", "七海"),
    ):
        StaffFactory(username=username, role=role, at=sample, last_name=last, first_name=first)


@pytest.fixture
def portal(_portal: Portal, settings: Any, django_db_blocker: Any) -> Iterator[Portal]:
    """The running portal; the models speak to its database. What broke in it fails the test."""
    settings.RATE_LIMITS = False
    settings.PUBLIC_URL = _portal.url
    with django_db_blocker.unblock(), _portal.in_use():
        yield _portal
        failures = _portal.taken_failures()
        if failures:
            pytest.fail("the portal broke:\n" + "\n".join(failures))


@pytest.fixture
def visitor(
    portal: Portal, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[NewVisitor]:
    """Make people with browsers: `visitor(language="en", size=PHONE, scripts=False)`."""
    album = os.environ.get("SCREENSHOTS")
    folder = Path(album) / request.node.name.partition("[")[0] if album else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    known: list[Visitor] = []
    with contextlib.ExitStack() as stack:

        def new(
            *, language: str = "ja", size: dict[str, int] = DESKTOP, scripts: bool = True
        ) -> Visitor:
            context = chromium.new_context(
                viewport=size,  # type: ignore[arg-type]
                locale="ja-JP" if language == "ja" else "en-GB",
                timezone_id="Asia/Tokyo",
                java_script_enabled=scripts,
                reduced_motion="reduce",
            )
            stack.callback(context.close)
            person = Visitor(
                portal, context, language=language, size=size, scripts=scripts, album=folder
            )
            known.append(person)
            return person

        yield new
    problems = [problem for person in known for problem in person.problems]
    if problems:
        pytest.fail("\n".join(dict.fromkeys(problems)))
