"""The desk's own wording of letters: checked before it is kept, shown as page and as PDF."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dsar import letter_pdf, letter_samples, letter_wording
from dsar.admin import letter_drafts
from dsar.law import shelf
from dsar.letter_wording import BLANKS, TITLES
from dsar.models import LetterTemplate


class LetterTemplateForm(forms.ModelForm):
    """One letter in one language; unknown blanks and loose braces are refused."""

    kind = forms.ChoiceField(label=gettext_lazy("Letter"), choices=list(TITLES.items()))
    regime = forms.ChoiceField(label=gettext_lazy("Rule set"), required=False)

    class Meta:
        model = LetterTemplate
        fields = ("kind", "language", "controller", "regime", "subject", "body")
        widgets = {
            "subject": forms.TextInput(attrs={"size": 60}),
            "body": forms.Textarea(attrs={"rows": 24, "cols": 70}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        book, language = shelf.book(), get_language() or "ja"
        regime: Any = self.fields["regime"]
        regime.choices = [
            ("", _("All rule sets")),
            *(
                (code, book.versions(code)[-1].short_name.in_language(language))
                for code in book.regimes
            ),
        ]
        controller: Any = self.fields["controller"]
        controller.empty_label = _("All controllers")

    def clean(self) -> dict[str, Any]:
        """Say everything that is wrong with the text at once, and refuse a second one."""
        given = super().clean() or {}
        if not given.get("kind"):
            return given
        faults = letter_wording.check(
            given["kind"], given.get("subject") or "", given.get("body") or ""
        )
        same = LetterTemplate.objects.filter(
            kind=given["kind"],
            language=given.get("language"),
            controller=given.get("controller"),
            regime=given.get("regime", ""),
        )
        if same.exclude(pk=self.instance.pk).exists():
            faults.append(_("There is a wording of this letter already. Change that one."))
        if faults:
            raise ValidationError(faults)
        return given

    def sheet(self) -> letter_pdf.Sheet:
        """The letter with sample values; the form must be valid."""
        given = self.cleaned_data
        return letter_samples.sheet(
            given["kind"],
            given["language"],
            given["subject"],
            given["body"],
            given["controller"],
            given["regime"],
        )


@admin.register(LetterTemplate)
class LetterTemplateAdmin(admin.ModelAdmin):
    """Wordings that replace ours; deleting one brings ours back."""

    form = LetterTemplateForm
    list_display = ("title", "language", "company", "regime_name", "subject")
    list_filter = ("language", "controller")
    list_select_related = ("controller",)
    change_form_template = "admin/dsar/lettertemplate/change_form.html"
    actions = None

    @admin.display(description=gettext_lazy("Letter"), ordering="kind")
    def title(self, template: LetterTemplate) -> str:
        """What the letter is about."""
        return str(TITLES.get(template.kind, template.kind))

    @admin.display(description=gettext_lazy("Controller"), ordering="controller")
    def company(self, template: LetterTemplate) -> str:
        """For whom it is."""
        return template.controller.name if template.controller else _("All controllers")

    @admin.display(description=gettext_lazy("Rule set"), ordering="regime")
    def regime_name(self, template: LetterTemplate) -> str:
        """Under which law."""
        book = shelf.book()
        if template.regime not in book.regimes:
            return template.regime or _("All rule sets")
        return book.versions(template.regime)[-1].short_name.in_language(get_language() or "ja")

    def get_urls(self) -> list[URLPattern]:
        """Beside the admin's: the preview of what is being written."""
        own = path(
            "preview/",
            self.admin_site.admin_view(require_POST(self.preview)),
            name="dsar_lettertemplate_preview",
        )
        return [own, *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin from our own wording."""
        kind, regime = request.GET.get("kind", ""), request.GET.get("regime", "")
        language = request.GET.get("language", settings.LANGUAGE_CODE)
        if kind not in TITLES or language not in letter_wording.LANGUAGES:
            return {}
        regime = regime if regime in shelf.book().regimes else ""
        subject, body = letter_wording.default_wording(kind, language, regime)
        return {
            "kind": kind,
            "language": language,
            "regime": regime,
            "subject": subject,
            "body": body,
        }

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the blanks that may be used and the wordings to begin from."""
        kind = context["adminform"].form["kind"].value() or ""
        context["blanks"] = list(BLANKS.get(kind, {}).items())
        context["blanks_of"] = str(TITLES.get(kind, ""))
        context["starts"] = [
            {"kind": code, "title": title, "languages": settings.LANGUAGES}
            for code, title in TITLES.items()
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def preview(self, request: HttpRequest) -> HttpResponse:
        """What is being written, with sample values; nothing is kept."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        pk = request.POST.get("of", "")
        known = LetterTemplate.objects.filter(pk=pk).first() if pk.isdecimal() else None
        form = LetterTemplateForm(request.POST, instance=known)
        if not form.is_valid():
            shown = {
                **self.admin_site.each_context(request),
                "title": _("This letter cannot be shown yet"),
                "form": form,
            }
            template = "admin/dsar/lettertemplate/faults.html"
            return TemplateResponse(request, template, shown)
        as_page = request.POST.get("as") == "page"
        return (letter_drafts.page if as_page else letter_drafts.draft)(request, form.sheet())
