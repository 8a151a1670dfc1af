"""One case, read from top to bottom as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dsar import deadlines, ledger, links, reminders
from dsar.admin import (
    acts,
    cards,
    connector_card,
    disclosure_cards,
    fee_cards,
    identity_cards,
    items_form,
    law_words,
    letter_cards,
    link_cards,
    material_cards,
    notices,
    opening,
    provision_forms,
    roles,
    search_card,
    waiting,
    work_forms,
)
from dsar.models import Case, Channel, IntakeDraft, StaffMember


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The case's page.

    Raises:
        Http404: no such case of the user's controllers.
    """
    case = opening.find(request, pk)
    user, at = roles.officer(request), timezone.now()
    context = acts.context_of(
        request,
        case,
        title=case.shown_number,
        kind_title=law_words.kind_title(case),
        kind_article=law_words.kind_article(case),
        is_readable=case.key.destroyed_at is None,
    )
    if case.key.destroyed_at is None:
        context |= _content(case, user, at)
        if roles.may_work(user):
            opening.take_notice(case, user, at)
    context["history"] = cards.history(case, readable=case.key.destroyed_at is None)
    return TemplateResponse(request, "admin/dsar/case/change_form.html", context)


def _content(case: Case, user: StaffMember, at: Any) -> dict[str, Any]:
    today = deadlines.today(case, at)
    works = roles.may_work(user)
    found_buttons = acts.buttons(case, user, today)
    together = links.filed_with(case)
    found: dict[str, Any] = {
        "may_work": works,
        "buttons": found_buttons,
        "has_rare": any(button.weight == "rare" for button in found_buttons),
        "receipt_url": receipt_url(case, user),
        "facts": cards.request_facts(case),
        "asked": cards.asked(case),
        "items": cards.items(case),
        "materials": material_cards.listed(case),
        "may_change_items": items_form.ItemsForm.refusal(case, user, today) is None,
        "duty": case.rule.duty.in_language(law_words.language()),
        "people": cards.people(case),
        "identity": identity_cards.card(case, today, together),
        "clock": cards.clock(case, user, today),
        "fee": fee_cards.card(case, today),
        "links": link_cards.card(case, user, today),
        "complaint": link_cards.complaint(case, user, today),
        "decisions": cards.decisions(case),
        "search": search_card.of(case, user, today),
        "connectors": connector_card.of(case, user),
        "provisions": provision_forms.card(case, user, today),
        "disclosure": disclosure_cards.card(case, user, today, at),
        "messages_of_case": cards.correspondence(case),
        "notes": list(case.notes.select_related("author")),
        "files": cards.attachments(case, together),
        "letters_of_case": letter_cards.letters(case, user),
        "mail": cards.mail(case),
        "keeps_news": case.has_news and works and not opening.clears_news(case, user),
        "may_assign": works and case.is_open,
        "may_change_method": work_forms.MethodForm.refusal(case, user, today) is None,
        "urls": {act: acts.url(case, act) for act in acts.FORMS},
    }
    found["waiting"] = waiting.of(found) if works and case.is_open else []
    if works:
        for name, form in (("note", work_forms.NoteForm), ("message", work_forms.MessageForm)):
            blank = form(case, user, at)
            blank.auto_id = f"{name}_%s"
            found[f"{name}_form"] = blank
    return found


def receipt_url(case: Case, user: StaffMember) -> str:
    """Where the receipt code can still be seen; empty when it was handed over or is private."""
    if case.channel == Channel.WEB or not roles.may_file(user):
        return ""
    held = IntakeDraft.objects.filter(case=case).exclude(receipt_code=b"").exists()
    return reverse("admin:dsar_case_receipt", args=[case.pk]) if held else ""


@require_POST
def resend(request: HttpRequest, pk: int, notice: int) -> HttpResponse:
    """Queue a mail once more that failed or waits for another try.

    Raises:
        Http404: no such notice of a case of the user's.
    """
    case = opening.find(request, pk, looks=False)
    row = case.notices.filter(pk=notice).first()
    if row is None:
        raise Http404
    if not roles.may_work(roles.officer(request)):
        messages.error(request, _("Your role does not allow this."))
    else:
        by, at = ledger.staff(roles.officer(request)), timezone.now()
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)  # before its notices, as elsewhere
            is_sent = reminders.is_stuck(row) and reminders.resend(row, at=at)
            if is_sent:
                ledger.append(case, "resend", by=by, at=at, facts={"notice": row.pk})
        notices.say_how_it_went(request, row, is_sent=is_sent)
    if "to_list" in request.POST:
        return redirect("admin:dsar_notice_changelist")
    return redirect("admin:dsar_case_change", pk)
