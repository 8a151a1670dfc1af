"""A request that is still being written: kept sealed, found by a secret token, dropped in time.

The token travels in a signed cookie and, if the person asks for it, in a link. Only its keyed
digest is kept, so nobody who reads the database can open a draft.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from dsar import files, reference, vault
from dsar.models import Attachment, CaseKey, IdentityDocument, IntakeDraft
from dsar.questions.matter import Answers

COOKIE = "request_draft"
_SALT = "dsar.intake.draft"


def of_request(request: HttpRequest, *, at: datetime) -> IntakeDraft | None:
    """The visitor's draft with its key and case (one query); None if there is none or it is old."""
    token = token_of(request)
    return find(token, at=at) if token else None


def token_of(request: HttpRequest) -> str:
    """The secret in the visitor's cookie; `""` if there is none or it was tampered with."""
    return str(request.get_signed_cookie(COOKIE, default="", salt=_SALT) or "")


def find(token: str, *, at: datetime) -> IntakeDraft | None:
    """The draft of a token; None if it is unknown or expired."""
    return (
        IntakeDraft.objects.select_related("key", "case__key", "case__controller")
        .filter(token_digest=_digest(token), expires_at__gt=at)
        .first()
    )


def begin(answers: Answers, *, at: datetime) -> tuple[IntakeDraft, str]:
    """A new draft with its first answer, and the token that finds it."""
    token = vault.new_token()
    key = CaseKey.fresh()
    draft = IntakeDraft(
        token_digest=_digest(token),
        key=key,
        answers=dict(answers),
        receipt_code=reference.new_receipt_code(),
        language=get_language() or settings.LANGUAGE_CODE,
        expires_at=_expiry(at),
    )
    with transaction.atomic():
        key.save(force_insert=True)
        draft.save(force_insert=True)
    return draft, token


def save(draft: IntakeDraft, answers: Answers, *, at: datetime) -> None:
    """Keep the answers; the draft then lives `DRAFT_DAYS` from now.

    One that was filed or deleted in the meantime, in another tab, is left alone.
    """
    draft.answers = dict(answers)
    draft.language = get_language() or draft.language
    draft.expires_at = _expiry(at)
    with transaction.atomic():
        if IntakeDraft.objects.select_for_update().filter(pk=draft.pk, case=None).exists():
            draft.save(update_fields=["answers", "language", "expires_at", "updated_at"])


def remember(response: HttpResponse, token: str) -> None:
    """Put the token into the visitor's cookie."""
    response.set_signed_cookie(
        COOKIE,
        token,
        salt=_SALT,
        max_age=settings.DRAFT_DAYS * 24 * 60 * 60,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Take the token out of the visitor's cookie."""
    response.delete_cookie(COOKIE, samesite="Lax")


def delete(draft: IntakeDraft) -> None:
    """Delete a draft. Unless it was filed, its files and its key go as well."""
    with transaction.atomic():
        locked = IntakeDraft.objects.select_for_update().filter(pk=draft.pk).first()
        if locked is None:
            return
        if locked.case_id is not None:
            locked.delete()
            return
        IdentityDocument.objects.filter(attachment__draft=locked).delete()
        for row in Attachment.objects.filter(draft=locked):
            files.remove(row)
        locked.delete()
        CaseKey.objects.filter(pk=locked.key_id).delete()


def _digest(token: str) -> bytes:
    return vault.keyed_digest("draft", token)


def _expiry(at: datetime) -> datetime:
    return at + timedelta(days=settings.DRAFT_DAYS)
