"""Resets objects in a forked child: the locks, flights and generator state of the parent must not be used there."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
    from weakref import WeakSet

    class ForkAware(Protocol):
        """An object with state that a forked child must not share."""

        def _after_fork(self) -> None: ...


# All such objects. Made on first use, because importing `weakref` takes time.
_instances: WeakSet[ForkAware] | None = None


def reset_after_fork(instance: ForkAware) -> None:
    """Registers an object: its `_after_fork` is called in every forked child."""
    global _instances
    if _instances is None:
        from weakref import WeakSet

        _instances = WeakSet()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork_in_child)
    _instances.add(instance)


def _after_fork_in_child() -> None:
    for instance in list(_instances or ()):
        instance._after_fork()
