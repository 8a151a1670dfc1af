"""Made-up companies, people and requests, built the way the portal builds them.

A case is made by `dsar.filing.file` and led on by the acts of `dsar.lifecycle`, so a test never
sees one that could not exist. Addresses end in `.example` (RFC 2606); telephone numbers are those
nobody has.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from dsar import deadlines, decision, filing, identity, ledger, lifecycle, vault
from dsar.law import shelf
from dsar.models import (
    Case,
    CaseKey,
    ClosingDay,
    Controller,
    DataSystem,
    IdentityCheck,
    IntakeDraft,
    PaymentWay,
    RequesterRole,
    Service,
    StaffMember,
    Status,
)

NOW = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)
"""A Tuesday, 10 o'clock in Tokyo; no holiday within the next twelve days."""
RECEIPT_CODE = "7F3K2M9QABCDEFGH"
REGIMES = ("appi", "gdpr", "ccpa")
LAW_KINDS = tuple(
    (regime, kind) for regime in REGIMES for kind in shelf.book().versions(regime)[-1].kinds
)
"""Every kind of request of every rule set: (regime, kind)."""
PASSWORD = "a long demo password"


# --- Companies and their people -----------------------------------------------------------
class ControllerFactory(factory.django.DjangoModelFactory[Controller]):
    """A company that answers requests under all three rule sets."""

    class Meta:
        model = Controller
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"company-{n}")
    name_ja = factory.Sequence(lambda n: f"サンプル{n}号株式会社")
    name_en = factory.Sequence(lambda n: f"Sample No. {n} Co., Ltd.")
    regimes = list(REGIMES)
    desk_email = factory.LazyAttribute(lambda made: f"desk@{made.code}.example")
    address_ja = "東京都千代田区見本町1-2-3"
    address_en = "1-2-3 Mihon-cho, Chiyoda-ku, Tokyo"
    phone = "03-0000-0000"


class ServiceFactory(factory.django.DjangoModelFactory[Service]):
    """A service of a company."""

    class Meta:
        model = Service

    controller = factory.SubFactory(ControllerFactory)
    name_ja = "サンプル会員サービス"
    name_en = "Sample Membership"


class ClosingDayFactory(factory.django.DjangoModelFactory[ClosingDay]):
    """A day on which a company is closed."""

    class Meta:
        model = ClosingDay

    controller = None
    day = factory.LazyFunction(lambda: date(2026, 11, 12))
    name_ja = "創立記念日"
    name_en = "Foundation day"


class SystemFactory(factory.django.DjangoModelFactory[DataSystem]):
    """A system that a person searches."""

    class Meta:
        model = DataSystem

    controller = factory.SubFactory(ControllerFactory)
    code = factory.Sequence(lambda n: f"system-{n}")
    name_ja = factory.Sequence(lambda n: f"顧客管理{n}")
    name_en = factory.Sequence(lambda n: f"CRM {n}")


class StaffFactory(factory.django.DjangoModelFactory[StaffMember]):
    """A member of staff: `StaffFactory(role="officer", at=controller)`."""

    class Meta:
        model = StaffMember
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff-{n}")
    email = factory.LazyAttribute(lambda made: f"{made.username}@sample.example")
    last_name = "見本"
    first_name = factory.Sequence(lambda n: f"職員{n}")
    is_staff = True
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def role(self, _create: bool, role: str | None, **_more: Any) -> None:
        if role:
            self.groups.add(Group.objects.get(name=role))  # type: ignore[attr-defined]

    @factory.post_generation
    def at(self, _create: bool, at: Controller | None, **_more: Any) -> None:
        if at is not None:
            self.controllers.add(at)  # type: ignore[attr-defined]


class DraftFactory(factory.django.DjangoModelFactory[IntakeDraft]):
    """A request that is still being written."""

    class Meta:
        model = IntakeDraft

    key = factory.LazyFunction(lambda: saved(CaseKey.fresh()))
    token_digest = factory.Sequence(lambda n: vault.keyed_digest("draft", str(n)))
    answers = factory.LazyFunction(lambda: {"want": {"want": "see"}})
    expires_at = NOW + timedelta(days=7)


