"""Addresses of the portal's public pages."""

from django.urls import URLPattern, URLResolver, include, path

from dsar.public import blank_forms, home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("request/", include("dsar.intake.urls")),
    path("forms/", blank_forms.forms_index, name="blank_forms"),
    path("forms/<slug:regime>/<slug:kind>/", blank_forms.blank_form, name="blank_form"),
    path("forms/<slug:regime>/<slug:kind>.pdf", blank_forms.blank_form_pdf, name="blank_form_pdf"),
    path("tasks/", include("dsar.owners.urls")),
    path("", include("dsar.requester.urls")),
]
