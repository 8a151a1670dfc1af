"""Controls of the public forms: large targets, hints beside choices, a date in three boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from dsar.typed_text import DateParts


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

    def format_value(self, value: Any) -> DateParts:
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
