"""What the build machine must not skip counts as failed there, and only there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def outcome(tmp_path: Path, test: str, *, ci: str, arguments: tuple[str, ...] = ()) -> str:
    """pytest's last line for a file with `test` in it."""
    (tmp_path / "test_it.py").write_text(f"import pytest\n{test}\n")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nmarkers =\n    postgres\n    redis\n    browser\n    journey\n"
    )
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.strict_skips", "-p", "no:django"),
            *("-p", "no:cacheprovider", *arguments, str(tmp_path)),
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CI": ci},
        capture_output=True,
        text=True,
    )
    return ran.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("mark", ["postgres", "redis", "browser"])
def test_a_skipped_test_that_needs_a_server_or_browser_fails_on_the_build_machine(
    mark: str, tmp_path: Path
) -> None:
    test = f"@pytest.mark.{mark}\ndef test_it():\n    pytest.skip('not here')"

    assert outcome(tmp_path, test, ci="true").startswith("1 failed")
    assert outcome(tmp_path, test, ci="").startswith("1 skipped")


def test_a_skip_by_mark_or_by_fixture_fails_too(tmp_path: Path) -> None:
    by_mark = "@pytest.mark.redis\n@pytest.mark.skipif(True, reason='no')\ndef test_it(): pass"
    by_fixture = (
        "@pytest.fixture\ndef server(): pytest.skip('no')\n"
        "@pytest.mark.redis\ndef test_it(server): pass"
    )

    assert outcome(tmp_path, by_mark, ci="true").startswith("1 error")
    assert outcome(tmp_path, by_fixture, ci="true").startswith("1 error")


def test_a_skip_in_a_parallel_run_fails_too(tmp_path: Path) -> None:
    test = "@pytest.mark.browser\ndef test_it(): pytest.skip('no')"

    assert "1 failed" in outcome(tmp_path, test, ci="true", arguments=("-n", "1"))


def test_a_skipped_module_fails_on_the_build_machine(tmp_path: Path) -> None:
    test = "pytest.skip('no', allow_module_level=True)"

    assert outcome(tmp_path, test, ci="true").startswith("1 error")
    assert outcome(tmp_path, test, ci="").startswith("1 skipped")


def test_other_skips_and_expected_failures_stay_what_they_are(tmp_path: Path) -> None:
    skipped = "@pytest.mark.journey\ndef test_it(): pytest.skip('no')"
    expected = "@pytest.mark.redis\n@pytest.mark.xfail\ndef test_it(): assert False"

    assert outcome(tmp_path, skipped, ci="true").startswith("1 skipped")
    assert outcome(tmp_path, expected, ci="true").startswith("1 xfailed")
