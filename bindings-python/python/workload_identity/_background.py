"""Work in the background of the asyncio driver: tasks, since nothing else refers to them."""

from __future__ import annotations

from . import _log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task

    from ._driver import Host
    from ._effects import Performer


class Background:
    """The tasks of one object, on any number of event loops."""

    __slots__ = ("tasks",)

    def __init__(self) -> None:
        # Tasks that nothing else refers to could be collected while they run.
        self.tasks: set[Task[None]] = set()

    def refresh(self, host: Host, performer: Performer, ticket: int) -> None:
        """Drives a refresh's ticket on the running event loop."""
        from asyncio import get_running_loop

        task = get_running_loop().create_task(_refresh(host, performer, ticket))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def end(self) -> None:
        """Cancels the tasks, and waits for those of the running event loop."""
        from asyncio import gather, get_running_loop

        here = []
        for task in list(self.tasks):
            if task.get_loop() is get_running_loop():
                task.cancel()
                here.append(task)
                continue
            try:
                task.get_loop().call_soon_threadsafe(task.cancel)
            except RuntimeError:
                # The task's event loop is closed, and the task with it.
                self.tasks.discard(task)
        await gather(*here, return_exceptions=True)


async def _refresh(host: Host, performer: Performer, ticket: int) -> None:
    """A refresh that fails is no one's error: what is at hand is still good."""
    try:
        await host.drive_async(performer, ticket)
    except Exception as failure:
        _log.debug("a proactive refresh failed: %s", failure)


async def close_transport(transport: object) -> None:
    """Closes a transport of either kind, if it can be closed."""
    close = getattr(transport, "close", None)
    if close is not None:
        closing = close()
        if hasattr(closing, "__await__"):
            await closing
