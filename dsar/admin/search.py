"""Finding a case by its number or by exactly what is known of the person.

Personal data never stands in an address: what is typed is posted, and what the next page gets
are the keyed tokens of it (`dsar.vault.blind_index`), which mean nothing outside the portal.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata

from dsar import reference, vault
from dsar.models import Case, Person, SearchToken, StaffMember
from dsar.vault import INDEX_BYTES

MOST = 500
"""So many cases of one person or name are found at most; newer ones first."""


def by_number(typed: str, user: StaffMember) -> Case | None:
    """The case of that number among those the user may see."""
    number = reference.read_case_number(typed)
    if number is None:
        return None
    return Case.objects.visible_to(user).filter(number=number).first()


def looks_like_number(typed: str) -> bool:
    """Whether a case number was meant: twelve digits and nothing but separators."""
    folded = unicodedata.normalize("NFKC", typed)
    digits = [ch for ch in folded if ch.isdecimal()]
    return len(digits) == 12 and not any(ch.isalpha() for ch in folded) and "@" not in folded


def tokens_of(typed: str) -> str:
    """What was typed as tokens for an address, one a searched field; empty for nothing."""
    found = [
        vault.blind_index(field, typed)
        for field in Person.SEARCHED
        if vault.normalise(field, typed)
    ]
    return base64.urlsafe_b64encode(b"".join(found)).decode()


def cases_with(tokens: str) -> list[int]:
    """Ids of the cases that bear one of the tokens; nothing for tokens that are none."""
    try:
        raw = base64.b64decode(tokens, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return []
    if not raw or len(raw) % INDEX_BYTES or len(raw) > INDEX_BYTES * len(Person.SEARCHED):
        return []
    wanted = [raw[i : i + INDEX_BYTES] for i in range(0, len(raw), INDEX_BYTES)]
    rows = SearchToken.objects.filter(token__in=wanted).order_by("-case").values_list("case")
    return [row[0] for row in rows.distinct()[:MOST]]
