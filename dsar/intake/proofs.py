"""Papers that prove who asks, added while the request is still being written."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import files, identity, ledger, limits
from dsar.intake import draft as drafts
from dsar.intake import spam
from dsar.intake.pages import Visit, page, show, url_of
from dsar.law import shelf
from dsar.models import Attachment
from dsar.questions import BY_NAME, ProofPaperForm, first_missing


@page()
def add_proof(visit: Visit) -> HttpResponse:
    """A form for one paper with what to cover; then back to the list of files."""
    here, draft, matter = BY_NAME["attachments"], visit.draft, visit.matter
    missing = first_missing(matter)
    if draft is None or (missing is not None and missing.name != "check"):
        return redirect(url_of(missing or BY_NAME["check"]))
    if not matter.needs_identity:
        return redirect("intake:attachments")
    rules = shelf.papers()[matter.known_rules.regime]
    given = [] if visit.posted is None else [visit.posted, visit.request.FILES]
    form = ProofPaperForm(rules, matter.role, matter.today, *given)
    if visit.request.method == "POST" and spam.judge(visit.request, at=visit.at) is (
        spam.Visitor.MACHINE
    ):
        return redirect("intake:check")
    if visit.request.method == "POST" and form.is_valid():
        if Attachment.objects.filter(draft=draft).count() >= settings.ATTACHMENT_MAX_COUNT:
            form.add_error("upload", _("No more files can be added. Remove one first."))
        elif not limits.hit("upload", visit.request):
            return limits.too_many_requests(visit.request, "upload")
        else:
            subject, code = form.chosen
            try:
                identity.add_paper(
                    draft,
                    form.cleaned_data["upload"],
                    subject=subject,
                    type_=code,
                    issued_on=form.cleaned_data["issued_on"],
                    expires_on=form.cleaned_data["expires_on"],
                    by=ledger.REQUESTER,
                    at=visit.at,
                )
            except files.Unacceptable as refusal:
                form.add_error("upload", str(refusal))
            else:
                drafts.save(draft, draft.answers, at=visit.at)
                response = redirect("intake:attachments")
                drafts.remember(response, drafts.token_of(visit.request))
                return response
    never = identity.never_send(rules, get_language() or "ja")
    return show(visit, here, "intake/proof.html", form=form, never=never)
