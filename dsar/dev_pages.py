"""A page for development only: every component in every state, to look at and to test."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import pgettext_lazy

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

LONG_JA = "東京都千代田区霞が関一丁目二番三号サンプルビルディング新館二十四階二四〇一号室"
LONG_EN = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz " * 3
STEP_NAMES = [
    pgettext_lazy("development", "What you ask for"),
    pgettext_lazy("development", "Who asks"),
    pgettext_lazy("development", "Your details"),
    pgettext_lazy("development", "Contact"),
    pgettext_lazy("development", "Check and send"),
]


class SampleForm(PortalForm):
    """One field of each kind."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("development", "What would you like us to do?"),
        choices=[
            ("access", pgettext_lazy("development", "Show me the data you hold about me")),
            ("correct", pgettext_lazy("development", "Correct data that is wrong")),
            ("stop", pgettext_lazy("development", "Stop using my data, or delete it")),
        ],
        widget=RadioCards(
            hints={"access": pgettext_lazy("development", "You get a copy, on paper or as a file.")}
        ),
    )
    name = CleanText(
        label=pgettext_lazy("development", "Name"),
        max_length=50,
        help_text=pgettext_lazy("development", "As in your identity document."),
    )
    birth = DatePartsField(
        label=pgettext_lazy("development", "Date of birth"),
        help_text=pgettext_lazy(
            "development", "For example 1980 4 1. An era year such as 昭和55 or S55 is fine too."
        ),
        latest=date(2026, 1, 1),
        autocomplete="bday",
    )
    email = EmailField(
        label=pgettext_lazy("development", "E-mail address"),
        help_text=pgettext_lazy("development", "We send the receipt there."),
    )
    telephone = TelephoneField(
        label=pgettext_lazy("development", "Telephone number"), required=False
    )
    postal_code = PostalCodeField(label=pgettext_lazy("development", "Postal code"), required=False)
    prefecture = forms.ChoiceField(
        label=pgettext_lazy("development", "Prefecture"),
        choices=[
            ("", pgettext_lazy("development", "Please choose")),
            ("13", "東京都"),
            ("27", "大阪府"),
        ],
        required=False,
    )
    places = forms.MultipleChoiceField(
        label=pgettext_lazy("development", "Where may we have data about you?"),
        choices=[
            ("shop", pgettext_lazy("development", "Online shop")),
            ("club", pgettext_lazy("development", "Members’ club")),
            ("mail", pgettext_lazy("development", "Mail")),
        ],
        widget=CheckboxGroup(hints={"club": pgettext_lazy("development", "Also without a card.")}),
        help_text=pgettext_lazy("development", "Tick all that apply."),
    )
    details = CleanText(
        label=pgettext_lazy("development", "Details"),
        multiline=True,
        required=False,
        max_length=2000,
    )
    papers = MultipleFilesField(
        label=pgettext_lazy("development", "Papers"),
        help_text=pgettext_lazy("development", "PDF, JPEG or PNG, up to 3 files of 10 KB each."),
        max_count=3,
        max_bytes=10_240,
        accept=".pdf,.jpg,.png",
        required=False,
    )
    agreed = CheckboxField(label=pgettext_lazy("development", "I have read how this data is used."))


def _form(state: str) -> SampleForm:
    if state == "wrong":
        data: dict[str, Any] = {
            "wrong-kind": "",
            "wrong-name": "",
            "wrong-birth_year": "昭和66",
            "wrong-birth_month": "１３",
            "wrong-birth_day": "3",
            "wrong-email": "taro＠",
            "wrong-telephone": "03-12",
            "wrong-postal_code": "1000",
        }
        files = MultiValueDict({"wrong-papers": [SimpleUploadedFile(f"{LONG_JA}.pdf", b"")]})
        return SampleForm(data, files, prefix="wrong")
    initial = {
        "kind": "access",
        "name": LONG_JA,
        "birth": date(1980, 4, 1),
        "email": "hanako@example.com",
        "places": ["shop", "club"],
        "details": LONG_EN,
    }
    return SampleForm(initial=initial if state == "filled" else {}, prefix=state)


def components(request: HttpRequest) -> HttpResponse:
    """Every component; answers 404 in production."""
    if settings.PRODUCTION:
        raise Http404
    state = request.GET.get("state", "")
    context = {
        "form": _form("wrong") if state != "calm" else None,
        "empty_form": _form("empty"),
        "filled_form": _form("filled"),
        "steps": STEP_NAMES,
        "linked_steps": [{"label": name, "url": "#steps"} for name in STEP_NAMES],
        "kinds": ["neutral", "info", "progress", "success", "warning", "error"],
        "rows": [
            SummaryRow(
                label=pgettext_lazy("development", "Name"), value="見本 花子", change_url="#name"
            ),
            SummaryRow(
                label=pgettext_lazy("development", "Postal address"),
                value=LONG_JA,
                change_url="#address",
            ),
            SummaryRow(
                label=pgettext_lazy("development", "Telephone number"),
                value="",
                change_url="#telephone",
            ),
            SummaryRow(
                label=pgettext_lazy("development", "Where may we have data about you?"),
                value=[
                    pgettext_lazy("development", "Online shop"),
                    pgettext_lazy("development", "Members’ club"),
                ],
                change_url="#places",
            ),
            SummaryRow(
                label=pgettext_lazy("development", "Details"), value=LONG_EN, change_url="#details"
            ),
        ],
        "entries": [
            TimelineEntry(
                title=pgettext_lazy("development", "Your request has arrived"),
                at=datetime(2026, 4, 1, 0, 30, tzinfo=UTC),
            ),
            TimelineEntry(
                title=pgettext_lazy("development", "We asked you for a proof of identity"),
                at=datetime(2026, 4, 2, 6, 0, tzinfo=UTC),
                text=LONG_JA,
                kind="warning",
            ),
            TimelineEntry(
                title=pgettext_lazy("development", "Our answer is due"),
                at=date(2026, 4, 15),
                upcoming=True,
            ),
        ],
        "files": [
            FileRow(
                name="identity.pdf",
                size=482_113,
                url="#file",
                status_kind="success",
                status=pgettext_lazy("development", "Checked"),
                remove_url="#remove",
            ),
            FileRow(
                name=f"{LONG_JA}の写し（令和八年四月一日撮影）.jpeg",
                size=2_400_000,
                status_kind="progress",
                status=pgettext_lazy("development", "Being checked"),
                remove_url="#remove",
            ),
            FileRow(
                name="photo.png",
                size=0,
                status_kind="error",
                status=pgettext_lazy("development", "Cannot be opened"),
            ),
        ],
    }
    return render(request, "dev/components.html", context)
