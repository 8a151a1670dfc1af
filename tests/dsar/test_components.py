"""Forms of the public pages, as a browser would get them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy, override

from dsar.components import (
    CleanText,
    PortalForm,
)
from tests.dsar.page_reading import Page, RequestForm, form_html, posted, render

# --- Fields -------------------------------------------------------------------------------


def test_what_was_typed_in_full_width_is_read_as_it_was_meant() -> None:
    form = RequestForm(posted())
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == "見本 花子"
    assert form.cleaned_data["birth"] == date(1980, 4, 1)
    assert form.cleaned_data["email"] == "hanako@example.com"
    assert form.cleaned_data["telephone"] == "090-1234-5678"
    assert form.cleaned_data["postal_code"] == "100-0001"
    assert form.cleaned_data["papers"] == []


def test_after_an_error_every_box_holds_what_was_typed() -> None:
    form = RequestForm(posted(email="hanako＠", birth_month="１３", telephone="０３ー12"))
    page = Page(form_html(form))
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
        page = Page(form_html(RequestForm(initial={"birth": saved})))
        parts = [page.by_id(f"id_birth_{part}")["value"] for part in ("year", "month", "day")]
        assert parts == ["1980", "4", "1"]


def test_a_date_after_the_latest_is_refused_with_the_limit_in_the_readers_language() -> None:
    form = RequestForm(posted(birth_year="令和8", birth_month="1", birth_day="2"))
    with override("en"):
        assert form.errors["birth"] == ["Enter a date on or before 1 January 2026."]
    assert "birth" not in RequestForm(posted(birth_year="2026", birth_month="1")).errors


def test_a_text_that_is_too_long_is_told_of_and_never_cut_by_the_browser() -> None:
    class Short(PortalForm):
        name = CleanText(label="Name", max_length=5)

    form = Short({"name": "abcdefg"})
    with override("en"):
        said = list(form.errors["name"])
    assert said == ["This has 7 characters. Shorten it to 5 or fewer."]
    shown = form_html(form)
    assert "maxlength" not in shown
    assert 'value="abcdefg"' in shown


def test_an_unchanged_date_is_not_reported_as_changed() -> None:
    assert "birth" not in RequestForm(posted(), initial={"birth": date(1980, 4, 1)}).changed_data
    assert "birth" in RequestForm(posted(), initial={"birth": date(1980, 4, 2)}).changed_data
    assert "birth" in RequestForm(posted(birth_day="x"), initial={"birth": None}).changed_data


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
    files = MultiValueDict({"papers": [SimpleUploadedFile(*upload) for upload in uploads]})
    form = RequestForm(posted(), files)
    assert [error.code for error in form.errors.as_data()["papers"]] == [code]


def test_a_file_cut_off_on_arrival_counts_as_too_large() -> None:
    upload = SimpleUploadedFile("a.pdf", b"x")
    upload.too_large = True  # type: ignore[attr-defined]
    form = RequestForm(posted(), MultiValueDict({"papers": [upload]}))
    assert [error.code for error in form.errors.as_data()["papers"]] == ["too_large"]


def test_several_uploads_come_as_a_list() -> None:
    names = ["a.pdf", "b.pdf"]
    files = MultiValueDict({"papers": [SimpleUploadedFile(name, b"x") for name in names]})
    form = RequestForm(posted(), files)
    assert form.is_valid(), form.errors
    assert [upload.name for upload in form.cleaned_data["papers"]] == names


# --- How a field is shown -----------------------------------------------------------------


def test_a_field_shows_label_requirement_support_control_and_error_in_this_order() -> None:
    form = RequestForm(posted(name=""))
    with override("en"):
        html = str(form["name"].as_field_group())
    places = [
        html.index(part)
        for part in ("Full name", "Required", "As on the document", "<input", "Enter “Full name”")
    ]
    assert places == sorted(places)


def test_the_control_is_described_by_its_error_first_and_its_support_text_next() -> None:
    page = Page(form_html(RequestForm(posted(name=""))))
    control = page.by_id("id_name")
    assert control["aria-describedby"] == "id_name_error id_name_helptext"
    assert control["aria-invalid"] == "true"
    calm = Page(form_html(RequestForm(posted()))).by_id("id_name")
    assert calm["aria-describedby"] == "id_name_helptext"
    assert "aria-invalid" not in calm


def test_a_radio_group_carries_its_error_on_the_group() -> None:
    page = Page(form_html(RequestForm(posted(kind=""))))
    (group,) = page.all("fieldset", role="radiogroup")
    assert group["aria-invalid"] == "true"
    assert group["aria-describedby"] == "id_kind_error"
    assert all("aria-invalid" not in radio for radio in page.all("input", type="radio"))


def test_a_group_of_checkboxes_is_no_radio_group_and_marks_its_boxes() -> None:
    page = Page(form_html(RequestForm(posted(places=[]))))
    assert page.by_id("id_places_field").get("role") is None
    assert page.by_id("id_places_0")["aria-invalid"] == "true"


def test_only_the_wrong_box_of_a_date_is_marked() -> None:
    page = Page(form_html(RequestForm(posted(birth_month="13"))))
    marked = [p for p in ("year", "month", "day") if "aria-invalid" in page.by_id(f"id_birth_{p}")]
    assert marked == ["month"]


def test_an_optional_field_says_so_and_a_form_may_leave_the_badges_out() -> None:
    html = form_html(RequestForm(posted()))
    assert html.count("Optional") == 4
    assert html.count("Required") == 6

    class Quiet(RequestForm):
        show_requirement = False

    assert "Required" not in form_html(Quiet(posted()))


def test_a_hint_describes_its_choice_without_joining_its_name() -> None:
    page = Page(form_html(RequestForm(posted())))
    assert page.by_id("id_kind_0")["aria-describedby"] == "id_kind_0_hint"
    assert "aria-describedby" not in page.by_id("id_kind_1")
    assert "id_kind_0_hint" in page.ids


def test_hints_given_by_one_form_do_not_leak_into_the_next() -> None:
    first, second = RequestForm(), RequestForm()
    first.fields["kind"].widget.hints["b"] = "Only here"
    assert "Only here" in form_html(first)
    assert "Only here" not in form_html(second)


def test_a_label_can_be_the_heading_of_its_page() -> None:
    html = render(
        "{% field form.name heading=True %}{% field form.kind heading=True %}", form=RequestForm()
    )
    assert re.search(r"<h1[^>]*><label[^>]*>Full name", html)
    assert re.search(r"<legend[^>]*><h1[^>]*>Kind", html)


def test_labels_and_typed_text_are_escaped() -> None:
    class Sharp(PortalForm):
        name = CleanText(label="<b>Name</b>", help_text="<i>help</i>")

    html = form_html(Sharp({"name": '"><script>x</script>'}))
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
    html = render("{% error_summary form %}{{ form }}", form=form)
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


def test_each_error_of_a_date_leads_to_its_own_box() -> None:
    form = RequestForm(posted(birth_year="80", birth_month="4", birth_day="x"))
    page = Page(render("{% error_summary form %}", form=form))
    assert [a["href"] for a in page.all("a")] == ["#id_birth_year", "#id_birth_day"]


def test_the_summary_is_announced_and_can_take_the_focus() -> None:
    form = RequestForm({})
    (box,) = Page(render("{% error_summary form %}", form=form)).all("div", role="alert")
    assert box["tabindex"] == "-1"
    assert box["aria-labelledby"] == "error-summary-title"


def test_a_message_that_does_not_name_its_field_gets_the_label_in_front() -> None:
    html = render("{% error_summary form %}", form=RequestForm(posted(birth_month="13")))
    assert "Birth: Enter the month as a number from 1 to 12." in html


def test_a_question_before_its_fault_drops_the_question_mark() -> None:
    class DayForm(PortalForm):
        day = CleanText(label="On which day?")

    form = DayForm({"day": "x"})
    form.add_error("day", "Enter a day up to today.")
    html = render("{% error_summary form %}", form=form)
    assert "On which day: Enter a day up to today." in html


def test_errors_of_the_whole_form_and_of_several_forms_are_in_one_summary() -> None:
    whole = RequestForm(posted())
    whole.add_error(None, "These two do not go together.")
    other = RequestForm({}, prefix="other")
    html = render("{% error_summary first second %}", first=whole, second=other)
    assert html.count('role="alert"') == 1
    assert "<li>These two do not go together.</li>" in html
    assert "#id_other-name" in html


def test_formset_errors_are_in_the_summary() -> None:
    class Line(PortalForm):
        name = CleanText(label="Line")

    lines = forms.formset_factory(Line, extra=0, min_num=2, validate_min=True)
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""}
    html = render("{% error_summary lines %}", lines=lines(data))
    assert "#id_form-0-name" in html
    assert "Please submit at least 2 forms." in html


def test_there_is_no_summary_without_errors() -> None:
    assert render("{% error_summary a b %}", a=RequestForm(posted()), b=RequestForm()).strip() == ""
    assert render("{% error_summary missing %}").strip() == ""
