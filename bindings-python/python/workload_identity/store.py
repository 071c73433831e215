"""The seam for a token store shared between processes, e.g. Redis.

Keys are digests; values hold tokens and must be kept as secret as the tokens themselves.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Protocol

    class Store(Protocol):
        """A store; used from several threads at once."""

        def load(self, key: str, /) -> str | bytes | None:
            """The value of a key, or `None`."""

        def save(self, key: str, value: str, until: float, /) -> None:
            """Keeps a value; it may be forgotten after `until` (unix seconds)."""

    class AsyncStore(Protocol):
        """A store; its methods may be coroutine functions."""

        def load(self, key: str, /) -> str | bytes | None | Awaitable[str | bytes | None]:
            """The value of a key, or `None`."""

        def save(self, key: str, value: str, until: float, /) -> None | Awaitable[None]:
            """Keeps a value; it may be forgotten after `until` (unix seconds)."""
