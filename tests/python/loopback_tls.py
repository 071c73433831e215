"""Servers with TLS on loopback, whose certificate authority no machine trusts: an HTTP server and a proxy."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable

import trustme

from waiting import SECONDS

AUTHORITY = trustme.CA()
CA_DATA = AUTHORITY.cert_pem.bytes()


def server_context(*names: str) -> ssl.SSLContext:
    """Returns the TLS settings of a server with these names and addresses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(context)
    return context


class LoopbackServer:
    """Accepts connections, and handles each in a thread. A subclass defines `handle`."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.heads: list[str] = []
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._ended = False
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def handle(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def read_request(self, connection: socket.socket) -> None:
        """Reads a request, and keeps its head."""
        head, expected = b"", 0
        body = b""
        while not head or len(body) < expected:
            part = connection.recv(65536)
            if not part:
                raise OSError("the client has closed the connection")
            body += part
            if not head and b"\r\n\r\n" in body:
                head, _, body = body.partition(b"\r\n\r\n")
                found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
                expected = int(found[1]) if found else 0
        self.heads.append(head.decode())

    def stop(self) -> None:
        self._ended = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="loopback-server")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            if self._ended:
                connection.close()
                return
            connection.settimeout(SECONDS)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            stack.enter_context(contextlib.suppress(OSError))
            if self._context is not None:
                connection = stack.enter_context(
                    self._context.wrap_socket(connection, server_side=True)
                )
            self.handle(connection)


class AnsweringServer(LoopbackServer):
    """Answers every request with the same bytes."""

    def __init__(self, answer: bytes, context: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        super().__init__(context)

    def handle(self, connection: socket.socket) -> None:
        self.read_request(connection)
        connection.sendall(self.answer)


class Proxy(LoopbackServer):
    """A proxy that opens every tunnel to the same port of loopback.

    Args:
        port: The port.
        context: TLS settings for the connection to the proxy itself.
        status: What it answers to `CONNECT`.
    """

    def __init__(
        self, port: int, context: ssl.SSLContext | None = None, status: str = "200 OK"
    ) -> None:
        self._target = port
        self._status = status
        super().__init__(context)

    def handle(self, connection: socket.socket) -> None:
        self.read_request(connection)
        connection.sendall(f"HTTP/1.1 {self._status}\r\n\r\n".encode())
        if not self._status.startswith("200"):
            return
        with socket.create_connection(("127.0.0.1", self._target), SECONDS) as target:
            forward = threading.Thread(target=_copy, args=(connection, target))
            forward.start()
            _copy(target, connection)
            forward.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with contextlib.suppress(OSError):
        # Not `SSLSocket.shutdown`, which removes the TLS state while the other thread uses it.
        socket.socket.shutdown(target, socket.SHUT_RDWR)
