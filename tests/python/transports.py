"""Every transport of the package, as a parameter of tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from workload_identity import HttpRequest, HttpResponse
from workload_identity.aio import ThreadTransport
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.standard_transport import StandardTransport

Send = Callable[[HttpRequest], HttpResponse]

MAKERS: dict[str, Callable[..., Any]] = {
    "standard": StandardTransport,
    "thread": ThreadTransport,
    "httpx": HttpxTransport,
    "httpx-asyncio": AsyncHttpxTransport,
    "aiohttp": AiohttpTransport,
}


def sender(make: Callable[[], Any]) -> Send:
    """Returns a function that sends a request with a transport of either kind."""

    def send(request: HttpRequest) -> HttpResponse:
        async def run() -> HttpResponse:
            transport = make()
            answer = transport.send(request)
            try:
                return await answer if hasattr(answer, "__await__") else answer
            finally:
                closing = transport.close() if hasattr(transport, "close") else None
                if hasattr(closing, "__await__"):
                    await closing

        return asyncio.run(run())

    return send


every_transport = pytest.mark.parametrize(
    "send", [sender(make) for make in MAKERS.values()], ids=list(MAKERS)
)
