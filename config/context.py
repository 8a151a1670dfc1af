"""What every page knows: the portal's name and the same page in the other language."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language


def portal(request: HttpRequest) -> dict[str, Any]:
    """`portal_name`, `alternate_urls` as (code, label, url), and whether this is a demo."""
    language = get_language() or settings.LANGUAGE_CODE
    path = request.get_full_path()
    return {
        "portal_name": settings.PORTAL_NAME.get(language[:2], settings.PORTAL_NAME["en"]),
        "alternate_urls": [
            (code, label, translate_url(path, code))
            for code, label in settings.LANGUAGES
            if code != language
        ],
        "is_demo": settings.DEMO,
    }
