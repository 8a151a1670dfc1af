"""Whether the person is who they say, and may act: what was asked, shown and found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar import vault
from dsar.models.case import Case, RequesterRole
from dsar.models.controller import Bilingual, Controller
from dsar.models.file import Attachment
from dsar.models.sealed import SealedJSONField, SealedTextField


class Subject(models.TextChoices):
    """Who or what is checked. An agent's authority is checked apart from the agent's identity."""

    PRINCIPAL = "principal", _("Identity of the person concerned")
    AGENT = "agent", _("Identity of the agent")
    AUTHORITY = "authority", _("Authority of the agent")


def subjects(case: Case) -> tuple[Subject, ...]:
    """What has to be proven, in order; nothing for kinds that need no identity check.

    A principal who sends an agent is not identified a second time: the papers that show the
    agent's authority name the principal.
    """
    if case.rule.identity != "required":
        return ()
    if case.requester_role == RequesterRole.SELF:
        return (Subject.PRINCIPAL,)
    return (Subject.AGENT, Subject.AUTHORITY)


class Sensitivity(models.TextChoices):
    """How much harm an answer to the wrong person would do."""

    ORDINARY = "ordinary", _("Ordinary data")
    SENSITIVE = "sensitive", _("Sensitive data (health, finances, precise location and the like)")


class IdentityCheck(models.Model):
    """What one case needs to know about one subject, and the result.

    Attributes:
        level: code of the level that is required, empty for the authority.
        papers: for the authority, the code of the kind of agent, which says which papers it takes.
        method: how it was proven, empty until then.
        covers_answer: the mandate covers receiving the answer.
    """

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", _("Not proven yet")
        ACCEPTED = "accepted", _("Proven")
        REJECTED = "rejected", _("Not accepted")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="identity_checks")
    subject = models.CharField(_("what is checked"), max_length=12, choices=Subject)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    level = models.CharField(_("required level"), max_length=40, blank=True)
    sensitivity = models.CharField(max_length=12, choices=Sensitivity, default=Sensitivity.ORDINARY)
    papers = models.CharField(max_length=40, blank=True)
    method = models.CharField(_("how it was proven"), max_length=120, blank=True)
    covers_answer = models.BooleanField(default=False)
    note = SealedTextField()
    asked_at = models.DateTimeField(_("asked at"), null=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "subject"], name="one_check_a_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.case_id}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class IdentityDocument(models.Model):
    """A paper that was shown. Its picture is destroyed some days after the check.

    What stays is who looked at it, its type, when, and the result.
    """

    class State(models.TextChoices):
        """What came of looking at it."""

        NEW = "new", _("Not checked yet")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, related_name="identity_documents"
    )
    subject = models.CharField(_("what it shows"), max_length=12, choices=Subject)
    type = models.CharField(_("type"), max_length=40)
    attachment = models.OneToOneField(
        Attachment, on_delete=models.SET_NULL, null=True, related_name="identity_document"
    )
    issued_on = models.DateField(_("issued on"), null=True)
    expires_on = models.DateField(_("valid until"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    checklist = models.JSONField(default=list)  # codes of what was found in order
    reason = SealedTextField()  # why it was rejected; the person reads it
    added_at = models.DateTimeField(_("added at"))
    checked_at = models.DateTimeField(_("checked at"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    destroyed_at = models.DateTimeField(_("picture destroyed at"), null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["checked_at"],
                name="identity_picture_kept",
                condition=models.Q(destroyed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The key of the case, or of the draft it was added to."""
        if self.case is not None:
            return self.case.sealing_key()
        if self.attachment is None:
            raise vault.VaultError("a paper without case or file has no key")
        return self.attachment.sealing_key()


class IdentityProof(models.Model):
    """Another proof than a paper: an account, a visit, a letter, a provider's answer."""

    class Method(models.TextChoices):
        """How it proves."""

        ACCOUNT = "account", _("Signed in to their account with us")
        PAPERS = "documents", _("Papers that came by post or e-mail")
        IN_PERSON = "in_person", _("Original papers seen at the counter")
        REGISTERED = "registered_data", _("Compared with registered data, and called or wrote back")
        SEAL = "seal", _("Registered seal with its certificate")
        POST = "post", _("Tracked letter to the address on the document")
        EKYC = "ekyc", _("Online identification by a provider")
        OTHER = "other", _("Another way")

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Under way")
        SHOWN = "shown", _("To be looked at")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="identity_proofs")
    subject = models.CharField(_("what it shows"), max_length=12, choices=Subject)
    method = models.CharField(_("how"), max_length=20, choices=Method)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    details = SealedJSONField()
    """What was told: claims of the account, tracking number, a provider's reference, a note."""
    digest = models.BinaryField(max_length=32, default=bytes)  # of the code in a letter
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(_("begun at"))
    done_at = models.DateTimeField(_("done at"), null=True)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.method} {self.pk}"

    def sealing_key(self) -> vault.DataKey:
        """The case's key."""
        return self.case.sealing_key()


class AccountSignIn(Bilingual):
    """The sign-in of a controller's customer accounts, by OpenID Connect.

    The client's secret is not kept here: the row names the environment variable that holds it.
    """

    controller = models.OneToOneField(
        Controller,
        on_delete=models.CASCADE,
        related_name="account_sign_in",
        verbose_name=_("controller"),
    )
    issuer = models.CharField(
        _("issuer"), max_length=300, help_text=_("As in the provider’s own configuration.")
    )
    client_id = models.CharField(_("client ID"), max_length=200)
    secret_name = models.CharField(
        _("name of the secret"),
        max_length=60,
        blank=True,
        help_text=_("The environment variable OIDC_SECRET_<name> holds the client’s secret."),
    )
    number_claim = models.CharField(
        _("claim with the customer number"),
        max_length=60,
        blank=True,
        help_text=_("Compared with the number the person gave."),
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("customer account sign-in")
        verbose_name_plural = _("customer account sign-ins")
