"""HTTP with aiohttp (extra `aiohttp`), for applications that have its sessions set up."""

from __future__ import annotations

import asyncio

import aiohttp
from yarl import URL

from ._core.loop_clients import LoopClients
from .transport import USER_AGENT, HttpRequest, HttpResponse, TransportFailure, detail_of, word_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .transport import Failure

# Headers that aiohttp adds unless told otherwise.
_AUTOMATIC_HEADERS = ("accept", "accept-encoding", "content-type")


class AiohttpTransport:
    """An asyncio transport.

        identity = aio.WorkloadIdentity.from_environment(transport=AiohttpTransport())

    Args:
        session: The application's session, which stays open and serves one event loop; a session for each event loop
            by default.
    """

    def __init__(self, session: aiohttp.ClientSession | None = None) -> None:
        self._sessions = LoopClients(session, _new_session)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        given = {name.lower() for name in request.headers}
        try:
            async with self._sessions.get().request(
                request.method,
                # Unchanged: otherwise aiohttp would decode and encode it again.
                URL(request.url, encoded=True),
                headers={**request.headers, "user-agent": USER_AGENT},
                data=request.body or None,
                timeout=aiohttp.ClientTimeout(total=request.timeout),
                allow_redirects=False,
                skip_auto_headers=[name for name in _AUTOMATIC_HEADERS if name not in given],
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

    async def close(self) -> None:
        """Closes the running event loop's session, unless it is the application's."""
        session = self._sessions.remove()
        if session is not None:
            await session.close()


def _new_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=True
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
