"""On the build machine nothing is skipped for want of a server or a browser.

A pytest plugin (`-p tests.strict_skips`). With `CI=true` a skip of a test marked `postgres`,
`redis` or `browser` counts as failed, and so does a skip of a whole module, since the tests that
it hides cannot be asked for their marks.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

NEEDED = frozenset({"postgres", "redis", "browser"})


def is_strict() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    return str(where[2] if isinstance(where, tuple) else where).removeprefix("Skipped: ")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    marks = NEEDED & {mark.name for mark in item.iter_markers()}
    if report.skipped and marks and is_strict() and not hasattr(report, "wasxfail"):
        report.longrepr = f"{', '.join(sorted(marks))}: skipped with CI=true: {_reason(report)}"
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and is_strict():
        report.longrepr = f"a whole module was skipped with CI=true: {_reason(report)}"
        report.outcome = "failed"
    return report
