"""Performs the effects that the core requests (docs/protocol.md, sections 4 and 5)."""

from __future__ import annotations

import os
import time
from base64 import urlsafe_b64decode
from json import dumps

from .. import _native
from ..errors import WorkloadIdentityError
from ..transport import (
    ConnectionOptions,
    HttpRequest,
    HttpResponse,
    TransportFailure,
    detail_of,
    word_for,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from typing import Any

    from ..sources import Source
    from ..store import AsyncStore, Store
    from ..transport import AsyncTransport, Transport

    Effect = dict[str, Any]
    # kind, status, head, body
    Outcome = tuple[str, int, bytes, bytes]
    Answer = HttpResponse | bytes | str | None

# Opening and reading a pipe must not block until there is a writer.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)

# Members of the effect `http` that say how the server is reached.
_CONNECTION_MEMBERS = ("direct", "unix_socket", "ca", "server_name", "certificate_sha1")

# For effects without a timeout of their own, i.e. those of a store.
_DEFAULT_TIMEOUT_MS = 10_000

# Seconds after the timeout in which a transport may report it.
_GRACE = 0.1


class WrongReturnError(TypeError):
    """The application's part returned an object of a wrong type. The message has no value of it."""


class Performer:
    """Performs effects with the application's transport, source, store and credential."""

    __slots__ = ("closed", "credential", "environment", "source", "store", "transport")

    def __init__(
        self,
        transport: Transport | AsyncTransport,
        source: Source | None,
        store: Store | AsyncStore | None,
        environment: Mapping[str, str] | None = None,
        credential: Any = None,
    ) -> None:
        self.transport = transport
        self.source = source
        self.store = store
        # Gives the access tokens of management.
        self.credential = credential
        # The application's own, in place of that of the process.
        self.environment = environment
        # Set when the credential is closed: its failures then are not those of the request.
        self.closed = False

    def is_closed(self) -> bool:
        """Returns whether the credential is closed."""
        return self.closed

    def start(self, effect: Effect, is_async: bool = False) -> Answer | Awaitable[Answer]:
        """Starts an effect. Returns its answer, or an awaitable if the application's part is asynchronous."""
        kind = effect["kind"]
        if kind == "http":
            return self.transport.send(
                HttpRequest(
                    effect["method"],
                    effect["url"],
                    effect["headers"],
                    effect["body"].encode(),
                    effect["timeout_ms"] / 1000,
                    effect["max_bytes"],
                    self._connection(effect),
                )
            )
        if kind == "read_file":
            return _read_file(effect["path"], effect["max_bytes"] + 1)
        if kind == "ask_host":
            from .host_calls import ask_host

            return ask_host(effect, self, is_async)
        if kind == "sign" and self.source is not None:
            return self.source.sign(_decoded(effect["input"]))
        if kind == "verify":
            return _verify(effect)
        if kind == "store" and self.store is not None:
            if effect["operation"] == "load":
                return self.store.load(effect["key"])
            return self.store.save(effect["key"], effect["value"], effect["until"] / 1000)
        raise LookupError(f"this credential cannot perform the effect {kind}")

    def _connection(self, effect: Effect) -> ConnectionOptions | None:
        """Returns how the server is reached. Raises `TransportFailure` if the transport would ignore it."""
        given = {name: effect[name] for name in _CONNECTION_MEMBERS if name in effect}
        if not given:
            return None
        if getattr(self.transport, "connections", False) is not True:
            raise TransportFailure(
                "unsupported",
                f"{type(self.transport).__name__} has no `connections = True`, and this request needs "
                f"{', '.join(given)}; leave the transport out, or follow `HttpRequest.connection` there",
            )
        return ConnectionOptions(**given)


def outcome_of(effect: Effect, answer: Answer) -> Outcome:
    """Returns the outcome for the answer to an effect."""
    if isinstance(answer, HttpResponse):
        status, body = answer.status, answer.body
        if not 100 <= status <= 999:
            raise ValueError("a status has three digits")
        return "http", status, answer.head(), body if type(body) is bytes else _as_bytes(body)
    kind = effect["kind"]
    if kind == "http":
        raise TypeError("a transport returns an HttpResponse")
    if kind == "store":
        return "stored", 0 if answer is None else 1, b"", _as_bytes(answer or b"")
    if kind == "verify":
        return "verified", 1 if answer else 0, b"", b""
    if kind == "read_file":
        return "file", 0, b"", _as_bytes(answer)
    if kind == "sign":
        return "signed", 0, b"", _as_bytes(answer)
    if not isinstance(answer, (str, bytes, bytearray, memoryview)):
        returned = "None" if answer is None else type(answer).__name__
        raise WrongReturnError(f"the callback returned {returned}; it must return the token as str")
    return "answer", 0, b"", _as_bytes(answer)


CLOSED: Outcome = ("failed", 0, b"cancelled", b"the credential was closed")


def failure_outcome(performer: Performer, failure: Exception) -> Outcome:
    """Returns the outcome for an exception. That of a closed credential lets another one carry on."""
    if performer.closed:
        return CLOSED
    if type(failure) is LookupError:
        return "failed", 0, b"not_found", str(failure).encode()
    if isinstance(failure, (WrongReturnError, WorkloadIdentityError)):
        return "failed", 0, b"other", str(failure).encode("utf-8", "replace")
    detail = detail_of(failure).encode("utf-8", "replace")
    return "failed", 0, word_for(failure).encode(), detail


ELAPSED: Outcome = ("elapsed", 0, b"", b"")


def perform(performer: Performer, effect: Effect) -> tuple[Outcome, Exception | None]:
    """Performs an effect in this thread. Returns its outcome, and the exception behind a failure."""
    try:
        if effect["kind"] == "sleep":
            time.sleep(seconds_until(effect["until"]))
            return ELAPSED, None
        answer = performer.start(effect)
        if not isinstance(answer, HttpResponse) and hasattr(answer, "__await__"):
            _discard(answer)
            raise WrongReturnError("a coroutine function needs workload_identity.aio")
        return outcome_of(effect, answer), None
    except Exception as failure:
        return failure_outcome(performer, failure), cause_of(effect, failure)


async def perform_async(performer: Performer, effect: Effect) -> tuple[Outcome, Exception | None]:
    """Performs an effect on the running event loop. Returns its outcome, and the exception behind a failure."""
    import asyncio

    try:
        if effect["kind"] == "sleep":
            await asyncio.sleep(seconds_until(effect["until"]))
            return ELAPSED, None
        answer: Any = performer.start(effect, is_async=True)
        if hasattr(answer, "__await__"):
            limit = effect.get("timeout_ms", _DEFAULT_TIMEOUT_MS) / 1000
            if effect["kind"] == "http" or effect.get("name") == "execute":
                # Transports and processes enforce the timeout themselves, and their message says more.
                limit += _GRACE
            answer = await asyncio.wait_for(answer, limit)
        return outcome_of(effect, answer), None
    except Exception as failure:
        return failure_outcome(performer, failure), cause_of(effect, failure)


def cause_of(effect: Effect, failure: Exception) -> Exception:
    """Returns the exception to chain. A transport's frames hold secrets of the request, so its traceback is dropped."""
    return failure.with_traceback(None) if effect["kind"] == "http" else failure


def seconds_until(instant: int) -> float:
    """Returns the seconds from now to an instant in unix milliseconds, at least 0.001 and at most 60.

    The bounds prevent a busy loop or a very long sleep when the system clock is changed.
    """
    return min(max(instant / 1000 - time.time(), 0.001), 60.0)


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _verify(effect: Effect) -> bytes | None:
    """Returns a value if the signature is valid, and `None` otherwise."""
    valid = _native.verify_signature(
        dumps(effect["key"]).encode(),
        effect["algorithm"],
        _decoded(effect["input"]),
        _decoded(effect["signature"]),
    )
    return b"valid" if valid else None


def _read_file(path: str, limit: int) -> bytes:
    descriptor = os.open(path, _OPEN_FLAGS)
    with open(descriptor, "rb", buffering=0) as file:
        parts = []
        while limit > 0:
            part = file.read(limit)
            if not part:
                break
            parts.append(part)
            limit -= len(part)
    return b"".join(parts)


def _as_bytes(answer: object) -> bytes:
    if isinstance(answer, str):
        return answer.encode("utf-8", "replace")
    if isinstance(answer, (bytes, bytearray, memoryview)):
        return bytes(answer)
    raise WrongReturnError(f"expected str or bytes, not {type(answer).__name__}")


def _discard(answer: object) -> None:
    close = getattr(answer, "close", None)
    if close is not None:
        close()
