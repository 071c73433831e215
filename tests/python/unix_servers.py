"""HTTP servers on Unix sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

from waiting import SECONDS


class UnixServer:
    """Accepts connections on a Unix socket, and answers each with the same bytes, or never.

    Args:
        path: Where the socket is.
        answer: The bytes; `None` for no answer.
    """

    def __init__(self, path: Path, answer: bytes | None) -> None:
        self.path = str(path)
        self.requests: list[str] = []
        self._answer = answer
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(self.path)
        self._socket.listen()
        self.open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, name="unix-server")
        self._thread.start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for connection in (self._socket, *self.open):
            connection.close()

    def wait_for_end(self) -> None:
        """Reads the newest connection until the client closes it. Raises `TimeoutError`."""
        connection = self.open[-1]
        connection.settimeout(SECONDS)
        while connection.recv(65536):
            pass

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.open.append(connection)
            if self._answer is None:
                continue
            connection.settimeout(SECONDS)
            text = b""
            while not text.endswith((b"\r\n\r\n", b"\r\n\r\nsent")) or _lacks_body(text):
                part = connection.recv(65536)
                if not part:
                    break
                text += part
            self.requests.append(text.decode())
            connection.sendall(self._answer)
            connection.close()


def _lacks_body(text: bytes) -> bool:
    """Returns whether a request has a body, which the tests spell `sent`, that has not arrived."""
    return b"\r\ncontent-length: 4\r\n" in text.lower() and not text.endswith(b"sent")
