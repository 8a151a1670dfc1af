"""Fees: what a company charges and how it is paid, and what was charged and paid in a case."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.controller import Controller
from dsar.models.sealed import SealedTextField


class FeeAmount(models.Model):
    """The fee of one company for one kind of request, where it differs from its usual one.

    In whole units of the rule set's currency.
    """

    controller = models.ForeignKey(
        Controller,
        on_delete=models.CASCADE,
        related_name="fee_amounts",
        verbose_name=_("controller"),
    )
    regime = models.CharField(_("rule set"), max_length=20)
    kind = models.CharField(_("kind of request"), max_length=40)
    amount = models.PositiveIntegerField(_("amount"), help_text=_("0 is free."))

    class Meta:
        ordering = ["regime", "id"]
        verbose_name = _("fee for a kind of request")
        verbose_name_plural = _("fees for single kinds of request")
        constraints = [
            models.UniqueConstraint(
                fields=["controller", "regime", "kind"], name="one_fee_amount_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount}"


class PaymentWay(models.Model):
    """A way in which a company takes fees, with what the person has to know.

    `code` is one of the ways of the law's fee (`law.Fee.ways`).
    """

    controller = models.ForeignKey(
        Controller,
        on_delete=models.CASCADE,
        related_name="payment_ways",
        verbose_name=_("controller"),
    )
    code = models.CharField(_("way of payment"), max_length=40)
    instructions_ja = models.TextField(_("how to pay (Japanese)"), max_length=1000)
    instructions_en = models.TextField(_("how to pay (English)"), max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("way of paying fees")
        verbose_name_plural = _("ways of paying fees")
        constraints = [
            models.UniqueConstraint(fields=["controller", "code"], name="one_payment_way_a_code")
        ]

    def __str__(self) -> str:
        return self.code

    def instructions_in(self, language: str | None) -> str:
        """What the person has to know, in `language`; Japanese where there is no English."""
        if (language or "ja").startswith("en"):
            return self.instructions_en or self.instructions_ja
        return self.instructions_ja


class Fee(models.Model):
    """A fee charged in a case. At most one is open.

    One that came with the request was never asked for: it has no `charged_on`.
    """

    class State(models.TextChoices):
        """What came of it. A case that ends unpaid lets its fee lapse."""

        OPEN = "open", _("Waiting for payment")
        PAID = "paid", _("Paid")
        WAIVED = "waived", _("Waived")
        LAPSED = "lapsed", _("Not paid")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="fees")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    amount = models.PositiveIntegerField(_("amount"), validators=[MinValueValidator(1)])
    currency = models.CharField(max_length=3)
    charged_on = models.DateField(_("charged on"), null=True)
    charged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="charged_fees"
    )
    settled_on = models.DateField(_("settled on"), null=True)
    waiver = SealedTextField()  # why it was waived

    class Meta:
        ordering = ["id"]
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="one_open_fee_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.state})"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class Payment(models.Model):
    """Money, stamps or a postal order that arrived for a fee."""

    fee = models.ForeignKey(Fee, on_delete=models.CASCADE, related_name="payments")
    amount = models.PositiveIntegerField(_("amount"), validators=[MinValueValidator(1)])
    way = models.CharField(_("way of payment"), max_length=40)
    paid_on = models.DateField(_("arrived on"))
    reference = SealedTextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recorded_payments"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")

    def __str__(self) -> str:
        return f"{self.amount} {self.way}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.fee.sealing_key()
