"""The catalogues: compiled when they changed, and checked against what the sources say."""

from __future__ import annotations

import gettext
import os
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.core.management import CommandError, call_command
from django.utils.translation import gettext as translate
from django.utils.translation import override
from django.utils.translation.reloader import translation_file_changed

from dsar.management.commands import check_catalogs
from dsar.management.commands.compile_catalogs import compile_catalog

needs_gettext = pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="needs GNU gettext to find the texts"
)
PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Hello, %(name)s"
msgstr "こんにちは、%(name)sさん"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project: three texts in Python, two in a template."""
    sources = {
        "dsar/words.py": (
            "from django.utils.translation import gettext as _, ngettext, pgettext\n"
            "a = _('Hello, %(name)s')\n"
            "b = ngettext('%(n)d case', '%(n)d cases', 2)\n"
            "c = pgettext('step', 'Done')\n"
        ),
        "templates/page.html": (
            "{% load i18n %}\n{% translate 'Good morning' %}\n"
            "{% blocktranslate trimmed with n=3 %}There are {{ n }}.{% endblocktranslate %}\n"
        ),
        "dsar/migrations/0001.py": "_('in a migration')\n",
        "tests/test_x.py": "_('in a test')\n",
        "docs/x.html": "{% load i18n %}{% translate 'in the documents' %}",
    }
    for name, text in sources.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


WHOLE = {
    ("", "Hello, %(name)s"): "こんにちは、%(name)sさん",
    ("", "%(n)d case"): "%(n)d件",
    ("step", "Done"): "完了",
    ("", "Good morning"): "おはようございます",
    ("", "There are %(n)s."): "%(n)sあります。",
}


def _po(tree: Path, **changes: str) -> Path:
    """A complete catalogue, with some of its lines replaced."""
    text = PO.strip() + "\n"
    text += '\nmsgid "%(n)d case"\nmsgid_plural "%(n)d cases"\nmsgstr[0] "%(n)d件"\n'
    text += '\nmsgctxt "step"\nmsgid "Done"\nmsgstr "完了"\n'
    text += '\nmsgid "Good morning"\nmsgstr "おはようございます"\n'
    text += '\nmsgid "There are %(n)s."\nmsgstr "%(n)sあります。"\n'
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    po = tree / "locale" / "ja" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(text, "utf-8")
    return po


def _problems(tree: Path, po: Path) -> list[str]:
    return list(check_catalogs.problems(check_catalogs.extract(tree), po, tree))


@needs_gettext
def test_a_complete_catalogue_has_no_problems(tree: Path) -> None:
    assert _problems(tree, _po(tree)) == []


@needs_gettext
def test_only_what_the_portal_shows_is_looked_at(tree: Path) -> None:
    found = {check_catalogs._key(message) for message in check_catalogs.extract(tree) if message.id}
    assert found == set(WHOLE)


@needs_gettext
def test_looking_for_texts_writes_nothing_beside_the_sources(tree: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    check_catalogs.extract(tree)
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before


@needs_gettext
@pytest.mark.parametrize(
    ("before", "after", "place", "said"),
    [
        ('msgid "Good morning"', 'msgid "Good night"', "templates/page.html:2", "not in"),
        ('msgid "Good morning"', 'msgid "Good night"', "django.po:17", "no longer used"),
        ('msgctxt "step"\n', "", "dsar/words.py:4", "not in"),
        ('msgstr "おはようございます"', 'msgstr ""', "django.po:17", "not translated"),
        ('"%(n)d件"', '""', "django.po:9", "not translated"),
        ('msgid "Good morning"', '#, fuzzy\nmsgid "Good morning"', "django.po:18", "fuzzy"),
        ("%(name)sさん", "%(nmae)sさん", "django.po:6", "placeholders differ (name, nmae)"),
        ("%(name)sさん", "皆さん", "django.po:6", "placeholders differ (name)"),
        ('"%(n)d件"', '"件"', "django.po:9", "placeholders differ (n)"),
        (
            'msgid "Good morning"',
            '#~ msgid "Gone"\n#~ msgstr "ない"\n\nmsgid "Good morning"',
            "django.po:",
            "no longer used",
        ),
        (
            'msgid_plural "%(n)d cases"\nmsgstr[0]',
            "msgstr",
            "django.po:9",
            "plural in one place only",
        ),
    ],
)
def test_each_kind_of_problem_is_named_with_file_and_line(
    before: str, after: str, place: str, said: str, tree: Path
) -> None:
    found = _problems(tree, _po(tree, **{before: after}))
    assert any(place in line and said in line for line in found), found


@needs_gettext
def test_without_a_catalogue_every_text_is_missing(tree: Path) -> None:
    found = _problems(tree, tree / "locale" / "ja" / "LC_MESSAGES" / "django.po")
    assert len(found) == len(WHOLE)
    assert all("not in locale/ja" in line for line in found)


@needs_gettext
def test_writing_keeps_what_is_translated_and_drops_what_is_not_used(tree: Path) -> None:
    po = _po(tree, **{'msgid "Good morning"': 'msgid "Good night"'})
    template = check_catalogs.extract(tree)
    assert check_catalogs.write(template, po) == []
    left = _problems(tree, po)
    assert len(left) == 1
    assert "not translated: “Good morning”" in left[0]
    assert "Good night" not in po.read_text("utf-8")
    once = po.read_bytes()
    check_catalogs.write(template, po)
    assert po.read_bytes() == once
    assert b"#: " not in once


@needs_gettext
def test_fragments_are_merged_and_their_differences_are_told(tree: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.po", tmp_path / "two.po"
    one.write_text(
        '\nmsgid "Good morning"\nmsgstr "お早う"\n\nmsgctxt "step"\nmsgid "Done"\nmsgstr "完了"\n'
        '\nmsgid "%(n)d case"\nmsgid_plural "%(n)d cases"\nmsgstr[0] "%(n)d件"\n'
        '\nmsgid "Hello, %(name)s"\nmsgstr ""\n',
        "utf-8",
    )
    two.write_text(
        '\nmsgid "Good morning"\nmsgstr "おはようございます"\n'
        '\nmsgid "There are %(n)s."\nmsgstr "%(n)sあります。"\n\nmsgid "Other"\nmsgstr "別"\n',
        "utf-8",
    )
    po = tree / "locale" / "ja" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text(PO, "utf-8")
    told = check_catalogs.write(check_catalogs.extract(tree), po, [one, two])
    assert len(told) == 1
    assert f"{two}:2: differs from one.po: “Good morning”" in told[0]
    assert _problems(tree, po) == []
    with po.open("rb") as file:
        written = read_po(file, locale="ja")
    strings = {
        check_catalogs._key(message): check_catalogs._forms(message.string)[0]
        for message in written
        if message.id
    }
    assert strings == WHOLE


@needs_gettext
def test_the_command_fails_with_one_line_a_problem(tree: Path, settings: Any) -> None:
    _po(tree, **{'msgstr "おはようございます"': 'msgstr ""'})
    settings.BASE_DIR, settings.LOCALE_PATHS = tree, [tree / "locale"]
    output = StringIO()
    with pytest.raises(CommandError, match="1 problem"):
        call_command("check_catalogs", stdout=output)
    assert len(output.getvalue().splitlines()) == 1
    _po(tree)
    call_command("check_catalogs", stdout=output)
    assert "5 texts, all translated." in output.getvalue()


@needs_gettext
def test_a_source_that_cannot_be_read_is_named(tree: Path) -> None:
    (tree / "templates" / "broken.html").write_text(
        "{% load i18n %}{% blocktranslate %}{% if x %}{% endblocktranslate %}"
    )
    with pytest.raises(CommandError, match=r"broken\.html"):
        check_catalogs.extract(tree)


# --- Compiling ----------------------------------------------------------------------------
def test_a_catalogue_is_compiled_only_when_it_changed(tmp_path: Path) -> None:
    po = _po(tmp_path)
    assert compile_catalog(po)
    assert not compile_catalog(po)
    os.utime(po, ns=(2**62, 2**62))
    assert compile_catalog(po)
    assert [path.name for path in sorted(po.parent.iterdir())] == ["django.mo", "django.po"]


def test_what_is_compiled_can_be_looked_up(tmp_path: Path) -> None:
    po = _po(tmp_path, **{'msgid "Good morning"': '#, fuzzy\nmsgid "Good morning"'})
    compile_catalog(po)
    with po.with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Hello, %(name)s") == WHOLE["", "Hello, %(name)s"]
    assert words.ngettext("%(n)d case", "%(n)d cases", 2) == "%(n)d件"
    assert words.pgettext("step", "Done") == "完了"
    assert words.gettext("Good morning") == "Good morning"  # fuzzy ones are not used


def _forget() -> None:
    """Have this process read its catalogues anew."""
    translation_file_changed(sender=None, file_path=Path("any.mo"))


def test_a_process_that_compiles_speaks_the_new_words_at_once(
    tmp_path: Path, settings: Any
) -> None:
    po = _po(tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    _forget()
    with override("ja"):
        assert translate("Good morning") == "Good morning"
    call_command("compile_catalogs", stdout=StringIO())
    with override("ja"):
        assert translate("Good morning") == "おはようございます"
    _forget()
    assert po.with_suffix(".mo").exists()
