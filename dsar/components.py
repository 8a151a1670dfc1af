"""Forms as the public pages show them: rendering, widgets, and fields that forgive typing.

A field is shown in the order of the Digital Agency Design System (DADS): label, requirement,
support text, control, error text. The rows at the end are what the display components take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorList
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from dsar.form_fields import (
    CheckboxField,
    CleanText,
    DatePartsField,
    EmailField,
    MultipleFilesField,
    PostalCodeField,
    TelephoneField,
)
from dsar.typed_text import DateParts
from dsar.widgets import CheckboxGroup, DatePartsWidget, FileUpload, RadioCards

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

    def focus_id(self, error: ValidationError) -> str:
        """Id of the control a link from that error leads to: in a group, the first concerned."""
        widget = self.field.widget
        if isinstance(widget, DatePartsWidget):
            concerned = _parts_of(error)
            return f"{self.auto_id}_{next(part for part in widget.parts if part in concerned)}"
        if isinstance(widget, forms.RadioSelect):  # checkbox groups are a kind of it
            return f"{self.auto_id}_0"
        return self.id_for_label or self.auto_id

    @property
    def invalid_parts(self) -> set[str]:
        """Which of year, month and day the errors are about; empty when there is none."""
        errors = self.form.errors.get(self.name, ErrorList()).as_data()
        return {part for error in errors for part in _parts_of(error)}

    @property
    def is_radio_group(self) -> bool:
        """Radios carry their state on the group, where assistive technology expects it."""
        return _is_radio_group(self.field.widget)

    @property
    def shows_requirement(self) -> bool:
        """Whether the badge (required or optional) is shown beside the label."""
        return bool(getattr(self.form, "show_requirement", True)) and not self.field.disabled

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """The control's attributes; groups say which member is wrong."""
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        shown = widget or self.field.widget
        if _is_radio_group(shown):
            built.pop("aria-invalid", None)
        elif isinstance(shown, DatePartsWidget):
            built.pop("aria-invalid", None)
            built["invalid_parts"] = self.invalid_parts
        return built


def _parts_of(error: ValidationError) -> set[str]:
    """The boxes of a date an error names; all three when it names none."""
    return set((error.params or {}).get("parts", "").split()) or set(DatePartsWidget.parts)


def _is_radio_group(widget: forms.Widget) -> bool:
    """Django derives groups of checkboxes from groups of radios."""
    return isinstance(widget, forms.RadioSelect) and not isinstance(
        widget, forms.CheckboxSelectMultiple
    )


class PortalFormMixin(forms.BaseForm):
    """Rendering and wording for `forms.Form` and `forms.ModelForm` alike.

    Pages write `{% error_summary form %}` above the heading and `<form method="post"
    novalidate>`: the server's errors say more than the browser's, and what was typed stays.
    """

    show_requirement = True
    default_renderer = PortalRenderer
    bound_field_class = PortalBoundField
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("error_class", PortalErrorList)
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _word_requirement(field)
            _tell_of_too_much(field)


class PortalForm(PortalFormMixin, forms.Form):
    """The base of every form on a public page."""


def _word_requirement(field: forms.Field) -> None:
    """Replace Django's nameless "This field is required." by what to do, with the label."""
    if field.error_messages.get("required") is not forms.Field.default_error_messages["required"]:
        return
    if not field.label:
        return
    if isinstance(field, forms.FileField):
        message = _("Attach a file for “%(label)s”.")
    elif isinstance(field, forms.BooleanField):
        message = _("Tick the box “%(label)s” to go on.")
    elif isinstance(field, forms.ChoiceField):
        message = _("Choose an answer for “%(label)s”.")
    else:
        message = _("Enter “%(label)s”.")
    field.error_messages["required"] = _with_label(message, field.label)


def _tell_of_too_much(field: forms.Field) -> None:
    """Let a text that is too long come in and be told of: `maxlength` would cut it in silence."""
    if getattr(field, "max_length", None) is None:
        return
    field.widget.attrs.pop("maxlength", None)
    field.error_messages["max_length"] = _(
        "This has %(show_value)d characters. Shorten it to %(limit_value)d or fewer."
    )


# Joined when shown, so that both come out in the reader's language.
_with_label = lazy(lambda message, label: str(message) % {"label": label}, str)


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
