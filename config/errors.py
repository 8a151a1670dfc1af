"""Pages for what went wrong; they say what to do next."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The browser sent something that cannot be read."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The page is not for this user."""
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or cookies are off."""
    return render(request, "403_csrf.html", status=403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """There is no such page."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke; needs neither context nor database."""
    from django.template.loader import get_template

    return HttpResponse(get_template("500.html").render(), status=500)
