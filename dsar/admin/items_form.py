"""Putting right what a request asks for, item by item: rename, split, merge, remove, add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import decision, items
from dsar.admin.act_form import WorkForm
from dsar.form_fields import CheckboxField, CleanText
from dsar.models import Case, StaffMember


@dataclass(frozen=True, slots=True)
class Group:
    """One item with its fields."""

    number: int
    fields: list[Any]


class ItemsForm(WorkForm):
    """All items on one page, so that a request is put in order in one go.

    Several lines in the box of an item split it; the fields of an item are named after it.
    """

    act = "items"
    guards = True
    template_name = "admin/dsar/case/items_form.html"

    added = CleanText(
        label=gettext_lazy("Further items"),
        help_text=gettext_lazy("One a line."),
        multiline=True,
        rows=3,
        required=False,
        max_length=5000,
    )

    def prepare(self) -> None:
        """The fields of each item, those for new ones last."""
        self.rows_of_case = list(self.case.items.all())
        added = self.fields.pop("added")
        several = len(self.rows_of_case) > 1
        for row in self.rows_of_case:
            self.fields[f"{row.pk}_title"] = CleanText(
                label=_("Item %(number)d") % {"number": row.position},
                multiline=True,
                rows=max(2, row.title.count("\n") + 1),
                required=False,
                max_length=5000,
            )
            # A title of several lines stays one item until somebody changes it.
            self.initial.setdefault(f"{row.pk}_title", row.title)
            if several:
                others = [other for other in self.rows_of_case if other.pk != row.pk]
                self.fields[f"{row.pk}_into"] = forms.ChoiceField(
                    label=_("Make it a part of"),
                    choices=[
                        ("", _("None: it stands by itself")),
                        *((str(other.pk), _short(other.position, other.title)) for other in others),
                    ],
                    required=False,
                )
                self.fields[f"{row.pk}_remove"] = CheckboxField(
                    label=_("Take item %(number)d out") % {"number": row.position}, required=False
                )
        self.fields["added"] = added

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading and the link that leads here."""
        return _("Change the items")

    @classmethod
    def refusal(cls, case: Case, user: StaffMember, today: date) -> str | None:
        """Not once it is decided, and not of a complaint, which has no items."""
        if not decision.has_items(case):
            return _("A complaint is answered as a whole.")
        return items.why_not(case) or super().refusal(case, user, today)

    def intro(self) -> list[str]:
        """What items are for."""
        return [
            _("Each item gets a decision of its own: granted, in part, refused, or not held."),
            _("To split an item, write each part on a line of its own."),
        ]

    def submit_label(self) -> str:
        """The button."""
        return _("Save the items")

    def groups(self) -> Iterator[Group]:
        """The items with their fields, for the page."""
        for row in self.rows_of_case:
            names = [f"{row.pk}_{name}" for name in ("title", "into", "remove")]
            yield Group(row.position, [self[name] for name in names if name in self.fields])

    def new_ones(self) -> Any:
        """The field for new items."""
        return self["added"]

    def clean(self) -> None:
        """A title is needed for what stays."""
        given = self.cleaned_data
        for row in self.rows_of_case:
            goes = given.get(f"{row.pk}_remove") or given.get(f"{row.pk}_into")
            if not goes and not given.get(f"{row.pk}_title"):
                self.add_error(f"{row.pk}_title", _("Write what is asked for, or take it out."))

    def run(self) -> None:
        """Write it down; an item that was left as it is does not change."""
        given = self.cleaned_data
        changes = []
        for row in self.rows_of_case:
            title = given[f"{row.pk}_title"]
            into = given.get(f"{row.pk}_into") or None
            if given.get(f"{row.pk}_remove"):
                changes.append(items.Change(row.pk, ()))
            elif into:
                changes.append(items.Change(row.pk, (row.title,), int(into)))
            elif title != row.title:
                changes.append(items.Change(row.pk, tuple(items.lines(title))))
        self.count = items.change(
            self.case,
            changes,
            items.lines(given["added"]),
            by=self.by,
            at=self.at,
            seen=given["seen"],
        )

    def done(self) -> str:
        """Said afterwards."""
        return _("The items were saved.") if self.count else _("Nothing was changed.")


def _short(position: int, title: str) -> str:
    """An item in one line of a list."""
    line = title.splitlines()[0] if title else ""
    return f"{position}. {line[:60]}{'…' if len(line) > 60 else ''}"
