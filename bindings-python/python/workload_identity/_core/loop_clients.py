"""HTTP clients of asyncio libraries, which serve one event loop each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

Client = TypeVar("Client")


class LoopClients(Generic[Client]):
    """The application's client, or a client for each event loop.

    Args:
        given: The application's client, which is used for every event loop and never returned by `remove`.
        make: Makes a client for the running event loop.
    """

    def __init__(self, given: Client | None, make: Callable[[], Client]) -> None:
        self._given = given
        self._make = make
        self._by_loop: WeakKeyDictionary[AbstractEventLoop, Client] = WeakKeyDictionary()

    def get(self) -> Client:
        """Returns the client for the running event loop."""
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        client = self._by_loop.get(loop)
        if client is None:
            client = self._by_loop[loop] = self._make()
        return client

    def remove(self) -> Client | None:
        """Removes the client of the running event loop and returns it, so that it can be closed."""
        return self._by_loop.pop(asyncio.get_running_loop(), None)
