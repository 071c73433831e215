"""`workload_identity.testing`: test tokens, fake credentials and the emulator, as an application's tests use them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from workload_identity import SourceError, TokenError, TokenVerifier, WorkloadIdentity
from workload_identity.testing import AsyncFakeCredential, Emulator, FakeCredential, TestIssuer

from conftest import WIF

ISSUERS = {
    "oidc": TestIssuer.oidc,
    "entra v1": lambda: TestIssuer.entra(version=1),
    "entra v2": TestIssuer.entra,
    "github": lambda: TestIssuer.github(environment="production"),
    "kubernetes": lambda: TestIssuer.kubernetes(namespace="shop"),
}


@pytest.mark.parametrize("shape", list(ISSUERS))
def test_issuer(shape: str) -> None:
    issuer = ISSUERS[shape]()
    verifier = issuer.verifier()
    assert verifier.verify(issuer.token(roles=["Orders.Read"])).has_role("Orders.Read")
    refused: dict[str, str] = {
        "expired": issuer.expired_token(),
        "signature_invalid": issuer.forged_token(),
        "audience_mismatch": issuer.token(aud="api://other"),
        "no_matching_key": issuer.token(header={"kid": "other"}),
        "unknown_issuer": TestIssuer.oidc("https://other.example").token(aud=issuer.audience),
    }
    for code, token in refused.items():
        with pytest.raises(TokenError) as caught:
            verifier.verify(token)
        assert caught.value.code == code
    other = ISSUERS[shape]()
    with pytest.raises(TokenError) as caught:
        verifier.verify(other.token())
    assert caught.value.code == "signature_invalid"


def test_rules_and_claims() -> None:
    issuer = TestIssuer.github("octo/app", environment="production")
    assert issuer.verifier(repository="octo/app", environment="production").verify(issuer.token())
    with pytest.raises(TokenError) as caught:
        issuer.verifier(repository="octo/other").verify(issuer.token())
    assert caught.value.code == "claim_mismatch"
    entra = TestIssuer.entra(audience="api://orders")
    user = entra.verified(idtyp=None, sub="user", scp="Orders.Read")
    assert not user.is_app and user.has_scope("Orders.Read")
    assert entra.verified().is_app and entra.verified()["aud"] == "api://orders"
    account = {"namespace": "shop", "serviceaccount": {"name": "orders"}}
    pod = TestIssuer.kubernetes().verified({"kubernetes.io": account})
    assert pod["kubernetes.io"] == account
    with pytest.raises(ValueError, match="version is 3"):
        TestIssuer.entra(version=3)
    assert asyncio.run(entra.async_verifier().verify(entra.token())).subject
    both = TokenVerifier([issuer.trusted(), entra.trusted()])
    assert both.verify(issuer.token()).profile == "github"


def test_fixtures(entra_issuer: TestIssuer, wif_environment: dict[str, str]) -> None:
    assert entra_issuer.verified().is_app
    with WorkloadIdentity.from_environment() as identity:
        assert identity.get_token("https://vault.azure.net/.default").token
    assert wif_environment["AZURE_AUTHORITY_HOST"].startswith("http://127.0.0.1:")


def test_fake_credentials() -> None:
    credential = FakeCredential("first", expires_in=60)
    with credential:
        assert credential.get_token("a", "b", claims=None).token == "first"
        assert credential.get_token_info("c", options={}).token == "first"
    assert credential.calls == [("a", "b"), ("c",)]
    failing = FakeCredential(error=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        failing.get_token("a")
    assert failing.calls == [("a",)] and "test-token" not in repr(failing)

    async def ask() -> Any:
        async with AsyncFakeCredential() as fake:
            return await fake.get_token("a"), await fake.get_token_info("b"), fake.calls

    token, info, calls = asyncio.run(ask())
    assert (token.token, info.token, calls) == ("test-token", "test-token", [("a",), ("b",)])


def test_emulator_of_a_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator("--token-file", str(tmp_path / "token"), program=WIF) as emulator:
        assert "ACTIONS_ID_TOKEN_REQUEST_URL" not in emulator.environment
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        with WorkloadIdentity.from_environment() as identity:
            assert identity.get_token("https://vault.azure.net/.default").token


def test_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator("--fault", "github:status=403", program=WIF) as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        with WorkloadIdentity.from_environment() as identity, pytest.raises(SourceError):
            identity.get_token("https://vault.azure.net/.default")
    with pytest.raises(RuntimeError, match="ended before"):
        Emulator("--no-such-option", program=WIF)
    monkeypatch.delenv("WIF", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="set WIF"):
        Emulator()
