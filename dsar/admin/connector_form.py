"""The forms in which an administrator declares what a connector does, one a kind of connector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dsar.admin import connector_words
from dsar.components import CheckboxGroup, PortalForm
from dsar.connectors import declared
from dsar.connectors.outcome import ATTRIBUTES
from dsar.law import shelf
from dsar.models import Controller, DataSystem

_NAMES = ", ".join(f":{name}" for name in ATTRIBUTES)
_BLANKS = ", ".join(f"{{{name}}}" for name in ATTRIBUTES)

# Put together when shown, so that it comes out in the reader's language.
_with = lazy(lambda text, names: str(text) % {"names": names}, str)


def _area(label: Any, rows: int = 4, **more: Any) -> forms.CharField:
    """Text that a computer reads: kept as typed, without spell-checking."""
    attrs = {"rows": rows, "spellcheck": "false", "autocapitalize": "off", "class": "statement"}
    more.setdefault("max_length", 10_000)
    return forms.CharField(label=label, widget=forms.Textarea(attrs=attrs), **more)


def _line(label: Any, **more: Any) -> forms.CharField:
    attrs = {"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
    more.setdefault("max_length", 2_000)
    return forms.CharField(label=label, widget=forms.TextInput(attrs=attrs), **more)


def _number(label: Any, **more: Any) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "input-short"}
    return forms.IntegerField(
        label=label, required=False, widget=forms.TextInput(attrs=attrs), **more
    )


def _kinds() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("For these kinds of request"), required=False, widget=CheckboxGroup
    )


def _verify() -> forms.CharField:
    return _area(
        gettext_lazy("Query that verifies it"),
        required=False,
        help_text=gettext_lazy("Returns the rows that must be gone afterwards. No row proves it."),
    )


def _change() -> forms.CharField:
    return _area(
        gettext_lazy("Statement that changes"),
        required=False,
        help_text=gettext_lazy(
            "UPDATE table SET … WHERE … or DELETE FROM table WHERE …, bound to the person."
        ),
    )


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together; `folds` where most systems need none of them."""

    title: str
    fields: list[Any]
    folds: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something is declared or wrong in it."""
        return any(
            bound.errors or (bound.value() and not bound.name.startswith("method"))
            for bound in self.fields
        )


class ConnectorForm(PortalForm):
    """Fields named as the settings are; those of the changes end in `_1` and `_2`.

    Attributes:
        parts: the names of the fields of one change.
        sections: titles and fields, in the order shown.
    """

    connector: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[tuple[str, ...]]

    row_limit = _number(
        gettext_lazy("Most rows"),
        help_text=gettext_lazy("More are a failure, not half an answer. Empty: 5,000."),
    )
    timeout = _number(gettext_lazy("Most seconds"), help_text=gettext_lazy("Up to 120. Empty: 30."))

    def __init__(self, system: DataSystem, data: Any = None) -> None:
        self.system = system
        super().__init__(data, initial=_flat(system.settings))
        for number in range(1, declared.CHANGES + 1):
            field: Any = self.fields.get(f"kinds_{number}")
            if field is not None:
                field.choices = kind_choices(system.controller)

    def clean(self) -> dict[str, Any]:
        """What the connector itself says of the settings, at their fields."""
        given = super().clean() or {}
        try:
            declared.read(self.connector, self.settings())
        except declared.Misconfigured as wrong:
            for name, fault in wrong.faults.items():
                if name not in self.errors:
                    self.add_error(name if name in self.fields else None, fault)
        return given

    def settings(self) -> dict[str, Any]:
        """The cleaned fields as they are kept."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in ("", [])}
        made = {name: given[name] for name in given if name[-2:] not in ("_1", "_2")}
        changes = []
        for number in range(1, declared.CHANGES + 1):
            change = {
                part: given[f"{part}_{number}"]
                for part in self.parts
                if f"{part}_{number}" in given
            }
            if set(change) - {"method"}:
                changes.append(change)
        if changes:
            made["changes"] = changes
        return {name: value for name, value in made.items() if value is not None}

    def sections(self) -> list[Section]:
        """The fields in groups, each with its heading; a change that is not declared is folded."""
        limits = [name for name in ("max_mb", "row_limit", "timeout") if name in self.fields]
        first = [self[name] for name in self.first]
        found = [Section(_("Search by the connector"), first)]
        titles = (_("First change"), _("Second change"))
        for number, title in enumerate(titles, 1):
            fields = [self[f"{part}_{number}"] for part in self.parts]
            if fields:
                found.append(Section(title, fields, folds=True))
        found.append(Section(_("Limits"), [self[name] for name in limits]))
        return found


