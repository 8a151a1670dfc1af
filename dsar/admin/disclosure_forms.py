"""What the desk does with a disclosure: put together and release."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import decision, disclosure, release
from dsar.admin import law_words
from dsar.admin.act_form import WorkForm
from dsar.admin.release_forms import (
    ApproveReleaseForm,
    DeclineReleaseForm,
    HandOverForm,
    RenewForm,
    RevokeForm,
)
from dsar.components import SummaryRow
from dsar.models import Case, Package, Release, StaffMember
from dsar.widgets import RadioCards

FAULTS = {
    "given_up": gettext_lazy("Building it was broken off several times. Tell the administrator."),
    "erased": gettext_lazy("The content of the case was destroyed."),
    "too_large": gettext_lazy(
        "There is too much to print in one file. Give it on the portal or on disc."
    ),
    "unreadable": gettext_lazy("A file cannot be read: it is missing or was altered."),
    "no_pdf": gettext_lazy("No PDF can be drawn on this machine. Tell the administrator."),
    "outdated": gettext_lazy("The case was changed meanwhile. Put it together again."),
    "error": gettext_lazy("Something went wrong. Tell the administrator."),
}
_APART, _PORTAL = "apart", "portal"


def current(case: Case) -> list[Package]:
    """The packages of the decision that stands, the newest of each form."""
    found: dict[str, Package] = {}
    for row in case.packages.select_related("file"):
        row.case = case
        if row.decided_at == case.decided_at:
            found[row.form] = row
    return list(found.values())


class BuildForm(WorkForm):
    """Put together what the person gets."""

    act = "build_package"

    form = forms.ChoiceField(
        label=gettext_lazy("In which form?"), choices=Package.Form, widget=RadioCards
    )

    def prepare(self) -> None:
        """The form that the person's choice needs comes first."""
        usual = disclosure.usual_form(self.case)
        self.initial.setdefault("form", usual)
        field: Any = self.fields["form"]
        field.widget.hints = {usual: _("For the way that the person chose.")}

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Put the data together")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only what was granted, and only once everything is ready."""
        return super().refusal(case, user, today) or disclosure.why_not_build(case)

    def rows(self) -> list[SummaryRow]:
        """What goes in, and how the person wants it."""
        way = law_words.method_in_words(self.case, self.case.method, self.case.delivery)
        titles = [row.title for row in disclosure.included(self.case)]
        return [
            SummaryRow(label=_("Method and delivery"), value=way or "–"),
            SummaryRow(label=_("Given to the person"), value=titles),
        ]

    def run(self) -> None:
        """Ask for it."""
        disclosure.order(self.case, self.cleaned_data["form"], by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("The data is being put together. This page shows how far it is.")


def _ways(case: Case) -> list[tuple[Package, str]]:
    """Which package can be released how, now."""
    return [
        (package, way)
        for package in current(case)
        for way in release.WAYS[package.form]
        if release.why_not_release(package, way) is None
    ]


class ReleaseForm(WorkForm):
    """Give a package to the person."""

    act = "release"

    what = forms.ChoiceField(label=gettext_lazy("How is it given?"), widget=RadioCards)
    passphrase = forms.ChoiceField(
        label=gettext_lazy("How does the person learn the passphrase?"),
        choices=[
            (_APART, gettext_lazy("From you, by letter or telephone")),
            (_PORTAL, gettext_lazy("On the portal, with a fresh one-time code")),
        ],
        initial=_APART,
        widget=RadioCards,
    )

    def prepare(self) -> None:
        """Only what is ready; the way chosen by the person is marked."""
        ways = _ways(self.case)
        usual = release.usual_way(self.case)
        field: Any = self.fields["what"]
        field.choices = [
            (f"{package.pk}:{way}", f"{Release.Way(way).label} – {package.get_form_display()}")
            for package, way in ways
        ]
        chosen = [f"{package.pk}:{way}" for package, way in ways if way == usual]
        if chosen:
            field.widget.hints = {chosen[0]: _("The way that the person chose.")}
            self.initial.setdefault("what", chosen[0])
        if not any(package.form == Package.Form.LOCKED for package, _way in ways):
            del self.fields["passphrase"]
        elif not self.case.email():
            passphrase: Any = self.fields["passphrase"]
            passphrase.choices = passphrase.choices[:1]

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        if decision.sending_needs_approval(case):
            return _("Release (goes to approval)")
        return _("Release")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only a package that is ready and current."""
        refused = super().refusal(case, user, today)
        if refused:
            return refused
        if not disclosure.gives(case):
            return disclosure.why_not_build(case)
        if not _ways(case):
            return _("Nothing is ready to be released.")
        return None

    def intro(self) -> list[str]:
        """What happens."""
        if decision.sending_needs_approval(self.case):
            return [_("A colleague who may approve looks at it before it leaves the house.")]
        return [_("The person is told by e-mail that it is there, where it goes by the portal.")]

    def run(self) -> None:
        """Release, or propose to."""
        pk, _colon, way = self.cleaned_data["what"].partition(":")
        package = next(row for row in current(self.case) if row.pk == int(pk))
        tells = self.cleaned_data.get("passphrase") == _PORTAL
        release.propose(package, way, by=self.by, at=self.at, tells_passphrase=tells)

    def done(self) -> str:
        """Said afterwards."""
        if decision.sending_needs_approval(self.case):
            return _("The release waits for approval by a second person.")
        return _("It is released.")


FORMS = (
    BuildForm,
    ReleaseForm,
    ApproveReleaseForm,
    DeclineReleaseForm,
    RenewForm,
    RevokeForm,
    HandOverForm,
)
