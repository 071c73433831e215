"""What the synchronous and the asyncio credential share: settings, the hot map, fork, closing."""

from __future__ import annotations

from time import time

from . import _log
from ._forks import outlives_forks
from .errors import by_caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    from ._driver import CredentialHost
    from .sources import Ask, Source
    from .store import AsyncStore, Store
    from .tokens import AccessToken
    from .transport import AsyncTransport, Transport

    # Asked at, not before this again, what to hand out until then.
    Hot = dict[Any, tuple[float, float, Any]]

_DEFAULT_ENTRIES = 10_000


class Identity:
    """Base of both credentials."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_config",
        "_host",
        "_hot",
        "_infos",
        "_limit",
        "_make_token",
        "_performer",
        "_window",
    )

    def _open(
        self,
        *,
        source: Source | Ask | None,
        transport: Transport | AsyncTransport,
        store: Store | AsyncStore | None,
        cache_max_entries: int | None,
        **settings: Any,
    ) -> None:
        from . import _settings
        from ._driver import CredentialHost
        from ._effects import Performer

        chosen = _settings.source_of(source)
        self._closed = False
        # Loaded by the first token, since azure-core comes along.
        self._make_token: Callable[[dict[str, Any]], AccessToken] | None = None
        self._limit = _DEFAULT_ENTRIES if cache_max_entries is None else cache_max_entries
        self._performer = Performer(transport, chosen, store)
        self._config = _settings.config(
            source=chosen,
            store=None if store is None else True,
            cache_max_entries=cache_max_entries,
            **settings,
        )
        # Prepared answers by request: a hit neither crosses into the core nor allocates.
        self._hot: Hot = {}
        self._infos: Hot = {}
        self._window = (0.0, 0.0)
        try:
            self._host = CredentialHost(self._config)
        except ValueError as failure:
            raise _settings.refused(failure) from None
        outlives_forks(self)

    def _remember(
        self, hot: Hot, key: object, claims: str | None, step: Mapping[str, Any], answer: object
    ) -> None:
        if claims is not None or len(hot) >= self._limit:
            # A resource has refused what is at hand, or it is too much. Asking the core again costs
            # microseconds, and it has the newer tokens.
            self._forget_tokens()
        if claims is None and self._limit > 0 and not self._closed:
            # Whole seconds, so that tokens of one second share their two numbers: with many tokens a
            # hit costs what it has to bring from memory.
            window = (time() // 1, float(step["fresh_until"] // 1000))
            if window != self._window:
                self._window = window
            hot[key] = (*self._window, answer)

    def _token_of(self, value: dict[str, Any]) -> AccessToken:
        make = self._make_token
        if make is None:
            from .tokens import token_of

            make = self._make_token = token_of
        return make(value)

    def _told(self, value: Mapping[str, Any]) -> None:
        if not _log.heard():
            return
        _log.debug(
            "token for %s of tenant %s from %s, until %s, correlation id %s",
            value["scopes"],
            value.get("tenant_id"),
            value["from"],
            value["expires_on"],
            value.get("correlation_id"),
        )

    def _serving(self) -> CredentialHost:
        """The host, while the credential is open."""
        if self._closed:
            raise by_caller("misuse", "the credential is closed")
        return self._host

    def _forget(self) -> None:
        self._closed = True
        self._forget_tokens()

    def _forget_tokens(self) -> None:
        self._hot.clear()
        self._infos.clear()

    def _after_fork(self) -> None:
        """A child has its own engine, seed, locks and waiters. The tokens at hand are still good."""
        self._host = type(self._host)(self._config)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds secrets and locks and cannot be pickled or copied"
        )

    def __repr__(self) -> str:
        source = self._performer.source
        return f"<{type(self).__module__}.{type(self).__name__} source={source!r}>"
