"""Requests that say how their server is reached, by every transport of the package."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from workload_identity import (
    ConnectionOptions,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from workload_identity._core.effects import Performer, perform
from workload_identity.aio import ThreadTransport
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport
from workload_identity.standard_transport import StandardTransport

from loopback_tls import AUTHORITY, CA_DATA, AnsweringServer, Proxy, server_context
from transports import Send, every_transport
from unix_servers import UnixServer
from waiting import FOREVER, SECONDS, Stopwatch, until_in_loop

HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"
ANSWER = HEAD + b"content-length: 4\r\n\r\ntext"
CA = CA_DATA.decode()


def request(url: str, method: str = "GET", **options: Any) -> HttpRequest:
    body = b"" if method == "GET" else b"sent"
    return HttpRequest(
        method, url, {"metadata": "true"}, body, SECONDS, 1000, ConnectionOptions(**options)
    )


def failure(send: Send, wanted: HttpRequest) -> TransportFailure:
    with pytest.raises(TransportFailure) as caught:
        send(wanted)
    return caught.value


@pytest.fixture
def start_unix(tmp_path: Path) -> Iterator[Callable[[bytes | None], UnixServer]]:
    servers: list[UnixServer] = []

    def start(answer: bytes | None) -> UnixServer:
        servers.append(UnixServer(tmp_path / f"{len(servers)}.sock", answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def tls_server() -> Iterator[AnsweringServer]:
    server = AnsweringServer(ANSWER, server_context("cluster.example"))
    yield server
    server.stop()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy that refuses, which the variables name for all hosts. Loopback is exempt, so servers have another address."""
    proxy = Proxy(1, status="502 Bad Gateway")
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    yield proxy
    proxy.stop()


@every_transport
def test_a_unix_socket(send: Send, start_unix: Callable[[bytes | None], UnixServer]) -> None:
    server = start_unix(ANSWER)
    for method in ("GET", "POST", "PUT"):
        response = send(request("http://localhost/token?a=1", method, unix_socket=server.path))
        assert (response.status, response.body) == (200, b"text")
        sent = server.requests[-1].lower()
        assert sent.startswith(f"{method.lower()} /token?a=1 http/1.1\r\n")
        assert "\r\nhost: localhost\r\n" in sent
        assert "\r\nmetadata: true\r\n" in sent
        assert ("\r\ncontent-length: 4\r\n" in sent) == (method != "GET")


@every_transport
def test_bounds_hold_on_a_unix_socket(
    send: Send, start_unix: Callable[[bytes | None], UnixServer]
) -> None:
    long = start_unix(HEAD + b"\r\n" + b"x" * 100_000)
    assert len(send(request("http://localhost/", unix_socket=long.path)).body) == 1001
    packed = start_unix(HEAD + b"content-encoding: gzip\r\n\r\n" + gzip.compress(b"text"))
    assert send(request("http://localhost/", unix_socket=packed.path)).body == b"text"
    unknown = start_unix(HEAD + b"content-encoding: zstd\r\n\r\nnoise")
    assert (
        failure(send, request("http://localhost/", unix_socket=unknown.path)).word == "unreadable"
    )


@every_transport
def test_a_unix_socket_that_never_answers(
    send: Send, start_unix: Callable[[bytes | None], UnixServer]
) -> None:
    silent = start_unix(None)
    wanted = request("http://localhost/", unix_socket=silent.path)
    wanted.timeout = 0.3
    with Stopwatch():
        assert failure(send, wanted).word == "timeout"


@every_transport
def test_a_unix_socket_that_is_not_there(send: Send, tmp_path: Path) -> None:
    missing = request("http://localhost/", unix_socket=str(tmp_path / "none.sock"))
    assert failure(send, missing).word == "not_found"
    too_long = request("http://localhost/", unix_socket=str(tmp_path / ("x" * 300)))
    assert failure(send, too_long).word == "other"


@every_transport
def test_only_the_given_authority_is_trusted(send: Send, tls_server: AnsweringServer) -> None:
    named = {"server_name": "cluster.example"}
    assert send(request(tls_server.url, ca=CA, **named)).body == b"text"
    other = trustme.CA().cert_pem.bytes().decode()
    assert failure(send, request(tls_server.url, ca=other, **named)).word == "tls"
    assert failure(send, request(tls_server.url, **named)).word == "tls"
    assert failure(send, request(tls_server.url, ca="no certificate", **named)).word == "tls"


