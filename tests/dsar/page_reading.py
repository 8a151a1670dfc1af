"""What the tests of public pages share: a page taken apart, a form with every kind of field."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser
from typing import Any

from django import forms
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpResponse
from django.template import Context, Template
from django.urls import include, path
from django.utils.datastructures import MultiValueDict
from django.utils.translation import override

from dsar.components import (
    CheckboxField,
    CheckboxGroup,
    CleanText,
    DatePartsField,
    EmailField,
    MultipleFilesField,
    PortalForm,
    PostalCodeField,
    RadioCards,
    TelephoneField,
)


def _here(request: Any) -> HttpResponse:
    return HttpResponse()


urlpatterns = i18n_patterns(
    path("", _here, name="home"),
    path("request/", include(([path("", _here, name="start")], "intake"))),
    path("check/", include(([path("", _here, name="login")], "requester"))),
    prefix_default_language=False,
)


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


def posted(**changed: Any) -> MultiValueDict[str, Any]:
    data: MultiValueDict[str, Any] = MultiValueDict()
    for name, value in {**GOOD, **changed}.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def render(source: str, **values: Any) -> str:
    with override("en"):
        return Template("{% load portal %}" + source).render(Context(values))


def form_html(form: forms.BaseForm) -> str:
    with override("en"):
        return str(form)
