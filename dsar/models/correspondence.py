"""Words between the desk and the person: messages, notices, and the wording of mail."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.draft import IntakeDraft
from dsar.models.sealed import SealedJSONField, SealedTextField


class Message(models.Model):
    """One message in the case's correspondence; read and written on the portal."""

    class Direction(models.TextChoices):
        FROM_REQUESTER = "from_requester", _("From the requester")
        TO_REQUESTER = "to_requester", _("To the requester")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=16, choices=Direction)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    body = SealedTextField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.direction} {self.at:%Y-%m-%d}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class Note(models.Model):
    """An internal note; the person never sees it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    body = SealedTextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.author_id} {self.at:%Y-%m-%d}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class Notice(models.Model):
    """One thing that is due to be told by mail: a row that a sweep claims, sends and keeps.

    `message_id` is fixed when the row is made, so a second sending after a crash is recognised.
    Where the mail goes is found out when it is sent, so no address rests here.
    """

    class Audience(models.TextChoices):
        REQUESTER = "requester", _("Requester")
        DESK = "desk", _("Desk")
        OWNER = "owner", _("Data owner")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CLAIMED = "claimed", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="notices")
    draft = models.ForeignKey(
        IntakeDraft, on_delete=models.CASCADE, null=True, related_name="notices"
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="notices"
    )
    audience = models.CharField(_("audience"), max_length=12, choices=Audience)
    kind = models.CharField(_("kind"), max_length=40)
    due_at = models.DateTimeField(_("due at"))
    facts = models.JSONField(default=dict)
    secret = SealedJSONField()  # one-time codes and links that only the mail may show
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "due_at"],
                condition=Q(case__isnull=False),
                name="one_notice_a_case",
            ),
            models.UniqueConstraint(
                fields=["recipient", "kind", "due_at"],
                condition=Q(case__isnull=True, recipient__isnull=False),
                name="one_notice_a_recipient",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], name="notice_due", condition=Q(state="waiting")
            ),
            models.Index(
                fields=["claimed_until"], name="notice_lease", condition=Q(state="claimed")
            ),
            models.Index(fields=["id"], name="notice_failed", condition=Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%Y-%m-%d %H:%M}"

    def sealing_key(self) -> vault.DataKey:
        """The key of the case or draft the notice is about."""
        owner = self.case or self.draft
        if owner is None:
            raise vault.VaultError("a notice about no case has no secrets")
        return owner.sealing_key()


def new_message_id() -> str:
    """A fresh Message-ID (RFC 5322 §3.6.4) in the portal's own domain."""
    return f"<{uuid.uuid4().hex}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"


class MailTemplate(models.Model):
    """The desk's own wording of one kind of mail in one language; without it ours is used."""

    kind = models.CharField(_("kind"), max_length=40)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("body"))

    class Meta:
        ordering = ["kind", "language"]
        verbose_name = _("mail template")
        verbose_name_plural = _("mail templates")
        constraints = [
            models.UniqueConstraint(fields=["kind", "language"], name="one_template_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_language_display()})"
