"""What SQL an administrator may declare: one statement, bound to the person, read or change.

This is a gate against mistakes, not against an administrator who means harm: the account the
portal signs in with should be allowed no more than its task needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dsar.connectors.outcome import ATTRIBUTES

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<literal>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
    | (?P<cast>::)
    | (?P<bind>:[A-Za-z_]\w*)
    | (?P<word>[^\W\d]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<sign><=>|<>|!=|--|/\*|\*/|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CHANGES = frozenset(
    (
        *("alter", "analyze", "attach", "call", "commit", "copy", "create", "delete", "detach"),
        *("do", "drop", "exec", "execute", "export", "grant", "import", "insert", "install"),
        *("into", "load", "lock", "merge", "pragma", "refresh", "reindex", "release", "rename"),
        *("revoke", "rollback", "savepoint", "set", "truncate", "update", "upsert", "use"),
        "vacuum",
    )
)
_NULL_TAKING = frozenset(
    ("coalesce", "concat", "concat_ws", "ifnull", "isnull", "nullif", "nvl", "nvl2")
)
"""Functions that turn a missing value into one that matches other people's rows."""


class Unsafe(ValueError):
    """A statement is not taken; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a statement; words in lower case under `word`."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""


@dataclass(frozen=True, slots=True)
class Read:
    """A query that reads: its pieces, and the attributes it is bound to."""

    tokens: tuple[Token, ...]
    names: tuple[str, ...]

    def for_sqlalchemy(self) -> str:
        """For `sqlalchemy.text`: colons that bind nothing are escaped."""
        return "".join(
            f" {token.text} " if token.kind == "bind" else token.text.replace(":", r"\:")
            for token in self.tokens
        )

    def for_duckdb(self) -> str:
        """For DuckDB, which writes `$name`."""
        return "".join(
            f" ${token.text[1:]} " if token.kind == "bind" else token.text for token in self.tokens
        )


@dataclass(frozen=True, slots=True)
class Change:
    """An UPDATE or DELETE of one table, and the query for the rows that it touches."""

    statement: Read
    touched: Read


def read(sql: str) -> Read:
    """A query that reads.

    Raises:
        Unsafe: more than one statement, something that changes, or nothing bound to the person.
    """
    tokens = _checked(sql)
    if tokens[0].word not in ("select", "with"):
        raise Unsafe(_("A query that reads begins with SELECT or WITH."))
    for token in tokens:
        if token.word in _CHANGES:
            raise Unsafe(
                _("“%(word)s” is not taken in a query that reads. Put a name like it in quotes.")
                % {"word": token.text}
            )
    return Read(tokens, _bound(tokens))


def verification(sql: str) -> Read:
    """A query that finds what a change should have removed.

    Raises:
        Unsafe: see `read`; or it counts, where no row must be left.
    """
    found = read(sql)
    words = [token for token in found.tokens if token.kind != "space"]
    if len(words) > 2 and words[1].word == "count" and words[2].text == "(":
        raise Unsafe(
            _("Write a query that returns the rows that should be gone, not their number.")
        )
    return found


def change(sql: str) -> Change:
    """`UPDATE table SET … WHERE …` or `DELETE FROM table WHERE …`.

    Raises:
        Unsafe: another form, or a condition that is not bound to the person.
    """
    tokens = _checked(sql)
    solid = [token for token in tokens if token.kind != "space"]
    first = solid[0].word
    if first not in ("update", "delete"):
        raise Unsafe(_("A change begins with UPDATE or DELETE."))
    where = _top_level(tokens, "where")
    if where is None:
        raise Unsafe(_("A change needs a WHERE that is bound to the person."))
    body = tokens[where + 1 :]
    if not any(token.kind == "bind" for token in body):
        raise Unsafe(_("A change needs a WHERE that is bound to the person."))
    _only_one_change(tokens, first)
    table = _table(tokens[:where], first)
    names = _bound(tokens)
    select = (*_words("select * from "), *table, *_words(" where "), *body)
    return Change(Read(tokens, names), Read(select, _bound(body)))


def _only_one_change(tokens: tuple[Token, ...], first: str) -> None:
    allowed = {"update": {"update", "set"}, "delete": {"delete"}}[first]
    seen: set[str] = set()
    for token in tokens:
        word = token.word
        if word == "returning" or (word in _CHANGES and (word not in allowed or word in seen)):
            raise Unsafe(_("“%(word)s” is not taken in a change.") % {"word": token.text})
        seen.add(word)


def _table(head: tuple[Token, ...], first: str) -> tuple[Token, ...]:
    """The table's name between the first word and SET or WHERE."""
    solid = [token for token in head if token.kind != "space"][1:]
    if first == "delete":
        if not solid or solid[0].word != "from":
            raise Unsafe(_("Write a deletion as DELETE FROM table WHERE …"))
        name = solid[1:]
    else:
        at = next((n for n, token in enumerate(solid) if token.word == "set"), None)
        if at is None:
            raise Unsafe(_("Write a change as UPDATE table SET … WHERE …"))
        name = solid[:at]
        if any(token.word == "from" for token in _outside(solid[at:])):
            raise Unsafe(_("A change names one table: no FROM, USING or JOIN beside it."))
    steps = [token.kind in ("word", "quoted") for token in name[::2]]
    dots = [token.text == "." for token in name[1::2]]
    if not steps or len(name) % 2 == 0 or not all(steps) or not all(dots):
        raise Unsafe(_("A change names one table: no FROM, USING or JOIN beside it."))
    return tuple(name)


