"""Drives the core: polls, performs or waits until a request is done (docs/protocol.md, section 4).

The core decides which ticket leads a flight. `Waiters` wakes the followers when something happened to their flight.
Threads and any number of event loops can wait for the same flight.
"""

from __future__ import annotations

import os
import time
from _thread import allocate_lock
from json import JSONDecoder

from .. import _native
from ..errors import from_wire
from . import log
from .credential_settings import request
from .effect_report import effect_line, failure_line
from .effects import perform, perform_async, seconds_until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from .effects import Effect, Outcome, Performer

    Callback: TypeAlias = Callable[[], object]

# `json.loads` without its search for white space around the text.
decode = JSONDecoder().raw_decode


class Waiters:
    """The callbacks that wake the waiters of each flight. A callback is called at most once."""

    __slots__ = ("_by_flight", "_lock")

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._by_flight: dict[int, dict[Callback, None]] = {}

    def add(self, flight: int, callback: Callback) -> None:
        with self._lock:
            self._by_flight.setdefault(flight, {})[callback] = None

    def remove(self, flight: int, callback: Callback) -> None:
        with self._lock:
            callbacks = self._by_flight.get(flight)
            if callbacks is not None:
                callbacks.pop(callback, None)
                if not callbacks:
                    del self._by_flight[flight]

    def wake(self, flight: int) -> None:
        # No lock for this look-up: a waiter that registers after it polls again before it sleeps.
        if flight not in self._by_flight:
            return
        with self._lock:
            callbacks = self._by_flight.pop(flight, ())
        for callback in callbacks:
            callback()

    def __len__(self) -> int:
        return len(self._by_flight)


class Host:
    """A native machine, the waiters of its flights, and its background refreshes.

    A forked child makes a new host: locks, flights and generator state belong to the parent.
    """

    __slots__ = ("engine", "lock", "refresh_thread_runs", "refresh_tickets", "waiters")

    engine: _native.Engine | _native.Verifier | _native.Manager

    def __init__(self, engine: _native.Engine | _native.Verifier | _native.Manager) -> None:
        self.restart(engine)

    def restart(self, engine: _native.Engine | _native.Verifier | _native.Manager) -> None:
        """Starts again with a native machine."""
        self.engine = engine
        engine.reseed(os.urandom(32))
        self.waiters = Waiters()
        # Protects the two attributes below, which `background` uses.
        self.lock = allocate_lock()
        self.refresh_tickets: list[tuple[Performer, int]] = []
        self.refresh_thread_runs = False

    def poll(self, ticket: int) -> dict[str, Any]:
        """Returns the next step of a ticket."""
        raise NotImplementedError

    def drive(self, performer: Performer, ticket: int) -> dict[str, Any]:
        """Drives a ticket to its end in this thread. Returns the step `done` or raises its error."""
        run = _Run(self, ticket)
        try:
            while True:
                step = run.poll()
                kind = step["step"]
                if kind == "perform":
                    run.resolve(step["effect"], *perform(performer, step["effect"]))
                elif kind == "done":
                    return step
                elif run.waits_for(step["flight"]):
                    run.event.wait(seconds_until(step["until"]))
                    run.unregister()
                else:
                    run.register(step["flight"], _ThreadEvent())
        finally:
            run.end()

    async def drive_async(self, performer: Performer, ticket: int) -> dict[str, Any]:
        """Drives a ticket to its end on the running event loop. Returns the step `done` or raises its error."""
        from asyncio import get_running_loop

        run = _Run(self, ticket)
        try:
            while True:
                step = run.poll()
                kind = step["step"]
                if kind == "perform":
                    run.resolve(step["effect"], *await perform_async(performer, step["effect"]))
                elif kind == "done":
                    return step
                elif run.waits_for(step["flight"]):
                    await run.event.wait(seconds_until(step["until"]))
                    run.unregister()
                else:
                    run.register(step["flight"], _LoopEvent(get_running_loop()))
        finally:
            run.end()


