"""Signing in at the desk: how often a password may be tried, and by whom.

Three counts stand against guessing: one visitor on one name (each try); one address or network
on whatever names, and one name from whatever addresses (both: what failed, for ten minutes).

A stranger must not be able to lock a rightful user out by trying their name, nor a colleague
behind the same address by trying others. So a browser in which somebody signed in before carries
a signed cookie, and for that name it has a count of its own, which nobody else can use up; the
other counts are not asked. Only a new browser waits while strangers try, ten minutes at a time.
The cookie holds a random number and keyed digests of names, and opens nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dsar import limits, vault

COOKIE = "desk_browser"
COOKIE_DAYS = 180
SHARED_BY = 5
"""How many names one browser is known for: some at a counter are shared."""
_SALT = "dsar.admin.sign_in"


def limited(request: HttpRequest, login: Callable[[], HttpResponse]) -> HttpResponse:
    """What `login` answers to a name and a password, unless too many were tried: then 429."""
    name = request.POST.get("username", "").casefold()
    known = _digest(name) in _names(request)
    who = _browser(request) if known else limits.client_address(request)
    if not limits.hit("sign_in", f"desk {who} {name}"):
        return limits.too_many_requests(request, "sign_in")
    if not known:
        if limits.spent("desk_address", request):
            return limits.too_many_requests(request, "desk_address")
        if limits.spent("desk_name", name):
            return limits.too_many_requests(request, "desk_name")
    response = login()
    if response.status_code == 302:
        _remember(request, response, name)
    elif not known:
        limits.hit("desk_address", request)
        limits.hit("desk_name", name)
    return response


def _cookie(request: HttpRequest) -> list[str]:
    """The browser's number and the digests of names; empty if it is new or was tampered with."""
    age = COOKIE_DAYS * 24 * 60 * 60
    value = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=age)
    return str(value).split(".") if value else []


def _browser(request: HttpRequest) -> str:
    return next(iter(_cookie(request)), "")


def _names(request: HttpRequest) -> list[str]:
    return _cookie(request)[1:]


def _remember(request: HttpRequest, response: HttpResponse, name: str) -> None:
    mine = _digest(name)
    names = [mine, *(other for other in _names(request) if other != mine)][:SHARED_BY]
    response.set_signed_cookie(
        COOKIE,
        ".".join([_browser(request) or vault.new_token(), *names]),
        salt=_SALT,
        max_age=COOKIE_DAYS * 24 * 60 * 60,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _digest(name: str) -> str:
    return vault.keyed_digest("desk browser", name).hex()
