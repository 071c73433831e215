"""The asyncio classes of this package.

The credential implements azure-core's protocols `AsyncTokenCredential` and `AsyncSupportsTokenInfo`:

    from workload_identity.aio import WorkloadIdentity

    async with WorkloadIdentity.from_environment() as identity:
        token = await identity.get_token("https://vault.azure.net/.default")

The verifier awaits only requests for an issuer's keys:

    from workload_identity.aio import TokenVerifier

    claims = await verifier.verify(token)

`FederatedCredentials` manages federated identity credentials.

Tasks, event loops and threads may share one object.
"""

from __future__ import annotations

from time import time

from ._core.background import BackgroundTasks
from ._core.base_credential import BaseCredential, info_request
from ._core.closing import ClosedByAsyncWith
from ._core.default_transport import close_transport_async
from .thread_transport import ThreadTransport, async_transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from typing import Any

    from .aio_management import FederatedCredentials as FederatedCredentials
    from .aio_verifier import TokenVerifier as TokenVerifier
    from .issuers import PrivateAddresses
    from .shared_cache import SharedTokenCache
    from .sources import Source
    from .sources.callback import Ask
    from .store import AsyncStore, Store
    from .tokens import AccessToken, AccessTokenInfo
    from .transport import AsyncTransport
    from .trust import Preflight

__all__ = ["FederatedCredentials", "ThreadTransport", "TokenVerifier", "WorkloadIdentity"]


class WorkloadIdentity(BaseCredential, ClosedByAsyncWith):
    """Exchanges the workload's own token for Entra access tokens, and caches and refreshes them.

    Tasks, event loops and threads may share one object. The arguments are those of
    `workload_identity.WorkloadIdentity`, except that functions, transport and store may be asynchronous. A function
    that is not runs on the event loop and should not block.

    Raises:
        ConfigurationError: A setting is wrong.
        SourceError: There is no token source, or the environment describes one incompletely.
    """

    __slots__ = ("_background",)

    def __init__(
        self,
        *,
        tenant_id: str | None = None,
        client_id: str | None = None,
        source: Source | Ask | str | None = None,
        authority_host: str | None = None,
        authority: str | Mapping[str, str] | None = None,
        additionally_allowed_tenants: Iterable[str] | None = None,
        private_addresses: PrivateAddresses | None = None,
        allowed_networks: Iterable[str] | None = None,
        cache: SharedTokenCache | None = None,
        cache_max_entries: int | None = None,
        cache_max_bytes: int | None = None,
        timeout: float | None = None,
        transport: AsyncTransport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
        store: AsyncStore | Store | None = None,
        token_proxy: bool | None = None,
        probe: bool | None = None,
        environment: Mapping[str, str] | None = None,
        environment_paths: Iterable[str] | None = None,
        required: bool = True,
    ) -> None:
        self._background = BackgroundTasks()
        self._open(
            tenant_id=tenant_id,
            client_id=client_id,
            source=source,
            authority_host=authority_host,
            authority=authority,
            additionally_allowed_tenants=additionally_allowed_tenants,
            private_addresses=private_addresses,
            allowed_networks=allowed_networks,
            cache=cache,
            cache_max_entries=cache_max_entries,
            cache_max_bytes=cache_max_bytes,
            timeout=timeout,
            transport=async_transport(transport, ca_file, ca_data),
            store=store,
            token_proxy=token_proxy,
            probe=probe,
            environment=environment,
            environment_paths=environment_paths,
            required=required,
        )

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        timeout: float | None = None,
        force_refresh: bool = False,
        fmi_path: str | None = None,
        **kwargs: Any,
    ) -> AccessToken:
        """Returns an access token for the scopes; see `workload_identity.WorkloadIdentity.get_token`."""
        plain = tenant_id is None and fmi_path is None and not enable_cae and len(scopes) == 1
        key: Any = scopes[0] if plain else (scopes, tenant_id, enable_cae, fmi_path)
        if claims is None and not force_refresh:
            try:
                since, until, token = self._tokens[key]
                if since <= time() < until:
                    return token  # type: ignore[no-any-return]
            except (KeyError, TypeError):
                pass
        step = await self._acquire(
            scopes, claims, tenant_id, enable_cae, timeout, force_refresh, fmi_path
        )
        return self._token_from_step(step, key, claims, force_refresh)

    async def get_token_info(
        self, *scopes: str, options: Mapping[str, Any] | None = None
    ) -> AccessTokenInfo:
        """Returns an access token with its details; see `workload_identity.WorkloadIdentity.get_token_info`."""
        key, claims = info_request(scopes, options)
        info = self._cached_info(key, claims)
        if info is None:
            step = await self._acquire(scopes, claims, key[1], key[2], None, False, key[3])
            info = self._info_from_step(step, key, claims)
        return info

    async def preflight(self) -> Preflight:
        """Asks the token source for its token alone; see `workload_identity.WorkloadIdentity.preflight`."""
        from ._core.source_preflight import examine_async

        self._open_host()
        return await examine_async(self._config, self._performer)

    async def close(self) -> None:
        """Closes the transport, cancels background refreshes and deletes the cached tokens."""
        self._mark_closed()
        await self._background.cancel()
        await close_transport_async(self._performer.transport)

    async def _acquire(
        self,
        scopes: tuple[str, ...],
        claims: str | None,
        tenant_id: str | None,
        enable_cae: bool,
        timeout: float | None,
        force_refresh: bool,
        fmi_path: str | None,
    ) -> dict[str, Any]:
        host = self._open_host()
        ticket = host.begin(
            self._client,
            scopes,
            claims,
            tenant_id,
            enable_cae,
            timeout,
            force_refresh,
            fmi_path,
        )
        step = await host.drive_async(self._performer, ticket)
        self._log_token(step["value"])
        if "refresh" in step:
            self._background.refresh(host, self._performer, step["refresh"])
        return step

    def _after_fork(self) -> None:
        super()._after_fork()
        self._background = BackgroundTasks()


# Hidden from type checkers, for which every misspelt name would exist otherwise.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Imports the verifier and the management on first use."""
        if name == "TokenVerifier":
            from .aio_verifier import TokenVerifier

            return TokenVerifier
        if name == "FederatedCredentials":
            from .aio_management import FederatedCredentials

            return FederatedCredentials
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
