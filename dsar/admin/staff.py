"""The people at the desk: roles, controllers, and whether they may sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar.admin import roles
from dsar.admin.pages import NamedList
from dsar.models import StaffMember


class RowsField(forms.ModelMultipleChoiceField):
    """Some of few rows, by id."""

    def clean(self, value: Any) -> Any:
        """An id that is too large for the database to look for is a row that is not there."""
        try:
            return super().clean(value)
        except OverflowError:
            raise ValidationError(_("Choose from the list."), code="invalid_choice") from None


class RolesField(RowsField):
    """The groups that are roles, by what they do."""

    def label_from_instance(self, obj: Any) -> str:
        """The role in the language in use."""
        return roles.name_of(obj.name)


class AddForm(UserCreationForm):
    """Name and password; roles and controllers follow on the next page."""

    class Meta:
        model = StaffMember
        fields = ("username",)


@admin.register(StaffMember)
class StaffMemberAdmin(NamedList, UserAdmin):
    """Accounts; they are switched off, never deleted, since the log names them."""

    add_form = AddForm
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    list_display = ("username", "shown_name", "role_names", "controller_names", "is_active")
    list_filter = ("is_active", "controllers")
    search_fields = ("username", "last_name", "first_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """In the language in use."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        return (
            (None, {"fields": ("username", "password")}),
            (_("Person"), {"fields": ("last_name", "first_name", "email", "language")}),
            (_("What they may do"), {"fields": ("groups", "controllers", "is_active")}),
            (_("Dates"), {"fields": ("last_login", "date_joined")}),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffMember]:
        """With roles and controllers, whatever the number of rows."""
        return super().get_queryset(request).prefetch_related("groups", "controllers")

    @admin.display(description=gettext_lazy("Roles"))
    def role_names(self, member: StaffMember) -> str:
        """The roles in the language in use."""
        return ", ".join(roles.name_of(group.name) for group in member.groups.all())

    @admin.display(description=gettext_lazy("Name"), ordering="last_name")
    def shown_name(self, member: StaffMember) -> str:
        """The name colleagues see."""
        return member.shown_name()

    @admin.display(description=gettext_lazy("Controllers"))
    def controller_names(self, member: StaffMember) -> str:
        """Whose cases they see."""
        return ", ".join(controller.name for controller in member.controllers.all())

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Roles and controllers as boxes to tick: there are few of each."""
        if db_field.name == "groups":
            return RolesField(
                label=_("Roles"),
                queryset=Group.objects.order_by("id"),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        if db_field.name == "controllers":
            kwargs |= {"form_class": RowsField, "widget": forms.CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An administrator does not touch accounts that may do everything."""
        if obj is not None and obj.is_superuser and not roles.officer(request).is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: switch the account off instead."""
        return False

    def save_model(self, request: HttpRequest, obj: StaffMember, form: Any, change: bool) -> None:
        """Everyone with an account here works at the desk."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Say so when an administrator gives themselves a role that opens cases."""
        member = form.instance
        before = set(member.groups.values_list("name", flat=True)) if member.pk else set()
        super().save_related(request, form, formsets, change)
        given = set(member.groups.values_list("name", flat=True)) - before
        if member.pk == request.user.pk and given & roles.OPENS_CASES:
            messages.warning(
                request,
                _("You gave yourself a role that opens cases. This is kept in the history."),
            )
