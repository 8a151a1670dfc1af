"""Addresses under /dev/: for development and the demo only, never in production."""

from django.urls import URLPattern, path

from dsar import dev_mail, dev_pages

app_name = "dev"
urlpatterns: list[URLPattern] = [
    path("components/", dev_pages.components, name="components"),
    path("mail/", dev_mail.mailbox, name="mail"),
    path("mail/<str:key>/", dev_mail.message, name="message"),
]