def saved(row: Any) -> Any:
    """The row, inserted."""
    row.save(force_insert=True)
    return row


# --- What a person fills in ---------------------------------------------------------------
PRINCIPAL = {
    "name": "見本 花子",
    "kana": "みほん はなこ",
    "birth_date": "1988-03-15",
    "postal_code": "100-0000",
    "address": "東京都千代田区見本町4-5-6 見本荘101",
    "email": "hanako@person.example",
    "phone": "090-0000-0000",
    "customer_number": "C-0001234",
}
AGENT = {
    "name": "見本 太郎",
    "kana": "みほん たろう",
    "relation": "父",
    "postal_code": "100-0000",
    "address": "東京都千代田区見本町4-5-6 見本荘101",
    "email": "taro@agent.example",
    "phone": "090-0000-0001",
}
_ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "scope": {"services": ["サンプル会員サービス"], "period": "2025年4月から", "items": "登録内容"},
    "correction": {"wrong": "見本町4-5-5", "right": "見本町4-5-6", "why": "転居しました。"},
    "addition": {"missing": "2026年1月の解約", "why": "解約の記録がありません。"},
    "deletion": {"untrue": "申し込んでいない講座の記録", "why": "申し込んでいません。"},
    "recipients": {"recipients": "見本広告社"},
    "complaint": {"category": "handling", "details": "案内が止まりません。", "about_case": ""},
    "range": {"range": "all", "from": "", "to": ""},
    "purpose_objection": {"circumstances": "広告に使わないでください。"},
}


def answers_for(regime: str, kind: str) -> dict[str, dict[str, Any]]:
    """Answers to the questions the law makes the form ask for this kind."""
    rule = shelf.book().versions(regime)[-1].kinds[kind]
    found: dict[str, dict[str, Any]] = {
        name: dict(_ANSWERS[name]) for name in rule.questions if name in _ANSWERS
    }
    if "ground" in rule.questions:
        found["ground"] = {"grounds": [rule.grounds[0]], "circumstances": "退会しました。"}
    return found


def filing_for(
    controller: Controller,
    kind: str = "disclosure",
    regime: str = "appi",
    *,
    received_at: datetime = NOW,
    **given: Any,
) -> filing.Filing:
    """A complete request; `given` replaces or adds attributes of `Filing`."""
    rules = shelf.book().versions(regime)[-1]
    methods = rules.kinds[kind].methods
    values: dict[str, Any] = {
        "controller": controller,
        "regime": regime,
        "kind": kind,
        "received_at": received_at,
        "principal": dict(PRINCIPAL),
        "answers": answers_for(regime, kind),
        "method": methods[0] if methods else "",
        "delivery": rules.methods[methods[0]].deliveries[0] if methods else "",
        "requester_role": (
            RequesterRole.STATUTORY_AGENT if given.get("agent") else RequesterRole.SELF
        ),
        **given,
    }
    return filing.Filing(**values)


# --- Files --------------------------------------------------------------------------------
def png(name: str = "本人確認書類.png", size: int = 0) -> SimpleUploadedFile:
    """A real picture, padded to `size` bytes where that is more."""
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(picture, "PNG")
    return SimpleUploadedFile(name, picture.getvalue().ljust(size, b"\0"), "image/png")


def pdf(name: str = "委任状.pdf", text: str = "madoguchi") -> SimpleUploadedFile:
    """The smallest thing that is a PDF."""
    body = f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n% {text}\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return SimpleUploadedFile(name, body.encode(), "application/pdf")


# --- The way of a case --------------------------------------------------------------------
FACTS: Mapping[str, Mapping[str, Any]] = {
    "confirm_identity": {"check_method": "photo_id"},
    "close": {"notified_by": "portal_download"},
}
TEXTS: Mapping[str, Mapping[str, str]] = {
    "ask": {"reason": "生年月日を確認できないため", "message": "書類を追加してください。"},
    "ask_identity": {"reason": "本人確認書類がない", "message": "本人確認書類をお送りください。"},
    "resume": {"reason": "書類が届いたため"},
    "extend": {"reason": "調査に時間を要するため"},
    "end_without_decision": {"reason": "本人であることを確認できませんでした。"},
    "send_back": {"reason": "理由をもう少し詳しく書いてください。"},
    "reopen": {"reason": "新しい資料が届いたため"},
}


