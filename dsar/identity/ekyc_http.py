"""A worked example of an adapter: a provider with two JSON calls.

    POST {EKYC_URL}/sessions        {"return_url": "…"}  → {"id": "…", "url": "https://…"}
    GET  {EKYC_URL}/sessions/{id}   → {"status": "pending" | "approved" | "declined",
                                       "person": {"name", "birth_date", "address"}, "document"}

Each call carries `Authorization: Bearer {EKYC_SECRET}`. Another provider needs a class like this
one with its own addresses and names.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings

from dsar.identity.ekyc import ProviderFailed, Result
from dsar.identity.oidc import is_safe

_STATES = {"approved": "verified", "declined": "failed"}


class HttpProvider:
    """Speaks the protocol above."""

    def begin(self, return_url: str) -> tuple[str, str]:
        """Open a session."""
        told = self._asked("POST", "/sessions", json={"return_url": return_url})
        reference, url = told.get("id"), told.get("url")
        if not isinstance(reference, str) or not isinstance(url, str) or not is_safe(url):
            raise ProviderFailed("no session")
        return reference, url

    def result(self, reference: str) -> Result:
        """Ask for a session."""
        told = self._asked("GET", f"/sessions/{quote(reference, safe='')}")
        if told.get("status") not in _STATES:
            return Result("waiting")
        if _STATES[told["status"]] == "failed":
            return Result("failed")
        person = told.get("person") or {}
        return Result(
            "verified",
            name=str(person.get("name", "")),
            birth_date=str(person.get("birth_date", "")),
            address=str(person.get("address", "")),
            document=str(told.get("document", "")),
        )

    def _asked(self, verb: str, path: str, **more: Any) -> dict[str, Any]:
        address = settings.EKYC_URL.rstrip("/") + path
        if not is_safe(address):
            raise ProviderFailed("EKYC_URL is not https")
        bearer = {"Authorization": f"Bearer {settings.EKYC_SECRET}"}
        try:
            response = httpx.request(verb, address, headers=bearer, timeout=10.0, **more)
            response.raise_for_status()
            told = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderFailed(type(error).__name__) from error
        if not isinstance(told, dict):
            raise ProviderFailed("the answer is no object")
        return told
