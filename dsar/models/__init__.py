"""What is kept."""

from dsar.models.access import AccessCode, EmailConfirmation
from dsar.models.case import (
    FINISHED,
    NO_DUE,
    Case,
    CaseQuerySet,
    Channel,
    Outcome,
    RequesterRole,
    Status,
)
from dsar.models.complaint import ComplaintCategory, Investigation
from dsar.models.connector_run import ConnectorRun
from dsar.models.controller import (
    DUTIES,
    FOUR_EYES,
    FOUR_EYES_USUAL,
    ClosingDay,
    Controller,
    ReminderRule,
    Service,
    Window,
)
from dsar.models.correspondence import MailTemplate, Message, Note, Notice, new_message_id
from dsar.models.deadline import ClockExtension, ClockStop, Deadline
from dsar.models.decision import Decision, ItemDecision
from dsar.models.desk import CalendarLink, Export, SavedView
from dsar.models.disclosure import Download, Package, Release
from dsar.models.draft import IntakeDraft
from dsar.models.event import ActorKind, Event
from dsar.models.fee import Fee, FeeAmount, Payment, PaymentWay
from dsar.models.file import Attachment
from dsar.models.identity import (
    AccountSignIn,
    IdentityCheck,
    IdentityDocument,
    IdentityProof,
    Sensitivity,
    Subject,
)
from dsar.models.key import CaseKey
from dsar.models.letter import Letter, LetterTemplate, Posting
from dsar.models.link import CaseLink
from dsar.models.material import Material, Redaction, RequestedItem
from dsar.models.person import Person, SearchToken
from dsar.models.provision import ProvisionRegister, ProvisionToken, ThirdPartyProvision
from dsar.models.search import SearchTask
from dsar.models.staff import StaffMember
from dsar.models.system import DataSystem, Processor

__all__ = [
    "DUTIES",
    "FINISHED",
    "FOUR_EYES",
    "FOUR_EYES_USUAL",
    "NO_DUE",
    "AccessCode",
    "AccountSignIn",
    "ActorKind",
    "Attachment",
    "CalendarLink",
    "Case",
    "CaseKey",
    "CaseLink",
    "CaseQuerySet",
    "Channel",
    "ClockExtension",
    "ClockStop",
    "ClosingDay",
    "ComplaintCategory",
    "ConnectorRun",
    "Controller",
    "DataSystem",
    "Deadline",
    "Decision",
    "Download",
    "EmailConfirmation",
    "Event",
    "Export",
    "Fee",
    "FeeAmount",
    "IdentityCheck",
    "IdentityDocument",
    "IdentityProof",
    "IntakeDraft",
    "Investigation",
    "ItemDecision",
    "Letter",
    "LetterTemplate",
    "MailTemplate",
    "Material",
    "Message",
    "Note",
    "Notice",
    "Outcome",
    "Package",
    "Payment",
    "PaymentWay",
    "Person",
    "Posting",
    "Processor",
    "ProvisionRegister",
    "ProvisionToken",
    "Redaction",
    "Release",
    "ReminderRule",
    "RequestedItem",
    "RequesterRole",
    "SavedView",
    "SearchTask",
    "SearchToken",
    "Sensitivity",
    "Service",
    "StaffMember",
    "Status",
    "Subject",
    "ThirdPartyProvision",
    "Window",
    "new_message_id",
]
