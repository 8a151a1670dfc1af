"""Two kinds of request in one filing: asked together, filed together, seen together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dsar import filing, ledger, links, notices, reference
from dsar.models import Attachment, Case, CaseLink, IntakeDraft, Notice
from dsar.requester import access
from tests.dsar.intake.walking import ROOT, TYPED, Walker, page_of, page_of_url
from tests.factories import pdf

pytestmark = pytest.mark.django_db


def text_of(page: Any) -> str:
    return str(page.content.decode())


def add(walker: Walker, kind: str, position: int = 0) -> Any:
    """Ask for something else as well, and answer its questions; returns the last response."""
    further = Walker(walker.client, walker.rules.regime, kind)
    response = walker.client.get(f"{ROOT}more/")
    while (here := page_of(response)) != "check":
        assert here.startswith(f"more/{position}/")
        name = here.rpartition("/")[2]
        walker.pages.append(here)
        if name == "about":
            url = walker.client.get(f"{ROOT}{here}/").context["next_url"]
            response = walker.client.get(url)
            assert response.status_code == 200
            here = page_of_url(url)
            name = here.rpartition("/")[2]
        response = walker.client.post(f"{ROOT}{here}/", further.typed(name))
        assert response.status_code == 302, response.context["form"].errors
    return response


@pytest.fixture
def walker(visitor: Any) -> Walker:
    """Someone who has answered all questions of a disclosure."""
    made: Walker = visitor()
    made.walk()
    return made


def cases() -> list[Case]:
    return list(Case.objects.select_related("key", "controller").order_by("pk"))


# --- Asking -------------------------------------------------------------------------------
def test_only_the_questions_of_the_other_kind_are_asked(walker: Walker) -> None:
    before = len(walker.pages)
    add(walker, "correction")
    asked = {page.rpartition("/")[2] for page in walker.pages[before:]}
    assert not asked & {"principal", "address", "contact", "requester", "controller", "region"}
    page = walker.get("check")
    assert "You also ask for: Request for correction" in text_of(page)
    assert TYPED["correction"]["wrong"] in text_of(page)


def test_what_it_costs_and_how_long_it_takes_is_told_of_it_too(
    walker: Walker, controller: Any
) -> None:
    controller.fee_yen = 1500
    controller.save()
    want = {"want": "purposes"}
    response = walker.client.post(f"{ROOT}more/0/want/", want)
    assert page_of(response) == "more/0/about"
    assert "1,500 yen" in text_of(walker.client.get(f"{ROOT}more/0/about/"))


def test_the_same_kind_is_not_asked_for_twice(walker: Walker) -> None:
    page = walker.client.post(f"{ROOT}more/0/want/", {"want": "see"})
    assert page.status_code == 200
    assert "You already ask for this." in text_of(page)
    add(walker, "purpose_notice")
    page = walker.client.post(f"{ROOT}more/1/want/", {"want": "purposes"})
    assert "You already ask for this." in text_of(page)


def test_an_answer_is_changed_and_a_request_left_out_again(walker: Walker) -> None:
    add(walker, "correction")
    changed = {"wrong": "旧姓", "right": "新姓", "why": "改姓"}
    response = walker.client.post(f"{ROOT}more/0/correction/?change=1", changed)
    assert page_of(response) == "check"
    assert "旧姓" in text_of(walker.get("check"))
    assert walker.client.get(f"{ROOT}more/0/remove/").status_code == 200
    assert page_of(walker.client.post(f"{ROOT}more/0/remove/")) == "check"
    assert "You also ask for" not in text_of(walker.get("check"))
    assert IntakeDraft.objects.get().answers["principal"]["name"] == "見本 花子"


def test_one_that_is_not_complete_is_told_and_not_sent(walker: Walker) -> None:
    walker.client.post(f"{ROOT}more/0/want/", {"want": "put_right"})
    assert "Not complete yet" in text_of(walker.get("check"))
    assert page_of(walker.send()) == "more/0/why"
    assert not Case.objects.exists()


def test_a_change_of_the_first_request_keeps_the_others(walker: Walker) -> None:
    add(walker, "correction")
    walker.post("scope", {"period": "", "items": "すべての履歴"})
    assert "You also ask for" in text_of(walker.get("check"))


def test_a_further_request_that_needs_the_identity_asks_for_the_address_then(
    visitor: Any,
) -> None:
    walker = visitor("appi", "complaint")
    walker.walk()
    assert "address" not in walker.pages
    add(walker, "disclosure")
    assert page_of(walker.get("check")) in ("principal", "address")
    for name in ("principal", "address"):
        walker.post(name)
    assert walker.get("check").status_code == 200
    walker.send()
    assert [case.kind for case in cases()] == ["complaint", "disclosure"]
    for case in cases():
        assert case.people.get().address


def test_pages_that_are_not_there(walker: Walker) -> None:
    assert walker.client.get(f"{ROOT}more/1/want/").status_code == 404
    assert walker.client.get(f"{ROOT}more/0/nothing/").status_code == 404
    assert walker.client.get(f"{ROOT}more/0/principal/").status_code == 302
    assert walker.client.get(f"{ROOT}more/0/remove/").status_code == 404
    assert page_of(Client().get(f"{ROOT}more/")) == "start"


def test_back_and_later_keep_what_was_typed(walker: Walker) -> None:
    walker.client.post(f"{ROOT}more/0/want/", {"want": "put_right"})
    walker.client.post(f"{ROOT}more/0/why/", {"reason": "wrong"})
    walker.client.post(f"{ROOT}more/0/scope/", TYPED["scope"])
    typed = {"wrong": "4-5-5", "right": "", "why": "", "then": "later"}
    response = walker.client.post(f"{ROOT}more/0/correction/", typed)
    assert page_of(response) == "save"
    assert "4-5-5" in text_of(walker.client.get(f"{ROOT}more/0/correction/"))
    response = walker.client.post(f"{ROOT}more/0/want/", {"want": "put_right", "then": "back"})
    assert page_of(response) == "check"


# --- Filing -------------------------------------------------------------------------------
def test_both_are_filed_together_with_one_receipt(walker: Walker) -> None:
    add(walker, "correction")
    add(walker, "erasure_35_5", 1)
    assert page_of(walker.send()) == "receipt"
    first, *more = cases()
    assert [case.kind for case in cases()] == ["disclosure", "correction", "erasure_35_5"]
    assert len({bytes(case.receipt_code_digest) for case in cases()}) == 1
    assert len({case.key_id for case in cases()}) == 3
    assert len({case.number for case in cases()}) == 3
    for case in more:
        [linked] = links.of(case)
        assert (linked.case, linked.link.kind) == (first, CaseLink.Kind.FILED_TOGETHER)
        assert case.people.get().name == "見本 花子"
        assert links.filed_with(case) == cases()
    for case in cases():
        assert ledger.verify(case) == case.event_count
    told = Notice.objects.filter(audience="requester").values_list("kind", flat=True)
    assert list(told) == [notices.CONFIRM_EMAIL]
    page = text_of(walker.get("receipt"))
    for case in cases():
        assert case.shown_number in page


def test_pressing_twice_gives_one_set(walker: Walker) -> None:
    add(walker, "correction")
    walker.send()
    walker.send()
    assert Case.objects.count() == 2


def test_all_are_filed_or_none(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    add(walker, "correction")

    def fail(*args: Any) -> None:
        raise ConnectionError("the server has gone away")

    monkeypatch.setattr(filing, "_link_together", fail)
    with pytest.raises(ConnectionError):
        walker.send()
    assert not Case.objects.exists()
    monkeypatch.undo()
    assert page_of(walker.send()) == "receipt"
    assert Case.objects.count() == 2


def test_the_address_is_proven_for_all(walker: Walker) -> None:
    add(walker, "correction")
    walker.send()
    token = Notice.objects.get(kind=notices.CONFIRM_EMAIL).secret["token"]
    assert filing.confirm_email(token, at=timezone.now()) is not None
    assert all(case.email_confirmed_at for case in cases())


# --- Coming back --------------------------------------------------------------------------
def opened(case: Case) -> Client:
    browser = Client()
    session = browser.session
    access.sign_in(session, access.Claim(case.pk, 0), at=timezone.now())
    session.save()
    browser.cookies["sessionid"] = session.session_key or ""
    return browser


@pytest.fixture
def filed(walker: Walker) -> list[Case]:
    """A disclosure and a correction of one filing, with a paper."""
    add(walker, "correction")
    walker.client.post(f"{ROOT}attachments/", {"papers": [pdf("住民票.pdf")]})
    walker.send()
    return cases()


def test_any_of_the_numbers_opens_with_the_one_code(filed: list[Case], walker: Walker) -> None:
    code = IntakeDraft.objects.get().receipt_code
    for case in filed:
        claim = access.begin(case.number, reference.read_receipt_code(code), at=timezone.now())
        assert claim.case_id == case.pk
        assert claim.code_id


def test_the_person_switches_between_them_and_sees_the_papers_in_each(
    filed: list[Case],
) -> None:
    first, second = filed
    browser = opened(second)
    page = text_of(browser.get("/en/status/request/"))
    assert first.shown_number in page
    assert "住民票.pdf" in page
    file = Attachment.objects.get(case=first)
    assert browser.get(f"/en/status/request/files/{file.pk}/").status_code == 200
    response = browser.post("/en/status/request/switch/", {"place": "0"})
    assert response.status_code == 302
    assert browser.get("/en/status/request/").context["case"] == first


def test_nothing_else_can_be_switched_to(filed: list[Case], file_case: Any) -> None:
    other = file_case()
    browser = opened(filed[0])
    for place in ("2", "-1", "", "x", str(other.pk), other.number):
        response = browser.post("/en/status/request/switch/", {"place": place})
        assert response.status_code == 404, place
    assert browser.get("/en/status/request/switch/").status_code == 405
    alone = opened(other)
    assert "Your requests" not in text_of(alone.get("/en/status/request/"))
    file = Attachment.objects.get(case=filed[0])
    assert alone.get(f"/en/status/request/files/{file.pk}/").status_code == 404


def test_a_paper_that_came_later_stays_with_its_case(filed: list[Case], media: Any) -> None:
    from dsar import correspondence

    first, second = filed
    at = timezone.now() + timedelta(minutes=1)
    correspondence.send(first, "追加", by=ledger.REQUESTER, at=at, uploads=[pdf("後日.pdf")])
    later = Attachment.objects.exclude(message=None).get()
    browser = opened(second)
    assert browser.get(f"/en/status/request/files/{later.pk}/").status_code == 404
    assert "後日.pdf" not in text_of(browser.get("/en/status/request/"))


def test_a_withdrawal_is_of_one_request(filed: list[Case]) -> None:
    browser = opened(filed[1])
    seen = filed[1].version
    browser.post("/en/status/request/withdraw/", {"seen": seen, "sure": "on", "confirm": "on"})
    assert Case.objects.get(pk=filed[0].pk).is_open


# --- At the desk --------------------------------------------------------------------------
def test_the_desk_sees_what_belongs_together_and_the_papers(
    filed: list[Case], officer: Any
) -> None:
    first, second = filed
    browser = Client()
    browser.force_login(officer)
    page = text_of(browser.get(f"/en/desk/dsar/case/{second.pk}/change/"))
    assert "Filed together" in page
    assert first.shown_number in page
    assert "住民票.pdf" in page
