"""The people of a case, and how a case is found by their data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.sealed import SealedTextField


class Person(models.Model):
    """The principal (本人) or the agent (代理人) of one case; everything sealed."""

    class Role(models.TextChoices):
        PRINCIPAL = "principal", _("Principal")
        AGENT = "agent", _("Agent")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="people")
    role = models.CharField(max_length=12, choices=Role)
    name = SealedTextField()
    kana = SealedTextField()
    birth_date = SealedTextField()  # ISO 8601
    postal_code = SealedTextField()
    address = SealedTextField()
    former_address = SealedTextField()
    former_name = SealedTextField()
    email = SealedTextField()
    phone = SealedTextField()
    customer_number = SealedTextField()
    relation = SealedTextField()  # agent: e.g. mother, guardian, lawyer

    FIELDS = (
        "name",
        "kana",
        "birth_date",
        "postal_code",
        "address",
        "former_address",
        "former_name",
        "email",
        "phone",
        "customer_number",
        "relation",
    )
    SEARCHED = ("name", "kana", "former_name", "email", "phone", "customer_number")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "role"], name="one_person_a_role")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.case_id}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()

    def tokens(self) -> list[SearchToken]:
        """Search tokens of what is filled in, not yet saved."""
        return [
            SearchToken(case=self.case, field=field, token=vault.blind_index(field, value))
            for field in self.SEARCHED
            if (value := getattr(self, field))
        ]


class SearchToken(models.Model):
    """A keyed token of one value; equal values have equal tokens."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="search_tokens")
    field = models.CharField(max_length=20)
    token = models.BinaryField(max_length=vault.INDEX_BYTES)

    class Meta:
        indexes = [models.Index(fields=["token", "case"], name="case_by_token")]

    def __str__(self) -> str:
        return self.field
