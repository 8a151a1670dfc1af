"""Forms and components of the public pages, as a browser would get them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django import forms
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpResponse
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import include, path
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy, override

from dsar import dev_pages
from dsar.components import (
    CheckboxField,
    CheckboxGroup,
    CleanText,
    DatePartsField,
    EmailField,
    FileRow,
    MultipleFilesField,
    PortalForm,
    PostalCodeField,
    RadioCards,
    SummaryRow,
    TelephoneField,
    TimelineEntry,
)


def _here(request: Any) -> HttpResponse:
    return HttpResponse()


urlpatterns = i18n_patterns(
    path("", _here, name="home"),
    path("request/", include(([path("", _here, name="start")], "intake"))),
    path("check/", include(([path("", _here, name="login")], "requester"))),
    prefix_default_language=False,
)
pytestmark = pytest.mark.urls(__name__)

TEMPLATES = Path(settings.BASE_DIR) / "templates"


class Page(HTMLParser):
    """The start tags of a page with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _tag, attrs in self.tags if "id" in attrs]

    def by_id(self, identity: str) -> dict[str, str]:
        return next(attrs for _tag, attrs in self.tags if attrs.get("id") == identity)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attrs
            for name, attrs in self.tags
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]


class RequestForm(PortalForm):
    """One field of each kind the public pages use."""

    kind = forms.ChoiceField(
        label="Kind",
        choices=[("a", "Access"), ("b", "Erasure")],
        widget=RadioCards(hints={"a": "A copy"}),
    )
    name = CleanText(label="Full name", help_text="As on the document")
    birth = DatePartsField(label="Birth", latest=date(2026, 1, 1), help_text="Year, month, day")
    email = EmailField(label="Mail")
    telephone = TelephoneField(label="Telephone", required=False)
    postal_code = PostalCodeField(label="Postal code", required=False)
    places = forms.MultipleChoiceField(
        label="Places", choices=[("s", "Shop"), ("c", "Club")], widget=CheckboxGroup
    )
    details = CleanText(label="Text", multiline=True, required=False)
    papers = MultipleFilesField(label="Papers", required=False, max_count=2, max_bytes=10)
    agreed = CheckboxField(label="I agree")


GOOD = {
    "kind": "a",
    "name": "見本　花子",
    "birth_year": "昭和55",
    "birth_month": "４",
    "birth_day": "1",
    "email": "ｈａｎａｋｏ＠example.com",
    "telephone": "０９０ー１２３４ー５６７８",
    "postal_code": "１０００００１",
    "places": ["s"],
    "agreed": "on",
}


def _post(**changed: Any) -> MultiValueDict[str, Any]:
    data: MultiValueDict[str, Any] = MultiValueDict()
    for name, value in {**GOOD, **changed}.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def _render(source: str, **values: Any) -> str:
    with override("en"):
        return Template("{% load portal %}" + source).render(Context(values))


def _form_html(form: forms.BaseForm) -> str:
    with override("en"):
        return str(form)


# --- Fields -------------------------------------------------------------------------------


def test_what_was_typed_in_full_width_is_read_as_it_was_meant() -> None:
    form = RequestForm(_post())
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "見本 花子"
    assert form.cleaned_data["birth"] == date(1980, 4, 1)
    assert form.cleaned_data["email"] == "hanako@example.com"
    assert form.cleaned_data["telephone"] == "090-1234-5678"
    assert form.cleaned_data["postal_code"] == "100-0001"
    assert form.cleaned_data["papers"] == []


def test_after_an_error_every_box_holds_what_was_typed() -> None:
    form = RequestForm(_post(email="hanako＠", birth_month="１３", telephone="０３ー12"))
    page = Page(_form_html(form))
    assert page.by_id("id_email")["value"] == "hanako＠"
    assert page.by_id("id_telephone")["value"] == "０３ー12"
    assert [page.by_id(f"id_birth_{part}")["value"] for part in ("year", "month", "day")] == [
        "昭和55",
        "１３",
        "1",
    ]
    assert "checked" in page.by_id("id_kind_0")
    assert "checked" in page.by_id("id_places_0")
    assert "checked" not in page.by_id("id_places_1")


def test_a_saved_date_comes_back_as_three_parts_from_a_date_or_its_iso_text() -> None:
    for saved in (date(1980, 4, 1), "1980-04-01"):
        page = Page(_form_html(RequestForm(initial={"birth": saved})))
        parts = [page.by_id(f"id_birth_{part}")["value"] for part in ("year", "month", "day")]
        assert parts == ["1980", "4", "1"]


def test_a_date_after_the_latest_is_refused_with_the_limit_in_the_readers_language() -> None:
    form = RequestForm(_post(birth_year="令和8", birth_month="1", birth_day="2"))
    with override("en"):
        assert form.errors["birth"] == ["Enter a date on or before Jan. 1, 2026."]
    assert "birth" not in RequestForm(_post(birth_year="2026", birth_month="1")).errors


