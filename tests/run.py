"""`make test`: every check and every test, side by side, with one table at the end.

Started by `config/bootstrap.py` inside the virtual environment, as `test` (everything), `lint`
(without the tests) or `test` with pytest arguments in $ARGS (only the tests, narrowed down).
Starts real PostgreSQL and Redis servers for itself. Leaves no process behind.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.bootstrap import ROOT, chromium_path, gettext_is_there
from config.children import Children
from tests.servers import ServerUnavailable, postgres, redis
from tests.strict_skips import is_strict

STEP_SECONDS = 1200
SHOWN_LINES = 400
MOST_CORES = 8
NO_TESTS_COLLECTED = 5
# All that a step sees of the outer environment, so that it runs alike everywhere.
INHERITED = ("CI", "DYLD_FALLBACK_LIBRARY_PATH", "HOME", "LANG", "PATH", "TERM", "TMPDIR", "USER")
INHERITED_BEGINNINGS = ("HYPOTHESIS_", "LC_", "PLAYWRIGHT_", "PYTHON", "XDG_")
# Tests of the commands themselves: one run of them is enough, whatever the database.
COMMAND_TESTS = (
    "tests/config/test_bootstrap.py",
    "tests/config/test_children.py",
    "tests/config/test_run.py",
    "tests/test_gate.py",
    "tests/test_strict_skips.py",
)


@dataclass(frozen=True)
class Step:
    """One command of the gate; `lacks` names what is missing for it."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cores: int = 1
    report: Path | None = None
    lacks: str = ""


