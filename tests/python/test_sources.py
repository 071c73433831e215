"""Each source, synchronous and with asyncio, and what is sent to the token endpoint."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import workload_identity.aio
from workload_identity import (
    Callback,
    HttpRequest,
    HttpResponse,
    Signed,
    SourceError,
    TokenFile,
    WorkloadIdentity,
    WorkloadIdentityError,
)

from loopback_issuer import SigningKey
from stubs import CLIENT, IDS, SCOPE, TENANT, Awaited, Blocking, Endpoint, answered, workload_token
from waiting import UNDER_TEN, Stopwatch

Aio = workload_identity.aio.WorkloadIdentity


def form(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(request.body.decode()).items()}


def claims(token: str, part: int = 1) -> dict[str, Any]:
    text = token.split(".")[part]
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))  # type: ignore[no-any-return]


def check(endpoint: Endpoint, assertion: str) -> None:
    (request,) = endpoint.requests
    assert request.method == "POST"
    assert request.url == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
    assert form(request) == {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "scope": SCOPE,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }


@pytest.mark.parametrize("kind", [str, str.encode])
async def test_callback(kind: Any) -> None:
    token = workload_token()
    endpoint = Blocking()
    WorkloadIdentity(**IDS, source=Callback(lambda: kind(token)), transport=endpoint).get_token(
        SCOPE
    )
    check(endpoint, token)

    async def ask() -> Any:
        await asyncio.sleep(0)
        return kind(token)

    aio_endpoint = Awaited()
    await Aio(**IDS, source=ask, transport=aio_endpoint).get_token(SCOPE)
    check(aio_endpoint, token)


async def test_callback_with_purpose() -> None:
    token = workload_token()
    purposes: list[dict[str, Any]] = []

    def ask_for(purpose: dict[str, Any]) -> str:
        purposes.append(purpose)
        return token

    async def ask_for_later(purpose: dict[str, Any]) -> str:
        return ask_for(purpose)

    WorkloadIdentity(**IDS, source=Callback(ask_for=ask_for), transport=Blocking()).get_token(SCOPE)
    await Aio(**IDS, source=Callback(ask_for=ask_for_later), transport=Awaited()).get_token(SCOPE)
    for purpose in purposes:
        assert (purpose["tenant_id"], purpose["client_id"]) == (TENANT, CLIENT)
        assert purpose["token_endpoint"].endswith(f"/{TENANT}/oauth2/v2.0/token")
        assert purpose["audience"] == "api://AzureADTokenExchange"
    assert purposes[0]["correlation_id"] != purposes[1]["correlation_id"]
    for wrong in ({}, {"ask": workload_token, "ask_for": ask_for}, {"ask": 5}):
        with pytest.raises(TypeError):
            Callback(**wrong)  # type: ignore[arg-type]


async def test_token_file(tmp_path: Path) -> None:
    token = workload_token()
    (tmp_path / "token").write_text(token)
    endpoint, aio_endpoint = Blocking(), Awaited()
    source = TokenFile(tmp_path / "token")
    WorkloadIdentity(**IDS, source=source, transport=endpoint).get_token(SCOPE)
    check(endpoint, token)
    await Aio(**IDS, source=source, transport=aio_endpoint).get_token(SCOPE)
    check(aio_endpoint, token)


async def test_signed_assertion() -> None:
    signed: list[bytes] = []

    def sign(data: bytes) -> bytes:
        signed.append(data)
        return b"\x00\xff" * 128

    async def sign_later(data: bytes) -> bytes:
        return sign(data)

    def check_signed(endpoint: Endpoint) -> None:
        assertion = form(endpoint.requests[0])["client_assertion"]
        assert assertion.rpartition(".")[0].encode() == signed.pop()
        header, body = claims(assertion, 0), claims(assertion)
        assert header["alg"] == "PS256"
        assert header["x5t#S256"] == "dGh1bWJwcmludA"
        assert body["iss"] == body["sub"] == CLIENT
        assert body["exp"] > time.time()
        assert body["aud"].startswith("https://login.microsoftonline.com/")

    endpoint, aio_endpoint = Blocking(), Awaited()
    WorkloadIdentity(
        **IDS, source=Signed("key", "PS256", sign, x5t_s256="dGh1bWJwcmludA"), transport=endpoint
    ).get_token(SCOPE)
    check_signed(endpoint)
    await Aio(
        **IDS,
        source=Signed("key", "PS256", sign_later, x5t_s256="dGh1bWJwcmludA"),
        transport=aio_endpoint,
    ).get_token(SCOPE)
    check_signed(aio_endpoint)


def test_key_that_cannot_sign() -> None:
    def sign(data: bytes) -> bytes:
        raise PermissionError("the vault refused")

    with pytest.raises(SourceError) as raised:
        WorkloadIdentity(
            **IDS, source=Signed("key", "ES256", sign), transport=Blocking()
        ).get_token(SCOPE)
    assert raised.value.code == "signing_failed"
    assert isinstance(raised.value.__cause__, PermissionError)
    assert "vault" not in str(raised.value)


async def test_callback_that_never_returns() -> None:
    async def ask() -> str:
        await asyncio.sleep(3600)
        raise AssertionError

    with Stopwatch(UNDER_TEN), pytest.raises(workload_identity.WorkloadIdentityError) as raised:
        await Aio(**IDS, source=ask, transport=Awaited(), timeout=0.5).get_token(SCOPE)
    assert raised.value.code in ("callback_failed", "deadline_exceeded")


class Generic(Blocking):
    """An OpenID provider with a discovery document."""

    def answer(self, number: int) -> HttpResponse:
        if self.requests[-1].method == "GET":
            issuer = "https://issuer.example/realm"
            return answered(200, {"issuer": issuer, "token_endpoint": f"{issuer}/token"})
        return super().answer(number)


def test_generic_authority() -> None:
    endpoint = Generic()
    WorkloadIdentity(
        authority="https://issuer.example/realm",
        client_id="my-app",
        source=workload_token,
        transport=endpoint,
    ).get_token("openid", "profile")
    discovery, token = endpoint.requests
    assert discovery.url == "https://issuer.example/realm/.well-known/openid-configuration"
    assert token.url == "https://issuer.example/realm/token"
    assert form(token)["scope"] == "openid profile"


def test_named_token_endpoint() -> None:
    endpoint = Blocking()
    WorkloadIdentity(
        authority={"token_endpoint": "https://issuer.example/token"},
        client_id="my-app",
        source=workload_token,
        transport=endpoint,
    ).get_token("openid")
    assert [request.url for request in endpoint.requests] == ["https://issuer.example/token"]


class MemoryStore:
    """A store in memory."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.until: list[float] = []

    def load(self, key: str) -> str | None:
        return self.held.get(key)

    def save(self, key: str, value: str, until: float) -> None:
        self.held[key] = value
        self.until.append(until)


