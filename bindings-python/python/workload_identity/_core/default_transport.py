"""The transport for users who choose none."""

from __future__ import annotations

from time import monotonic

from ..errors import invalid_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import TypeVar

    from ..transport import HttpRequest, HttpResponse, Transport

    Chosen = TypeVar("Chosen")


class DefaultTransport:
    """The standard library's transport, imported by the first request: HTTP and TLS take long to import."""

    __slots__ = ("_transport",)

    connections = True

    def __init__(self) -> None:
        self._transport: Transport | None = None

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        if self._transport is None:
            begun = monotonic()
            from ..standard_transport import StandardTransport

            self._transport = StandardTransport()
            # The time limit bounds the import, too.
            request.timeout -= monotonic() - begun
        return self._transport.send(request)


def transport_of(
    transport: Transport | None,
    ca_file: str | os.PathLike[str] | None,
    ca_data: str | bytes | None,
) -> Transport:
    """Returns the application's transport, or the default one, which trusts these authorities beside the machine's.

    Raises:
        ConfigurationError: `ca_file` or `ca_data` holds no certificate, or stands beside a transport.
    """
    if transport is not None:
        return given_transport(transport, ca_file, ca_data)
    if ca_file is None and ca_data is None:
        return DefaultTransport()
    from ..standard_transport import StandardTransport

    # Imported now, so that a wrong option is an error of the constructor.
    return StandardTransport(ca_file=ca_file, ca_data=ca_data)


def given_transport(
    transport: Chosen, ca_file: str | os.PathLike[str] | None, ca_data: str | bytes | None
) -> Chosen:
    """Returns the application's transport.

    Raises:
        ConfigurationError: `ca_file` or `ca_data` stands beside it.
    """
    if ca_file is not None or ca_data is not None:
        raise invalid_argument(
            "config_invalid",
            f"{'ca_data' if ca_file is None else 'ca_file'} has no effect on the given transport; pass it to that "
            "transport, e.g. StandardTransport(ca_file=...)",
        )
    return transport


def close_transport(transport: object) -> object:
    """Calls `close` of a transport that has it. Returns what `close` returned, which may have to be awaited."""
    close = getattr(transport, "close", None)
    return None if close is None else close()


async def close_transport_async(transport: object) -> None:
    """Closes a transport of either kind."""
    closing = close_transport(transport)
    if hasattr(closing, "__await__"):
        await closing
