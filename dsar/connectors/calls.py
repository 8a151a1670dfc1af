"""HTTP calls as they are declared: an address and a body with blanks for the person's attributes.

A blank such as `{email}` stands only where a value stands: as a whole value of the query, or as
a whole string of the body. So nothing a person wrote can change host, path or structure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext as _

from dsar.connectors.outcome import ATTRIBUTES, Failure, Values

_BLANK = re.compile(r"\{(\w+)\}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


class Unfit(ValueError):
    """A call is not taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `query` and `body` hold the blanks."""

    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: tuple[tuple[str, str], ...]
    body: Any
    names: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        """What an answer may lead on to, and nowhere else."""
        return self.scheme, self.host, self.port

    def url(self, values: Values) -> str:
        """The address with the blanks filled in."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        pairs = [(name, _filled(value, values)) for name, value in self.query]
        netloc = f"{host}:{self.port}"
        return urlunsplit((self.scheme, netloc, self.path, urlencode(pairs), ""))

    def content(self, values: Values) -> bytes | None:
        """The body as JSON."""
        if self.body is None:
            return None
        return json.dumps(_filled(self.body, values), ensure_ascii=False).encode()

    def check(self, values: Values) -> None:
        """Every blank must be known: an empty value might ask for everyone.

        Raises:
            Failure: "no_values".
        """
        if not all(values.get(name) for name in self.names):
            raise Failure("no_values")


def call(method: str, url: str, body_text: str) -> Call:
    """A call with blanks in query and body only.

    Raises:
        Unfit: another scheme, a blank elsewhere, or none at all.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").rstrip(".")
    except ValueError as error:
        raise Unfit(_("This is not an address.")) from error
    if parts.scheme not in ("https", "http") or not host or re.search(r"\s", url):
        raise Unfit(_("Write an address that begins with https://"))
    if parts.scheme == "http" and not may_be_private(host):
        raise Unfit(_("Use https: personal data does not travel in the clear."))
    if parts.username or parts.password:
        raise Unfit(_("No passwords in the address: put them in a header, by name."))
    if parts.fragment or _BLANK.search(f"{parts.netloc}{parts.path}"):
        raise Unfit(_("Blanks such as {email} may stand only as values after the question mark."))
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    structure = body(body_text)
    if any(_BLANK.search(name) for name, _value in query):
        raise Unfit(_("Blanks such as {email} may stand only as values after the question mark."))
    names = tuple(dict.fromkeys([*_blanks([value for _n, value in query]), *_blanks(structure)]))
    if not names:
        raise Unfit(_("The call must name the person, for example by ?email={email}."))
    return Call(
        method, parts.scheme, host.lower(), port, parts.path or "/", query, structure, names
    )


def body(text: str) -> Any:
    """The JSON of a body, or None for no body.

    Raises:
        Unfit: no JSON, or a blank that is not a whole string.
    """
    if not text:
        return None
    try:
        structure = json.loads(text)
    except ValueError as error:
        raise Unfit(_('Write JSON, for example {"email": "{email}"}.')) from error
    _blanks(structure)
    return structure


def headers(text: str, secret: re.Pattern[str]) -> dict[str, str]:
    """`Name: value` line by line; a blank in a value names a secret of the environment.

    Raises:
        Unfit: not a header, one that the portal writes itself, or a blank of another name.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not _HEADER.fullmatch(name) or not value or not value.isascii():
            raise Unfit(_("Write each line as: Header: value"))
        if name.lower() in _OURS:
            raise Unfit(_("The portal writes the header “%(name)s” itself.") % {"name": name})
        for blank in _BLANK.findall(value):
            if not secret.fullmatch(blank):
                raise Unfit(_("In a header, name a secret such as {CONNECTOR_SECRET_CRM_TOKEN}."))
        found[name] = value
    return found


def may_be_private(host: str) -> bool:
    """Whether the operator lets this host be on a private network."""
    return host.lower() in {entry.lower() for entry in settings.CONNECTOR_PRIVATE_HOSTS}


def fill_secrets(value: str, secret_of: Any) -> str:
    """A header's value with its secrets."""
    return _BLANK.sub(lambda match: str(secret_of(match.group(1))), value)


def _blanks(structure: Any) -> list[str]:
    """The attributes that a structure names."""
    if isinstance(structure, Mapping):
        if any(_BLANK.search(str(name)) for name in structure):
            raise Unfit(_("A blank may stand only as a value."))
        return [name for value in structure.values() for name in _blanks(value)]
    if isinstance(structure, list):
        return [name for value in structure for name in _blanks(value)]
    if not isinstance(structure, str) or not _BLANK.search(structure):
        return []
    whole = _BLANK.fullmatch(structure)
    if whole is None:
        raise Unfit(_("A blank such as {email} must be the whole value."))
    if whole.group(1) not in ATTRIBUTES:
        raise Unfit(
            _("“{%(name)s}” is not known. Use one of: %(known)s.")
            % {"name": whole.group(1), "known": ", ".join(f"{{{name}}}" for name in ATTRIBUTES)}
        )
    return [whole.group(1)]


def _filled(structure: Any, values: Values) -> Any:
    if isinstance(structure, Mapping):
        return {name: _filled(value, values) for name, value in structure.items()}
    if isinstance(structure, list):
        return [_filled(value, values) for value in structure]
    if isinstance(structure, str) and (whole := _BLANK.fullmatch(structure)):
        return values.get(whole.group(1)) or ""
    return structure
