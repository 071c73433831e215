"""Waits for what other threads, tasks and processes do.

No test fails because a machine is slow. What must happen takes milliseconds and has `SECONDS`. What must not happen would take
`FOREVER`, so that it exceeds `SECONDS` by far. Where the core's own limit of ten seconds would end it, it has `UNDER_TEN`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

SECONDS = 30
FOREVER = 120
UNDER_TEN = 8


def until(condition: Callable[[], object]) -> None:
    """Waits in a thread."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.005)


async def until_in_loop(condition: Callable[[], object]) -> None:
    """Waits on an event loop, whose other tasks run meanwhile."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it has not happened"
        await asyncio.sleep(0.005)


def followers(owner: Any) -> int:
    """Returns how many callers of a credential or a cache wait for the request of another one."""
    return sum(len(callbacks) for callbacks in list(owner._host.waiters._by_flight.values()))


class Stopwatch:
    """Asserts that what a `with` encloses ends long before it would by itself."""

    def __init__(self, bound: float = SECONDS) -> None:
        self._bound = bound

    def __enter__(self) -> Stopwatch:
        self._begun = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._begun
        assert self.seconds < self._bound
