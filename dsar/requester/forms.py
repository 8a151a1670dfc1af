"""What the returning person types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dsar import files, reference
from dsar.components import CleanText, MultipleFilesField, PortalForm, RadioCards
from dsar.models import Case

MESSAGE_LETTERS = 10_000


class SignInForm(PortalForm):
    """Case number and receipt code. Only slips of typing are told; they disclose nothing."""

    show_requirement = False

    number = forms.CharField(
        label=_("Case number"),
        help_text=_("12 digits, for example 2611-4839-2075. It is on your receipt."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "input-medium"}
        ),
    )
    receipt_code = forms.CharField(
        label=_("Receipt code"),
        help_text=_(
            "16 letters and digits, shown once when you sent the request. "
            "Capitals, small letters and hyphens make no difference."
        ),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_number(self) -> str:
        """The bare number."""
        typed = self.cleaned_data["number"]
        digits = reference.read_one_time_code(typed)
        number = reference.read_case_number(typed)
        if len(digits) != 12:
            raise forms.ValidationError(
                _("A case number has 12 digits. Compare it with your receipt."), code="length"
            )
        if number is None:
            raise forms.ValidationError(
                _("There is a typing mistake in the case number. Compare it with your receipt."),
                code="check_digit",
            )
        return number

    def clean_receipt_code(self) -> str:
        """The bare code."""
        code = reference.read_receipt_code(self.cleaned_data["receipt_code"])
        if len(code) != reference.RECEIPT_CODE_LETTERS:
            raise forms.ValidationError(
                _("A receipt code has 16 letters and digits. Compare it with your receipt."),
                code="length",
            )
        return code


class CodeForm(PortalForm):
    """The one-time code from the e-mail."""

    show_requirement = False

    code = forms.CharField(
        label=_("6-digit code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "input-short",
            }
        ),
    )

    def clean_code(self) -> str:
        """The digits."""
        digits = reference.read_one_time_code(self.cleaned_data["code"])
        if len(digits) != reference.ONE_TIME_CODE_DIGITS:
            raise forms.ValidationError(_("The code has 6 digits."), code="length")
        return digits


class MessageForm(PortalForm):
    """A message to the desk, files, or both."""

    body = CleanText(
        label=_("Your message"),
        required=False,
        multiline=True,
        rows=8,
        max_length=MESSAGE_LETTERS,
    )
    uploads = MultipleFilesField(
        label=_("Files"),
        required=False,
        accept=",".join(suffix for suffixes in files.ALLOWED_TYPES.values() for suffix in suffixes),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uploads: Any = self.fields["uploads"]
        uploads.max_count = settings.ATTACHMENT_MAX_COUNT
        uploads.max_bytes = settings.ATTACHMENT_MAX_BYTES
        uploads.help_text = _(
            "PDF, JPEG, PNG, HEIC or WebP. Up to %(max_count)s files of %(max_megabytes)s MB each."
        ) % {
            "max_count": settings.ATTACHMENT_MAX_COUNT,
            "max_megabytes": settings.ATTACHMENT_MAX_BYTES // (1024 * 1024),
        }

    def clean_uploads(self) -> list[Any]:
        """The uploads, each of a type that is taken."""
        uploads: list[Any] = self.cleaned_data["uploads"]
        problems = []
        for upload in uploads:
            try:
                files.check(upload)
            except files.Unacceptable as error:
                problems.append(forms.ValidationError(str(error), code="unacceptable"))
        if problems:
            raise forms.ValidationError(problems)
        return uploads

    def clean(self) -> None:
        """Something must be said or attached."""
        super().clean()
        if self.errors:
            return
        if not self.cleaned_data["body"] and not self.cleaned_data["uploads"]:
            self.add_error("body", _("Write a message or choose a file."))

    def ask_for_files_again(self) -> None:
        """Say that files must be chosen anew: browsers forget them when a form comes back."""
        chosen = self.files.getlist("uploads") if self.files else []
        if len(chosen) > 1 or (chosen and "uploads" not in self.errors):
            self.add_error("uploads", _("Please choose your files again."))


class MethodForm(PortalForm):
    """How the person wishes to receive what is disclosed: method and delivery in one choice."""

    show_requirement = False

    method = forms.ChoiceField(label=_("How you receive our answer"), widget=RadioCards())

    def __init__(self, case: Case, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = case.rules
        self._lacks_address = not any(person.address for person in case.people.all())
        choices, hints = [], {}
        for code in case.rule.methods:
            method = rules.methods[code]
            for way in method.deliveries:
                value = f"{code}:{way}"
                choices.append((value, rules.deliveries[way].title.in_language(language)))
                hints[value] = method.title.in_language(language)
        self._needs_address = {
            f"{code}:{way}"
            for code in case.rule.methods
            for way in rules.methods[code].deliveries
            if rules.deliveries[way].needs_address
        }
        field: Any = self.fields["method"]
        field.choices = choices
        field.widget.hints = hints

    def clean_method(self) -> tuple[str, str]:
        """Method and delivery; one that goes by post needs an address."""
        value = self.cleaned_data["method"]
        if value in self._needs_address and self._lacks_address:
            raise forms.ValidationError(
                _(
                    "We have no postal address of yours. Send it to us in a message first, "
                    "or choose another way."
                ),
                code="no_address",
            )
        method, _colon, delivery = value.partition(":")
        return method, delivery


class WithdrawForm(forms.Form):
    """Withdrawing: the page it was decided on."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
