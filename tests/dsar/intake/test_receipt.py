"""The receipt: shown as often as needed until it is saved, and then never again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsar import ledger, reference, vault
from dsar.intake.submit import submit
from dsar.models import Case, IntakeDraft
from dsar.questions import Matter
from tests.dsar.intake.walking import ROOT, Walker, errors_of, page_of
from tests.factories import NOW

Come = Callable[..., Walker]
pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(visitor: Come, freeze: Any) -> Walker:
    """Someone who has just sent a request."""
    freeze(NOW)
    walker = visitor()
    walker.walk()
    walker.send()
    return walker


def test_the_receipt_shows_number_code_and_the_day_of_the_answer_with_its_reckoning(
    sent: Walker,
) -> None:
    case = Case.objects.get()
    page = sent.get("receipt")
    body = page.content.decode()
    assert case.shown_number in body
    assert page.context["code"] in body
    assert page.context["due_on"] == "Tuesday 24 November 2026"
    assert page.context["explained"][-1] == "Due by the end of Tuesday 24 November 2026."
    assert case.received_on == date(2026, 11, 10)


def test_page_and_mail_call_the_day_of_the_answer_by_one_name(sent: Walker) -> None:
    page = sent.client.get("/request/receipt/").content.decode()
    mail = (settings.BASE_DIR / "dsar/mail_texts/receipt.ja.txt").read_text(encoding="utf-8")
    assert "回答の予定日" in page
    assert "回答の予定日" in mail
    assert "回答の期限" not in page


def test_the_code_on_the_receipt_is_the_one_that_opens_the_case(sent: Walker) -> None:
    code = reference.read_receipt_code(sent.get("receipt").context["code"])
    digest = vault.keyed_digest("receipt", code)
    assert bytes(Case.objects.get().receipt_code_digest) == digest


def test_sending_twice_ends_on_the_same_receipt(sent: Walker) -> None:
    first = sent.get("receipt").context["code"]
    assert page_of(sent.send()) == "receipt"
    assert page_of(sent.get("check")) == "receipt"
    assert page_of(sent.get("principal")) == "receipt"
    assert page_of(sent.post("principal")) == "receipt"
    assert sent.get("receipt").context["code"] == first
    assert Case.objects.count() == 1


def test_the_code_stays_until_the_box_is_ticked(sent: Walker) -> None:
    page = sent.client.post(f"{ROOT}receipt/", {})
    assert "saved" in errors_of(page)
    assert page.context["code"] in page.content.decode()
    assert IntakeDraft.objects.exists()


def test_after_the_box_is_ticked_the_code_is_gone_for_good(sent: Walker) -> None:
    code = sent.get("receipt").context["code"]
    assert page_of(sent.client.post(f"{ROOT}receipt/", {"saved": "on"})) == "done"
    assert not IntakeDraft.objects.exists()
    assert code not in sent.get("done").content.decode()
    assert page_of(sent.get("receipt")) == "start"
    assert Case.objects.get().people.get().name == "見本 花子"


def test_after_it_was_saved_the_browsers_back_button_sends_nothing_again(sent: Walker) -> None:
    sent.client.post(f"{ROOT}receipt/", {"saved": "on"})
    sent.send()
    assert Case.objects.count() == 1


def test_a_receipt_is_shown_only_to_the_browser_that_sent(sent: Walker) -> None:
    assert page_of(Client().get(f"{ROOT}receipt/")) == "start"


def test_before_sending_there_is_no_receipt(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    assert page_of(walker.get("receipt")) == "check"


def test_the_receipt_costs_at_most_six_queries(sent: Walker) -> None:
    with CaptureQueriesContext(connection) as queries:
        sent.get("receipt")
    assert len(queries) <= 6, [query["sql"][:90] for query in queries]


def test_a_complaint_promises_no_identity_check(visitor: Come) -> None:
    walker = visitor("appi", "complaint")
    walker.walk()
    walker.send()
    page = walker.get("receipt")
    assert page.context["checks_identity"] is False
    assert "right person" not in page.content.decode()


def test_it_is_the_requester_who_files_by_the_web_in_the_language_of_the_page(
    sent: Walker,
) -> None:
    case = Case.objects.get()
    assert (case.channel, case.language) == ("web", "en")
    assert case.events.get().actor_kind == ledger.REQUESTER.kind


def test_a_draft_that_was_filed_in_another_tab_meanwhile_gives_the_same_case(
    visitor: Come,
) -> None:
    walker = visitor()
    walker.walk()
    stale = IntakeDraft.objects.select_related("key").get()
    matter = Matter.load(stale.answers, NOW)
    walker.send()
    assert submit(stale, matter, at=NOW) == Case.objects.get()


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_make_one_case(visitor: Come) -> None:
    visitor().walk()
    copies = [IntakeDraft.objects.select_related("key").get() for _ in range(10)]
    matters = [Matter.load(draft.answers, NOW) for draft in copies]

    def press(pair: tuple[IntakeDraft, Matter]) -> int:
        try:
            return submit(*pair, at=NOW).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        made = set(pool.map(press, zip(copies, matters, strict=True)))
    assert made == {Case.objects.get().pk}


def test_on_paper_the_receipt_has_nothing_to_tick_or_unfold(sent: Walker) -> None:
    html = sent.get("receipt").content.decode()
    on_paper = (Path(settings.BASE_DIR) / "static/css/portal.css").read_text()
    hidden = on_paper.partition("@media print")[2].partition("display: none")[0]
    assert '<form class="no-print"' in html
    assert {".no-print", "details:not([open])"} <= {
        selector.strip(" {") for selector in hidden.splitlines()[-1].split(",")
    }
