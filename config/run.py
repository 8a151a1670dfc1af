"""`make run`: the whole portal with demo data on one machine, without any service beside it.

Started by `config/bootstrap.py` inside the virtual environment. Prepares the data under `var/`,
starts the web server and one Celery process, and stops both together.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.bootstrap import ROOT, CannotStart, check_port, say
from config.children import Children

START_SECONDS = 60
LOG_BYTES = 5_000_000
# Of a shell that was set up for something else: the demo must not touch its data or send mail.
NOT_OURS = (
    "CELERY_BROKER_URL",
    "DATABASE_URL",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "LOG_LEVEL",
    "MEDIA_ROOT",
    "REDIS_URL",
    "STATIC_ROOT",
)
# In this order: the demo data speaks through the translations and lives in the tables.
PREPARATION: tuple[tuple[str, dict[str, object]], ...] = (
    ("compile_catalogs", {}),
    ("migrate", {"interactive": False, "verbosity": 1}),
    ("collectstatic", {"interactive": False, "verbosity": 1}),
    ("seed_demo", {}),
)


class Stopped(Exception):
    """Somebody asked us to stop while we were starting."""


# --- Environment --------------------------------------------------------------------------
def demo_keys(var: Path) -> dict[str, str]:
    """The demo's keys: made once, then read from `var/demo.env`, which only its owner may read.

    Raises CannotStart when the database is there but its keys are not.
    """
    file = var / "demo.env"
    if not file.exists():
        if (var / "madoguchi.sqlite3").exists():
            raise CannotStart(
                f"{file} is gone, and nothing in {var} can be read without its keys."
                f" To start over with new demo data, delete {var}."
            )
        made = {
            "MADOGUCHI_ENV": "demo",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "VAULT_KEYS": f"k1:{_new_key()}",
            "INDEX_KEY": _new_key(),
        }
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as output:
            output.writelines(f"{name}={value}\n" for name, value in made.items())
    lines = [line.strip() for line in file.read_text().splitlines()]
    return dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def demo_environment(
    outer: Mapping[str, str], *, var: Path, host: str, port: int, keys: Mapping[str, str]
) -> dict[str, str]:
    """What the web server, the worker and the management commands are started with."""
    kept = {name: value for name, value in outer.items() if name not in NOT_OURS}
    # Who listens on every address wants to be reached by a name that only others know.
    hosts = ["*"] if host in ("0.0.0.0", "::") else [host]  # noqa: S104
    return {
        "PUBLIC_URL": base_url(outward_address(host), port),
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", *hosts])),
        **kept,
        **keys,
        "VAR_DIR": str(var),
        "PYTHONUNBUFFERED": "1",
    }


def local_address(host: str) -> str:
    """Where this machine itself reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def outward_address(host: str) -> str:
    """Where other machines reach a server that listens on `host`: what links in mail must name.

    For a server on every address it is the one this machine uses towards the network.
    """
    towards = {"0.0.0.0": "192.0.2.1", "::": "2001:db8::1"}.get(host)  # noqa: S104  RFC 5737, 3849
    if towards is None:
        return host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((towards, 9))  # only chooses the way: nothing is sent
        except OSError:  # no network
            return local_address(host)
        return str(probe.getsockname()[0])


def base_url(host: str, port: int) -> str:
    address = local_address(host)
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


# --- The processes ------------------------------------------------------------------------
def web_command(host: str, port: int) -> list[str]:
    """One process, since SQLite has one writer; threads, since requests wait for the disk."""
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
        *("--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"),
        *("--workers", "1", "--worker-class", "gthread", "--threads", "8"),
        *("--graceful-timeout", "5", "--no-control-socket"),
    ]


def worker_command(var: Path) -> list[str]:
    """Worker and beat in one process."""
    return [
        *(sys.executable, "-m", "celery", "-A", "config", "worker"),
        *("--beat", "--schedule", str(var / "celerybeat-schedule")),
        *("--pool", "threads", "--concurrency", "4"),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    ]


def answers(host: str, port: int) -> bool:
    """Whether the portal says that it is healthy."""
    connection = http.client.HTTPConnection(local_address(host), port, timeout=5)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/healthz/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


