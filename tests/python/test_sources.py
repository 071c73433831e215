"""Each source through both faces: what the core asks of it, and what reaches the token endpoint."""

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

from stubs import CLIENT, IDS, SCOPE, TENANT, Awaited, Blocking, Endpoint, answered, workload_token
from verifying import SigningKey

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
async def test_a_function(kind: Any) -> None:
    token = workload_token()
    endpoint = Blocking()
    WorkloadIdentity(**IDS, source=Callback(lambda: kind(token)), transport=endpoint).get_token(
        SCOPE
    )
    check(endpoint, token)

    async def ask() -> Any:
        await asyncio.sleep(0)
        return kind(token)

    twin = Awaited()
    await Aio(**IDS, source=ask, transport=twin).get_token(SCOPE)
    check(twin, token)


async def test_a_function_that_is_told_what_for() -> None:
    token = workload_token()
    told: list[dict[str, Any]] = []

    def ask_for(purpose: dict[str, Any]) -> str:
        told.append(purpose)
        return token

    async def ask_for_later(purpose: dict[str, Any]) -> str:
        return ask_for(purpose)

    WorkloadIdentity(**IDS, source=Callback(ask_for=ask_for), transport=Blocking()).get_token(SCOPE)
    await Aio(**IDS, source=Callback(ask_for=ask_for_later), transport=Awaited()).get_token(SCOPE)
    for purpose in told:
        assert (purpose["tenant_id"], purpose["client_id"]) == (TENANT, CLIENT)
        assert purpose["token_endpoint"].endswith(f"/{TENANT}/oauth2/v2.0/token")
        assert purpose["audience"] == "api://AzureADTokenExchange"
    assert told[0]["correlation_id"] != told[1]["correlation_id"]
    for wrong in ({}, {"ask": workload_token, "ask_for": ask_for}, {"ask": 5}):
        with pytest.raises(TypeError):
            Callback(**wrong)  # type: ignore[arg-type]


async def test_a_file(tmp_path: Path) -> None:
    token = workload_token()
    (tmp_path / "token").write_text(token)
    endpoint, twin = Blocking(), Awaited()
    source = TokenFile(tmp_path / "token")
    WorkloadIdentity(**IDS, source=source, transport=endpoint).get_token(SCOPE)
    check(endpoint, token)
    await Aio(**IDS, source=source, transport=twin).get_token(SCOPE)
    check(twin, token)


async def test_a_signed_assertion() -> None:
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

    endpoint, twin = Blocking(), Awaited()
    WorkloadIdentity(
        **IDS, source=Signed("key", "PS256", sign, x5t_s256="dGh1bWJwcmludA"), transport=endpoint
    ).get_token(SCOPE)
    check_signed(endpoint)
    await Aio(
        **IDS, source=Signed("key", "PS256", sign_later, x5t_s256="dGh1bWJwcmludA"), transport=twin
    ).get_token(SCOPE)
    check_signed(twin)


def test_a_key_that_cannot_sign() -> None:
    def sign(data: bytes) -> bytes:
        raise PermissionError("the vault said no")

    with pytest.raises(SourceError) as raised:
        WorkloadIdentity(
            **IDS, source=Signed("key", "ES256", sign), transport=Blocking(), timeout=4
        ).get_token(SCOPE)
    assert raised.value.code == "signing_failed"
    assert isinstance(raised.value.__cause__, PermissionError)
    assert "vault" not in str(raised.value)


async def test_a_function_that_never_answers() -> None:
    async def ask() -> str:
        await asyncio.sleep(3600)
        raise AssertionError

    begun = time.monotonic()
    with pytest.raises(workload_identity.WorkloadIdentityError) as raised:
        await Aio(**IDS, source=ask, transport=Awaited(), timeout=0.5).get_token(SCOPE)
    assert raised.value.code in ("callback_failed", "deadline_exceeded")
    assert time.monotonic() - begun < 3


