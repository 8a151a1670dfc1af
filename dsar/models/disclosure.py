"""What leaves the house: the package of a disclosure, its release, and each time it was fetched."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case
from dsar.models.file import Attachment
from dsar.models.sealed import SealedTextField

_UNBUILT = Q(state__in=["waiting", "building"])


class Package(models.Model):
    """Everything the person gets of one decision, in one file; built by a worker.

    `decided_at` is the decision it was built for: once the case is decided anew it is out of date.
    `tries` counts the builds begun, and tells a worker whose lease ran out that it was replaced.
    `stored_as` is where the bytes of the present build go, so that those of a killed one are
    dropped before the next begins.
    """

    class Form(models.TextChoices):
        """In which form it is made."""

        OPEN = "open", _("ZIP file, for download on the portal")
        LOCKED = "locked", _("ZIP file encrypted with a passphrase, for e-mail or disc")
        PRINT = "print", _("One PDF to print on paper")

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waiting to be built")
        BUILDING = "building", _("Being built")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be built")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="packages")
    form = models.CharField(_("form"), max_length=10, choices=Form)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    decided_at = models.DateTimeField()
    asked_at = models.DateTimeField(_("asked for at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="packages"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    stored_as = models.CharField(max_length=120, blank=True)
    parts = models.PositiveIntegerField(_("parts"), default=0)
    parts_done = models.PositiveIntegerField(_("parts done"), default=0)
    bytes_done = models.PositiveBigIntegerField(_("bytes done"), default=0)
    fault = models.CharField(max_length=20, blank=True)
    file = models.OneToOneField(
        Attachment, on_delete=models.SET_NULL, null=True, related_name="package"
    )
    digest = models.BinaryField(max_length=32, default=bytes)
    built_at = models.DateTimeField(_("built at"), null=True, blank=True)
    passphrase = SealedTextField()
    passphrase_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "form"],
                condition=_UNBUILT,
                name="one_package_at_a_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="package_unbuilt",
                condition=_UNBUILT,
            ),
        ]

    def __str__(self) -> str:
        return f"package {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class Release(models.Model):
    """A package given to the person: from when, until when, how often, and who agreed.

    Where a second person approves what is sent, it waits for them in the state `proposed`.
    """

    class Way(models.TextChoices):
        """How it reaches the person."""

        PORTAL = "portal", _("Download on the portal")
        MAIL = "mail", _("Attached to an e-mail, encrypted")
        DISC = "disc", _("Disc or another carrier, encrypted")
        POST = "post", _("On paper by post")
        COUNTER = "counter", _("Handed over at the counter")

    class State(models.TextChoices):
        """How far it is. Whether it has expired is told by the time."""

        PROPOSED = "proposed", _("Waiting for approval")
        DECLINED = "declined", _("Not approved")
        OPEN = "open", _("Released")
        REVOKED = "revoked", _("Revoked")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="releases")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="releases")
    way = models.CharField(_("way"), max_length=10, choices=Way)
    state = models.CharField(_("state"), max_length=10, choices=State)
    tells_passphrase = models.BooleanField(default=False)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposed_releases"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="approved_releases",
    )
    released_at = models.DateTimeField(_("released at"), null=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    allowed = models.PositiveSmallIntegerField(_("downloads allowed"), default=0)
    fetched = models.PositiveSmallIntegerField(_("downloads"), default=0)
    ended_at = models.DateTimeField(_("revoked at"), null=True)
    handed_on = models.DateField(_("handed over on"), null=True)
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="handings_over"
    )
    handing_note = SealedTextField()  # tracking number, or how the person proved who they are

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"release {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()

    def is_expired(self, at: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= at

    def is_used_up(self) -> bool:
        """Whether it was downloaded as often as is allowed."""
        return self.way == self.Way.PORTAL and self.fetched >= self.allowed


class Download(models.Model):
    """One time a released package was fetched; `finished_at` once all of it was sent."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="downloads")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"download {self.pk}"
