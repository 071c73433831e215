"""HTTP through aiohttp (extra `aiohttp`), for applications that have its sessions set up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from .transport import USER_AGENT, HttpRequest, HttpResponse, TransportFailure, detail_of, word_for

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from .transport import Failure

# Headers that aiohttp would add by itself.
_SKIPPED = ("accept", "accept-encoding", "content-type")


class AiohttpTransport:
    """An asyncio transport.

    Args:
        session: The application's session, which stays open and serves one event loop; by default
            one of its own for each event loop.
    """

    def __init__(self, session: aiohttp.ClientSession | None = None) -> None:
        self._given = session
        self._sessions: WeakKeyDictionary[AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        given = {name.lower() for name in request.headers}
        try:
            async with self._session().request(
                request.method,
                # As it stands: aiohttp would decode and encode it again.
                URL(request.url, encoded=True),
                headers={**request.headers, "user-agent": USER_AGENT},
                data=request.body or None,
                timeout=aiohttp.ClientTimeout(total=request.timeout),
                allow_redirects=False,
                skip_auto_headers=[name for name in _SKIPPED if name not in given],
            ) as response:
                body = bytearray()
                while len(body) <= request.max_bytes:
                    chunk = await response.content.read(request.max_bytes + 1 - len(body))
                    if not chunk:
                        break
                    body += chunk
                return HttpResponse(response.status, list(response.headers.items()), bytes(body))
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as failure:
            raise TransportFailure(_word(failure), detail_of(failure)) from None

    def _session(self) -> aiohttp.ClientSession:
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            session = self._sessions[loop] = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=True
            )
        return session

    async def close(self) -> None:
        """Closes the running event loop's session, unless it is the application's."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()


def _word(failure: Exception) -> Failure:
    if isinstance(failure, aiohttp.ClientConnectorDNSError):
        return "dns"
    if isinstance(failure, (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch)):
        return "tls"
    cut = (
        aiohttp.ServerDisconnectedError,
        aiohttp.ClientPayloadError,
        aiohttp.ClientConnectorError,
    )
    return word_for(failure, "refused" if isinstance(failure, cut) else "other")
