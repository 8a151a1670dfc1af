"""Ways through the form: which step gets which answer, and going them in a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from dsar.intake import draft as drafts
from tests.browser.visitor import Visitor


@dataclass(frozen=True)
class Answer:
    """What is done on one page: `chosen` in radio buttons and boxes, `typed` into text fields."""

    step: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


ABOUT = Answer("about")
SAMPLE = Answer("controller", {"controller": "sample"})
HANAKO = Answer(
    "principal",
    typed={
        "name": "見本　花子",
        "kana": "みほん はなこ",
        "birth_date_year": "昭和63",
        "birth_date_month": "３",
        "birth_date_day": "15",
    },
)
HOME = Answer(
    "address", typed={"postal_code": "１００ー００００", "address": "東京都千代田区見本町4-5-6"}
)


def contact(email: str) -> Answer:
    return Answer("contact", typed={"email": email, "phone": "０９０−００００−００００"})


def disclosure(email: str) -> Sequence[Answer]:
    """Japan: a person asks for their own data, to be given as a file."""
    return (
        Answer("region", {"regime": "appi"}),
        Answer("want", {"want": "see"}),
        ABOUT,
        SAMPLE,
        Answer("requester", {"role": "self"}),
        HANAKO,
        HOME,
        contact(email),
        Answer(
            "scope",
            {"services": "サンプル会員サービス"},
            {"period": "2025年4月から退会まで", "items": "登録した住所と\n注文の記録"},
        ),
        Answer("method", {"chosen": "electronic_record:portal_download"}),
    )


def erasure_for_a_child(email: str) -> Sequence[Answer]:
    """Japan: a parent wants a child's data erased, since it is no longer needed (Art. 35(5))."""
    return (
        Answer("region", {"regime": "appi"}),
        Answer("want", {"want": "erase"}),
        Answer("why", {"reason": "no_longer_needed"}),
        ABOUT,
        SAMPLE,
        Answer("requester", {"role": "statutory_agent"}),
        Answer(
            "agent",
            typed={
                "name": "見本 太郎",
                "relation": "父",
                "postal_code": "100-0000",
                "address": "東京都千代田区見本町4-5-6",
                "email": email,
            },
        ),
        Answer(
            "principal",
            typed={
                "name": "見本 さくら",
                "birth_date_year": "平成27",
                "birth_date_month": "5",
                "birth_date_day": "5",
            },
        ),
        HOME,
        Answer("contact"),
        Answer("scope", typed={"items": "体験教室の申込み"}),
        Answer(
            "ground",
            {"grounds": "not_needed_35_5"},
            {"circumstances": "教室には通わないことになりました。"},
        ),
    )


def european_erasure(email: str) -> Sequence[Answer]:
    """GDPR: a person wants their data erased (Art. 17)."""
    return (
        Answer("region", {"regime": "gdpr"}),
        Answer("want", {"want": "erase"}),
        Answer("why", {"reason": "no_longer_needed"}),
        ABOUT,
        Answer("requester", {"role": "self"}),
        Answer(
            "principal",
            typed={
                "name": "Sam Sample",
                "birth_date_year": "1980",
                "birth_date_month": "4",
                "birth_date_day": "1",
            },
        ),
        Answer("address", typed={"postal_code": "10115", "address": "Musterstraße 1, Berlin"}),
        contact(email),
        Answer("scope", typed={"items": "My old account"}),
        Answer("ground", typed={"circumstances": "I closed my account two years ago."}),
    )


def californian_opt_out(email: str) -> Sequence[Answer]:
    """CCPA: no selling or sharing (§1798.120); who asks is not checked."""
    return (
        Answer("region", {"regime": "ccpa"}),
        Answer("want", {"want": "stop_sharing"}),
        ABOUT,
        Answer("requester", {"role": "self"}),
        Answer("principal", typed={"name": "Kim Sample"}),
        contact(email),
        Answer("scope", {"services": "サンプル通販"}),
    )


def draft_of(regime: str, want: str, reason: str) -> str:
    """A draft in which who asks is answered and what is asked is not; its secret token."""
    answers: dict[str, dict[str, Any]] = {
        "region": {"regime": regime},
        "want": {"want": want, "reason": reason},
        "controller": {"controller": "sample"},
        "requester": {"role": "self"},
        "principal": {"name": "見本 花子", "birth_date": "1988-03-15"},
        "address": {"address": "東京都千代田区見本町4-5-6"},
        "contact": {"email": "hanako@person.example"},
        "scope": {"items": "登録した住所"},
    }
    return drafts.begin(answers, at=timezone.now())[1]


def goes(visitor: Visitor, way: Sequence[Answer], *, looking: bool = False) -> None:
    """Go a way page by page; `looking` looks at each page before it is answered."""
    for answer in way:
        visitor.arrives_at("intake:step", answer.step)
        if looking:
            visitor.looks_at(f"{way.index(answer):02d}-{answer.step}")
        if answer is ABOUT:
            visitor.link("Go on with this request").click()
            continue
        visitor.chooses(**answer.chosen)
        visitor.fills(**answer.typed)
        visitor.goes_on()
