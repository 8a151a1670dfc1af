"""Child processes end with us, in every way that we can end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.children import Children

ROOT = Path(__file__).resolve().parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# A child that starts one of its own in the same group and tells its number.
WITH_GRANDCHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True); time.sleep(60)",
]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


def is_running(number: int) -> bool:
    """Whether a process is there and is more than an entry its parent has not read yet."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")


def within(seconds: float, happens: Callable[[], object]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happens():
            return True
        time.sleep(0.05)
    return bool(happens())


def test_leaving_the_context_ends_a_child_and_what_it_started(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with Children() as children, said.open("wb") as output:
        child = children.start(WITH_GRANDCHILD, output=output)
        assert within(10, said.read_text)
        grandchild = int(said.read_text())
        assert is_running(child.pid)
        assert is_running(grandchild)

    assert child.returncode == -signal.SIGTERM
    assert within(5, lambda: not is_running(grandchild))


def test_a_child_that_ignores_sigterm_is_killed_after_the_patience(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with Children() as children, said.open("wb") as output:
        child = children.start(STUBBORN, output=output)
        assert within(10, said.read_text)
        children.stop([child], patience=0.2)

    assert child.returncode == -signal.SIGKILL


def test_stopping_one_child_leaves_the_others_running() -> None:
    with Children() as children:
        one, other = children.start(SLEEP), children.start(SLEEP)
        children.stop([one])

        assert one.returncode is not None
        assert other.poll() is None


def test_a_ctrl_c_in_the_terminal_does_not_reach_a_child_directly() -> None:
    with Children() as children:
        child = children.start(SLEEP)

        assert os.getpgid(child.pid) == child.pid != os.getpgrp()


def test_the_context_leaves_no_watcher_behind() -> None:
    with Children() as children:
        children.start(SLEEP)
        watcher = children._watcher
        assert watcher is not None
        assert watcher.poll() is None

    assert watcher.poll() == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_owner_takes_its_children_and_its_folder_along(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "owned"
    folder.mkdir()
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from config.children import Children\n"
            "children = Children(); children.owns(Path(sys.argv[1]))\n"
            "print(children.start(sys.argv[2:]).pid, flush=True); time.sleep(60)",
            folder,
            *SLEEP,
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    child = int(owner.stdout.readline())
    assert is_running(child)

    owner.send_signal(number)
    owner.wait()

    assert within(10, lambda: not is_running(child))
    assert within(5, lambda: not folder.exists())
