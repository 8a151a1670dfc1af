"""Two systems of the demo that really answer: a customer database and a folder of files.

Both are made under `DEMO_SYSTEMS` from the made-up people, once; what was erased there since
stays erased.
"""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from django.conf import settings

from dsar import collection, deadlines
from dsar.demo.people import PEOPLE
from dsar.demo.steps import HANDLER, Step, Turn
from dsar.models import Controller, DataSystem

DATABASE = "CONNECTOR_SECRET_DEMO_CRM"
_CRM = {
    "url_env": DATABASE,
    "search": (
        "SELECT number AS 会員番号, name AS 氏名, email AS メール, phone AS 電話,\n"
        "       registered_on AS 登録日, mailing AS 案内の配信\n"
        "FROM customers\n"
        "WHERE number = :customer_number OR (email = :email AND name = :name)\n"
        "ORDER BY registered_on"
    ),
    "changes": [
        {
            "kinds": ["appi.erasure", "appi.erasure_35_5", "gdpr.erasure", "ccpa.delete"],
            "statement": "DELETE FROM customers WHERE number = :customer_number",
            "verify": "SELECT id FROM customers WHERE number = :customer_number",
        },
        {
            "kinds": ["appi.cease_use", "appi.cease_use_35_5"],
            "statement": "UPDATE customers SET mailing = 0 WHERE number = :customer_number",
            "verify": "SELECT id FROM customers WHERE number = :customer_number AND mailing = 1",
        },
    ],
}
_POINTS = {
    "folder": "shops",
    "tables": "points = points-*.csv",
    "search": (
        "SELECT day AS 日付, shop AS 店舗, points AS ポイント\n"
        "FROM points\n"
        "WHERE number = :customer_number\n"
        "ORDER BY day"
    ),
}


def make_connected(companies: Mapping[str, Controller]) -> None:
    """The two systems of 株式会社サンプル and what they hold; what is there is left alone."""
    _make_database(settings.DEMO_SYSTEMS / "crm.sqlite3")
    _make_files(settings.DEMO_SYSTEMS / "files" / "shops")
    for code, names, categories, connector, given in (
        (
            "crm",
            ("顧客データベース", "Customer database"),
            ("会員の氏名、連絡先", "Members’ names and contacts"),
            DataSystem.Connector.SQL,
            _CRM,
        ),
        (
            "points",
            ("店舗ポイント", "Shop points"),
            ("来店の日と店舗、ポイント", "Visits to shops, points"),
            DataSystem.Connector.FOLDER,
            _POINTS,
        ),
    ):
        DataSystem.objects.get_or_create(
            controller=companies["sample"],
            code=code,
            defaults={
                "name_ja": names[0],
                "name_en": names[1],
                "department_ja": "情報システム部",
                "department_en": "Information systems",
                "categories_ja": categories[0],
                "categories_en": categories[1],
                "connector": connector,
                "settings": given,
                "position": 10,
            },
        )


def asks_connectors(day: int, *codes: str, purpose: str = "search") -> Step:
    """The officer puts the task to systems that answer by themselves; a worker has them do it."""

    def run(turn: Turn) -> None:
        case = turn.case
        systems = DataSystem.objects.filter(controller=case.controller, code__in=codes)
        collection.propose(case, systems, purpose=purpose)
        due_on = collection.default_due(case, deadlines.today(case, turn.at))
        tasks = case.tasks.filter(purpose=purpose, state="proposed", system__code__in=codes)
        for task in tasks.select_related("system"):
            task.case = case
            collection.ask(task, "", due_on, by=turn.by, at=turn.at)

    return Step(day, HANDLER, run)


def _members() -> list[dict[str, str]]:
    return [person for person in PEOPLE.values() if person.get("customer_number")]


def _make_database(path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.unlink(missing_ok=True)
    with closing(sqlite3.connect(half)) as database, database:
        database.execute(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, number TEXT, name TEXT, email TEXT,"
            " phone TEXT, registered_on TEXT, mailing INTEGER)"
        )
        for place, person in enumerate(_members()):
            row = [person[name] for name in ("customer_number", "name", "email", "phone")]
            day = f"{2019 + place % 6}-{1 + place % 12:02d}-{1 + place % 28:02d}"
            database.execute(
                "INSERT INTO customers (number, name, email, phone, registered_on, mailing)"
                " VALUES (?, ?, ?, ?, ?, 1)",
                (*row, day),
            )
    os.replace(half, path)


def _make_files(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for month in (4, 5, 6):
        path = folder / f"points-2026-{month:02d}.csv"
        if path.exists():
            continue
        half = path.with_suffix(".part")
        with half.open("w", newline="", encoding="utf-8") as output:
            lines = csv.writer(output)
            lines.writerow(("number", "day", "shop", "points"))
            for place, person in enumerate(_members()):
                if (place + month) % 3:
                    shop = ("見本店", "例示店", "雛形店")[place % 3]
                    day = f"2026-{month:02d}-{1 + (place * month) % 28:02d}"
                    lines.writerow((person["customer_number"], day, shop, 10 + place))
        os.replace(half, path)
