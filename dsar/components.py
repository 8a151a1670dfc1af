"""Forms as the public pages show them: rendering, widgets, and fields that forgive typing.

A field is shown in the order of the Digital Agency Design System (DADS): label, requirement,
support text, control, error text. The rows at the end are what the display components take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from dsar.typed_text import DateParts, as_postal_code, as_telephone, one_line, read_date, tidy

__all__ = [
    "CheckboxField",
    "CheckboxGroup",
    "CleanText",
    "DateParts",
    "DatePartsField",
    "DatePartsWidget",
    "EmailField",
    "FileRow",
    "FileUpload",
    "MultipleFilesField",
    "PortalBoundField",
    "PortalErrorList",
    "PortalForm",
    "PortalFormMixin",
    "PortalRenderer",
    "PostalCodeField",
    "RadioCards",
    "SummaryRow",
    "TelephoneField",
    "TimelineEntry",
]


class PortalRenderer(TemplatesSetting):
    """Finds form templates where all others are, with ours for forms and fields."""

    form_template_name = "components/forms/form.html"
    field_template_name = "components/forms/field.html"


class PortalErrorList(ErrorList):
    """Errors of one field: each is announced as an error, not shown by colour alone."""

    template_name = "components/forms/errors.html"


class PortalBoundField(BoundField):
    """A field with its data that knows its description order and where a link should land."""

    @property
    def aria_describedby(self) -> str | None:
        """Ids of error text and support text, error first (DADS)."""
        if self.field.widget.attrs.get("aria-describedby"):
            return None
        if not self.auto_id or self.is_hidden:
            return ""
        ids = []
        if self.errors:
            ids.append(f"{self.auto_id}_error")
        if self.help_text:
            ids.append(f"{self.auto_id}_helptext")
        return " ".join(ids)

    @property
    def focus_id(self) -> str:
        """Id of the control an error link leads to: in a group, the first one concerned."""
        widget = self.field.widget
        if isinstance(widget, DatePartsWidget):
            concerned = self.invalid_parts or widget.parts
            return f"{self.auto_id}_{next(part for part in widget.parts if part in concerned)}"
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return f"{self.auto_id}_0"
        return self.id_for_label or self.auto_id

    @property
    def invalid_parts(self) -> set[str]:
        """Which of year, month and day the errors are about; empty when there is none."""
        parts: set[str] = set()
        for error in self.form.errors.get(self.name, ErrorList()).as_data():
            named = set((error.params or {}).get("parts", "").split())
            parts |= named or set(DatePartsWidget.parts)
        return parts

    @property
    def is_radio_group(self) -> bool:
        """Radios carry their state on the group, where assistive technology expects it."""
        return isinstance(self.field.widget, forms.RadioSelect)

    @property
    def shows_requirement(self) -> bool:
        """Whether the badge (required or optional) is shown beside the label."""
        return bool(getattr(self.form, "show_requirement", True)) and not self.field.disabled

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """The control's attributes; groups say which member is wrong."""
        built = super().build_widget_attrs(attrs, widget)
        shown = widget or self.field.widget
        if isinstance(shown, forms.RadioSelect):
            built.pop("aria-invalid", None)
        elif isinstance(shown, DatePartsWidget):
            built.pop("aria-invalid", None)
            built["invalid_parts"] = self.invalid_parts
        return built


class PortalFormMixin:
    """Rendering and wording for `forms.Form` and `forms.ModelForm` alike.

    Pages write `{% error_summary form %}` above the heading and `<form method="post"
    novalidate>`: the server's errors say more than the browser's, and what was typed stays.
    """

    show_requirement = True
    default_renderer = PortalRenderer
    bound_field_class = PortalBoundField
    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("error_class", PortalErrorList)
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _word_requirement(field)


class PortalForm(PortalFormMixin, forms.Form):
    """The base of every form on a public page."""


def _word_requirement(field: forms.Field) -> None:
    """Replace Django's nameless "This field is required." by what to do, with the label."""
    if field.error_messages.get("required") is not forms.Field.default_error_messages["required"]:
        return
    if not field.label:
        return
    label = {"label": field.label}
    if isinstance(field, forms.FileField):
        message = _("Attach a file for “%(label)s”.")
    elif isinstance(field, forms.BooleanField):
        message = _("Tick the box “%(label)s” to go on.")
    elif isinstance(field, forms.ChoiceField):
        message = _("Choose an answer for “%(label)s”.")
    else:
        message = _("Enter “%(label)s”.")
    field.error_messages["required"] = _Worded(message, label)  # type: ignore[assignment]


class _Worded:
    """A lazy message with its parameters, put together in the reader's language."""

    def __init__(self, message: Any, params: Mapping[str, Any]) -> None:
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return str(self.message) % self.params


# --- Widgets ------------------------------------------------------------------------------


