"""The register of third-party provision at the desk: exact search, adding, import of CSV."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from dsar import provisions
from dsar.admin import roles
from dsar.components import PortalForm
from dsar.form_fields import CleanText, DatePartsField
from dsar.models import Controller, StaffMember, ThirdPartyProvision
from dsar.widgets import RadioCards

NEWEST = 50
LARGEST = 5 * 1024 * 1024

PERSON = {
    "name": gettext_lazy("Name"),
    "kana": gettext_lazy("Reading of the name"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Telephone"),
    "customer_number": gettext_lazy("Customer number"),
}


class CompanyForm(PortalForm):
    """A form about the records of one of the user's companies."""

    controller = forms.ModelChoiceField(
        label=gettext_lazy("Controller"), queryset=Controller.objects.none(), empty_label=None
    )

    def __init__(self, user: StaffMember, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["controller"])
        field.queryset = user.controllers.all()


class PersonForm(PortalForm):
    """Whose records are looked for: any of the values, each exactly."""

    show_requirement = False

    name = CleanText(label=PERSON["name"], required=False, max_length=200)
    email = CleanText(label=PERSON["email"], required=False, max_length=254)
    phone = CleanText(label=PERSON["phone"], required=False, max_length=40)
    customer_number = CleanText(label=PERSON["customer_number"], required=False, max_length=60)

    def clean(self) -> None:
        """At least one value."""
        super().clean()
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("name", _("Enter at least one value of the person."))


class RecordForm(CompanyForm):
    """One record, as Articles 29 and 30 ask for."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"), choices=ThirdPartyProvision.Direction, widget=RadioCards
    )
    provided_on = DatePartsField(label=gettext_lazy("Provided or received on"), required=False)
    basis = forms.ChoiceField(
        label=gettext_lazy("Basis"), choices=ThirdPartyProvision.Basis, widget=RadioCards
    )
    manner = forms.ChoiceField(
        label=gettext_lazy("How it is recorded"),
        choices=ThirdPartyProvision.Manner,
        initial=ThirdPartyProvision.Manner.EACH,
        widget=RadioCards,
    )
    last_on = DatePartsField(label=gettext_lazy("Last provision on"), required=False)
    party_name = CleanText(label=gettext_lazy("Other party"), max_length=200)
    party_address = CleanText(label=gettext_lazy("Its address"), required=False, max_length=300)
    party_representative = CleanText(
        label=gettext_lazy("Its representative"), required=False, max_length=200
    )
    how_acquired = CleanText(
        label=gettext_lazy("How it was acquired"),
        help_text=gettext_lazy("What was received: how the other party came by it."),
        required=False,
        max_length=500,
    )
    items = CleanText(
        label=gettext_lazy("Items of personal data"), multiline=True, rows=3, max_length=2000
    )
    name = CleanText(label=gettext_lazy("Principal: name"), max_length=200)
    kana = CleanText(
        label=gettext_lazy("Principal: reading of the name"), required=False, max_length=200
    )
    email = CleanText(label=gettext_lazy("Principal: e-mail"), required=False, max_length=254)
    phone = CleanText(label=gettext_lazy("Principal: telephone"), required=False, max_length=40)
    customer_number = CleanText(
        label=gettext_lazy("Principal: customer number"), required=False, max_length=60
    )

    def clean(self) -> None:
        """What the Rules ask for beside."""
        super().clean()
        if not self.errors:
            for name, fault in provisions.why_not(self.cleaned_data).items():
                self.add_error(name, fault)


class ImportForm(CompanyForm):
    """A CSV file of records."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("UTF-8 or Shift_JIS, the first line names the columns."),
    )


@admin.register(ThirdPartyProvision)
class ProvisionAdmin(admin.ModelAdmin):
    """The register; records are added and found, not changed."""

    def get_urls(self) -> list[URLPattern]:
        """The register's own pages."""
        view = self.admin_site.admin_view
        name = "dsar_thirdpartyprovision"
        return [
            path("", view(never_cache(self.index)), name=f"{name}_changelist"),
            path("add/", view(never_cache(self.add)), name=f"{name}_add"),
            path("import/", view(never_cache(self.read_file)), name=f"{name}_import"),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A record is proof: nobody changes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, before its time."""
        return False

    def index(self, request: HttpRequest) -> HttpResponse:
        """The newest records; with a person's values (posted, so in no address) those of theirs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        companies = roles.own_controllers(roles.officer(request))
        form = PersonForm(request.POST if request.method == "POST" else None)
        matches, newest = None, []
        if request.method == "POST" and form.is_valid():
            matches = [
                (match, _words(match)) for match in provisions.find(companies, form.cleaned_data)
            ]
        else:
            rows = ThirdPartyProvision.objects.filter(controller__in=companies)
            newest = list(rows.select_related("register__key", "controller")[:NEWEST])
        more = {
            "title": ThirdPartyProvision._meta.verbose_name_plural,
            "form": form,
            "matches": matches,
            "newest": newest,
            "may_add": self.has_add_permission(request),
        }
        return self._page(request, "index", more)

    def add(self, request: HttpRequest) -> HttpResponse:
        """Add one record."""
        form = self._form(request, RecordForm)
        if request.method == "POST" and form.is_valid():
            given = dict(form.cleaned_data)
            user, on = roles.officer(request), timezone.localdate()
            provisions.add(given.pop("controller"), given, by=user, on=on)
            messages.success(request, _("The record was added."))
            return redirect("admin:dsar_thirdpartyprovision_changelist")
        return self._page(request, "add", {"title": _("Add a record"), "form": form})

    def read_file(self, request: HttpRequest) -> HttpResponse:
        """Add the records of a CSV file; a fault in one line keeps all of them out."""
        form = self._form(request, ImportForm)
        faults: dict[int, list[str]] = {}
        if request.method == "POST" and form.is_valid():
            upload = form.cleaned_data["file"]
            if upload.size > LARGEST:
                form.add_error("file", _("The file is too large. Split it."))
            else:
                try:
                    added = provisions.read_csv(
                        form.cleaned_data["controller"],
                        upload.read(),
                        by=roles.officer(request),
                        on=timezone.localdate(),
                    )
                except provisions.Faulty as faulty:
                    faults = faulty.faults
                    form.add_error("file", _("Nothing was added: put the lines below right."))
                else:
                    n = len(added)
                    done = ngettext("%(n)d record was added.", "%(n)d records were added.", n)
                    messages.success(request, done % {"n": n})
                    return redirect("admin:dsar_thirdpartyprovision_changelist")
        more = {
            "title": _("Import records"),
            "form": form,
            "faults": faults,
            "columns": ", ".join(provisions.COLUMNS),
        }
        return self._page(request, "import", more)

    def _form(self, request: HttpRequest, kind: type[CompanyForm]) -> CompanyForm:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = roles.officer(request)
        posted = request.method == "POST"
        return kind(user, request.POST, request.FILES) if posted else kind(user)

    def _page(self, request: HttpRequest, name: str, more: dict[str, Any]) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "index_url": reverse("admin:dsar_thirdpartyprovision_changelist"),
            "add_url": reverse("admin:dsar_thirdpartyprovision_add"),
            "import_url": reverse("admin:dsar_thirdpartyprovision_import"),
            **more,
        }
        return TemplateResponse(request, f"admin/dsar/thirdpartyprovision/{name}.html", shown)


def _words(match: provisions.Match) -> str:
    """Which values agree."""
    return ", ".join(str(PERSON[name]) for name in match.fields)
