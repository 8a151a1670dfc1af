"""What must be there before the portal or its tests can start, and how to get it.

`python3 config/bootstrap.py run|test|lint [arguments]` makes the virtual environment, asks apt or
brew for the few system packages that are missing, and hands over to `config/run.py` or
`tests/run.py` inside the environment. Nothing is installed twice.

Standard library only: it runs before any package is there.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VAR = ROOT / "var"
OLDEST_PYTHON = (3, 11)
HOMEBREW_LIBRARIES = (Path("/opt/homebrew/lib"), Path("/usr/local/lib"))


class CannotStart(Exception):
    """Something needed is missing; the message is the one line to show."""


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(line, flush=True)


# --- Python packages ----------------------------------------------------------------------
def requirement_files(first: Path) -> list[Path]:
    """`first` and every file it includes with `-r`."""
    files = [first]
    for line in first.read_text().splitlines():
        if line.startswith("-r "):
            files += requirement_files((first.parent / line[3:].strip()).resolve())
    return files


def fingerprint(requirements: Path, venv: Path) -> str:
    """What the environment was filled from: the requirement files' content and its own place."""
    digest = hashlib.sha256(str(venv.resolve()).encode())
    for file in requirement_files(requirements):
        digest.update(b"\0" + file.read_bytes())
    return digest.hexdigest()


def python_in(venv: Path) -> Path:
    return venv / "bin" / "python"


