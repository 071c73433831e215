"""The asyncio twins of this package.

The credential has the shape of azure-core's `AsyncTokenCredential` and `AsyncSupportsTokenInfo`:

    from workload_identity.aio import WorkloadIdentity

    async with WorkloadIdentity.from_environment() as identity:
        token = await identity.get_token("https://vault.azure.net/.default")

The verifier awaits nothing but an issuer's keys:

    from workload_identity.aio import TokenVerifier

    claims = await verifier.verify(token)

Tasks, event loops and threads may share one object.
"""

from __future__ import annotations

from time import time

from ._background import Background, close_transport
from ._identity import Identity
from .thread_transport import ThreadTransport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from .aio_verifier import TokenVerifier as TokenVerifier
    from .sources import Ask, Source
    from .store import AsyncStore, Store
    from .tokens import AccessToken, AccessTokenInfo
    from .transport import AsyncTransport

__all__ = ["ThreadTransport", "TokenVerifier", "WorkloadIdentity"]


class WorkloadIdentity(Identity):
    """Exchanges the workload's own token for access tokens, and keeps those fresh.

    One object serves any number of tasks, event loops and threads. The arguments are those of
    `workload_identity.WorkloadIdentity`, except that functions, transport and store may be
    asynchronous. A function that is not runs on the event loop and should not block.

    Raises:
        ConfigurationError: A setting is wrong.
        SourceError: There is no source, or the environment names one incompletely.
    """

    __slots__ = ("_background",)

    def __init__(
        self,
        *,
        tenant_id: str | None = None,
        client_id: str | None = None,
        source: Source | Ask | None = None,
        authority_host: str | None = None,
        authority: str | Mapping[str, str] | None = None,
        additionally_allowed_tenants: Iterable[str] = (),
        cache_max_entries: int | None = None,
        cache_max_bytes: int | None = None,
        timeout: float | None = None,
        transport: AsyncTransport | None = None,
        store: AsyncStore | Store | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._background = Background()
        self._open(
            tenant_id=tenant_id,
            client_id=client_id,
            source=source,
            authority_host=authority_host,
            authority=authority,
            additionally_allowed_tenants=additionally_allowed_tenants,
            cache_max_entries=cache_max_entries,
            cache_max_bytes=cache_max_bytes,
            timeout=timeout,
            transport=ThreadTransport() if transport is None else transport,
            store=store,
            environment=environment,
        )

    @classmethod
    def from_environment(cls, **overrides: Any) -> Self:
        """The credential that the environment describes; `overrides` are the constructor's arguments."""
        from ._settings import environment

        return cls(environment=environment(), **overrides)

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        timeout: float | None = None,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        """An access token for the scopes; see `workload_identity.WorkloadIdentity.get_token`."""
        plain = tenant_id is None and not enable_cae and len(scopes) == 1
        key: Any = scopes[0] if plain else (scopes, tenant_id, enable_cae)
        if claims is None and not force_refresh:
            try:
                since, until, token = self._hot[key]
                if since <= time() < until:
                    return token  # type: ignore[no-any-return]
            except (KeyError, TypeError):
                pass
        step = await self._acquire(scopes, claims, tenant_id, enable_cae, timeout, force_refresh)
        answer = self._token_of(step["value"])
        if force_refresh:
            self._forget_tokens()
        self._remember(self._hot, key, claims, step, answer)
        return answer

    async def get_token_info(
        self, *scopes: str, options: Mapping[str, Any] | None = None
    ) -> AccessTokenInfo:
        """An access token with its particulars; see `workload_identity.WorkloadIdentity.get_token_info`."""
        given = options or {}
        claims, tenant_id = given.get("claims"), given.get("tenant_id")
        enable_cae = bool(given.get("enable_cae"))
        key = (scopes, tenant_id, enable_cae)
        if claims is None:
            try:
                since, until, info = self._infos[key]
                if since <= time() < until:
                    return info  # type: ignore[no-any-return]
            except (KeyError, TypeError):
                pass
        from .tokens import token_info_of

        step = await self._acquire(scopes, claims, tenant_id, enable_cae, None)
        answer = token_info_of(step["value"])
        self._remember(self._infos, key, claims, step, answer)
        return answer

    async def close(self) -> None:
        """Closes the transport, ends background work and forgets the tokens at hand."""
        self._forget()
        await self._background.end()
        await close_transport(self._performer.transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()

    async def _acquire(
        self,
        scopes: tuple[str, ...],
        claims: str | None,
        tenant_id: str | None,
        enable_cae: bool,
        timeout: float | None,
        force_refresh: bool = False,
    ) -> dict[str, Any]:
        host = self._serving()
        ticket = host.begin(scopes, claims, tenant_id, enable_cae, timeout, force_refresh)
        step = await host.drive_async(self._performer, ticket)
        self._told(step["value"])
        if "refresh" in step:
            self._background.refresh(host, self._performer, step["refresh"])
        return step

    def _after_fork(self) -> None:
        super()._after_fork()
        self._background = Background()


def __getattr__(name: str) -> object:
    """Loads the verifier on first use."""
    if name == "TokenVerifier":
        from .aio_verifier import TokenVerifier

        return TokenVerifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
