"""Other ways than papers to prove who one is: the account, a provider, the code of a letter."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dsar import identity, limits, reference
from dsar.components import PortalForm
from dsar.identity import ekyc, oidc, posting
from dsar.models import Case
from dsar.requester.views import of_the_case

log = logging.getLogger(__name__)

_SIGN_IN = "requester_sign_in"
SIGN_IN_MINUTES = 15


class LetterCodeForm(PortalForm):
    """The code in the letter."""

    show_requirement = False

    code = forms.CharField(
        label=gettext_lazy("Code in the letter"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-medium"}),
    )

    def clean_code(self) -> str:
        """The bare code."""
        code = reference.read_receipt_code(self.cleaned_data["code"])
        if len(code) != posting.CODE_LETTERS:
            raise forms.ValidationError(_("The code has 8 letters and digits."), code="length")
        return code


def offered(case: Case, code: LetterCodeForm | None = None) -> dict[str, Any]:
    """The other ways that are open for a case; `code` is the letter's form as it was filled in."""
    account = identity.sign_in_of(case)
    return {
        "account": account,
        "provider": ekyc.provider() is not None,
        "provider_waits": ekyc.waiting(case).exists(),
        "letter_form": (code or LetterCodeForm())
        if identity.letters_under_way(case).exists()
        else None,
    }


def address_of(name: str) -> str:
    """A page's address as providers know it: one, whatever the language in use."""
    with override(settings.LANGUAGE_CODE):
        return str(settings.PUBLIC_URL) + reverse(name)


def _back(request: HttpRequest, why: str) -> HttpResponse:
    messages.warning(request, why)
    return redirect("requester:identity")


# --- The customer account -----------------------------------------------------------------
@require_GET
@of_the_case
def sign_in_begin(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Lead to the company's sign-in. A link, as a form may lead nowhere else by our policy."""
    account = identity.sign_in_of(case)
    if account is None or not identity.is_wanted(case):
        return redirect("requester:case")
    if not limits.hit("link", request):
        return limits.too_many_requests(request, "link")
    try:
        begun = oidc.begin(account, address_of("requester:sign_in_return"))
    except oidc.SignInFailed as failed:
        log.warning("sign-in of controller %s: %s", case.controller_id, failed)
        return _back(request, _("The sign-in cannot be reached. Try later, or send a paper."))
    request.session[_SIGN_IN] = {
        "case": case.pk,
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "language": get_language() or "ja",
        "at": at.isoformat(),
    }
    return redirect(begun.url)


@require_GET
@of_the_case
def sign_in_return(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Back from the sign-in: verify what came, once, and keep it for the officer."""
    kept = request.session.pop(_SIGN_IN, None)
    account = identity.sign_in_of(case)
    with override((kept or {}).get("language", settings.LANGUAGE_CODE)):
        if kept is None or account is None or kept["case"] != case.pk:
            return _back(request, _("This sign-in is not known here. Please begin again."))
        if at - datetime.fromisoformat(kept["at"]) > timedelta(minutes=SIGN_IN_MINUTES):
            return _back(request, _("The sign-in took too long. Please begin again."))
        if not identity.is_wanted(case):
            return redirect("requester:case")
        try:
            claims = oidc.finish(
                account,
                request.GET.dict(),
                redirect_uri=address_of("requester:sign_in_return"),
                state=kept["state"],
                nonce=kept["nonce"],
                verifier=kept["verifier"],
                at=timezone.now(),
            )
        except oidc.SignInFailed as failed:
            log.warning("sign-in of controller %s: %s", case.controller_id, failed)
            return _back(request, _("The sign-in did not succeed. Try again, or send a paper."))
        identity.show_account(case, account, claims, at=at)
        messages.success(request, _("You have signed in. An officer will look at it."))
        return redirect("requester:identity")


# --- Online identification ----------------------------------------------------------------
@require_GET
@of_the_case
def provider_begin(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Lead to the provider of online identification."""
    used = ekyc.provider()
    if used is None or not identity.is_wanted(case):
        return redirect("requester:case")
    if not limits.hit("link", request):
        return limits.too_many_requests(request, "link")
    try:
        return redirect(ekyc.begin(case, used, address_of("requester:provider_return"), at=at))
    except ekyc.ProviderFailed as failed:
        log.warning("online identification: %s", failed)
        return _back(
            request, _("The identification cannot be reached. Try later, or send a paper.")
        )


@require_GET
@of_the_case
def provider_return(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    """Back from the provider, or asked again: fetch what came of it."""
    used = ekyc.provider()
    if used is None:
        return redirect("requester:case")
    try:
        proof = ekyc.fetch(case, used, at=at)
    except ekyc.ProviderFailed as failed:
        log.warning("online identification: %s", failed)
        proof = None
    if proof is None:
        return _back(request, _("The identification is not finished yet. Look again later."))
    if proof.state == proof.State.REJECTED:
        return _back(request, _("The identification did not succeed. Please send a paper."))
    messages.success(request, _("The identification has arrived. An officer will look at it."))
    return redirect("requester:identity")
