"""Requests whose data lies in systems with a connector: a worker has them answer."""

from __future__ import annotations

from dsar.demo.connected import asks_connectors
from dsar.demo.plot import Plot
from dsar.demo.steps import approve, decide, note, opened
from dsar.models import Outcome

CONNECTED = (
    Plot(
        key="connected-search",
        age=5,
        kind="disclosure",
        person="noriko",
        answers={
            "scope": {
                "services": ["サンプル会員サービス"],
                "period": "2026年4月から6月まで",
                "items": "会員登録の内容と、店舗でのポイントの履歴",
            }
        },
        method=("electronic_record", "portal_download"),
        papers=("本人確認書類.pdf",),
        steps=(
            *opened(1, 2),
            asks_connectors(3, "crm", "points"),
            note(3, "会員データベースと店舗ポイントは自動で検索される。"),
        ),
    ),
    Plot(
        key="connected-erasure",
        age=13,
        kind="erasure_35_5",
        person="taichi",
        answers={
            "scope": {"services": ["サンプル会員サービス"], "items": "会員登録の内容のすべて"},
            "ground": {
                "grounds": ["not_needed_35_5"],
                "circumstances": "昨年退会しましたが、会員登録の内容が残っています。",
            },
        },
        papers=("本人確認書類.pdf",),
        steps=(
            *opened(1, 2),
            decide(6, Outcome.GRANTED, answer="会員登録の内容を消去します。"),
            approve(7),
            asks_connectors(8, "crm", purpose="carry_out"),
            note(8, "試行の結果を承認者が確認してから消去する。"),
        ),
    ),
)
