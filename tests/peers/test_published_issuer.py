"""Documents that `wif publish` writes and tokens that `wif issue` signs, accepted by OpenBao's JWT login and by Keycloak."""

from __future__ import annotations

import time
from typing import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from http_json import call, succeed
from keycloak import Keycloak
from openbao import OpenBao
from published_issuer import SUBJECT, PublishedIssuer

AUDIENCE = "api://openbao"
METHODS = ("by-discovery", "by-keys")


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublishedIssuer]:
    server = PublishedIssuer(tmp_path_factory.mktemp("published"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def openbao_login(openbao: OpenBao, issuer: PublishedIssuer) -> OpenBao:
    """OpenBao with two login methods: one finds the keys by discovery, one by their address."""
    openbao.trust("by-discovery", {"oidc_discovery_url": issuer.url}, SUBJECT, AUDIENCE)
    openbao.trust("by-keys", {"jwks_url": issuer.jwks_url, "bound_issuer": issuer.url}, SUBJECT, AUDIENCE)
    return openbao


@pytest.mark.parametrize("method", METHODS)
def test_openbao_accepts_a_token(openbao_login: OpenBao, issuer: PublishedIssuer, method: str) -> None:
    answer = succeed(openbao_login.log_in_with(method, issuer.token("first", AUDIENCE)))
    assert answer.body["auth"]["metadata"]["role"] == "workload"


@pytest.mark.parametrize("method", METHODS)
def test_openbao_refuses_other_tokens(openbao_login: OpenBao, issuer: PublishedIssuer, method: str) -> None:
    issuer.add_key("unpublished", rsa.generate_private_key(65537, 2048))
    for token in (
        issuer.token("first", "api://other"),
        issuer.token("first", AUDIENCE, "build-8"),
        issuer.token("unpublished", AUDIENCE),
    ):
        assert openbao_login.log_in_with(method, token).status == 400


@pytest.mark.parametrize("method", METHODS)
def test_openbao_follows_a_rotation(openbao_login: OpenBao, issuer: PublishedIssuer, method: str) -> None:
    name = f"next-{method}"
    issuer.add_key(name, ec.generate_private_key(ec.SECP256R1()))
    issuer.publish("--from-private-key", issuer.key(name))
    for key in (name, "first"):
        succeed(openbao_login.log_in_with(method, issuer.token(key, AUDIENCE)))
    issuer.publish("--retire", issuer.key_id(name))
    published = [key["kid"] for key in succeed(call("GET", issuer.jwks_url)).body["keys"]]
    assert issuer.key_id("first") in published and issuer.key_id(name) not in published


def test_keycloak_accepts_a_token(keycloak: Keycloak, issuer: PublishedIssuer) -> None:
    keycloak.add_identity_provider("published", issuer.url, issuer.jwks_url)
    keycloak.add_client("published-workload", SUBJECT, "published")
    answer = succeed(keycloak.exchange(issuer.token("first", keycloak.issuer), "published-workload"))
    assert answer.body["token_type"] == "Bearer"
    refused = keycloak.exchange(issuer.token("first", keycloak.issuer, "build-8"), "published-workload")
    assert refused.status in (400, 401)
    elsewhere = keycloak.exchange(issuer.token("first", "api://other"), "published-workload")
    assert elsewhere.status in (400, 401)


def test_keycloak_follows_a_rotation(keycloak: Keycloak, issuer: PublishedIssuer) -> None:
    issuer.add_key("keycloak-next", rsa.generate_private_key(65537, 3072))
    issuer.publish("--from-private-key", issuer.key("keycloak-next"))
    # Keycloak fetches keys for an unknown `kid` at most once in ten seconds.
    end = time.monotonic() + 120
    for key in ("keycloak-next", "first"):
        while True:
            answer = keycloak.exchange(issuer.token(key, keycloak.issuer), "published-workload")
            if answer.status == 200:
                break
            assert time.monotonic() < end, answer.body
            time.sleep(0.5)
