"""`make test` tells the truth about its steps, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.children import Children
from tests import run
from tests.config.test_children import ROOT, is_running, within
from tests.run import Counts, Gate, Result, Step


def step(name: str, code: str, **more: object) -> Step:
    return Step(name, [sys.executable, "-c", code], **more)  # type: ignore[arg-type]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with Children() as children:
        yield Gate(children, cores=2, logs=tmp_path / "logs", env=dict(os.environ))


def words(results: list[Result]) -> list[str]:
    return [f"{result.step.name} {result.word}" for result in results]


def ignore(_result: Result) -> None:
    return None


def test_a_step_passes_by_its_exit_status_and_its_output_is_kept(gate: Gate) -> None:
    good, bad = step("good one", "print('fine')"), step("bad one", "exit('broken')")

    assert words(gate.run([good, bad], ignore)) == ["good one PASS", "bad one FAIL"]
    assert gate.log(good).read_text() == "fine\n"
    assert gate.log(bad).read_text() == "broken\n"


def test_a_tool_that_is_not_installed_is_a_failed_step(gate: Gate) -> None:
    (result,) = gate.run([Step("lint", ["/nowhere/ruff", "check"])], ignore)

    assert result.word == "FAIL"
    assert "/nowhere/ruff" in gate.log(result.step).read_text()


def test_a_step_that_hangs_is_stopped_and_failed(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STEP_SECONDS", 0.5)
    (result,) = gate.run([step("slow", "import time; time.sleep(60)")], ignore)

    assert (result.word, result.why) == ("FAIL", "stopped after 0.5 s")


def test_steps_run_side_by_side_but_not_on_more_cores_than_there_are(
    gate: Gate, tmp_path: Path
) -> None:
    # Each writes when it starts and ends; one that wants both cores must run alone.
    code = (
        "import time; f = open({0!r}, 'a', 1); print('+{1}', file=f); time.sleep(0.6);"
        " print('-{1}', file=f)"
    )
    diary = tmp_path / "diary"
    steps = [
        step(name, code.format(str(diary), name), cores=cores)
        for name, cores in (("a", 1), ("b", 1), ("c", 2))
    ]
    gate.run(steps, ignore)

    lines = diary.read_text().split()
    assert set(lines[:2]) == {"+a", "+b"}
    assert set(lines[2:4]) == {"-a", "-b"}
    assert lines[4:] == ["+c", "-c"]


@pytest.mark.parametrize(("ci", "word"), [("true", "FAIL"), ("", "SKIP")])
def test_a_step_that_lacks_its_server_fails_on_the_build_machine_only(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, ci: str, word: str
) -> None:
    monkeypatch.setenv("CI", ci)
    (result,) = gate.run([step("pytest postgres", "exit(0)", lacks="PostgreSQL")], ignore)

    assert (result.word, result.why) == (word, "needs PostgreSQL")


def test_no_collected_test_is_a_failure_unless_they_were_selected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest_step = Step("pytest sqlite", [], report=tmp_path / "none.xml")
    monkeypatch.delenv("ARGS", raising=False)
    assert run.judge(pytest_step, 5, 1.0).word == "FAIL"

    monkeypatch.setenv("ARGS", "-k name")
    assert run.judge(pytest_step, 5, 1.0).word == "SKIP"
    assert run.judge(Step("mypy", []), 5, 1.0).word == "FAIL"


def test_tests_are_counted_from_a_real_report(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_better(): pass\n"
        "def test_bad(): assert 0\n"
        "def test_error(missing): pass\n"
        "def test_skipped(): pytest.skip('no')\n"
    )
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*command, f"--junitxml={report}", "."],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
    )
    result = run.judge(Step("pytest", [], report=report), ran.returncode, 1.0)

    assert result.word == "FAIL"
    assert run.count(result) == Counts(passed=2, failed=2, skipped=1)
    assert str(run.count(result) + Counts(passed=1)) == "3 passed, 2 failed, 1 skipped"


def test_a_test_run_that_crashed_is_never_shown_as_nothing_failed(tmp_path: Path) -> None:
    crashed = Step("pytest sqlite", [], report=tmp_path / "none.xml")

    assert run.count(run.judge(crashed, 3, 1.0)).failed == 1


def test_the_table_has_a_line_for_each_step() -> None:
    results = [
        Result(Step("mypy", []), "PASS", 12.34),
        Result(Step("translations", []), "SKIP", why="needs GNU gettext"),
    ]

    assert run.table(results).splitlines() == [
        "step                  seconds  result",
        "mypy                     12.3  PASS",
        "translations              0.0  SKIP  needs GNU gettext",
    ]


def test_a_step_sees_nothing_of_the_shells_databases() -> None:
    outer = {"PATH": "/bin", "LC_ALL": "C", "DATABASE_URL": "postgres://live", "EMAIL_URL": "smtp:"}

    assert run.outer_environment(outer) == {"PATH": "/bin", "LC_ALL": "C"}


def test_every_kind_of_test_is_run_by_exactly_the_steps_that_can(tmp_path: Path) -> None:
    steps = run.pytest_steps(
        cores=2,
        reports=tmp_path,
        servers={"TEST_POSTGRES_URL": "postgres://x", "TEST_REDIS_URL": "redis://x"},
        lacking="",
        arguments=["-k", "name"],
    )
    by_name = {s.name: s for s in steps}

    assert "DATABASE_URL" not in by_name["pytest sqlite"].env
    assert by_name["pytest postgres"].env["DATABASE_URL"] == "postgres://x"
    assert by_name["pytest postgres"].env["REDIS_URL"] == "redis://x"
    assert by_name["pytest browser"].lacks == "Chromium"
    assert all(list(s.command)[-2:] == ["-k", "name"] for s in steps)


def test_the_tests_that_run_only_once_are_there() -> None:
    assert [file for file in run.COMMAND_TESTS if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_gate_leaves_no_process_and_no_folder(
    number: signal.Signals, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    script = (
        "import sys; from tests import run\n"
        'code = \'import os, sys, time; print(os.getpid(), file=open(sys.argv[1], "w", 1));'
        " time.sleep(60)'\n"
        "run.gate_steps = lambda: [run.Step('slow', [sys.executable, '-c', code, sys.argv[1]])]\n"
        "sys.exit(run.main('lint', []))"
    )
    gate = subprocess.Popen(
        [sys.executable, "-c", script, told],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    assert within(20, lambda: told.exists() and told.read_text())
    slow = int(told.read_text())
    assert is_running(slow)

    began = time.monotonic()
    gate.send_signal(number)
    status = gate.wait(20)

    assert status == (-number if number == signal.SIGKILL else 128 + number)
    assert within(10, lambda: not is_running(slow))
    assert within(5, lambda: not list(tmp_path.glob("madoguchi-*")))
    assert time.monotonic() - began < 20
