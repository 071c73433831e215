"""HTTP with httpx (extra `httpx`), for applications that have its pools, proxies or mounts set up."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os

import httpx

from ._core.background_call import call_in_background
from ._core.content_coding import decoded
from ._core.default_transport import given_transport
from ._core.httpx_connections import AsyncConnections, Connections
from ._core.loop_clients import LoopClients
from ._core.open_sockets import OpenSockets, sockets_of_thread
from ._core.proxies import proxy_setting, refused_tunnel
from .standard_transport import StandardTransport
from .thread_transport import ThreadTransport
from .transport import HttpRequest, HttpResponse, TransportFailure, detail_of, headers_of, word_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

# The event of httpcore's extension `trace` that has a new connection.
_CONNECTED = "connection.connect_tcp.complete"

# Seconds in which a request that was cut ends.
_GRACE = 0.1


class HttpxTransport:
    """A synchronous transport.

        identity = WorkloadIdentity.from_environment(transport=HttpxTransport())

    A request with `ConnectionOptions`, such as that to a metadata service, is sent by a `StandardTransport`.

    Args:
        client: The application's client, which stays open; a client of its own by default, which uses the proxies and
            certificates of the environment as `StandardTransport` does.
        ca_file: A file of certificate authorities (PEM) that its own client trusts beside the machine's.
        ca_data: Certificate authorities as text or bytes, likewise.

    Raises:
        ConfigurationError: `ca_file` or `ca_data` holds no certificate, or stands beside `client`.
    """

    connections = True

    def __init__(
        self,
        client: httpx.Client | None = None,
        *,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        self._owned = client is None
        if client is not None:
            given_transport(client, ca_file, ca_data)
        self._standard = StandardTransport(ca_file=ca_file, ca_data=ca_data)
        self._client = client or httpx.Client(
            transport=Connections(self._standard.certificates), trust_env=False
        )

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        if request.connection is not None:
            return self._standard.send(request)
        # httpx limits the time of each step, and blocks. This limits their sum.
        # In a `ThreadTransport`, another thread can end the request.
        sockets = sockets_of_thread.get() or OpenSockets()
        call = call_in_background(self._exchange, request, sockets)
        try:
            return call.result(request.timeout)
        except concurrent.futures.TimeoutError:
            raise TransportFailure("timeout", "no complete response in time") from None
        finally:
            if not call.done():
                sockets.shut_down()
                concurrent.futures.wait([call], _GRACE)

    def close(self) -> None:
        """Closes the client, unless it is the application's."""
        if self._owned:
            self._client.close()

    def _exchange(self, request: HttpRequest, sockets: OpenSockets) -> HttpResponse:
        try:
            response = self._client.send(
                _request(request, trace=_traced(sockets)),
                stream=True,
                auth=None,
                follow_redirects=False,
            )
            try:
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > request.max_bytes:
                        break
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as failure:
            raise _failure(request, failure) from None
        finally:
            sockets.close()
        return _response(request, response, body)


class AsyncHttpxTransport:
    """An asyncio transport.

        identity = aio.WorkloadIdentity.from_environment(transport=AsyncHttpxTransport())

    A request with `ConnectionOptions`, such as that to a metadata service, is sent by a `StandardTransport` in a thread.

    Args:
        client: The application's client, which stays open and serves one event loop; a client for each event loop by
            default, which uses the proxies and certificates of the environment as `StandardTransport` does.
        ca_file: A file of certificate authorities (PEM) that its own clients trust beside the machine's.
        ca_data: Certificate authorities as text or bytes, likewise.

    Raises:
        ConfigurationError: `ca_file` or `ca_data` holds no certificate, or stands beside `client`.
    """

    connections = True

    def __init__(
        self,
        client: httpx.AsyncClient | None = None,
        *,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        if client is not None:
            given_transport(client, ca_file, ca_data)
        standard = StandardTransport(ca_file=ca_file, ca_data=ca_data)
        certificates = standard.certificates
        self._in_thread = ThreadTransport(standard)
        self._clients = LoopClients(
            client,
            lambda: httpx.AsyncClient(transport=AsyncConnections(certificates), trust_env=False),
        )

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        if request.connection is not None:
            return await self._in_thread.send(request)
        try:
            # httpx limits the time of each step; this limits their sum.
            return await asyncio.wait_for(self._exchange(request), request.timeout)
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            OSError,
            ValueError,
            asyncio.TimeoutError,
        ) as failure:
            raise _failure(request, failure) from None

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        streams: list[Any] = []

        async def trace(event: str, details: Mapping[str, Any]) -> None:
            if event == _CONNECTED:
                streams.append(details["return_value"])

        try:
            response = await self._clients.get().send(
                _request(request, trace=trace), stream=True, auth=None, follow_redirects=False
            )
            try:
                body = bytearray()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > request.max_bytes:
                        break
            finally:
                await response.aclose()
        except asyncio.CancelledError:
            # httpcore leaves a connection open that is cancelled during TLS's handshake.
            for stream in streams:
                await stream.aclose()
            raise
        return _response(request, response, body)

    async def close(self) -> None:
        """Closes the running event loop's client, unless it is the application's."""
        client = self._clients.remove()
        if client is not None:
            await client.aclose()


def _traced(sockets: OpenSockets) -> Callable[[str, Mapping[str, Any]], None]:
    """Returns the function for httpcore's extension `trace` that collects the sockets of a request."""

    def trace(event: str, details: Mapping[str, Any]) -> None:
        if event == _CONNECTED:
            # Duplicated, because TLS takes the socket over.
            sockets.add(details["return_value"].get_extra_info("socket").dup())

    return trace


def _request(request: HttpRequest, **extensions: Any) -> httpx.Request:
    # Not `client.build_request`, which adds the client's headers, cookies and parameters.
    return httpx.Request(
        request.method,
        request.url,
        headers=headers_of(request),
        content=request.body or (b"" if request.method in ("POST", "PUT") else None),
        extensions={"timeout": httpx.Timeout(request.timeout).as_dict(), **extensions},
    )


def _response(request: HttpRequest, response: httpx.Response, body: bytearray) -> HttpResponse:
    raw = bytes(body[: request.max_bytes + 1])
    content = decoded(response.headers.get("content-encoding"), raw, request.max_bytes)
    return HttpResponse(response.status_code, response.headers.multi_items(), content)


def _failure(request: HttpRequest, failure: Exception) -> TransportFailure:
    if isinstance(failure, (httpx.TimeoutException, asyncio.TimeoutError)):
        return TransportFailure("timeout", "no complete response in time")
    if isinstance(failure, httpx.ProxyError):
        # Its message is the proxy's status line, without the version of HTTP.
        status = str(failure).partition(" ")[0]
        if status.isdecimal():
            return refused_tunnel(None, int(status))
    if isinstance(failure, (httpx.NetworkError, httpx.RemoteProtocolError)):
        word = word_for(failure, "refused")
        detail = str(failure) or detail_of(failure)
        return TransportFailure(
            word, f"{detail}; {proxy_setting(request.url)}" if word == "dns" else detail
        )
    return TransportFailure(word_for(failure), detail_of(failure))
