"""The register of provision to and from third parties: kept, found by exact person, disclosed.

Records rest sealed under the register's own key, apart from any case. They are found by keyed
tokens of what is known of the principal, so nobody can leaf through them by name.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from dsar import ledger, materials, vault
from dsar.clock_words import long_date
from dsar.ledger import Actor
from dsar.models import (
    Case,
    CaseKey,
    Controller,
    Material,
    Person,
    ProvisionRegister,
    ProvisionToken,
    StaffMember,
    ThirdPartyProvision,
)

KIND = "tp_record_disclosure"
STRONG = ("email", "phone", "customer_number")
"""What hardly two people share; a name alone is a hint only."""
MOST_LINES = 5_000
COLUMNS = (
    "direction",
    "provided_on",
    "basis",
    "manner",
    "last_on",
    "party_name",
    "party_address",
    "party_representative",
    "how_acquired",
    "items",
    *ThirdPartyProvision.PRINCIPAL,
)
_DATES = ("provided_on", "last_on")
_REQUIRED = ("direction", "basis", "party_name", "items", "name")


class Faulty(Exception):
    """Records cannot be kept; `faults` says what is wrong, by line (0: the file) in words."""

    def __init__(self, faults: dict[int, list[str]]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} faulty lines")


@dataclass(frozen=True, slots=True)
class Match:
    """A record that may be about the person, and which of their values it shares."""

    record: ThirdPartyProvision
    fields: tuple[str, ...] = field(default=())

    @property
    def is_strong(self) -> bool:
        """Whether more than a name agrees."""
        return any(name in STRONG for name in self.fields)


def register_of(controller: Controller) -> ProvisionRegister:
    """The controller's register; made when first needed."""
    found = ProvisionRegister.objects.select_related("key").filter(controller=controller).first()
    if found is not None:
        return found
    with transaction.atomic():
        Controller.objects.select_for_update().get(pk=controller.pk)
        found = ProvisionRegister.objects.filter(controller=controller).first()
        if found is None:
            key = CaseKey.fresh()
            key.save(force_insert=True)
            found = ProvisionRegister.objects.create(controller=controller, key=key)
    return found


def add(
    controller: Controller, given: Mapping[str, Any], *, by: StaffMember | None, on: date
) -> ThirdPartyProvision:
    """Keep one record.

    Args:
        given: values by the names of `COLUMNS`; dates as `date`.
        on: the day it is recorded.
    """
    return _insert([_record(register_of(controller), given, by, on)])[0]


def read_csv(
    controller: Controller, content: bytes, *, by: StaffMember | None, on: date
) -> list[ThirdPartyProvision]:
    """Keep the records of a CSV file whose header names `COLUMNS`: all of them, or none.

    Raises:
        Faulty: with what is wrong in which line.
    """
    try:
        text = materials.decoded(content)
        lines = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (materials.NotATable, csv.Error) as error:
        raise Faulty({0: [str(error)]}) from error
    header = set(lines[0]) if lines else set()
    missing = [name for name in _REQUIRED if name not in header]
    if not lines or missing:
        raise Faulty({0: [_("These columns are missing: %(names)s.") % {"names": missing}]})
    unknown = sorted(str(name) for name in header - set(COLUMNS))
    if unknown:
        names = ", ".join(unknown)
        raise Faulty({0: [_("These columns are not known: %(names)s.") % {"names": names}]})
    if len(lines) > MOST_LINES:
        raise Faulty({0: [_("More than %(most)d lines. Split the file.") % {"most": MOST_LINES}]})
    register = register_of(controller)
    rows, faults = [], {}
    for number, line in enumerate(lines, 2):
        given, wrong = _read_line(line)
        if wrong:
            faults[number] = wrong
        else:
            rows.append(_record(register, given, by, on))
    if faults:
        raise Faulty(faults)
    return _insert(rows)


def why_not(given: Mapping[str, Any]) -> dict[str, str]:
    """What the Rules miss in a record, by field."""
    faults = {}
    for name in _REQUIRED:
        if not given.get(name):
            faults[name] = _("“%(name)s” is missing.") % {"name": name}
    if given.get("basis") == ThirdPartyProvision.Basis.OPT_OUT and not given.get("provided_on"):
        faults["provided_on"] = _("With an opt-out the day of provision is recorded (Rule 20).")
    manner = given.get("manner") or ThirdPartyProvision.Manner.EACH
    if manner != ThirdPartyProvision.Manner.EACH and not (
        given.get("last_on") or given.get("provided_on")
    ):
        faults["last_on"] = _("Enter the day of the last provision: the time to keep begins there.")
    return faults


