"""The default transport against the emulator: from the environment of a GitHub job to an access token."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import workload_identity.aio
from workload_identity import (
    AccessToken,
    AuthenticationError,
    GitHubActions,
    SourceError,
    TokenError,
    TokenVerifier,
    TransportError,
    WorkloadIdentity,
    WorkloadIdentityError,
)
from workload_identity.standard_transport import StandardTransport

from conftest import Emulator
from stubs import SCOPE
from waiting import FOREVER, SECONDS, followers, until_in_loop

StartEmulator = Callable[..., Emulator]


@pytest.fixture
def job(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, with the environment of a GitHub job that it trusts."""
    monkeypatch.delenv("AZURE_FEDERATED_TOKEN_FILE", raising=False)
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    return emulator


@pytest.mark.smoke
def test_from_the_environment(job: Emulator) -> None:
    from azure.core.credentials import AccessToken as AzureAccessToken

    with WorkloadIdentity.from_environment() as identity:
        token = identity.get_token(SCOPE)
        assert type(token) is AzureAccessToken is AccessToken
        assert token.token.count(".") == 2
        assert identity.get_token(SCOPE) is token
    assert job.token_requests() == 1


@pytest.mark.smoke
async def test_from_the_environment_in_asyncio(job: Emulator) -> None:
    async with workload_identity.aio.WorkloadIdentity.from_environment() as identity:
        token = await identity.get_token(SCOPE)
        assert await identity.get_token(SCOPE) is token
    assert job.token_requests() == 1


def test_named_source(job: Emulator) -> None:
    identity = WorkloadIdentity(
        tenant_id=job.tenant_id,
        client_id=job.client_id,
        authority_host=job.base_url,
        source=GitHubActions(),
    )
    assert identity.get_token(SCOPE).token


def test_token_file(start_emulator: StartEmulator, tmp_path: Path) -> None:
    file = tmp_path / "token"
    emulator = start_emulator("--token-file", str(file))
    identity = WorkloadIdentity(
        environment={
            "AZURE_TENANT_ID": emulator.tenant_id,
            "AZURE_CLIENT_ID": emulator.client_id,
            "AZURE_AUTHORITY_HOST": emulator.base_url,
            "AZURE_FEDERATED_TOKEN_FILE": str(file),
        }
    )
    assert identity.get_token(SCOPE).token


@pytest.mark.smoke
def test_untrusted_subject_is_explained(job: Emulator) -> None:
    with pytest.raises(AuthenticationError) as raised:
        WorkloadIdentity.from_environment(source=GitHubActions(audience="api://other")).get_token(
            SCOPE
        )
    error = raised.value
    assert error.code == "trust_mismatch"
    assert error.aadsts
    assert error.correlation_id
    assert error.presented is not None
    assert error.presented["issuer"] == job.issuer
    assert error.presented["audience"] == ["api://other"]


FAULTS: list[tuple[str, str]] = [
    ("html", "response_not_json"),
    ("empty", "response_empty"),
    ("huge", "response_too_large"),
    ("redirect", "response_redirect"),
    ("truncated", "response_not_json"),
    ("duplicate", "response_duplicate_member"),
    ("token_type", "token_type_unsupported"),
    ("expires_in=-5", "expires_in_invalid"),
    ("expires_in=missing", "expires_in_invalid"),
    ("reset", "network_refused"),
    (f"latency={1000 * FOREVER}", "network_timeout"),
    ("status=503", "service_unavailable"),
    ("throttle=3000", "throttled"),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[fault for fault, _ in FAULTS])
def test_faults(start_emulator: StartEmulator, fault: str, code: str) -> None:
    emulator = start_emulator("--fault", fault)
    slow = "latency" in fault
    identity = WorkloadIdentity(environment=emulator.environment(), timeout=3 if slow else SECONDS)
    with pytest.raises(WorkloadIdentityError) as raised:
        identity.get_token(SCOPE)
    # A slow service may use up the caller's time instead of the request's.
    slow = slow and raised.value.code == "deadline_exceeded"
    assert slow or raised.value.code == code
    kind = TransportError if code.startswith("network_") else AuthenticationError
    assert slow or type(raised.value) is kind
    emulator.clear_faults()
    assert WorkloadIdentity(environment=emulator.environment()).get_token(SCOPE).token


def test_transient_faults_are_retried(start_emulator: StartEmulator) -> None:
    emulator = start_emulator("--fault", "status=503*1", "--fault", "reset*1")
    identity = WorkloadIdentity(environment=emulator.environment())
    assert identity.get_token(SCOPE).token
    assert emulator.token_requests() >= 2


