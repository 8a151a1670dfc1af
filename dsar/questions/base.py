"""What all question forms have in common: from typed text to a JSON answer and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar.components import CheckboxField, DateParts, DatePartsField, PortalForm
from dsar.law import Text
from dsar.questions.matter import Matter

NAME_LENGTH = 100
LINE_LENGTH = 200
TEXT_LENGTH = 4000


@dataclass(frozen=True, kw_only=True)
class Line:
    """One answer in words: the step it belongs to, its label, and one or several values."""

    step: str
    label: Any
    value: str | list[str]


class QuestionForm(PortalForm):
    """One step's questions. Knows the matter, not the request: face and desk use it alike."""

    matter: Matter

    def __init__(self, data: Any = None, files: Any = None, *, matter: Matter, **kwargs: Any):
        super().__init__(data, files, **kwargs)
        self.matter = matter
        self.prepare()

    def prepare(self) -> None:
        """Fit the fields to the matter: choices from the law, what may be left out."""

    def answer(self) -> dict[str, Any]:
        """What was answered, as JSON."""
        return {name: _as_json(value) for name, value in self.cleaned_data.items()}

    @property
    def has_something(self) -> bool:
        """Whether anything was answered that can be kept."""
        self.full_clean()
        return any(self.cleaned_data.values())

    @property
    def has_unreadable(self) -> bool:
        """Whether something typed cannot be kept as an answer, so that only the page holds it."""
        return any(name in self.errors and _is_typed(self[name].data) for name in self.fields)

    @classmethod
    def initial_of(cls, answer: Mapping[str, Any], matter: Matter) -> dict[str, Any]:
        """The fields' values for an answer."""
        return dict(answer)

    @classmethod
    def accepts(cls, answer: Mapping[str, Any], matter: Matter) -> bool:
        """Whether an answer given before would still be taken now."""
        initial = cls.initial_of(answer, matter)
        typed: dict[str, Any] = {}
        for name, field in cls.base_fields.items():
            value = initial.get(name)
            if isinstance(field, DatePartsField):
                parts = DateParts.of(value)
                for part in ("year", "month", "day"):
                    typed[f"{name}_{part}"] = getattr(parts, part)
            elif value not in (None, "", False):
                typed[name] = value
        return cls(typed, matter=replace(matter, stored=True)).is_valid()

    @classmethod
    def lines(cls, step: str, answer: Mapping[str, Any], matter: Matter) -> Iterator[Line]:
        """The answer in words, in the language in use; what was left empty is left out."""
        form = cls(matter=matter)
        for name, value in cls.initial_of(answer, matter).items():
            field = form.fields.get(name)
            if field is None or value in (None, "", []):
                continue
            yield Line(step=step, label=field.label, value=_in_words(field, value))


def law_text(text: Text) -> str:
    """A text of the law in the language in use."""
    return text.in_language(get_language() or "ja")


def leave_out(form: forms.Form, *names: str) -> None:
    """Make fields optional."""
    for name in names:
        form.fields[name].required = False


def _is_typed(data: Any) -> bool:
    if isinstance(data, DateParts):
        return not data.is_empty
    return bool(data.strip() if isinstance(data, str) else data)


def _as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set):
        return list(value)
    return "" if value is None else value


def _labels(field: forms.ChoiceField) -> Iterator[tuple[str, str]]:
    """What each code is called; a delivery with its method, as two may share a way."""
    for entry, label in cast(Iterable[Any], field.choices):
        if not isinstance(label, list | tuple):
            yield str(entry), str(label)
            continue
        for code, way in label:
            yield str(code), _("%(method)s (%(delivery)s)") % {"method": entry, "delivery": way}


def _in_words(field: forms.Field, value: Any) -> str | list[str]:
    if isinstance(field, forms.ChoiceField):
        labels = dict(_labels(field))
        if isinstance(value, list):
            return [labels.get(str(item), str(item)) for item in value]
        return labels.get(str(value), str(value))
    if isinstance(field, DatePartsField):
        return date_format(date.fromisoformat(str(value)))
    if isinstance(field, CheckboxField):
        return str(field.label)
    return str(value)