def test_an_unchanged_date_is_not_reported_as_changed() -> None:
    assert "birth" not in RequestForm(_post(), initial={"birth": date(1980, 4, 1)}).changed_data
    assert "birth" in RequestForm(_post(), initial={"birth": date(1980, 4, 2)}).changed_data
    assert "birth" in RequestForm(_post(birth_day="x"), initial={"birth": None}).changed_data


def test_a_missing_answer_is_asked_for_by_its_label() -> None:
    form = RequestForm({"birth_year": "", "kind": ""})
    with override("en"):
        said = {name: list(errors) for name, errors in form.errors.items()}
    assert said["name"] == ["Enter “Full name”."]
    assert said["kind"] == ["Choose an answer for “Kind”."]
    assert said["birth"] == ["Enter “Birth”."]
    assert said["agreed"] == ["Tick the box “I agree” to go on."]


def test_a_forms_own_wording_of_a_missing_answer_is_left_alone() -> None:
    class Worded(PortalForm):
        name = CleanText(label="Name", error_messages={"required": "Tell us your name."})

    assert Worded({}).errors["name"] == ["Tell us your name."]


def test_the_label_in_an_error_follows_the_readers_language() -> None:
    class Lazy(PortalForm):
        language = CleanText(label=gettext_lazy("English"))

    form = Lazy({})
    with override("ja"):
        assert "英語" in form.errors["language"][0]


@pytest.mark.parametrize(
    ("uploads", "code"),
    [
        ([("a.pdf", b"x"), ("b.pdf", b"y"), ("c.pdf", b"z")], "too_many"),
        ([("a.pdf", b"x" * 11)], "too_large"),
        ([("a.pdf", b"")], "empty_file"),
    ],
)
def test_uploads_beyond_the_limits_are_refused(uploads: list[Any], code: str) -> None:
    papers = MultiValueDict({"papers": [SimpleUploadedFile(*upload) for upload in uploads]})
    form = RequestForm(_post(), files)
    assert [error.code for error in form.errors.as_data()["papers"]] == [code]


def test_a_file_cut_off_on_arrival_counts_as_too_large() -> None:
    upload = SimpleUploadedFile("a.pdf", b"x")
    upload.too_large = True  # type: ignore[attr-defined]
    form = RequestForm(_post(), MultiValueDict({"papers": [upload]}))
    assert [error.code for error in form.errors.as_data()["papers"]] == ["too_large"]


def test_several_uploads_come_as_a_list() -> None:
    names = ["a.pdf", "b.pdf"]
    papers = MultiValueDict({"papers": [SimpleUploadedFile(name, b"x") for name in names]})
    form = RequestForm(_post(), files)
    assert form.is_valid(), form.errors
    assert [upload.name for upload in form.cleaned_data["papers"]] == names


# --- How a field is shown -----------------------------------------------------------------


def test_a_field_shows_label_requirement_support_control_and_error_in_this_order() -> None:
    form = RequestForm(_post(name=""))
    with override("en"):
        html = str(form["name"].as_field_group())
    places = [
        html.index(part)
        for part in ("Full name", "Required", "As on the document", "<input", "Enter “Full name”")
    ]
    assert places == sorted(places)


def test_the_control_is_described_by_its_error_first_and_its_support_text_next() -> None:
    page = Page(_form_html(RequestForm(_post(name=""))))
    control = page.by_id("id_name")
    assert control["aria-describedby"] == "id_name_error id_name_helptext"
    assert control["aria-invalid"] == "true"
    calm = Page(_form_html(RequestForm(_post()))).by_id("id_name")
    assert calm["aria-describedby"] == "id_name_helptext"
    assert "aria-invalid" not in calm


def test_a_radio_group_carries_its_error_on_the_group() -> None:
    page = Page(_form_html(RequestForm(_post(kind=""))))
    (group,) = page.all("fieldset", role="radiogroup")
    assert group["aria-invalid"] == "true"
    assert group["aria-describedby"] == "id_kind_error"
    assert all("aria-invalid" not in radio for radio in page.all("input", type="radio"))


def test_a_group_of_checkboxes_is_no_radio_group_and_marks_its_boxes() -> None:
    page = Page(_form_html(RequestForm(_post(places=[]))))
    assert page.by_id("id_places_field").get("role") is None
    assert page.by_id("id_places_0")["aria-invalid"] == "true"


def test_only_the_wrong_box_of_a_date_is_marked() -> None:
    page = Page(_form_html(RequestForm(_post(birth_month="13"))))
    marked = [p for p in ("year", "month", "day") if "aria-invalid" in page.by_id(f"id_birth_{p}")]
    assert marked == ["month"]


