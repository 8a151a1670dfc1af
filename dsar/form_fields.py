"""Fields that forgive how a person types, and keep what was typed when they cannot."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from dsar.typed_text import DateParts, as_postal_code, as_telephone, one_line, read_date, tidy
from dsar.widgets import DatePartsWidget, FileUpload

_local_date = lazy(lambda day: date_format(day), str)


class CleanText(forms.CharField):
    """Text as the person meant it, in one line or, with `multiline`, in several.

    Invisible characters go, and one line also gets its width normalised (see
    `typed_text.one_line`). On an error the page shows what was typed, not this result.
    """

    def __init__(self, *, multiline: bool = False, rows: int = 6, **kwargs: Any) -> None:
        self.multiline = multiline
        if multiline:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        kwargs["strip"] = False
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The cleaned text; `""` when nothing but space was typed."""
        text = super().to_python(value)
        return (tidy(text) if self.multiline else one_line(text)) if text else ""


class EmailField(forms.EmailField):
    """An e-mail address; full-width letters and stray spaces are put right."""

    default_error_messages = {
        "invalid": _("Enter an e-mail address in the form name@example.com."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The address in half-width characters, without any space."""
        return "".join(one_line(str(value)).split()) if value else ""


class TelephoneField(forms.CharField):
    """A telephone number; full-width digits and every kind of hyphen are accepted."""

    default_error_messages = {
        "invalid": _("Enter a telephone number of 8 to 15 digits, for example 03-1234-5678."),
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "tel", "autocomplete": "tel", "class": "input-medium"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """Digits with plain hyphens. Raises ValidationError when it cannot be a number."""
        text = super().to_python(value)
        if not text:
            return ""
        try:
            return as_telephone(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class PostalCodeField(forms.CharField):
    """A Japanese postal code, kept as 123-4567; with `any_country` other forms pass too."""

    default_error_messages = {
        "invalid": _("Enter a postal code of 7 digits, for example 100-0001."),
        "invalid_anywhere": _(
            "Enter the postal code with letters, digits and hyphens, up to 10 characters."
        ),
    }

    def __init__(self, *, any_country: bool = False, **kwargs: Any) -> None:
        self.any_country = any_country
        attrs = {"autocomplete": "postal-code", "class": "input-short"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The code in half-width characters. Raises ValidationError when it cannot be one."""
        text = super().to_python(value)
        if not text:
            return ""
        try:
            return as_postal_code(text, any_country=self.any_country)
        except ValueError as error:
            code = "invalid_anywhere" if self.any_country else "invalid"
            raise ValidationError(self.error_messages[code], code=code) from error


class DatePartsField(forms.Field):
    """A date typed as year, month, day; the year may be a Japanese era year (昭和55, S55).

    `earliest` and `latest` (inclusive) may be set by the form, which knows today's date.
    """

    widget = DatePartsWidget
    default_error_messages = {
        "year_missing": _("Enter the year."),
        "month_missing": _("Enter the month."),
        "day_missing": _("Enter the day."),
        "year_unread": _("Enter the year in four digits (1980) or with its era (昭和55 or S55)."),
        "month_unread": _("Enter the month as a number from 1 to 12."),
        "day_unread": _("Enter the day as a number from 1 to 31."),
        "no_such_day": _("There is no such day in that month. Check the date."),
        "outside_era": _(
            "That date does not lie in the era you wrote. Check the year, or write it in four"
            " digits."
        ),
        "too_early": _("Enter a date on or after %(limit)s."),
        "too_late": _("Enter a date on or before %(limit)s."),
    }

    def __init__(
        self,
        *,
        earliest: date | None = None,
        latest: date | None = None,
        autocomplete: str = "",
        **kwargs: Any,
    ) -> None:
        self.earliest = earliest
        self.latest = latest
        kwargs.setdefault("widget", DatePartsWidget(autocomplete=autocomplete))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        """A `date`, or None when all three boxes are empty.

        Raises ValidationError whose `params["parts"]` name the boxes concerned.
        """
        parts = DateParts.of(value)
        if parts.is_empty:
            return None
        reading = read_date(parts)
        if reading.problems:
            raise ValidationError(
                [
                    ValidationError(
                        self.error_messages[problem.code],
                        code=problem.code,
                        params={"parts": problem.parts},
                    )
                    for problem in reading.problems
                ]
            )
        return reading.date

    def validate(self, value: Any) -> None:
        """Required, and within `earliest` and `latest`. Raises ValidationError."""
        super().validate(value)
        if value is None:
            return
        for code, limit, crossed in (
            ("too_early", self.earliest, self.earliest and value < self.earliest),
            ("too_late", self.latest, self.latest and value > self.latest),
        ):
            if crossed:
                raise ValidationError(
                    self.error_messages[code],
                    code=code,
                    params={"limit": _local_date(limit), "parts": "year month day"},
                )

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the date differs; text that cannot be read counts as changed."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class CheckboxField(forms.BooleanField):
    """One box to tick, with its label beside it."""

    template_name = "components/forms/checkbox_field.html"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("template_name", self.template_name)
        super().__init__(**kwargs)


class MultipleFilesField(forms.FileField):
    """Several files of one question: `cleaned_data` is a list, empty when none was chosen.

    `max_count` files of at most `max_bytes` bytes each. What the files really are is for the
    store that takes them to find out.
    """

    default_error_messages = {
        "too_large": _("“%(name)s” is too large. One file may have up to %(limit)s."),
        "empty_file": _("“%(name)s” is empty. Choose another file."),
    }

    def __init__(
        self,
        *,
        max_count: int | None = None,
        max_bytes: int | None = None,
        accept: str = "",
        **kwargs: Any,
    ) -> None:
        self.max_count = max_count
        self.max_bytes = max_bytes
        kwargs.setdefault("widget", FileUpload(attrs={"accept": accept} if accept else None))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The uploads. Raises ValidationError for each that is empty or too large."""
        uploads = [item for item in _as_list(data) if item]
        if not uploads:
            if self.required and not initial:
                raise ValidationError(self.error_messages["required"], code="required")
            return _as_list(initial)
        problems = []
        if self.max_count is not None and len(uploads) > self.max_count:
            problems.append(
                ValidationError(
                    ngettext_lazy(
                        "You can attach up to %(limit)d file.",
                        "You can attach up to %(limit)d files.",
                        "limit",
                    ),
                    code="too_many",
                    params={"limit": self.max_count},
                )
            )
        for upload in uploads:
            code = ""
            if getattr(upload, "too_large", False) or (
                self.max_bytes is not None and upload.size > self.max_bytes
            ):
                code = "too_large"
            elif not upload.size:
                code = "empty_file"
            if code:
                params = {"name": upload.name, "limit": filesizeformat(self.max_bytes or 0)}
                problems.append(
                    ValidationError(self.error_messages[code], code=code, params=params)
                )
        if problems:
            raise ValidationError(problems)
        cleaned = [super(MultipleFilesField, self).to_python(upload) for upload in uploads]
        for upload in cleaned:
            self.run_validators(upload)
        return cleaned


def _as_list(value: Any) -> list[Any]:
    if value is None or value is False:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
