"""Requests to 株式会社サンプル under Japan's Act that are decided or closed."""

from __future__ import annotations

from dsar.demo.material_steps import decide_each
from dsar.demo.plot import Plot
from dsar.demo.proving import asks_proof
from dsar.demo.searching import answers, asks
from dsar.demo.steps import (
    approve,
    choose,
    close,
    decide,
    note,
    opened,
    posts,
    reads,
    says,
    start,
    take,
    withdraw,
    writes,
)
from dsar.models import Channel, Outcome, RequesterRole
from dsar.notices import DECIDED

_ONLINE = ("electronic_record", "portal_download")
_STORE = ["サンプルオンラインストア"]
_MEMBER = ["サンプル会員サービス"]

ENDED = (
    Plot(
        key="addition-granted",
        age=16,
        kind="addition",
        person="noriko",
        role=RequesterRole.MANDATED_AGENT,
        agent="daughter",
        channel=Channel.COUNTER,
        answers={
            "scope": {"services": _MEMBER},
            "addition": {
                "missing": "今年の転居の届け出",
                "why": "窓口で届け出たのに、記録に残っていませんでした。",
            },
        },
        papers=("委任状.pdf", "転居届の控え.pdf"),
        steps=(
            *opened(0, 1, "counter", "mandate"),
            asks(2, "住所と届け出の記録を調べてください。", "members", "newsletter"),
            answers(3, "members", "found", "会員登録は1件で、住所は転居前のままです。", by="owner"),
            answers(5, "newsletter", "found", "配信先に、転居前の地域区分が1件あります。"),
            decide(9, Outcome.GRANTED, answer="転居の届け出を、届け出の日付で記録に加えます。"),
            asks(10, "転居の届け出を、記録に加えてください。", "members", "newsletter", days=10),
            answers(11, "members", "done", "会員登録に届け出を追加しました。", by="owner"),
        ),
    ),
    Plot(
        key="other-method",
        age=18,
        kind="disclosure",
        person="yoshiko",
        answers={"scope": {"services": _MEMBER, "items": "入会申込書"}},
        method=_ONLINE,
        papers=("本人確認書類.png",),
        bounced=DECIDED,
        steps=(
            *opened(1, 2),
            choose(3, "electronic_record", "cd_r"),
            decide(
                11,
                Outcome.GRANTED,
                "D6_method",
                reason="入会申込書は紙で保管しており、電磁的記録にするには多額の費用を要します。",
                answer="写しを書面でお送りします。",
            ),
        ),
    ),
    Plot(
        key="partial-decided",
        age=24,
        kind="stop_provision_35_5",
        person="midori",
        answers={
            "scope": {"services": _STORE},
            "recipients": {"recipients": "見本広告社\n見本物流"},
            "ground": {
                "grounds": ["not_needed_35_5"],
                "circumstances": "退会したので、もう渡す必要はないはずです。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 3),
            decide_each(
                10,
                {"outcome": Outcome.GRANTED},
                {
                    "outcome": Outcome.PARTIAL,
                    "code": "U2_excess",
                    "reason": "未払いのご注文が1件あり、配送の記録は精算が終わるまで必要です。",
                    "withheld": "未払いのご注文についての提供",
                },
                answer="見本広告社への提供は停止しました。",
            ),
            approve(11),
        ),
    ),
    Plot(
        key="granted-in-full",
        age=38,
        kind="disclosure",
        person="hanako",
        answers={"scope": {"services": _STORE, "period": "昨年", "items": "注文の履歴"}},
        method=_ONLINE,
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            writes(6, "開示するデータがそろいました。最後の確認をしています。"),
            reads(7),
            decide(8, Outcome.GRANTED, answer="ご請求のデータをお渡しします。"),
            writes(8, "回答の書類を添付します。", "開示データ.pdf"),
            reads(9),
            close(10),
        ),
    ),
    Plot(
        key="deletion-granted",
        age=60,
        kind="deletion",
        person="ichiro",
        channel=Channel.COUNTER,
        no_email=True,
        answers={
            "scope": {"services": _MEMBER},
            "deletion": {
                "untrue": "支払いが遅れたという記録",
                "why": "期日に支払っています。通帳を窓口で見ていただきました。",
            },
        },
        papers=("通帳の写し.pdf",),
        steps=(
            *opened(0, 0, "counter"),
            asks(1, "支払いの遅れの記録を調べてください。", "members", "newsletter"),
            answers(2, "members", "nothing", by="owner"),
            answers(4, "newsletter", "found", "督促のメールの配信記録に1件あります。"),
            decide(8, Outcome.GRANTED, answer="調べた結果、入力の誤りでした。記録を削除します。"),
            approve(9),
            posts(9, "simple_registered", "123-45-67890-1"),
            asks(9, "支払いの遅れの記録を削除してください。", "newsletter"),
            answers(13, "newsletter", "done", "配信記録から削除しました。", "消去証明書.pdf"),
            close(14, "post"),
            posts(15, "simple_registered", "123-45-67890-2"),
        ),
    ),
    Plot(
        key="alternative-measure",
        age=75,
        kind="erasure",
        person="saito",
        answers={
            "scope": {"services": ["採用応募"], "items": "応募書類"},
            "ground": {
                "grounds": ["purpose_18"],
                "circumstances": "応募書類が研修の教材に使われていました。",
            },
        },
        papers=("本人確認書類.pdf",),
        steps=(
            *opened(1, 3),
            decide(
                12,
                Outcome.REFUSED,
                "U3_alternative",
                reason="配布済みの教材は紙で、すべてを回収して消去することは困難です。",
                measure="原本を消去し、今後の教材では使いません。配布先には廃棄を依頼しました。",
            ),
            approve(13),
            close(14),
        ),
    ),
    Plot(
        key="complaint-answered",
        age=40,
        kind="complaint",
        person="jiro",
        channel=Channel.PHONE,
        answers={
            "complaint": {
                "category": "handling",
                "details": "店頭で、ほかのお客様に聞こえる声で住所を読み上げられたとのこと。",
            }
        },
        steps=(
            take(0),
            start(0),
            note(2, "店舗の責任者に事情を確認した。申し出のとおりだった。"),
            decide(
                6,
                Outcome.ANSWERED,
                answer="ご不快な思いをおかけしました。今後は画面でご確認いただくように改めました。",
            ),
            posts(7, "ordinary"),
            close(7, "phone"),
        ),
    ),
    Plot(
        key="opt-out",
        age=30,
        kind="optout_27_2",
        person="naoki",
        answers={
            "scope": {"services": _MEMBER},
            "recipients": {"recipients": "見本名簿株式会社"},
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2, "registered_data"),
            decide(3, Outcome.GRANTED, answer="提供する名簿から、お客様の情報を外しました。"),
            close(4),
        ),
    ),
    Plot(
        key="abroad-refused",
        age=50,
        kind="transfer_info_28_3",
        person="alex",
        language="en",
        answers={
            "scope": {"services": _STORE},
            "recipients": {"recipients": "The cloud provider in the United States"},
        },
        papers=("passport.png",),
        steps=(
            *opened(1, 3),
            decide(
                9,
                Outcome.PARTIAL,
                "F1_operations",
                reason="The exact place of the servers would weaken their protection.",
                withheld="The addresses of the data centres",
                answer="The country, its rules and the measures taken are in the attached answer.",
            ),
            approve(10),
            writes(10, "Please find our answer attached.", "answer.pdf"),
            reads(11),
            close(12),
        ),
    ),
    Plot(
        key="not-held",
        age=45,
        kind="tp_record_disclosure",
        person="momoko",
        answers={
            "scope": {"services": _MEMBER, "period": "2022年から"},
            "recipients": {"recipients": "見本保険"},
        },
        method=_ONLINE,
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            decide(
                8,
                Outcome.NO_DATA,
                reason="見本保険への提供、または同社からの提供の記録はありません。",
            ),
            approve(9),
            close(10),
        ),
    ),
    Plot(
        key="identity-not-shown",
        age=55,
        kind="disclosure",
        person="aoi",
        answers={"scope": {"services": _MEMBER, "items": "すべて"}},
        method=_ONLINE,
        steps=(
            take(1),
            asks_proof(
                2,
                "本人確認書類がない",
                "本人確認書類が届いておりません。運転免許証などの写しをお送りください。",
            ),
            writes(14, "本人確認書類の期限が近づいています。ご不明な点はお知らせください。"),
            decide(
                19,
                Outcome.NOT_ACCEPTED,
                "T3_identity",
                reason="期限までに書類が届かず、ご本人であることを確認できませんでした。",
            ),
            close(20),
        ),
    ),
    Plot(
        key="withdrawn",
        age=33,
        kind="cease_use",
        person="midori",
        answers={
            "scope": {"services": _STORE},
            "ground": {
                "grounds": ["improper_19"],
                "circumstances": "購入の履歴によって表示される値段が違うようです。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            writes(4, "値段の表示の仕組みをまとめた資料をお送りします。", "表示の仕組み.pdf"),
            withdraw(6),
        ),
    ),
    Plot(
        key="correction-refused",
        age=80,
        kind="correction",
        person="reitaro",
        answers={
            "scope": {"services": ["採用応募"]},
            "correction": {
                "wrong": "面接の評価「B」",
                "right": "面接の評価「A」",
                "why": "よくできたと言われました。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            decide(
                9,
                Outcome.REFUSED,
                "C4_opinion",
                reason="面接の評価は面接者の判断であり、訂正の対象となる事実に当たりません。",
            ),
            approve(10),
            says(11, "分かりました。記録に私の意見を添えてもらうことはできますか。"),
            writes(12, "ご意見を記録に添えました。"),
            reads(12),
            close(13),
        ),
    ),
    Plot(
        key="harm-to-others",
        age=90,
        kind="disclosure",
        person="watanabe",
        answers={"scope": {"services": _MEMBER, "items": "私についてのお問い合わせの記録"}},
        method=_ONLINE,
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            decide(
                10,
                Outcome.PARTIAL,
                "D1_harm",
                reason="記録の一部に、情報を寄せた方が分かる内容が含まれています。",
                withheld="情報を寄せた方の氏名と連絡先",
            ),
            approve(11),
            writes(11, "開示できる部分を添付します。", "開示データ_一部.pdf"),
            close(13),
        ),
    ),
    Plot(
        key="purpose-evident",
        age=65,
        kind="purpose_notice",
        person="taichi",
        answers={
            "scope": {
                "services": ["メールマガジン「見本市だより」"],
                "items": "メールアドレス",
            }
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            decide(
                5,
                Outcome.REFUSED,
                "P1_evident",
                reason="利用目的は、申込みの画面とプライバシーポリシーで公表しています。",
            ),
            approve(6),
            close(7),
        ),
    ),
)
