"""The card of a case's page on what the person gets: packages, releases, and what is possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dsar import disclosure, ledger, release
from dsar.admin import acts, disclosure_forms, law_words, opening, roles
from dsar.models import Case, Package, Release, StaffMember

_TONES = {
    Package.State.WAITING: "progress",
    Package.State.BUILDING: "progress",
    Package.State.READY: "success",
    Package.State.FAILED: "error",
}


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One package on the card."""

    row: Package
    tone: str
    fault: str
    url: str
    passphrase_url: str
    is_unbuilt: bool


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release on the card."""

    row: Release
    tone: str
    state: str


def card(case: Case, user: StaffMember, today: date, at: datetime) -> dict[str, Any] | None:
    """What the card shows; None where the decision gives nothing out."""
    if not disclosure.gives(case):
        return None
    packages = [_package(case, row, user) for row in disclosure_forms.current(case)]
    rows = case.releases.select_related("proposed_by", "approved_by", "handed_by", "package")
    releases = []
    for row in rows.order_by("-id"):
        row.case = row.package.case = case
        releases.append(_release(row, at))
    buttons = [
        {"label": form.title(case), "url": acts.url(case, form.act)}
        for form in disclosure_forms.FORMS
        if form.refusal(case, user, today) is None
    ]
    return {
        "way": law_words.method_in_words(case, case.method, case.delivery),
        "why_not_build": disclosure.why_not_build(case),
        "packages": packages,
        "releases": releases,
        "buttons": buttons,
        "is_unsent": release.is_unsent(case),
        "is_unbuilt": any(entry.is_unbuilt for entry in packages),
    }


def _package(case: Case, row: Package, user: StaffMember) -> PackageRow:
    works = roles.may_work(user)
    url = reverse("admin:dsar_case_file", args=[case.pk, row.file.pk]) if row.file else ""
    shows = row.form == Package.Form.LOCKED and row.passphrase_seen_at is None and works
    ready = row.state == Package.State.READY
    return PackageRow(
        row=row,
        tone=_TONES[Package.State(row.state)],
        fault=str(disclosure_forms.FAULTS.get(row.fault, "")) if row.fault else "",
        url=url if ready and works else "",
        passphrase_url=reverse("admin:dsar_case_passphrase", args=[case.pk, row.pk])
        if ready and shows
        else "",
        is_unbuilt=row.state in (Package.State.WAITING, Package.State.BUILDING),
    )


def _release(row: Release, at: datetime) -> ReleaseRow:
    state, tone = str(row.get_state_display()), "neutral"
    if row.state == Release.State.PROPOSED:
        tone = "warning"
    elif row.state == Release.State.OPEN:
        tone = "success"
        if row.handed_on is not None:
            state = _("Handed over")
        elif row.way in release.BY_HAND:
            state, tone = _("To be handed over"), "warning"
        elif not disclosure.is_current(row.package):
            state, tone = _("Closed: the case was decided anew"), "neutral"
        elif row.way == Release.Way.PORTAL and row.is_expired(at):
            state, tone = _("Expired"), "neutral"
        elif row.is_used_up():
            state, tone = _("All downloads used"), "neutral"
    return ReleaseRow(row, tone, state)


@never_cache
def passphrase(request: HttpRequest, pk: int, package: int) -> HttpResponse:
    """Show the passphrase of an encrypted package, once, after a button was pressed.

    Raises:
        Http404: no such package of a case of the user's.
    """
    case = opening.find(request, pk)
    user = roles.officer(request)
    row = case.packages.filter(pk=package, form=Package.Form.LOCKED).first()
    if row is None or not roles.may_work(user) or case.key.destroyed_at is not None:
        raise Http404
    phrase = ""
    if request.method == "POST":
        phrase = release.show_passphrase(row, by=ledger.staff(user), at=timezone.now())
        if not phrase:
            messages.warning(
                request,
                _("The passphrase was shown already. Put the data together again for a new one."),
            )
            return redirect("admin:dsar_case_change", case.pk)
    shown = acts.context_of(
        request, case, title=_("Passphrase of the encrypted file"), passphrase=phrase
    )
    return TemplateResponse(request, "admin/dsar/case/passphrase.html", shown)
