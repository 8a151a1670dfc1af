"""The forms of one material: whether the person gets it, and what of it is masked."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import redaction
from dsar.admin.decision_forms import articles, labelled
from dsar.blackout import Box
from dsar.components import PortalForm
from dsar.form_fields import CheckboxField, CleanText
from dsar.models import Material, Redaction, RequestedItem
from dsar.redaction import Mark
from dsar.widgets import RadioCards

_MOST_DRAWN = 200
_SMALLEST = 0.05


class SettleForm(PortalForm):
    """Whether the person gets the material, under which name, and what it answers."""

    state = forms.ChoiceField(
        label=gettext_lazy("Does the person get it?"),
        choices=[
            (Material.State.INCLUDED.value, gettext_lazy("Yes: give a copy")),
            (Material.State.LEFT_OUT.value, gettext_lazy("No: leave it out")),
        ],
        widget=RadioCards,
    )
    title = CleanText(
        label=gettext_lazy("Name of the material"),
        help_text=gettext_lazy("The person sees this name. Keep other people's names out of it."),
        max_length=120,
    )
    item = forms.ChoiceField(label=gettext_lazy("Answers the item"), required=False)
    as_pictures = CheckboxField(
        label=gettext_lazy("Turn every page into a picture"),
        help_text=gettext_lazy(
            "Nothing that lies hidden in a page can remain; its text can no longer be read out."
        ),
        required=False,
    )

    def __init__(self, material: Material, data: Any = None) -> None:
        self.material = material
        initial = {
            "state": "" if material.state == Material.State.NEW else material.state,
            "title": material.title,
            "item": str(material.item_id or ""),
            "as_pictures": material.as_pictures,
        }
        super().__init__(data, initial=initial)
        self.rows: list[RequestedItem] = list(material.case.items.all())
        field: Any = self.fields["item"]
        field.choices = [
            ("", _("Not said")),
            *((str(row.pk), f"{row.position}. {row.title[:80]}") for row in self.rows),
        ]
        if material.form != Material.Form.PDF:
            del self.fields["as_pictures"]

    def item_row(self) -> RequestedItem | None:
        """The item that was chosen."""
        chosen = self.cleaned_data["item"]
        return next((row for row in self.rows if str(row.pk) == chosen), None)


class MarkForm(PortalForm):
    """The common part of what masks something: on which ground."""

    code = forms.ChoiceField(
        label=gettext_lazy("Ground"),
        help_text=gettext_lazy("Only if the law lets this part be withheld; the letter names it."),
        required=False,
    )
    reason = CleanText(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For example: the name of another customer."),
        required=False,
        max_length=500,
    )

    def __init__(self, material: Material, data: Any = None, **more: Any) -> None:
        self.material = material
        super().__init__(data, **more)
        rules = material.case.rules
        refusals = [rules.refusals[code] for code in redaction.grounds(material.case)]
        where = articles(refusals)
        field: Any = self.fields["code"]
        field.choices = [
            ("", _("None: not the person's data")),
            *((code, f"{text} ({where[code]})") for code, text in labelled(refusals)),
        ]

    def marks(self) -> list[Mark]:
        """What is to be masked."""
        raise NotImplementedError


def _share(label: Any) -> forms.FloatField:
    attrs = {"class": "input-short", "inputmode": "decimal", "step": "any"}
    return forms.FloatField(
        label=label,
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs=attrs),
    )


class AreaForm(MarkForm):
    """Areas of a page: drawn with mouse or finger, or typed in per cent of the page."""

    left = _share(gettext_lazy("From the left (%)"))
    top = _share(gettext_lazy("From the top (%)"))
    width = _share(gettext_lazy("Width (%)"))
    height = _share(gettext_lazy("Height (%)"))
    drawn = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)

    field_order = ("left", "top", "width", "height", "code", "reason", "drawn")
    _PARTS = ("left", "top", "width", "height")

    def __init__(self, material: Material, page: int, data: Any = None) -> None:
        self.page = page
        super().__init__(material, data)

    def clean_drawn(self) -> list[Box]:
        """What the script drew: a list of [left, top, width, height]."""
        text = self.cleaned_data["drawn"]
        if not text:
            return []
        try:
            found = [Box(self.page, *map(float, place)) for place in json.loads(text)]
        except (ValueError, TypeError) as error:
            raise forms.ValidationError(_("The drawn areas cannot be read. Draw again.")) from error
        if len(found) > _MOST_DRAWN or not all(_is_sound(box) for box in found):
            raise forms.ValidationError(_("The drawn areas cannot be read. Draw again."))
        return found

    def clean(self) -> None:
        """Four numbers that lie on the page, if nothing was drawn."""
        given = self.cleaned_data
        typed = [given.get(name) for name in self._PARTS]
        self.boxes: list[Box] = list(given.get("drawn") or [])
        if self.errors or (self.boxes and typed == [None] * 4):
            return
        for name, value in zip(self._PARTS, typed, strict=True):
            if value is None:
                self.add_error(name, _("Enter a number from 0 to 100."))
            elif name in ("width", "height") and value < _SMALLEST:
                self.add_error(name, _("Enter a number greater than 0."))
        if self.errors:
            return
        left, top, width, height = (float(value or 0) for value in typed)
        box = Box(self.page, left, top, min(width, 100 - left), min(height, 100 - top))
        if not _is_sound(box):
            self.add_error("left", _("The area lies outside of the page."))
        self.boxes.append(box)

    def marks(self) -> list[Mark]:
        """The areas."""
        return [Mark(Redaction.Kind.AREA, box=box) for box in self.boxes]


def _is_sound(box: Box) -> bool:
    """Whether an area has a size and lies on its page; NaN is nowhere."""
    inside = 0 <= box.left < 100 and 0 <= box.top < 100
    fits = box.left + box.width <= 100.01 and box.top + box.height <= 100.01
    return inside and fits and box.width >= _SMALLEST and box.height >= _SMALLEST


class CellsForm(MarkForm):
    """Columns and rows that are left out of a table, and texts that are masked in its cells."""

    columns = forms.MultipleChoiceField(required=False)
    rows = forms.MultipleChoiceField(required=False)
    texts = CleanText(
        label=gettext_lazy("Mask these words in all cells"),
        help_text=gettext_lazy("One a line, for example the name of another person."),
        multiline=True,
        rows=3,
        required=False,
        max_length=5000,
    )

    field_order = ("texts", "code", "reason", "columns", "rows")

    def __init__(
        self, material: Material, columns: list[str], rows: range, data: Any = None
    ) -> None:
        super().__init__(material, data)
        self.names = columns
        ticked: Any = self.fields["columns"]
        ticked.choices = [(str(number), name) for number, name in enumerate(columns)]
        lines: Any = self.fields["rows"]
        lines.choices = [(str(number), str(number)) for number in rows]

    def clean(self) -> None:
        """Something has to be chosen, and a column has to be left."""
        given = self.cleaned_data
        if self.errors:
            return
        if not (given["columns"] or given["rows"] or given["texts"]):
            raise forms.ValidationError(
                _("Tick a column or row, or write the words that are to be masked.")
            )
        gone = set(
            self.material.redactions.filter(kind=Redaction.Kind.COLUMN).values_list("pk", flat=True)
        )
        if len(gone) + len(given["columns"]) >= len(self.names) and given["columns"]:
            raise forms.ValidationError(
                _("Nothing would be left. Leave the whole table out instead.")
            )

    def shown_fields(self) -> list[Any]:
        """The fields that are not in the table itself."""
        return [self[name] for name in ("texts", "code", "reason")]

    def marks(self) -> list[Mark]:
        """Columns, rows and texts."""
        given = self.cleaned_data
        lines = dict.fromkeys(line.strip() for line in given["texts"].splitlines())
        return [
            *(Mark(Redaction.Kind.COLUMN, text=self.names[int(n)]) for n in given["columns"]),
            *(Mark(Redaction.Kind.ROW, row=int(number)) for number in given["rows"]),
            *(Mark(Redaction.Kind.VALUE, text=line) for line in lines if line),
        ]
