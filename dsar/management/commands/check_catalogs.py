"""`check_catalogs`: whether every text of the portal has its Japanese, and only those.

Source texts are English, so `locale/ja` is the one catalogue and must be complete. Texts are
found as `makemessages` finds them, in a copy of the sources, so that nothing here is touched.
Needs GNU gettext.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

SOURCES = ("config", "consent", "dsar", "templates")
ENDINGS = (".html", ".py")
LEFT_OUT = {"migrations", "__pycache__", "node_modules"}
# Without names and dates, so that only what was translated shows in a diff.
HEADER = """\
# Japanese texts of the portal. Refreshed by `manage.py check_catalogs --write`.
msgid ""
msgstr ""
"Language: ja\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
_PLACEHOLDER = re.compile(r"%\((\w+)\)|\{(\w+)\}")
# `makemessages` with settings of its own: it writes into the current folder alone.
_EXTRACT = """
import django
from django.conf import settings
from django.core.management import call_command
settings.configure(USE_I18N=True, LOCALE_PATHS=["locale"])
django.setup()
call_command("makemessages", all=True, keep_pot=True, extensions=["html", "py"], verbosity=0)
"""

_ENGLISH = "nplurals=2; plural=(n != 1)"

Key = tuple[str, str]
"""Context and text: what identifies a message. Of a plural, the singular."""


class Command(BaseCommand):
    """Reports one problem a line, each with file and line."""

    help = "Check that the Japanese catalogue is complete, or bring it up to date (--write)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--write", action="store_true", help="rewrite the catalogue from the sources"
        )
        parser.add_argument(
            "--merge",
            nargs="+",
            default=[],
            type=Path,
            metavar="FILE",
            help="with --write: take translations from these .po files too; later ones win",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["merge"] and not options["write"]:
            raise CommandError("--merge goes with --write.")
        root, po = settings.BASE_DIR, settings.LOCALE_PATHS[0] / "ja" / "LC_MESSAGES" / "django.po"
        template = extract(root)
        if options["write"]:
            for line in write(template, po, options["merge"]):
                self.stderr.write(line)
        found = list(problems(template, po, root))
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} problem(s) with the translations.")
        self.stdout.write(f"{len(list(_messages(template)))} texts, all translated.")


def extract(root: Path) -> Catalog:
    """Every text under `root` that goes through gettext, with file and line.

    Raises CommandError when `xgettext` is missing or finds a fault in a source file.
    """
    if shutil.which("xgettext") is None:
        raise CommandError("GNU gettext is needed to find the texts: install xgettext.")
    with tempfile.TemporaryDirectory(prefix="madoguchi-texts-") as folder:
        copy = Path(folder)
        (copy / "locale").mkdir()
        for source in _sources(root):
            target = copy / source.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        run = subprocess.run(
            [sys.executable, "-c", _EXTRACT],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            lines = run.stderr.strip().splitlines() or ["it said nothing"]
            raise CommandError(f"The texts could not be read: {lines[-1]}")
        pot = copy / "locale" / "django.pot"
        if not pot.exists():
            return Catalog()
        # A template leaves the plural rule open, which Babel does not read.
        text = pot.read_text("utf-8").replace("nplurals=INTEGER; plural=EXPRESSION", _ENGLISH)
        return read_po(io.StringIO(text))


def _sources(root: Path) -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in ENDINGS and not LEFT_OUT & set(path.relative_to(root).parts):
                yield path


def problems(template: Catalog, po: Path, root: Path) -> Iterator[str]:
    """What keeps the catalogue from being complete, each as "file:line: what"."""
    name = po.relative_to(root) if po.is_relative_to(root) else po
    catalog = _read(po) if po.exists() else Catalog(locale="ja")
    known = {_key(message): message for message in _messages(catalog)}
    wanted = {_key(message): message for message in _messages(template)}
    for key, message in wanted.items():
        if key not in known:
            yield f"{_place(message)}: not in {name}: {_shown(message)}"
    for key, message in known.items():
        at = f"{name}:{message.lineno}"
        if key not in wanted:
            yield f"{at}: no longer used: {_shown(message)}"
        elif message.fuzzy:
            yield f"{at}: fuzzy: {_shown(message)} ({_place(wanted[key])})"
        elif not all(_forms(message.string)):
            yield f"{at}: not translated: {_shown(message)} ({_place(wanted[key])})"
        elif bool(message.pluralizable) != bool(wanted[key].pluralizable):
            yield f"{at}: plural in one place only: {_shown(message)} ({_place(wanted[key])})"
        elif difference := _placeholders_differ(message):
            yield f"{at}: placeholders differ ({difference}): {_shown(message)}"
    for message in catalog.obsolete.values():
        yield f"{name}: no longer used (commented out): {_shown(message)}"


def write(template: Catalog, po: Path, merged: Iterable[Path] = ()) -> list[str]:
    """Rewrite `po`: the texts of `template`, sorted, with what is translated already.

    Translations in `merged` replace those in `po`. Returns a line for each text that two of the
    merged files translate differently.
    """
    strings: dict[Key, Any] = {}
    if po.exists():
        strings = {_key(message): message.string for message in _messages(_read(po))}
    given: dict[Key, tuple[Any, Path]] = {}
    differing = []
    for path in merged:
        for message in _messages(_read(path)):
            if message.fuzzy or not all(_forms(message.string)):
                continue
            string, before = given.get(_key(message), (message.string, path))
            if _forms(string) != _forms(message.string):
                differing.append(
                    f"{path}:{message.lineno}: differs from {before.name}: {_shown(message)}"
                )
            given[_key(message)] = (message.string, path)
    strings |= {key: string for key, (string, _path) in given.items()}
    fresh = Catalog(locale="ja")
    for message in sorted(_messages(template), key=_key):
        entry = fresh.add(
            message.id, flags=message.flags - {"fuzzy"}, context=message.context or None
        )
        forms = _forms(strings.get(_key(message), ""))
        entry.string = (forms[0],) if message.pluralizable else forms[0]
    po.parent.mkdir(parents=True, exist_ok=True)
    with po.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, fresh, width=100, no_location=True, omit_header=True)
    return differing


def _read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale="ja", charset="utf-8")


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _key(message: Message) -> Key:
    return message.context or "", _forms(message.id)[0]


def _forms(text: Any) -> list[str]:
    """Singular and plural of an id, or the forms of a translation; one entry at least."""
    forms = text if isinstance(text, tuple | list) else (text,)
    return [str(form or "") for form in forms] or [""]


def _shown(message: Message) -> str:
    text = _forms(message.id)[0].replace("\n", "\\n")
    context = f"[{message.context}] " if message.context else ""
    return f"{context}“{text if len(text) <= 80 else text[:79] + '…'}”"


def _place(message: Message) -> str:
    return "{}:{}".format(*message.locations[0]) if message.locations else "?"


def _placeholders_differ(message: Message) -> str:
    """Placeholders that are only in the text or only in its translation; empty if none."""
    source = _placeholders(_forms(message.id)[-1])
    one = _placeholders(_forms(message.id)[0])
    for form in _forms(message.string):
        # A singular may do without the number; its plural says what there is.
        if (found := _placeholders(form)) != source and found != one:
            return ", ".join(sorted(found ^ source))
    return ""


def _placeholders(text: str) -> set[str]:
    return {first or f"{{{second}}}" for first, second in _PLACEHOLDER.findall(text)}
