"""The demo's register of third-party provision: what was given to and came from made-up firms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from dsar import provisions
from dsar.demo.people import PEOPLE
from dsar.models import Controller, ThirdPartyProvision

_PARTNERS = (
    ("provided", "consent", "株式会社見本広告社", "", "氏名、メールアドレス"),
    ("provided", "consent", "見本物流株式会社", "", "氏名、住所、電話番号"),
    ("received", "consent", "株式会社例示カード", "申込書からの取得", "氏名、利用の状況"),
)
_PRINCIPALS = ("yoshida", "momoko", "hanako", "ichiro")


def make_register(companies: Mapping[str, Controller], today: date) -> None:
    """Some records of 株式会社サンプル; a register that holds any is left alone."""
    controller = companies["sample"]
    if ThirdPartyProvision.objects.filter(controller=controller).exists():
        return
    for place, key in enumerate(_PRINCIPALS):
        person = PEOPLE[key]
        for direction, basis, party, acquired, items in _PARTNERS[: 1 + place % len(_PARTNERS)]:
            on = today - timedelta(days=120 + 30 * place)
            given = {
                "direction": direction,
                "provided_on": on,
                "basis": basis,
                "manner": "each",
                "party_name": party,
                "party_address": "東京都見本区例示町1-1",
                "how_acquired": acquired,
                "items": items,
                "name": person["name"],
                "email": person["email"],
                "customer_number": person["customer_number"],
            }
            provisions.add(controller, given, by=None, on=on)