def test_an_optional_field_says_so_and_a_form_may_leave_the_badges_out() -> None:
    html = _form_html(RequestForm(_post()))
    assert html.count("Optional") == 4
    assert html.count("Required") == 6

    class Quiet(RequestForm):
        show_requirement = False

    assert "Required" not in _form_html(Quiet(_post()))


def test_a_hint_describes_its_choice_without_joining_its_name() -> None:
    page = Page(_form_html(RequestForm(_post())))
    assert page.by_id("id_kind_0")["aria-describedby"] == "id_kind_0_hint"
    assert "aria-describedby" not in page.by_id("id_kind_1")
    assert "id_kind_0_hint" in page.ids


def test_hints_given_by_one_form_do_not_leak_into_the_next() -> None:
    first, second = RequestForm(), RequestForm()
    first.fields["kind"].widget.hints["b"] = "Only here"
    assert "Only here" in _form_html(first)
    assert "Only here" not in _form_html(second)


def test_a_label_can_be_the_heading_of_its_page() -> None:
    html = _render(
        "{% field form.name heading=True %}{% field form.kind heading=True %}", form=RequestForm()
    )
    assert re.search(r"<h1[^>]*><label[^>]*>Full name", html)
    assert re.search(r"<legend[^>]*><h1[^>]*>Kind", html)


def test_labels_and_typed_text_are_escaped() -> None:
    class Sharp(PortalForm):
        name = CleanText(label="<b>Name</b>", help_text="<i>help</i>")

    html = _form_html(Sharp({"name": '"><script>x</script>'}))
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_a_form_of_the_desk_still_uses_djangos_own_rules() -> None:
    class Plain(forms.Form):
        name = forms.CharField()

    html = str(Plain({}))
    assert 'name="name"' in html
    assert "This field is required." in html or "必須" in html


# --- Error summary ------------------------------------------------------------------------


def test_each_link_of_the_summary_leads_to_a_control_of_the_page() -> None:
    form = RequestForm({"birth_year": "1980", "birth_month": "13", "birth_day": "1"})
    html = _render("{% error_summary form %}{{ form }}", form=form)
    page = Page(html)
    targets = [attrs["href"][1:] for attrs in page.all("a")]
    assert targets == [
        "id_kind_0",
        "id_name",
        "id_birth_month",
        "id_email",
        "id_places_0",
        "id_agreed",
    ]
    names = {attrs.get("id"): tag for tag, attrs in page.tags}
    assert {names[target] for target in targets} == {"input"}


def test_the_summary_is_announced_and_can_take_the_focus() -> None:
    form = RequestForm({})
    (box,) = Page(_render("{% error_summary form %}", form=form)).all("div", role="alert")
    assert box["tabindex"] == "-1"
    assert box["aria-labelledby"] == "error-summary-title"


def test_a_message_that_does_not_name_its_field_gets_the_label_in_front() -> None:
    html = _render("{% error_summary form %}", form=RequestForm(_post(birth_month="13")))
    assert "Birth: Enter the month as a number from 1 to 12." in html


def test_errors_of_the_whole_form_and_of_several_forms_are_in_one_summary() -> None:
    whole = RequestForm(_post())
    whole.add_error(None, "These two do not go together.")
    other = RequestForm({}, prefix="other")
    html = _render("{% error_summary first second %}", first=whole, second=other)
    assert html.count('role="alert"') == 1
    assert "<li>These two do not go together.</li>" in html
    assert "#id_other-name" in html


def test_formset_errors_are_in_the_summary() -> None:
    class Line(PortalForm):
        name = CleanText(label="Line")

    lines = forms.formset_factory(Line, extra=0, min_num=2, validate_min=True)
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""}
    html = _render("{% error_summary lines %}", lines=lines(data))
    assert "#id_form-0-name" in html
    assert "Please submit at least 2 forms." in html


def test_there_is_no_summary_without_errors() -> None:
    assert _render("{% error_summary a b %}", a=RequestForm(_post()), b=RequestForm()).strip() == ""
    assert _render("{% error_summary missing %}").strip() == ""


# --- Pages --------------------------------------------------------------------------------


def _page(template: str = "base.html", url: str = "/", language: str = "en", **values: Any) -> str:
    request = RequestFactory().get(url)
    with override(language):
        return render_to_string(template, values, request=request)


def test_the_title_of_a_page_with_errors_begins_with_error() -> None:
    assert "<title>Error: " in _page(form=RequestForm({}))
    assert "<title>Error: " in _page(forms=[RequestForm(_post()), RequestForm({})])
    for calm in (None, RequestForm(), RequestForm(_post())):
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
    html = _render("{% steps names 3 %}", names=names)
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
    html = _render("{% summary_list rows %}", rows=rows)
    assert re.search(
        r'<a href="/name/">Change<span class="visually-hidden">: Name</span></a>', html
    )
    assert html.count("<li>") == 2
    assert "Not entered" in html


