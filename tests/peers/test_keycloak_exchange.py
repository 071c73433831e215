"""OpenBao's tokens, exchanged at Keycloak's token endpoint by each of our packages through a generic OIDC authority."""

from __future__ import annotations

import time
from typing import Any, Callable

import pytest

from access_tokens import header, verified_claims
from http_json import call, succeed
from keycloak import Keycloak
from openbao import OpenBao
from workloads import Outcome, Workload, check_expiry

SCOPE = "profile"


def discovered(keycloak: Keycloak) -> dict[str, str]:
    return {"issuer": keycloak.issuer}


def named(keycloak: Keycloak) -> dict[str, str]:
    return {"token_endpoint": keycloak.token_endpoint}


def job(
    keycloak: Keycloak, assertion: str, authority: dict[str, str], client_id: str | None = "workload"
) -> dict[str, Any]:
    options: dict[str, Any] = {"authority": authority}
    if client_id is not None:
        options["client_id"] = client_id
    return {"options": options, "assertion": assertion, "scope": SCOPE}


def check(outcome: Outcome, keycloak: Keycloak) -> None:
    """Asserts that the access token is the realm's, for our client, and valid for the reported time."""
    assert outcome.error is None
    claims = verified_claims(outcome.token, succeed(call("GET", keycloak.jwks_url)).body)
    assert claims["iss"] == keycloak.issuer
    assert claims["azp"] == "workload"
    assert claims["typ"] == "Bearer"
    assert claims["preferred_username"] == "service-account-workload"
    assert SCOPE in claims["scope"].split()
    check_expiry(outcome, claims)


@pytest.mark.parametrize("authority", [discovered, named])
def test_the_token_of_an_external_issuer_buys_an_access_token(
    workload: Workload, keycloak: Keycloak, openbao: OpenBao, authority: Callable[[Keycloak], dict[str, str]]
) -> None:
    check(workload.run(job(keycloak, openbao.token("keycloak"), authority(keycloak))), keycloak)


def test_the_client_is_known_by_its_token_alone(
    workload: Workload, keycloak: Keycloak, openbao: OpenBao
) -> None:
    check(workload.run(job(keycloak, openbao.token("keycloak"), discovered(keycloak), None)), keycloak)


def test_an_elliptic_signature_is_as_good(workload: Workload, keycloak: Keycloak, openbao: OpenBao) -> None:
    token = openbao.token("keycloak-es256")
    assert header(token)["alg"] == "ES256"
    check(workload.run(job(keycloak, token, named(keycloak))), keycloak)


def test_another_subject_is_refused(workload: Workload, keycloak: Keycloak, openbao: OpenBao) -> None:
    token = openbao.token("keycloak", "unregistered")
    assert keycloak.exchange(token, "workload").status in (400, 401)
    refused(workload, job(keycloak, token, named(keycloak)), "assertion_rejected")


def test_another_audience_is_refused(workload: Workload, keycloak: Keycloak, openbao: OpenBao) -> None:
    what = job(keycloak, openbao.token("entra"), named(keycloak))
    refused(workload, what, "assertion_rejected", "Invalid token audience")


@pytest.fixture(scope="module")
def just_expired_token(keycloak: Keycloak, openbao: OpenBao) -> str:
    token = openbao.token("keycloak-short")
    time.sleep(2.1)
    return token


def test_an_expired_token_is_refused(workload: Workload, keycloak: Keycloak, just_expired_token: str) -> None:
    refused(workload, job(keycloak, just_expired_token, named(keycloak)), "assertion_rejected", "Token is not active")


def test_an_issuer_that_spells_itself_otherwise_is_refused(
    workload: Workload, keycloak: Keycloak, openbao: OpenBao
) -> None:
    authority = {"issuer": f"{keycloak.issuer}/"}
    refused(workload, job(keycloak, openbao.token("keycloak"), authority), "discovery_invalid")


@pytest.fixture(scope="module")
def rotated(keycloak: Keycloak, openbao: OpenBao) -> tuple[str, str]:
    """Tokens from before and after a key rotation. Keycloak fetches new keys at most once in ten seconds."""
    old, new = openbao.token("keycloak"), openbao.token_of_new_key("keycloak")
    assert header(new)["kid"] != header(old)["kid"]
    end = time.monotonic() + 120
    while keycloak.exchange(new, "workload").status != 200:
        assert time.monotonic() < end, "Keycloak did not follow the rotation"
        time.sleep(0.5)
    return old, new


def test_a_rotated_key_is_followed(
    workload: Workload, keycloak: Keycloak, rotated: tuple[str, str]
) -> None:
    for token in rotated:
        check(workload.run(job(keycloak, token, discovered(keycloak))), keycloak)


def refused(workload: Workload, what: dict[str, Any], code: str, words: str = "") -> None:
    """Asserts that the job fails with this reason of the service, and that the error does not contain the assertion."""
    outcome = workload.run(what)
    assert outcome.token is None
    assert outcome.error["code"] == code
    assert words in outcome.error["text"]
    assert what["assertion"].rsplit(".", 1)[1] not in repr(outcome.error)
