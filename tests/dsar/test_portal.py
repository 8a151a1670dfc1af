"""Template tags, error pages and the styleguide, as a browser would get them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.http import Http404
from django.template import TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from dsar import dev_pages
from dsar.components import (
    FileRow,
    SummaryRow,
    TimelineEntry,
)
from tests.dsar.page_reading import Page, RequestForm, posted, render

pytestmark = pytest.mark.urls("tests.dsar.page_reading")

TEMPLATES = Path(settings.BASE_DIR) / "templates"


# --- Pages --------------------------------------------------------------------------------


def _page(template: str = "base.html", url: str = "/", language: str = "en", **values: Any) -> str:
    request = RequestFactory().get(url)
    with override(language):
        return render_to_string(template, values, request=request)


def test_the_title_of_a_page_with_errors_begins_with_error() -> None:
    assert "<title>Error: " in _page(form=RequestForm({}))
    assert "<title>Error: " in _page(forms=[RequestForm(posted()), RequestForm({})])
    for calm in (None, RequestForm(), RequestForm(posted())):
        assert "Error: " not in _page(form=calm)


def test_a_page_says_its_language_and_offers_the_same_page_in_the_other() -> None:
    page = Page(_page(url="/en/check/", language="en"))
    assert page.all("html") == [{"lang": "en"}]
    (other,) = page.all("a", hreflang="ja")
    assert other["href"] == "/check/"
    assert other["lang"] == "ja"


def test_the_way_past_the_header_comes_first_and_leads_to_the_main_text() -> None:
    page = Page(_page())
    assert page.all("a")[0]["href"] == "#main"
    assert page.all("main")[0]["id"] == "main"


def test_the_menu_marks_where_one_is() -> None:
    marked = [
        a for a in Page(_page(url="/en/check/", language="en")).all("a") if "aria-current" in a
    ]
    assert [(a["href"], a["aria-current"]) for a in marked] == [("/en/check/", "page")]
    below = [a for a in Page(_page(url="/en/check/files/")).all("a") if "aria-current" in a]
    assert [(a["href"], a["aria-current"]) for a in below] == [("/en/check/", "true")]


def test_the_demonstration_says_that_it_is_one() -> None:
    assert "demonstration" in _page(is_demo=True)
    assert "demonstration" not in _page(is_demo=False)


@pytest.mark.parametrize("code", ["403", "403_csrf", "404", "410", "429"])
def test_an_error_page_speaks_both_languages_each_marked(code: str) -> None:
    page = Page(_page(f"{code}.html", language="ja"))
    sections = [attrs["lang"] for attrs in page.all("div") if "lang" in attrs]
    assert sections == ["ja", "en"]
    assert len(page.all("h1")) == 1
    links = [attrs["href"] for attrs in page.all("a")]
    assert "/" in links
    assert "/en/" in links


def test_too_many_attempts_names_the_wait_when_it_is_known() -> None:
    assert "about 15 minutes" in _page("429.html", minutes=15)
    assert "wait a while" in _page("429.html")


@pytest.mark.parametrize("code", ["400", "500", "503"])
def test_a_page_of_last_resort_needs_no_context_no_tags_and_no_database(code: str) -> None:
    html = get_template(f"{code}.html").render()
    assert html.count("<h1>") == 1
    assert 'lang="en"' in html
    standalone = (TEMPLATES / "components/errors/standalone.html").read_text()
    for source in (standalone, (TEMPLATES / f"{code}.html").read_text()):
        assert "{% load" not in source
        assert "{{" not in source


@pytest.fixture
def styleguide() -> str:
    with override("en"):
        return dev_pages.components(RequestFactory().get("/dev/components/")).content.decode()


def test_every_description_and_label_on_the_styleguide_refers_to_something(styleguide: str) -> None:
    page = Page(styleguide)
    known = set(page.ids)
    for _tag, attrs in page.tags:
        for name in ("aria-describedby", "aria-labelledby", "for"):
            assert set(attrs.get(name, "").split()) <= known, attrs
    twice = [identity for identity, count in Counter(page.ids).items() if count > 1]
    assert twice == []


def test_the_styleguide_shows_every_component(styleguide: str) -> None:
    tags = set(re.findall(r"{% (\w+)", (TEMPLATES / "dev/components.html").read_text()))
    library = (Path(settings.BASE_DIR) / "dsar/templatetags/portal.py").read_text()
    offered = set(
        re.findall(r"@register\.(?:inclusion_tag|simple_block_tag)[^\n]*\ndef (\w+)", library)
    )
    assert offered - {"nav_link"} <= tags
    assert "error-summary" in styleguide


def test_pages_hold_no_inline_script_style_or_handler(styleguide: str) -> None:
    sources = [styleguide, *(_page(f"{code}.html") for code in ("404", "429", "500"))]
    for html in sources:
        for tag, attrs in Page(html).tags:
            assert tag != "style"
            assert "style" not in attrs
            assert not [name for name in attrs if name.startswith("on")]
            assert tag != "script" or attrs.get("src")


def test_production_does_not_show_the_styleguide(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Http404):
        dev_pages.components(RequestFactory().get("/dev/components/"))


# --- Display components -------------------------------------------------------------------


def test_steps_say_in_words_how_far_one_has_come() -> None:
    names = ["One", {"label": "Two", "url": "/two/"}, "Three", {"label": "Four", "url": "/four/"}]
    html = render("{% steps names 3 %}", names=names)
    page = Page(html)
    assert "Step 3 of 4" in html
    assert len([1 for _t, attrs in page.tags if attrs.get("aria-current") == "step"]) == 1
    assert html.count("(done)") == 2
    assert [attrs["href"] for attrs in page.all("a")] == ["/two/"]


def test_a_change_link_says_what_it_changes() -> None:
    rows = [
        SummaryRow(label="Name", value="Hanako", change_url="/name/"),
        SummaryRow(label="Places", value=["Shop", "", "Club"]),
        SummaryRow(label="Notes", value=""),
    ]
    html = render("{% summary_list rows %}", rows=rows)
    assert re.search(
        r'<a href="/name/">Change<span class="visually-hidden">: Name</span></a>', html
    )
    assert html.count("<li>") == 2
    assert "Not entered" in html


def test_answers_are_escaped_and_keep_their_lines() -> None:
    html = render("{% summary_list rows %}", rows=[SummaryRow(label="A", value="<b>x</b>\ny")])
    assert "&lt;b&gt;x&lt;/b&gt;<br>y" in html


@pytest.mark.parametrize("kind", ["neutral", "info", "progress", "success", "warning", "error"])
def test_a_state_is_told_by_word_and_icon(kind: str) -> None:
    html = render("{% status_tag kind 'Under way' %}", kind=kind)
    assert "Under way" in html
    assert f"icon-{kind}" in html


def test_an_unknown_kind_is_a_mistake_of_the_author() -> None:
    with pytest.raises(TemplateSyntaxError, match="No such kind"):
        render("{% status_tag 'purple' 'x' %}")
    with pytest.raises(TemplateSyntaxError, match="Not an icon"):
        render("{% icon '../base' %}")


def test_a_banner_keeps_its_markup_and_escapes_what_it_is_given() -> None:
    html = render(
        "{% notification 'warning' title live=True %}<p>{{ text }}</p>{% endnotification %}",
        title="<i>Title</i>",
        text="<script>",
    )
    assert "<p>&lt;script&gt;</p>" in html
    assert "&lt;i&gt;Title" in html
    assert 'role="status"' in html
    assert "Caution:" in html


def test_an_error_banner_interrupts_only_when_it_is_live() -> None:
    assert 'role="alert"' in render("{% notification 'error' 'x' live=True %}{% endnotification %}")
    assert "role=" not in render("{% notification 'error' 'x' %}{% endnotification %}")


def test_what_is_still_to_come_is_told_in_words() -> None:
    entries = [
        TimelineEntry(title="Arrived", at=date(2026, 4, 1)),
        TimelineEntry(title="Due", at=date(2026, 4, 15), upcoming=True),
    ]
    html = render("{% timeline entries %}", entries=entries)
    assert html.count("(to come)") == 1
    assert 'datetime="2026-04-15"' in html


def test_a_file_is_a_link_only_where_it_can_be_opened() -> None:
    files = [
        FileRow(name="a.pdf", size=2048, url="/a/", remove_url="/a/remove/"),
        FileRow(name="<b>.pdf", size=0, status_kind="error", status="Infected"),
    ]
    page_text = render("{% file_list files %}", files=files)
    assert [a["href"] for a in Page(page_text).all("a")] == ["/a/", "/a/remove/"]
    assert "2.0\xa0KB" in page_text
    assert "&lt;b&gt;.pdf" in page_text
    assert "Infected" in page_text


def test_a_button_that_only_a_script_can_serve_is_hidden_until_one_runs() -> None:
    html = render("{% print_button %}{% code_block 'ABCD-EFGH' 'Code' %}")
    hidden = [attrs for _tag, attrs in Page(html).tags if "data-needs-script" in attrs]
    assert len(hidden) == 2
    assert all("hidden" in attrs for attrs in hidden)
    assert ">ABCD-EFGH</code>" in html


def test_a_wide_table_can_be_scrolled_by_keyboard_under_its_name() -> None:
    page = Page(render("{% table 'Fees' %}<tbody><tr><td>1</td></tr></tbody>{% endtable %}"))
    (frame,) = page.all("div", role="region")
    assert frame["tabindex"] == "0"
    assert frame["aria-labelledby"] == page.all("caption")[0]["id"]
    assert len(page.all("td")) == 1


@pytest.mark.parametrize(
    "drawing", sorted((TEMPLATES / "components/icons").glob("*.html")), ids=lambda p: p.stem
)
def test_every_icon_is_well_formed_and_takes_the_colour_of_its_text(drawing: Path) -> None:
    html = render("{% icon name label='Named' %}", name=drawing.stem)
    svg = ElementTree.fromstring(html)  # noqa: S314 - our own files
    assert svg.get("aria-label") == "Named"
    for shape in svg:
        assert "currentColor" in (shape.get("fill"), shape.get("stroke"))


def test_every_variable_of_the_stylesheets_is_defined_and_every_token_is_used() -> None:
    folder = Path(settings.BASE_DIR) / "static/css"
    tokens = (folder / "tokens.css").read_text()
    sheets = "".join(sheet.read_text() for sheet in folder.glob("*.css"))
    used = set(re.findall(r"var\((--[\w-]+)\)", sheets))
    assert used - set(re.findall(r"(--[\w-]+):", sheets)) == set()
    assert set(re.findall(r"^\s*(--[\w-]+):", tokens, re.MULTILINE)) - used == set()
