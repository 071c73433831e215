"""A time limit bounds a call in every phase of a request, and nothing is left behind."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import workload_identity.aio
from workload_identity import (
    HttpRequest,
    TokenVerifier,
    TransportFailure,
    WorkloadIdentity,
    WorkloadIdentityError,
)
from workload_identity.aio import ThreadTransport
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.standard_transport import StandardTransport

from dripping_server import PHASES, DrippingServer
from loopback_issuer import AUDIENCE, LoopbackIssuer
from stubs import IDS, SCOPE, workload_token
from waiting import FOREVER, SECONDS, UNDER_TEN, Stopwatch, until, until_in_loop

# Nothing has to succeed within it. A call without a limit ends with the server, which is after more than a bound of `Stopwatch`.
LIMIT = 0.5

BLOCKING: dict[str, Callable[[], Any]] = {"standard": StandardTransport, "httpx": HttpxTransport}
ASYNCIO: dict[str, Callable[[], Any]] = {
    "thread": ThreadTransport,
    "httpx-asyncio": AsyncHttpxTransport,
    "aiohttp": AiohttpTransport,
}


@pytest.fixture
def start_server() -> Iterator[Callable[[str], DrippingServer]]:
    servers: list[DrippingServer] = []

    def start_one(phase: str) -> DrippingServer:
        servers.append(DrippingServer(phase))
        return servers[-1]

    yield start_one
    for server in servers:
        server.stop()


def outcome(call: Callable[[], Any], bound: float = SECONDS) -> str:
    """Returns the code or the word of the failure of a call that its limit ends."""
    with Stopwatch(bound):
        try:
            call()
        except WorkloadIdentityError as error:
            word: str = error.code
        except TransportFailure as failure:
            word = failure.word
        else:
            word = "no error"
    return word


def send_in_new_loop(transport: Any, request: HttpRequest) -> None:
    async def run() -> None:
        try:
            await transport.send(request)
        finally:
            closing = transport.close()
            if hasattr(closing, "__await__"):
                await closing

    asyncio.run(run())


def assert_all_time_out(request: HttpRequest) -> None:
    """Sends a request with every transport at once. The end of `asyncio.run` waits for nothing, either."""
    calls: dict[str, Callable[[], Any]] = {}
    for name, make in BLOCKING.items():
        calls[name] = partial(make().send, request)
    for name, make in ASYNCIO.items():
        calls[name] = partial(send_in_new_loop, make(), request)
    with ThreadPoolExecutor(len(calls)) as executor:
        words = dict(zip(calls, executor.map(outcome, calls.values())))
    assert words == dict.fromkeys(calls, "timeout")


def assert_nothing_left(server: DrippingServer | None = None) -> None:
    """Asserts that no call runs and no connection is open, although the server would go on."""
    until(lambda: all(thread.name != "workload-identity-call" for thread in threading.enumerate()))
    assert server is None or server.is_left()


@pytest.mark.parametrize("phase", [*PHASES, "connect", "request"])
def test_every_phase(start_server: Callable[[str], DrippingServer], phase: str) -> None:
    server = start_server(phase)
    body = b"x" * 900_000 if phase == "request" else b"x"
    assert_all_time_out(HttpRequest("POST", server.url, {}, body, LIMIT, 100_000))
    assert_nothing_left(server)


def test_name_that_is_not_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, ended = socket.getaddrinfo, threading.Event()

    def hanging(*arguments: Any, **options: Any) -> Any:
        ended.wait(FOREVER)
        return resolve(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    try:
        assert_all_time_out(HttpRequest("GET", "http://slow.invalid/", {}, b"", LIMIT, 1000))
    finally:
        ended.set()
    assert_nothing_left()


def test_client_of_the_application(start_server: Callable[[str], DrippingServer]) -> None:
    server = start_server("head")
    request = HttpRequest("GET", server.url, {}, b"", LIMIT, 1000)
    with httpx.Client() as client:
        assert outcome(lambda: HttpxTransport(client).send(request)) == "timeout"
    assert_nothing_left(server)


@pytest.mark.parametrize("make", BLOCKING.values(), ids=BLOCKING)
def test_cancelled_call(
    start_server: Callable[[str], DrippingServer], make: Callable[[], Any]
) -> None:
    server = start_server("head")

    async def run() -> None:
        request = HttpRequest("GET", server.url, {}, b"", FOREVER, 1000)
        task = asyncio.create_task(ThreadTransport(make()).send(request))
        await until_in_loop(lambda: server.connections)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Stopwatch():
        asyncio.run(run())
    # Long before the request's own limit.
    assert_nothing_left(server)


def test_first_error_of_a_process_is_in_time(start_server: Callable[[str], DrippingServer]) -> None:
    # Neither the transport nor azure-core has been imported.
    program = f"""
import sys, time
from stubs import IDS, SCOPE, workload_token
from workload_identity import WorkloadIdentity, WorkloadIdentityError
identity = WorkloadIdentity(**IDS, source=workload_token, authority_host={start_server("body").url!r})
begun = time.monotonic()
try:
    identity.get_token(SCOPE, timeout={LIMIT})
except WorkloadIdentityError as error:
    print(error.code, time.monotonic() - begun, "azure.core" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    code, took, has_azure = run.stdout.split()
    assert code in TIMEOUT_CODES
    assert float(took) < UNDER_TEN
    assert has_azure == "False"


TIMEOUT_CODES = ("network_timeout", "deadline_exceeded")


def test_credential(start_server: Callable[[str], DrippingServer]) -> None:
    server = start_server("closing_body")
    settings: dict[str, Any] = {**IDS, "source": workload_token, "authority_host": server.url}

    async def get_token() -> None:
        async with workload_identity.aio.WorkloadIdentity(**settings) as identity:
            await identity.get_token(SCOPE, timeout=LIMIT)

    for call in (
        lambda: WorkloadIdentity(**settings).get_token(SCOPE, timeout=LIMIT),
        lambda: asyncio.run(get_token()),
    ):
        assert outcome(call, UNDER_TEN) in TIMEOUT_CODES
    assert_nothing_left(server)


def test_verifier(start_server: Callable[[str], DrippingServer], issuer: LoopbackIssuer) -> None:
    server = start_server("closing_body")
    settings: dict[str, Any] = {"jwks_uri": f"{server.url}/keys", "allow_loopback_http": True}

    async def verify() -> None:
        async with workload_identity.aio.TokenVerifier.oidc(
            issuer.url, AUDIENCE, **settings
        ) as verifier:
            await verifier.verify(issuer.token(), timeout=LIMIT)

    verifier = TokenVerifier.oidc(issuer.url, AUDIENCE, **settings)
    for call in (
        lambda: verifier.verify(issuer.token(), timeout=LIMIT),
        lambda: asyncio.run(verify()),
    ):
        assert outcome(call, UNDER_TEN) in TIMEOUT_CODES
    assert_nothing_left(server)
