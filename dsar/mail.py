"""A notice becomes a letter: to whom, in which language, in which words.

Nothing personal stands in a mail beside its address: case number, kind, dates and links only.
What was asked and answered is read on the portal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils.translation import override

from dsar import casework, files, notices, owner_mail, vault
from dsar.blanks import fill
from dsar.mail_values import VALUES, Letter, Moot, samples, task_of
from dsar.models import (
    Case,
    Notice,
    Package,
    Release,
    StaffMember,
)
from dsar.wording import BLANKS, check_template, stem, wording

__all__ = ["BLANKS", "Moot", "check_template", "compose", "preview"]

NO_ADDRESS = "no e-mail address"


def compose(notice: Notice, now: datetime) -> EmailMessage:
    """The mail for a notice, ready to be sent.

    Raises:
        Moot: nobody to send it to, nothing to say, or what it was about is gone.
    """
    try:
        to, language = _addressees(notice)
        with override(language):
            subject, body = wording(notice.kind, language)
            letter = Letter(notice, language, now)
            values = {name: VALUES[name](letter) for name in BLANKS[stem(notice.kind)]}
            subject, body = fill(subject, values), fill(body, values)
    except vault.KeyDestroyed:
        raise Moot("erased meanwhile") from None
    attached = _package(notice) if notice.kind == notices.PACKAGE_MAIL else None
    return EmailMessage(
        subject=_one_line(subject),
        body=body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=to,
        headers={
            "Message-ID": notice.message_id,
            "Date": format_datetime(now.astimezone(UTC)),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers, please
        },
        attachments=[attached] if attached else None,
    )


def preview(kind: str, language: str, subject: str, body: str) -> tuple[str, str]:
    """Subject and body with sample values, for whoever edits a letter.

    Raises KeyError for a kind there is not, and for an unknown blank (see `check_template`).
    """
    with override(language):
        known = samples(language)
        values = {name: known[name] for name in BLANKS[stem(kind)]}
        return _one_line(fill(subject, values)), fill(body, values)


# --- To whom ------------------------------------------------------------------------------
def _addressees(notice: Notice) -> tuple[list[str], str]:
    """Addresses and the language of the mail."""
    if notice.audience == Notice.Audience.DESK:
        return _desk(notice)
    if notice.audience == Notice.Audience.OWNER:
        return _owner(notice)
    if notice.case is not None:
        return [_address(notice.case.email())], _language(notice.case.language)
    if notice.draft is None:
        raise Moot("about nothing")
    answers: Mapping[str, Any] = notice.draft.answers
    given = [answers.get(step, {}).get("email") for step in ("agent", "contact")]
    return [_address(next(filter(None, given), None))], _language(notice.draft.language)


def _desk(notice: Notice) -> tuple[list[str], str]:
    """Whom it is for by name, else the approvers or the assigned officer, else the desk."""
    case = notice.case
    named = notice.recipient
    if named is None and case is not None and notice.kind in _FOR_APPROVERS:
        approvers = _approvers(case, notice.kind)
        if approvers:
            return [_address(user.email) for user in approvers], _language(settings.LANGUAGE_CODE)
    elif named is None and case is not None and case.assigned_to is not None:
        # Who was moved to another company since could not even open the case.
        named = case.assigned_to if casework.may_work_on(case.assigned_to, case) else None
    if named is not None and named.is_active and named.email:
        return [_address(named.email)], _language(named.language)
    if case is None:
        raise Moot(NO_ADDRESS)
    return [_address(case.controller.desk_email)], _language(settings.LANGUAGE_CODE)


def _owner(notice: Notice) -> tuple[list[str], str]:
    """The data owner with a login while they are one, else the address of the system."""
    system, owner = task_of(notice).system, notice.recipient
    if owner is None:
        return [_address(owner_mail.link_address(system))], _language(settings.LANGUAGE_CODE)
    if owner not in owner_mail.addressees(system):
        raise Moot("no data owner of the system any more")
    return [_address(owner.email)], _language(owner.language)


_FOR_APPROVERS = (notices.DESK_APPROVAL, notices.DESK_RELEASE)


def _approvers(case: Case, kind: str) -> list[StaffMember]:
    """Who may approve the decision or release that waits: not its author (four eyes)."""
    if kind == notices.DESK_RELEASE:
        waiting = case.releases.filter(state=Release.State.PROPOSED)
        author = waiting.values_list("proposed_by", flat=True).last() or 0
    else:
        author = case.decisions.values_list("decided_by", flat=True).first() or 0
    may = StaffMember.objects.with_perm("dsar.approve_case", include_superusers=False)
    return list(
        may.filter(controllers=case.controller_id).exclude(pk=author).exclude(email="").distinct()
    )


def _address(email: str | None) -> str:
    if not email:
        raise Moot(NO_ADDRESS)
    try:
        validate_email(email)
    except ValidationError:
        raise Moot("not an e-mail address") from None
    return email


def _language(code: str) -> str:
    return "ja" if code.startswith("ja") else "en"


# --- What is attached ---------------------------------------------------------------------
def _package(notice: Notice) -> tuple[str, bytes, str]:
    """The encrypted package of the release that the notice is about; its passphrase goes apart."""
    release = (
        Release.objects.select_related("package__file", "package__case__key")
        .filter(case=notice.case, pk=notice.facts.get("release"), state=Release.State.OPEN)
        .first()
    )
    package = release.package if release else None
    if package is None or package.file is None or package.form != Package.Form.LOCKED:
        raise Moot("no longer released")
    if package.file.size > settings.MAIL_PACKAGE_MAX_BYTES:
        raise Moot("too large for a mail")
    package.file.case = package.case
    content = b"".join(files.read(package.file))
    return f"{package.case.shown_number}.zip", content, "application/zip"


# --- What stands in the blanks ------------------------------------------------------------


def _one_line(text: str) -> str:
    """A subject without line ends and control characters (header injection)."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())
