"""How an identity and an agent's authority were checked (APPI Art. 37(1), Order Arts. 12, 13).

The papers themselves are not described: which kind was shown is enough for the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsar.identity.acts import CHECKED_HERE

METHODS: dict[str, str | Promise] = {
    "photo_id": _("One paper with a photograph (driving licence, My Number card, passport)"),
    "two_papers": _("Two papers without a photograph (pension book, certificate of residence)"),
    "account": _("Signed in to their account with us"),
    "registered_data": _("Compared with registered data, and called or wrote back"),
    "seal": _("Registered seal with its certificate"),
    "counter": _("Original papers seen at the counter"),
    "other": _("Another way (say which in the note)"),
}
AUTHORITIES: dict[str, str | Promise] = {
    "family_register": _("Family register (parent, guardian of a minor)"),
    "guardian_record": _("Record of guardianship"),
    "mandate": _("Letter of mandate by the principal"),
    "other_authority": _("Another paper (say which in the note)"),
}


def in_words(facts: Mapping[str, Any]) -> str:
    """The check of a `confirm_identity` event."""
    if facts.get("check_method") == CHECKED_HERE:
        return str(_("as recorded in this case"))
    known = [
        METHODS.get(facts.get("check_method", "")),
        AUTHORITIES.get(facts.get("authority", "")),
    ]
    return " / ".join(str(name) for name in known if name)
