"""The sign-in at a customer account, with a provider that really runs on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.test import Client
from django.utils import timezone
from oidc_provider_mock import User, run_server_in_thread

from dsar import identity, limits
from dsar.identity import oidc
from dsar.models import AccountSignIn, Case, IdentityProof
from dsar.requester import access, proof_ways
from tests.dsar.admin.desk import act_of
from tests.factories import AGENT

pytestmark = pytest.mark.django_db
BEGIN = "/en/status/request/identity/account/"
RETURN = "/status/sign-in/return/"
HANAKO = User(
    sub="c-1",
    claims={
        "name": "見本花子",
        "email": "HANAKO@person.example",
        "email_verified": True,
        "birthdate": "1988-03-15",
        "number": "Ｃ-0001234",
        "picture": "not kept",
    },
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider's address."""
    with run_server_in_thread(user_claims=[HANAKO], require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def account(issuer: str, controller: Any, settings: Any) -> AccountSignIn:
    settings.OIDC_SECRETS = {"SHOP": "s3cret"}
    settings.PRODUCTION = False
    return AccountSignIn.objects.create(
        controller=controller,
        name_ja="会員サイト",
        name_en="Member site",
        issuer=issuer,
        client_id="portal",
        secret_name="SHOP",
        number_claim="number",
    )


@pytest.fixture
def case(account: AccountSignIn, file_case: Any) -> Case:
    made: Case = file_case(at=timezone.now())
    return made


@pytest.fixture
def browser(client: Client, case: Case) -> Iterator[Client]:
    limits.reset()
    session = client.session
    access.sign_in(session, access.Claim(case.pk, 0), at=timezone.now())
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    yield client
    limits.reset()


def signed_in_there(url: str, **form: str) -> str:
    """What the person does at the provider: sign in, and be sent back."""
    answer = httpx.post(url, data=form or {"sub": HANAKO.sub})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def come_back(browser: Client, location: str, **changed: str) -> Any:
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    return browser.get(RETURN, {**query, **changed}, follow=True)


def messages_of(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


# --- The way there ------------------------------------------------------------------------
def test_the_page_offers_the_sign_in(browser: Client) -> None:
    page = browser.get("/en/status/request/identity/").content.decode()
    assert BEGIN in page
    assert "Member site" in page


def test_the_question_carries_state_nonce_and_a_challenge(browser: Client, issuer: str) -> None:
    answer = browser.get(BEGIN)
    url = urlsplit(answer["Location"])
    assert f"{url.scheme}://{url.netloc}" == issuer
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    kept = browser.session["requester_sign_in"]
    assert asked["state"] == kept["state"]
    assert asked["nonce"] == kept["nonce"]
    assert asked["code_challenge"] == create_s256_code_challenge(kept["verifier"])
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].endswith(RETURN)
    assert asked["prompt"] == "login"
    assert kept["verifier"] not in answer["Location"]


# --- The way back -------------------------------------------------------------------------
def test_a_sign_in_is_kept_sealed_and_waits_for_the_officer(browser: Client, case: Case) -> None:
    page = come_back(browser, signed_in_there(browser.get(BEGIN)["Location"]))
    assert messages_of(page) == ["You have signed in. An officer will look at it."]
    assert page.redirect_chain[-1][0] == "/en/status/request/identity/"
    proof = case.identity_proofs.get()
    assert (proof.method, proof.state, proof.subject) == ("account", "shown", "principal")
    claims = proof.details["claims"]
    assert claims["email"] == "HANAKO@person.example"
    assert claims["number"] == "Ｃ-0001234"
    assert "picture" not in claims
    assert not identity.is_proven(case)
    facts = case.events.get(act="identity_shown").facts
    assert set(facts) == {"proof", "subject", "method"}


def test_the_officer_holds_both_sides_together_and_accepts(
    browser: Client, case: Case, officer: Any
) -> None:
    come_back(browser, signed_in_there(browser.get(BEGIN)["Location"]))
    proof = case.identity_proofs.get()
    compared = {label: fits for label, _told, _asked, fits in identity.comparison(case, proof)}
    assert compared == {
        "E-mail": True,
        "Customer number": True,
        "Name": True,
        "Date of birth": True,
    }
    desk = Client()
    desk.force_login(officer)
    shown = desk.get(act_of(case, "identity_judge")).content.decode()
    assert "HANAKO@person.example" in shown
    refused = desk.post(act_of(case, "identity_judge"), {"verdict": "rejected"})
    assert "Say why it is not accepted." in refused.content.decode()
    desk.post(act_of(case, "identity_judge"), {"verdict": "accepted"})
    assert identity.is_proven(case)
    assert case.identity_checks.get().method == "account"
    assert desk.get(act_of(case, "identity_judge")).status_code == 409


def test_an_unverified_address_does_not_count_as_agreeing(
    case: Case, account: AccountSignIn
) -> None:
    claims = {"sub": "x", "email": "hanako@person.example", "name": "ほかの人"}
    proof = identity.show_account(case, account, claims, at=timezone.now())
    found = {label: fits for label, _t, _a, fits in identity.comparison(case, proof)}
    assert found == {"E-mail": None, "Name": False}


def test_the_agent_who_signs_in_proves_the_agent(
    account: AccountSignIn, file_case: Any, now: datetime
) -> None:
    case = file_case(agent=dict(AGENT), requester_role="statutory_agent")
    proof = identity.show_account(case, account, {"sub": "x"}, at=now)
    assert proof.subject == "agent"


def test_the_answer_counts_once(browser: Client, case: Case) -> None:
    location = signed_in_there(browser.get(BEGIN)["Location"])
    come_back(browser, location)
    come_back(browser, location)
    assert case.identity_proofs.count() == 1


@pytest.mark.parametrize(
    "changed", [{"state": "other"}, {"state": ""}, {"iss": "https://other.example"}, {"code": "x"}]
)
def test_what_is_not_the_answer_to_our_question_is_refused(
    browser: Client, case: Case, changed: dict[str, str]
) -> None:
    page = come_back(browser, signed_in_there(browser.get(BEGIN)["Location"]), **changed)
    assert messages_of(page) == ["The sign-in did not succeed. Try again, or send a paper."]
    assert not case.identity_proofs.exists()


def test_a_person_who_says_no_comes_back_calmly(browser: Client, case: Case) -> None:
    url = browser.get(BEGIN)["Location"]
    answer = httpx.post(url, data={"action": "deny"})
    query = parse_qs(urlsplit(str(answer.headers["location"])).query)
    page = browser.get(
        RETURN,
        {"error": query["error"][0], "state": browser.session["requester_sign_in"]["state"]},
        follow=True,
    )
    assert "did not succeed" in messages_of(page)[0]
    assert not case.identity_proofs.exists()


def test_another_nonce_is_refused(browser: Client, case: Case) -> None:
    location = signed_in_there(browser.get(BEGIN)["Location"])
    session = browser.session
    session["requester_sign_in"] = {**session["requester_sign_in"], "nonce": "other"}
    session.save()
    assert "did not succeed" in messages_of(come_back(browser, location))[0]
    assert not case.identity_proofs.exists()


def test_a_token_for_another_client_is_refused(
    browser: Client, case: Case, account: AccountSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = signed_in_there(browser.get(BEGIN)["Location"])
    real = oidc._tokens

    def meant_for_another(*args: Any) -> Any:
        tokens = real(*args)
        args[1].client_id = "another"
        return tokens

    monkeypatch.setattr(oidc, "_tokens", meant_for_another)
    assert "did not succeed" in messages_of(come_back(browser, location))[0]
    assert not case.identity_proofs.exists()


def test_a_token_with_a_false_signature_is_refused(
    browser: Client, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = signed_in_there(browser.get(BEGIN)["Location"])
    real = oidc._tokens

    def altered(*args: Any) -> Any:
        tokens = real(*args)
        head, body, sealed = tokens["id_token"].split(".")
        tokens["id_token"] = ".".join((head, body, sealed[::-1]))
        return tokens

    monkeypatch.setattr(oidc, "_tokens", altered)
    assert "did not succeed" in messages_of(come_back(browser, location))[0]


def test_the_verifier_and_the_secret_go_to_the_token_endpoint_only(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[httpx.Request] = []
    real = oidc._client
    monkeypatch.setattr(
        oidc,
        "_client",
        lambda: httpx.Client(timeout=5, event_hooks={"request": [sent.append]}),
    )
    assert real().follow_redirects is False
    url = browser.get(BEGIN)["Location"]
    verifier = browser.session["requester_sign_in"]["verifier"]
    come_back(browser, signed_in_there(url))
    post = next(request for request in sent if request.method == "POST")
    assert parse_qs(post.content.decode())["code_verifier"] == [verifier]
    assert post.headers["authorization"].startswith("Basic ")
    assert all(
        "authorization" not in r.headers or "Bearer" in r.headers["authorization"]
        for r in sent
        if r.method == "GET"
    )


def test_a_sign_in_that_took_too_long_begins_anew(
    browser: Client, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = signed_in_there(browser.get(BEGIN)["Location"])
    session = browser.session
    early = timezone.now() - timedelta(minutes=proof_ways.SIGN_IN_MINUTES, seconds=1)
    session["requester_sign_in"] = {**session["requester_sign_in"], "at": early.isoformat()}
    session.save()
    assert "took too long" in messages_of(come_back(browser, location))[0]
    assert not case.identity_proofs.exists()


def test_a_return_that_nobody_began_is_refused(browser: Client, case: Case) -> None:
    browser.get(RETURN, {"code": "x", "state": ""})
    assert not case.identity_proofs.exists()


# --- The provider -------------------------------------------------------------------------
def test_a_provider_that_is_down_is_said_to_be_so(browser: Client, account: AccountSignIn) -> None:
    account.issuer = "http://localhost:9"
    account.save()
    page = browser.get(BEGIN, follow=True)
    assert "cannot be reached" in messages_of(page)[0]


def test_an_issuer_that_names_another_is_refused(account: AccountSignIn) -> None:
    account.issuer += "/"
    with pytest.raises(oidc.SignInFailed, match="another issuer"):
        oidc.begin(account, "https://portal.example/return/")


def test_a_secret_that_is_not_set_stops_before_the_code_is_spent(
    account: AccountSignIn, settings: Any
) -> None:
    settings.OIDC_SECRETS = {}
    with pytest.raises(oidc.SignInFailed, match="OIDC_SECRET_SHOP is not set"):
        oidc.secret_of(account)


@pytest.mark.parametrize(
    ("address", "production", "safe"),
    [
        ("https://id.example", True, True),
        ("http://id.example", False, False),
        ("http://localhost:1", False, True),
        ("http://localhost:1", True, False),
        ("ftp://id.example", False, False),
        ("https://", False, False),
    ],
)
def test_only_https_is_spoken(settings: Any, address: str, production: bool, safe: bool) -> None:
    settings.PRODUCTION = production
    assert oidc.is_safe(address) is safe


def test_without_a_sign_in_nothing_is_offered(browser: Client, account: AccountSignIn) -> None:
    account.is_active = False
    account.save()
    assert BEGIN not in browser.get("/en/status/request/identity/").content.decode()
    assert browser.get(BEGIN).status_code == 302


# --- Afterwards ---------------------------------------------------------------------------
def test_what_the_account_said_is_forgotten_with_the_pictures(
    case: Case, account: AccountSignIn, officer: Any
) -> None:
    from dsar import ledger

    at = timezone.now()
    proof = identity.show_account(case, account, {"sub": "x", "name": "見本 花子"}, at=at)
    identity.judge_proof(proof, accepted=True, by=ledger.staff(officer), at=at)
    identity.destroy_pictures(at + timedelta(days=30))
    proof = IdentityProof.objects.get()
    assert proof.details == {}
    assert proof.state == "accepted"
    assert identity.is_proven(case)