class AsyncMemoryStore(MemoryStore):
    """The same store with coroutine functions."""

    async def load(self, key: str) -> str | None:  # type: ignore[override]
        return super().load(key)

    async def save(self, key: str, value: str, until: float) -> None:  # type: ignore[override]
        super().save(key, value, until)


def test_shared_store() -> None:
    store, endpoint = MemoryStore(), Blocking()
    first = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint, store=store)
    token = first.get_token(SCOPE)
    second = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint, store=store)
    assert second.get_token(SCOPE) == token
    assert len(endpoint.requests) == 1
    assert time.time() < store.until[0] < token.expires_on + 1


async def test_shared_store_in_asyncio() -> None:
    store, endpoint = AsyncMemoryStore(), Awaited()
    first = Aio(**IDS, source=workload_token, transport=endpoint, store=store)
    token = await first.get_token(SCOPE)
    second = Aio(**IDS, source=workload_token, transport=endpoint, store=store)
    assert await second.get_token(SCOPE) == token
    assert len(endpoint.requests) == 1


def test_failing_store_is_ignored() -> None:
    class Broken(MemoryStore):
        def load(self, key: str) -> str | None:
            raise ConnectionError("redis is away")

        def save(self, key: str, value: str, until: float) -> None:
            raise ConnectionError("redis is away")

    endpoint = Blocking()
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint, store=Broken())
    assert identity.get_token(SCOPE).token
    assert len(endpoint.requests) == 1


def test_signature_is_checked_before_it_is_sent() -> None:
    key, other = SigningKey("rsa", "k"), SigningKey("rsa-other", "k")
    endpoint = Blocking()
    source = Signed("key", "RS256", key.sign, public_jwk=key.jwk)
    with WorkloadIdentity(**IDS, source=source, transport=endpoint) as identity:
        assert identity.get_token(SCOPE).token
    wrong = Signed("key", "RS256", other.sign, public_jwk=key.jwk)
    identity = WorkloadIdentity(**IDS, source=wrong, transport=endpoint)
    with identity, pytest.raises(WorkloadIdentityError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "signing_failed"
    assert len(endpoint.requests) == 1


async def test_force_refresh() -> None:
    endpoint, aio_endpoint = Blocking(), Awaited()
    with WorkloadIdentity(**IDS, source=workload_token, transport=endpoint) as identity:
        first = identity.get_token(SCOPE)
        second = identity.get_token(SCOPE, force_refresh=True)
        assert first.token != second.token == identity.get_token(SCOPE).token
        assert identity.get_token_info(SCOPE).token == second.token
    assert len(endpoint.requests) == 2
    async with workload_identity.aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=aio_endpoint
    ) as identity:
        first = await identity.get_token(SCOPE)
        assert (await identity.get_token(SCOPE, force_refresh=True)).token != first.token
    assert len(aio_endpoint.requests) == 2


def test_a_callback_that_returns_nothing_is_told_so() -> None:
    identity = WorkloadIdentity(**IDS, source=Callback(lambda: None), transport=Blocking())  # type: ignore[arg-type, return-value]
    with pytest.raises(SourceError, match="the callback returned None"):
        identity.get_token(SCOPE)


def test_a_coroutine_function_is_told_where_it_works() -> None:
    async def assertion() -> str:
        return workload_token()

    identity = WorkloadIdentity(**IDS, source=Callback(assertion), transport=Blocking())  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="needs workload_identity.aio"):
        identity.get_token(SCOPE)
