"""Bad input of every kind raises its documented code, without secrets, and a later valid call works."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import workload_identity.aio
from workload_identity import (
    AuthenticationError,
    ConfigurationError,
    GitHubActions,
    HttpRequest,
    HttpResponse,
    SourceError,
    TokenFile,
    TransportError,
    TransportFailure,
    WorkloadIdentity,
    WorkloadIdentityError,
)
from workload_identity._core.error_codes import CODES

from stubs import (
    CANARY,
    CLIENT,
    IDS,
    SCOPE,
    TENANT,
    Awaited,
    Blocking,
    answered,
    entra_error,
    workload_token,
)

GOOD = {"token_type": "Bearer", "expires_in": 3600, "access_token": f"access-{CANARY}"}


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in GOOD.items() if key != name}


SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"tenant_id": None}, "environment_incomplete"),
    ({"tenant_id": "not a tenant"}, "tenant_invalid"),
    ({"tenant_id": ""}, "tenant_invalid"),
    ({"tenant_id": "tenänt.example/../x"}, "tenant_invalid"),
    ({"tenant_id": "\ud800"}, "config_invalid"),
    ({"tenant_id": 5}, "config_invalid"),
    ({"tenant_id": object()}, "config_invalid"),
    ({"tenant_id": "common"}, "tenant_reserved"),
    ({"tenant_id": "organizations"}, "tenant_reserved"),
    ({"tenant_id": "consumers"}, "tenant_reserved"),
    ({"client_id": "my app"}, "client_id_invalid"),
    ({"client_id": "66666666-7777-8888-9999-00000000000"}, "client_id_invalid"),
    ({"client_id": "😀"}, "client_id_invalid"),
    ({"authority_host": "http://login.example"}, "authority_insecure"),
    ({"authority_host": "login.microsoftonline.com:x"}, "authority_invalid"),
    ({"authority_host": "https://user:pw@login.example"}, "authority_invalid"),
    ({"authority": "http://issuer.example"}, "authority_insecure"),
    ({"authority_host": "https://169.254.169.254"}, "authority_invalid"),
    ({"authority": {"token_endpoint": "https://[::ffff:a9fe:a9fe]/t"}}, "authority_invalid"),
    ({"authority": "https://10.0.0.1", "private_addresses": "deny"}, "authority_invalid"),
    ({"authority": "https://10.0.0.1", "allowed_networks": ["10.1.0.0/16"]}, "authority_invalid"),
    ({"private_addresses": "no"}, "config_invalid"),
    ({"allowed_networks": []}, "config_invalid"),
    ({"allowed_networks": 5}, "config_invalid"),
    ({"allowed_networks": ["10.0.0.1/8"]}, "config_invalid"),
    ({"timeout": -1}, "config_invalid"),
    ({"timeout": float("nan")}, "config_invalid"),
    ({"timeout": "soon"}, "config_invalid"),
    ({"authority": 5}, "config_invalid"),
    ({"additionally_allowed_tenants": 5}, "config_invalid"),
    ({"cache_max_entries": -1}, "config_invalid"),
    ({"additionally_allowed_tenants": ["common"]}, "tenant_reserved"),
    ({"source": 5}, "config_invalid"),
    ({"source": None}, "source_not_found"),
    ({"source": None, "environment": {"GITHUB_ACTIONS": "true"}}, "github_permission_missing"),
    ({"source": TokenFile("")}, "config_invalid"),
]


@pytest.mark.parametrize(("settings", "code"), SETTINGS)
@pytest.mark.parametrize("credential", [WorkloadIdentity, workload_identity.aio.WorkloadIdentity])
def test_settings(credential: Callable[..., object], settings: dict[str, Any], code: str) -> None:
    with pytest.raises(WorkloadIdentityError) as raised:
        credential(**{**IDS, "source": workload_token, **settings})
    assert raised.value.code == code
    fault = CODES[raised.value.code][0]
    # Not the very class: an error after which a chain of credentials goes on has a subclass.
    kind = {"caller": ConfigurationError, "platform": SourceError}[fault]
    assert isinstance(raised.value, kind)


def test_github_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_URL", raising=False)
    monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", raising=False)
    with pytest.raises(SourceError, match=r"permissions: id-token: write") as raised:
        WorkloadIdentity(**IDS, source=GitHubActions())
    assert raised.value.code == "github_permission_missing"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    monkeypatch.delenv("AZURE_FEDERATED_TOKEN_FILE", raising=False)
    with pytest.raises(SourceError, match=r"permissions: id-token: write"):
        WorkloadIdentity.from_environment()


REQUESTS: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    ((), {}, "scope_missing"),
    (("",), {}, "scope_invalid"),
    (("a b/.default",), {}, "scope_invalid"),
    (('a"b/.default',), {}, "scope_invalid"),
    (("https://vault.azure\u2028.net/.default",), {}, "scope_invalid"),
    (("\ud800",), {}, "request_invalid"),
    ((SCOPE, "https://graph.microsoft.com/.default"), {}, "scope_multiple_resources"),
    (("https://vault.azure.net/Secrets.Read",), {}, "scope_not_default"),
    ((["https://vault.azure.net/.default"],), {}, "request_invalid"),
    ((5,), {}, "request_invalid"),
    ((SCOPE,), {"claims": "no json"}, "claims_invalid"),
    ((SCOPE,), {"claims": "[]"}, "claims_invalid"),
    ((SCOPE,), {"tenant_id": "common"}, "tenant_reserved"),
    ((SCOPE,), {"tenant_id": "other.example"}, "tenant_not_configured"),
    ((SCOPE,), {"timeout": float("nan")}, "request_invalid"),
    ((SCOPE,), {"timeout": float("inf")}, "request_invalid"),
    ((SCOPE,), {"timeout": 0}, "deadline_exceeded"),
    ((SCOPE,), {"timeout": -5}, "deadline_exceeded"),
]


@pytest.mark.parametrize(("scopes", "options", "code"), REQUESTS)
async def test_requests(scopes: tuple[Any, ...], options: dict[str, Any], code: str) -> None:
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=Blocking())
    with pytest.raises(ConfigurationError) as raised:
        identity.get_token(*scopes, **options)
    assert raised.value.code == code
    assert identity.get_token(SCOPE).token
    aio_identity = workload_identity.aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=Awaited()
    )
    with pytest.raises(ConfigurationError) as raised:
        await aio_identity.get_token(*scopes, **options)
    assert raised.value.code == code
    assert (await aio_identity.get_token(SCOPE)).token


FILES: list[tuple[bytes | None, str]] = [
    (None, "token_file_missing"),
    (b"", "token_file_empty"),
    (b" \r\n\t", "token_file_empty"),
    (bytes(range(256)), "assertion_malformed"),
    (b"a" * 2_000_000, "token_file_too_large"),
    (workload_token().encode()[:40], "assertion_malformed"),
    (workload_token().rpartition(".")[0].encode(), "assertion_malformed"),
    (workload_token(-600).encode(), "assertion_expired"),
    ("eyJ.ünïcode.😀".encode(), "assertion_malformed"),
    (b"\xef\xbb\xbf", "assertion_malformed"),
]


@pytest.mark.parametrize(("content", "code"), FILES, ids=[str(n) for n in range(len(FILES))])
def test_token_files(tmp_path: Path, content: bytes | None, code: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    identity = WorkloadIdentity(**IDS, source=TokenFile(file), transport=Blocking())
    with pytest.raises(SourceError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == code
    assert CANARY not in str(raised.value)
    file.write_text(f"\n {workload_token()} \r\n")
    assert identity.get_token(SCOPE).token


def test_folder_as_token_file(tmp_path: Path) -> None:
    identity = WorkloadIdentity(**IDS, source=TokenFile(tmp_path), transport=Blocking())
    with pytest.raises(SourceError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "token_file_unreadable"
    assert isinstance(raised.value.__cause__, IsADirectoryError)


def test_pipe_without_a_writer_does_not_block(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "token")
    identity = WorkloadIdentity(**IDS, source=TokenFile(tmp_path / "token"), transport=Blocking())
    with pytest.raises(SourceError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "token_file_empty"


ASSERTIONS: list[tuple[Callable[[], Any], str]] = [
    (lambda: "not a token", "assertion_malformed"),
    (lambda: "", "assertion_malformed"),
    (lambda: workload_token(-600), "assertion_expired"),
    (lambda: "😀.😀.😀", "assertion_malformed"),
    (lambda: b"\xff\xfe", "assertion_malformed"),
    (lambda: None, "callback_failed"),
    (lambda: 1 / 0, "callback_failed"),
    (lambda: "\ud800", "assertion_malformed"),
]


@pytest.mark.parametrize(("source", "code"), ASSERTIONS)
async def test_callbacks(source: Callable[[], Any], code: str) -> None:
    working = [False]

    def switch() -> Any:
        return workload_token() if working[0] else source()

    identity = WorkloadIdentity(**IDS, source=switch, transport=Blocking())
    with pytest.raises(SourceError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == code
    working[0] = True
    assert identity.get_token(SCOPE).token
    working[0] = False
    aio_identity = workload_identity.aio.WorkloadIdentity(**IDS, source=switch, transport=Awaited())
    with pytest.raises(SourceError) as raised:
        await aio_identity.get_token(SCOPE)
    assert raised.value.code == code


RESPONSES: list[tuple[HttpResponse, str]] = [
    (
        answered(200, b"<!doctype html><p>proxy", **{"content-type": "text/html"}),
        "response_not_json",
    ),
    (answered(200, b""), "response_empty"),
    (answered(200, b" " * 10_000_000), "response_too_large"),
    (answered(302, b"", location="https://elsewhere.example"), "response_redirect"),
    (answered(307, b"", location="https://elsewhere.example"), "response_redirect"),
    (answered(200, {**GOOD, "token_type": "mac"}), "token_type_unsupported"),
    (answered(200, {**GOOD, "expires_in": -1}), "expires_in_invalid"),
    (answered(200, {**GOOD, "expires_in": "soon"}), "expires_in_invalid"),
    (answered(200, {**GOOD, "expires_in": None}), "expires_in_invalid"),
    (answered(200, without("expires_in")), "expires_in_invalid"),
    (answered(200, without("access_token")), "response_invalid"),
    (answered(200, {**GOOD, "access_token": ""}), "response_invalid"),
    (answered(200, {**GOOD, "access_token": "a\r\nb"}), "response_invalid"),
    (answered(200, [1, 2]), "response_invalid"),
    (
        answered(200, json.dumps(GOOD)[:-1].encode() + b',"access_token":"b"}'),
        "response_duplicate_member",
    ),
    (
        answered(200, json.dumps(GOOD)[:-1].encode() + b',"\\u0061ccess_token":"b"}'),
        "response_duplicate_member",
    ),
    (answered(200, json.dumps(GOOD)[:-5].encode()), "response_not_json"),
    (answered(200, b"\xff\xfe{}"), "response_not_json"),
    (answered(200, "{😀".encode()), "response_not_json"),
    (answered(400, entra_error(700213, "invalid_client")), "trust_mismatch"),
    (answered(401, entra_error(700024, "invalid_client")), "assertion_rejected"),
    (answered(401, entra_error(700016, "unauthorized_client")), "configuration_rejected"),
    (answered(400, {"error": "ünï\u2028😀", "error_description": "\u0000"}), "exchange_rejected"),
    (answered(429, {}, **{"retry-after": "120"}), "throttled"),
    (answered(503, {}), "service_unavailable"),
]


class Scripted(Blocking):
    """Returns or raises the given response until `bad` is reset."""

    def __init__(self, answer: HttpResponse | Exception) -> None:
        super().__init__()
        self.bad: HttpResponse | Exception | None = answer

    def answer(self, number: int) -> HttpResponse:
        if self.bad is None:
            return super().answer(number)
        if isinstance(self.bad, Exception):
            raise self.bad
        return self.bad


@pytest.mark.parametrize(
    ("answer", "code"), RESPONSES, ids=[f"{n}-{c}" for n, (_, c) in enumerate(RESPONSES)]
)
def test_responses(answer: HttpResponse, code: str) -> None:
    endpoint = Scripted(answer)
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    with pytest.raises(AuthenticationError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == code
    assert raised.value.http_status == answer.status
    assert CANARY not in str(raised.value) + repr(raised.value) + repr(vars(raised.value))
    assert all(CANARY not in repr(request) for request in endpoint.requests)
    endpoint.bad = None
    if code == "throttled":
        # The service asked to wait, so no request is sent before then.
        count = len(endpoint.requests)
        with pytest.raises(AuthenticationError):
            identity.get_token(SCOPE)
        assert len(endpoint.requests) == count
        assert identity.get_token("https://graph.microsoft.com/.default").token
    else:
        assert identity.get_token(SCOPE).token


FAILURES: list[tuple[Exception, str]] = [
    (TransportFailure("timeout"), "network_timeout"),
    (TransportFailure("refused"), "network_refused"),
    (TransportFailure("dns"), "network_dns"),
    (TransportFailure("tls", "certificate verify failed"), "network_tls"),
    (TransportFailure("other"), "network_failed"),
    (TimeoutError(), "network_timeout"),
    (ConnectionResetError("reset by peer"), "network_refused"),
    (ValueError("unexpected"), "network_failed"),
]


@pytest.mark.parametrize(("failure", "code"), FAILURES, ids=[c for _, c in FAILURES])
def test_transport_failures(failure: Exception, code: str) -> None:
    endpoint = Scripted(failure)
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    with pytest.raises(TransportError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == code
    assert raised.value.__cause__ is failure
    endpoint.bad = None
    assert identity.get_token(SCOPE).token


@pytest.mark.parametrize(
    "invalid",
    [
        {"status": 200},
        None,
        HttpResponse("200", {}, b""),  # type: ignore[arg-type]
        HttpResponse(-1, {}, b""),
        HttpResponse(10**12, {}, b""),
        HttpResponse(200, 5, b""),  # type: ignore[arg-type]
        HttpResponse(200, {}, 5),  # type: ignore[arg-type]
    ],
)
async def test_transport_with_invalid_results(invalid: Any) -> None:
    class Invalid(Blocking):
        def send(self, request: HttpRequest) -> Any:
            return invalid

    class InvalidAwaited(Awaited):
        async def send(self, request: HttpRequest) -> Any:
            return invalid

    identity = WorkloadIdentity(**IDS, source=workload_token, transport=Invalid())
    with pytest.raises(WorkloadIdentityError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "network_failed"
    aio_identity = workload_identity.aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=InvalidAwaited()
    )
    with pytest.raises(WorkloadIdentityError) as raised:
        await aio_identity.get_token(SCOPE)
    assert raised.value.code == "network_failed"


def test_exception_that_quotes_a_secret() -> None:
    endpoint = Scripted(ValueError(f"illegal header value {CANARY}"))
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    with pytest.raises(TransportError, match="ValueError") as raised:
        identity.get_token(SCOPE)
    assert CANARY not in str(raised.value)


async def test_transport_that_never_returns() -> None:
    import asyncio

    class Silent(Awaited):
        async def send(self, request: HttpRequest) -> Any:
            await asyncio.sleep(3600)

    aio_identity = workload_identity.aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=Silent(), timeout=0.3
    )
    with pytest.raises(WorkloadIdentityError) as raised:
        await aio_identity.get_token(SCOPE)
    assert raised.value.code in ("network_timeout", "deadline_exceeded")


def test_line_breaks_in_headers_add_no_header() -> None:
    head = HttpResponse(200, [("a", "b\r\n c\nretry-after: 9")], b"").head()
    assert head == b"a: b c retry-after: 9"


async def test_coroutine_function_needs_aio() -> None:
    async def source() -> str:
        return workload_token()

    identity = WorkloadIdentity(**IDS, source=source, transport=Blocking())
    with pytest.raises(SourceError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "callback_failed"
    aio_identity = workload_identity.aio.WorkloadIdentity(**IDS, source=source, transport=Awaited())
    assert (await aio_identity.get_token(SCOPE)).token
