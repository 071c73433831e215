"""The debug log: one line for each request, wait, file read and failure, and never a secret."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from workload_identity import TokenFile, TokenVerifier, WorkloadIdentity, WorkloadIdentityError, aio

from conftest import Emulator
from loopback_issuer import AUDIENCE, LoopbackIssuer
from stubs import CANARY

SCOPE = "https://vault.azure.net/.default"
MS = r"in \d+ ms"
ID = r"correlation id [0-9a-f-]{36}"


@pytest.fixture(autouse=True)
def debug_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "workload_identity")


def lines(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(record.getMessage() for record in caplog.records)


def matches(caplog: pytest.LogCaptureFixture, pattern: str) -> bool:
    return re.search(f"^{pattern}$", lines(caplog), re.MULTILINE) is not None


def test_an_exchange(
    start_emulator: Callable[..., Emulator],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    emulator = start_emulator("--fault", "throttle=0*1")
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    with WorkloadIdentity.from_environment() as identity:
        token = identity.get_token(SCOPE).token
    source = emulator.github_request_url.partition("?")[0]
    assert matches(caplog, f"GET {source} -> 200 {MS}")
    assert matches(caplog, f"POST {emulator.base_url}/\\S+/token -> 429 {MS}, {ID}")
    assert matches(caplog, f"wait before a retry -> done {MS}")
    assert matches(caplog, f"POST {emulator.base_url}/\\S+/token -> 200 {MS}, {ID}")
    for secret in (*token.split("."), emulator.github_request_token):
        assert secret not in lines(caplog)


def test_failures(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    async def ask() -> None:
        async with aio.WorkloadIdentity(
            tenant_id="contoso.com",
            client_id="9b0e6a0c-4f62-4a0c-9d5b-2f0b9a6a7c11",
            source=TokenFile(tmp_path / "missing"),
        ) as identity:
            await identity.get_token(SCOPE)

    with pytest.raises(WorkloadIdentityError):
        asyncio.run(ask())
    assert matches(caplog, f"read {tmp_path}/missing -> not_found {MS}")
    assert matches(caplog, "failed: token_file_missing.*")


def test_a_key_fetch(issuer: LoopbackIssuer, caplog: pytest.LogCaptureFixture) -> None:
    verifier = TokenVerifier.oidc(issuer.url, AUDIENCE, allow_loopback_http=True)
    verifier.verify(issuer.token())
    assert matches(caplog, f"GET {issuer.url}/keys -> 200 {MS}")
    with pytest.raises(WorkloadIdentityError):
        verifier.verify(issuer.token(exp=1))
    assert matches(caplog, "a token is refused: expired")
    assert CANARY not in lines(caplog)
