"""`make run`: keys are made once, both processes come up together and go down together."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import run
from config.bootstrap import CannotStart
from config.children import Children

ROOT = Path(__file__).resolve().parents[2]
WEB = (
    "import http.server, sys\n"
    "class Answer(http.server.BaseHTTPRequestHandler):\n"
    "    def do_GET(self): self.send_response(200); self.end_headers()\n"
    "    def log_message(self, *a): pass\n"
    "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Answer).serve_forever()"
)
WORKER = "import time; print('worker ready.', flush=True); time.sleep(60)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- Keys and environment -----------------------------------------------------------------
def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    made = run.demo_keys(tmp_path)

    assert (tmp_path / "demo.env").stat().st_mode & 0o777 == 0o600
    assert run.demo_keys(tmp_path) == made
    assert set(made) == {"MADOGUCHI_ENV", "SECRET_KEY", "VAULT_KEYS", "INDEX_KEY"}
    assert re.fullmatch(r"k1:[A-Za-z0-9+/]{43}=", made["VAULT_KEYS"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", made["INDEX_KEY"])


def test_two_machines_have_different_keys(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = run.demo_keys(tmp_path), run.demo_keys(tmp_path / "other")

    assert all(one[name] != other[name] for name in ("SECRET_KEY", "VAULT_KEYS", "INDEX_KEY"))


def test_keys_may_be_rotated_by_hand(tmp_path: Path) -> None:
    made = run.demo_keys(tmp_path)
    file = tmp_path / "demo.env"
    file.write_text(file.read_text().replace("k1:", "k2:bmV3,k1:") + "\n# rotated\n")

    assert run.demo_keys(tmp_path)["VAULT_KEYS"] == f"k2:bmV3,{made['VAULT_KEYS']}"


def test_a_database_whose_keys_are_gone_is_not_opened_with_new_ones(tmp_path: Path) -> None:
    (tmp_path / "madoguchi.sqlite3").touch()

    with pytest.raises(CannotStart, match=r"demo\.env is gone"):
        run.demo_keys(tmp_path)
    assert not (tmp_path / "demo.env").exists()


def test_the_demo_touches_no_database_and_no_mail_server_of_the_shell(tmp_path: Path) -> None:
    outer = {
        "PATH": "/bin",
        "DATABASE_URL": "postgres://live",
        "EMAIL_URL": "smtp://live",
        "REDIS_URL": "redis://live",
        "SECRET_KEY": "another",
    }
    env = run.demo_environment(
        outer, var=tmp_path, host="127.0.0.1", port=8001, keys={"SECRET_KEY": "ours"}
    )

    assert env.keys().isdisjoint({"DATABASE_URL", "EMAIL_URL", "REDIS_URL"})
    assert env["SECRET_KEY"] == "ours"
    assert env["PATH"] == "/bin"
    assert env["VAR_DIR"] == str(tmp_path)
    assert env["PUBLIC_URL"] == "http://127.0.0.1:8001"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104
        ("::", "http://[::1]:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
    ],
)
def test_the_address_shown_is_one_that_a_browser_can_open(host: str, url: str) -> None:
    assert run.base_url(host, 8000) == url


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        ("127.0.0.1", "localhost,127.0.0.1,[::1]"),
        ("192.0.2.7", "localhost,127.0.0.1,[::1],192.0.2.7"),
        ("0.0.0.0", "localhost,127.0.0.1,[::1],*"),  # noqa: S104
        ("::", "localhost,127.0.0.1,[::1],*"),
    ],
)
def test_who_listens_on_every_address_is_reached_by_any_name(
    host: str, hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "outward_address", run.local_address)
    env = run.demo_environment({}, var=tmp_path, host=host, port=8000, keys={})
    assert env["ALLOWED_HOSTS"] == hosts


class _Network:
    """A socket of a machine whose way out is known, or that has none."""

    def __init__(self, *_: object) -> None:
        self.towards = ""

    def __enter__(self) -> "_Network":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def connect(self, address: tuple[str, int]) -> None:
        self.towards = address[0]

    def getsockname(self) -> tuple[str, int]:
        return ("2001:db8::7" if ":" in self.towards else "198.51.100.7", 40000)


class _NoNetwork(_Network):
    def connect(self, address: tuple[str, int]) -> None:
        raise OSError("Network is unreachable")


@pytest.mark.parametrize(
    ("host", "network", "url"),
    [
        ("0.0.0.0", _Network, "http://198.51.100.7:8000"),  # noqa: S104
        ("::", _Network, "http://[2001:db8::7]:8000"),
        ("0.0.0.0", _NoNetwork, "http://127.0.0.1:8000"),  # noqa: S104
        ("192.0.2.7", _Network, "http://192.0.2.7:8000"),
    ],
)
def test_links_in_mail_name_an_address_that_other_machines_reach(
    host: str, network: type, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", network)
    env = run.demo_environment({}, var=tmp_path, host=host, port=8000, keys={})
    assert env["PUBLIC_URL"] == url
    given = {"PUBLIC_URL": "http://privacy.test"}
    env = run.demo_environment(given, var=tmp_path, host=host, port=8000, keys={})
    assert env["PUBLIC_URL"] == given["PUBLIC_URL"]


# --- The processes, played by small ones --------------------------------------------------
@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[run.Portal]:
    port = free_port()
    (tmp_path / "log").mkdir()
    monkeypatch.setattr(run, "web_command", lambda host, p: [sys.executable, "-c", WEB, str(p)])
    monkeypatch.setattr(run, "worker_command", lambda var: [sys.executable, "-c", WORKER])
    with Children() as children:
        yield run.Portal(children, tmp_path, "127.0.0.1", port)


def test_start_returns_once_both_are_up(portal: run.Portal) -> None:
    portal.start(os.environ)

    assert run.answers("127.0.0.1", portal.port)
    assert [process.poll() for process, _ in portal.running.values()] == [None, None]


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_process_that_dies_is_named_with_its_log(portal: run.Portal, name: str) -> None:
    portal.start(os.environ)
    portal.running[name][0].kill()
    portal.running[name][0].wait()

    with pytest.raises(
        CannotStart, match=rf"^The {name} process was ended by SIGKILL.*{name}\.log"
    ):
        portal.keep_running()


def test_a_worker_that_fails_at_once_is_reported_with_its_last_line(
    portal: run.Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [sys.executable, "-c", "raise SystemExit('no broker')"]
    monkeypatch.setattr(run, "worker_command", lambda var: broken)

    with pytest.raises(CannotStart, match=r"^The worker process ended by itself .* no broker"):
        portal.start(os.environ)


def test_a_worker_that_never_gets_ready_is_not_waited_for_forever(
    portal: run.Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(run, "worker_command", lambda var: silent)
    monkeypatch.setattr(run, "START_SECONDS", 1)

    with pytest.raises(CannotStart, match="worker process was not ready after 1 s"):
        portal.start(os.environ)


def test_the_last_runs_ready_line_does_not_count_for_this_one(portal: run.Portal) -> None:
    file = portal.var / "log" / "worker.log"
    file.write_text("worker ready.\n")
    log = run.Log(file)

    assert log.text() == ""
    log.file.write(b"now\n")
    log.file.flush()
    assert log.last_line() == "now"


def test_an_overlong_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOG_BYTES", 3)
    (tmp_path / "web.log").write_text("long")
    run.Log(tmp_path / "web.log").file.close()

    assert (tmp_path / "web.log").read_text() == ""
    assert (tmp_path / "web.log.1").read_text() == "long"


def test_being_asked_to_stop_while_starting_stops_the_start(portal: run.Portal) -> None:
    threading.Timer(0.05, portal.asked_to_stop.set).start()

    with pytest.raises(run.Stopped):
        portal.start(os.environ)


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("madoguchi: PORT is wrong", "the settings"),
        ("== migrate\n  == odd\n== seed_demo\nmadoguchi: PORT is wrong", "seed_demo"),
    ],
)
def test_a_failed_preparation_names_the_command_and_its_last_line(
    portal: run.Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, step: str
) -> None:
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit 2\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))

    with pytest.raises(CannotStart, match=rf"^Setting up stopped at {step}: madoguchi: PORT is"):
        portal.prepare(os.environ)


# --- The whole, for real ------------------------------------------------------------------
def test_the_portal_starts_shows_its_addresses_and_stops(tmp_path: Path) -> None:
    port = free_port()
    outer = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    started = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from config.run import main\n"
            "sys.exit(main(Path(sys.argv[1])))",
            tmp_path,
        ],
        cwd=ROOT,
        env={**outer, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert started.stdout is not None
        shown = ""
        for line in started.stdout:
            shown += line
            if line.startswith("Demo logins"):
                break
        for path in ("/", "/en/", "/desk/", "/dev/mail/"):
            assert f"http://127.0.0.1:{port}{path}" in shown, shown
        assert f"Links in mail      http://127.0.0.1:{port}/" in shown
        for path in ("/", "/en/", "/desk/", "/dev/mail/"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            assert connection.getresponse().status in (200, 302), path
            connection.close()
        started.send_signal(signal.SIGINT)
        rest, _ = started.communicate(timeout=30)
    finally:
        started.kill()
        started.wait()

    assert started.returncode == 0
    assert rest.endswith("Stopped.\n")
    assert not run.answers("127.0.0.1", port)
    assert (tmp_path / "madoguchi.sqlite3").exists()
