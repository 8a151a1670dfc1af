"""Requests to 株式会社サンプル under Japan's Act that are being worked on."""

from __future__ import annotations

from dsar.demo.material_steps import gather, redact
from dsar.demo.plot import Plot
from dsar.demo.proving import asks_proof, looks, shows
from dsar.demo.searching import answers, asks
from dsar.demo.steps import (
    about_newest,
    accept,
    approve,
    ask,
    assign,
    close,
    decide,
    extend,
    identify,
    investigate,
    merge,
    note,
    opened,
    reopen,
    resume,
    says,
    send_back,
    start,
    take,
    writes,
)
from dsar.models import Channel, Outcome, RequesterRole

VISITORS_CASE = "visitor"
"""The case whose number and receipt code are printed, for a visitor to look it up."""

_ONLINE = ("electronic_record", "portal_download")
_BY_POST = ("paper", "post_kan-i_kakitome")
_STORE = ["サンプルオンラインストア"]
_MEMBER = ["サンプル会員サービス"]

UNDER_WAY = (
    Plot(
        key=VISITORS_CASE,
        age=6,
        kind="disclosure",
        person="hanako",
        answers={
            "scope": {
                "services": [*_MEMBER, *_STORE],
                "period": "入会した2023年4月ごろから現在まで",
                "items": "会員登録の内容\n注文・お問い合わせの履歴",
            }
        },
        method=_ONLINE,
        papers=("本人確認書類_表.png", "本人確認書類_裏.png"),
        steps=(
            *opened(1, 2),
            writes(
                2,
                "ご本人であることを確認しました。お問い合わせの履歴には電話の録音も含まれます。\n"
                "録音の開示もご希望でしょうか。",
            ),
            says(2, "はい、録音もお願いします。電話したときの控えを添付します。", "電話の控え.png"),
            asks(
                3,
                "会員登録・注文・問い合わせの記録を提出してください（2023年4月以降）。",
                "members",
                "store",
                "newsletter",
            ),
            note(3, "録音は2件。ほかの方の声が入る箇所がないか、部門に確認を依頼した。"),
            writes(
                4,
                "ありがとうございます。対象のデータを集めています。期日までに回答します。\n"
                "回答の見本を添付しますので、形式をご確認ください。",
                "回答の見本.pdf",
            ),
            answers(
                4,
                "members",
                "found",
                "会員登録の内容と履歴です。録音は別途お渡しします。",
                "会員履歴.csv",
                "会員登録.pdf",
                by="owner",
            ),
            answers(5, "newsletter", "nothing"),
            gather(5),
            redact(5),
        ),
    ),
    Plot(
        key="purpose-new",
        age=1,
        kind="purpose_notice",
        person="jiro",
        answers={"scope": {"services": _MEMBER, "items": "会員登録で入力した電話番号"}},
        papers=("運転免許証の写し.png",),
    ),
    Plot(
        key="long-name-new",
        age=0,
        kind="disclosure",
        person="jugemu",
        answers={"scope": {"services": ["採用応募"], "items": "応募書類と選考の記録"}},
        method=("other_set_by_business", "counter"),
        confirmed=False,
    ),
    Plot(
        key="overdue",
        age=17,
        kind="disclosure",
        person="ichiro",
        answers={"scope": {"services": _STORE, "period": "過去3年分", "items": "注文の履歴"}},
        method=_BY_POST,
        papers=("住民票の写し.pdf", "年金手帳の写し.pdf"),
        steps=(
            *opened(1, 3, "two_papers"),
            asks(4, "過去3年分の注文の履歴を提出してください。", "store", days=6),
            note(9, "倉庫システムからの抽出が遅れている。担当部門に2回催促した。"),
            says(15, "回答の期日を過ぎそうですが、いつごろになりますか。"),
        ),
    ),
    Plot(
        key="due-today",
        age=14,
        kind="correction",
        person="takahashi",
        answers={
            "scope": {"services": _MEMBER},
            "correction": {
                "wrong": "お名前「高橋」",
                "right": "お名前「髙橋」（はしごだか）",
                "why": "運転免許証のとおりです。",
            },
        },
        papers=("運転免許証の写し.png",),
        steps=(
            *opened(1, 2),
            asks(3, "登録されているお名前の漢字を確認してください。", "members", "store"),
            answers(5, "store", "found", "配送伝票の宛名は「高」で登録されています。"),
            note(7, "会員基盤は「髙」を保存できる。配送伝票の側の文字を確認中。"),
        ),
    ),
    Plot(
        key="stopped",
        age=9,
        kind="tp_record_disclosure",
        person="yoshida",
        answers={
            "scope": {"services": _MEMBER, "period": "2024年から"},
            "recipients": {"recipients": "見本広告社と、そのグループ会社"},
        },
        method=_ONLINE,
        steps=(
            shows(0, "drivers_licence", "principal", "運転免許証.png"),
            take(1),
            looks(2, "drivers_licence", "写真が不鮮明で、住所を読み取れません。"),
            asks_proof(
                2,
                "写真が不鮮明で住所を読み取れない",
                "お送りいただいた写真が不鮮明で、住所を読み取れませんでした。\n"
                "お手数ですが、もう一度撮影してお送りください。",
            ),
        ),
    ),
    Plot(
        key="answered-while-stopped",
        age=11,
        kind="addition",
        person="naoki",
        answers={
            "scope": {"services": ["メールマガジン「見本市だより」"]},
            "addition": {
                "missing": "今年の3月に配信停止を申し込んだこと",
                "why": "停止の記録がないため、案内が届き続けています。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            take(1),
            accept(1),
            ask(
                3,
                "申込みの控えが必要",
                "配信停止を申し込まれたときの控えや、完了画面の写しがあればお送りください。",
            ),
            says(9, "完了メールの画面を撮影しました。ご確認ください。", "配信停止の完了画面.png"),
        ),
    ),
    Plot(
        key="resumed",
        age=15,
        kind="deletion",
        person="aoi",
        answers={
            "scope": {"services": _STORE},
            "deletion": {
                "untrue": "昨年12月の注文の記録（商品2点）",
                "why": "注文していません。同じ名前の別の方の記録だと思います。",
            },
        },
        papers=("本人確認書類.pdf",),
        steps=(
            *opened(1, 2),
            ask(
                3,
                "どの注文か特定できない",
                "お心当たりのない注文が2件あります。どちらの注文か、商品名をお知らせください。",
            ),
            says(7, "見本ノートと見本ペンの注文です。"),
            resume(8, "対象の注文を特定できた"),
        ),
    ),
    Plot(
        key="extended",
        age=12,
        kind="stop_provision_35_5",
        person="reitaro",
        handler="officer2",
        answers={
            "scope": {"services": _MEMBER, "items": "購買の履歴と、興味のある分野の登録"},
            "recipients": {"recipients": ""},
            "ground": {
                "grounds": ["harm_35_5"],
                "circumstances": "退会の後も、知らない会社から勧誘の電話が続いています。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            assign(1),
            accept(1),
            identify(2),
            extend(4, "提供先が5社あり、それぞれの記録の照合に時間を要するためです。"),
            says(5, "分かりました。よろしくお願いします。"),
            writes(6, "ご理解いただきありがとうございます。新しい期日までに回答します。"),
            asks(8, "興味のある分野の登録と、提供の有無を調べてください。", "members", days=10),
            note(9, "5社のうち3社から回答あり。"),
        ),
    ),
    Plot(
        key="minor",
        age=4,
        kind="erasure_35_5",
        person="kenta",
        role=RequesterRole.STATUTORY_AGENT,
        agent="mother",
        answers={
            "scope": {"services": _MEMBER, "items": "子どもが登録した名前、写真、投稿"},
            "ground": {
                "grounds": ["not_needed_35_5"],
                "circumstances": "親の同意がないまま登録していたため、先月退会しました。",
            },
        },
        steps=(
            shows(0, "family_register", "authority", "戸籍謄本の写し.pdf"),
            shows(0, "drivers_licence", "agent", "母の運転免許証.png"),
            take(1),
            accept(1),
            looks(2, "drivers_licence"),
        ),
    ),
    Plot(
        key="waiting-for-approval",
        age=10,
        kind="stop_provision",
        person="noriko",
        role=RequesterRole.MANDATED_AGENT,
        agent="lawyer",
        channel=Channel.POST,
        answers={
            "scope": {"services": _MEMBER},
            "recipients": {"recipients": "見本名簿株式会社"},
            "ground": {
                "grounds": ["third_party_27"],
                "circumstances": "同意していないのに名簿会社へ情報が渡っている疑いがあります。",
            },
        },
        papers=("請求書.pdf", "委任状.pdf", "印鑑登録証明書.pdf"),
        steps=(
            *opened(1, 3, "seal", "mandate"),
            note(5, "提供記録を過去5年分調べたが、該当する提供は見つからない。"),
            decide(
                7,
                Outcome.REFUSED,
                "U1_unfounded",
                reason="過去5年分の提供記録を調べましたが、ご指摘の会社への提供はありませんでした。",
            ),
        ),
    ),
    Plot(
        key="partial-for-approval",
        age=11,
        kind="cease_use",
        person="watanabe",
        handler="officer2",
        answers={
            "scope": {"services": _STORE, "items": "メールアドレスと電話番号"},
            "ground": {
                "grounds": ["purpose_18"],
                "circumstances": "修理の連絡のために伝えた電話番号に、広告の電話がありました。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            decide(
                8,
                Outcome.PARTIAL,
                "U2_excess",
                reason="修理の進み具合をお知らせするための利用は、お伝えした目的の範囲内です。",
                withheld="修理の連絡のための電話番号の利用",
                answer="広告のための利用は停止しました。",
            ),
        ),
    ),
    Plot(
        key="sent-back",
        age=9,
        kind="erasure",
        person="momoko",
        answers={
            "scope": {"services": ["採用応募"], "items": "適性検査の結果"},
            "ground": {
                "grounds": ["acquisition_20"],
                "circumstances": "任意と説明されましたが、受けないと応募できませんでした。",
            },
        },
        papers=("本人確認書類.png",),
        steps=(
            *opened(1, 2),
            decide(5, Outcome.REFUSED, "U1_unfounded", reason="適正に取得しています。"),
            send_back(6, "説明の画面に何と書いてあったか、確認した結果を具体的に書いてください。"),
            note(7, "当時の応募画面の写しを採用部門に依頼した。"),
        ),
    ),
    Plot(
        key="phone-new",
        age=2,
        kind="cease_use_35_5",
        person="saito",
        channel=Channel.PHONE,
        no_email=True,
        answers={
            "scope": {"services": ["メールマガジン「見本市だより」"]},
            "ground": {
                "grounds": ["not_needed_35_5"],
                "circumstances": "紙の案内状が今も届く。もう取引はないので止めてほしいとのこと。",
            },
        },
    ),
    Plot(
        key="complaint-news",
        age=8,
        kind="complaint",
        person="taichi",
        answers={
            "complaint": {
                "category": "contact",
                "details": "配信を断ったのに、週に3通ほど案内が届きます。止めてください。",
            }
        },
        steps=(
            take(1),
            start(1),
            writes(2, "ご迷惑をおかけしております。届いた案内の件名をお知らせいただけますか。"),
            says(7, "件名は「見本市だより 特別号」です。画面を添付します。", "届いた案内.png"),
        ),
    ),
    Plot(
        key="email-identity",
        age=3,
        kind="transfer_info_28_3",
        person="alex",
        channel=Channel.EMAIL,
        language="en",
        answers={
            "scope": {"services": _MEMBER},
            "recipients": {"recipients": "The support centre in Singapore"},
        },
        papers=("residence-card.png",),
        steps=(assign(1), accept(1)),
    ),
    Plot(
        key="reopened",
        age=12,
        kind="disclosure",
        person="takahashi",
        answers={"scope": {"services": _STORE, "items": "ポイントの履歴"}},
        method=_ONLINE,
        papers=("運転免許証の写し.png",),
        steps=(
            *opened(0, 1, "account"),
            decide(3, Outcome.NO_DATA, reason="ポイントの履歴は2年で消去しています。"),
            approve(4),
            close(4),
            reopen(9, "ご本人から、旧会員番号での履歴があるはずとの電話があった。"),
            note(10, "旧会員番号の台帳を確認中。"),
        ),
    ),
    Plot(
        key="asked-twice",
        age=1,
        kind="cease_use_35_5",
        person="saito",
        answers={
            "scope": {"services": ["メールマガジン「見本市だより」"]},
            "ground": {
                "grounds": ["not_needed_35_5"],
                "circumstances": "電話でもお願いしましたが、紙の案内状を止めてください。",
            },
        },
        steps=(merge(1, "電話で受け付けた案件と同じ内容。"),),
    ),
    Plot(
        key="complaint-about-case",
        age=6,
        kind="complaint",
        person="midori",
        answers={
            "complaint": {
                "category": "answer",
                "details": "提供を止めてほしいという請求への回答に、納得できません。",
            }
        },
        steps=(
            take(1),
            start(1),
            about_newest(1),
            investigate(
                3,
                "先の案件の決定通知と、提供先の一覧（法務部に確認）",
                "一部を認めなかった理由の説明が短く、提供先の名前が書かれていなかった。",
            ),
        ),
    ),
    Plot(
        key="two-at-once",
        age=3,
        kind="disclosure",
        person="noriko",
        answers={"scope": {"services": _MEMBER, "items": "登録している住所と電話番号"}},
        method=_ONLINE,
        further=(
            (
                "correction",
                {
                    "scope": {"services": _MEMBER},
                    "correction": {
                        "wrong": "以前の住所のまま",
                        "right": "住民票の写しのとおり",
                        "why": "先月転居しました。",
                    },
                },
            ),
        ),
        papers=("住民票の写し.pdf",),
        steps=(take(1), accept(1)),
    ),
)