class _Run:
    """One ticket from `begin` to `end`: what both driver loops share.

    A ticket that must wait is registered with its flight first, polled again, and only then put to sleep. Otherwise a
    wake-up between the poll and the registration would be lost.
    """

    __slots__ = ("_began", "_cause", "_flight", "_host", "_ticket", "event")

    # A `_ThreadEvent` or a `_LoopEvent`.
    event: Any

    def __init__(self, host: Host, ticket: int) -> None:
        self._host = host
        self._ticket = ticket
        self._cause: Exception | None = None
        self._flight = 0
        self._began = 0.0
        self.event = None

    def poll(self) -> dict[str, Any]:
        """Returns the next step, or raises the error of the step `fail`."""
        step = self._host.poll(self._ticket)
        if step["step"] == "fail":
            error = from_wire(step["error"])
            if log.is_debug_enabled():
                log.debug("%s", failure_line(error))
            raise error from self._cause
        self._began = time.monotonic()
        return step

    def resolve(self, effect: Effect, outcome: Outcome, cause: Exception | None) -> None:
        """Hands in the outcome of an effect. `cause` is the exception behind a failure."""
        if log.is_debug_enabled():
            log.debug("%s", effect_line(effect, outcome, time.monotonic() - self._began))
        self._cause = cause
        host = self._host
        host.waiters.wake(host.engine.resolve(effect["id"], *outcome, now()))

    def waits_for(self, flight: int) -> bool:
        """Returns whether the event is registered with this flight."""
        return self.event is not None and self._flight == flight

    def register(self, flight: int, event: Any) -> None:
        """Registers an event, in place of an earlier one, to be set when the flight is woken."""
        self.unregister()
        log.debug("wait for the request of another caller")
        self._flight, self.event = flight, event
        self._host.waiters.add(flight, event.set)

    def unregister(self) -> None:
        if self.event is not None:
            self._host.waiters.remove(self._flight, self.event.set)
            self.event = None

    def end(self) -> None:
        self.unregister()
        self._host.waiters.wake(self._host.engine.end(self._ticket))


class JsonHost(Host):
    """The host of a machine whose `poll` returns JSON and nothing beside it."""

    __slots__ = ()

    engine: _native.Engine | _native.Manager

    def poll(self, ticket: int) -> dict[str, Any]:
        """Returns the next step of a ticket."""
        step: dict[str, Any]
        step, _ = decode(self.engine.poll(ticket, now()))
        return step


class CredentialHost(JsonHost):
    """The host of a machine that acquires tokens."""

    __slots__ = ()

    engine: _native.Engine

    def begin(
        self,
        client: _native.Client | None,
        scopes: tuple[str, ...],
        claims: str | None,
        tenant_id: str | None,
        enable_cae: bool,
        timeout: float | None,
        force_refresh: bool,
        fmi_path: str | None,
    ) -> int:
        """Registers a request, of a client if the machine has several. Returns its ticket, which must be driven."""
        text = request(
            scopes, claims, tenant_id, enable_cae, timeout, force_refresh, fmi_path, now()
        )
        return self.engine.begin(text) if client is None else self.engine.begin_for(client, text)


def now() -> int:
    """Returns the time in unix milliseconds."""
    return time.time_ns() // 1_000_000


class _ThreadEvent:
    """An event that one thread waits for: `threading.Event` without the import of `threading`."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()

    def set(self) -> None:
        self._lock.release()

    def wait(self, timeout: float) -> None:
        """Blocks until the event is set, at most `timeout` seconds."""
        self._lock.acquire(timeout=timeout)


class _LoopEvent:
    """An event that one task waits for; `set` may be called from any thread."""

    __slots__ = ("_future", "_loop")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._future: Future[None] = loop.create_future()

    def set(self) -> None:
        from asyncio import _get_running_loop

        if _get_running_loop() is self._loop:
            self._finish()
            return
        try:
            self._loop.call_soon_threadsafe(self._finish)
        except RuntimeError:
            # The event loop is closed, so none of its tasks waits any more.
            return

    async def wait(self, timeout: float) -> None:
        """Waits until the event is set, at most `timeout` seconds."""
        timer = self._loop.call_later(timeout, self._finish)
        try:
            await self._future
        finally:
            timer.cancel()

    def _finish(self) -> None:
        if not self._future.done():
            self._future.set_result(None)
