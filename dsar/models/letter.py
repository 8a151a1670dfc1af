"""Letters to the person: ordered by an act, written and frozen once, posted and noted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.controller import Controller
from dsar.models.file import Attachment
from dsar.models.sealed import SealedTextField


class Letter(models.Model):
    """One letter. An act orders it in its own transaction; its text is frozen when it is issued.

    `digest` is the SHA-256 of the issued PDF.
    """

    class Kind(models.TextChoices):
        """What the letter is about."""

        RECEIPT = "receipt", _("Receipt of the request")
        DEFICIENCY = "deficiency", _("Request to complete the request")
        IDENTITY = "identity", _("Request to prove identity")
        FEE = "fee", _("Notice of the fee")
        FEE_RECEIPT = "fee_receipt", _("Receipt for the fee")
        EXTENSION = "extension", _("Notice of extension")
        DECISION = "decision", _("Notice of decision")
        THRESHOLD = "threshold", _("Notice that the request is not effective")
        COMPLETION = "completion", _("Notice of completion")
        COMPLAINT = "complaint", _("Answer to a complaint")

    class State(models.TextChoices):
        """How far it is."""

        ORDERED = "ordered", _("Being written")
        ISSUED = "issued", _("Issued")
        FAILED = "failed", _("Could not be written")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ORDERED)
    event = models.PositiveIntegerField(help_text=_("Position of the event that ordered it."))
    facts = models.JSONField(default=dict)
    language = models.CharField(_("language"), max_length=8)
    subject = SealedTextField()
    body = SealedTextField()
    recipient = SealedTextField()  # the address block, one line a row
    pdf = models.OneToOneField(
        Attachment, on_delete=models.PROTECT, null=True, related_name="letter"
    )
    digest = models.BinaryField(max_length=32, default=bytes)
    ordered_at = models.DateTimeField(_("ordered at"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="letters"
    )
    issued_at = models.DateTimeField(_("issued at"), null=True)
    by_post = models.BooleanField(_("goes by post"), default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)  # nothing: at once
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "event"], name="one_letter_an_event")
        ]
        indexes = [
            models.Index(fields=["id"], name="letter_ordered", condition=Q(state="ordered")),
            models.Index(fields=["id"], name="letter_failed", condition=Q(state="failed")),
            models.Index(
                fields=["id"],
                name="letter_for_post",
                condition=Q(state="issued", by_post=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class LetterTemplate(models.Model):
    """The desk's own wording of one letter in one language; without it ours is used.

    One for a company goes before one for all, then one for a rule set before one for all.
    """

    kind = models.CharField(_("letter"), max_length=20)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    controller = models.ForeignKey(
        Controller,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="letter_templates",
        verbose_name=_("controller"),
        help_text=_("Empty: all controllers."),
    )
    regime = models.CharField(_("rule set"), max_length=10, blank=True)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("body"))

    class Meta:
        ordering = ["kind", "language", "id"]
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language", "regime", "controller"],
                condition=Q(controller__isnull=False),
                name="one_letter_text_a_controller",
            ),
            models.UniqueConstraint(
                fields=["kind", "language", "regime"],
                condition=Q(controller__isnull=True),
                name="one_letter_text_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"


class Posting(models.Model):
    """One letter handed to the post: how, when, by whom, and who checked it."""

    class Way(models.TextChoices):
        """How it travels."""

        ORDINARY = "ordinary", _("Ordinary mail")
        RECORDED = "recorded", _("Recorded delivery (特定記録)")
        SIMPLE_REGISTERED = "simple_registered", _("Simple registered mail (簡易書留)")
        REGISTERED = "registered", _("Registered mail (一般書留)")
        TO_PERSON = "to_person", _("To the addressee in person only (本人限定受取郵便)")
        LETTERPACK_PLUS = "letterpack_plus", _("Letter Pack Plus (レターパックプラス)")
        LETTERPACK_LIGHT = "letterpack_light", _("Letter Pack Light (レターパックライト)")
        ABROAD = "abroad", _("Mail to a foreign country")
        COUNTER = "counter", _("Handed over at the counter")

    TRACKED = (
        Way.RECORDED,
        Way.SIMPLE_REGISTERED,
        Way.REGISTERED,
        Way.TO_PERSON,
        Way.LETTERPACK_PLUS,
        Way.LETTERPACK_LIGHT,
    )

    class State(models.TextChoices):
        """How far it is."""

        PREPARED = "prepared", _("Waits for the second check")
        POSTED = "posted", _("Posted")

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="postings")
    state = models.CharField(_("state"), max_length=10, choices=State)
    way = models.CharField(_("way"), max_length=20, choices=Way)
    tracking = SealedTextField()
    posted_on = models.DateField(_("posted on"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="postings"
    )
    at = models.DateTimeField()
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="checked_postings",
    )
    checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")

    def __str__(self) -> str:
        return f"{self.way} {self.letter_id}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.letter.sealing_key()
