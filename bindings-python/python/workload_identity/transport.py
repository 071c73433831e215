"""The protocol for HTTP transports: one method, `send`, which raises `TransportFailure` if there is no response.

class MyTransport:
    def send(self, request: HttpRequest) -> HttpResponse:
        answer = my_client.request(
            request.method, request.url, headers=request.headers, body=request.body, timeout=request.timeout
        )
        return HttpResponse(answer.status, answer.headers, answer.body)

Some platforms are reached in another way than by a plain request: over a Unix socket, with an authority of their own,
without a proxy. Such a request has a `ConnectionOptions`. A transport gets it only if it declares `connections = True`;
for other transports the error is `source_unsupported`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping
    from typing import Any, Literal, Protocol

    Failure = Literal[
        "timeout",
        "refused",
        "dns",
        "tls",
        "proxy_authentication",
        "cancelled",
        "not_found",
        "denied",
        "unreadable",
        "unsupported",
        "other",
    ]

    class Transport(Protocol):
        """Sends requests. Threads call it concurrently."""

        def send(self, request: HttpRequest, /) -> HttpResponse:
            """Sends exactly this request. Follows no redirect, and returns a response of any status."""

    class AsyncTransport(Protocol):
        """Sends requests. Several event loops may call it concurrently."""

        def send(self, request: HttpRequest, /) -> Awaitable[HttpResponse]:
            """Sends exactly this request. Follows no redirect, and returns a response of any status."""

    Headers = Mapping[str, str] | Iterable[tuple[str, str]]

USER_AGENT = "workload-identity-python"


class ConnectionOptions:
    """How a request reaches its server where that differs from the usual way. An attribute that is not needed is `None`.

    A transport that cannot follow one sends nothing and raises `TransportFailure("unsupported", ...)`.

    Attributes:
        direct: Whether proxies are forbidden.
        unix_socket: Path of the Unix socket to connect to; the URL's host is only sent as `host`.
        ca: The only certificate authorities (PEM) that are trusted.
        server_name: The name that TLS sends and that the certificate must have, instead of the URL's host.
        certificate_sha1: SHA-1 thumbprint (hex) of the server's certificate, instead of the check of chain and name.
    """

    __slots__ = ("ca", "certificate_sha1", "direct", "server_name", "unix_socket")

    def __init__(
        self,
        *,
        direct: bool = False,
        unix_socket: str | None = None,
        ca: str | None = None,
        server_name: str | None = None,
        certificate_sha1: str | None = None,
    ) -> None:
        self.direct = direct
        self.unix_socket = unix_socket
        self.ca = ca
        self.server_name = server_name
        self.certificate_sha1 = certificate_sha1

    def __repr__(self) -> str:
        return f"ConnectionOptions({', '.join(self.needs())})"

    def needs(self) -> list[str]:
        """Returns the names of the attributes that are set."""
        return [name for name in sorted(self.__slots__) if getattr(self, name)]


class HttpRequest:
    """An HTTP request.

    Attributes:
        method: `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
        url: Absolute URL.
        headers: All headers; the transport adds only host, content-length, user-agent and accept-encoding.
        body: Raw body. It contains a secret: do not log it.
        timeout: Maximum duration of the whole request in seconds.
        max_bytes: Limit of the response body in bytes; stop reading one byte after it.
        connection: How the server is reached, if not in the usual way.
    """

    __slots__ = ("body", "connection", "headers", "max_bytes", "method", "timeout", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout: float,
        max_bytes: int,
        connection: ConnectionOptions | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.max_bytes = max_bytes
        self.connection = connection

    def __repr__(self) -> str:
        return f"HttpRequest({self.method} {self.url})"


def headers_of(request: HttpRequest) -> dict[str, str]:
    """Returns the headers to send, without those that depend on the connection."""
    return {"accept-encoding": "identity", **request.headers, "user-agent": USER_AGENT}


class HttpResponse:
    """An HTTP response: status, headers (a mapping or pairs) and the body without content codings."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def head(self) -> bytes:
        """Returns the headers for the core: one `name: value` per line."""
        given: Any = self.headers
        is_pairs = isinstance(given, list) or not hasattr(given, "items")
        pairs: Iterable[tuple[str, str]] = given if is_pairs else given.items()
        lines = [f"{name}: {value}" for name, value in pairs]
        head = "\n".join(lines)
        if "\r" in head or head.count("\n") != len(lines) - 1:
            # A line break within a value must not start another header.
            head = "\n".join(" ".join(line.split()) for line in lines)
        return head.encode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"HttpResponse({self.status}, {len(self.body)} bytes)"


class TransportFailure(Exception):
    """Raised by a transport that got no response. `word` is the kind of failure, one of eleven (`Failure`)."""

    def __init__(self, word: Failure, detail: str = "") -> None:
        super().__init__(word, detail)
        self.word = word
        self.detail = detail

    def __str__(self) -> str:
        return self.detail or self.word


def detail_of(failure: BaseException) -> str:
    """Returns the description of an exception that is safe to report.

    That is the operating system's message, or the name of the class. Other messages can quote secrets, e.g. an illegal
    header that contains a token.
    """
    if isinstance(failure, TransportFailure):
        return str(failure)
    message = getattr(failure, "strerror", None)
    return message if isinstance(message, str) else type(failure).__name__


def word_for(failure: BaseException, otherwise: Failure = "other") -> Failure:
    """Returns the kind of failure for an exception, looking also at its causes."""
    link: BaseException | None = failure
    for _ in range(8):
        if link is None:
            break
        word = _word(link)
        if word is not None:
            return word
        link = link.__cause__ or link.__context__
    return otherwise


def _word(failure: BaseException) -> Failure | None:
    if isinstance(failure, TransportFailure):
        return failure.word
    # `asyncio.TimeoutError` is a class of its own before Python 3.11.
    if isinstance(failure, TimeoutError) or type(failure).__name__ == "TimeoutError":
        return "timeout"
    if isinstance(failure, ConnectionError):
        return "refused"
    if isinstance(failure, FileNotFoundError):
        return "not_found"
    if isinstance(failure, PermissionError):
        return "denied"
    # Not imported: if a module is not loaded, the exception cannot be one of its classes.
    socket, ssl = sys.modules.get("socket"), sys.modules.get("ssl")
    if socket is not None and isinstance(failure, socket.gaierror):
        return "dns"
    if ssl is not None and isinstance(failure, ssl.SSLError):
        return (
            "refused" if isinstance(failure, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) else "tls"
        )
    return None