def _checked(sql: str) -> tuple[Token, ...]:
    """The pieces of one statement without comments, by which nothing can hide."""
    text = sql.strip().removesuffix(";").strip()
    if not text:
        raise Unsafe(_("Write the statement."))
    if ";" in text:
        raise Unsafe(_("Only one statement is taken: leave out what follows the semicolon."))
    if "\\" in text or "$" in text or "\0" in text:
        raise Unsafe(_("Backslashes and dollar signs are not taken."))
    tokens = tuple(_tokens(text))
    for token in tokens:
        if token.text in ("--", "/*", "*/", "#"):
            raise Unsafe(_("Comments are not taken."))
        if token.kind == "sign" and token.text in ("'", '"', "`"):
            raise Unsafe(_("A quotation mark is not closed."))
    _bound(tokens)
    _bound_plainly(tokens)
    return tokens


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        yield Token(str(match.lastgroup), match.group())


def _words(text: str) -> Iterator[Token]:
    return _tokens(text)


def _bound(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    """The attributes in the order of their first use."""
    names = tuple(dict.fromkeys(token.text[1:] for token in tokens if token.kind == "bind"))
    for name in names:
        if name not in ATTRIBUTES:
            raise Unsafe(
                _("“:%(name)s” is not known. Use one of: %(known)s.")
                % {"name": name, "known": ", ".join(f":{known}" for known in ATTRIBUTES)}
            )
    if not names:
        raise Unsafe(
            _("The statement must be bound to the person, for example by WHERE email = :email.")
        )
    return names


def _bound_plainly(tokens: tuple[Token, ...]) -> None:
    """A value that is missing, and is then NULL, must not make other people's rows match."""
    solid = [token for token in tokens if token.kind != "space"]
    calls: list[str] = []
    for at, token in enumerate(solid):
        if token.text == "(":
            calls.append(solid[at - 1].word if at else "")
        elif token.text == ")" and calls:
            calls.pop()
        if token.kind != "bind":
            continue
        before = solid[at - 1] if at else token
        after = solid[at + 1] if at + 1 < len(solid) else token
        odd = bool({"is", "distinct", "isnull", "notnull"} & {before.word, after.word})
        odd = odd or (before.word == "from" and at > 1 and solid[at - 2].word == "distinct")
        unlike = {"<=>", "<>", "!="} & {before.text, after.text}
        if odd or unlike or any(call in _NULL_TAKING for call in calls):
            raise Unsafe(
                _(
                    "Compare “%(name)s” with a column by = or LIKE: written like this, other"
                    " people’s rows match when the value is not known."
                )
                % {"name": token.text}
            )


def _top_level(tokens: tuple[Token, ...], word: str) -> int | None:
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.word == word:
            return at
    return None


def _outside(tokens: list[Token]) -> Iterator[Token]:
    """The pieces that stand in no brackets."""
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            yield token
