"""One token cache for several credentials of a process."""

from __future__ import annotations

from _thread import allocate_lock
from weakref import WeakSet

from . import _native
from ._core.credential_settings import cache_config, error_of
from ._core.driver import CredentialHost
from ._core.forks import reset_after_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from ._core.base_credential import BaseCredential


class SharedTokenCache:
    """A token cache that several `WorkloadIdentity` objects of a process share.

        cache = SharedTokenCache()
        orders = WorkloadIdentity(client_id=..., tenant_id=..., source=..., cache=cache)
        billing = WorkloadIdentity(client_id=..., tenant_id=..., source=..., cache=cache)

    Objects with the same authority, client id and tenant share tokens; others never get them. Objects that have the
    same source, too, share a token request that is under way. Threads, event loops, and credentials of both kinds,
    blocking and asyncio, may share one cache. The tokens live as long as the cache: closing a credential keeps them.

    Args:
        max_entries: Maximum number of cached tokens of all credentials together; 10000 by default, 0 disables the cache.
        max_bytes: Maximum size of the cached tokens in bytes; 64 MiB by default.

    Raises:
        ConfigurationError: A setting is wrong.
    """

    __slots__ = ("__weakref__", "_config", "_host", "_lock", "_max_entries", "_users")

    def __init__(self, *, max_entries: int | None = None, max_bytes: int | None = None) -> None:
        self._config = cache_config(max_entries, max_bytes)
        try:
            engine = _native.Engine.shared(self._config)
        except ValueError as failure:
            raise error_of(failure) from None
        self._host = CredentialHost(engine)
        self._max_entries = 10_000 if max_entries is None else max_entries
        # Each credential remembers its own answers. What is deleted or counted here is that of all.
        self._users: WeakSet[BaseCredential] = WeakSet()
        self._lock = allocate_lock()
        reset_after_fork(self)

    def _add(self, user: BaseCredential) -> None:
        with self._lock:
            self._users.add(user)

    def _clear_answers(self) -> None:
        """Makes all credentials ask the core again, because it has a newer token or they remember too many."""
        with self._lock:
            users = list(self._users)
        for user in users:
            user._forget_answers()

    def _answers(self) -> int:
        """Returns the number of answers that the credentials remember."""
        with self._lock:
            users = list(self._users)
        return sum(user._remembered() for user in users)

    def _after_fork(self) -> None:
        """Starts again in the child. Answers that its credentials remember stay valid."""
        self._lock = allocate_lock()
        self._host.restart(_native.Engine.shared(self._config))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("SharedTokenCache holds secrets and locks and cannot be pickled or copied")

    def __repr__(self) -> str:
        return f"SharedTokenCache(max_entries={self._max_entries})"
