"""A server that never ends one phase of a response: it sends a byte at a time, or nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

from waiting import SECONDS

# Seconds between two bytes.
PAUSE = 0.05
# Seconds after which it gives up, so that a client without a time limit ends at all.
END = 2 * SECONDS

_HEAD = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _HEAD + b"transfer-encoding: chunked\r\n\r\n"


def _forever(first: bytes, byte: bytes) -> Callable[[], Iterator[bytes]]:
    def parts() -> Iterator[bytes]:
        yield first
        while True:
            yield byte

    return parts


# What a server sends in each phase that it never ends.
PHASES: dict[str, Callable[[], Iterator[bytes]]] = {
    "tls": _forever(b"\x16\x03\x03\x40\x00", b"\x00"),
    "silence": _forever(b"", b""),
    "status": _forever(b"HTTP/1.1 200 ", b"O"),
    "head": _forever(_HEAD + b"x-filler: ", b"x"),
    "interim": _forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": _forever(_HEAD + b"content-length: 1000\r\n\r\n", b" "),
    "closing_body": _forever(_HEAD + b"content-length: 1000\r\nconnection: close\r\n\r\n", b" "),
    "endless_body": _forever(_HEAD + b"connection: close\r\n\r\n", b" "),
    "chunk_size": _forever(_CHUNKED, b"0"),
    "chunk": _forever(_CHUNKED + b"ff\r\n", b" "),
    "chunks": _forever(_CHUNKED, b"1\r\n \r\n"),
    "trailer": _forever(_CHUNKED + b"0\r\nx-trailer: ", b"x"),
}


class DrippingServer:
    """A server on loopback.

    Args:
        phase: The phase that it never ends: a name of `PHASES`, `connect` (connections are never accepted), or `request`
            (requests are never read).
    """

    def __init__(self, phase: str) -> None:
        self._phase = phase
        self._ended, self._left = threading.Event(), threading.Event()
        self._waiting: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.connections = 0
        # Those that the client has not closed.
        self._open = 0
        self._changed = threading.Condition()
        self._socket = socket.socket()
        # Small, so that a request does not fit into it.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(0 if phase == "connect" else 50)
        scheme = "https" if phase == "tls" else "http"
        self.url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"
        if phase == "connect":
            self._fill_queue()
        else:
            self._start(self._accept)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="dripping-server")
        self._threads.append(thread)
        thread.start()

    def _fill_queue(self) -> None:
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(self._socket.getsockname())
            self._waiting.append(sock)

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            if self._ended.is_set():
                connection.close()
                return
            with self._changed:
                self.connections += 1
                self._open += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                self._drip(connection)
        except OSError:
            pass
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def _drip(self, connection: socket.socket) -> None:
        connection.settimeout(PAUSE)
        if self._phase == "request":
            # Read in the end, because the client's end of the connection is behind the request.
            self._left.wait(END)
            while connection.recv(65536):
                pass
            return
        end = time.monotonic() + END
        for part in PHASES[self._phase]():
            try:
                if not connection.recv(65536):
                    return
            except TimeoutError:
                pass
            if self._ended.is_set() or time.monotonic() > end:
                return
            connection.sendall(part)

    def is_left(self) -> bool:
        """Returns whether all clients close their connections, and not the server at its end."""
        self._left.set()
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, SECONDS)

    def stop(self) -> None:
        self._ended.set()
        self._left.set()
        if self._phase != "connect":
            socket.create_connection(self._socket.getsockname()).close()
        for thread in self._threads:
            thread.join()
        for sock in self._waiting:
            sock.close()
        self._socket.close()
