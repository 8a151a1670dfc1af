"""What the returning person types, and how it is read."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from dsar import reference
from dsar.requester.forms import CodeForm, MessageForm, MethodForm, SignInForm

NUMBER = "26114839207" + reference.check_digit("26114839207")
CODE = "7F3K2M9QABCDEFGH"


@pytest.mark.parametrize(
    "typed", [NUMBER, reference.show_case_number(NUMBER), f" {NUMBER[:6]}　{NUMBER[6:]} "]
)
def test_a_case_number_is_read_however_it_is_grouped(typed: str) -> None:
    form = SignInForm({"number": typed, "receipt_code": CODE})
    assert form.is_valid()
    assert form.cleaned_data["number"] == NUMBER


@pytest.mark.parametrize("typed", ["7f3k-2m9q-abcd-efgh", "７Ｆ３Ｋ２Ｍ９ＱＡＢＣＤＥＦＧＨ"])
def test_a_receipt_code_is_read_in_any_case_and_width(typed: str) -> None:
    form = SignInForm({"number": NUMBER, "receipt_code": typed})
    assert form.is_valid()
    assert form.cleaned_data["receipt_code"] == CODE


@pytest.mark.parametrize(
    ("typed", "code"),
    [("2611", "length"), (NUMBER + "1", "length"), ("261148392071", "check_digit")],
)
def test_a_slip_in_the_number_is_named(typed: str, code: str) -> None:
    form = SignInForm({"number": typed, "receipt_code": CODE})
    assert form.errors.as_data()["number"][0].code == code


def test_a_code_of_another_length_is_not_compared_at_all() -> None:
    assert CodeForm({"code": "12345"}).errors.as_data()["code"][0].code == "length"
    assert CodeForm({"code": "１２３ ４５６"}).is_valid()


def test_a_message_needs_a_word_or_a_file() -> None:
    assert list(MessageForm({"body": ""}).errors) == ["body"]
    files: Any = MultiValueDict({"uploads": [SimpleUploadedFile("a.pdf", b"%PDF-1.7\nx")]})
    assert MessageForm({"body": ""}, files).is_valid()


def test_more_files_than_allowed_are_refused(settings: Any) -> None:
    settings.ATTACHMENT_MAX_COUNT = 2
    uploads = [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.7\nx") for n in range(3)]
    files: Any = MultiValueDict({"uploads": uploads})
    assert MessageForm({"body": "x"}, files).errors.as_data()["uploads"][0].code == "too_many"


def test_a_file_that_is_too_large_is_refused_by_name(settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 16
    files: Any = MultiValueDict(
        {"uploads": [SimpleUploadedFile("大.pdf", b"%PDF-1.7\n" + b"x" * 20)]}
    )
    form = MessageForm({"body": "x"}, files)
    assert "大.pdf" in str(form.errors["uploads"])


@pytest.mark.django_db
def test_every_method_and_delivery_of_the_law_can_be_chosen(filed: Any) -> None:
    case = filed()
    form = MethodForm(case, "ja")
    offered = {value for value, _title in form.fields["method"].choices}  # type: ignore[attr-defined]
    assert offered == {
        f"{method}:{way}"
        for method in case.rule.methods
        for way in case.rules.methods[method].deliveries
    }


def test_what_may_be_attached_is_told_in_the_language_of_the_page() -> None:
    with translation.override("ja"):
        assert "10件まで" in str(MessageForm().fields["uploads"].help_text)