@every_transport
def test_the_name_of_the_server(send: Send, tls_server: AnsweringServer) -> None:
    for options in ({}, {"server_name": "other.example"}):
        assert failure(send, request(tls_server.url, ca=CA, **options)).word == "tls"


def test_the_name_is_sent() -> None:
    names: list[str | None] = []
    context = server_context("cluster.example")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = AnsweringServer(ANSWER, context)
    StandardTransport().send(request(server.url, ca=CA, server_name="cluster.example"))
    server.stop()
    assert names == ["cluster.example"]


@every_transport
def test_an_intermediate_authority_is_enough(send: Send) -> None:
    intermediate = AUTHORITY.create_child_ca()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    intermediate.issue_cert("127.0.0.1").configure_cert(context)
    server = AnsweringServer(ANSWER, context)
    try:
        assert send(request(server.url, ca=intermediate.cert_pem.bytes().decode())).body == b"text"
    finally:
        server.stop()


@every_transport
def test_a_pinned_certificate(send: Send, tls_server: AnsweringServer) -> None:
    port = tls_server.port
    leaf = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))
    thumbprint = hashlib.sha1(leaf).hexdigest()
    for pin in (thumbprint, thumbprint.upper()):
        assert send(request(tls_server.url, certificate_sha1=pin)).body == b"text"
    requests = len(tls_server.heads)
    # The chain is good, and does not help.
    wrong = request(tls_server.url, certificate_sha1="0" * 40, ca=CA, server_name="cluster.example")
    found = failure(send, wrong)
    assert found.word == "tls"
    assert thumbprint in found.detail
    assert len(tls_server.heads) == requests


@every_transport
def test_direct_requests_use_no_proxy(send: Send, proxy: Proxy) -> None:
    # No loopback address, for which proxies are not used anyway. Nothing listens there.
    wanted = request("http://[100::1]:9/", direct=True)
    wanted.timeout = 0.3
    assert failure(send, wanted).word in ("timeout", "refused", "other")
    assert not proxy.heads
    usual = HttpRequest("GET", "http://[100::1]:9/", {}, b"", SECONDS, 1000)
    assert send(usual).status == 502
    assert len(proxy.heads) == 1


@pytest.mark.parametrize("make", [ThreadTransport, AsyncHttpxTransport, AiohttpTransport])
def test_cancellation_closes_the_unix_socket(
    make: Callable[[], Any], start_unix: Callable[[bytes | None], UnixServer]
) -> None:
    silent = start_unix(None)

    async def run() -> None:
        wanted = request("http://localhost/", unix_socket=silent.path)
        wanted.timeout = FOREVER
        task = asyncio.ensure_future(make().send(wanted))
        await until_in_loop(lambda: silent.open)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(silent.wait_for_end)

    asyncio.run(run())


class OldTransport:
    """A transport of an application that does not know of connection options."""

    def __init__(self) -> None:
        self.sent: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        return HttpResponse(200, {}, b"")


class NewTransport(OldTransport):
    connections = True


EFFECT = {
    "kind": "http",
    "method": "GET",
    "url": "https://127.0.0.1/",
    "headers": {},
    "body": "",
    "timeout_ms": 1000,
    "max_bytes": 1000,
}
MEMBERS = {
    "direct": True,
    "unix_socket": "/run/a.sock",
    "ca": CA,
    "server_name": "cluster.example",
    "certificate_sha1": "0" * 40,
}


@pytest.mark.parametrize("name", MEMBERS)
def test_transports_declare_that_they_follow_the_options(name: str) -> None:
    effect = {**EFFECT, name: MEMBERS[name]}
    old, new = OldTransport(), NewTransport()
    outcome, _ = perform(Performer(old, None, None), effect)
    assert outcome[0] == "failed"
    assert outcome[2] == b"unsupported"
    assert name in outcome[3].decode()
    assert "OldTransport" in outcome[3].decode()
    assert CA not in outcome[3].decode()
    assert not old.sent
    assert perform(Performer(new, None, None), effect)[0][0] == "http"
    options = new.sent[0].connection
    assert options is not None
    assert options.needs() == [name]
    assert getattr(options, name) == MEMBERS[name]
    assert perform(Performer(old, None, None), EFFECT)[0][0] == "http"
    assert old.sent[0].connection is None
