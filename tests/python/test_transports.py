"""All transports return the same responses and report the same failures."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import workload_identity.aio
from workload_identity import HttpRequest, TransportFailure, WorkloadIdentity
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.standard_transport import StandardTransport

from conftest import Emulator
from stubs import SCOPE
from transports import Send, every_transport
from waiting import FOREVER, SECONDS, Stopwatch

class Server:
    """A server that takes one connection at a time, keeps the request, and answers with fixed bytes."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
        self.silent = False
        self.slow = False
        self.received = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if self._ended.is_set():
                    return
                try:
                    self._serve_one(connection)
                except OSError:
                    continue

    def _serve_one(self, connection: socket.socket) -> None:
        connection.settimeout(SECONDS)
        self.received = b""
        while b"\r\n\r\n" not in self.received or (
            b"POST" in self.received[:5] and not self.received.endswith(b"END")
        ):
            part = connection.recv(65536)
            if not part:
                return
            self.received += part
        if self.silent:
            self._ended.wait(FOREVER)
        if self.slow:
            for byte in self.answer:
                connection.sendall(bytes([byte]))
                if self._ended.wait(0.05):
                    return
        else:
            connection.sendall(self.answer)

    def stop(self) -> None:
        self._ended.set()
        with socket.create_connection(self._socket.getsockname()):
            self._thread.join()
        self._socket.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


def request(url: str, timeout: float = SECONDS, max_bytes: int = 1000, **headers: str) -> HttpRequest:
    given = {"accept": "application/json", "content-type": "text/x", **headers}
    return HttpRequest("POST", url, given, b"body=END", timeout, max_bytes)


@every_transport
def test_sends_exactly_the_request(server: Server, send: Send) -> None:
    answer = send(request(f"{server.url}/a/b?c=d&e=%2F", **{"x-client": "1"}))
    assert (answer.status, answer.body) == (200, b"{}")
    head, _, body = server.received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /a/b?c=d&e=%2F HTTP/1.1"
    assert body == b"body=END"
    sent = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    # Headers of the connection are chosen by the transport.
    sent.pop("connection", None)
    assert sent.pop("host") in server.url
    assert sent.pop("user-agent") == "workload-identity-python"
    assert sent.pop("accept-encoding") == "identity"
    assert sent == {
        "accept": "application/json",
        "content-type": "text/x",
        "content-length": "8",
        "x-client": "1",
    }


@every_transport
def test_follows_no_redirect(server: Server, send: Send) -> None:
    server.answer = (
        f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {server.url}/x\r\ncontent-length: 0\r\n\r\n"
    ).encode()
    answer = send(request(server.url))
    assert answer.status == 307
    assert b"location" in answer.head().lower()


@every_transport
def test_stops_one_byte_after_the_limit(server: Server, send: Send) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100_000
    assert send(request(server.url, max_bytes=1000)).body == b"x" * 1001


@every_transport
def test_reads_chunks(server: Server, send: Send) -> None:
    server.answer = (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    assert send(request(server.url)).body == b"abcde"


def failure_of(send: Send, request: HttpRequest) -> str:
    with pytest.raises(TransportFailure) as raised:
        send(request)
    return raised.value.word


@every_transport
def test_truncated_response(server: Server, send: Send) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"
    assert failure_of(send, request(server.url)) == "refused"
    server.answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nabc"
    assert failure_of(send, request(server.url)) == "refused"
    server.answer = b""
    assert failure_of(send, request(server.url)) == "refused"


@every_transport
def test_timeout_without_a_response(server: Server, send: Send) -> None:
    server.silent = True
    with Stopwatch():
        assert failure_of(send, request(server.url, timeout=0.3)) == "timeout"


@every_transport
def test_timeout_with_a_slow_response(server: Server, send: Send) -> None:
    server.slow = True
    server.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + b"x" * 2000
    with Stopwatch():
        assert failure_of(send, request(server.url, timeout=0.5)) == "timeout"


@every_transport
def test_connection_refused(send: Send) -> None:
    assert failure_of(send, request("http://127.0.0.1:1/")) == "refused"


@every_transport
def test_unknown_host(send: Send) -> None:
    assert failure_of(send, request("http://unknown.invalid/")) == "dns"


@every_transport
def test_not_http(server: Server, send: Send) -> None:
    server.answer = b"SSH-2.0-OpenSSH\r\n\r\n"
    assert failure_of(send, request(server.url)) in ("other", "refused")


@every_transport
def test_untrusted_certificate(tls_emulator: Emulator, send: Send) -> None:
    assert failure_of(send, request(tls_emulator.base_url)) == "tls"


@every_transport
def test_server_without_tls(server: Server, send: Send) -> None:
    server.answer = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    url = server.url.replace("http:", "https:")
    assert failure_of(send, request(url, timeout=2)) in ("tls", "refused", "timeout")


def test_httpx(emulator: Emulator) -> None:
    with WorkloadIdentity(
        environment=emulator.environment(), transport=HttpxTransport()
    ) as identity:
        assert identity.get_token(SCOPE).token


def test_httpx_client_of_the_application(tls_emulator: Emulator) -> None:
    context = ssl.create_default_context(cafile=tls_emulator.ca_file)
    with httpx.Client(verify=context, headers={"x-mine": "1"}) as client:
        with WorkloadIdentity(
            environment=tls_emulator.environment(), transport=HttpxTransport(client)
        ) as identity:
            assert identity.get_token(SCOPE).token
        assert not client.is_closed
    assert "x-mine" not in str(tls_emulator.last_token_request())


@pytest.mark.parametrize("make", [AsyncHttpxTransport, AiohttpTransport])
async def test_asyncio_transports(emulator: Emulator, make: Callable[[], Any]) -> None:
    async with workload_identity.aio.WorkloadIdentity(
        environment=emulator.environment(), transport=make()
    ) as identity:
        tokens = await asyncio.gather(*(identity.get_token(SCOPE) for _ in range(50)))
    assert len({token.token for token in tokens}) == 1
    assert emulator.token_requests() == 1


async def test_asyncio_clients_of_the_application(tls_emulator: Emulator) -> None:
    context = ssl.create_default_context(cafile=tls_emulator.ca_file)
    environment = tls_emulator.environment()
    async with httpx.AsyncClient(verify=context) as client:
        async with workload_identity.aio.WorkloadIdentity(
            environment=environment, transport=AsyncHttpxTransport(client)
        ) as identity:
            assert (await identity.get_token(SCOPE)).token
        assert not client.is_closed
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        async with workload_identity.aio.WorkloadIdentity(
            environment=environment, transport=AiohttpTransport(session)
        ) as identity:
            assert (await identity.get_token(SCOPE)).token
        assert not session.closed
