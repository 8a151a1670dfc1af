"""A fresh machine gets what it lacks, a filled one is left alone, and a refusal is one line."""

import ast
import os
import platform
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config import bootstrap
from config.bootstrap import CannotStart, Need

ROOT = Path(__file__).resolve().parents[2]


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


# --- Python packages ----------------------------------------------------------------------
@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("Django==5.2.19\n")
    tests = tmp_path / "tests" / "requirements.txt"
    tests.parent.mkdir()
    tests.write_text("-r ../requirements.txt\npytest==9.2.0\n")
    return tests


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """An environment whose Python writes down what it is asked, and is well."""
    path = tmp_path / "venv"
    executable(path / "bin" / "python", f'echo "$@" >> {tmp_path}/asked')
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "install.log"


def installs(tmp_path: Path) -> int:
    asked = tmp_path / "asked"
    return asked.read_text().count("-m pip install") if asked.exists() else 0


def test_packages_are_installed_once(
    requirements: Path, venv: Path, log: Path, tmp_path: Path
) -> None:
    for _ in range(3):
        bootstrap.fill_venv(requirements, venv, log, name="test")

    assert installs(tmp_path) == 1


def test_a_changed_pin_in_an_included_file_installs_again(
    requirements: Path, venv: Path, log: Path, tmp_path: Path
) -> None:
    bootstrap.fill_venv(requirements, venv, log, name="test")
    (tmp_path / "requirements.txt").write_text("Django==5.2.20\n")
    bootstrap.fill_venv(requirements, venv, log, name="test")

    assert installs(tmp_path) == 2


def test_an_environment_that_was_moved_is_filled_again(requirements: Path, tmp_path: Path) -> None:
    here = bootstrap.fingerprint(requirements, tmp_path / "here")

    assert here == bootstrap.fingerprint(requirements, tmp_path / "here")
    assert here != bootstrap.fingerprint(requirements, tmp_path / "there")


def test_run_and_test_remember_their_packages_apart(
    requirements: Path, venv: Path, log: Path, tmp_path: Path
) -> None:
    bootstrap.fill_venv(tmp_path / "requirements.txt", venv, log, name="run")
    bootstrap.fill_venv(requirements, venv, log, name="test")
    bootstrap.fill_venv(tmp_path / "requirements.txt", venv, log, name="run")

    assert installs(tmp_path) == 2


def test_a_failed_installation_says_why_in_one_line_and_is_tried_again(
    requirements: Path, venv: Path, log: Path
) -> None:
    python = executable(
        venv / "bin" / "python",
        'case "$*" in *install*) echo "ERROR: No matching distribution for x" >&2; exit 1;; esac',
    )
    with pytest.raises(CannotStart, match=r"installed: No matching distribution") as refused:
        bootstrap.fill_venv(requirements, venv, log, name="test")
    assert "\n" not in str(refused.value)

    executable(python, "exit 0")
    bootstrap.fill_venv(requirements, venv, log, name="test")


def test_an_environment_whose_python_is_gone_is_made_anew(
    requirements: Path, venv: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.fill_venv(requirements, venv, log, name="test")
    python = bootstrap.python_in(venv)
    python.unlink()
    python.symlink_to("/nowhere/python3.9")
    made: list[Path] = []

    def make(path: Path, _log: Path) -> None:
        made.append(path)
        python.unlink()
        executable(python, "exit 0")

    monkeypatch.setattr(bootstrap, "make_venv", make)
    bootstrap.fill_venv(requirements, venv, log, name="test")

    assert made == [venv]


def test_a_real_environment_is_made_and_works(tmp_path: Path, log: Path) -> None:
    bootstrap.make_venv(tmp_path / "new", log)

    assert bootstrap.venv_works(tmp_path / "new")
    assert not bootstrap.venv_works(tmp_path / "other")


# --- System packages ----------------------------------------------------------------------
@pytest.fixture
def fake_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt that knows the names in `known`, learns those in `upstream` by updating."""
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("SUDO", "")
    executable(tmp_path / "bin" / "apt-cache", f'grep -qx "$2" {tmp_path}/known')
    executable(
        tmp_path / "bin" / "apt-get",
        f"""echo "$@" >> {tmp_path}/apt
case "$1" in
  update) cp {tmp_path}/upstream {tmp_path}/known;;
  install) test ! -e {tmp_path}/stale || {{ rm {tmp_path}/stale; exit 100; }};;
