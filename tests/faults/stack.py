"""The portal as real processes (web server, worker with its beat) that can be killed.

Everything is as `make run` starts it; on PostgreSQL the web server has two processes and the
broker is Redis.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from config.bootstrap import ROOT
from config.children import Children
from config.run import answers, web_command, worker_command

HOST = "127.0.0.1"
START_SECONDS = 60.0


class Stack:
    """Web server and worker on one database, each killed and started on its own."""

    def __init__(self, children: Children, folder: Path, env: Mapping[str, str]) -> None:
        self.children = children
        self.folder = folder
        self.port = _free_port()
        self.env = {**env, "VAR_DIR": str(folder), "ALLOWED_HOSTS": HOST}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._inside: subprocess.Popen[str] | None = None
        self.kills = dict.fromkeys(("web", "worker"), 0)

    def tell(self, word: str) -> Any:
        """Ask `tests.faults.inside`; its answer. AssertionError: it broke."""
        if self._inside is None:
            with (self.folder / "inside.log").open("ab") as log:
                self._inside = subprocess.Popen(
                    [sys.executable, "-m", "tests.faults.inside"],
                    cwd=ROOT,
                    env=self.env,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        assert self._inside.stdin is not None
        assert self._inside.stdout is not None
        self._inside.stdin.write(f"{word}\n")
        self._inside.stdin.flush()
        answer = self._inside.stdout.readline()
        if not answer:
            raise AssertionError(f"{word}: {self.said('inside')}")
        return json.loads(answer)

    def start(self, name: str) -> None:
        """Start `web` or `worker`; returns at once."""
        command = worker_command(self.folder) if name == "worker" else self._web()
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = self.children.start(command, cwd=ROOT, env=self.env, output=log)

    def _web(self) -> list[str]:
        command = web_command(HOST, self.port)
        if not self.env["DATABASE_URL"].startswith("sqlite"):
            command[command.index("--workers") + 1] = "2"
        return command

    def kill(self, name: str) -> None:
        """SIGKILL the whole group at once: nothing gets to clean up."""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        self.children.stop([process])
        self.kills[name] += 1

    def stop(self) -> None:
        """End what still runs, kindly."""
        self.children.stop(self._running.values(), patience=1)
        self._running.clear()
        if self._inside is not None:
            self._inside.communicate()

    def wait_for_web(self) -> None:
        """Return once pages are answered. AssertionError: they never are."""
        until = time.monotonic() + START_SECONDS
        while not answers(HOST, self.port):
            if time.monotonic() > until:
                raise AssertionError(f"no answer: {self.said('web')}")
            time.sleep(0.05)

    def said(self, name: str) -> str:
        """The end of a process's log."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]


@contextlib.contextmanager
def database_beside(url: str, folder: Path) -> Iterator[str]:
    """A fresh database on the server of `url`, or in a file: its own URL."""
    if not url.startswith("postgres"):
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    name = f"faults_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{url.rpartition('/')[0]}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
