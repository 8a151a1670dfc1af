"""What SQL is taken: one statement, bound to the person, and of the kind that was meant."""

from __future__ import annotations

import contextlib

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from dsar.connectors import statements
from dsar.connectors.outcome import ATTRIBUTES
from dsar.connectors.statements import Unsafe


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t WHERE email = :email",
        "select a.\"update\" from t a where a.mail like '%;' || :email".replace(";", ""),
        "WITH x AS (SELECT * FROM t WHERE n = :name) SELECT * FROM x;",
        "SELECT * FROM 顧客 WHERE 氏名 = :name AND note <> 'it''s, all'",
        "SELECT id::text FROM t WHERE at > '12:30' AND email = :email",
    ],
)
def test_a_query_that_reads_and_is_bound_is_taken(sql: str) -> None:
    assert set(statements.read(sql).names) <= set(ATTRIBUTES)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELECT 1",
        "SELECT * FROM t WHERE email = :mail",
        "SELECT * FROM t WHERE email = :email; DELETE FROM t",
        "SELECT * FROM t WHERE note = ';' AND email = :email",
        "SELECT * FROM t WHERE email = :email -- AND id = 1",
        "SELECT * FROM t WHERE email = :email /* x */",
        "SELECT * FROM t WHERE email = :email # x",
        "SELECT * FROM t WHERE note = 'a\\' OR email = :email",
        "SELECT $$ ' $$ FROM t WHERE email = :email",
        "SELECT * FROM t WHERE note = 'open AND email = :email",
        "SELECT * INTO copied FROM t WHERE email = :email",
        "SELECT * FROM t WHERE email = :email FOR UPDATE",
        "WITH x AS (DELETE FROM t WHERE email = :email RETURNING *) SELECT * FROM x",
        "DELETE FROM t WHERE email = :email",
        "PRAGMA table_info(:name)",
        "SELECT * FROM t WHERE :email IS NULL OR email = :email",
        "SELECT * FROM t WHERE email = coalesce(:email, email)",
        "SELECT * FROM t WHERE email LIKE concat('%', :email, '%')",
        "SELECT * FROM t WHERE email IS NOT DISTINCT FROM :email",
        "SELECT * FROM t WHERE email <> :email",
        "SELECT * FROM t WHERE email <=> :email",
    ],
)
def test_anything_else_is_refused_as_a_query(sql: str) -> None:
    with pytest.raises(Unsafe):
        statements.read(sql)


def test_a_change_of_one_table_is_taken_with_the_query_for_what_it_touches() -> None:
    erased = statements.change('DELETE FROM crm."Customers" WHERE (email = :email) AND x = 1')
    assert " ".join(erased.touched.for_sqlalchemy().split()) == (
        'select * from crm."Customers" where (email = :email ) AND x = 1'
    )
    changed = statements.change("UPDATE t SET name = '', by = :name WHERE email = :email;")
    assert (changed.statement.names, changed.touched.names) == (("name", "email"), ("email",))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t WHERE email = :email",
        "INSERT INTO t (email) VALUES (:email)",
        "DROP TABLE t",
        "DELETE FROM t",
        "UPDATE t SET email = :email",
        "DELETE FROM t WHERE id = 1",
        "UPDATE t SET note = :name WHERE id = 1",
        "DELETE FROM t USING other WHERE email = :email",
        "DELETE FROM t, other WHERE email = :email",
        "UPDATE t JOIN o ON 1 = 1 SET x = 1 WHERE email = :email",
        "UPDATE t SET x = o.x FROM o WHERE email = :email",
        "DELETE FROM t WHERE email = :email RETURNING *",
        "DELETE FROM t WHERE email = :email; DELETE FROM t",
        "DELETE FROM t WHERE email = :email DELETE FROM t",
        "DELETE FROM (SELECT 1) WHERE email = :email",
        "UPDATE t SET x = 1 WHERE email = :email OR :email IS NULL",
    ],
)
def test_anything_else_is_refused_as_a_change(sql: str) -> None:
    with pytest.raises(Unsafe):
        statements.change(sql)


def test_a_verification_returns_rows_not_their_number() -> None:
    assert statements.verification("SELECT id FROM t WHERE email = :email").names == ("email",)
    with pytest.raises(Unsafe, match=r"number|件数"):
        statements.verification("SELECT COUNT (*) FROM t WHERE email = :email")


@given(st.text(alphabet=":'\"`;-/*#\\$ \nabe=()emailSELECT1[]", max_size=60))
def test_whatever_is_taken_binds_exactly_what_it_says(text: str) -> None:
    try:
        found = statements.read(f"SELECT * FROM t WHERE email = :email {text}")  # noqa: S608
    except Unsafe:
        return
    bound = sqlalchemy.text(found.for_sqlalchemy())
    assert set(bound._bindparams) == set(found.names) <= set(ATTRIBUTES)
    assert str(bound.compile()).replace(" ", "").count(";") == 0


@given(st.text(max_size=80))
def test_no_text_makes_the_gate_stumble(text: str) -> None:
    for gate in (statements.read, statements.change, statements.verification):
        with contextlib.suppress(Unsafe):
            gate(text)