def find(controllers: Iterable[Controller], values: Mapping[str, str]) -> list[Match]:
    """The records of these controllers that share one of the values exactly.

    Args:
        values: by field of `ThirdPartyProvision.SEARCHED`.
    """
    tokens = {
        vault.blind_index(name, value): name
        for name, value in values.items()
        if value and name in ThirdPartyProvision.SEARCHED
    }
    hits = ProvisionToken.objects.filter(
        token__in=list(tokens), record__controller__in=list(controllers)
    )
    fields: dict[int, list[str]] = {}
    for record, name, token in hits.values_list("record", "field", "token"):
        if tokens[bytes(token)] == name:
            fields.setdefault(record, []).append(name)
    rows = ThirdPartyProvision.objects.select_related("register__key", "controller")
    found = [Match(row, tuple(sorted(fields[row.pk]))) for row in rows.filter(pk__in=fields)]
    return sorted(found, key=lambda match: (not match.is_strong, -match.record.pk))


def proposed(case: Case) -> list[Match]:
    """The records that may be about the principal of a case."""
    if case.kind != KIND:
        return []
    principal = next((one for one in case.people.all() if one.role == Person.Role.PRINCIPAL), None)
    if principal is None:
        return []
    known = {name: getattr(principal, name) for name in ThirdPartyProvision.SEARCHED}
    found = find([case.controller], known)
    if principal.former_name:
        ids = {match.record.pk for match in found}
        former = find([case.controller], {"name": principal.former_name})
        found += [match for match in former if match.record.pk not in ids]
    return found


def disclose(
    case: Case, records: Iterable[ThirdPartyProvision], *, by: Actor, at: datetime
) -> Material:
    """Put records into the case as a table, to be decided on like any other material."""
    chosen = list(records)
    with override(case.language):
        rows = [_as_row(record, case.language) for record in chosen]
        title = _("Records of provision to and from third parties")
    item = case.items.first() if case.items.count() == 1 else None
    material = materials.add_table(case, title, list(rows[0]), rows, at=at, by=by.user, item=item)
    with transaction.atomic():
        ledger.append(
            case,
            "disclose_records",
            by=by,
            at=at,
            facts={"material": material.pk, "records": [record.pk for record in chosen]},
        )
    return material


def _as_row(record: ThirdPartyProvision, language: str) -> dict[str, str]:
    """A record as the person reads it (Art. 33(5))."""

    def day(value: date | None) -> str:
        return long_date(value, language) if value else ""

    return {
        _("Direction"): str(record.get_direction_display()),
        _("Provided or received on"): day(record.provided_on),
        _("Other party"): record.party_name,
        _("Its address"): record.party_address,
        _("Its representative"): record.party_representative,
        _("How it was acquired"): record.how_acquired,
        _("Items of personal data"): record.items,
        _("Basis"): str(record.get_basis_display()),
    }


def _record(
    register: ProvisionRegister, given: Mapping[str, Any], by: StaffMember | None, on: date
) -> ThirdPartyProvision:
    plain = {name: given.get(name) for name in COLUMNS[:10] if given.get(name)}
    row = ThirdPartyProvision(
        controller=register.controller, register=register, recorded_on=on, recorded_by=by, **plain
    )
    row.principal = {name: given[name] for name in ThirdPartyProvision.PRINCIPAL if given.get(name)}
    row.keep_until = row.kept_until()
    return row


def _insert(rows: list[ThirdPartyProvision]) -> list[ThirdPartyProvision]:
    """Records and their tokens, all or none."""
    with transaction.atomic():
        for row in rows:
            row.save(force_insert=True)
        ProvisionToken.objects.bulk_create(token for row in rows for token in row.tokens())
    return rows


def _read_line(line: Mapping[str | None, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of a line and what is wrong with them."""
    if None in line or None in line.values():
        return {}, [_("The line has not as many values as the header.")]
    given: dict[str, Any] = {str(name): value.strip() for name, value in line.items()}
    wrong = []
    for name in _DATES:
        if given.get(name):
            try:
                given[name] = date.fromisoformat(given[name].replace("/", "-"))
            except ValueError:
                wrong.append(_("“%(name)s” is no date such as 2026-11-10.") % {"name": name})
    for name, choices in (
        ("direction", ThirdPartyProvision.Direction),
        ("basis", ThirdPartyProvision.Basis),
        ("manner", ThirdPartyProvision.Manner),
    ):
        if given.get(name) and given[name] not in choices.values:
            known = ", ".join(choices.values)
            wrong.append(_("“%(name)s” is one of: %(known)s.") % {"name": name, "known": known})
    return given, wrong + list(why_not(given).values())