def test_answers_are_escaped_and_keep_their_lines() -> None:
    html = _render("{% summary_list rows %}", rows=[SummaryRow(label="A", value="<b>x</b>\ny")])
    assert "&lt;b&gt;x&lt;/b&gt;<br>y" in html


@pytest.mark.parametrize("kind", ["neutral", "info", "progress", "success", "warning", "error"])
def test_a_state_is_told_by_word_and_icon(kind: str) -> None:
    html = _render("{% status_tag kind 'Under way' %}", kind=kind)
    assert "Under way" in html
    assert f"icon-{kind}" in html


def test_an_unknown_kind_is_a_mistake_of_the_author() -> None:
    with pytest.raises(TemplateSyntaxError, match="No such kind"):
        _render("{% status_tag 'purple' 'x' %}")
    with pytest.raises(TemplateSyntaxError, match="Not an icon"):
        _render("{% icon '../base' %}")


def test_a_banner_keeps_its_markup_and_escapes_what_it_is_given() -> None:
    html = _render(
        "{% notification 'warning' title live=True %}<p>{{ text }}</p>{% endnotification %}",
        title="<i>Title</i>",
        text="<script>",
    )
    assert "<p>&lt;script&gt;</p>" in html
    assert "&lt;i&gt;Title" in html
    assert 'role="status"' in html
    assert "Caution:" in html


def test_an_error_banner_interrupts_only_when_it_is_live() -> None:
    assert 'role="alert"' in _render(
        "{% notification 'error' 'x' live=True %}{% endnotification %}"
    )
    assert "role=" not in _render("{% notification 'error' 'x' %}{% endnotification %}")


def test_what_is_still_to_come_is_told_in_words() -> None:
    entries = [
        TimelineEntry(title="Arrived", at=date(2026, 4, 1)),
        TimelineEntry(title="Due", at=date(2026, 4, 15), upcoming=True),
    ]
    html = _render("{% timeline entries %}", entries=entries)
    assert html.count("(to come)") == 1
    assert 'datetime="2026-04-15"' in html


def test_a_file_is_a_link_only_where_it_can_be_opened() -> None:
    files = [
        FileRow(name="a.pdf", size=2048, url="/a/", remove_url="/a/remove/"),
        FileRow(name="<b>.pdf", size=0, status_kind="error", status="Infected"),
    ]
    page_text = _render("{% file_list files %}", files=files)
    assert [a["href"] for a in Page(page_text).all("a")] == ["/a/", "/a/remove/"]
    assert "2.0\xa0KB" in page_text
    assert "&lt;b&gt;.pdf" in page_text
    assert "Infected" in page_text


def test_a_button_that_only_a_script_can_serve_is_hidden_until_one_runs() -> None:
    html = _render("{% print_button %}{% code_block 'ABCD-EFGH' 'Code' %}")
    hidden = [attrs for _tag, attrs in Page(html).tags if "data-needs-script" in attrs]
    assert len(hidden) == 2
    assert all("hidden" in attrs for attrs in hidden)
    assert ">ABCD-EFGH</code>" in html


def test_a_wide_table_can_be_scrolled_by_keyboard_under_its_name() -> None:
    page = Page(_render("{% table 'Fees' %}<tbody><tr><td>1</td></tr></tbody>{% endtable %}"))
    (frame,) = page.all("div", role="region")
    assert frame["tabindex"] == "0"
    assert frame["aria-labelledby"] == page.all("caption")[0]["id"]
    assert len(page.all("td")) == 1


@pytest.mark.parametrize(
    "drawing", sorted((TEMPLATES / "components/icons").glob("*.html")), ids=lambda p: p.stem
)
def test_every_icon_is_well_formed_and_takes_the_colour_of_its_text(drawing: Path) -> None:
    html = _render("{% icon name label='Named' %}", name=drawing.stem)
    svg = ElementTree.fromstring(html)  # noqa: S314 - our own files
    assert svg.get("aria-label") == "Named"
    for shape in svg:
        assert "currentColor" in (shape.get("fill"), shape.get("stroke"))


def test_every_variable_of_the_stylesheet_is_defined_and_every_defined_one_is_used() -> None:
    folder = Path(settings.BASE_DIR) / "static/css"
    tokens, portal = (folder / "tokens.css").read_text(), (folder / "portal.css").read_text()
    used = set(re.findall(r"var\((--[\w-]+)\)", portal))
    defined = set(re.findall(r"^\s*(--[\w-]+):", tokens, re.MULTILINE))
    own = set(re.findall(r"(--[\w-]+):", portal))
    assert used == defined | own
