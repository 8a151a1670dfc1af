"""Texts with named blanks such as `{case_number}`, as mail and letters have them.

Filling is one pass of replacement from a fixed list; a stored text is never run as code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

SUBJECT_LETTERS = 200
BLANK = re.compile(r"\{([a-z_]+)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values into blanks, once; lines with an empty value are left out.

    Raises KeyError for a blank that has no entry in `values`.
    """
    kept = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        names = BLANK.findall(line)
        if all(values[name] for name in names):
            kept.append(BLANK.sub(lambda found: values[found[1]], line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n") + "\n"


def faults(
    subject: str, body: str, known: Collection[str], essential: Collection[str] = ()
) -> list[str]:
    """What is wrong with a text, in the reader's words; empty when it can be used.

    Args:
        known: the blanks there are.
        essential: those that the body must have.
    """
    found = []
    if not subject.strip():
        found.append(_("Write a subject."))
    if not body.strip():
        found.append(_("Write the text."))
    if len(subject.splitlines()) > 1 or len(subject) > SUBJECT_LETTERS:
        found.append(
            _("The subject is one line of at most %(count)d characters.")
            % {"count": SUBJECT_LETTERS}
        )
    used = dict.fromkeys(BLANK.findall(f"{subject}\n{body}"))
    found += [
        _("“{%(blank)s}” is no blank of this text. These are: %(known)s.")
        % {"blank": blank, "known": ", ".join(f"{{{entry}}}" for entry in known)}
        for blank in used
        if blank not in known
    ]
    if set("{}") & set(BLANK.sub("", subject) + BLANK.sub("", body)):
        found.append(_("A brace stands alone. A blank is written like {case_number}."))
    found += [
        _("“{%(blank)s}” must be in the text: without it it is of no use.") % {"blank": blank}
        for blank in essential
        if blank not in BLANK.findall(body)
    ]
    return found
