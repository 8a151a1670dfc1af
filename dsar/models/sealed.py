"""Model fields whose values rest encrypted under their case's key.

A model that uses them offers `sealing_key()`. Reading an attribute opens it once; saving seals it
anew for its place ("Model.field"). Queries cannot compare sealed values: exact search goes over
`SearchToken`.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from dsar import vault


class HasKey(Protocol):
    """A row that knows the data key its content is sealed with."""

    def sealing_key(self) -> vault.DataKey: ...


class Ciphertext:
    """A value as it came from the database, opened when first read."""

    __slots__ = ("opened", "plain", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.opened = False
        self.plain: Any = None


class SealedAttribute(DeferredAttribute):
    """Opens on read; what was assigned stays plain in memory until it is saved."""

    field: SealedField

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if not isinstance(value, Ciphertext):
            return value
        if not value.opened:
            value.plain = self.field.opened(instance, value.raw)
            value.opened = True
        return value.plain

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):
    """The common part: how a value becomes bytes and back is said by the subclasses."""

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        kwargs.setdefault("default", self.empty_value)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, path, args, kwargs

    @staticmethod
    def empty_value() -> Any:
        raise NotImplementedError

    def to_plain(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_plain(self, plain: bytes) -> Any:
        raise NotImplementedError

    @property
    def place(self) -> str:
        """Where the value stands; part of what is authenticated."""
        return f"{self.model._meta.object_name}.{self.name}"

    def opened(self, instance: HasKey, raw: bytes) -> Any:
        """The value inside `raw`; empty bytes are the empty value."""
        if not raw:
            return self.empty_value()
        return self.from_plain(instance.sealing_key().open(raw, self.place))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return None if value is None else Ciphertext(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Ciphertext):
            return value.raw
        if not value:
            return b""
        key = model_instance.sealing_key()  # type: ignore[attr-defined]
        return key.seal(self.to_plain(value), self.place)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only whether there is a value can be asked; text lookups would silently find nothing."""
        return super().get_lookup(lookup_name) if lookup_name in ("exact", "isnull") else None

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str | dict | list):
            raise TypeError(f"{self.place} is sealed and cannot be compared or set in a query")
        return super().get_db_prep_value(value, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.place} is sealed and is not serialised")


class SealedTextField(SealedField):
    """Text, sealed."""

    # What django-stubs takes the attribute's type from; it is bytes in the database only.
    _pyi_private_set_type: str
    _pyi_private_get_type: str  # type: ignore[assignment]

    @staticmethod
    def empty_value() -> str:
        return ""

    def to_plain(self, value: str) -> bytes:
        return value.encode()

    def from_plain(self, plain: bytes) -> str:
        return plain.decode()


class SealedJSONField(SealedField):
    """A JSON object, sealed. Assign a new object to change it; changes inside are not seen."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    @staticmethod
    def empty_value() -> dict[str, Any]:
        return {}

    def to_plain(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def from_plain(self, plain: bytes) -> Any:
        return json.loads(plain)
