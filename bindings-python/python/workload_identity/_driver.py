"""Drives the core: poll, perform or wait, until a request is done (docs/protocol.md, section 4).

The core decides who leads a flight; the wake board tells those who follow it that something
happened. Threads and any number of event loops share one board.
"""

from __future__ import annotations

import os
import time
from _thread import allocate_lock
from json import JSONDecoder

from . import _native
from ._effects import perform, perform_async, seconds_until
from ._settings import request
from .errors import from_wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable
    from typing import Any

    from ._effects import Performer

# `loads` without its search for white space around the text.
decode = JSONDecoder().raw_decode


class WakeBoard:
    """Flight number to the callbacks of those who wait for it. A callback is called once at most."""

    __slots__ = ("_lock", "_waiting")

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._waiting: dict[int, dict[Callable[[], object], None]] = {}

    def join(self, flight: int, callback: Callable[[], object]) -> None:
        with self._lock:
            self._waiting.setdefault(flight, {})[callback] = None

    def leave(self, flight: int, callback: Callable[[], object]) -> None:
        with self._lock:
            callbacks = self._waiting.get(flight)
            if callbacks is not None:
                callbacks.pop(callback, None)
                if not callbacks:
                    del self._waiting[flight]

    def wake(self, flight: int) -> None:
        # Whoever registers after this look polls again before it sleeps.
        if flight not in self._waiting:
            return
        with self._lock:
            callbacks = self._waiting.pop(flight, ())
        for callback in callbacks:
            callback()

    def __len__(self) -> int:
        return len(self._waiting)


class Host:
    """A machine with everything that waits for it. A forked child starts with a new one, since locks,
    flights and generator state of the parent are not its own."""

    __slots__ = ("board", "due", "engine", "lock", "refreshing")

    engine: _native.Engine | _native.Verifier

    def __init__(self, engine: _native.Engine | _native.Verifier) -> None:
        self.engine = engine
        engine.reseed(os.urandom(32))
        self.board = WakeBoard()
        self.lock = allocate_lock()
        # Tickets of proactive refreshes, and whether a thread is at work on them.
        self.due: list[int] = []
        self.refreshing = False

    def done(self, ticket: int, step: dict[str, Any]) -> dict[str, Any]:
        """What to return for the step `done`, while the ticket is still open."""
        return step

    def drive(self, performer: Performer, ticket: int) -> dict[str, Any]:
        """Brings a ticket to its end in this thread. Returns the step `done` or raises its error."""
        engine, board = self.engine, self.board
        cause: Exception | None = None
        joined = 0
        gate = wake = None
        try:
            while True:
                step, _ = decode(engine.poll(ticket, now()))
                kind = step["step"]
                if kind == "perform":
                    outcome, cause = perform(performer, step["effect"])
                    board.wake(engine.resolve(step["effect"]["id"], *outcome, now()))
                elif kind == "wait":
                    if joined == step["flight"] and gate is not None and wake is not None:
                        gate.acquire(timeout=seconds_until(step["until"]))
                        board.leave(joined, wake)
                        joined = 0
                    else:
                        if wake is not None:
                            board.leave(joined, wake)
                        # Registered first, polled again, and only then asleep: no wake-up is lost.
                        gate = allocate_lock()
                        gate.acquire()
                        joined, wake = step["flight"], gate.release
                        board.join(joined, wake)
                elif kind == "fail":
                    raise from_wire(step["error"]) from cause
                else:
                    return self.done(ticket, step)
        finally:
            if wake is not None:
                board.leave(joined, wake)
            board.wake(engine.end(ticket))

    async def drive_async(self, performer: Performer, ticket: int) -> dict[str, Any]:
        """Brings a ticket to its end on the running event loop."""
        from asyncio import get_running_loop

        engine, board = self.engine, self.board
        cause: Exception | None = None
        joined = 0
        gate = None
        try:
            while True:
                step, _ = decode(engine.poll(ticket, now()))
                kind = step["step"]
                if kind == "perform":
                    outcome, cause = await perform_async(performer, step["effect"])
                    board.wake(engine.resolve(step["effect"]["id"], *outcome, now()))
                elif kind == "wait":
                    if joined == step["flight"] and gate is not None:
                        await gate.opened(seconds_until(step["until"]))
                        board.leave(joined, gate)
                        joined = 0
                    else:
                        if gate is not None:
                            board.leave(joined, gate)
                        joined, gate = step["flight"], _Gate(get_running_loop())
                        board.join(joined, gate)
                elif kind == "fail":
                    raise from_wire(step["error"]) from cause
                else:
                    return self.done(ticket, step)
        finally:
            if gate is not None:
                board.leave(joined, gate)
            board.wake(engine.end(ticket))


class CredentialHost(Host):
    """The machine that acquires tokens."""

    __slots__ = ()

    def __init__(self, config: bytes) -> None:
        super().__init__(_native.Engine(config))

    def begin(
        self,
        scopes: tuple[str, ...],
        claims: str | None,
        tenant_id: str | None,
        enable_cae: bool,
        timeout: float | None,
        force_refresh: bool,
    ) -> int:
        """Registers a request and returns its ticket, which must be driven."""
        return self.engine.begin(
            request(scopes, claims, tenant_id, enable_cae, timeout, force_refresh, now())
        )


def now() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


class _Gate:
    """One sleep on one event loop; calling it, from any thread, ends the sleep."""

    __slots__ = ("_future", "_loop")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._future: Future[None] = loop.create_future()

    def __call__(self) -> None:
        from asyncio import _get_running_loop

        if _get_running_loop() is self._loop:
            self._open()
            return
        try:
            self._loop.call_soon_threadsafe(self._open)
        except RuntimeError:
            # That loop is closed, and its tasks are gone with it.
            return

    def _open(self) -> None:
        if not self._future.done():
            self._future.set_result(None)

    async def opened(self, timeout: float) -> None:
        """Sleeps until the gate is called, at most `timeout` seconds."""
        timer = self._loop.call_later(timeout, self._open)
        try:
            await self._future
        finally:
            timer.cancel()
