"""A synchronous transport for asyncio."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .transport import HttpRequest, HttpResponse, Transport


class ThreadTransport:
    """Runs a synchronous transport, by default the standard library's, in the event loop's threads."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Transport | None = None) -> None:
        self._transport = transport

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        from asyncio import get_running_loop

        transport = self._transport
        if transport is None:
            from .standard_transport import StandardTransport

            transport = self._transport = StandardTransport()
        return await get_running_loop().run_in_executor(None, transport.send, request)

    def close(self) -> None:
        """Closes the transport underneath, if that can be closed."""
        close = getattr(self._transport, "close", None)
        if close is not None:
            close()