def do(
    case: Case,
    act: str,
    *,
    by: ledger.Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
    **more: Any,
) -> Any:
    """`lifecycle.move` with the facts and texts that the act needs filled in."""
    given = {**FACTS.get(act, {}), **(facts or {})}
    today = deadlines.today(case, at)
    if act == "confirm_identity":
        prove(case, at)
    if act == "resume":
        given.setdefault("resumed_on", today)
    if act == "close":
        given.setdefault("notified_on", today)
    if act == "end_without_decision":
        given.setdefault("code", case.rule.thresholds[0])
        more.setdefault("outcome", "not_accepted")
    return lifecycle.move(
        case, act, by=by, at=at, facts=given, texts={**TEXTS.get(act, {}), **(texts or {})}, **more
    )


def prove(case: Case, at: datetime) -> None:
    """The checks of the case accepted, as `identity.confirm` leaves them; without its events."""
    for subject in identity.subjects(case):
        found = {"state": IdentityCheck.State.ACCEPTED, "method": "in_person", "checked_at": at}
        IdentityCheck.objects.update_or_create(case=case, subject=subject, defaults=found)


def plain_decision(case: Case) -> decision.Draft:
    """The decision that needs nothing beside: a grant, or the answer to a complaint."""
    if "complaint" in case.rule.questions:
        return decision.Draft("answered", answer="ご不快をおかけしました。配信を止めました。")
    return decision.Draft("granted", answer="ご請求のとおりにいたします。")


def refusal(case: Case) -> decision.Draft:
    """A refusal in whole, on the first ground that allows it; else a request not effective."""
    for code in case.rule.refusals:
        found = case.rules.refusals[code]
        if found.is_refusal and not found.partial_only:
            measure = "代わりに閲覧できます。" if found.requires_alternative else ""
            return decision.Draft(
                "refused", code, reason="理由の説明です。", alternative_measure=measure
            )
    return decision.Draft("not_accepted", case.rule.thresholds[0], reason="理由の説明です。")


def advance(
    case: Case, to: str, *, officer: StaffMember, approver: StaffMember, at: datetime
) -> Case:
    """Lead a case on to a status by the acts that lead there.

    `in_approval` exists only where something can be refused, `identity_check` only where the
    identity is checked: ValueError otherwise.
    """
    desk = ledger.staff(officer)
    if to == Status.RECEIVED:
        return case
    if case.status == Status.RECEIVED:
        if to == Status.AWAITING_REQUESTER:
            do(case, "ask", by=desk, at=at)
            return case
        do(case, "accept" if case.rule.identity == "required" else "start", by=desk, at=at)
    if to == Status.IDENTITY_CHECK:
        if case.status != to:
            raise ValueError(f"{case.kind} needs no identity check")
        return case
    if case.status == Status.IDENTITY_CHECK:
        do(case, "confirm_identity", by=desk, at=at)
    if to == Status.AWAITING_REQUESTER:
        do(case, "ask", by=desk, at=at)
        return case
    if to == Status.IN_PROGRESS:
        return case
    if to == Status.IN_APPROVAL:
        decision.record(case, refusal(case), by=desk, at=at)
        if case.status != to:
            raise ValueError(f"{case.kind} cannot be refused")
        return case
    if case.status == Status.IN_PROGRESS:
        decision.record(case, plain_decision(case), by=desk, at=at)
    if case.status == Status.IN_APPROVAL:
        decision.approve(case, by=ledger.staff(approver), at=at)
    if to == Status.CLOSED:
        do(case, "close", by=desk, at=at)
    return case


def take_fees(controller: Controller, amount: int = 300) -> None:
    """The company charges and says how it is paid."""
    Controller.objects.filter(pk=controller.pk).update(fee_yen=amount)
    controller.fee_yen = amount
    for position, code in enumerate(("bank_transfer", "postal_order")):
        PaymentWay.objects.get_or_create(
            controller=controller,
            code=code,
            defaults={
                "instructions_ja": f"見本の窓口へお願いします（{code}）。",
                "instructions_en": f"Please pay to the sample desk ({code}).",
                "position": position,
            },
        )
