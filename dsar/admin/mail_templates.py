"""The desk's own wording of mail: checked before it is kept, shown with sample values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from dsar import mail, wording
from dsar.admin.notices import KINDS, kind_title
from dsar.admin.pages import NamedList
from dsar.models import MailTemplate


class MailTemplateForm(forms.ModelForm):
    """One mail in one language; unknown blanks and loose braces are refused."""

    kind = forms.ChoiceField(label=_("Mail"), choices=list(KINDS.items()))

    class Meta:
        model = MailTemplate
        fields = ("kind", "language", "subject", "body")
        widgets = {
            "subject": forms.TextInput(attrs={"size": 60}),
            "body": forms.Textarea(attrs={"rows": 18, "cols": 70}),
        }

    def clean(self) -> dict[str, Any]:
        """Say everything that is wrong with the text at once."""
        given = super().clean() or {}
        if given.get("kind"):
            subject, body = given.get("subject") or "", given.get("body") or ""
            faults = mail.check_template(given["kind"], subject, body)
            if faults:
                raise ValidationError(faults)
        return given


@admin.register(MailTemplate)
class MailTemplateAdmin(NamedList, admin.ModelAdmin):
    """Wordings that replace ours; deleting one brings ours back."""

    form = MailTemplateForm
    list_display = ("title", "language", "subject")
    list_filter = ("language",)
    change_form_template = "admin/dsar/mailtemplate/change_form.html"
    change_list_template = "admin/dsar/mailtemplate/change_list.html"
    actions = None

    @admin.display(description=_("Mail"), ordering="kind")
    def title(self, template: MailTemplate) -> str:
        """What the mail is about."""
        return kind_title(template.kind)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, and below it every mail to begin from: at first the list is empty."""
        more = {"starts": _starts(), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, more)
        return response

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin from our own wording."""
        kind = request.GET.get("kind", "")
        language = request.GET.get("language", settings.LANGUAGE_CODE)
        if kind not in KINDS or language not in dict(settings.LANGUAGES):
            return {}
        subject, body = wording.default_wording(kind, language)
        return {"kind": kind, "language": language, "subject": subject, "body": body}

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the blanks that may be used and how the mail will read."""
        form = context["adminform"].form
        kind = form["kind"].value() or ""
        context["blanks"] = dict(mail.BLANKS.get(kind, {}))
        context["blanks_of"] = kind_title(kind) if kind else ""
        context["starts"] = _starts()
        context["shown"] = _preview(
            kind, form["language"].value(), form["subject"].value(), form["body"].value()
        )
        return super().render_change_form(request, context, *args, **kwargs)


def _starts() -> list[dict[str, Any]]:
    """Every mail, to begin one's own wording from ours."""
    return [
        {"kind": code, "title": title, "languages": settings.LANGUAGES}
        for code, title in KINDS.items()
    ]


def _preview(kind: str, language: Any, subject: Any, body: Any) -> tuple[str, str] | None:
    """The mail with sample values; None while it cannot be used."""
    if kind not in mail.BLANKS or not subject or not body:
        return None
    if mail.check_template(kind, subject, body):
        return None
    return mail.preview(kind, str(language or settings.LANGUAGE_CODE), str(subject), str(body))
