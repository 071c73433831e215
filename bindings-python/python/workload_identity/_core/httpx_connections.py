"""How the httpx transports' own clients connect: proxies, certificates, names of hosts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

import httpcore
import httpx

from .background_call import start_look_up
from .proxies import proxy_for

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from typing import Any

    from httpcore import SOCKET_OPTION

    from .certificates import Certificates
    from .proxies import Proxy

Sender = TypeVar("Sender", httpx.HTTPTransport, httpx.AsyncHTTPTransport)


class _Routes(Generic[Sender]):
    """A transport for each proxy and for direct connections, with and without TLS, all made on first use."""

    def __init__(self, certificates: Certificates, make: Callable[[dict[str, Any]], Sender]) -> None:
        self._certificates = certificates
        self._make: Callable[[dict[str, Any]], Sender] = make
        self._by_proxy: dict[tuple[Proxy | None, bool], Sender] = {}

    def to(self, url: httpx.URL) -> Sender:
        proxy = proxy_for(str(url))
        uses_tls = url.scheme == "https" or (proxy is not None and proxy.scheme == "https")
        route = proxy, uses_tls
        if route not in self._by_proxy:
            # Loading the certificates takes long.
            context = self._certificates.context() if uses_tls else None
            self._by_proxy[route] = self._make(_pool_options(proxy, context))
        return self._by_proxy[route]

    def all(self) -> Iterable[Sender]:
        return self._by_proxy.values()


def _pool_options(proxy: Proxy | None, context: ssl.SSLContext | None) -> dict[str, Any]:
    if proxy is None:
        return {"ssl_context": context}
    return {
        "ssl_context": context,
        "proxy": httpcore.Proxy(
            proxy.url,
            headers=list(proxy.headers.items()),
            ssl_context=context if proxy.scheme == "https" else None,
        ),
    }


class Connections(httpx.BaseTransport):
    """The connections of a synchronous client."""

    def __init__(self, certificates: Certificates) -> None:
        self._routes = _Routes(certificates, _Transport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._routes.to(request.url).handle_request(request)

    def close(self) -> None:
        for transport in self._routes.all():
            transport.close()


class _Transport(httpx.HTTPTransport):
    """httpx's transport, with a pool that keeps no connection, so that each is known to its request."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._pool = httpcore.ConnectionPool(max_keepalive_connections=0, **options)


class AsyncConnections(httpx.AsyncBaseTransport):
    """The connections of an asyncio client."""

    def __init__(self, certificates: Certificates) -> None:
        self._routes = _Routes(certificates, _AsyncTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._routes.to(request.url).handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._routes.all():
            await transport.aclose()


class _AsyncTransport(httpx.AsyncHTTPTransport):
    """httpx's transport, with a pool that has a network backend of its own."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._pool = httpcore.AsyncConnectionPool(network_backend=_Network(), **options)


class _Network(httpcore.AnyIOBackend):
    """httpcore's sockets. Names are looked up in daemon threads, because `asyncio.run` waits for those of asyncio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await asyncio.wrap_future(start_look_up(host, port))
        except OSError as failure:
            raise httpcore.ConnectError from failure
        share = None if timeout is None else timeout / len(addresses)
        last: Exception = httpcore.ConnectError()
        for *_, address in addresses:
            try:
                return await super().connect_tcp(
                    address[0], port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                last = failure
        raise last
