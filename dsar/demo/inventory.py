"""The systems of the demo's companies, and who processes for them; made once a company."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from dsar.models import Controller, DataSystem, Processor, StaffMember

_PROCESSOR = ("サンプル配信株式会社", "Sample Mailing Inc.", "US", "privacy@mailing.example")
_SAMPLE = (
    # code, names, departments, categories, login of the data owner, address of another one
    (
        "members",
        ("会員基盤", "Membership system"),
        ("会員サービス部", "Member services"),
        ("会員登録の内容、問い合わせの履歴", "Membership details, enquiries"),
        "owner",
        "",
    ),
    (
        "store",
        ("オンラインストア受注管理", "Online store orders"),
        ("通信販売部", "Mail order"),
        ("注文、配送先、支払い方法", "Orders, delivery addresses, means of payment"),
        "",
        "store-data@sample.example",
    ),
    (
        "newsletter",
        ("メール配信", "Newsletter mailing"),
        ("広報部", "Public relations"),
        ("メールアドレス、配信と開封の記録", "E-mail addresses, mailings and openings"),
        "",
        "",
    ),
)
_OTHERS = (
    (
        "customers",
        ("顧客管理", "Customer records"),
        ("お客様相談室", "Customer care"),
        ("契約の内容、連絡の記録", "Contracts, contacts"),
        "",
        "",
    ),
)


def make_inventory(companies: Mapping[str, Controller], staff: Mapping[str, StaffMember]) -> None:
    """Systems for each company that has none."""
    bare = Controller.objects.filter(code__in=list(companies), systems=None)
    for controller in bare:
        with transaction.atomic():
            _make(controller, staff)


def _make(controller: Controller, staff: Mapping[str, StaffMember]) -> None:
    code, processor = controller.code, None
    if code == "sample":
        name_ja, name_en, country, email = _PROCESSOR
        processor = Processor.objects.create(
            controller=controller,
            name_ja=name_ja,
            name_en=name_en,
            country=country,
            contact_email=email,
        )
    rows = _SAMPLE if code == "sample" else _OTHERS
    for place, (system, names, departments, categories, login, address) in enumerate(rows):
        run_by = processor if system == "newsletter" else None
        made = DataSystem.objects.create(
            controller=controller,
            code=system,
            name_ja=names[0],
            name_en=names[1],
            department_ja=departments[0],
            department_en=departments[1],
            categories_ja=categories[0],
            categories_en=categories[1],
            owner_email=address or ("" if run_by or login else f"data-{code}@sample.example"),
            processor=run_by,
            country=run_by.country if run_by else "JP",
            position=place,
        )
        if login:
            made.owners.add(staff[login])
