"""Looking at a paper while it is checked: a picture drawn anew, a checklist, a verdict."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dsar import identity, ledger, reference, vault
from dsar.admin import acts, cards, identity_cards, law_words, opening, roles
from dsar.components import PortalForm, SummaryRow
from dsar.form_fields import CheckboxField, CleanText, DatePartsField
from dsar.identity import pictures, posting
from dsar.lifecycle import NotAllowed
from dsar.models import Attachment, Case, IdentityDocument, Person, Subject
from dsar.widgets import CheckboxGroup, RadioCards

ZOOMS = (1, 2, 3)
_POINTS = {
    "name": gettext_lazy("The name is that of the request"),
    "birth_date": gettext_lazy("The date of birth is that of the request"),
    "address": gettext_lazy("The address is that of the request"),
    "relation": gettext_lazy("The relation between agent and principal is shown"),
    "mandate": gettext_lazy("The mandate is for this request, and signed or sealed"),
    "valid": gettext_lazy("The paper is valid"),
    "issued": gettext_lazy("The day of issue is recent enough"),
    "masked": gettext_lazy("Nothing that should be covered can be read"),
}


class VerdictForm(PortalForm):
    """What was found, and whether the paper is accepted."""

    checklist = forms.MultipleChoiceField(
        label=gettext_lazy("In order"), required=False, widget=CheckboxGroup
    )
    issued_on = DatePartsField(label=gettext_lazy("Issued on"), required=False)
    expires_on = DatePartsField(label=gettext_lazy("Valid until"), required=False)
    verdict = forms.ChoiceField(
        label=gettext_lazy("Verdict"),
        choices=[
            ("accepted", gettext_lazy("Accept the paper")),
            ("rejected", gettext_lazy("Reject the paper")),
        ],
        widget=RadioCards,
    )
    destroy = CheckboxField(
        label=gettext_lazy("It shows a My Number or something else we must not keep"),
        help_text=gettext_lazy("If it is rejected for this, the picture is destroyed at once."),
        required=False,
    )
    reason = CleanText(
        label=gettext_lazy("Reason for rejecting it"),
        help_text=gettext_lazy("The requester reads it on the status page."),
        multiline=True,
        rows=3,
        required=False,
        max_length=1000,
    )

    def __init__(self, row: IdentityDocument, hints: dict[str, str], *args: Any) -> None:
        super().__init__(*args, initial={"issued_on": row.issued_on, "expires_on": row.expires_on})
        kind = identity.rules_of(_case_of(row)).documents.get(row.type)
        points = identity.checklist_of(kind) if kind else ()
        field: Any = self.fields["checklist"]
        field.choices = [(point, _POINTS[point]) for point in points]
        field.widget.hints = hints
        if kind is None or not kind.expires:
            del self.fields["expires_on"]
        if not points:
            del self.fields["checklist"]

    def dates(self) -> dict[str, date | None]:
        """The dates as the officer read them."""
        given = self.cleaned_data
        return {name: given[name] for name in ("issued_on", "expires_on") if name in given}


def check(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    """The page on which a paper is looked at and judged.

    Raises:
        Http404: no such paper of a case of the user's.
    """
    case, row = _find(request, pk, document)
    user, at = roles.officer(request), timezone.now()
    back = redirect(reverse("admin:dsar_case_change", args=[pk]) + "#identity")
    if not roles.may_work(user):
        messages.error(request, _("Your role does not allow this."))
        return back
    if row.state != IdentityDocument.State.NEW or row.attachment is None:
        messages.info(request, _("The picture is shown only while the paper is being checked."))
        return back
    form = VerdictForm(row, _hints(case, row), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            identity.judge_paper(
                row,
                accepted=given["verdict"] == "accepted",
                checklist=given.get("checklist", ()),
                reason=given["reason"],
                destroy=given["destroy"],
                dates=form.dates(),
                by=ledger.staff(user),
                at=at,
            )
        except identity.Incomplete as lacking:
            for name, fault in lacking.faults.items():
                form.add_error(name if name in form.fields else None, fault)
        except NotAllowed as refused:
            messages.error(request, str(refused))
            return back
        else:
            messages.success(request, _("The result was saved."))
            return back
    return TemplateResponse(
        request, "admin/dsar/case/identity.html", _shown(request, case, row, form)
    )


def _shown(
    request: HttpRequest, case: Case, row: IdentityDocument, form: VerdictForm
) -> dict[str, Any]:
    rules = identity.rules_of(case)
    kind = rules.documents.get(row.type)
    zoom = _zoom(request)
    try:
        pages = identity.page_count(_attachment(row))
    except (identity.Unreadable, vault.VaultError, OSError):
        pages = 0
    address = reverse("admin:dsar_case_identity", args=[case.pk, row.pk])
    return acts.context_of(
        request,
        case,
        title=_("Check a paper: %(type)s") % {"type": identity_cards.paper_title(case, row.type)},
        form=form,
        row=row,
        subject=Subject(row.subject).label,
        pages=[
            reverse("admin:dsar_case_identity_page", args=[case.pk, row.pk, page]) + f"?zoom={zoom}"
            for page in range(1, pages + 1)
        ],
        zoom=zoom,
        zooms=[(step, f"{address}?zoom={step}#paper", step == zoom) for step in ZOOMS],
        masks=[
            rules.masks[code].text.in_language(law_words.language())
            for code in (kind.mask if kind else ())
        ],
        facts=_facts(case, row),
    )


@require_safe
def picture(request: HttpRequest, pk: int, document: int, page: int) -> HttpResponse:
    """One page as a picture drawn anew; every look is an event of the case.

    Raises:
        Http404: no such paper, or it is not being checked.
    """
    _case, row = _find(request, pk, document)
    user = roles.officer(request)
    if not roles.may_work(user):
        raise Http404
    try:
        drawn = identity.picture(_attachment(row), page, _zoom(request))
        identity.note_view(row, page, by=ledger.staff(user), at=timezone.now())
    except (NotAllowed, identity.Unreadable, vault.VaultError, OSError) as error:
        raise Http404 from error
    response = HttpResponse(drawn, content_type=pictures.CONTENT_TYPE)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def slip(request: HttpRequest, pk: int, proof: int) -> HttpResponse:
    """The letter with the code, to be printed and posted while it is under way.

    Raises:
        Http404: no such letter of a case of the user's.
    """
    case = opening.find(request, pk)
    row = identity.letters_under_way(case).filter(pk=proof).first()
    if row is None or not roles.may_work(roles.officer(request)):
        raise Http404
    row.case = case
    controller = case.controller
    shown = acts.context_of(
        request,
        case,
        title=_("Letter with a code"),
        person=posting.person_of(case, row.subject),
        code=reference.show_receipt_code(str(row.details["code"])),
        tracking=row.details["tracking"],
        status_url=settings.PUBLIC_URL + reverse("requester:identity"),
        controller_name=controller.name_in(case.language),
        address=controller.address_in(case.language),
    )
    return TemplateResponse(request, "admin/dsar/case/slip.html", shown)


def _find(request: HttpRequest, pk: int, document: int) -> tuple[Case, IdentityDocument]:
    case = opening.find(request, pk)
    row = case.identity_documents.select_related("attachment").filter(pk=document).first()
    if row is None:
        raise Http404
    row.case = case
    if row.attachment is not None:
        row.attachment.case = case
    return case, row


def _attachment(row: IdentityDocument) -> Attachment:
    if row.attachment is None or row.state != IdentityDocument.State.NEW:
        raise NotAllowed(_("The picture is shown only while the paper is being checked."))
    return row.attachment


def _case_of(row: IdentityDocument) -> Case:
    if row.case is None:
        raise Http404
    return row.case


def _zoom(request: HttpRequest) -> int:
    given = request.GET.get("zoom", "1")
    return int(given) if given in {str(step) for step in ZOOMS} else 1


def _about(case: Case, row: IdentityDocument) -> list[Person]:
    """Whose data a paper is compared with; for an authority, both people's."""
    people = sorted(case.people.all(), key=lambda person: person.role)
    if row.subject == Subject.AUTHORITY:
        return people
    role = Person.Role.AGENT if row.subject == Subject.AGENT else Person.Role.PRINCIPAL
    return [person for person in people if person.role == role]


def _facts(case: Case, row: IdentityDocument) -> list[SummaryRow]:
    """What the request says, to hold beside the paper."""
    found = []
    for person in _about(case, row):
        who = person.get_role_display()
        post = f"〒{person.postal_code} " if person.postal_code else ""
        for label, value in (
            (_("Name"), " / ".join(part for part in (person.name, person.kana) if part)),
            (_("Former name"), person.former_name),
            (_("Date of birth"), cards.shown_birth(person)),
            (_("Address"), f"{post}{person.address}" if person.address else ""),
            (_("Former address"), person.former_address),
            (_("Relation to the principal"), person.relation),
        ):
            if value:
                found.append(SummaryRow(label=f"{who}: {label}", value=value))
    return found


def _hints(case: Case, row: IdentityDocument) -> dict[str, str]:
    people = _about(case, row)
    if len(people) != 1:
        return {}
    person = people[0]
    return {
        "name": person.name,
        "birth_date": cards.shown_birth(person) or _("The request names none."),
        "address": person.address or _("The request names none."),
    }