@dataclass(frozen=True)
class Result:
    """How a step ended: PASS, FAIL or SKIP, and why."""

    step: Step
    word: str
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Counts:
    """Tests by outcome."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


# --- What is run --------------------------------------------------------------------------
def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def tool(name: str, *arguments: str) -> list[str]:
    """A command-line tool of the virtual environment."""
    return [str(Path(sys.executable).with_name(name)), *arguments]


def production_environment() -> dict[str, str]:
    """A complete and safe production environment that reaches nothing."""

    def new_key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "MADOGUCHI_ENV": "production",
        "ALLOWED_HOSTS": "privacy.sample.example",
        "DATABASE_URL": "postgres://portal:secret@127.0.0.1:1/portal",
        "DEFAULT_FROM_EMAIL": "privacy@sample.example",
        "EMAIL_URL": "smtp+tls://portal:secret@127.0.0.1:1",
        "INDEX_KEY": new_key(),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "VAULT_KEYS": f"k1:{new_key()}",
    }


def gate_steps() -> list[Step]:
    """What needs no test: longest first, so that the two cores finish together."""
    check = ("check", "--deploy", "--fail-level", "WARNING")
    return [
        Step("mypy", python("-m", "mypy")),
        Step("ruff check", tool("ruff", "check", "--no-fix", ".")),
        Step("ruff format", tool("ruff", "format", "--check", ".")),
        Step("imports", tool("lint-imports", "--no-logo")),
        Step("migrations", python("manage.py", "makemigrations", "--check", "--dry-run")),
        Step("deploy check", python("manage.py", *check), env=production_environment()),
        Step(
            "translations",
            python("manage.py", "check_catalogs"),
            lacks="" if gettext_is_there() else "GNU gettext",
        ),
    ]


def pytest_steps(
    *, cores: int, reports: Path, servers: Mapping[str, str], lacking: str, arguments: list[str]
) -> list[Step]:
    """The tests: on SQLite, then everything on PostgreSQL with Redis, then in a browser.

    `servers` holds TEST_POSTGRES_URL, TEST_REDIS_URL and CHROMIUM as far as they are there;
    `lacking` says why a server is not.
    """
    real = {
        **servers,
        "DATABASE_URL": servers.get("TEST_POSTGRES_URL", ""),
        "REDIS_URL": servers.get("TEST_REDIS_URL", ""),
    }
    runs: list[tuple[str, str, Mapping[str, str], str]] = [
        ("sqlite", "not postgres and not redis and not browser", {}, ""),
        ("postgres", "not browser", real, lacking),
        ("browser", "browser", real, lacking or ("" if "CHROMIUM" in servers else "Chromium")),
    ]
    return [
        Step(
            f"pytest {name}",
            python(
                *("-m", "pytest", "-q", "-p", "tests.strict_skips", "-m", marks),
                *("-n", str(cores), "--dist", "worksteal", f"--junitxml={reports / name}.xml"),
                *(f"--ignore={file}" for file in COMMAND_TESTS if env is real),
                *arguments,
            ),
            env=env,
            cores=cores,
            report=reports / f"{name}.xml",
            lacks=lacks,
        )
        for name, marks, env, lacks in runs
    ]


# --- Running it ---------------------------------------------------------------------------
class Gate:
    """Runs steps side by side, as many as there are cores, and keeps their output."""

    def __init__(
        self, children: Children, *, cores: int, logs: Path, env: Mapping[str, str]
    ) -> None:
        self.children = children
        self.cores = cores
        self.logs = logs
        self.env = env
        self._parent = os.getppid()
        logs.mkdir(parents=True, exist_ok=True)

    def log(self, step: Step) -> Path:
        return self.logs / f"{step.name.replace(' ', '-')}.log"

    def run(self, steps: Sequence[Step], ended: Callable[[Result], None]) -> list[Result]:
        """Run every step, telling `ended` of each as it ends; the results in the steps' order."""
        results: dict[str, Result] = {}
        waiting = list(steps)
        running: list[tuple[Step, subprocess.Popen[bytes], float]] = []

        def end(result: Result) -> None:
            results[result.step.name] = result
            ended(result)

        while waiting or running:
            free = self.cores - sum(step.cores for step, _, _ in running)
            while waiting and (waiting[0].cores <= free or not running):
                step = waiting.pop(0)
                if step.lacks:
                    word = "FAIL" if is_strict() else "SKIP"
                    end(Result(step, word, why=f"needs {step.lacks}"))
                    continue
                running.append((step, self._start(step), time.monotonic()))
                free -= step.cores
            for entry in list(running):
                step, process, began = entry
                seconds = time.monotonic() - began
                if process.poll() is None and seconds < STEP_SECONDS:
                    continue
                running.remove(entry)
                status = process.poll()
                self.children.stop([process])
                end(judge(step, status, seconds))
            if os.getppid() != self._parent:  # nobody is left to read the result
                raise SystemExit(1)
            time.sleep(0.05)
        return [results[step.name] for step in steps]

    def _start(self, step: Step) -> subprocess.Popen[bytes]:
        with self.log(step).open("wb") as output:
            try:
                return self.children.start(
                    step.command, cwd=ROOT, env={**self.env, **step.env}, output=output
                )
            except OSError as error:  # the tool is not installed: a failed step, not a crash
                output.write(f"{error}\n".encode())
                return self.children.start(python("-c", "raise SystemExit(127)"))


def judge(step: Step, status: int | None, seconds: float) -> Result:
    """What an exit status means; `None` stands for a step that had to be stopped."""
    if status is None:
        return Result(step, "FAIL", seconds, f"stopped after {STEP_SECONDS} s")
    if step.report is not None and status == NO_TESTS_COLLECTED:
        word = "SKIP" if os.environ.get("ARGS") else "FAIL"
        return Result(step, word, seconds, "no test selected")
    if status:
        return Result(step, "FAIL", seconds, f"exit status {status}")
    return Result(step, "PASS", seconds)


