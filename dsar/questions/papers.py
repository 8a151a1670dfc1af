"""Which papers are usually asked for, by rule set and by who asks. Practice, not law.

Japan: what companies ask for under APPI Art. 37(1) and Cabinet Order Arts. 12-13. Elsewhere less
may be asked: under the GDPR only with reasonable doubts (Art. 12(6)), under the CCPA a signed
permission but no power of attorney (regulations §7063), and a signed declaration before the very
contents are shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dsar.models import RequesterRole
from dsar.questions.matter import HOME_REGIME, Matter


@dataclass(frozen=True)
class Papers:
    """Papers that show one thing: which thing, and what shows it."""

    title: Promise | str
    items: tuple[Promise | str, ...]


_IDENTITY = Papers(
    _("Who the person concerned is (one of these)"),
    (
        _("Driver’s licence"),
        _("Passport"),
        _("My Number card (front only)"),
        _("Residence card or special permanent resident certificate"),
        _(
            "Without a photo: two of health insurance confirmation, pension book, certificate of"
            " residence issued within 3 months"
        ),
    ),
)
_AGENTS_IDENTITY = Papers(
    _("Who the agent is (one of these)"),
    (
        _("Driver’s licence"),
        _("Passport"),
        _("My Number card (front only)"),
        _("For a lawyer: registration number"),
    ),
)
_STATUTORY = Papers(
    _("That you are the parent or guardian (one of these, issued within 3 months)"),
    (
        _("Family register extract (koseki)"),
        _("Certificate of residence that shows the relation"),
        _("For an adult under guardianship: certificate of registered matters"),
    ),
)
_MANDATE = Papers(
    _("That you were asked to act (both)"),
    (
        _("Letter of attorney for this request, with the registered seal"),
        _("Seal registration certificate of the person concerned, issued within 3 months"),
    ),
)
_ANY_IDENTITY = Papers(
    _("Who the person concerned is"),
    (_("Often nothing is needed. We ask only if we cannot tell who is asking."),),
)
_SIGNED_STATEMENT = Papers(
    _("Who the person concerned is"),
    (_("A statement, signed under penalty of perjury, that you are that person"),),
)
_PARENT = Papers(
    _("That you are the parent or guardian"),
    (_("A copy of the birth certificate, court order or the like"),),
)
_PERMISSION = Papers(
    _("That you were asked to act"),
    (_("A permission signed by the person concerned"),),
)

# What only the person may see needs a signed declaration (11 CCR §7062(c)).
_STATED = frozenset({"know_specific"})


def papers_for(matter: Matter) -> tuple[Papers, ...]:
    """The papers for a matter, by its rule set and who asks; none where no check is made."""
    if not matter.checks_person:
        return ()
    home = matter.known_rules.regime == HOME_REGIME
    if matter.role == RequesterRole.STATUTORY_AGENT:
        return (_STATUTORY, _AGENTS_IDENTITY) if home else (_PARENT,)
    if matter.role == RequesterRole.MANDATED_AGENT:
        return (_MANDATE, _AGENTS_IDENTITY) if home else (_PERMISSION,)
    if home:
        return (_IDENTITY,)
    return (_SIGNED_STATEMENT,) if matter.known_kind.code in _STATED else (_ANY_IDENTITY,)


def hides_numbers(matter: Matter) -> bool:
    """Whether the page tells which entries of Japanese papers to cover before copying."""
    return matter.checks_person and matter.known_rules.regime == HOME_REGIME
