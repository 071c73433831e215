"""HTTP with httpx (extra `httpx`), for applications that have its pools, proxies or mounts set up."""

from __future__ import annotations

import asyncio
import time

import httpx

from ._core.loop_clients import LoopClients
from .transport import USER_AGENT, HttpRequest, HttpResponse, TransportFailure, detail_of, word_for

# Seconds after the timeout in which httpx may close the connection itself.
_GRACE = 0.5


class HttpxTransport:
    """A synchronous transport.

        identity = WorkloadIdentity.from_environment(transport=HttpxTransport())

    Args:
        client: The application's client, which stays open; a client of its own by default.
    """

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._owned = client is None
        self._client = httpx.Client() if client is None else client

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        deadline = time.monotonic() + request.timeout
        try:
            response = self._client.send(
                _request(request), stream=True, auth=None, follow_redirects=False
            )
            try:
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > request.max_bytes:
                        break
                    if time.monotonic() > deadline:
                        raise TransportFailure("timeout", "no complete response in time")
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
            raise _failure(failure) from None
        return _response(request, response, body)

    def close(self) -> None:
        """Closes the client, unless it is the application's."""
        if self._owned:
            self._client.close()


class AsyncHttpxTransport:
    """An asyncio transport.

        identity = aio.WorkloadIdentity.from_environment(transport=AsyncHttpxTransport())

    Args:
        client: The application's client, which stays open and serves one event loop; a client for each event loop by
            default.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._clients = LoopClients(client, httpx.AsyncClient)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        try:
            # httpx limits the time of each step; this limits their sum.
            return await asyncio.wait_for(self._exchange(request), request.timeout + _GRACE)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, asyncio.TimeoutError) as failure:
            raise _failure(failure) from None

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        response = await self._clients.get().send(
            _request(request), stream=True, auth=None, follow_redirects=False
        )
        try:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > request.max_bytes:
                    break
        finally:
            await response.aclose()
        return _response(request, response, body)

    async def close(self) -> None:
        """Closes the running event loop's client, unless it is the application's."""
        client = self._clients.remove()
        if client is not None:
            await client.aclose()


def _request(request: HttpRequest) -> httpx.Request:
    # Not `client.build_request`, which adds the client's headers, cookies and parameters.
    return httpx.Request(
        request.method,
        request.url,
        headers={**request.headers, "user-agent": USER_AGENT},
        content=request.body or (b"" if request.method == "POST" else None),
        extensions={"timeout": httpx.Timeout(request.timeout).as_dict()},
    )


def _response(request: HttpRequest, response: httpx.Response, body: bytearray) -> HttpResponse:
    return HttpResponse(
        response.status_code, response.headers.multi_items(), bytes(body[: request.max_bytes + 1])
    )


def _failure(failure: Exception) -> TransportFailure:
    if isinstance(failure, httpx.TimeoutException):
        return TransportFailure("timeout", "no complete response in time")
    if isinstance(failure, (httpx.NetworkError, httpx.RemoteProtocolError)):
        return TransportFailure(word_for(failure, "refused"), str(failure))
    return TransportFailure(word_for(failure), detail_of(failure))
