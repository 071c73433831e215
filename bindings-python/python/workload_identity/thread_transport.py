"""A synchronous transport for asyncio."""

from __future__ import annotations

from ._core.default_transport import DefaultTransport, close_transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .transport import HttpRequest, HttpResponse, Transport


class ThreadTransport:
    """Runs a synchronous transport in daemon threads.

        identity = aio.WorkloadIdentity(..., transport=ThreadTransport(StandardTransport(ssl_context)))

    Args:
        transport: The transport to run; the standard library's by default.
    """

    __slots__ = ("_transport",)

    def __init__(self, transport: Transport | None = None) -> None:
        self._transport = DefaultTransport() if transport is None else transport

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        from asyncio import wrap_future

        from ._core.background_call import call_in_background

        return await wrap_future(call_in_background(self._transport.send, request))

    def close(self) -> None:
        """Closes the transport that it runs, if that has a method `close`."""
        close_transport(self._transport)
