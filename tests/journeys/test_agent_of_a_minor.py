"""A father asks for his daughter's data: from the form to the closed case and the last picture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dsar import decision, identity, ledger
from dsar.models import Attachment, Case, IdentityDocument, Letter, StaffMember
from tests.dsar.admin.desk import act_of, parts, text_of
from tests.dsar.intake.walking import Walker, page_of
from tests.factories import do, pdf, plain_decision, png

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.usefixtures("media")]

PROVE = "/en/request/attachments/identity/"


@pytest.fixture
def _unlimited(settings: Any) -> None:
    settings.RATE_LIMITS = False


class Desk:
    """The officer's browser."""

    def __init__(self, officer: StaffMember) -> None:
        self.officer = officer
        self.sign_in()

    def sign_in(self) -> None:
        """In the morning; sessions of the day before are over."""
        self.browser = Client()
        self.browser.force_login(self.officer)

    def acts(self, case: Case, act: str, **given: Any) -> Any:
        """Fill in the form of an act."""
        given.setdefault("seen", Case.objects.get(pk=case.pk).version)
        response = self.browser.post(act_of(case, act), given)
        assert response.status_code == 302, text_of(response)
        return response

    def looks_and_accepts(self, row: IdentityDocument, **dates: str) -> None:
        """Look at every page of a paper, and find all in order."""
        assert row.case is not None
        address = reverse("admin:dsar_case_identity", args=[row.case_id, row.pk])
        page = self.browser.get(address)
        for picture in page.context["pages"]:
            assert self.browser.get(picture)["Content-Type"] == "image/png"
        kind = identity.rules_of(row.case).documents[row.type]
        given = {"verdict": "accepted", "checklist": list(identity.checklist_of(kind)), **dates}
        response = self.browser.post(address, given)
        assert response.status_code == 302, text_of(response)


def fill_in(walker: Walker, at: datetime) -> Case:
    """The form, with the father's licence and the family register among the papers."""
    walker.choices["requester"] = {"role": "statutory_agent"}
    walker.walk(until="attachments")
    issued = at.date() - timedelta(days=20)
    licence = {"type": "agent:drivers_licence", "upload": [png("免許証.png")]}
    register = {
        "type": "authority:family_register",
        **parts("issued_on", issued.year, issued.month, issued.day),
        "upload": [png("戸籍.png")],
    }
    for sent in (licence, register):
        assert page_of(walker.client.post(PROVE, sent)) == "attachments"
    assert page_of(walker.client.post("/en/request/attachments/", {})) == "check"
    assert page_of(walker.send()) == "receipt"
    return Case.objects.select_related("key", "controller").get()


@pytest.mark.usefixtures("_unlimited")
def test_the_agent_of_a_minor_from_form_to_close(
    controller: Any,
    officer: StaffMember,
    approver: StaffMember,
    now: datetime,
    freeze: Callable[[datetime], None],
) -> None:
    freeze(now)
    case = fill_in(Walker(Client()), now)
    assert {(row.subject, row.type) for row in case.identity_documents.all()} == {
        ("agent", "drivers_licence"),
        ("authority", "family_register"),
    }
    freeze(now + timedelta(days=1))
    desk, by = Desk(officer), ledger.staff(officer)
    desk.acts(case, "accept")
    licence, register = case.identity_documents.order_by("id")
    licence.case = register.case = case
    desk.looks_and_accepts(licence, **parts("expires_on", 2029, 4, 1))

    # The register is not enough by itself: it shows another child, and is asked for again.
    asked = reverse("admin:dsar_case_identity", args=[case.pk, register.pk])
    desk.browser.post(asked, {"verdict": "rejected", "reason": "続柄の記載がありません。"})
    desk.acts(
        case,
        "ask_identity",
        wanted=["authority"],
        reason="続柄が分からない",
        message="続柄の分かる戸籍をお送りください。",
    )
    case = Case.objects.select_related("key", "controller").get()
    assert case.is_stopped
    letter = case.letters.get(kind=Letter.Kind.IDENTITY)
    to = identity.addressee(case, letter.kind)
    assert to is not None
    assert to.name == "見本 太郎"

    at = now + timedelta(days=4)
    freeze(at)
    again = identity.add_paper(
        case,
        pdf("戸籍全部事項証明書.pdf"),
        subject="authority",
        type_="family_register",
        issued_on=at.date(),
        by=ledger.REQUESTER,
        at=at,
    )
    desk.sign_in()
    desk.acts(
        case,
        "resume",
        reason="戸籍が届いた",
        **parts("resumed_on", at.year, at.month, at.day),
    )
    again.case = case
    identity.judge_paper(
        again,
        accepted=True,
        checklist=identity.checklist_of(identity.rules_of(case).documents["family_register"]),
        dates={"issued_on": at.date()},
        by=by,
        at=at,
    )
    refused = desk.browser.post(act_of(case, "confirm_identity"), {"seen": "0"})
    assert refused.status_code == 409  # an old page
    desk.acts(case, "identity_authority", verdict="accepted")
    desk.acts(case, "confirm_identity")

    case = Case.objects.select_related("key", "controller").get()
    assert case.status == "in_progress"
    decision.record(case, plain_decision(case), by=by, at=at)
    if case.status == "in_approval":
        decision.approve(case, by=ledger.staff(approver), at=at)
    answer = identity.addressee(case, Letter.Kind.DECISION)
    assert answer is not None
    assert answer.name == "見本 太郎"
    do(case, "close", by=by, at=at)

    # Thirty days after their check the pictures are gone; what was found stays.
    assert identity.destroy_pictures(at + timedelta(days=30)) == 3
    assert not Attachment.objects.filter(purpose="identity").exists()
    rows = case.identity_documents.values_list("type", "state", "checked_by__username")
    assert sorted(rows) == [
        ("drivers_licence", "accepted", "officer"),
        ("family_register", "accepted", "officer"),
        ("family_register", "rejected", "officer"),
    ]
    case = Case.objects.select_related("key").get()
    assert case.events.filter(act="view_identity").count() == 1
    assert ledger.verify(case) == case.event_count
    facts = " ".join(str(event.facts) for event in case.events.all())
    assert "見本" not in facts