class Generic(Blocking):
    """An OpenID provider with a discovery document."""

    def answer(self, number: int) -> HttpResponse:
        if self.requests[-1].method == "GET":
            issuer = "https://issuer.example/realm"
            return answered(200, {"issuer": issuer, "token_endpoint": f"{issuer}/token"})
        return super().answer(number)


def test_a_generic_authority() -> None:
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


def test_a_named_token_endpoint() -> None:
    endpoint = Blocking()
    WorkloadIdentity(
        authority={"token_endpoint": "https://issuer.example/token"},
        client_id="my-app",
        source=workload_token,
        transport=endpoint,
    ).get_token("openid")
    assert [request.url for request in endpoint.requests] == ["https://issuer.example/token"]


class Shelf:
    """A store in memory."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.until: list[float] = []

    def load(self, key: str) -> str | None:
        return self.held.get(key)

    def save(self, key: str, value: str, until: float) -> None:
        self.held[key] = value
        self.until.append(until)


class LaterShelf(Shelf):
    """The same, as coroutine functions."""

    async def load(self, key: str) -> str | None:  # type: ignore[override]
        return super().load(key)

    async def save(self, key: str, value: str, until: float) -> None:  # type: ignore[override]
        super().save(key, value, until)


def test_a_shared_store() -> None:
    shelf, endpoint = Shelf(), Blocking()
    first = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint, store=shelf)
    token = first.get_token(SCOPE)
    second = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint, store=shelf)
    assert second.get_token(SCOPE) == token
    assert len(endpoint.requests) == 1
    assert time.time() < shelf.until[0] < token.expires_on + 1


async def test_a_shared_store_in_asyncio() -> None:
    shelf, endpoint = LaterShelf(), Awaited()
    first = Aio(**IDS, source=workload_token, transport=endpoint, store=shelf)
    token = await first.get_token(SCOPE)
    second = Aio(**IDS, source=workload_token, transport=endpoint, store=shelf)
    assert await second.get_token(SCOPE) == token
    assert len(endpoint.requests) == 1


def test_a_store_that_fails_is_done_without() -> None:
    class Broken(Shelf):
        def load(self, key: str) -> str | None:
            raise ConnectionError("redis is away")

        def save(self, key: str, value: str, until: float) -> None:
            raise ConnectionError("redis is away")

    endpoint = Blocking()
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint, store=Broken())
    assert identity.get_token(SCOPE).token
    assert len(endpoint.requests) == 1


def test_a_signature_is_checked_before_it_is_sent() -> None:
    key, other = SigningKey("rsa", "k"), SigningKey("rsa-other", "k")
    endpoint = Blocking()
    source = Signed("key", "RS256", key.sign, public_jwk=key.jwk)
    with WorkloadIdentity(**IDS, source=source, transport=endpoint) as identity:
        assert identity.get_token(SCOPE).token
    wrong = Signed("key", "RS256", other.sign, public_jwk=key.jwk)
    identity = WorkloadIdentity(**IDS, source=wrong, transport=endpoint, timeout=4)
    with identity, pytest.raises(WorkloadIdentityError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "signing_failed"
    assert len(endpoint.requests) == 1


async def test_a_token_is_asked_for_anew() -> None:
    endpoint, twin = Blocking(), Awaited()
    with WorkloadIdentity(**IDS, source=workload_token, transport=endpoint) as identity:
        first = identity.get_token(SCOPE)
        second = identity.get_token(SCOPE, force_refresh=True)
        assert first.token != second.token == identity.get_token(SCOPE).token
        assert identity.get_token_info(SCOPE).token == second.token
    assert len(endpoint.requests) == 2
    async with workload_identity.aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=twin
    ) as identity:
        first = await identity.get_token(SCOPE)
        assert (await identity.get_token(SCOPE, force_refresh=True)).token != first.token
    assert len(twin.requests) == 2