def count(result: Result) -> Counts:
    """The tests of one pytest step. A run that failed without a failed test counts as one."""
    if result.step.report is None:
        return Counts()
    passed = failed = skipped = 0
    if result.step.report.exists():
        for suite in ElementTree.parse(result.step.report).iter("testsuite"):  # noqa: S314 - ours
            number = {name: int(suite.get(name, "0")) for name in ("errors", "failures", "skipped")}
            failed += number["errors"] + number["failures"]
            skipped += number["skipped"]
            passed += max(0, int(suite.get("tests", "0")) - sum(number.values()))
    if result.word == "FAIL" and not failed:
        failed = 1
    return Counts(passed, failed, skipped)


# --- Telling ------------------------------------------------------------------------------
def show_output(name: str, log: Path) -> None:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    print(f"\n=== {name} " + "=" * max(0, 90 - len(name)))
    if len(lines) > SHOWN_LINES:
        print(f"... {len(lines) - SHOWN_LINES} lines before these are in {log}")
    print("\n".join(lines[-SHOWN_LINES:]), flush=True)


def table(results: Sequence[Result]) -> str:
    """Step, seconds and result, one line each."""
    rows = [f"{'step':<20}{'seconds':>9}  result"]
    for result in results:
        why = f"  {result.why}" if result.why else ""
        if result.step.report is not None and result.step.report.exists():
            why += f"  {count(result)}"
        rows.append(f"{result.step.name:<20}{result.seconds:>9.1f}  {result.word}{why}")
    return "\n".join(rows)


def outer_environment(outer: Mapping[str, str]) -> dict[str, str]:
    """What of the outer environment a step may see."""
    return {
        name: value
        for name, value in outer.items()
        if name in INHERITED or name.startswith(INHERITED_BEGINNINGS)
    }


def leave(number: int, _frame: FrameType | None) -> None:
    """Stop at once, once: leaving the contexts stops the children, the watcher the rest."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


def start_servers(stack: contextlib.ExitStack) -> tuple[dict[str, str], str]:
    """Start both servers and look for a browser: what is there, and why something is not."""
    there: dict[str, str] = {}
    lacking: list[str] = []
    for name, server in (("TEST_POSTGRES_URL", postgres), ("TEST_REDIS_URL", redis)):
        try:
            there[name] = stack.enter_context(server())
        except (ServerUnavailable, OSError) as why:
            lacking.append(str(why))
    if (browser := chromium_path()) is not None:
        there["CHROMIUM"] = browser
    return there, "; ".join(lacking)


def main(what: str, arguments: list[str]) -> int:
    """Run the gate, the tests, or both. 0 when nothing failed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    cores = min(os.cpu_count() or 1, MOST_CORES)
    logs = ROOT / "var" / "log" / "tests"
    with contextlib.ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="madoguchi-")))
        children = stack.enter_context(Children())
        children.owns(temporary)
        steps = gate_steps() if what == "lint" or not arguments else []
        if what == "test":
            servers, lacking = start_servers(stack)
            steps += pytest_steps(
                cores=cores,
                reports=temporary,
                servers=servers,
                lacking=lacking,
                arguments=arguments,
            )
        env = {
            **outer_environment(os.environ),
            "MADOGUCHI_ENV": "test",
            "VAR_DIR": str(temporary / "var"),
        }
        gate = Gate(children, cores=cores, logs=logs, env=env)

        def ended(result: Result) -> None:
            print(f"{result.word}  {result.step.name}  {result.seconds:.1f} s", flush=True)

        results = gate.run(steps, ended)
        for result in results:
            if result.word == "FAIL" or (arguments and result.word == "PASS"):
                show_output(result.step.name, gate.log(result.step))
        print(f"\n{table(results)}\n")
        if arguments and what == "test":
            print("Only the tests that ARGS selects were run, without the other checks.")
        if what == "test":
            print(sum((count(result) for result in results), Counts()), flush=True)
    words = {result.word for result in results}
    return 0 if "PASS" in words and "FAIL" not in words else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], shlex.split(os.environ.get("ARGS", "")) + sys.argv[2:]))
