"""Proactive refreshes in the background of the synchronous driver: one daemon thread while any is due.

A refresh that fails is no one's error: the token at hand is still good, and the core asks again.
"""

from __future__ import annotations

from . import _log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._driver import Host
    from ._effects import Performer


def refresh_later(host: Host, performer: Performer, ticket: int) -> None:
    """Drives a refresh's ticket in the background."""
    from threading import Thread

    with host.lock:
        host.due.append(ticket)
        if host.refreshing:
            return
        host.refreshing = True
    worker = Thread(
        target=_refresh_all, args=(host, performer), name="workload-identity-refresh", daemon=True
    )
    try:
        worker.start()
    except RuntimeError as failure:
        # No thread can be had, e.g. because the interpreter is ending.
        _log.debug("a proactive refresh was dropped: %s", type(failure).__name__)
        drop_refreshes(host)


def drop_refreshes(host: Host) -> None:
    """Forgets the refreshes that have not begun."""
    with host.lock:
        tickets, host.due = host.due, []
        host.refreshing = False
    for ticket in tickets:
        host.board.wake(host.engine.end(ticket))


def _refresh_all(host: Host, performer: Performer) -> None:
    while True:
        with host.lock:
            if not host.due:
                host.refreshing = False
                return
            ticket = host.due.pop(0)
        try:
            host.drive(performer, ticket)
        except Exception as failure:
            _log.debug("a proactive refresh failed: %s", failure)
