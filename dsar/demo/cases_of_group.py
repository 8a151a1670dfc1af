"""Requests to the group companies, under Japan's Act."""

from __future__ import annotations

from dsar.demo.plot import Plot
from dsar.demo.steps import (
    accept,
    approve,
    assign,
    charge,
    close,
    decide,
    identify,
    opened,
    paid,
    posts,
    reads,
    says,
    start,
    take,
    withdraw,
    writes,
)
from dsar.models import Channel, Outcome

_CARD = ["サンプルカード"]
_BOOKING = ["サンプル旅行予約"]

OF_GROUP = (
    Plot(
        key="finance-by-post",
        age=7,
        kind="disclosure",
        person="yoshida",
        controller="finance",
        channel=Channel.POST,
        no_email=True,
        answers={"scope": {"services": _CARD, "period": "直近5年", "items": "入会審査の記録"}},
        method=("paper", "post_honnin_gentei"),
        papers=("請求書.pdf", "本人確認書類.pdf"),
        steps=(
            *opened(1, 3, "two_papers"),
            paid(3, 300, "postal_order", "請求書に同封"),
            posts(3, "ordinary"),
        ),
    ),
    Plot(
        key="finance-new",
        age=2,
        kind="correction",
        person="yoshiko",
        controller="finance",
        answers={
            "scope": {"services": ["サンプル積立プラン"]},
            "correction": {
                "wrong": "旧住所（見本町1-1）",
                "right": "新住所（見本町2-3-4）",
                "why": "住民票の写しを添付します。",
            },
        },
        papers=("住民票の写し.pdf",),
    ),
    Plot(
        key="finance-purpose",
        age=19,
        kind="purpose_notice",
        person="ichiro",
        controller="finance",
        answers={"scope": {"services": _CARD, "items": "勤務先の情報"}},
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            charge(2),
            paid(6, 300),
            decide(
                8,
                Outcome.GRANTED,
                answer="勤務先の情報は、入会の審査と、ご連絡が取れないときの連絡に利用しています。",
            ),
        ),
    ),
    Plot(
        key="finance-fee-unpaid",
        age=22,
        kind="disclosure",
        person="ichiro",
        controller="finance",
        answers={"scope": {"services": ["サンプル積立プラン"], "items": "積立の履歴"}},
        method=("electronic_record", "portal_download"),
        papers=("運転免許証の写し.png",),
        steps=(
            *opened(0, 2),
            charge(2),
            says(3, "手数料は300円でよいのでしょうか。来週振り込みます。"),
            paid(9, 200),
        ),
    ),
    Plot(
        key="finance-stopped",
        age=48,
        kind="cease_use_35_5",
        person="momoko",
        controller="finance",
        answers={
            "scope": {"services": _CARD},
            "ground": {
                "grounds": ["breach_35_5"],
                "circumstances": "漏えいのお知らせを受け取りました。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2, "account"),
            decide(7, Outcome.GRANTED, answer="ご案内への利用を停止しました。"),
            close(8, "email"),
        ),
    ),
    Plot(
        key="travel-overdue",
        age=11,
        kind="disclosure",
        person="jiro",
        controller="travel",
        handler="officer2",
        answers={"scope": {"services": _BOOKING, "items": "予約の履歴と、同行者の登録"}},
        method=("electronic_record", "encrypted_mail"),
        papers=("パスポートの写し.png",),
        steps=(assign(1), accept(2)),
    ),
    Plot(
        key="travel-counter",
        age=5,
        kind="stop_provision",
        person="saito",
        controller="travel",
        handler="officer2",
        channel=Channel.COUNTER,
        answers={
            "scope": {"services": _BOOKING},
            "recipients": {"recipients": "海外の見本ホテル"},
            "ground": {
                "grounds": ["abroad_28"],
                "circumstances": "取り消した旅行の情報が、海外のホテルに渡ったままとのこと。",
            },
        },
        papers=("予約確認書.pdf",),
        steps=(take(1), accept(1), identify(1, "counter")),
    ),
    Plot(
        key="travel-refused",
        age=85,
        kind="deletion",
        person="aoi",
        controller="travel",
        handler="officer2",
        answers={
            "scope": {"services": ["サンプル航空マイル"]},
            "deletion": {"untrue": "昨年の搭乗の記録", "why": "乗った覚えがありません。"},
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            decide(
                9,
                Outcome.REFUSED,
                "C1_true",
                reason="搭乗券の記録と予約の記録が一致し、内容は事実と確認しました。",
            ),
            approve(10),
            close(11),
        ),
    ),
    Plot(
        key="travel-complaint",
        age=21,
        kind="complaint",
        person="noriko",
        controller="travel",
        handler="officer2",
        answers={
            "complaint": {
                "category": "safety",
                "details": "予約の確認メールに、別の方の名前が載っていました。",
            }
        },
        steps=(
            take(1),
            start(1),
            writes(3, "ご連絡ありがとうございます。原因を調べています。"),
            reads(4),
            decide(
                9,
                Outcome.ANSWERED,
                answer="宛名を差し込む処理の誤りでした。該当のメールは回収を終え、処理を直しました。",
            ),
        ),
    ),
    Plot(
        key="travel-withdrawn",
        age=28,
        kind="addition",
        person="reitaro",
        controller="travel",
        handler="officer2",
        channel=Channel.PHONE,
        no_email=True,
        answers={
            "scope": {"services": ["サンプル航空マイル"]},
            "addition": {"missing": "先月の搭乗分のマイル", "why": "加算されていない。"},
        },
        steps=(
            take(1),
            withdraw(4, "電話で、マイルが加算されたので取り下げるとのこと。"),
        ),
    ),
)
