"""The protocols for a token store that processes share, e.g. Redis.

Keys are digests. Values contain tokens and must be protected like the tokens themselves.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Protocol

    class Store(Protocol):
        """A store. Threads call it concurrently."""

        def load(self, key: str, /) -> str | bytes | None:
            """Returns the value of a key, or `None`."""

        def save(self, key: str, value: str, until: float, /) -> None:
            """Stores a value. It may be deleted after `until` (unix seconds)."""

    class AsyncStore(Protocol):
        """A store whose methods may be coroutine functions."""

        def load(self, key: str, /) -> str | bytes | None | Awaitable[str | bytes | None]:
            """Returns the value of a key, or `None`."""

        def save(self, key: str, value: str, until: float, /) -> None | Awaitable[None]:
            """Stores a value. It may be deleted after `until` (unix seconds)."""
