"""The demo's companies, what they offer, when they are closed, and who works there.

Each company is made once, with its services and closing days, and each login once; what was
changed or added at the desk since is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from dsar.models import ClosingDay, Controller, PaymentWay, Service, StaffMember

PASSWORD = "madoguchi-demo"  # noqa: S105  # published: it opens nothing but the demo


@dataclass(frozen=True, slots=True)
class Company:
    """One company; services as (Japanese, English), payment as (way, Japanese, English)."""

    code: str
    name: tuple[str, str]
    address: tuple[str, str]
    phone: str
    regimes: tuple[str, ...]
    services: tuple[tuple[str, str], ...]
    fee_yen: int = 0
    payment: tuple[tuple[str, str, str], ...] = ()
    desk: tuple[str, str] = ("個人情報お客様相談窓口", "Personal Information Desk")
    accredited: tuple[str, str] = ("", "")
    second_check: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """One member of staff; the role is a group of migration 0002."""

    username: str
    last_name: str
    first_name: str
    role: str
    does: str
    companies: tuple[str, ...]
    language: str = "ja"


COMPANIES = (
    Company(
        "sample",
        ("株式会社サンプル", "Sample Co., Ltd."),
        ("東京都見本区例示町1-2-3 サンプルビル8階", "8F, 1-2-3 Reiji-cho, Mihon-ku, Tokyo"),
        "03-0000-0000",
        ("appi", "gdpr", "ccpa"),
        (
            ("サンプル会員サービス", "Sample Membership"),
            ("サンプルオンラインストア", "Sample Online Store"),
            ("メールマガジン「見本市だより」", "Newsletter “Sample Fair News”"),
            ("採用応募", "Job applications"),
        ),
    ),
    Company(
        "finance",
        ("サンプル・ファイナンス株式会社", "Sample Finance Co., Ltd."),
        ("東京都見本区例示町1-2-3 サンプルビル5階", "5F, 1-2-3 Reiji-cho, Mihon-ku, Tokyo"),
        "03-0000-0005",
        ("appi",),
        (
            ("サンプルカード", "Sample Card"),
            ("サンプル積立プラン", "Sample Savings Plan"),
        ),
        fee_yen=300,
        payment=(
            (
                "bank_transfer",
                "見本銀行 例示支店 普通 0000000 サンプル・ファイナンス（カ\n"
                "お振込人名の前に、受付番号の下4桁を付けてください。振込手数料はご負担願います。",
                "Mihon Bank, Reiji branch, ordinary account 0000000, Sample Finance Co., Ltd.\n"
                "Put the last four digits of the case number before your name.",
            ),
            (
                "postal_order",
                "300円分の定額小為替を、何も記入せずに、受付番号を書いたメモとともに郵送してください。",
                "Send a postal order of 300 yen, left blank, with a note of the case number.",
            ),
        ),
        accredited=("見本金融個人情報保護協会", "Sample Financial Privacy Association"),
        second_check=True,
    ),
    Company(
        "travel",
        ("サンプル・トラベル株式会社", "Sample Travel Co., Ltd."),
        ("大阪府例示市見本町4-5-6", "4-5-6 Mihon-cho, Reiji-shi, Osaka"),
        "06-0000-0000",
        ("appi",),
        (
            ("サンプル旅行予約", "Sample Travel Booking"),
            ("サンプル航空マイル", "Sample Miles"),
        ),
    ),
)
_ALL = tuple(company.code for company in COMPANIES)
STAFF = (
    Login("intake", "見本", "太郎", "intake", "enters requests from paper and telephone", _ALL),
    Login("officer", "例示", "花子", "officer", "works on cases", ("sample", "finance")),
    Login("officer2", "Sample", "Olivia", "officer", "works on cases", ("sample", "travel"), "en"),
    Login("approver", "雛形", "一郎", "approver", "approves decisions", _ALL),
    Login("auditor", "標本", "さくら", "auditor", "reads everything, changes nothing", _ALL),
    Login("owner", "模範", "次郎", "data_owner", "supplies a department's data", ("sample",)),
    Login("admin", "書式", "みどり", "administrator", "sets up the desk, sees no cases", _ALL),
)


def make_companies(today: date) -> dict[str, Controller]:
    """The companies by code; those that are missing are made."""
    for position, company in enumerate(COMPANIES):
        if not Controller.objects.filter(code=company.code).exists():
            with transaction.atomic():
                _make(company, position, today)
    return {row.code: row for row in Controller.objects.filter(code__in=_ALL)}


def _make(company: Company, position: int, today: date) -> None:
    controller = Controller.objects.create(
        code=company.code,
        name_ja=company.name[0],
        name_en=company.name[1],
        regimes=list(company.regimes),
        desk_email=f"desk-{company.code}@sample.example",
        address_ja=company.address[0],
        address_en=company.address[1],
        postal_code="000-0000",
        desk_name_ja=company.desk[0],
        desk_name_en=company.desk[1],
        accredited_org_ja=company.accredited[0],
        accredited_org_en=company.accredited[1],
        accredited_org_contact="03-0000-0009" if company.accredited[0] else "",
        second_check=company.second_check,
        phone=company.phone,
        fee_yen=company.fee_yen,
        position=position,
    )
    PaymentWay.objects.bulk_create(
        PaymentWay(
            controller=controller,
            code=code,
            instructions_ja=japanese,
            instructions_en=english,
            position=place,
        )
        for place, (code, japanese, english) in enumerate(company.payment)
    )
    Service.objects.bulk_create(
        Service(controller=controller, name_ja=name[0], name_en=name[1], position=place)
        for place, name in enumerate(company.services)
    )
    if position == 0:
        days = _foundation_days(controller, today) + _summer_closure(today)
        ClosingDay.objects.bulk_create(days, ignore_conflicts=True)


def _foundation_days(controller: Controller, today: date) -> list[ClosingDay]:
    """A day soon to come, so that due dates can be seen to pass over it; and a year later."""
    day = today + timedelta(days=9)
    while day.weekday() >= 5 or (day.month, day.day) == (2, 29):
        day += timedelta(days=1)
    return [
        ClosingDay(controller=controller, day=each, name_ja="創立記念日", name_en="Foundation day")
        for each in (day, day.replace(year=day.year + 1))
    ]


def _summer_closure(today: date) -> list[ClosingDay]:
    return [
        ClosingDay(day=date(year, 8, day), name_ja="夏季休業", name_en="Summer closure")
        for year in (today.year, today.year + 1)
        for day in (13, 14, 15)
    ]


def make_staff(companies: dict[str, Controller]) -> dict[str, StaffMember]:
    """The logins by username; those that are missing are made, all with `PASSWORD`."""
    names = [login.username for login in STAFF]
    there = set(StaffMember.objects.filter(username__in=names).values_list("username", flat=True))
    missing = [login for login in STAFF if login.username not in there]
    hashed = make_password(PASSWORD) if missing else ""  # slow on purpose: once is enough
    for login in missing:
        with transaction.atomic():
            user = StaffMember.objects.create(
                username=login.username,
                last_name=login.last_name,
                first_name=login.first_name,
                email=f"{login.username}@sample.example",
                language=login.language,
                is_staff=True,
                password=hashed,
            )
            user.groups.add(Group.objects.get(name=login.role))
            user.controllers.add(*(companies[code] for code in login.companies))
    return {row.username: row for row in StaffMember.objects.filter(username__in=names)}