def venv_works(venv: Path) -> bool:
    """Whether the environment's Python still starts and is new enough."""
    check = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([python_in(venv), "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv(venv: Path, log: Path) -> None:
    """Make the virtual environment anew. Raises CannotStart."""
    if importlib.util.find_spec("ensurepip") is None:  # Debian ships it in a package of its own
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        with Installation([f"{version}-venv"], [], log) as installation:
            installed = installation.finish()
        if not installed:
            raise CannotStart(f"{version} has no venv module. Install the package {version}-venv.")
    with log.open("ab") as output:
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", venv], stdout=output, stderr=output
        )
    if made.returncode:
        raise CannotStart(f"The virtual environment {venv} could not be made: see {log}.")


def fill_venv(requirements: Path, venv: Path, log: Path, *, name: str) -> None:
    """Install the pinned packages, unless the stamp `name` says so. Raises CannotStart."""
    wanted = fingerprint(requirements, venv)
    stamp = venv / f".filled-for-{name}"
    if stamp.is_file() and stamp.read_text() == wanted and python_in(venv).exists():
        return
    if not venv_works(venv):
        make_venv(venv, log)
    stamp.unlink(missing_ok=True)
    say("Installing Python packages into .venv (the first time takes a minute) ...")
    with log.open("ab") as output:
        pip = subprocess.run(
            [
                *(python_in(venv), "-m", "pip", "install", "--quiet", "--no-input"),
                *("--disable-pip-version-check", "-r", requirements),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    if pip.returncode:
        raise CannotStart(f"Python packages could not be installed: {_last_error(log)} (see {log})")
    stamp.write_text(wanted)


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip said nothing"])[-1].removeprefix("ERROR:").strip()


# --- System packages ----------------------------------------------------------------------
@dataclass(frozen=True)
class Need:
    """Something no Python package brings: how to see it, how to get it, what waits for it."""

    name: str
    waits: str
    present: Callable[[], object]
    apt: tuple[str, ...] = ()
    brew: tuple[str, ...] = ()


def pango_is_there() -> bool:
    """Whether the libraries WeasyPrint opens are there."""
    libraries = (
        ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz-subset.dylib")
        if platform.system() == "Darwin"
        else ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
    )
    return all(_opens(name) for name in libraries)


def _opens(library: str) -> bool:
    places = HOMEBREW_LIBRARIES if platform.system() == "Darwin" else ()
    for name in (library, *(str(place / library) for place in places)):
        with contextlib.suppress(OSError):
            ctypes.CDLL(name)
            return True
    return False


def font_folders() -> list[Path]:
    shared = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts")]
    own = [".fonts", ".local/share/fonts", "Library/Fonts"]
    return shared + [Path.home() / name for name in own]


def cjk_font_is_there() -> bool:
    """Whether a Noto CJK face is installed."""
    return any(
        name.startswith(("NotoSansCJK", "NotoSerifCJK"))
        for folder in font_folders()
        for _, _, names in os.walk(folder)
        for name in names
    )


def gettext_is_there() -> bool:
    return all(shutil.which(tool) for tool in ("xgettext", "msgfmt", "msgmerge", "msguniq"))


def chromium_path() -> str | None:
    """A Chromium that starts: $CHROMIUM, the system's, or the one Playwright downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    applications = Path("/Applications")
    caches = (Path.home() / ".cache", Path.home() / "Library/Caches")
    candidates: list[str | Path | None] = [os.environ.get("CHROMIUM")]
    candidates += [shutil.which(name) for name in names]
    candidates += [
        applications / "Chromium.app/Contents/MacOS/Chromium",
        applications / "Google Chrome.app/Contents/MacOS/Google Chrome",
    ]
    for cache in caches:
        for pattern in ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*"):
            candidates += sorted(cache.glob(f"ms-playwright/chromium-*/{pattern}"), reverse=True)
    return next((str(path) for path in candidates if path and _starts(path)), None)


def _starts(browser: str | Path) -> bool:
    # Asked, not only looked for: on Ubuntu the command may be an empty shell around a snap.
    try:
        asked = subprocess.run([browser, "--version"], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


PANGO = Need(
    name="Pango",
    waits="PDF letters",
    present=pango_is_there,
    apt=("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    brew=("pango",),
)
CJK_FONT = Need(
    name="Noto CJK fonts",
    waits="Japanese text in PDF letters",
    present=cjk_font_is_there,
    apt=("fonts-noto-cjk",),
    brew=("font-noto-sans-cjk-jp", "font-noto-serif-cjk-jp"),
)
GETTEXT = Need(
    name="GNU gettext",
    waits="the check for missing translations",
    present=gettext_is_there,
    apt=("gettext",),
    brew=("gettext",),
)
CHROMIUM = Need(
    name="Chromium",
    waits="browser tests",
    present=chromium_path,
    apt=("chromium",),
)
NEEDS = {
    "run": (PANGO, CJK_FONT),
    "test": (PANGO, CJK_FONT, GETTEXT, CHROMIUM),
    "lint": (GETTEXT,),
}

# Unknown names are left out (older releases lack some), lists are fetched only when needed.
APT_SCRIPT = """
known() { for name; do apt-cache show "$name" >/dev/null 2>&1 && echo "$name"; done; }
get() {
  $SUDO apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 $(known "$@")
}
lists=no
for name; do apt-cache show "$name" >/dev/null 2>&1 || lists=old; done
if [ "$lists" = old ]; then $SUDO apt-get update -q; fi
get "$@" || { $SUDO apt-get update -q && get "$@"; }
"""


class Installation:
    """System packages on their way in the background; leaving the context ends what still runs."""

    def __init__(self, apt: Sequence[str], brew: Sequence[str], log: Path) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        command = install_command(apt, brew)
        if command is None:
            return
        say(f"Installing {', '.join(brew if command[0] == 'brew' else apt)} with {command[0]} ...")
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command[1],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "SUDO": command[2]},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def __enter__(self) -> Installation:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()

    def finish(self) -> bool:
        """Wait; whether packages were installed."""
        return self._process is not None and self._process.wait() == 0


def install_command(
    apt: Sequence[str], brew: Sequence[str]
) -> tuple[str, list[str | Path], str] | None:
    """The tool's name, its command line and the sudo prefix; `None` when we may not install."""
    if os.environ.get("MADOGUCHI_SYSTEM_PACKAGES") == "no":
        return None
    if apt and shutil.which("apt-get"):
        if os.geteuid() == 0:
            return "apt", ["sh", "-c", APT_SCRIPT, "sh", *apt], ""
        if shutil.which("sudo") and _quiet(["sudo", "-n", "true"]):
            return "apt", ["sh", "-c", APT_SCRIPT, "sh", *apt], "sudo -n"
    if brew and platform.system() == "Darwin" and shutil.which("brew"):
        return "brew", ["brew", "install", "--quiet", *brew], ""
    return None


def _quiet(command: Sequence[str], seconds: float | None = None) -> bool:
    try:
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0


def is_ubuntu(os_release: Path = Path("/etc/os-release")) -> bool:
    """Ubuntu's chromium package only points at a snap, which containers cannot run."""
    return os_release.is_file() and "ID=ubuntu" in os_release.read_text().splitlines()


def download_chromium(venv: Path) -> None:
    """Let Playwright fetch its own Chromium; as root with the libraries that it opens."""
    say("Downloading Chromium for the browser tests ...")
    libraries = ["--with-deps"] if os.geteuid() == 0 and shutil.which("apt-get") else []
    program = str(python_in(venv))
    _quiet([program, "-m", "playwright", "install", *libraries, "chromium"], seconds=300)


def missing_line(need: Need) -> str:
    """The one line about something that could not be installed."""
    if platform.system() == "Darwin" and need.brew:
        how = f"brew install {' '.join(need.brew)}"
    elif shutil.which("apt-get") and need.apt:
        how = f"apt-get install {' '.join(need.apt)}"
    else:
        how = f"install {need.name} with your package manager"
    return f"{need.name} is missing: {need.waits} will not work until you {_run(how)}."


def _run(how: str) -> str:
    return how if how.startswith("install") else f"run: {how}"


# --- Putting it together ------------------------------------------------------------------
def prepare(command: str, *, venv: Path = VENV, var: Path = VAR, root: Path = ROOT) -> None:
    """Install what `command` (run, test or lint) lacks. Raises CannotStart."""
    packages = "run" if command == "run" else "test"
    requirements = root / ("tests/requirements.txt" if packages == "test" else "requirements.txt")
    var.mkdir(exist_ok=True)
    log = var / "install.log"
    with only_one(var / "install.lock"):
        missing = [need for need in NEEDS[command] if not need.present()]
        apt = [name for need in missing for name in need.apt]
        if is_ubuntu():
            apt = [name for name in apt if name not in CHROMIUM.apt]
        brew = [name for need in missing for name in need.brew]
        # Both at once: neither waits for the other's downloads.
        with Installation(apt, brew, log) as installation:
            fill_venv(requirements, venv, log, name=packages)
            installation.finish()
        if CHROMIUM in missing and not CHROMIUM.present() and may_install():
            download_chromium(venv)
        for need in missing:
            if not need.present():
                say(missing_line(need))


def may_install() -> bool:
    return os.environ.get("MADOGUCHI_SYSTEM_PACKAGES") != "no"


@contextlib.contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Two commands started together install one after the other."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def check_port(host: str, port: str) -> int:
    """The port as a number. Raises CannotStart when it is no port, or is taken."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotStart(f"PORT={port} is not a port: use a number from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            why = "is in use" if "in use" in str(error) else f"cannot be used ({error.strerror})"
            other = f"make run PORT={int(port) % 65535 + 1}"
            raise CannotStart(f"Port {port} on {host} {why}. Try: {other}") from None
    return int(port)


def environment() -> dict[str, str]:
    """Our environment, with Homebrew's libraries where macOS does not look by itself."""
    found = dict(os.environ)
    if platform.system() == "Darwin":
        places = [found.get("DYLD_FALLBACK_LIBRARY_PATH", ""), *map(str, HOMEBREW_LIBRARIES)]
        found["DYLD_FALLBACK_LIBRARY_PATH"] = ":".join(filter(None, places))
    return found


def hand_over(command: str, arguments: Iterable[str], venv: Path = VENV) -> NoReturn:
    """Become the command itself, inside the environment."""
    module = ["config.run"] if command == "run" else ["tests.run", command]
    os.chdir(ROOT)
    python = str(python_in(venv))
    os.execve(python, [python, "-m", *module, *arguments], environment())  # noqa: S606


def main(arguments: list[str]) -> int:
    """Prepare and hand over; only returns when that is not possible."""
    command, rest = arguments[0], arguments[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if sys.version_info < OLDEST_PYTHON:
            raise CannotStart(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed.")
        if command == "run":
            check_port(os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000")
        prepare(command)
    except CannotStart as missing:
        print(missing, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    hand_over(command, rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
