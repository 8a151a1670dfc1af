"""The questions about people: the agent, the person concerned, where to reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dsar.components import (
    CleanText,
    DatePartsField,
    EmailField,
    PostalCodeField,
    TelephoneField,
)
from dsar.questions.base import LINE_LENGTH, NAME_LENGTH, Line, QuestionForm, leave_out
from dsar.questions.matter import Matter

EARLIEST_BIRTH = date(1900, 1, 1)


def _text(label: Any, *, autocomplete: str = "", length: int = NAME_LENGTH, **more: Any) -> Any:
    attrs = {"autocomplete": autocomplete} if autocomplete else {}
    return CleanText(label=label, max_length=length, widget=forms.TextInput(attrs=attrs), **more)


def _street(label: Any, *, autocomplete: str = "", **more: Any) -> Any:
    attrs = {"rows": 3, **({"autocomplete": autocomplete} if autocomplete else {})}
    return CleanText(
        label=label,
        multiline=True,
        max_length=LINE_LENGTH,
        widget=forms.Textarea(attrs=attrs),
        **more,
    )


class _About(QuestionForm):
    """Fields about a person; a browser must not fill in the wrong person's data."""

    def someone_else(self) -> None:
        """Switch automatic filling off: the fields are not about who types."""
        for field in self.fields.values():
            if hasattr(field.widget, "autocomplete"):
                field.widget.autocomplete = ""
            else:
                field.widget.attrs["autocomplete"] = "off"

    def postal_codes_by_law(self) -> None:
        """Take foreign postal codes where the law is not Japan's."""
        field = cast(PostalCodeField, self.fields["postal_code"])
        field.any_country = self.matter.known_rules.calendar != "JP"


class _AboutPrincipal(_About):
    """Fields about the person concerned; where they stand beside an agent's, they say so."""

    @classmethod
    def lines(cls, step: str, answer: Mapping[str, Any], matter: Matter) -> Iterator[Line]:
        """The answer in words; with an agent, each label says whose it is."""
        for line in super().lines(step, answer, matter):
            if matter.has_agent:
                label = _("%(label)s of the person concerned") % {"label": line.label}
                yield replace(line, label=label)
            else:
                yield line


class AgentForm(_About):
    """The person who acts for another; answers and questions go to them."""

    name = _text(_("Agent’s name"), autocomplete="name")
    kana = _text(
        _("Agent’s name in kana"),
        help_text=_("If you have one, for example ヤマダ タロウ."),
        required=False,
    )
    relation = _text(
        _("Relation to the person concerned"),
        help_text=_("For example mother, guardian, lawyer."),
    )
    postal_code = PostalCodeField(label=_("Agent’s postal code"), required=False)
    address = _street(_("Agent’s address"), autocomplete="street-address")
    email = EmailField(
        label=_("Agent’s e-mail address"),
        help_text=_("We write to this address about the request."),
    )
    phone = TelephoneField(label=_("Agent’s telephone number"), required=False)

    def prepare(self) -> None:
        """On paper only the name is certain; where no papers are asked, an address is too much."""
        self.postal_codes_by_law()
        if self.matter.at_desk:
            self.someone_else()
            leave_out(self, "relation", "address", "email")
        elif not self.matter.checks_person:
            del self.fields["postal_code"], self.fields["address"]


class PrincipalForm(_AboutPrincipal):
    """The person whose data the request is about."""

    name = _text(_("Full name"), autocomplete="name")
    kana = _text(
        _("Name in kana"),
        help_text=_("If you have one, for example ヤマダ タロウ."),
        required=False,
    )
    birth_date = DatePartsField(
        label=_("Date of birth"),
        help_text=_("Used to find the right person. Example: year 1980, month 4, day 1."),
        autocomplete="bday",
        earliest=EARLIEST_BIRTH,
    )
    former_name = _text(
        _("Former name"),
        help_text=_("If our records may carry a name you no longer use."),
        required=False,
    )

    def prepare(self) -> None:
        """Ask a date of birth only where the person has to be identified."""
        if not self.matter.checks_person:
            del self.fields["birth_date"], self.fields["former_name"]
        else:
            field = cast(DatePartsField, self.fields["birth_date"])
            field.latest = self.matter.today
            field.required = not self.matter.at_desk
        if self.matter.has_agent or self.matter.at_desk:
            self.someone_else()


class AddressForm(_AboutPrincipal):
    """Where the person concerned lives: to tell people apart, and for post."""

    postal_code = PostalCodeField(label=_("Postal code"), required=False)
    address = _street(_("Present address"), autocomplete="street-address")
    former_address = _street(
        _("Former address"),
        help_text=_("If our records may carry an address you no longer live at."),
        required=False,
    )

    def prepare(self) -> None:
        """Paper may lack it, but not where the answer is to travel by post."""
        self.postal_codes_by_law()
        if self.matter.at_desk:
            self.fields["address"].required = needs_address(self.matter.answers.get("method"), self)
        if self.matter.has_agent or self.matter.at_desk:
            self.someone_else()


class ContactForm(_AboutPrincipal):
    """How to reach the person concerned, and the number they are known by."""

    email = EmailField(
        label=_("E-mail address"), help_text=_("We write to this address about your request.")
    )
    phone = TelephoneField(
        label=_("Telephone number"),
        help_text=_("We call only if we cannot reach you by e-mail."),
        required=False,
    )
    customer_number = _text(
        _("Customer or member number"),
        help_text=_("If you know it, it helps us to find your data."),
        required=False,
    )

    def prepare(self) -> None:
        """With an agent the mail goes there; on paper there may be no address at all."""
        if self.matter.has_agent or self.matter.at_desk:
            leave_out(self, "email")
            self.fields["email"].help_text = ""
            self.someone_else()
        if self.matter.has_agent:
            self.fields["phone"].help_text = ""


def needs_address(method: Any, form: QuestionForm) -> bool:
    """Whether the delivery that was chosen needs a postal address."""
    code = (method or {}).get("delivery", "")
    delivery = form.matter.known_rules.deliveries.get(code)
    return delivery is not None and delivery.needs_address
