"""The inventory: which systems hold personal data, who answers for them, who processes for us.

Administrators see and keep that of their own controllers.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from dsar import countries, owner_mail
from dsar.admin import roles
from dsar.connectors.runs import CONNECTED
from dsar.models import DataSystem, Processor, StaffMember


class CountryField(forms.TypedChoiceField):
    """A country, chosen by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=lambda: countries.choices(get_language() or "ja"), **kwargs)


class OwnersField(forms.ModelMultipleChoiceField):
    """Colleagues, by name and by the companies they work for."""

    def label_from_instance(self, obj: Any) -> str:
        """The name colleagues see."""
        companies = ", ".join(controller.name for controller in obj.controllers.all())
        return f"{obj.shown_name()} ({companies})"


class ProcessorForm(forms.ModelForm):
    """An entrusted party."""

    country = CountryField(label=gettext_lazy("Country"), initial="JP")

    class Meta:
        model = Processor
        fields = ("controller", "name_ja", "name_en", "country", "contact_email", "is_active")


class DataSystemForm(forms.ModelForm):
    """A system; people and processors of other companies are refused."""

    country = CountryField(
        label=gettext_lazy("Country"),
        initial="JP",
        help_text=gettext_lazy("Where the data is kept."),
    )
    owners = OwnersField(
        label=gettext_lazy("Data owners"),
        queryset=StaffMember.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They sign in here and see their own open tasks, nothing else."),
    )

    class Meta:
        model = DataSystem
        fields = (
            "controller",
            "name_ja",
            "name_en",
            "code",
            "categories_ja",
            "categories_en",
            "processor",
            "country",
            "department_ja",
            "department_en",
            "owners",
            "owner_email",
            "connector",
            "is_active",
            "position",
        )

    def clean(self) -> dict[str, Any]:
        """Everyone named must belong to the controller."""
        given = super().clean() or {}
        controller = given.get("controller")
        if controller is None:
            return given
        processor = given.get("processor")
        if processor is not None and processor.controller_id != controller.pk:
            self.add_error("processor", _("This processor works for another company."))
        strangers = [
            owner.shown_name()
            for owner in given.get("owners") or []
            if controller not in owner.controllers.all()
        ]
        if strangers:
            self.add_error(
                "owners",
                ValidationError(
                    _("Not registered for this company: %(names)s.")
                    % {"names": ", ".join(strangers)}
                ),
            )
        return given


class _OfOwnControllers(admin.ModelAdmin):
    """Rows of the user's own controllers; those who may do everything see all."""

    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """One's own companies."""
        rows = super().get_queryset(request).select_related("controller")
        user = roles.officer(request)
        return rows if user.is_superuser else rows.filter(controller__in=user.controllers.all())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only one's own companies, and their processors, can be chosen."""
        user = roles.officer(request)
        if not user.is_superuser:
            own = user.controllers.all()
            if db_field.name == "controller":
                kwargs["queryset"] = own
            if db_field.name == "processor":
                kwargs["queryset"] = Processor.objects.filter(controller__in=own)
        if db_field.name == "processor":
            kwargs["empty_label"] = _("The company itself")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("Country"), ordering="country")
    def country_name(self, row: Any) -> str:
        """The country in the language in use."""
        return countries.name(row.country, get_language() or "ja")

    @admin.display(description=pgettext_lazy("of a system or a company", "Name"))
    def title(self, row: Any) -> str:
        """The name in the language in use."""
        return str(row.name)


@admin.register(Processor)
class ProcessorAdmin(_OfOwnControllers):
    """Entrusted parties."""

    form = ProcessorForm
    list_display = ("title", "controller", "country_name", "contact_email", "is_active")
    list_filter = ("is_active",)


@admin.register(DataSystem)
class DataSystemAdmin(_OfOwnControllers):
    """The systems that are searched for a request."""

    form = DataSystemForm
    list_display = (
        "title",
        "controller",
        "department",
        "answered_by",
        "processor_name",
        "country_name",
        "connector",
        "is_active",
    )
    list_filter = ("is_active", "connector")
    prepopulated_fields = {"code": ("name_en",)}
    readonly_fields = ("connector_settings",)

    @admin.display(description=gettext_lazy("Connector"))
    def connector_settings(self, system: DataSystem) -> str:
        """Where what it is asked is declared."""
        url = reverse("admin:dsar_connector", args=[system.pk])
        return format_html('<a href="{}">{}</a>', url, _("Set up and try the connector"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """In the order in which one thinks of a system."""
        linked = ("connector_settings",) if obj is not None and obj.connector in CONNECTED else ()
        return (
            (None, {"fields": ("controller", "name_ja", "name_en", "code")}),
            (
                _("What is in it"),
                {"fields": ("categories_ja", "categories_en", "processor", "country")},
            ),
            (
                _("Who answers"),
                {"fields": ("department_ja", "department_en", "owners", "owner_email")},
            ),
            (
                _("How it is searched"),
                {"fields": ("connector", *linked, "is_active", "position")},
            ),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what a row shows, whatever the number of rows."""
        return super().get_queryset(request).select_related("processor").prefetch_related("owners")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The colleagues of one's own companies, and whoever is named already."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "owners" in form.base_fields:
            user = roles.officer(request)
            able = Q() if user.is_superuser else Q(controllers__in=user.controllers.all())
            shown = Q(is_active=True, controllers__isnull=False) & able
            if obj is not None:
                shown |= Q(pk__in=obj.owners.values("pk"))
            field: Any = form.base_fields["owners"]
            people = StaffMember.objects.filter(shown).distinct().order_by("username")
            field.queryset = people.prefetch_related("controllers")
        return form

    @admin.display(description=gettext_lazy("Department"))
    def department(self, system: DataSystem) -> str:
        """The owning department in the language in use."""
        return system.department_in(get_language())

    @admin.display(description=gettext_lazy("Answered by"))
    def answered_by(self, system: DataSystem) -> str:
        """The data owners, or the address that gets the links."""
        return owner_mail.named(system)

    @admin.display(description=gettext_lazy("Processor"))
    def processor_name(self, system: DataSystem) -> str:
        """Who runs it for the company."""
        return system.processor.name if system.processor else ""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Say so when nobody would be told of a task."""
        super().save_related(request, form, formsets, change)
        system = form.instance
        is_manual = system.connector == DataSystem.Connector.MANUAL
        if system.is_active and is_manual and not owner_mail.addressees(system):
            messages.warning(
                request,
                _("Nobody is told of a task for “%(system)s”: name a data owner, or an e-mail.")
                % {"system": system.name},
            )
