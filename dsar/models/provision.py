"""The register of provision to and from third parties (APPI Arts. 29 and 30; Rules 19 to 25)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.controller import Controller
from dsar.models.key import CaseKey
from dsar.models.sealed import SealedJSONField, SealedTextField


class ProvisionRegister(models.Model):
    """One controller's register, sealed under a key of its own that no case shares."""

    controller = models.OneToOneField(
        Controller, on_delete=models.PROTECT, related_name="provision_register"
    )
    key = models.OneToOneField(CaseKey, on_delete=models.PROTECT, related_name="register")

    def __str__(self) -> str:
        return f"register {self.controller_id}"


class ThirdPartyProvision(models.Model):
    """One record: what was provided to or received from whom, about whom, on which basis."""

    class Direction(models.TextChoices):
        """Which way the data went."""

        PROVIDED = "provided", _("Provided to a third party (Art. 29)")
        RECEIVED = "received", _("Received from a third party (Art. 30)")

    class Basis(models.TextChoices):
        """Why it could be provided."""

        CONSENT = "consent", _("Consent of the principal (Art. 27(1))")
        OPT_OUT = "opt_out", _("Opt-out (Art. 27(2))")
        FOREIGN = "foreign", _("Consent to provision abroad (Art. 28(1))")
        OTHER = "other", _("Other")

    class Manner(models.TextChoices):
        """How it was recorded; it says how long the record is kept (Rules 21 and 25)."""

        EACH = "each", _("Record for each time: 3 years from its making")
        BATCH = "batch", _("Record in one: 3 years from the last provision")
        CONTRACT = "contract", _("Contract in place of a record: 1 year from the last provision")

    KEPT_YEARS = {Manner.EACH: 3, Manner.BATCH: 3, Manner.CONTRACT: 1}
    PRINCIPAL = ("name", "kana", "birth_date", "address", "email", "phone", "customer_number")
    SEARCHED = ("name", "kana", "email", "phone", "customer_number")

    controller = models.ForeignKey(
        Controller,
        on_delete=models.PROTECT,
        related_name="provisions",
        verbose_name=_("controller"),
    )
    register = models.ForeignKey(
        ProvisionRegister, on_delete=models.PROTECT, related_name="records"
    )
    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    provided_on = models.DateField(_("provided or received on"), null=True, blank=True)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis)
    manner = models.CharField(
        _("how it is recorded"), max_length=10, choices=Manner, default=Manner.EACH
    )
    last_on = models.DateField(_("last provision on"), null=True, blank=True)
    party_name = SealedTextField()
    party_address = SealedTextField()
    party_representative = SealedTextField()
    how_acquired = SealedTextField()  # received: how the other party came by it (Art. 30(1)(ii))
    items = SealedTextField()
    principal = SealedJSONField()
    keep_until = models.DateField(_("kept until"))
    recorded_on = models.DateField(_("recorded on"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="provisions"
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("third-party record")
        verbose_name_plural = _("third-party records")
        constraints = [
            models.CheckConstraint(
                condition=~Q(basis="opt_out") | Q(provided_on__isnull=False),
                name="opt_out_has_a_date",
            )
        ]

    def __str__(self) -> str:
        return f"record {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The register's key."""
        return self.register.key.open()

    def kept_until(self) -> date:
        """The last day on which the record has to be kept."""
        manner = self.Manner(self.manner)
        begins = self.recorded_on if manner == self.Manner.EACH else self.last_on
        begins = begins or self.provided_on or self.recorded_on
        year = begins.year + self.KEPT_YEARS[manner]
        try:
            return begins.replace(year=year)
        except ValueError:  # 29 February
            return date(year, 2, 28)

    def tokens(self) -> list[ProvisionToken]:
        """Search tokens of the principal, not yet saved."""
        return [
            ProvisionToken(record=self, field=field, token=vault.blind_index(field, value))
            for field in self.SEARCHED
            if (value := self.principal.get(field))
        ]


class ProvisionToken(models.Model):
    """A keyed token of one value of a record's principal; equal values have equal tokens."""

    record = models.ForeignKey(
        ThirdPartyProvision, on_delete=models.CASCADE, related_name="search_tokens"
    )
    field = models.CharField(max_length=20)
    token = models.BinaryField(max_length=vault.INDEX_BYTES)

    class Meta:
        indexes = [models.Index(fields=["token", "record"], name="provision_by_token")]

    def __str__(self) -> str:
        return self.field
