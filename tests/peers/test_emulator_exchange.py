"""OpenBao's tokens, exchanged at the emulator by each of our packages."""

from __future__ import annotations

import time
from typing import Any, Callable

import pytest

from access_tokens import claims, header, verified_claims
from conftest import EXCHANGE_AUDIENCE
from emulator import Emulator
from openbao import OpenBao
from workloads import Workload, check_expiry

SCOPE = "https://vault.azure.net/.default"


def job(emulator: Emulator, assertion: str) -> dict[str, Any]:
    facts = emulator.facts
    options = {
        "tenant_id": facts["tenant_id"],
        "client_id": facts["client_id"],
        "authority_host": facts["base_url"],
    }
    return {"options": options, "assertion": assertion, "scope": SCOPE}


def test_the_token_of_an_external_issuer_buys_an_access_token(
    workload: Workload, emulator: Emulator, openbao: OpenBao
) -> None:
    before = emulator.token_requests()
    outcome = workload.run(job(emulator, openbao.token("entra")))
    assert outcome.error is None
    assert emulator.token_requests() == before + 1
    claims = verified_claims(outcome.token, emulator.access_token_keys())
    assert claims["iss"] == f"{emulator.facts['base_url']}/{emulator.facts['tenant_id']}/v2.0"
    assert claims["tid"] == emulator.facts["tenant_id"]
    assert claims["azp"] == emulator.facts["client_id"]
    assert claims["aud"] == "https://vault.azure.net"
    check_expiry(outcome, claims)


def test_another_subject_is_refused_and_named(
    workload: Workload, emulator: Emulator, openbao: OpenBao
) -> None:
    token = openbao.token("entra", "unregistered")
    error = refused(workload, job(emulator, token), "trust_mismatch", 700213)
    assert error["presented"]["subject"] != openbao.subject
    assert error["presented"]["issuer"] == openbao.issuer


def test_another_audience_is_refused_and_named(
    workload: Workload, emulator: Emulator, openbao: OpenBao
) -> None:
    error = refused(workload, job(emulator, openbao.token("elsewhere")), "trust_mismatch", 700212)
    assert error["presented"]["audience"] == ["api://Elsewhere"]


def test_another_issuer_is_refused_and_named(
    workload: Workload, strange_emulator: Emulator, openbao: OpenBao
) -> None:
    error = refused(workload, job(strange_emulator, openbao.token("entra")), "trust_mismatch", 700211)
    assert error["presented"]["issuer"] == openbao.issuer


def test_another_algorithm_is_refused(
    workload: Workload, emulator: Emulator, openbao: OpenBao
) -> None:
    # Entra takes RS256 only.
    token = openbao.token("entra-es256")
    assert header(token)["alg"] == "ES256"
    refused(workload, job(emulator, token), "trust_mismatch", 5002738)


@pytest.fixture(scope="module")
def just_expired_token(openbao: OpenBao) -> Callable[[], str]:
    """Returns a token that expired seconds ago: the same for all workloads, unless they take long."""
    known: list[str] = []

    def token() -> str:
        if not known or claims(known[-1])["exp"] < time.time() - 20:
            known.append(openbao.token("entra-short"))
        time.sleep(max(0.0, claims(known[-1])["exp"] + 1 - time.time()))
        return known[-1]

    return token


def test_a_token_that_just_expired_is_left_to_the_service(
    workload: Workload, emulator: Emulator, just_expired_token: Callable[[], str]
) -> None:
    # Clocks differ: Entra, and the emulator with it, allows some minutes.
    assert workload.run(job(emulator, just_expired_token())).error is None


def test_an_expired_token_is_not_sent(
    workload: Workload, emulator: Emulator, long_expired_token: str
) -> None:
    before = emulator.token_requests()
    refused(workload, job(emulator, long_expired_token), "assertion_expired")
    assert emulator.token_requests() == before


def test_a_rotated_key_is_followed(
    workload: Workload, emulator: Emulator, openbao: OpenBao
) -> None:
    old = openbao.token("entra")
    new = openbao.token_of_new_key("entra")
    assert header(new)["kid"] != header(old)["kid"]
    for token in (new, old):
        assert workload.run(job(emulator, token)).error is None


def test_the_issuer_chooses_the_audience(openbao: OpenBao) -> None:
    claims = verified_claims(openbao.token("entra"), openbao.jwks())
    assert (claims["iss"], claims["sub"], claims["aud"]) == (openbao.issuer, openbao.subject, EXCHANGE_AUDIENCE)


def refused(workload: Workload, what: dict[str, Any], code: str, aadsts: int | None = None) -> dict[str, Any]:
    """The error of a job that fails for this reason, without the assertion in it."""
    outcome = workload.run(what)
    assert outcome.token is None
    assert outcome.error["code"] == code
    assert aadsts is None or aadsts in outcome.error["aadsts"]
    signature = what["assertion"].rsplit(".", 1)[1]
    assert signature not in repr(outcome.error)
    return outcome.error
