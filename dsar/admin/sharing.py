"""What a question to a data owner may tell of the person."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

SHAREABLE: dict[str, str | Promise] = {
    "customer_number": gettext_lazy("Customer number"),
    "name": pgettext_lazy("of a person", "Name"),
    "kana": gettext_lazy("Reading of the name"),
    "former_name": gettext_lazy("Former name"),
    "birth_date": gettext_lazy("Date of birth"),
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Telephone"),
    "postal_code": gettext_lazy("Postal code"),
    "address": gettext_lazy("Address"),
    "former_address": gettext_lazy("Former address"),
}
"""What a question may tell of the person, in the order in which it identifies."""
