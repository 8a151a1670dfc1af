"""Readers of the environment: a missing or unsafe value stops the start with one line.

`config/settings.py` is the only module that calls these.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import sys
import warnings
from email.utils import getaddresses
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

_env = environ.Env()
_YES = frozenset({"1", "true", "yes", "on", "y"})
_NO = frozenset({"0", "false", "no", "off", "n"})


def refuse(name: str, why: str) -> NoReturn:
    """Stop the start with one line that names the variable and says what to set."""
    sys.stderr.write(f"madoguchi: {name} {why}\n")
    raise SystemExit(2)


def text(name: str, default: str | None = None) -> str:
    """The variable's text; `default=None` makes it required."""
    value: str = _env.str(name, default="") or (default or "")
    if not value and default is None:
        refuse(name, "is not set. See docs/reference/environment.md.")
    return value


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable; a word that is neither is refused, so that a slip switches nothing."""
    value = text(name, "yes" if default else "no").strip().lower()
    if value not in _YES | _NO:
        refuse(name, "must be yes or no.")
    return value in _YES


def number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """A whole number from `least` to `most`."""
    try:
        value = int(_env.int(name, default=default))
    except ValueError:
        refuse(name, "must be a whole number.")
    if value < least or (most is not None and value > most):
        refuse(name, f"must be {least} or more." if most is None else f"must be {least} to {most}.")
    return value


def zone(name: str, default: str) -> str:
    """A time zone's name such as Asia/Tokyo."""
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        refuse(name, "is not a time zone such as Asia/Tokyo.")
    return value


def items(name: str, default: list[str] | None = None) -> list[str]:
    """A comma-separated list; `default=None` makes it required and not empty."""
    values = [str(v).strip() for v in _env.list(name, default=default or []) if str(v).strip()]
    if not values and default is None:
        refuse(name, "is not set. See docs/reference/environment.md.")
    return values


def beginning_with(prefix: str) -> dict[str, str]:
    """Every variable whose name begins with `prefix` and that is not empty."""
    return {
        name: value for name, value in _env.ENVIRON.items() if name.startswith(prefix) and value
    }


def database(name: str, default: str | None = None) -> dict[str, object]:
    """A database URL such as postgres://user:password@host:5432/name."""
    url = text(name, default)
    try:
        with warnings.catch_warnings(action="ignore"):  # said below, in one line
            config = dict(_env.db_url_config(url))
    except (ValueError, environ.ImproperlyConfigured):
        config = {}
    if not config.get("ENGINE"):
        refuse(name, "is not a database URL such as postgres://user:password@host:5432/name.")
    return config


def mail(name: str, default: str | None = None, *, server: bool = False) -> dict[str, object]:
    """A mail URL such as smtp+tls://user:password@host:587, as Django's settings.

    With `server` it must lead to a mail server: mail to a file or a log leaves its codes there.
    """
    try:
        config = dict(_env.email_url_config(text(name, default)))
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        refuse(name, "is not a mail URL such as smtp+tls://user:password@host:587.")
    if server and not (".smtp." in str(config["EMAIL_BACKEND"]) and config["EMAIL_HOST"]):
        refuse(name, "must name a mail server in production: smtp+tls://user:password@host:587.")
    return config


def sender(name: str, default: str | None = None) -> str:
    """One mail address, with or without a name: Desk <privacy@example.jp>."""
    value = text(name, default).strip()
    found = getaddresses([value])
    try:
        if len(found) != 1 or not value.isprintable():
            raise ValidationError("")
        validate_email(found[0][1])
    except ValidationError:
        refuse(name, "is not a mail address such as privacy@example.jp.")
    return value


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of the words of `allowed`, which are in capitals; typed in any case."""
    value = text(name, default).strip().upper()
    if value not in allowed:
        refuse(name, f"must be one of {', '.join(allowed)}.")
    return value


def web_path(name: str, default: str, taken: frozenset[str]) -> str:
    """The first part of an address, without slashes around it; none of those that are `taken`."""
    value = text(name, default).strip().strip("/")
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", value):
        refuse(name, "must be a path of letters, digits, - and _, such as desk.")
    if value.partition("/")[0] in taken:
        refuse(name, f"must not begin with {value.partition('/')[0]}: the portal's own pages do.")
    return value


def key(name: str, default: str | None = None) -> bytes:
    """32 bytes written in base64."""
    return _key_bytes(name, text(name, default))


def keys(name: str, default: str | None = None) -> list[tuple[str, bytes]]:
    """Named keys, newest first: `k2:<base64 of 32 bytes>,k1:<base64 of 32 bytes>`."""
    found: list[tuple[str, bytes]] = []
    for entry in text(name, default).split(","):
        label, colon, encoded = entry.strip().partition(":")
        if not colon or not label or len(label.encode()) > 32:
            refuse(name, "must be written name:base64key[,name:base64key], newest first.")
        if label in dict(found):
            refuse(name, f"names the key {label!r} twice.")
        found.append((label, _key_bytes(name, encoded)))
    return found


def named(prefix: str) -> dict[str, str]:
    """Every variable that begins with the prefix, by the rest of its name."""
    return {
        name.removeprefix(prefix): text
        for name, text in os.environ.items()
        if name.startswith(prefix) and text
    }


def folder(name: str, default: Path) -> Path:
    """A folder's path."""
    return Path(text(name, str(default)))


def _key_bytes(name: str, encoded: str) -> bytes:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        refuse(name, "must be base64. Make one: openssl rand -base64 32")
    if len(raw) != 32:
        refuse(name, "must hold 32 bytes. Make one: openssl rand -base64 32")
    return raw
