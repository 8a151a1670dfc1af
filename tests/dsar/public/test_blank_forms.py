"""Forms to print: complete for every kind, and readable where no PDF can be made."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from dsar import limits, pdf
from dsar.law import shelf
from dsar.public import blank_forms
from dsar.questions import BY_NAME, Matter
from tests.dsar.questions.test_steps import matter_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_kind_has_a_form_with_every_question_of_the_web_form(
    client: Any, controller: Any, law_kind: tuple[str, str], language: str
) -> None:
    regime, kind = law_kind
    prefix = "" if language == "ja" else "/en"
    body = client.get(f"{prefix}/forms/{regime}/{kind}/").content.decode()
    rule = shelf.book().versions(regime)[-1].kinds[kind]
    assert rule.title.in_language(language) in body
    assert controller.name_in(language) in body
    with translation.override(language):
        matter = Matter(matter_of(regime, kind).answers, (controller,), NOW)
        for step in ("principal", "contact", *rule.questions):
            for field in BY_NAME[step].form(matter).fields.values():
                assert str(field.label) in body, (step, field.label)


def test_the_form_has_the_parts_of_a_japanese_request_form(client: Any, controller: Any) -> None:
    controller.fee_yen = 800
    controller.save()
    body = client.get("/en/forms/appi/disclosure/").content.decode()
    for part in (
        "Date of request",
        "The person concerned",
        "agent",
        "Copies enclosed",
        "☐ Passport",
        "Fee",
        "800 yen",
        "Signature",
        "For the company’s use",
        "Identity checked by",
    ):
        assert part in body


def test_the_list_links_every_kind_as_pdf_and_as_page(client: Any, controller: Any) -> None:
    body = client.get("/en/forms/").content.decode()
    for regime in controller.regimes:
        for kind in shelf.book().versions(regime)[-1].kinds:
            assert f'href="/en/forms/{regime}/{kind}.pdf"' in body
            assert f'href="/en/forms/{regime}/{kind}/"' in body


def test_with_several_companies_each_has_forms_of_its_own(
    client: Any, controller: Any, other_controller: Any
) -> None:
    listed = client.get("/en/forms/?controller=travel").content.decode()
    assert "/en/forms/appi/disclosure.pdf?controller=travel" in listed
    assert "/en/forms/gdpr/" not in listed
    form = client.get("/en/forms/appi/disclosure/?controller=travel").content.decode()
    assert "Sample Travel" in form


@pytest.mark.parametrize(
    "path",
    [
        "appi/no_such_kind/",
        "atlantis/disclosure/",
        "appi/disclosure/?controller=nobody",
        "gdpr/access/?controller=travel",
    ],
)
def test_a_form_that_is_not_on_offer_is_not_found(
    client: Any, controller: Any, other_controller: Any, path: str
) -> None:
    assert client.get(f"/en/forms/{path}").status_code == 404


def test_the_pdf_is_a_pdf_and_is_drawn_once(
    client: Any, controller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank_forms._drawn.cache_clear()
    first = client.get("/en/forms/appi/complaint.pdf")
    assert first["Content-Type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")
    assert first.content == client.get("/en/forms/appi/complaint.pdf").content
    assert blank_forms._drawn.cache_info().misses == 1


def test_another_name_or_fee_of_the_company_makes_another_pdf(client: Any, controller: Any) -> None:
    blank_forms._drawn.cache_clear()
    client.get("/en/forms/appi/complaint.pdf")
    controller.name_en = "Renamed Co., Ltd."
    controller.save()
    client.get("/en/forms/appi/complaint.pdf")
    assert blank_forms._drawn.cache_info().misses == 2


def test_where_no_pdf_can_be_drawn_the_page_to_print_comes_and_says_so(
    client: Any, controller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(html: str) -> bytes:
        raise pdf.NoPdf

    monkeypatch.setattr(blank_forms, "_drawn", missing)
    page = client.get("/en/forms/appi/disclosure.pdf")
    assert page["Content-Type"].startswith("text/html")
    assert "Please print this page instead" in page.content.decode()


def test_a_missing_library_counts_as_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    blank_forms._drawn.cache_clear()
    with pytest.raises(pdf.NoPdf):
        blank_forms._drawn("<p>nothing</p>")


def test_drawing_is_limited(client: Any, controller: Any, settings: Any, monkeypatch: Any) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setitem(limits.SCOPES, "document", limits.Scope("1/hour", "100/hour"))
    monkeypatch.setattr(blank_forms, "_drawn", lambda html: b"%PDF-")
    limits.reset()
    codes = [client.get("/en/forms/appi/complaint.pdf").status_code for _ in range(2)]
    assert codes == [200, 429]


@pytest.mark.parametrize(
    ("kind", "opening"),
    [("disclosure", "次のとおり請求します。"), ("complaint", "次のとおり苦情を申し出ます。")],
)
def test_the_form_opens_with_what_is_made_a_request_or_a_complaint(
    kind: str, opening: str, client: Any, controller: Any
) -> None:
    assert opening in client.get(f"/forms/appi/{kind}/").content.decode()
