"""Complaints: category, investigation, answer, and the journey of a complaint about a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dsar import complaints, decision, ledger, letters, lifecycle, links
from dsar.law import shelf
from dsar.models import Case, Investigation, Letter
from tests.factories import answers_for, do

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(officer: Any) -> ledger.Actor:
    return ledger.staff(officer)


def fresh(case: Case) -> Case:
    return Case.objects.select_related("key", "controller").get(pk=case.pk)


@pytest.mark.parametrize("regime", ["appi", "gdpr", "ccpa"])
def test_the_categories_come_from_the_law_and_the_person_chooses_first(
    file_case: Any, desk: ledger.Actor, now: Any, regime: str
) -> None:
    rules = shelf.book().versions(regime)[-1]
    assert {"handling", "safety", "answer", "contact", "third_party", "other"} <= {
        row.code for row in rules.complaint_categories
    }
    case = file_case("complaint", regime)
    assert complaints.category_of(case) == "handling"
    complaints.categorise(case, "third_party", by=desk, at=now)
    assert complaints.category_of(case) == "third_party"
    assert case.answers["complaint"]["category"] == "handling"
    assert case.events.get(act="categorise").facts["category_before"] == "handling"


def test_what_was_found_out_is_sealed_and_noted(
    file_case: Any, desk: ledger.Actor, now: Any
) -> None:
    case = file_case("complaint")
    complaints.investigate(case, "店舗の記録", "声が聞こえていた。", by=desk, at=now)
    row = Investigation.objects.get()
    assert (row.examined, row.finding) == ("店舗の記録", "声が聞こえていた。")
    with connection.cursor() as cursor:
        cursor.execute("SELECT finding FROM dsar_investigation")
        [stored] = cursor.fetchone()
    assert "声".encode() not in bytes(stored)
    assert case.events.get(act="investigate").facts == {"investigation": row.pk}


def test_neither_is_for_requests_nor_after_the_answer_nor_for_others(
    file_case: Any, advance: Any, desk: ledger.Actor, now: Any
) -> None:
    request, complaint = file_case(), file_case("complaint")
    answered = advance(file_case("complaint"), "decided")
    for case, by in ((request, desk), (answered, desk), (complaint, ledger.REQUESTER)):
        with pytest.raises(lifecycle.NotAllowed):
            complaints.investigate(case, "x", "y", by=by, at=now)
        with pytest.raises(lifecycle.NotAllowed):
            complaints.categorise(case, "other", by=by, at=now)
    with pytest.raises(lifecycle.NotAllowed):
        complaints.categorise(complaint, "no_such", by=desk, at=now)
    assert not Investigation.objects.exists()


def test_the_accredited_organization_is_named_under_japans_act_alone(
    file_case: Any, controller: Any
) -> None:
    controller.accredited_org_ja = "一般財団法人見本協会"
    controller.accredited_org_contact = "https://kyokai.example/"
    controller.save()
    names = [body.name for body in complaints.bodies(file_case("complaint"), "ja")]
    assert names == ["個人情報保護委員会", "一般財団法人見本協会"]
    abroad = complaints.bodies(file_case("complaint", "gdpr"), "ja")
    assert "一般財団法人見本協会" not in [body.name for body in abroad]
    [_ppc, organization] = complaints.bodies(file_case("complaint"), "en")
    assert organization.url == "https://kyokai.example/"


def test_a_telephone_number_of_the_organization_stands_in_its_text(
    file_case: Any, controller: Any
) -> None:
    controller.accredited_org_ja = "見本協会"
    controller.accredited_org_contact = "03-0000-0009"
    controller.save()
    organization = complaints.bodies(file_case("complaint"), "ja")[-1]
    assert organization.url == ""
    assert "03-0000-0009" in organization.text


def test_journey_of_a_complaint_about_a_case(
    file_case: Any, advance: Any, controller: Any, desk: ledger.Actor, now: Any
) -> None:
    controller.accredited_org_ja = "見本協会"
    controller.save()
    request = advance(file_case(), "closed")
    answers = answers_for("appi", "complaint")
    answers["complaint"] |= {"category": "answer", "about_case": request.number}
    case = fresh(file_case("complaint", answers=answers, at=now + timedelta(days=3)))
    at = now + timedelta(days=4)
    do(case, "start", by=desk, at=at)
    [linked] = links.of(case)
    assert linked.case == request
    complaints.investigate(case, "先の案件の記録", "説明が足りなかった。", by=desk, at=at)
    draft = decision.Draft("answered", answer="説明が足りず、申し訳ございませんでした。")
    decision.record(case, draft, by=desk, at=at)
    assert fresh(case).outcome == "answered"
    letter = case.letters.exclude(kind=Letter.Kind.RECEIPT).get()
    assert letter.kind == Letter.Kind.COMPLAINT
    html = str(letters.compose_ordered(letter))
    for words in ("説明が足りず", "個人情報保護委員会", "見本協会"):
        assert words in html
    assert "説明が足りなかった" not in html
