"""A time limit bounds a call in every phase of a request, and nothing is left behind."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
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

LIMIT = 0.5
# What a call may take beyond its limit.
GRACE = 0.25

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


def outcome(call: Callable[[], Any]) -> tuple[str, float]:
    """Returns the code or the word of a call's failure, and its duration."""
    begun = time.monotonic()
    try:
        call()
    except WorkloadIdentityError as error:
        word: str = error.code
    except TransportFailure as failure:
        word = failure.word
    else:
        word = "no error"
    return word, time.monotonic() - begun


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
    """Sends a request with every transport at once. The time of `asyncio.run` counts, too."""
    calls: dict[str, Callable[[], Any]] = {}
    for name, make in BLOCKING.items():
        calls[name] = partial(make().send, request)
    for name, make in ASYNCIO.items():
        calls[name] = partial(send_in_new_loop, make(), request)
    late = list(calls)
    # A busy machine may delay a call, but not one call three times.
    for _ in range(3):
        with ThreadPoolExecutor(len(late)) as executor:
            results = dict(zip(late, executor.map(outcome, [calls[name] for name in late])))
        assert {name: word for name, (word, _) in results.items()} == dict.fromkeys(late, "timeout")
        late = [name for name, (_, took) in results.items() if took > LIMIT + GRACE]
        if not late:
            break
    assert not late, results


def no_call_runs() -> bool:
    end = time.monotonic() + 1
    while any(thread.name == "workload-identity-call" for thread in threading.enumerate()):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("phase", [*PHASES, "connect", "request"])
def test_every_phase(start_server: Callable[[str], DrippingServer], phase: str) -> None:
    server = start_server(phase)
    body = b"x" * 900_000 if phase == "request" else b"x"
    assert_all_time_out(HttpRequest("POST", server.url, {}, body, LIMIT, 100_000))
    assert no_call_runs()
    assert server.is_left()


def test_name_that_is_not_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, ended = socket.getaddrinfo, threading.Event()

    def hanging(*arguments: Any, **options: Any) -> Any:
        ended.wait(20)
        return resolve(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    try:
        assert_all_time_out(HttpRequest("GET", "http://slow.invalid/", {}, b"", LIMIT, 1000))
    finally:
        ended.set()
    assert no_call_runs()


def test_client_of_the_application(start_server: Callable[[str], DrippingServer]) -> None:
    server = start_server("head")
    request = HttpRequest("GET", server.url, {}, b"", LIMIT, 1000)
    with httpx.Client() as client:
        word, took = outcome(lambda: HttpxTransport(client).send(request))
    assert word == "timeout"
    assert took < LIMIT + GRACE
    assert no_call_runs()
    assert server.is_left()


@pytest.mark.parametrize("make", BLOCKING.values(), ids=BLOCKING)
def test_cancelled_call(
    start_server: Callable[[str], DrippingServer], make: Callable[[], Any]
) -> None:
    server = start_server("head")

    async def run() -> None:
        request = HttpRequest("GET", server.url, {}, b"", 20, 1000)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(ThreadTransport(make()).send(request), 0.2)

    begun = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - begun < 0.2 + GRACE
    # Long before the request's own limit.
    assert no_call_runs()
    assert server.is_left()


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
    assert float(took) < LIMIT + GRACE
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
        code, took = outcome(call)
        assert code in TIMEOUT_CODES
        assert took < LIMIT + GRACE
    assert no_call_runs()
    assert server.is_left()


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
        code, took = outcome(call)
        assert code in TIMEOUT_CODES
        assert took < LIMIT + GRACE
    assert no_call_runs()
    assert server.is_left()
