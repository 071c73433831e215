"""A synchronous transport for asyncio."""

from __future__ import annotations

from ._core.default_transport import (
    DefaultTransport,
    close_transport,
    given_transport,
    transport_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from ._core.open_sockets import OpenSockets
    from .transport import AsyncTransport, HttpRequest, HttpResponse, Transport


class ThreadTransport:
    """Runs a synchronous transport in daemon threads.

        identity = aio.WorkloadIdentity(..., transport=ThreadTransport(StandardTransport(ssl_context)))

    Args:
        transport: The transport to run; the standard library's by default.
    """

    __slots__ = ("_transport",)

    def __init__(self, transport: Transport | None = None) -> None:
        self._transport = DefaultTransport() if transport is None else transport

    @property
    def connections(self) -> bool:
        """Whether the transport that it runs follows `ConnectionOptions`."""
        return getattr(self._transport, "connections", False) is True

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        from asyncio import CancelledError, wrap_future

        from ._core.background_call import call_in_background
        from ._core.open_sockets import OpenSockets

        sockets = OpenSockets()
        try:
            return await wrap_future(call_in_background(self._send, request, sockets))
        except CancelledError:
            # Otherwise the thread would wait for the response until the time limit.
            sockets.shut_down()
            raise

    def _send(self, request: HttpRequest, sockets: OpenSockets) -> HttpResponse:
        from ._core.open_sockets import sockets_of_thread

        sockets_of_thread.set(sockets)
        return self._transport.send(request)

    def close(self) -> None:
        """Closes the transport that it runs, if that has a method `close`."""
        close_transport(self._transport)


def async_transport(
    transport: AsyncTransport | None,
    ca_file: str | os.PathLike[str] | None,
    ca_data: str | bytes | None,
) -> AsyncTransport:
    """Returns the application's transport, or the default one in threads.

    Raises:
        ConfigurationError: `ca_file` or `ca_data` holds no certificate, or stands beside a transport.
    """
    if transport is None:
        return ThreadTransport(transport_of(None, ca_file, ca_data))
    return given_transport(transport, ca_file, ca_data)