esac""",
    )
    (tmp_path / "known").write_text("gettext\n")
    (tmp_path / "upstream").write_text("gettext\nchromium\n")
    return tmp_path


def apt(folder: Path, *names: str) -> list[str]:
    """What apt-get was asked when `names` are wanted; options left out."""
    subprocess.run(["sh", "-c", bootstrap.APT_SCRIPT, "sh", *names], check=True)
    lines = (folder / "apt").read_text().splitlines()
    return [" ".join(w for w in line.split() if w[0] != "-" and "DPkg" not in w) for line in lines]


def test_apt_lists_are_not_fetched_when_the_package_is_known(fake_apt: Path) -> None:
    assert apt(fake_apt, "gettext") == ["install gettext"]


def test_apt_lists_are_fetched_when_a_package_is_unknown(fake_apt: Path) -> None:
    assert apt(fake_apt, "gettext", "chromium") == ["update", "install gettext chromium"]


def test_a_package_that_this_release_lacks_does_not_stop_the_others(fake_apt: Path) -> None:
    assert apt(fake_apt, "gettext", "libnew0") == ["update", "install gettext"]


def test_stale_apt_lists_are_fetched_and_the_installation_tried_again(fake_apt: Path) -> None:
    (fake_apt / "stale").touch()

    assert apt(fake_apt, "gettext") == ["install gettext", "update", "install gettext"]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine without any package manager and without root."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("MADOGUCHI_SYSTEM_PACKAGES", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    return monkeypatch


def tool_for(apt: list[str], brew: list[str]) -> tuple[str, str] | None:
    command = bootstrap.install_command(apt, brew)
    return (command[0], command[2]) if command else None


@pytest.mark.usefixtures("machine")
def test_nothing_is_installed_without_root_sudo_or_brew(tmp_path: Path) -> None:
    executable(tmp_path / "bin" / "apt-get", "exit 0")
    assert tool_for(["gettext"], ["gettext"]) is None

    executable(tmp_path / "bin" / "sudo", "exit 1")  # asks for a password
    assert tool_for(["gettext"], ["gettext"]) is None


def test_apt_is_used_by_root_and_by_those_with_a_password_free_sudo(
    machine: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    executable(tmp_path / "bin" / "apt-get", "exit 0")
    executable(tmp_path / "bin" / "sudo", "exit 0")
    assert tool_for(["gettext"], []) == ("apt", "sudo -n")

    machine.setattr(os, "geteuid", lambda: 0)
    assert tool_for(["gettext"], []) == ("apt", "")
    assert tool_for([], []) is None

    machine.setenv("MADOGUCHI_SYSTEM_PACKAGES", "no")
    assert tool_for(["gettext"], []) is None


def test_brew_is_used_on_macos_if_it_is_there(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine.setattr(platform, "system", lambda: "Darwin")
    assert tool_for(["libpango-1.0-0"], ["pango"]) is None

    executable(tmp_path / "bin" / "brew", "exit 0")
    assert tool_for(["libpango-1.0-0"], ["pango"]) == ("brew", "")


@pytest.mark.parametrize(
    ("system", "has_apt", "line"),
    [
        ("Linux", True, "Tea is missing: breaks will not work until you run: apt-get install tea."),
        ("Darwin", False, "Tea is missing: breaks will not work until you run: brew install cha."),
        (
            "Linux",
            False,
            "Tea is missing: breaks will not work until you install Tea with your package manager.",
        ),
    ],
)
def test_what_stays_missing_is_one_line_with_the_way_to_get_it(
    machine: pytest.MonkeyPatch, tmp_path: Path, system: str, has_apt: bool, line: str
) -> None:
    machine.setattr(platform, "system", lambda: system)
    if has_apt:
        executable(tmp_path / "bin" / "apt-get", "exit 0")
    tea = Need(name="Tea", waits="breaks", present=lambda: False, apt=("tea",), brew=("cha",))

    assert bootstrap.missing_line(tea) == line


@pytest.mark.usefixtures("machine")
def test_the_rest_goes_on_when_a_system_package_cannot_be_had(
    requirements: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tea = Need(name="Tea", waits="breaks", present=lambda: False, apt=("tea",))
    monkeypatch.setattr(bootstrap, "NEEDS", {"run": (tea,)})
    venv = tmp_path / "venv"
    executable(venv / "bin" / "python", "exit 0")

    bootstrap.prepare("run", venv=venv, var=tmp_path / "var", root=requirements.parents[1])

    assert "Tea is missing: breaks will not work" in capsys.readouterr().out
    assert (venv / ".filled-for-run").exists()


@pytest.mark.usefixtures("machine")
def test_a_browser_counts_only_if_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    executable(tmp_path / "bin" / "chromium", "echo install the snap; exit 1")
    assert bootstrap.chromium_path() is None

    working = executable(tmp_path / "bin" / "google-chrome", "echo Chrome 1")
    assert bootstrap.chromium_path() == str(working)

    named = executable(tmp_path / "mine", "echo Chromium 2")
    monkeypatch.setenv("CHROMIUM", str(named))
    assert bootstrap.chromium_path() == str(named)


@pytest.mark.usefixtures("machine")
def test_the_browser_that_playwright_downloaded_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    own = tmp_path / ".cache/ms-playwright/chromium-1200/chrome-linux64/chrome"
    executable(own, "echo Chromium 3")

    assert bootstrap.chromium_path() == str(own)


def test_ubuntu_is_told_from_debian(tmp_path: Path) -> None:
    release = tmp_path / "os-release"
    release.write_text("NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian\n")
    assert bootstrap.is_ubuntu(release)

    release.write_text("NAME=Debian\nID=debian\n")
    assert not bootstrap.is_ubuntu(release)


# --- The doorstep -------------------------------------------------------------------------
def test_a_port_in_use_is_refused_with_another_one_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"^Port {port} on 127.0.0.1 is in use\. Try: make"):
            bootstrap.check_port("127.0.0.1", str(port))

    assert bootstrap.check_port("127.0.0.1", str(port)) == port


@pytest.mark.parametrize("port", ["", "0", "65536", "eighty", "-1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(CannotStart, match="is not a port"):
        bootstrap.check_port("127.0.0.1", port)


def test_make_run_on_a_port_in_use_ends_with_one_line_before_anything_is_installed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        ran = subprocess.run(
            ["make", "-s", "run", f"PORT={port}", f"PYTHON={sys.executable}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    ours = [line for line in ran.stderr.splitlines() if not line.startswith("make")]
    assert ran.returncode != 0
    assert ran.stdout == ""
    assert len(ours) == 1
    assert ours[0].startswith(f"Port {port} on 127.0.0.1 is in use.")


@pytest.mark.parametrize(
    ("pythons", "expected"),
    [
        ((), "Python 3.11 or newer is needed: install it"),
        (("python3",), "Python 3.11 or newer is needed: install it"),
    ],
)
def test_make_without_a_python_that_is_new_enough_ends_with_one_line(
    pythons: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    for name in pythons:
        executable(tmp_path / name, "exit 1")  # what a Python that is too old answers
    make, shell = shutil.which("make"), shutil.which("sh")
    assert make is not None
    ran = subprocess.run(
        [make, "-s", "lint", f"SHELL={shell}"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    ours = [line for line in ran.stderr.splitlines() if not line.startswith("make")]
    assert ran.returncode != 0
    assert len(ours) == 1
    assert ours[0].startswith(expected)


def test_make_takes_the_newest_python_it_finds(tmp_path: Path) -> None:
    for name in ("python3.13", "python3.12", "python3"):
        executable(tmp_path / name, f'case "$1" in -c) ;; *) echo {name} "$@";; esac')
    executable(tmp_path / "python3.13", "exit 127")  # a shim without a Python behind it
    make, shell = shutil.which("make"), shutil.which("sh")
    assert make is not None
    ran = subprocess.run(
        [make, "-s", "lint", f"SHELL={shell}"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == "python3.12 config/bootstrap.py lint\n"


@pytest.mark.parametrize("name", ["bootstrap", "children"])
def test_what_runs_before_the_packages_are_there_needs_none(name: str) -> None:
    tree = ast.parse((ROOT / "config" / f"{name}.py").read_text())
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }

    assert imported <= set(sys.stdlib_module_names)
