"""The case: one request of one kind, and how far it has come."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dsar import law, reference, vault
from dsar.law import shelf
from dsar.models.controller import Controller
from dsar.models.key import CaseKey
from dsar.models.sealed import SealedJSONField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from dsar.models.person import Person
    from dsar.models.staff import StaffMember

NO_DUE = datetime.date.max
"""Stands for "nothing due" in `Case.next_due_on`, so that the queue's index needs no nulls."""


class Status(models.TextChoices):
    """How far a case has come. What came of it is `Outcome`."""

    RECEIVED = "received", _("Received")
    IDENTITY_CHECK = "identity_check", _("Identity check")
    AWAITING_REQUESTER = "awaiting_requester", _("Waiting for the requester")
    IN_PROGRESS = "in_progress", _("Under examination")
    IN_APPROVAL = "in_approval", _("Waiting for approval")
    DECIDED = "decided", _("Decided")
    CLOSED = "closed", _("Closed")


class Outcome(models.TextChoices):
    """What came of a case."""

    GRANTED = "granted", _("Granted")
    PARTIAL = "partial", _("Granted in part")
    REFUSED = "refused", _("Refused")
    NO_DATA = "no_data", _("Data not held")
    NOT_ACCEPTED = "not_accepted", _("Request not effective")
    ANSWERED = "answered", _("Complaint answered")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Merged with an earlier case")


class Channel(models.TextChoices):
    """How a request reached the business."""

    WEB = "web", _("Web form")
    POST = "post", _("Post")
    PHONE = "phone", _("Telephone")
    COUNTER = "counter", _("Counter")
    EMAIL = "email", pgettext_lazy("way a request arrived", "E-mail")


class RequesterRole(models.TextChoices):
    """Who makes the request (APPI Art. 37(3), Cabinet Order Art. 13)."""

    SELF = "self", _("The person concerned")
    STATUTORY_AGENT = "statutory_agent", _("Statutory agent (parent, guardian)")
    MANDATED_AGENT = "mandated_agent", _("Agent with a mandate")


FINISHED = (Status.DECIDED, Status.CLOSED)
"""Statuses in which no answer is owed any more."""


class CaseQuerySet(models.QuerySet["Case"]):
    """What is asked of the cases."""

    def open(self) -> CaseQuerySet:
        """Cases that are not closed."""
        return self.exclude(status=Status.CLOSED)

    def counted(self) -> CaseQuerySet:
        """Each request once: without those that were merged with an earlier case."""
        return self.exclude(outcome=Outcome.MERGED)

    def overdue(self, today: datetime.date) -> CaseQuerySet:
        """Cases whose next due date has passed."""
        return self.filter(next_due_on__lt=today)

    def due_within(self, today: datetime.date, days: int) -> CaseQuerySet:
        """Cases due from `today` to `days` later."""
        last = today + datetime.timedelta(days=days)
        return self.filter(next_due_on__gte=today, next_due_on__lte=last)

    def visible_to(self, user: StaffMember | AnonymousUser) -> CaseQuerySet:
        """The cases of the user's controllers, for those who may view cases at all."""
        if not user.is_active or not user.has_perm("dsar.view_case"):
            return self.none()
        return self.filter(controller__in=user.controllers.all())


class Case(models.Model):
    """One request of one kind by one person to one controller.

    `status` is written by `dsar.lifecycle` alone; `version` counts those writes and the changes of
    what is asked for, so that the second of two officers acting at once is told. `event_count` and
    `chain_head` are the end of the case's event chain (`dsar.ledger`).
    """

    number = models.CharField(_("case number"), max_length=12, unique=True)
    key = models.OneToOneField(CaseKey, on_delete=models.PROTECT, related_name="case")
    controller = models.ForeignKey(
        Controller, on_delete=models.PROTECT, related_name="cases", verbose_name=_("controller")
    )
    regime = models.CharField(_("rule set"), max_length=20)
    rule_version = models.CharField(_("rule set's version"), max_length=20)
    kind = models.CharField(_("kind of request"), max_length=40)
    status = models.CharField(
        _("status"), max_length=24, choices=Status, default=Status.RECEIVED, editable=False
    )
    waiting_from = models.CharField(max_length=24, choices=Status, blank=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    outcome_code = models.CharField(_("ground"), max_length=40, blank=True)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.WEB)
    language = models.CharField(_("language"), max_length=8, default="ja")
    requester_role = models.CharField(
        _("requester"), max_length=20, choices=RequesterRole, default=RequesterRole.SELF
    )
    received_at = models.DateTimeField(_("received at"))
    received_on = models.DateField(_("received on"), help_text=_("In the rule set's time zone."))
    answers = SealedJSONField()
    method = models.CharField(_("method of disclosure"), max_length=40, blank=True)
    delivery = models.CharField(_("delivery"), max_length=40, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("assigned to"),
    )
    receipt_code_digest = models.BinaryField(max_length=32)
    email_confirmed_at = models.DateTimeField(_("e-mail confirmed at"), null=True, blank=True)
    has_news = models.BooleanField(
        _("unread from the requester"), default=False, help_text=_("A message or file arrived.")
    )
    next_due_on = models.DateField(_("due"), default=NO_DUE)
    next_due_code = models.CharField(max_length=40, blank=True)
    is_stopped = models.BooleanField(_("clock stopped"), default=False)
    calendar_version = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    event_count = models.PositiveIntegerField(default=0)
    chain_head = models.BinaryField(max_length=32, default=bytes)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[CaseQuerySet] = CaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            ("file_case", _("Can enter requests from paper, telephone or counter")),
            ("work_case", _("Can work on cases")),
            ("approve_case", _("Can approve decisions")),
        ]
        indexes = [
            models.Index(
                fields=["next_due_on", "id"], name="case_queue", condition=~Q(status="closed")
            ),
            models.Index(
                fields=["assigned_to", "next_due_on"],
                name="case_mine",
                condition=~Q(status="closed"),
            ),
            models.Index(fields=["status", "next_due_on", "id"], name="case_by_status"),
            models.Index(fields=["kind", "next_due_on", "id"], name="case_by_kind"),
            models.Index(fields=["controller", "next_due_on", "id"], name="case_by_controller"),
            models.Index(fields=["received_at", "id"], name="case_by_receipt"),
            models.Index(
                fields=["calendar_version"], name="case_stale_clock", condition=~Q(status="closed")
            ),
        ]

    def __str__(self) -> str:
        return self.shown_number

    def sealing_key(self) -> vault.DataKey:
        """The key the case's content is sealed with."""
        return self.key.open()

    @property
    def shown_number(self) -> str:
        """The number as people see it."""
        return reference.show_case_number(self.number)

    @property
    def rules(self) -> law.RuleSet:
        """The rule-set version the case is pinned to."""
        return shelf.book().get(self.regime, self.rule_version)

    @property
    def rule(self) -> law.Kind:
        """What the law says of this kind."""
        return self.rules.kinds[self.kind]

    @property
    def due_on(self) -> datetime.date | None:
        """The next due date, or None while nothing is due."""
        return None if self.next_due_on == NO_DUE else self.next_due_on

    @property
    def is_open(self) -> bool:
        """Whether anything may still be done."""
        return self.status != Status.CLOSED

    def contact(self) -> Person | None:
        """The person who gets the mail: the agent, or the principal if only they have an address.

        Without any address it is the agent, else the principal.
        """
        people = sorted(self.people.all(), key=lambda person: person.role != "agent")
        return next((person for person in people if person.email), people[0] if people else None)

    def email(self) -> str:
        """Where mail about the case goes; may be empty."""
        contact = self.contact()
        return contact.email if contact else ""
