"""What is done to one release: approve, decline, renew, revoke, record that it was handed over."""

from __future__ import annotations

from datetime import date
from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import deadlines, ledger, release
from dsar.acts import APPROVE
from dsar.admin.act_form import WorkForm
from dsar.components import SummaryRow
from dsar.form_fields import CleanText, DatePartsField
from dsar.models import Case, Release, StaffMember
from dsar.widgets import RadioCards


def named(row: Release) -> str:
    """A release in one line."""
    at = row.released_at or row.proposed_at
    day = date_format(deadlines.today(row.case, at), "DATE_FORMAT")
    return _("%(way)s, %(day)s") % {"way": row.get_way_display(), "day": day}


class OneReleaseForm(WorkForm):
    """An act on one of the case's releases."""

    release = forms.ChoiceField(label=gettext_lazy("Which release?"), widget=RadioCards)

    def prepare(self) -> None:
        """Those for which it is possible; chosen already where there is one."""
        found = self.eligible(self.case, self.user)
        field = cast(forms.ChoiceField, self.fields["release"])
        field.choices = [(str(row.pk), named(row)) for row in found]
        if len(found) == 1:
            self.initial.setdefault("release", str(found[0].pk))

    @classmethod
    def eligible(cls, case: Case, user: StaffMember) -> list[Release]:
        """The releases for which it is possible now."""
        rows = case.releases.select_related("package__file")
        found = []
        for row in rows:
            row.case = row.package.case = case
            if cls.is_possible(row, user):
                found.append(row)
        return found

    @classmethod
    def is_possible(cls, row: Release, user: StaffMember) -> bool:
        """Whether it is possible for this release."""
        raise NotImplementedError

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """There must be one."""
        refused = super().refusal(case, user, today)
        if refused:
            return refused
        return (
            None
            if cls.eligible(case, user)
            else _("There is no release for which this is possible.")
        )

    def chosen(self) -> Release:
        """The release that was chosen."""
        pk = int(self.cleaned_data["release"])
        return next(row for row in self.eligible(self.case, self.user) if row.pk == pk)


class ApproveReleaseForm(OneReleaseForm):
    """The second pair of eyes agrees to the sending."""

    act = "approve_release"

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Approve the release")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only approvers."""
        if not user.has_perm(APPROVE):
            return _("Your role does not allow this.")
        return super().refusal(case, user, today)

    @classmethod
    def is_possible(cls, row: Release, user: StaffMember) -> bool:
        """Waiting, and proposed by someone else."""
        return release.why_not_approve(row, ledger.staff(user)) is None

    def intro(self) -> list[str]:
        """What happens."""
        return [_("Look at the package and at whom it goes to. Once approved, it is given.")]

    def rows(self) -> list[SummaryRow]:
        """What is waiting."""
        found = []
        for row in self.eligible(self.case, self.user):
            kept = row.package.file
            size = f" ({filesizeformat(kept.size)})" if kept else ""
            found.append(
                SummaryRow(label=named(row), value=f"{row.package.get_form_display()}{size}")
            )
            found.append(SummaryRow(label=_("Proposed by"), value=row.proposed_by.shown_name()))
        return found

    def run(self) -> None:
        """Approve."""
        release.approve(self.chosen(), by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("It is released.")


class DeclineReleaseForm(ApproveReleaseForm):
    """The second pair of eyes does not agree to the sending."""

    act = "decline_release"

    reason = CleanText(
        label=gettext_lazy("What should be changed"), multiline=True, rows=4, max_length=2000
    )

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Decline the release")

    def intro(self) -> list[str]:
        """What happens."""
        return [_("Nothing is given. The officer reads the reason in the history.")]

    def run(self) -> None:
        """Decline."""
        release.decline(self.chosen(), self.cleaned_data["reason"], by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("The release was declined.")


class RenewForm(OneReleaseForm):
    """Open a release of the portal for another while."""

    act = "renew_release"

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Renew the release")

    @classmethod
    def is_possible(cls, row: Release, user: StaffMember) -> bool:
        """Not revoked, and not of an earlier decision."""
        return release.why_not_renew(row) is None

    def intro(self) -> list[str]:
        """What happens."""
        return [_("Time and number of downloads begin anew. The person is told by e-mail.")]

    def run(self) -> None:
        """Renew."""
        release.renew(self.chosen(), by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("The release was renewed.")


class RevokeForm(OneReleaseForm):
    """Close a release at once."""

    act = "revoke_release"

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Revoke the release")

    @classmethod
    def is_possible(cls, row: Release, user: StaffMember) -> bool:
        """Open or waiting, and not out of the house already."""
        return row.state in release.LIVE and row.handed_on is None

    def intro(self) -> list[str]:
        """What happens."""
        return [
            _("It can no longer be fetched from now on. What was fetched already stays out there.")
        ]

    def run(self) -> None:
        """Revoke."""
        release.revoke(self.chosen(), by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("The release was revoked.")


class HandOverForm(OneReleaseForm):
    """Record that paper or disc was posted, or handed over at the counter."""

    act = "hand_over"

    on = DatePartsField(label=gettext_lazy("Handed over or posted on"))
    note = CleanText(
        label=gettext_lazy("Tracking number, or how the person proved who they are"),
        help_text=gettext_lazy(
            "At the counter: which document you saw. Do not write down its number."
        ),
        max_length=300,
    )

    def prepare(self) -> None:
        """Today, unless another day is entered."""
        super().prepare()
        self.initial.setdefault("on", self.today)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Record the handing over")

    @classmethod
    def is_possible(cls, row: Release, user: StaffMember) -> bool:
        """Of what goes by hand, and only once."""
        return release.why_not_hand_over(row) is None

    def clean_on(self) -> date | None:
        """Between the decision and today."""
        decided = self.case.decided_at
        return self.not_later("on", deadlines.today(self.case, decided) if decided else None)

    def clean(self) -> None:
        """Handing over cannot be before the release."""
        super().clean()
        on = self.cleaned_data.get("on")
        if on is None or "release" not in self.cleaned_data:
            return
        opened = self.chosen().released_at
        if opened is not None and on < deadlines.today(self.case, opened):
            self.add_error("on", ValidationError(_("It was released after this day.")))

    def run(self) -> None:
        """Record it."""
        given = self.cleaned_data
        release.hand_over(self.chosen(), given["on"], given["note"], by=self.by, at=self.at)

    def done(self) -> str:
        """Said afterwards."""
        return _("The handing over was recorded.")
