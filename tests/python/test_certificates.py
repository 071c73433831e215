"""Certificate authorities that the application or the environment names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import workload_identity.aio
from workload_identity import (
    ConfigurationError,
    HttpRequest,
    TokenVerifier,
    TransportFailure,
    WorkloadIdentity,
    WorkloadIdentityError,
)
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.standard_transport import StandardTransport

from conftest import Emulator
from loopback_issuer import AUDIENCE, LoopbackIssuer
from loopback_tls import CA_DATA, AnsweringServer, server_context
from stubs import SCOPE
from transports import MAKERS, Send, every_transport
from waiting import SECONDS

AioIdentity, AioVerifier = workload_identity.aio.WorkloadIdentity, workload_identity.aio.TokenVerifier
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
# The makers that take `ca_file` and `ca_data`.
TRUSTING = {name: make for name, make in MAKERS.items() if name != "thread"}


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    server = AnsweringServer(OK, server_context("127.0.0.1"))
    yield server
    server.stop()


@pytest.fixture
def tls_issuer() -> Iterator[LoopbackIssuer]:
    issuer = LoopbackIssuer(server_context("127.0.0.1"))
    yield issuer
    issuer.stop()


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "company.pem"
    # Bundles name their certificates in comments.
    path.write_bytes("# Entité de certification\n".encode() + CA_DATA)
    return path


def request(url: str) -> HttpRequest:
    return HttpRequest("GET", url, {}, b"", SECONDS, 1000)


def forms_of(ca_file: Path) -> list[dict[str, Any]]:
    return [
        {"ca_file": ca_file},
        {"ca_file": str(ca_file)},
        {"ca_data": CA_DATA},
        {"ca_data": CA_DATA.decode()},
    ]


async def answer_of(transport: Any, url: str) -> Any:
    try:
        answer = transport.send(request(url))
        return await answer if hasattr(answer, "__await__") else answer
    finally:
        closing = transport.close() if hasattr(transport, "close") else None
        if hasattr(closing, "__await__"):
            await closing


@pytest.mark.parametrize("name", TRUSTING)
async def test_transports(server: AnsweringServer, ca_file: Path, name: str) -> None:
    for options in forms_of(ca_file):
        assert (await answer_of(TRUSTING[name](**options), server.url)).status == 200
    with pytest.raises(TransportFailure) as raised:
        await answer_of(TRUSTING[name](), server.url)
    assert raised.value.word == "tls"


def test_credential(tls_emulator: Emulator) -> None:
    environment = tls_emulator.environment()
    data = Path(tls_emulator.ca_file).read_bytes()
    for options in ({"ca_file": tls_emulator.ca_file}, {"ca_data": data}):
        with WorkloadIdentity(environment=environment, **options) as identity:
            assert identity.get_token(SCOPE).token
    with (
        WorkloadIdentity(environment=environment) as identity,
        pytest.raises(WorkloadIdentityError) as raised,
    ):
        identity.get_token(SCOPE)
    assert raised.value.code == "source_unreachable"
    assert "CERTIFICATE_VERIFY_FAILED" in str(raised.value)


async def test_asyncio_credential(tls_emulator: Emulator) -> None:
    environment = tls_emulator.environment()
    async with AioIdentity(environment=environment, ca_file=tls_emulator.ca_file) as identity:
        assert (await identity.get_token(SCOPE)).token


def test_verifier(tls_issuer: LoopbackIssuer, ca_file: Path) -> None:
    for options in (
        *forms_of(ca_file),
        {"transport": StandardTransport(ca_file=ca_file)},
        {"transport": HttpxTransport(ca_file=ca_file)},
    ):
        with TokenVerifier.oidc(
            tls_issuer.url, AUDIENCE, **options
        ) as verifier:
            assert verifier.verify(tls_issuer.token()).subject == "somebody"


async def test_asyncio_verifier(tls_issuer: LoopbackIssuer, ca_file: Path) -> None:
    for options in (
        *forms_of(ca_file),
        {"transport": AsyncHttpxTransport(ca_file=ca_file)},
        {"transport": AiohttpTransport(ca_file=ca_file)},
    ):
        async with AioVerifier.oidc(
            tls_issuer.url, AUDIENCE, **options
        ) as verifier:
            assert (await verifier.verify(tls_issuer.token())).subject == "somebody"


IDS = {"tenant_id": "contoso.com", "client_id": "c", "source": lambda: ""}


@pytest.mark.parametrize(
    "make",
    [
        StandardTransport,
        HttpxTransport,
        AsyncHttpxTransport,
        AiohttpTransport,
        lambda **options: WorkloadIdentity(**IDS, **options),
        lambda **options: AioIdentity(**IDS, **options),
        lambda **options: TokenVerifier.github("api://mine", **options),
        lambda **options: AioVerifier.github("api://mine", **options),
    ],
)
def test_unusable_option_is_named(make: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_bytes(b"")
    for options, message in (
        ({"ca_file": tmp_path / "absent.pem"}, "ca_file `.*absent.pem` cannot be read: No such file"),
        ({"ca_file": tmp_path}, "ca_file `.*` cannot be read: Is a directory"),
        ({"ca_file": tmp_path / "empty.pem"}, "ca_file holds no certificate"),
        ({"ca_file": 5.5}, "ca_file `5.5` cannot be read"),
        ({"ca_data": b"\x30\x00"}, "ca_data holds no certificate"),
        ({"ca_data": "-----BEGIN PRIVATE KEY-----"}, "ca_data holds no certificate"),
        ({"ca_data": 5}, "ca_data holds no certificate"),
    ):
        with pytest.raises(ConfigurationError, match=message) as raised:
            make(**options)
        assert raised.value.code == "config_invalid"


def test_option_beside_a_transport() -> None:
    with pytest.raises(ConfigurationError, match="ca_data has no effect on the given transport"):
        WorkloadIdentity(**IDS, transport=StandardTransport(), ca_data=CA_DATA)
    with pytest.raises(ConfigurationError, match="ca_file has no effect on the given transport"):
        AioVerifier.github("api://mine", transport=AiohttpTransport(), ca_file="a.pem")


@every_transport
def test_environment(
    server: AnsweringServer,
    send: Send,
    ca_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        with monkeypatch.context() as variables:
            variables.setenv(name, str(ca_file))
            assert send(request(server.url)).status == 200
    (tmp_path / "empty.pem").write_bytes(b"")
    for name, path, reason in (
        ("SSL_CERT_FILE", "absent.pem", "No such file or directory"),
        ("SSL_CERT_FILE", "empty.pem", "it holds no certificate"),
        ("SSL_CERT_DIR", "absent", "no such directory"),
        ("REQUESTS_CA_BUNDLE", "absent.pem", "No such file or directory"),
    ):
        with monkeypatch.context() as variables:
            variables.setenv(name, str(tmp_path / path))
            message = f"{name} names `.*{path}`, which cannot be read: {reason}"
            with pytest.raises(TransportFailure, match=message) as raised:
                send(request(server.url))
            assert raised.value.word == "tls"
