"""Settings: every fault is told at its field, and no setting reaches for the portal's keys."""

from __future__ import annotations

from typing import Any

import pytest

from dsar.connectors import declared
from dsar.connectors.outcome import Failure
from tests.dsar.connectors.conftest import SQL_SETTINGS, http_settings

HTTPS = "https://crm.example"


def faults(connector: str, given: dict[str, Any]) -> set[str]:
    with pytest.raises(declared.Misconfigured) as refused:
        declared.read(connector, given)
    assert all(refused.value.faults.values())
    return set(refused.value.faults)


def test_complete_settings_are_read() -> None:
    sql: Any = declared.read("sql", SQL_SETTINGS)
    assert (sql.row_limit, sql.timeout, len(sql.changes)) == (5000, 30, 2)
    http: Any = declared.read("http", http_settings(HTTPS))
    assert http.changes[0].verify == http.search


@pytest.mark.parametrize("connector", ["sql", "http", "folder"])
def test_nothing_declared_is_told_field_by_field(connector: str) -> None:
    expected = {
        "sql": {"url_env", "search"},
        "http": {"url"},
        "folder": {"folder", "tables", "search"},
    }
    assert faults(connector, {}) == expected[connector]


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"url_env": "DATABASE_URL"}, {"url_env"}),
        ({"url_env": "VAULT_KEYS"}, {"url_env"}),
        ({"row_limit": 0}, {"row_limit"}),
        ({"timeout": 9999}, {"timeout"}),
        ({"timeout": "soon"}, {"timeout"}),
        ({"changes": [{}]}, {"statement_1", "verify_1", "kinds_1"}),
        ({"changes": [SQL_SETTINGS["changes"][0]] * 2}, {"kinds_2"}),
    ],
)
def test_a_fault_in_a_database_is_told_at_its_field(more: Any, wrong: set[str]) -> None:
    assert faults("sql", {**SQL_SETTINGS, **more}) == wrong


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"url": "ftp://crm.example/?email={email}"}, {"url"}),
        ({"url": "http://crm.example/?email={email}"}, {"url"}),
        ({"url": "https://user:pass@crm.example/?email={email}"}, {"url"}),
        ({"url": "https://{name}.example/?email={email}"}, {"url"}),
        ({"url": "https://crm.example/{email}"}, {"url"}),
        ({"url": "https://crm.example/?{email}=1"}, {"url"}),
        ({"url": "https://crm.example/?q=x-{email}"}, {"url"}),
        ({"url": "https://crm.example/?email={mail}"}, {"url"}),
        ({"url": "https://crm.example/?email=1"}, {"url"}),
        ({"url": "https://crm.example:port/?email={email}"}, {"url"}),
        ({"body": "{"}, {"body"}),
        ({"body": '{"{email}": 1}'}, {"body"}),
        ({"method": "DELETE"}, {"method"}),
        ({"headers": "Authorization: {VAULT_KEYS}"}, {"headers"}),
        ({"headers": "Host: other.example"}, {"headers"}),
        ({"headers": "no header"}, {"headers"}),
        ({"rows": "items"}, {"rows"}),
        (
            {
                "changes": [
                    {
                        "kinds": ["appi.erasure"],
                        "url": "https://other.example/?e={email}",
                        "verify_url": "https://crm.example:8443/?e={email}",
                    }
                ]
            },
            {"url_1", "verify_url_1"},
        ),
    ],
)
def test_a_fault_in_an_interface_is_told_at_its_field(more: Any, wrong: set[str]) -> None:
    assert faults("http", {**http_settings(HTTPS), **more}) == wrong


@pytest.mark.parametrize(
    "files",
    ["", "points", "a = x.txt", "a = /etc/x.csv", "a = ../x.csv", "a = x.csv\na = y.csv"],
)
def test_files_are_named_inside_the_folder(settings: Any, tmp_path: Any, files: str) -> None:
    settings.CONNECTOR_FOLDERS = [str(tmp_path)]
    given = {"folder": ".", "tables": files, "search": "SELECT * FROM a WHERE email = :email"}
    assert faults("folder", given) == {"tables"}


def test_a_secret_is_read_by_its_name_and_no_other_variable(settings: Any) -> None:
    settings.CONNECTOR_SECRETS = {"CONNECTOR_SECRET_A": "x", "SECRET_KEY": "y"}
    assert declared.secret("CONNECTOR_SECRET_A") == "x"
    for name in ("SECRET_KEY", "CONNECTOR_SECRET_B", "CONNECTOR_SECRET_a"):
        with pytest.raises(Failure, match="secret"):
            declared.secret(name)
