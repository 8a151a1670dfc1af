"""Proofs by post or online: a letter sent and delivered, an account or a provider judged."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import identity
from dsar.admin.identity_forms import NO_NUMBERS
from dsar.admin.identity_notes import IdentityForm
from dsar.components import SummaryRow
from dsar.form_fields import CleanText
from dsar.identity import posting
from dsar.models import Case, IdentityProof, StaffMember, Subject
from dsar.widgets import RadioCards


class PostForm(IdentityForm):
    """Post a tracked letter to the address of the request, with a code in it."""

    act = "identity_post"

    subject = forms.ChoiceField(label=gettext_lazy("What is to be proven?"), widget=RadioCards)
    tracking = CleanText(
        label=gettext_lazy("Tracking number"),
        help_text=gettext_lazy(
            "Of simple registered mail, mail to the addressee only, or other tracked post."
        ),
        max_length=60,
    )

    def prepare(self) -> None:
        """The identities; an authority is not proven by an address."""
        self.choose_subject(authority=False)

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Post a letter with a code")

    def intro(self) -> list[str]:
        """What happens."""
        return [
            _("After saving, print the letter from the identity card of the case and post it."),
            _("The address is proven when the person enters the code, or by a record of delivery."),
        ]

    def rows(self) -> list[SummaryRow]:
        """Where it goes."""
        return [
            SummaryRow(label=person.name, value=[person.postal_code, person.address])
            for subject in identity.subjects(self.case)
            if subject != Subject.AUTHORITY
            and (person := posting.person_of(self.case, subject)) is not None
        ]

    def submit_label(self) -> str:
        """The button."""
        return _("Save")

    def run(self) -> None:
        """Note it."""
        identity.post_letter(
            self.case,
            self.chosen_subject(),
            self.cleaned_data["tracking"],
            by=self.by,
            at=self.at,
        )


class _OneProofForm(IdentityForm):
    """An act on one proof of the case that is in a state for it."""

    proof = forms.ChoiceField(label=gettext_lazy("Which one?"), widget=RadioCards)
    verdict = forms.ChoiceField(label=gettext_lazy("Verdict"), widget=RadioCards)
    note = CleanText(
        label=gettext_lazy("Note"), help_text=NO_NUMBERS, multiline=True, rows=3, required=False
    )

    @classmethod
    def open_proofs(cls, case: Case) -> list[IdentityProof]:
        """The proofs that wait for this act."""
        raise NotImplementedError

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Only while one waits."""
        refusal = super().refusal(case, user, today)
        if refusal is None and not cls.open_proofs(case):
            return _("No such proof waits to be looked at.")
        return refusal

    def prepare(self) -> None:
        """The waiting ones; a single one need not be chosen."""
        self.waiting = self.open_proofs(self.case)
        field: Any = self.fields["proof"]
        field.choices = [
            (str(row.pk), f"{row.get_method_display()} ({row.get_subject_display()})")
            for row in self.waiting
        ]
        if len(self.waiting) == 1:
            self.initial["proof"] = str(self.waiting[0].pk)
            field.required = False
            field.widget = forms.HiddenInput()

    def chosen(self) -> IdentityProof:
        """The chosen proof, or the only one."""
        pk = self.cleaned_data.get("proof") or self.initial["proof"]
        return next(row for row in self.waiting if str(row.pk) == pk)

    def submit_label(self) -> str:
        """The button."""
        return _("Save the result")


class DeliveryForm(_OneProofForm):
    """What became of a posted letter."""

    act = "identity_delivery"

    def prepare(self) -> None:
        """Arrived or not."""
        super().prepare()
        field: Any = self.fields["verdict"]
        field.choices = [
            ("accepted", _("It was delivered to the addressee")),
            ("rejected", _("It came back, or cannot be traced")),
        ]
        self.fields["note"].help_text = _("For example: delivery record of the carrier, with day.")

    @classmethod
    def open_proofs(cls, case: Case) -> list[IdentityProof]:
        """Letters under way."""
        return _knowing(case, identity.letters_under_way(case))

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Record the delivery of the letter")

    def run(self) -> None:
        """Record."""
        given = self.cleaned_data
        arrived = given["verdict"] == "accepted"
        identity.record_delivery(self.chosen(), arrived, given["note"], by=self.by, at=self.at)


class JudgeProofForm(_OneProofForm):
    """What an account or a provider told, held beside the request."""

    act = "identity_judge"

    def prepare(self) -> None:
        """Accept or not."""
        super().prepare()
        field: Any = self.fields["verdict"]
        field.choices = [
            ("accepted", _("It is the person of the request")),
            ("rejected", _("It is not, or that cannot be told")),
        ]

    @classmethod
    def open_proofs(cls, case: Case) -> list[IdentityProof]:
        """What was shown and not looked at."""
        return _knowing(case, case.identity_proofs.filter(state=IdentityProof.State.SHOWN))

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading."""
        return _("Check what was shown online")

    def rows(self) -> list[SummaryRow]:
        """Both sides, and whether they agree."""
        says = {True: _("agrees"), False: _("differs"), None: _("cannot be compared")}
        return [
            SummaryRow(
                label=f"{proof.get_method_display()}: {label}",
                value=[
                    _("Shown: %(text)s") % {"text": told},
                    _("Request: %(text)s") % {"text": asked or "–"},
                    says[fits],
                ],
            )
            for proof in self.waiting
            for label, told, asked, fits in identity.comparison(self.case, proof)
        ]

    def run(self) -> None:
        """Judge."""
        given = self.cleaned_data
        identity.judge_proof(
            self.chosen(),
            accepted=given["verdict"] == "accepted",
            note=given["note"],
            by=self.by,
            at=self.at,
        )


def _knowing(case: Case, rows: Any) -> list[IdentityProof]:
    """Rows that know their case, so that its key is not fetched again for each."""
    found = list(rows)
    for row in found:
        row.case = case
    return found
