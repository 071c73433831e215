"""The seam for HTTP: a transport has one method, `send`, and tells failures apart by one word."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping
    from typing import Any, Literal, Protocol

    Failure = Literal[
        "timeout", "refused", "dns", "tls", "cancelled", "not_found", "denied", "other"
    ]

    class Transport(Protocol):
        """Sends requests; used from several threads at once."""

        def send(self, request: HttpRequest, /) -> HttpResponse:
            """Sends exactly this request, follows no redirect, treats every status as an answer."""

    class AsyncTransport(Protocol):
        """Sends requests; used from several event loops at once."""

        def send(self, request: HttpRequest, /) -> Awaitable[HttpResponse]:
            """Sends exactly this request, follows no redirect, treats every status as an answer."""

    Headers = Mapping[str, str] | Iterable[tuple[str, str]]

USER_AGENT = "workload-identity-python"


class HttpRequest:
    """What to send.

    Attributes:
        method: `GET` or `POST`.
        url: Absolute URL.
        headers: Exactly these; the transport adds only host, content-length and user-agent.
        body: Raw body. Holds a secret: do not log it.
        timeout: Seconds for everything together.
        max_bytes: Stop reading the answer's body after one byte more than this.
    """

    __slots__ = ("body", "headers", "max_bytes", "method", "timeout", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        timeout: float,
        max_bytes: int,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.max_bytes = max_bytes

    def __repr__(self) -> str:
        return f"HttpRequest({self.method} {self.url})"


class HttpResponse:
    """What came back: status, headers (a mapping or pairs) and raw body."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def head(self) -> bytes:
        """The headers as the core wants them: one `name: value` per line."""
        given: Any = self.headers
        listed = isinstance(given, list) or not hasattr(given, "items")
        pairs: Iterable[tuple[str, str]] = given if listed else given.items()
        lines = [f"{name}: {value}" for name, value in pairs]
        head = "\n".join(lines)
        if "\r" in head or head.count("\n") != len(lines) - 1:
            # A folded value must not look like a header of its own.
            head = "\n".join(" ".join(line.split()) for line in lines)
        return head.encode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"HttpResponse({self.status}, {len(self.body)} bytes)"


class TransportFailure(Exception):
    """Raised by a transport that could not get an answer; `word` is one of eight."""

    def __init__(self, word: Failure, detail: str = "") -> None:
        super().__init__(word, detail)
        self.word = word
        self.detail = detail

    def __str__(self) -> str:
        return self.detail or self.word


def detail_of(failure: BaseException) -> str:
    """What may be told of an exception: the system's words. The text of others can quote what they
    were given, such as an illegal header with a token in it, so that only their class is named."""
    if isinstance(failure, TransportFailure):
        return str(failure)
    said = getattr(failure, "strerror", None)
    return said if isinstance(said, str) else type(failure).__name__


def word_for(failure: BaseException, otherwise: Failure = "other") -> Failure:
    """The word for an exception, found on it or on what caused it."""
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
    # Looked up, not imported: an exception of a module that is not loaded cannot be here.
    socket, ssl = sys.modules.get("socket"), sys.modules.get("ssl")
    if socket is not None and isinstance(failure, socket.gaierror):
        return "dns"
    if ssl is not None and isinstance(failure, ssl.SSLError):
        return (
            "refused" if isinstance(failure, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) else "tls"
        )
    return None
