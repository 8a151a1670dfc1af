"""Child processes that end when this process ends, however it ends.

Each child leads a process group of its own, so a Ctrl-C in the terminal reaches only us and we
stop the children in order. A small watcher reads our group numbers from a pipe: when the pipe
closes although groups are left (we were killed with SIGKILL), the watcher ends them.

Standard library only: the watcher runs this file on its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

PATIENCE = 10.0
"""Seconds a process group has between SIGTERM and SIGKILL."""


class Children:
    """The process groups one command has started; a context manager that stops them all."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []
        self._watcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Children:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        output: IO[Any] | int | None = None,
        stdin: IO[Any] | int = subprocess.DEVNULL,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        user: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start `command` as leader of a new process group.

        Standard output and errors both go to `output`; `user` is the uid to run as (root only).
        Raises OSError when the program cannot be started.
        """
        process = subprocess.Popen(
            list(command),
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user is not None else None,
        )
        self._running.append(process)
        self._tell(f"+{process.pid}")
        return process

    def owns(self, folder: Path) -> None:
        """Have the watcher remove `folder` too when this process is killed."""
        self._tell(f"/{folder}")

    def stop(
        self,
        processes: Iterable[subprocess.Popen[bytes]] | None = None,
        *,
        first: signal.Signals = signal.SIGTERM,
        patience: float = PATIENCE,
    ) -> None:
        """Send `first` to the groups (default: all), wait `patience` seconds, then SIGKILL."""
        stopping = [p for p in self._running if processes is None or p in tuple(processes)]
        for process in stopping:
            _signal_group(process.pid, first)
        until = time.monotonic() + patience
        for process in stopping:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
        for process in stopping:
            # Also when the leader has gone: what it started may still be in its group.
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
            self._running.remove(process)
            self._tell(f"-{process.pid}")
        if not self._running and self._watcher is not None:
            if self._watcher.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    self._watcher.stdin.close()
            self._watcher.wait()
            self._watcher = None

    def _tell(self, line: str) -> None:
        if self._watcher is None:
            self._watcher = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        if self._watcher.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._watcher.stdin.write(f"{line}\n".encode())
                self._watcher.stdin.flush()


def _signal_group(group: int, number: signal.Signals) -> None:
    # macOS answers EPERM, not ESRCH, for a group whose only member waits to be reaped.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def watch(lines: Iterable[str], patience: float = PATIENCE) -> None:
    """Read group numbers until the pipe closes, then end the groups still named.

    `+7` names group 7, `-7` takes it back, `/tmp/x` names a folder to remove at the end if any
    group was left.
    """
    groups: list[int] = []
    folders: list[str] = []
    for line in lines:
        mark, rest = line[0], line[1:].strip()
        if mark == "+":
            groups.append(int(rest))
        elif mark == "-":
            groups.remove(int(rest))
        else:
            folders.append(line.rstrip("\n"))
    if not groups:
        return
    for group in groups:
        _signal_group(group, signal.SIGTERM)
    until = time.monotonic() + patience
    while any(map(_group_is_alive, groups)) and time.monotonic() < until:
        time.sleep(0.1)
    for group in groups:
        _signal_group(group, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    for _signal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(_signal, signal.SIG_IGN)
    watch(sys.stdin)
