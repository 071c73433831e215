"""Blocking connections whose every operation ends at a deadline: look-up of the name, connect, TLS, read, write.

A socket's own timeout applies to one operation, so a server that sends a byte at a time would never time out.
"""

from __future__ import annotations

import hashlib
import io
import socket
import ssl
import time
from concurrent.futures import TimeoutError as FutureTimeoutError

from ..transport import TransportFailure
from .background_call import start_look_up
from .open_sockets import sockets_of_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .background_call import Address

_CHUNK = 16 * 1024


class Deadline:
    """The instant at which a request ends.

    Args:
        seconds: Seconds from now.
    """

    __slots__ = ("_instant",)

    def __init__(self, seconds: float) -> None:
        self._instant = time.monotonic() + seconds

    def left(self) -> float:
        """Returns the seconds that are left. Raises `TransportFailure` if there are none."""
        left = self._instant - time.monotonic()
        if left <= 0:
            raise TransportFailure("timeout", "no complete response in time")
        return left


class Connection:
    """A TCP connection."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._socket = sock
        self._deadline = deadline
        self._reader = _Reader(_Bytes(self))

    def recv_into(self, buffer: memoryview) -> int:
        """Reads at least one byte into a buffer. Returns the number of bytes, or 0 at the end."""
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        """Writes all bytes."""
        self._socket.settimeout(self._deadline.left())
        self._socket.sendall(data)

    def close(self) -> None:
        self._socket.close()

    def makefile(self, mode: str) -> io.BufferedReader:
        """Returns the reader of the connection, as `http.client` requests it."""
        return self._reader


class TlsConnection(Connection):
    """A TLS connection over another connection, which may be one to a proxy that uses TLS itself."""

    def __init__(self, carrier: Connection, context: ssl.SSLContext, host: str) -> None:
        self._carrier = carrier
        self._received, self._unsent = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._buffer = memoryview(bytearray(_CHUNK))
        self._reader = _Reader(_Bytes(self))
        self._tls = context.wrap_bio(self._received, self._unsent, server_hostname=host)
        self._perform(self._tls.do_handshake)

    def require_sha1(self, thumbprint: str) -> None:
        """Raises `TransportFailure` if the server's certificate has another SHA-1 thumbprint (hex)."""
        certificate = self._tls.getpeercert(binary_form=True) or b""
        # Identifies a certificate, and signs nothing.
        found = hashlib.sha1(certificate, usedforsecurity=False).hexdigest()
        if found != thumbprint.lower():
            raise TransportFailure(
                "tls", f"the server's certificate has the SHA-1 thumbprint {found}, which is not the expected one"
            )

    def recv_into(self, buffer: memoryview) -> int:
        try:
            return int(self._perform(self._tls.read, len(buffer), buffer))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            # Many servers close without a notice; HTTP detects a body that ends early.
            return 0

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._perform(self._tls.write, rest) :]

    def close(self) -> None:
        self._carrier.close()

    def _perform(self, operation: Any, *arguments: Any) -> Any:
        """Performs an operation of TLS, and carries the bytes that it makes and needs."""
        while True:
            try:
                result = operation(*arguments)
            except ssl.SSLWantReadError:
                self._send()
                self._receive()
            else:
                self._send()
                return result

    def _send(self) -> None:
        if self._unsent.pending:
            self._carrier.sendall(self._unsent.read())

    def _receive(self) -> None:
        count = self._carrier.recv_into(self._buffer)
        if count:
            self._received.write(self._buffer[:count])
        else:
            self._received.write_eof()


class _Reader(io.BufferedReader):
    """The reader of a connection. It stays open, because several responses are read from it: interim ones and the final."""

    def close(self) -> None:
        return


class _Bytes(io.RawIOBase):
    """The bytes that a connection receives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._connection.recv_into(memoryview(buffer))

    def close(self) -> None:
        # The reader may be finalised later, and flushes it.
        return


def connect(host: str, port: int, deadline: Deadline) -> Connection:
    """Opens a TCP connection to the first address of a host that answers. Raises `OSError`."""
    addresses = _look_up(host, port, deadline)
    failure: OSError | None = None
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        # An address that does not answer leaves the others their share of the time.
        share = deadline.left() / (len(addresses) - index)
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            # The machine has no addresses of this family.
            failure = error
            continue
        try:
            sockets = sockets_of_thread.get()
            if sockets is not None:
                sockets.add(sock)
            sock.settimeout(share)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return Connection(sock, deadline)
        except BaseException as error:
            sock.close()
            if not isinstance(error, OSError):
                raise
            failure = error
    raise failure or socket.gaierror(socket.EAI_NONAME, "the name has no address")


def connect_unix(path: str, deadline: Deadline) -> Connection:
    """Opens a connection to a Unix socket. Raises `OSError`."""
    family: int | None = getattr(socket, "AF_UNIX", None)
    if family is None:
        raise TransportFailure(
            "unsupported", "Python has no Unix sockets on this system; use a source without one"
        )
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sockets = sockets_of_thread.get()
        if sockets is not None:
            sockets.add(sock)
        sock.settimeout(deadline.left())
        sock.connect(path)
        return Connection(sock, deadline)
    except BlockingIOError:
        sock.close()
        raise TransportFailure("refused", "the Unix socket accepts no more connections") from None
    except BaseException:
        sock.close()
        raise


def _look_up(host: str, port: int, deadline: Deadline) -> list[Address]:
    """Returns the addresses of a host. Raises `OSError`."""
    pending = start_look_up(host, port)
    try:
        return pending.result(deadline.left())
    except FutureTimeoutError:
        raise TransportFailure(
            "timeout", f"the name `{host[:200]}` was not resolved in time"
        ) from None