class _HintedChoices:
    """Adds a sentence of explanation to choices: `hints={value: text}`."""

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Any = (),
        hints: Mapping[Any, Any] | None = None,
    ) -> None:
        super().__init__(attrs, choices)  # type: ignore[call-arg]
        self.hints = {str(value): text for value, text in (hints or {}).items()}

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = super().__deepcopy__(memo)  # type: ignore[misc]
        copied.hints = dict(self.hints)
        return copied

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        option["hint"] = self.hints.get(str(value), "")
        if option["hint"] and option["attrs"].get("id"):
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        return option


class RadioCards(_HintedChoices, forms.RadioSelect):
    """Radio buttons, one large target each, with an optional hint a choice."""

    template_name = "components/forms/choices.html"
    option_template_name = "components/forms/choice.html"


class CheckboxGroup(_HintedChoices, forms.CheckboxSelectMultiple):
    """Checkboxes of one question, one large target each, with an optional hint a choice."""

    template_name = "components/forms/choices.html"
    option_template_name = "components/forms/choice.html"


class FileUpload(forms.FileInput):
    """A plain file control for one or more files; a script adds the list of chosen names."""

    template_name = "components/forms/file_upload.html"
    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None, *, multiple: bool = True) -> None:
        self.multiple = multiple
        super().__init__({**({"multiple": True} if multiple else {}), **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """A list of uploads, or the one upload when the control takes one only."""
        if self.multiple and hasattr(files, "getlist"):
            return files.getlist(name)
        return files.get(name)


class DatePartsWidget(forms.Widget):
    """Year, month and day as three text boxes, in a fieldset of their own."""

    template_name = "components/forms/date_parts.html"
    use_fieldset = True
    parts = ("year", "month", "day")

    def __init__(self, attrs: dict[str, Any] | None = None, *, autocomplete: str = "") -> None:
        super().__init__(attrs)
        self.autocomplete = autocomplete

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The three boxes with names, ids, typed text, and which of them is wrong."""
        attrs = dict(attrs or {})
        invalid = attrs.pop("invalid_parts", set())
        context = super().get_context(name, value, attrs)
        typed = self.format_value(value)
        id_ = context["widget"]["attrs"].get("id")
        context["widget"]["parts"] = [
            {
                "part": part,
                "name": f"{name}_{part}",
                "id": f"{id_}_{part}" if id_ else "",
                "value": getattr(typed, part),
                "invalid": part in invalid,
                "autocomplete": f"{self.autocomplete}-{part}" if self.autocomplete else "",
                "disabled": context["widget"]["attrs"].get("disabled", False),
            }
            for part in self.parts
        ]
        return context

    def format_value(self, value: Any) -> DateParts:  # type: ignore[override]
        """What the boxes show: the typed parts untouched, or a date taken apart."""
        return DateParts.of(value)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> DateParts:
        """The three texts as typed."""
        return DateParts(*(data.get(f"{name}_{part}") or "" for part in self.parts))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """True when none of the three boxes was on the page."""
        return all(f"{name}_{part}" not in data for part in self.parts)

    def id_for_label(self, id_: str) -> str:
        """No label of its own: the legend names the group, each box has its label."""
        return ""


# --- Fields -------------------------------------------------------------------------------


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
        "invalid": _(
            "Enter a telephone number of 8 to 15 digits, for example 03-1234-5678."
        ),
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
        "year_unread": _(
            "Enter the year in four digits (1980) or with its era (昭和55 or S55)."
        ),
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
        earliest: Any = None,
        latest: Any = None,
        autocomplete: str = "",
        **kwargs: Any,
    ) -> None:
        self.earliest = earliest
        self.latest = latest
        kwargs.setdefault("widget", DatePartsWidget(autocomplete=autocomplete))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
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
                    params={"limit": _LocalDate(limit), "parts": "year month day"},
                )

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the date differs; text that cannot be read counts as changed."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class _LocalDate:
    """A date written in the reader's language when the message is shown."""

    def __init__(self, date: Any) -> None:
        self.date = date

    def __str__(self) -> str:
        from django.utils.formats import date_format

        return str(date_format(self.date))


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
        from django.template.defaultfilters import filesizeformat

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
            if not upload.size:
                code = "empty_file"
            elif self.max_bytes is not None and upload.size > self.max_bytes:
                code = "too_large"
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


# --- Rows for the display components ------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SummaryRow:
    """One answer on a check-your-answers page; a value of several lines may be a sequence."""

    label: Any
    value: Any | Sequence[Any] = ""
    change_url: str = ""


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened, or, with `upcoming`, is still to come."""

    title: Any
    at: datetime | Any = None
    text: Any = ""
    kind: str = "done"
    upcoming: bool = False


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """One file: `size` in bytes; without `url` it is shown but cannot be opened."""

    name: str
    size: int | None = None
    url: str = ""
    note: Any = ""
    status_kind: str = ""
    status: Any = ""
    remove_url: str = ""