def test_source_that_fails(start_emulator: StartEmulator) -> None:
    emulator = start_emulator("--fault", "github:status=403")
    with pytest.raises(SourceError) as raised:
        WorkloadIdentity(environment=emulator.environment()).get_token(SCOPE)
    assert raised.value.code == "source_rejected"


def test_unreachable_source() -> None:
    identity = WorkloadIdentity(
        environment={
            "AZURE_TENANT_ID": "contoso.com",
            "AZURE_CLIENT_ID": "66666666-7777-8888-9999-000000000000",
            "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/token?a=b",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
            "GITHUB_ACTIONS": "true",
        },
    )
    with pytest.raises(SourceError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "source_unreachable"


def test_untrusted_certificate(tls_emulator: Emulator) -> None:
    identity = WorkloadIdentity(environment=tls_emulator.environment())
    with pytest.raises(WorkloadIdentityError, match="certificate"):
        identity.get_token(SCOPE)


def test_certificates_from_ssl_cert_file(
    tls_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", tls_emulator.ca_file)
    assert WorkloadIdentity(environment=tls_emulator.environment()).get_token(SCOPE).token


def test_certificates_from_an_ssl_context(tls_emulator: Emulator) -> None:
    import ssl

    transport = StandardTransport(ssl.create_default_context(cafile=tls_emulator.ca_file))
    identity = WorkloadIdentity(environment=tls_emulator.environment(), transport=transport)
    assert identity.get_token(SCOPE).token


async def test_cancelled_leader_is_replaced(start_emulator: StartEmulator, only_woken: None) -> None:
    emulator = start_emulator("--fault", f"latency={1000 * FOREVER}*1")
    identity = workload_identity.aio.WorkloadIdentity(environment=emulator.environment())
    leader = asyncio.create_task(identity.get_token(SCOPE))
    while await asyncio.to_thread(emulator.token_requests) == 0:
        await asyncio.sleep(0.01)
    follower = asyncio.create_task(identity.get_token(SCOPE))
    await until_in_loop(lambda: followers(identity) == 1)
    leader.cancel()
    assert (await asyncio.wait_for(follower, SECONDS)).token
    assert emulator.token_requests() == 2


@pytest.mark.smoke
def test_token_of_a_job_is_verified(emulator: Emulator) -> None:
    """Uses the emulator's discovery document and keys, and GitHub's profile."""
    asked = urllib.request.Request(
        f"{emulator.github_request_url}&audience=api://deploy",
        headers={"authorization": f"Bearer {emulator.github_request_token}"},
    )
    with urllib.request.urlopen(asked) as answer:
        token = json.load(answer)["value"]
    options = {"issuer": emulator.issuer, "allow_loopback_http": True}
    with TokenVerifier.github(
        "api://deploy", repository="octo-org/octo-repo", **options
    ) as verifier:
        found = verifier.verify(token)
        assert found.subject == "repo:octo-org/octo-repo:ref:refs/heads/main"
        assert (found.profile, found["repository"]) == ("github", "octo-org/octo-repo")
    other = TokenVerifier.github("api://deploy", repository="octo-org/other", **options)
    with other, pytest.raises(TokenError) as raised:
        other.verify(token)
    assert raised.value.code == "claim_mismatch"


@pytest.mark.smoke
def test_access_tokens_are_verified_as_entras(job: Emulator) -> None:
    with WorkloadIdentity.from_environment() as identity:
        token = identity.get_token(SCOPE).token
    host = job.environment()["AZURE_AUTHORITY_HOST"]
    tenant = job.environment()["AZURE_TENANT_ID"]
    audience = SCOPE.removesuffix("/.default")
    with TokenVerifier.entra(
        tenant, audience, authority_host=host, allow_loopback_http=True
    ) as verifier:
        found = verifier.verify(token)
        assert (found.issuer, found.is_app) == (f"{host}/{tenant}/v2.0", True)
    cloud = TokenVerifier.entra(
        tenant, audience, authority_host="https://login.microsoftonline.com"
    )
    with cloud, pytest.raises(TokenError) as raised:
        cloud.verify(token)
    assert raised.value.code == "unknown_issuer"
    with pytest.raises(WorkloadIdentityError, match="allow_loopback_http"):
        TokenVerifier.entra(tenant, audience, authority_host=host)
