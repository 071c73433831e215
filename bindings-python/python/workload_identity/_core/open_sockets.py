"""The sockets of a blocking request, so that another thread can end it."""

from __future__ import annotations

import socket
from contextvars import ContextVar
from threading import Lock


class OpenSockets:
    """The sockets that one request opens."""

    __slots__ = ("_is_cut", "_lock", "_sockets")

    def __init__(self) -> None:
        self._lock = Lock()
        self._sockets: list[socket.socket] = []
        self._is_cut = False

    def add(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)
            if self._is_cut:
                _shut_down(sock)

    def shut_down(self) -> None:
        """Ends every operation on the sockets, also of those that are opened later."""
        with self._lock:
            self._is_cut = True
            for sock in self._sockets:
                _shut_down(sock)

    def close(self) -> None:
        """Closes the sockets, and forgets them."""
        with self._lock:
            for sock in self._sockets:
                sock.close()
            self._sockets.clear()


# Those of the request that the thread at hand sends, if another thread can end it.
sockets_of_thread: ContextVar[OpenSockets | None] = ContextVar("sockets_of_thread", default=None)


def _shut_down(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It has ended already.
        return