class SqlForm(ConnectorForm):
    """A database."""

    connector = DataSystem.Connector.SQL
    parts = ("kinds", "statement", "verify")
    first = ("url_env", "search")

    url_env = _line(
        gettext_lazy("Environment variable with the database’s URL"),
        help_text=gettext_lazy(
            "Its name begins with CONNECTOR_SECRET_. The operator sets it; the password is never"
            " kept here."
        ),
    )
    search = _area(
        gettext_lazy("Query that searches"),
        rows=6,
        help_text=_with(gettext_lazy("One SELECT, bound to the person by: %(names)s"), _NAMES),
    )
    kinds_1, kinds_2 = _kinds(), _kinds()
    statement_1, statement_2 = _change(), _change()
    verify_1, verify_2 = _verify(), _verify()


class HttpForm(ConnectorForm):
    """An HTTP interface."""

    connector = DataSystem.Connector.HTTP
    parts = ("kinds", "method", "url", "body", "verify_url")
    first = ("method", "url", "body", "headers", "rows")

    method = forms.ChoiceField(
        label=gettext_lazy("Method"), choices=[("GET", "GET"), ("POST", "POST")]
    )
    url = _line(
        gettext_lazy("Address that is asked"),
        help_text=_with(
            gettext_lazy(
                "For example https://crm.example/people?email={email}. Blanks only after the"
                " question mark: %(names)s"
            ),
            _BLANKS,
        ),
    )
    body = _area(
        gettext_lazy("Body in JSON"),
        required=False,
        help_text=gettext_lazy('A blank is a whole string, as in {"email": "{email}"}.'),
    )
    headers = _area(
        gettext_lazy("Headers"),
        rows=3,
        required=False,
        help_text=gettext_lazy(
            "One a line, secrets by the name of their environment variable:"
            " Authorization: Bearer {CONNECTOR_SECRET_CRM_TOKEN}"
        ),
    )
    rows = _line(
        gettext_lazy("Where the list is in the answer"),
        required=False,
        help_text=gettext_lazy("A JSON Pointer such as /data/items. Empty: the whole answer."),
    )
    max_mb = _number(
        gettext_lazy("Most megabytes"), help_text=gettext_lazy("Up to 100. Empty: 20.")
    )


for _n in (1, 2):
    HttpForm.base_fields |= {
        f"kinds_{_n}": _kinds(),
        f"method_{_n}": forms.ChoiceField(
            label=gettext_lazy("Method"),
            required=False,
            choices=[(name, name) for name in ("POST", "PUT", "PATCH", "DELETE")],
        ),
        f"url_{_n}": _line(gettext_lazy("Address that changes"), required=False),
        f"body_{_n}": _area(gettext_lazy("Body in JSON"), required=False),
        f"verify_url_{_n}": _line(
            gettext_lazy("Address that verifies it"),
            required=False,
            help_text=gettext_lazy("Its list must be empty afterwards. Empty: the search."),
        ),
    }


class FolderForm(ConnectorForm):
    """A folder of files."""

    connector = DataSystem.Connector.FOLDER
    first = ("folder", "tables", "search")

    folder = _line(
        gettext_lazy("Folder"),
        help_text=gettext_lazy("Below one of the folders that the operator allows."),
    )
    tables = _area(
        gettext_lazy("Files"),
        rows=3,
        help_text=gettext_lazy(
            "One table a line: members = members-*.csv. The files end in .csv (UTF-8, with a"
            " header line) or .parquet."
        ),
    )
    search = _area(
        gettext_lazy("Query that searches"),
        rows=6,
        help_text=_with(gettext_lazy("One SELECT, bound to the person by: %(names)s"), _NAMES),
    )


FORMS: dict[str, type[ConnectorForm]] = {
    form.connector: form for form in (SqlForm, HttpForm, FolderForm)
}


class TryForm(PortalForm):
    """Sample values for a try; they are used once and kept nowhere."""

    def __init__(self, names: tuple[str, ...], data: Any = None) -> None:
        super().__init__(data)
        for name in names:
            self.fields[f"try_{name}"] = forms.CharField(
                label=str(connector_words.ATTRIBUTES[name]),
                required=False,
                max_length=200,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )
        self.names = names

    def values(self) -> dict[str, str | None]:
        """What was typed, by attribute."""
        return {name: self.cleaned_data[f"try_{name}"] or None for name in self.names}


def kind_choices(controller: Controller) -> list[tuple[str, str]]:
    """The kinds of request that are carried out in systems, of the controller's rule sets."""
    language, book = get_language() or "ja", shelf.book()
    found = []
    for regime in controller.regimes:
        if regime not in book.regimes:
            continue
        rules = book.versions(regime)[-1]
        for code, kind in rules.kinds.items():
            if kind.carried_out:
                title = kind.title.in_language(language)
                found.append((f"{regime}.{code}", f"{title} ({regime.upper()})"))
    return found


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the form's fields."""
    flat = {name: value for name, value in given.items() if name != "changes"}
    for number, change in enumerate(given.get("changes") or [], 1):
        flat |= {f"{part}_{number}": value for part, value in change.items()}
    return flat
