"""Objects that a forked child has to renew: locks, flights and generator state of the parent are not its own."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
    from weakref import WeakSet

    class Renewable(Protocol):
        """An object with a part that no child may share."""

        def _after_fork(self) -> None: ...


# Every such object alive. Made by the first one.
_alive: WeakSet[Renewable] | None = None


def outlives_forks(renewable: Renewable) -> None:
    """From now on, a forked child renews this object."""
    global _alive
    if _alive is None:
        from weakref import WeakSet

        _alive = WeakSet()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork_in_child)
    _alive.add(renewable)


def _after_fork_in_child() -> None:
    for renewable in list(_alive or ()):
        renewable._after_fork()
