"""Errors as those of azure-core and azure-identity, and chains of azure-identity's own class."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import workload_identity.aio
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.identity import ChainedTokenCredential, CredentialUnavailableError
from azure.identity.aio import ChainedTokenCredential as AioChainedTokenCredential
from workload_identity import (
    AccessToken,
    GitHubActions,
    TokenError,
    TokenFile,
    TokenVerifier,
    WorkloadIdentity,
    WorkloadIdentityError,
    _native,
    errors,
)

from conftest import Emulator
from stubs import SCOPE

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
NAMES: list[str] = json.loads(_native.environment_names())
POD = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT}


@pytest.fixture(autouse=True)
def laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of a platform."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


class Cli:
    """The next credential of a chain."""

    def __init__(self) -> None:
        self.asked = 0

    def get_token(self, *scopes: str, **kwargs: object) -> AccessToken:
        self.asked += 1
        return AccessToken("of the CLI", 2**31)

    def close(self) -> None:
        pass

    def __enter__(self) -> Cli:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


class AioCli(Cli):
    async def get_token(self, *scopes: str, **kwargs: object) -> AccessToken:  # type: ignore[override]
        return Cli.get_token(self, *scopes)

    async def close(self) -> None:  # type: ignore[override]
        pass

    async def __aenter__(self) -> AioCli:
        return self

    async def __aexit__(self, *exception: object) -> None:
        pass


# Environment and settings of credentials whose source is not there, with the code of the error.
ABSENT = {
    "nothing": ({}, {}, "source_not_found"),
    "no tenant": ({"AZURE_FEDERATED_TOKEN_FILE": "/nonexistent"}, {}, "environment_incomplete"),
    "no source": (POD, {}, "source_not_found"),
    "no file": ({**POD, "AZURE_FEDERATED_TOKEN_FILE": "/nonexistent"}, {}, "token_file_missing"),
    "no permission": ({**POD, "GITHUB_ACTIONS": "true"}, {}, "github_permission_missing"),
    "named file": (POD, {"source": TokenFile("/nonexistent")}, "token_file_missing"),
    "named platform": (POD, {"source": GitHubActions()}, "github_permission_missing"),
}


@pytest.fixture(params=ABSENT)
def absent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple]:
    environment, settings, code = ABSENT[request.param]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield settings, code


def test_chain_goes_on_where_the_source_is_not_there(absent: tuple) -> None:
    settings, code = absent
    identity = WorkloadIdentity.from_environment(required=False, **settings)
    with pytest.raises(CredentialUnavailableError) as caught:
        identity.get_token(SCOPE)
    assert isinstance(caught.value, WorkloadIdentityError) and caught.value.code == code
    with pytest.raises(CredentialUnavailableError):
        identity.get_token_info(SCOPE)
    cli = Cli()
    with ChainedTokenCredential(identity, cli) as chain:
        assert chain.get_token(SCOPE).token == "of the CLI"
    assert cli.asked == 1


async def test_asyncio_chain_goes_on_where_the_source_is_not_there(absent: tuple) -> None:
    settings, code = absent
    identity = workload_identity.aio.WorkloadIdentity.from_environment(required=False, **settings)
    with pytest.raises(CredentialUnavailableError) as caught:
        await identity.get_token(SCOPE)
    assert isinstance(caught.value, WorkloadIdentityError) and caught.value.code == code
    cli = AioCli()
    async with AioChainedTokenCredential(identity, cli) as chain:
        assert (await chain.get_token(SCOPE)).token == "of the CLI"
    assert cli.asked == 1


def test_chain_uses_the_identity_of_the_pod(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    cli = Cli()
    with ChainedTokenCredential(WorkloadIdentity.from_environment(required=False), cli) as chain:
        assert chain.get_token(SCOPE).token != "of the CLI"
    assert cli.asked == 0


def test_chain_stops_where_the_service_refuses(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    cli = Cli()
    identity = WorkloadIdentity.from_environment(source=GitHubActions(audience="api://wrong"))
    with ChainedTokenCredential(identity, cli) as chain:
        with pytest.raises(ClientAuthenticationError):
            chain.get_token(SCOPE)
        assert cli.asked == 0
        with pytest.raises(errors.AuthenticationError) as caught:
            identity.get_token(SCOPE)
    error = caught.value
    assert isinstance(error, ClientAuthenticationError)
    assert not isinstance(error, CredentialUnavailableError)
    assert error.code == "trust_mismatch"
    assert "trust_mismatch" in repr(error) and "aadsts=(" in repr(error)
    assert str(error).startswith(error.message)


@pytest.mark.parametrize("settings", [{"tenant_id": "no tenant"}, {"timeout": "soon"}])
def test_a_wrong_setting_is_reported_by_the_constructor(settings: dict) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        WorkloadIdentity.from_environment(
            required=False, **{"tenant_id": TENANT, "client_id": CLIENT, "source": str, **settings}
        )
    assert isinstance(caught.value, ClientAuthenticationError)


def test_required_is_the_default() -> None:
    with pytest.raises(CredentialUnavailableError):
        WorkloadIdentity.from_environment()
    with pytest.raises(CredentialUnavailableError):
        WorkloadIdentity(environment=POD)


def test_closed_without_a_source() -> None:
    identity = WorkloadIdentity.from_environment(required=False)
    identity.close()
    with pytest.raises(errors.ConfigurationError) as caught:
        identity.get_token(SCOPE)
    assert caught.value.code == "misuse"


def test_refused_tokens_are_errors_of_azure_core() -> None:
    verifier = TokenVerifier.entra(TENANT, "api://mine")
    with pytest.raises(TokenError) as caught:
        verifier.verify("no token")
    assert isinstance(caught.value, AzureError)
    assert not isinstance(caught.value, ClientAuthenticationError)


DETAILS = {
    "code": "source_not_found",
    "message": "no source",
    "hint": "set one",
    "fault": "platform",
    "retry_at": 5000,
    "aadsts": [1],
}


@pytest.mark.parametrize("named", [errors.SourceError, errors.TokenError, errors.InternalError])
def test_copies_and_pickles_are_equal(named: type[WorkloadIdentityError]) -> None:
    error = named(DETAILS)
    error.add_note("a note") if hasattr(error, "add_note") else None
    for other in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is type(error) and isinstance(other, named)
        assert other.__dict__ == error.__dict__ and other.args == error.args
        assert (str(other), repr(other)) == (str(error), repr(error))
    assert error.retry_at == 5
    assert type(error).__name__ == named.__name__
    assert repr(error).startswith(f"{named.__name__}(code='source_not_found', message='no source'")


def test_own_subclasses_keep_their_class() -> None:
    class Mine(errors.SourceError):
        pass

    error = Mine(DETAILS)
    assert isinstance(error, Mine) and isinstance(error, CredentialUnavailableError)
    with pytest.raises(Mine):
        raise error


def test_without_azure_the_classes_are_plain() -> None:
    code = (
        "import sys; sys.modules['azure'] = None;"
        "import pickle; from workload_identity import errors;"
        f"error = errors.SourceError({DETAILS!r});"
        "assert type(error) is errors.SourceError;"
        "assert pickle.loads(pickle.dumps(error)).__dict__ == error.__dict__;"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


def test_misspelt_names_are_errors_at_the_import() -> None:
    for module in ("workload_identity", "workload_identity.aio"):
        with pytest.raises(ImportError, match="WorkloadIdentiti"):
            exec(f"from {module} import WorkloadIdentiti")


def test_help_shows_rules_and_claim_builders() -> None:
    import pydoc

    text = pydoc.plain(pydoc.render_doc(workload_identity))
    for name in ("class ClaimRule", "class Issuer", "claim(", "class TokenVerifier"):
        assert name in text, name
    assert "glob(" in text
