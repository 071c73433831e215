"""Proactive refreshes in the background: asyncio tasks, or one daemon thread while any refresh is due.

A refresh that fails raises nowhere: the token or the keys at hand are still valid, and the core tries again.
"""

from __future__ import annotations

from . import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task

    from .driver import Host
    from .effects import Performer


class BackgroundTasks:
    """The refresh tasks of one object, on any number of event loops."""

    __slots__ = ("tasks",)

    def __init__(self) -> None:
        # An event loop refers to its tasks weakly: without this set a task could be collected while it runs.
        self.tasks: set[Task[None]] = set()

    def refresh(self, host: Host, performer: Performer, ticket: int) -> None:
        """Drives the ticket of a refresh on the running event loop."""
        from asyncio import get_running_loop

        task = get_running_loop().create_task(_refresh(host, performer, ticket))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def cancel(self) -> None:
        """Cancels all tasks, and waits for those of the running event loop."""
        from asyncio import gather, get_running_loop

        local_tasks = []
        for task in list(self.tasks):
            if task.get_loop() is get_running_loop():
                task.cancel()
                local_tasks.append(task)
                continue
            try:
                task.get_loop().call_soon_threadsafe(task.cancel)
            except RuntimeError:
                # The task's event loop is closed, so the task does not run any more.
                self.tasks.discard(task)
        await gather(*local_tasks, return_exceptions=True)


async def _refresh(host: Host, performer: Performer, ticket: int) -> None:
    try:
        await host.drive_async(performer, ticket)
    except Exception as failure:
        log.debug("a proactive refresh failed: %s", failure)


def refresh_in_thread(host: Host, performer: Performer, ticket: int) -> None:
    """Drives the ticket of a refresh in the host's refresh thread, which is started if none runs."""
    from threading import Thread

    with host.lock:
        host.refresh_tickets.append((performer, ticket))
        if host.refresh_thread_runs:
            return
        host.refresh_thread_runs = True
    thread = Thread(
        target=_refresh_all, args=(host,), name="workload-identity-refresh", daemon=True
    )
    try:
        thread.start()
    except RuntimeError as failure:
        # No thread can be started, e.g. because the interpreter shuts down.
        log.debug("a proactive refresh was dropped: %s", type(failure).__name__)
        with host.lock:
            host.refresh_thread_runs = False
        drop_refreshes(host, performer)


def drop_refreshes(host: Host, performer: Performer) -> None:
    """Ends the tickets of refreshes that the thread has not started for this performer."""
    with host.lock:
        pending = host.refresh_tickets
        host.refresh_tickets = [each for each in pending if each[0] is not performer]
    for owner, ticket in pending:
        if owner is performer:
            host.waiters.wake(host.engine.end(ticket))


def _refresh_all(host: Host) -> None:
    while True:
        with host.lock:
            if not host.refresh_tickets:
                host.refresh_thread_runs = False
                return
            performer, ticket = host.refresh_tickets.pop(0)
        try:
            host.drive(performer, ticket)
        except Exception as failure:
            log.debug("a proactive refresh failed: %s", failure)
