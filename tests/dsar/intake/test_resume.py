"""Going on later: the link, the mail, the button, and the end of a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar.models import IntakeDraft, Notice
from tests.dsar.intake.walking import ROOT, Walker, errors_of, page_of

Come = Callable[..., Walker]
pytestmark = pytest.mark.django_db


def link_of(walker: Walker) -> str:
    """The path of the link that the page shows."""
    link = walker.get("save").context["link"]
    return "/" + link.split("/", 3)[3]


def test_the_link_opens_the_draft_on_another_device_by_a_button(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="address")
    phone = Client()
    link = link_of(walker)
    shown = phone.get(link)
    assert shown.status_code == 200
    assert "request_draft" not in phone.cookies
    opened = phone.post(link)
    assert page_of(opened) == "start"
    assert page_of(phone.get(ROOT)) == "address"


def test_a_mail_scanner_that_opens_the_link_changes_nothing(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="address")
    watched = IntakeDraft.objects.values("updated_at", "expires_at", "token_digest")
    before = watched.get()
    Client().get(link_of(walker))
    assert watched.get() == before


def test_the_page_says_until_when_the_draft_is_kept(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="address")
    assert walker.get("save").context["expires_at"] == IntakeDraft.objects.get().expires_at


def test_the_link_is_mailed_with_its_secret_sealed(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="want")
    sent = walker.client.post(f"{ROOT}save/", {"email": "hanako@person.example"})
    assert page_of(sent) == "save"
    notice = Notice.objects.select_related("draft__key").get()
    assert notice.kind == "draft_link"
    assert notice.secret["token"] in link_of(walker)
    assert notice.facts == {}
    assert IntakeDraft.objects.get().answers["contact"]["email"] == "hanako@person.example"


def test_an_address_given_before_is_offered_and_a_wrong_one_is_told(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="scope")
    assert walker.get("save").context["form"].initial["email"] == "hanako@person.example"
    assert "email" in errors_of(walker.client.post(f"{ROOT}save/", {"email": "hanako"}))
    assert not Notice.objects.exists()


def test_an_address_given_first_becomes_the_agents_once_there_is_one(visitor: Come) -> None:
    walker = visitor(requester={"role": "mandated_agent"})
    walker.walk(until="requester")
    walker.client.post(f"{ROOT}save/", {"email": "taro@agent.example"})
    walker.post("requester")
    answers = IntakeDraft.objects.get().answers
    assert answers["agent"] == {"email": "taro@agent.example"}
    assert "email" not in answers["contact"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_expired_link_gets_a_calm_page_and_a_way_to_start_again(
    visitor: Come, method: str
) -> None:
    walker = visitor()
    walker.walk(until="address")
    link = link_of(walker)
    IntakeDraft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = getattr(Client(), method)(link)
    assert page.status_code == 410
    assert "Start again" in page.content.decode()


def test_an_unknown_link_looks_like_an_expired_one() -> None:
    page = Client().get(f"{ROOT}resume/never-was/")
    assert page.status_code == 410
    assert "no longer here" in page.content.decode()


def test_a_page_of_an_expired_draft_leads_to_the_calm_page_and_clears_the_cookie(
    visitor: Come,
) -> None:
    walker = visitor()
    walker.walk(until="address")
    IntakeDraft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert page_of(walker.get("address")) == "expired"
    assert page_of(walker.get("check")) == "expired"
    assert walker.get("expired").status_code == 410
    assert walker.client.cookies["request_draft"].value == ""
    assert page_of(walker.client.get(ROOT)) == "region"


def test_the_draft_is_deleted_only_after_asking(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="address")
    assert walker.get("delete").status_code == 200
    assert IntakeDraft.objects.exists()
    assert page_of(walker.client.post(f"{ROOT}delete/")) == "deleted"
    assert not IntakeDraft.objects.exists()
    assert walker.get("deleted").status_code == 200


def test_the_mail_itself_can_be_written(visitor: Come) -> None:
    from dsar import mail

    walker = visitor()
    walker.walk(until="scope")
    walker.client.post(f"{ROOT}save/", {"email": "hanako@person.example"})
    written: Any = mail.compose(Notice.objects.get(), timezone.now())
    assert written.to == ["hanako@person.example"]
    assert link_of(walker) in written.body
    assert "見本" not in written.body


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_mailed_link_of_a_request_that_was_sent_leads_no_more_to_its_receipt(
    visitor: Come, method: str
) -> None:
    walker = visitor()
    walker.walk(until="address")
    link = link_of(walker)
    walker.walk()
    walker.send()
    browser = Client()
    page = getattr(browser, method)(link)
    assert page.status_code == 410
    assert "This request was sent already" in page.content.decode()
    assert not browser.cookies
    assert page_of(browser.get(f"{ROOT}receipt/")) == "start"
    assert walker.get("receipt").status_code == 200
