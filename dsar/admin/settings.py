"""The settings of the desk: controllers, services, closing days, reminders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.conf import settings as django_settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from dsar import notices
from dsar.admin.fee_settings import FeeAmountInline, PaymentWayInline
from dsar.admin.pages import NamedList
from dsar.identity import oidc
from dsar.law import shelf
from dsar.models import (
    DUTIES,
    FINISHED,
    FOUR_EYES,
    AccountSignIn,
    ClosingDay,
    Controller,
    Deadline,
    ReminderRule,
    Service,
)


def calendar_changed(controllers: Iterable[int | None]) -> None:
    """Raise the calendar's version of the controllers (None: of all) and have clocks recounted.

    The caller's transaction must be open: day and version are written together.
    """
    ids = set(controllers)
    rows = Controller.objects.all()
    if None not in ids:
        rows = rows.filter(pk__in=[pk for pk in ids if pk is not None])
    rows.update(calendar_version=F("calendar_version") + 1)
    transaction.on_commit(partial(notices.queue, "dsar.recompute_stale_clocks"))


DAY_PICKED: dict[Any, Any] = {
    models.DateField: {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
}
"""The browser's own calendar: it needs no script, and no format has to be guessed."""


class ControllerForm(forms.ModelForm):
    """A controller; its rule sets are ticked, the one offered first is chosen."""

    regimes = forms.MultipleChoiceField(
        label=gettext_lazy("Rule sets"), widget=forms.CheckboxSelectMultiple
    )
    four_eyes = forms.MultipleChoiceField(
        label=gettext_lazy("Approved by a second person"),
        choices=list(FOUR_EYES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy(
            "Nobody approves what they decided themselves. As long as nothing is changed here, the "
            "portal's setting FOUR_EYES applies."
        ),
    )
    first_regime = forms.ChoiceField(
        label=gettext_lazy("Rule set offered first"),
        required=False,
        help_text=gettext_lazy("The others follow in the order above."),
    )

    class Meta:
        model = Controller
        fields = (
            "name_ja",
            "name_en",
            "code",
            "regimes",
            "first_regime",
            "desk_email",
            "phone",
            "address_ja",
            "address_en",
            "postal_code",
            "desk_name_ja",
            "desk_name_en",
            "accredited_org_ja",
            "accredited_org_en",
            "accredited_org_contact",
            "window",
            "second_check",
            "fee_yen",
            "four_eyes",
            "watermark",
            "is_active",
            "position",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language, book = get_language() or "ja", shelf.book()
        names = [
            (code, book.versions(code)[-1].name.in_language(language)) for code in book.regimes
        ]
        ticked: Any = self.fields["regimes"]
        first: Any = self.fields["first_regime"]
        ticked.choices = names
        first.choices = [("", "---------"), *names]
        stored = self.instance.regimes or []
        self.initial.setdefault("first_regime", stored[0] if stored else "")
        self.initial["four_eyes"] = list(self.instance.approved_acts())

    def clean_four_eyes(self) -> list[str] | None:
        """None while it is what the setting says, so that the setting keeps applying."""
        ticked = list(self.cleaned_data["four_eyes"])
        if self.instance.four_eyes is None and set(ticked) == set(self.instance.approved_acts()):
            return None
        return ticked

    def clean(self) -> dict[str, Any]:
        """The rule set offered first has to be one of those ticked."""
        given = super().clean() or {}
        regimes, first = list(given.get("regimes") or []), given.get("first_regime")
        if first and regimes and first not in regimes:
            raise ValidationError(
                {"first_regime": _("Choose one of the rule sets that are ticked above.")}
            )
        if first in regimes:
            regimes = [first, *(code for code in regimes if code != first)]
        given["regimes"] = regimes
        return given


class ServiceInline(admin.StackedInline):
    """The services people can name."""

    model = Service
    extra = 0


class ClosingDayForm(forms.ModelForm):
    """A day; one that is there already is refused in words."""

    def clean(self) -> dict[str, Any]:
        """One entry a day and controller."""
        given = super().clean() or {}
        owner, day = given.get("controller", self.instance.controller), given.get("day")
        if day is not None:
            same = ClosingDay.objects.filter(day=day, controller=owner)
            if same.exclude(pk=self.instance.pk).exists():
                fault = _("This day is entered already. Change or delete that entry.")
                self.add_error("day", fault)
        return given


class ClosingDayInline(admin.StackedInline):
    """The controller's own closing days."""

    model = ClosingDay
    form = ClosingDayForm
    extra = 0
    formfield_overrides = DAY_PICKED


@admin.register(Controller)
class ControllerAdmin(NamedList, admin.ModelAdmin):
    """Controllers, with services and closing days on the same page."""

    form = ControllerForm
    list_display = ("title", "code", "regime_names", "desk_email", "is_active")
    actions = None
    inlines = (ServiceInline, FeeAmountInline, PaymentWayInline, ClosingDayInline)
    prepopulated_fields = {"code": ("name_en",)}

    @admin.display(description=pgettext_lazy("of a day or a company", "Name"))
    def title(self, controller: Controller) -> str:
        """The name in the language in use."""
        return controller.name

    @admin.display(description=gettext_lazy("Rule sets"))
    def regime_names(self, controller: Controller) -> str:
        """The rule sets in the order offered."""
        language, book = get_language() or "ja", shelf.book()
        known = [code for code in controller.regimes if code in book.regimes]
        return ", ".join(book.versions(code)[-1].short_name.in_language(language) for code in known)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Closing days written here move the due dates of the controller's cases."""
        super().save_formset(request, form, formset, change)
        touched = formset.model is ClosingDay and (
            formset.new_objects or formset.changed_objects or formset.deleted_objects
        )
        if touched:
            calendar_changed([form.instance.pk])
            messages.info(request, _("Due dates of open cases are counted anew."))


@admin.register(ClosingDay)
class ClosingDayAdmin(NamedList, admin.ModelAdmin):
    """Closing days of one or all controllers; each change moves due dates."""

    form = ClosingDayForm
    list_display = ("day", "name", "controller", "is_open")
    empty_value_display = gettext_lazy("All controllers")
    list_filter = ("controller", "is_open")
    list_select_related = ("controller",)
    fields = ("controller", "day", "name_ja", "name_en", "is_open")
    ordering = ("-day",)
    formfield_overrides = DAY_PICKED

    @admin.display(description=pgettext_lazy("of a day or a company", "Name"))
    def name(self, row: ClosingDay) -> str:
        """The name in the language in use."""
        return row.name

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """An empty controller means all of them, and says so."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "controller" in form.base_fields:
            field: Any = form.base_fields["controller"]
            field.empty_label = _("All controllers")
            for name in ("add", "change", "view"):  # controllers have a page of their own
                setattr(field.widget, f"can_{name}_related", False)
        return form

    def save_model(self, request: HttpRequest, obj: ClosingDay, form: Any, change: bool) -> None:
        """Both the controller it is for now and the one it was for are concerned."""
        before: list[int | None] = []
        if change:
            before = [ClosingDay.objects.values_list("controller", flat=True).get(pk=obj.pk)]
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            self._changed(request, [*before, obj.controller_id])

    def delete_model(self, request: HttpRequest, obj: ClosingDay) -> None:
        """One day."""
        with transaction.atomic():
            super().delete_model(request, obj)
            self._changed(request, [obj.controller_id])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ClosingDay]) -> None:
        """Several days."""
        with transaction.atomic():
            concerned = list(queryset.values_list("controller", flat=True))
            super().delete_queryset(request, queryset)
            self._changed(request, concerned)

    def _changed(self, request: HttpRequest, controllers: Iterable[int | None]) -> None:
        calendar_changed(controllers)
        messages.info(request, _("Due dates of open cases are counted anew."))


class ReminderRuleForm(forms.ModelForm):
    """A reminder; the deadline is chosen, not typed."""

    deadline = forms.ChoiceField(label=gettext_lazy("Deadline"), choices=list(DUTIES.items()))

    class Meta:
        model = ReminderRule
        fields = ("deadline", "days_before", "is_active")


def cases_reminded(rule: ReminderRule) -> int:
    """How many open cases have a reminder by this rule still ahead."""
    if not rule.is_active:
        return 0
    last_day = timezone.localdate() + timedelta(days=rule.days_before)
    owed = Deadline.objects.filter(code=rule.deadline, met_on=None, due_on__gt=last_day)
    return owed.exclude(case__status__in=FINISHED).count()


@admin.register(ReminderRule)
class ReminderRuleAdmin(NamedList, admin.ModelAdmin):
    """How long before a due date the desk is reminded."""

    form = ReminderRuleForm
    list_display = ("duty", "when", "is_active")
    list_filter = ("is_active",)

    @admin.display(description=gettext_lazy("Deadline"), ordering="deadline")
    def duty(self, rule: ReminderRule) -> str:
        """What is due."""
        return rule.duty()

    @admin.display(description=gettext_lazy("When"), ordering="-days_before")
    def when(self, rule: ReminderRule) -> str:
        """Before, on or after the day."""
        return rule.when()

    def save_model(self, request: HttpRequest, obj: ReminderRule, form: Any, change: bool) -> None:
        """Say what the change does, and plan the reminders of open cases anew."""
        super().save_model(request, obj, form, change)
        count = cases_reminded(obj)
        if obj.is_active:
            text = ngettext(
                "%(count)d open case gets this reminder from now on.",
                "%(count)d open cases get this reminder from now on.",
                count,
            )
            messages.info(request, text % {"count": count})
        else:
            messages.info(request, _("This reminder is no longer sent."))
        self._replan()

    def delete_model(self, request: HttpRequest, obj: ReminderRule) -> None:
        """One rule."""
        super().delete_model(request, obj)
        self._replan()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ReminderRule]) -> None:
        """Several rules."""
        super().delete_queryset(request, queryset)
        self._replan()

    def _replan(self) -> None:
        transaction.on_commit(partial(notices.queue, "dsar.replan_reminders"))


class AccountSignInForm(forms.ModelForm):
    """A sign-in; what it names has to be there, so that nobody finds out from the public page."""

    class Meta:
        model = AccountSignIn
        fields = (
            "controller",
            "name_ja",
            "name_en",
            "issuer",
            "client_id",
            "secret_name",
            "number_claim",
            "is_active",
        )

    def clean_issuer(self) -> str:
        """An https address without query (OpenID Connect Core 1.0 §2)."""
        issuer = str(self.cleaned_data["issuer"]).strip()
        if not oidc.is_safe(issuer) or "?" in issuer or "#" in issuer:
            raise ValidationError(_("Enter an address that begins with https://."))
        return issuer

    def clean_secret_name(self) -> str:
        """The name of a secret that is set."""
        name = str(self.cleaned_data["secret_name"]).strip()
        if name and name not in django_settings.OIDC_SECRETS:
            raise ValidationError(
                _("The environment has no variable OIDC_SECRET_%(name)s."), params={"name": name}
            )
        return name


@admin.register(AccountSignIn)
class AccountSignInAdmin(admin.ModelAdmin):
    """Where customers sign in to prove who they are."""

    form = AccountSignInForm
    list_display = ("name", "controller", "issuer", "is_active")
    list_select_related = ("controller",)

    @admin.display(description=pgettext_lazy("of a day or a company", "Name"))
    def name(self, row: AccountSignIn) -> str:
        """The name in the language in use."""
        return row.name
