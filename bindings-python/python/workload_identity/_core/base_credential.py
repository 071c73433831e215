"""What the synchronous and the asyncio credential share: settings, the answer cache, forks, closing."""

from __future__ import annotations

import os
from time import time

from ..errors import from_wire, invalid_argument
from . import log
from .forks import reset_after_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

    from typing_extensions import Self

    from .. import _native
    from ..shared_cache import SharedTokenCache
    from ..sources import Source
    from ..sources.callback import Ask
    from ..store import AsyncStore, Store
    from ..tokens import AccessToken, AccessTokenInfo
    from ..transport import AsyncTransport, Transport
    from .driver import CredentialHost

    # Request to (valid from, valid until, answer); both instants in unix seconds.
    AnswerCache = dict[Any, tuple[float, float, Any]]

_DEFAULT_ENTRIES = 10_000


class BaseCredential:
    """Base of both credentials."""

    __slots__ = (
        "__weakref__",
        "_client",
        "_closed",
        "_config",
        "_host",
        "_infos",
        "_limit",
        "_make_token",
        "_performer",
        "_shared",
        "_tokens",
        "_unavailable",
        "_validity",
    )

    @classmethod
    def from_environment(cls, *, required: bool = True, **overrides: Any) -> Self:
        """Creates the credential that the environment variables describe.

        Args:
            required: `False` lets `get_token` report that the environment has no token source, for a chain of
                credentials: `ChainedTokenCredential(WorkloadIdentity.from_environment(required=False), ...)`.
            overrides: Arguments of the constructor, which take precedence.

        Raises:
            ConfigurationError: A setting is wrong.
            SourceError: The environment has no token source, or an incomplete one.
        """
        source = overrides.get("source")
        settings: dict[str, Any] = {"environment": os.environ, **overrides}
        # A function and a source without variables look at no path.
        named = source is None or isinstance(source, str)
        looks_at_paths = named or bool(getattr(source, "variables", ()))
        if looks_at_paths and "environment_paths" not in settings:
            from ..detection import existing_paths

            settings["environment_paths"] = existing_paths()
        made = cls(required=required, **settings)  # type: ignore[call-arg]
        if source in (None, "auto"):
            log.detected(overrides.get("environment"), settings["environment_paths"])
        return made

    def _open(
        self,
        *,
        source: Source | Ask | str | None,
        transport: Transport | AsyncTransport,
        store: AsyncStore | Store | None,
        cache: SharedTokenCache | None,
        cache_max_entries: int | None,
        required: bool,
        **settings: Any,
    ) -> None:
        from .. import _native
        from . import credential_settings
        from .driver import CredentialHost
        from .effects import Performer

        chosen = credential_settings.source_of(source)
        self._closed = False
        # Loaded with the first token, because it imports azure-core if that is installed.
        self._make_token: Callable[[dict[str, Any]], AccessToken] | None = None
        self._shared = None if cache is None else _shared_cache(cache)
        # What the requests of a shared cache come with.
        self._client: _native.Client | None = None
        if cache is not None:
            self._limit = cache._max_entries
        else:
            self._limit = _DEFAULT_ENTRIES if cache_max_entries is None else cache_max_entries
        self._performer = Performer(transport, chosen, store, settings.get("environment"))
        self._config = credential_settings.config(
            source=chosen,
            store=None if store is None else True,
            cache_max_entries=cache_max_entries,
            **settings,
        )
        # Answers by request: a cache hit neither calls the core nor allocates.
        self._tokens: AnswerCache = {}
        self._infos: AnswerCache = {}
        self._validity = (0.0, 0.0)
        # The error to report in place of a host.
        self._unavailable: Mapping[str, Any] | None = None
        try:
            if cache is None:
                self._host = CredentialHost(_native.Engine(self._config))
            else:
                self._client = _native.Client(self._config)
                self._host = cache._host
                cache._add(self)
        except ValueError as failure:
            from .azure_errors import UNAVAILABLE

            error = credential_settings.error_of(failure)
            if required or error.code not in UNAVAILABLE:
                raise error from None
            self._unavailable = error.args[0]
        reset_after_fork(self)

    def _token_from_step(
        self, step: Mapping[str, Any], key: object, claims: str | None, force_refresh: bool
    ) -> AccessToken:
        """Makes the token of the step `done`, and caches it."""
        make = self._make_token
        if make is None:
            from ..tokens import token_of

            make = self._make_token = token_of
        token = make(step["value"])
        if force_refresh:
            self._clear_cache()
        self._cache(self._tokens, key, claims, step, token)
        return token

    def _cached_info(self, key: object, claims: str | None) -> AccessTokenInfo | None:
        if claims is None:
            try:
                since, until, info = self._infos[key]
                if since <= time() < until:
                    return info  # type: ignore[no-any-return]
            except (KeyError, TypeError):
                pass
        return None

    def _info_from_step(
        self, step: Mapping[str, Any], key: object, claims: str | None
    ) -> AccessTokenInfo:
        """Makes the token of the step `done` with its details, and caches it."""
        from ..tokens import token_info_of

        info = token_info_of(step["value"])
        self._cache(self._infos, key, claims, step, info)
        return info

    def _cache(
        self,
        cache: AnswerCache,
        key: object,
        claims: str | None,
        step: Mapping[str, Any],
        answer: object,
    ) -> None:
        if claims is not None or self._is_full(cache):
            # With claims, a resource has rejected the cached token. The core has the newer tokens, and asking it takes
            # microseconds.
            self._clear_cache()
        if claims is None and self._limit > 0 and not self._closed:
            # Whole seconds, so that tokens of the same second share one tuple, which saves memory look-ups.
            validity = (time() // 1, float(step["fresh_until"] // 1000))
            if validity != self._validity:
                self._validity = validity
            cache[key] = (*self._validity, answer)

    def _is_full(self, cache: AnswerCache) -> bool:
        remembered = len(cache) if self._shared is None else self._shared._answers()
        return remembered >= self._limit

    def _clear_cache(self) -> None:
        """Forgets all answers, also those of credentials with the same cache: one of them may be older now."""
        if self._shared is None:
            self._forget_answers()
        else:
            self._shared._clear_answers()

    def _forget_answers(self) -> None:
        self._tokens.clear()
        self._infos.clear()

    def _remembered(self) -> int:
        return len(self._tokens) + len(self._infos)

    def _log_token(self, value: Mapping[str, Any]) -> None:
        if not log.is_debug_enabled():
            return
        log.debug(
            "token for %s of tenant %s from %s, until %s, correlation id %s",
            value["scopes"],
            value.get("tenant_id"),
            value["from"],
            value["expires_on"],
            value.get("correlation_id"),
        )

    def _open_host(self) -> CredentialHost:
        """Returns the host. Raises `misuse` if the credential is closed, and what kept the host from being made."""
        if self._closed:
            raise invalid_argument("misuse", "the credential is closed")
        if self._unavailable is not None:
            # A new one: an exception that is raised twice would keep the frames of both.
            raise from_wire(self._unavailable)
        return self._host

    def _mark_closed(self) -> None:
        self._closed = True
        self._performer.closed = True
        self._forget_answers()

    def _after_fork(self) -> None:
        """Makes a new host for the child. Cached tokens stay valid. A shared cache renews its host itself."""
        if self._unavailable is None and self._shared is None:
            from .. import _native

            self._host = type(self._host)(_native.Engine(self._config))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds secrets and locks and cannot be pickled or copied"
        )

    def __repr__(self) -> str:
        source = self._performer.source
        return f"<{type(self).__module__}.{type(self).__name__} source={source!r}>"


def info_request(
    scopes: tuple[str, ...], options: Mapping[str, Any] | None
) -> tuple[tuple[tuple[str, ...], str | None, bool, str | None], str | None]:
    """Returns the cache key of a `get_token_info` call (scopes, tenant, CAE, FMI path) and its claims challenge."""
    given = options or {}
    key = (scopes, given.get("tenant_id"), bool(given.get("enable_cae")), given.get("fmi_path"))
    return key, given.get("claims")


def _shared_cache(cache: SharedTokenCache) -> SharedTokenCache:
    from ..shared_cache import SharedTokenCache

    if isinstance(cache, SharedTokenCache):
        return cache
    raise invalid_argument("config_invalid", "cache must be a SharedTokenCache")
