"""A person at the form: reads which page is shown, types an answer, presses the button."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from dsar.law import shelf

ROOT = "/en/request/"
PEOPLE: dict[str, dict[str, str]] = {
    "agent": {
        "name": "見本 太郎",
        "relation": "父",
        "address": "東京都千代田区見本町4-5-6",
        "email": "taro@agent.example",
    },
    "principal": {
        "name": "見本 花子",
        "birth_date_year": "昭和63",
        "birth_date_month": "3",
        "birth_date_day": "15",
    },
    "address": {"postal_code": "１００００００", "address": "東京都千代田区見本町4-5-6"},
    "contact": {"email": "hanako＠person.example", "phone": "０９０ー００００ー００００"},
}
TYPED: dict[str, dict[str, Any]] = {
    **PEOPLE,
    "scope": {"period": "2025年4月から", "items": "登録内容"},
    "correction": {"wrong": "4-5-5", "right": "4-5-6", "why": "転居しました。"},
    "addition": {"missing": "解約", "why": "記録がありません。"},
    "deletion": {"untrue": "講座の記録", "why": "申し込んでいません。"},
    "purpose_objection": {"circumstances": "広告に使わないでください。"},
    "recipients": {"recipients": "見本広告社"},
    "complaint": {"category": "handling", "details": "案内が止まりません。"},
    "range": {"range": "all"},
}


def way_to(regime: str, kind: str) -> tuple[str, str]:
    """The codes of want and reason that lead to a kind; LookupError if none does."""
    for want in shelf.book().versions(regime)[-1].wants:
        if want.kind == kind:
            return want.code, ""
        for reason in want.reasons:
            if reason.kind == kind:
                return want.code, reason.code
    raise LookupError(f"nothing leads to {regime} {kind}")


class Walker:
    """One visitor. `pages` are the names of the pages seen, in order."""

    def __init__(self, client: Client, regime: str = "appi", kind: str = "disclosure") -> None:
        self.client = client
        self.rules = shelf.book().versions(regime)[-1]
        self.kind = self.rules.kinds[kind]
        want, reason = way_to(regime, kind)
        self.choices: dict[str, dict[str, Any]] = {
            "region": {"regime": regime},
            "want": {"want": want},
            "why": {"reason": reason},
            "controller": {"controller": "sample"},
            "requester": {"role": "self"},
        }
        self.pages: list[str] = []

    def typed(self, name: str) -> dict[str, Any]:
        """What this person answers on a page."""
        if name in self.choices:
            return self.choices[name]
        if name == "ground":
            typed: dict[str, Any] = {"grounds": [self.kind.grounds[0]]}
            return {**typed, "circumstances": "退会しました。"}
        if name == "method":
            method = self.rules.methods[self.kind.methods[0]]
            return {"chosen": f"{method.code}:{method.deliveries[0]}"}
        return TYPED[name]

    def get(self, name: str) -> Any:
        """Open a page by its name."""
        return self.client.get(f"{ROOT}{name}/")

    def post(self, name: str, data: dict[str, Any] | None = None) -> Any:
        """Send a page; without `data` with this person's own answer."""
        return self.client.post(f"{ROOT}{name}/", self.typed(name) if data is None else data)

    def walk(self, until: str = "check") -> str:
        """Go on from the start to a page, answering all before it; returns where it ended."""
        here = page_of(self.client.get(ROOT))
        while here != until:
            self.pages.append(here)
            if here == "about":
                here = page_of_url(self.get("about").context["next_url"])
                continue
            data = {} if here == "attachments" else self.typed(here)
            response = self.client.post(f"{ROOT}{here}/", data)
            assert response.status_code == 302, (here, errors_of(response))
            following = page_of(response)
            assert following != here, f"stuck at {here}"
            here = following
        self.pages.append(here)
        return here

    def send(self) -> Any:
        """Press the last button."""
        return self.client.post(f"{ROOT}check/", {"consent": "on"})


def page_of(response: Any) -> str:
    """The name of the page a redirect leads to."""
    assert response.status_code == 302, response.status_code
    return page_of_url(response["Location"])


def page_of_url(url: str) -> str:
    """The name of the page at an address."""
    return urlsplit(url).path.removeprefix(ROOT).strip("/") or "start"


def errors_of(response: Any) -> dict[str, Any]:
    """The errors a page shows, by field."""
    return dict(response.context["form"].errors) if response.context else {}
