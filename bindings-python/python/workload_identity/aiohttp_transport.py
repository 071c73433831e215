"""HTTP with aiohttp (extra `aiohttp`), for applications that have its sessions set up."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ._core.background_call import start_look_up
from ._core.connection import Deadline
from ._core.content_coding import decoded
from ._core.default_transport import given_transport
from ._core.loop_clients import LoopClients
from ._core.proxies import proxy_for, proxy_setting, refused_tunnel
from .standard_transport import StandardTransport
from .thread_transport import ThreadTransport
from .transport import HttpRequest, HttpResponse, TransportFailure, detail_of, headers_of, word_for

if TYPE_CHECKING:
    from .transport import Failure

# Headers that aiohttp adds unless told otherwise.
_AUTOMATIC_HEADERS = ("accept", "accept-encoding", "content-type")


class AiohttpTransport:
    """An asyncio transport.

        identity = aio.WorkloadIdentity.from_environment(transport=AiohttpTransport())

    A request with `ConnectionOptions`, such as that to a metadata service, is sent by a `StandardTransport` in a thread.

    Args:
        session: The application's session, which stays open and serves one event loop; a session for each event loop
            by default, which uses the proxies and certificates of the environment as `StandardTransport` does.
        ca_file: A file of certificate authorities (PEM) that its own sessions trust beside the machine's.
        ca_data: Certificate authorities as text or bytes, likewise.

    Raises:
        ConfigurationError: `ca_file` or `ca_data` holds no certificate, or stands beside `session`.
    """

    connections = True

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        *,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        if session is not None:
            given_transport(session, ca_file, ca_data)
        self._owned = session is None
        standard = StandardTransport(ca_file=ca_file, ca_data=ca_data)
        self._certificates = standard.certificates
        self._in_thread = ThreadTransport(standard)
        self._sessions = LoopClients(session, _new_session)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        if request.connection is not None:
            return await self._in_thread.send(request)
        deadline = Deadline(request.timeout)
        given = {name.lower() for name in headers_of(request)}
        try:
            # Loads the certificates on first use, which takes a part of the time.
            options = self._connection_options(request)
            async with self._sessions.get().request(
                request.method,
                # Unchanged: otherwise aiohttp would decode and encode it again.
                URL(request.url, encoded=True),
                data=request.body or None,
                # Without the threshold, aiohttp rounds limits of more than five seconds up.
                timeout=aiohttp.ClientTimeout(total=deadline.left(), ceil_threshold=float("inf")),
                allow_redirects=False,
                skip_auto_headers=[name for name in _AUTOMATIC_HEADERS if name not in given],
                **options,
            ) as response:
                body = bytearray()
                while len(body) <= request.max_bytes:
                    chunk = await response.content.read(request.max_bytes + 1 - len(body))
                    if not chunk:
                        break
                    body += chunk
                coding = response.headers.get("content-encoding")
                content = decoded(coding, bytes(body), request.max_bytes)
                return HttpResponse(response.status, list(response.headers.items()), content)
        except aiohttp.ClientHttpProxyError as failure:
            raise refused_tunnel(None, failure.status) from None
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as failure:
            raise _failure(request, failure) from None

    async def close(self) -> None:
        """Closes the running event loop's session, unless it is the application's."""
        session = self._sessions.remove()
        if session is not None:
            await session.close()

    def _connection_options(self, request: HttpRequest) -> dict[str, Any]:
        """Returns the headers of a request, its proxy and its certificates."""
        options: dict[str, Any] = {"headers": headers_of(request)}
        if not self._owned:
            return options
        is_secure = request.url.startswith("https:")
        proxy = proxy_for(request.url)
        if proxy is not None:
            options["proxy"] = proxy.url
            if is_secure and proxy.scheme == "https" and sys.version_info < (3, 11):
                raise TransportFailure(
                    "other",
                    f"{proxy.variable} names an https proxy, for which aiohttp needs Python 3.11; use httpx or ThreadTransport",
                )
            if is_secure:
                options["proxy_headers"] = proxy.headers
            else:
                options["headers"].update(proxy.headers)
        if is_secure or (proxy is not None and proxy.scheme == "https"):
            options["ssl"] = self._certificates.context()
        return options


class _Names(AbstractResolver):
    """Looks names up in daemon threads, because `asyncio.run` waits for those of asyncio."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await asyncio.wrap_future(start_look_up(host, port))
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=port,
                family=found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found, _, protocol, _, address in addresses
            if family in (socket.AF_UNSPEC, found)
        ]

    async def close(self) -> None:
        return


def _new_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=_Names()),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


def _failure(request: HttpRequest, failure: Exception) -> TransportFailure:
    word = _word(failure)
    if word == "timeout":
        return TransportFailure("timeout", "no complete response in time")
    detail = detail_of(failure)
    return TransportFailure(
        word, f"{detail}; {proxy_setting(request.url)}" if word == "dns" else detail
    )


def _word(failure: Exception) -> Failure:
    if isinstance(failure, aiohttp.ClientConnectorDNSError):
        return "dns"
    if isinstance(failure, (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch)):
        return "tls"
    connection_errors = (
        aiohttp.ServerDisconnectedError,
        aiohttp.ClientPayloadError,
        aiohttp.ClientConnectorError,
    )
    return word_for(failure, "refused" if isinstance(failure, connection_errors) else "other")
