"""Sign-in at a company's customer account: OpenID Connect's code flow with PKCE.

OpenID Connect Core 1.0 §3.1, RFC 7636 (S256), RFC 9207 (issuer in the answer). What the provider
says is believed only after its ID token was verified: signature, issuer, audience, nonce, times.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dsar.models import AccountSignIn

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
SCOPE = "openid profile email"
KEPT = ("sub", "name", "email", "email_verified", "birthdate", "auth_time")
"""Claims that are kept, sealed, until the check is over; beside the customer number's."""
TIMEOUT = httpx.Timeout(10.0)
LEEWAY = 60
"""Seconds by which two clocks may differ."""
FRESH = 15 * 60
"""How many seconds ago the person may have signed in, where the provider says when."""
MOST_BYTES = 512 * 1024


class SignInFailed(Exception):
    """The sign-in did not come to a proof; the message is for the log and holds no claims."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where the person goes, and what must come back."""

    url: str
    state: str
    nonce: str
    verifier: str


def begin(account: AccountSignIn, redirect_uri: str) -> Begun:
    """Prepare a sign-in; nothing is written.

    Raises:
        SignInFailed: the provider does not answer as it should.
    """
    with _client() as http:
        found = _discovered(http, account)
    begun = Begun("", generate_token(32), generate_token(32), generate_token(64))
    asked = {
        "response_type": "code",
        "client_id": account.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
        # A session that happens to be open proves too little: the person signs in anew.
        "prompt": "login",
        "max_age": "0",
    }
    endpoint = found["authorization_endpoint"]
    joined = "&" if urlsplit(endpoint).query else "?"
    return Begun(f"{endpoint}{joined}{urlencode(asked)}", begun.state, begun.nonce, begun.verifier)


def finish(
    account: AccountSignIn,
    answer: Mapping[str, str],
    *,
    redirect_uri: str,
    state: str,
    nonce: str,
    verifier: str,
    at: datetime,
) -> dict[str, Any]:
    """The claims to be kept of a verified sign-in.

    Args:
        answer: the parameters with which the person came back.

    Raises:
        SignInFailed: refused by the provider, not the answer to our question, or not verified.
    """
    if not state or not hmac.compare_digest(answer.get("state", ""), state):
        raise SignInFailed("the state does not fit")
    if "error" in answer:
        raise SignInFailed("the provider or the person said no")
    with _client() as http:
        found = _discovered(http, account)
        if answer.get("iss", found["issuer"]) != found["issuer"]:
            raise SignInFailed("the answer came from another issuer")
        tokens = _tokens(http, account, found, answer.get("code", ""), redirect_uri, verifier)
        keys = _json(_got(http, found["jwks_uri"]))
        claims = _verified(account, found, tokens, keys, nonce, at)
        if found.get("userinfo_endpoint") and tokens.get("access_token"):
            claims |= _about(http, found, tokens, str(claims["sub"]))
    names = (*KEPT, *([account.number_claim] if account.number_claim else []))
    return {name: claims[name] for name in names if claims.get(name) not in (None, "")}


def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False)


def _discovered(http: httpx.Client, account: AccountSignIn) -> dict[str, Any]:
    """The provider's configuration (OpenID Connect Discovery 1.0 §4)."""
    issuer = account.issuer
    found = _json(_got(http, issuer.rstrip("/") + "/.well-known/openid-configuration"))
    if found.get("issuer") != issuer:
        raise SignInFailed("the provider names another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        address = found.get(name)
        if address is None and name == "userinfo_endpoint":
            continue
        if not isinstance(address, str) or not is_safe(address):
            raise SignInFailed(f"{name} is missing or not https")
    return found


def _tokens(
    http: httpx.Client,
    account: AccountSignIn,
    found: Mapping[str, Any],
    code: str,
    redirect_uri: str,
    verifier: str,
) -> dict[str, Any]:
    secret = secret_of(account)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": account.client_id,
    }
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    auth: httpx.Auth = httpx.Auth()  # none
    if secret and "client_secret_basic" in methods:
        # RFC 6749 §2.3.1: both are form-encoded first.
        auth = httpx.BasicAuth(quote_plus(account.client_id), quote_plus(secret))
    elif secret:
        form["client_secret"] = secret
    try:
        return _json(http.post(found["token_endpoint"], data=form, auth=auth))
    except httpx.HTTPError as error:
        raise SignInFailed(f"the token endpoint: {type(error).__name__}") from error


def _verified(
    account: AccountSignIn,
    found: Mapping[str, Any],
    tokens: Mapping[str, Any],
    keys: Any,
    nonce: str,
    at: datetime,
) -> dict[str, Any]:
    try:
        token = jwt.decode(
            str(tokens["id_token"]), KeySet.import_key_set(keys), algorithms=list(ALGORITHMS)
        )
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": found["issuer"]},
                "aud": {"essential": True, "value": account.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            params={
                "client_id": account.client_id,
                "nonce": nonce,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY)
        if int(at.timestamp()) - int(claims.get("auth_time") or at.timestamp()) > FRESH:
            raise SignInFailed("the person signed in long ago")
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise SignInFailed(f"the ID token: {type(error).__name__}") from error
    return dict(token.claims)


def _about(
    http: httpx.Client, found: Mapping[str, Any], tokens: Mapping[str, Any], subject: str
) -> dict[str, Any]:
    """Claims of the UserInfo endpoint, if they are about the same subject (Core §5.3.2)."""
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = _json(_got(http, found["userinfo_endpoint"], headers=bearer))
    if told.get("sub") != subject:
        raise SignInFailed("the user info is about someone else")
    return {name: value for name, value in told.items() if name != "sub"}


def _got(http: httpx.Client, address: str, **more: Any) -> httpx.Response:
    if not is_safe(address):
        raise SignInFailed("an address is not https")
    try:
        return http.get(address, **more)
    except httpx.HTTPError as error:
        raise SignInFailed(f"no answer: {type(error).__name__}") from error


def _json(response: httpx.Response) -> dict[str, Any]:
    if response.status_code != 200 or len(response.content) > MOST_BYTES:
        raise SignInFailed(f"answered {response.status_code}")
    try:
        told = response.json()
    except ValueError as error:
        raise SignInFailed("the answer is not JSON") from error
    if not isinstance(told, dict):
        raise SignInFailed("the answer is no object")
    return told


def is_safe(address: str) -> bool:
    """https, or outside production this machine itself."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return True
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return not settings.PRODUCTION and parts.scheme == "http" and here


def secret_of(account: AccountSignIn) -> str:
    """The client's secret from the environment; empty for a public client.

    Raises:
        SignInFailed: the variable the row names is not set.
    """
    if not account.secret_name:
        return ""
    secret = settings.OIDC_SECRETS.get(account.secret_name, "")
    if not secret:
        raise SignInFailed(f"OIDC_SECRET_{account.secret_name} is not set")
    return str(secret)
