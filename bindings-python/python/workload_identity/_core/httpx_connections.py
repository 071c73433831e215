"""How the httpx transports' own clients connect: proxies, certificates, names of hosts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

import httpcore
import httpx

from .background_call import start_look_up
from .proxies import proxy_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from httpcore import SOCKET_OPTION

    from .certificates import Certificates
    from .proxies import Proxy

Sender = TypeVar("Sender", httpx.HTTPTransport, httpx.AsyncHTTPTransport)


class _Routes(Generic[Sender]):
    """A transport for each proxy, and one for direct connections, all made on first use."""

    def __init__(
        self, certificates: Certificates, make: Callable[[Certificates, Proxy | None], Sender]
    ) -> None:
        self._certificates = certificates
        self._make: Callable[[Certificates, Proxy | None], Sender] = make
        self._by_proxy: dict[Proxy | None, Sender] = {}

    def to(self, url: httpx.URL) -> Sender:
        proxy = proxy_for(str(url))
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = self._make(self._certificates, proxy)
        return self._by_proxy[proxy]

    def all(self) -> Iterable[Sender]:
        return self._by_proxy.values()


class Connections(httpx.BaseTransport):
    """The connections of a synchronous client. They are not kept, so that each is known to its request."""

    def __init__(self, certificates: Certificates) -> None:
        self._routes = _Routes(certificates, _transport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._routes.to(request.url).handle_request(request)

    def close(self) -> None:
        for transport in self._routes.all():
            transport.close()


def _transport(certificates: Certificates, proxy: Proxy | None) -> httpx.HTTPTransport:
    context = certificates.context()
    return httpx.HTTPTransport(
        verify=context,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
        proxy=None
        if proxy is None
        else httpx.Proxy(
            proxy.url,
            headers=proxy.headers,
            ssl_context=context if proxy.scheme == "https" else None,
        ),
    )


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
    """httpx's transport with a pool of its own, because httpx has no parameter for the network backend."""

    def __init__(self, certificates: Certificates, proxy: Proxy | None) -> None:
        context = certificates.context()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            network_backend=_Network(),
            proxy=None
            if proxy is None
            else httpcore.Proxy(
                proxy.url,
                headers=list(proxy.headers.items()),
                ssl_context=context if proxy.scheme == "https" else None,
            ),
        )


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