class Log:
    """One child's log file under `var/log/`; an overlong one is set aside first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        self.file = path.open("ab")
        self._start = path.stat().st_size

    def text(self) -> str:
        """What was written since this start."""
        with self.path.open("rb") as written:
            written.seek(self._start)
            return written.read().decode(errors="replace")

    def last_line(self) -> str:
        lines = [line.strip() for line in self.text().splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"


class Portal:
    """The web server and the worker of one `make run`."""

    def __init__(self, children: Children, var: Path, host: str, port: int) -> None:
        self.children = children
        self.var = var
        self.host = host
        self.port = port
        self.asked_to_stop = threading.Event()
        self.running: dict[str, tuple[subprocess.Popen[bytes], Log]] = {}

    def _start(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        log = Log(self.var / "log" / f"{name}.log")
        process = self.children.start(command, cwd=ROOT, env=env, output=log.file)
        self.running[name] = (process, log)

    def prepare(self, env: Mapping[str, str]) -> str:
        """Bring data, messages and static files up to date; the demo logins, as text.

        Raises CannotStart with the command that failed, and Stopped.
        """
        logins = self.var / "demo-logins.txt"
        self._start("setup", [sys.executable, "-m", "config.run", "prepare", str(logins)], env)
        process, log = self.running.pop("setup")
        while process.poll() is None:
            self._wait(0.05)
        self.children.stop([process])
        if process.returncode:
            step = ["the settings", *re.findall(r"^== (\w+)$", log.text(), re.MULTILINE)][-1]
            raise CannotStart(f"Setting up stopped at {step}: {log.last_line()} (see {log.path})")
        return logins.read_text()

    def start(self, env: Mapping[str, str]) -> None:
        """Start both and return once both are up. Raises CannotStart and Stopped."""
        self._start("web", web_command(self.host, self.port), env)
        self._start("worker", worker_command(self.var), env)
        until = time.monotonic() + START_SECONDS
        waiting: dict[str, Callable[[], bool]] = {
            "web": lambda: answers(self.host, self.port),
            "worker": lambda: " ready." in self.running["worker"][1].text(),
        }
        while waiting:
            self._wait(0.1)
            waiting = {name: is_up for name, is_up in waiting.items() if not is_up()}
            self.check()
            if waiting and time.monotonic() > until:
                name = next(iter(waiting))
                raise CannotStart(
                    f"The {name} process was not ready after {START_SECONDS} s:"
                    f" see {self.running[name][1].path}"
                )

    def keep_running(self) -> None:
        """Return when somebody asks us to stop. Raises CannotStart when a process dies."""
        while not self.asked_to_stop.wait(0.2):
            self.check()

    def check(self) -> None:
        """Raises CannotStart when a process has died."""
        for name, (process, log) in self.running.items():
            if process.poll() is not None:
                raise CannotStart(
                    f"The {name} process {ending(process.returncode)}: {log.last_line()}"
                    f" (see {log.path})"
                )

    def _wait(self, seconds: float) -> None:
        if self.asked_to_stop.wait(seconds):
            raise Stopped


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended by itself with status {status}"


def static_fingerprint() -> str:
    """What `collectstatic` would read: every static file's place, size and age."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            about = Path(storage.path(name)).stat()
            digest.update(f"{name} {about.st_size} {about.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def prepare(logins: Path) -> None:
    """Run the management commands in one process; starting Django five times would take longer.

    What they say goes to standard error, so that it lands in the log.
    """
    import io

    import django
    from django.conf import settings
    from django.core.management import call_command

    with contextlib.redirect_stdout(sys.stderr):
        django.setup()
        stamp = logins.with_name("static-files-from")
        wanted = static_fingerprint()
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        collected = manifest.exists() and stamp.exists() and stamp.read_text() == wanted
        for name, options in PREPARATION:
            print(f"== {name}")
            if name == "collectstatic" and collected:  # it compresses everything anew each time
                continue
            call_command(name, **options)
        stamp.write_text(wanted)
        listing = io.StringIO()
        call_command("seed_demo", "--print-logins", stdout=listing)
    logins.unlink(missing_ok=True)
    with open(os.open(logins, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as output:
        output.write(listing.getvalue())


def welcome(url: str, public_url: str, desk: str, logins: str) -> str:
    """The block that is shown once everything is up."""
    lines = [
        "Madoguchi is running. Ctrl-C stops it.",
        "",
        f"  Portal, Japanese   {url}/",
        f"  Portal, English    {url}/en/",
        f"  Officer's desk     {url}/{desk}/",
        f"  Outgoing mail      {url}/dev/mail/  (written to var/mail/)",
        f"  Links in mail      {public_url}/  (PUBLIC_URL sets another address)",
        "  Logs               var/log/",
        "",
        "Demo logins for the desk",
        *(f"  {line}" for line in logins.strip().splitlines()),
        "",
    ]
    return "\n".join(lines)


def main(var: Path = ROOT / "var") -> int:
    """Start, wait, stop. 0 when asked to stop, 1 when something failed."""
    host = os.environ.get("HOST") or "127.0.0.1"
    with Children() as children:
        try:
            port = check_port(host, os.environ.get("PORT") or "8000")
            portal = Portal(children, var, host, port)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: portal.asked_to_stop.set())
            for folder in ("log", "mail", "media"):
                (var / folder).mkdir(parents=True, exist_ok=True)
            env = demo_environment(os.environ, var=var, host=host, port=port, keys=demo_keys(var))
            say("Preparing the demo ...")
            logins = portal.prepare(env)
            portal.start(env)
            desk = env.get("ADMIN_PATH", "desk").strip("/")
            public_url = env["PUBLIC_URL"].rstrip("/")
            say(welcome(base_url(host, port), public_url, desk, logins))
            portal.keep_running()
        except Stopped:
            pass
        except CannotStart as why:
            print(why, file=sys.stderr)
            return 1
        say("Stopping ...")
    say("Stopped.")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"]:
        prepare(Path(sys.argv[2]))
    else:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.exit(main())
