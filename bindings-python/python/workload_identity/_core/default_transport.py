"""The transport for users who choose none."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..transport import HttpRequest, HttpResponse, Transport


class DefaultTransport:
    """The standard library's transport, imported by the first request: HTTP and TLS take long to import."""

    __slots__ = ("_transport",)

    def __init__(self) -> None:
        self._transport: Transport | None = None

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        if self._transport is None:
            from ..standard_transport import StandardTransport

            self._transport = StandardTransport()
        return self._transport.send(request)


def close_transport(transport: object) -> object:
    """Calls `close` of a transport that has it. Returns what `close` returned, which may have to be awaited."""
    close = getattr(transport, "close", None)
    return None if close is None else close()


async def close_transport_async(transport: object) -> None:
    """Closes a transport of either kind."""
    closing = close_transport(transport)
    if hasattr(closing, "__await__"):
        await closing
