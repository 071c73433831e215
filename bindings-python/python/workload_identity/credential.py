"""The synchronous credential. It implements azure-core's protocols `TokenCredential` and `SupportsTokenInfo`."""

from __future__ import annotations

from time import time

from ._core.base_credential import BaseCredential, info_request
from ._core.closing import ClosedByWith

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from typing import Any

    from .issuers import PrivateAddresses
    from .shared_cache import SharedTokenCache
    from .sources import Source
    from .sources.callback import Ask
    from .store import Store
    from .tokens import AccessToken, AccessTokenInfo
    from .transport import Transport
    from .trust import Preflight


class WorkloadIdentity(BaseCredential, ClosedByWith):
    """Exchanges the workload's own token for Entra access tokens, and caches and refreshes them.

    Threads may share one object. Create it once and keep it, since it holds the token cache:

        identity = WorkloadIdentity(tenant_id=..., client_id=..., source=TokenFile("/run/token"))
        token = identity.get_token("https://vault.azure.net/.default")

    Args:
        tenant_id: GUID or domain name of the tenant.
        client_id: GUID of the app registration or managed identity.
        source: The source of the workload's token, such as `TokenFile`, `ManagedIdentity`, `AzurePipelines` or
            `GitHubActions`, or a function that returns the token.
        authority_host: Host of the Entra authority, for national clouds.
        authority: A generic OpenID Connect authority instead of Entra: its issuer URL, or a mapping with
            `token_endpoint`.
        additionally_allowed_tenants: Other tenants that `get_token` may name; `"*"` allows any.
        private_addresses: `"deny"` refuses token endpoints on private networks and on this machine, for issuers that you do
            not control. They are allowed over https by default.
        allowed_networks: Networks such as `10.0.0.0/8`: the only private addresses that are allowed.
        cache: A `SharedTokenCache` of several objects; by default the object has a cache of its own.
        cache_max_entries: Maximum number of cached tokens; 10000 by default, 0 disables the cache.
        cache_max_bytes: Maximum size of the token cache in bytes.
        timeout: Maximum duration of a request in seconds; 30 by default.
        transport: Sends the HTTP requests; the standard library's transport by default.
        ca_file: A file of certificate authorities (PEM) that the default transport trusts beside the machine's.
        ca_data: Certificate authorities as text or bytes, likewise.
        store: A token store shared with other processes.
        token_proxy: Whether token requests go to the token proxy of an AKS identity binding
            (`AZURE_KUBERNETES_TOKEN_PROXY`). By default they do where `from_environment` finds the token file of the pod.
        probe: Whether the metadata services of Google Cloud and Azure are looked for, within 1 s, where neither `source`
            nor the environment gives a token source.
        environment: Environment variables to read settings from; none by default. `from_environment` passes those of
            the process.
        environment_paths: Files and sockets of this machine by which sources are found; none by default.
            `from_environment` passes those that exist.
        required: `False` lets `get_token`, not the constructor, report that there is no token source.

    Raises:
        ConfigurationError: A setting is wrong.
        SourceError: There is no token source, or the environment describes one incompletely.
    """

    __slots__ = ()

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
        transport: Transport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
        store: Store | None = None,
        token_proxy: bool | None = None,
        probe: bool | None = None,
        environment: Mapping[str, str] | None = None,
        environment_paths: Iterable[str] | None = None,
        required: bool = True,
    ) -> None:
        from ._core.default_transport import transport_of

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
            transport=transport_of(transport, ca_file, ca_data),
            store=store,
            token_proxy=token_proxy,
            probe=probe,
            environment=environment,
            environment_paths=environment_paths,
            required=required,
        )

    def get_token(
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
        """Returns an access token for the scopes of one resource.

            token = identity.get_token("https://vault.azure.net/.default")

        A cached token is returned without a request. A token that is due for renewal is refreshed in the background.

        Args:
            scopes: Scopes of one resource.
            claims: A claims challenge from the resource (JSON); the cached token is not used.
            tenant_id: Another tenant than the configured one.
            enable_cae: Requests a token for continuous access evaluation.
            timeout: Maximum duration of this call in seconds.
            force_refresh: Requests a new token, which replaces the cached one.
            fmi_path: Path of a federated managed identity (FMI) that the token is for; Entra only.
            kwargs: Ignored; azure-core's protocol requires them.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
        # The key of the common request is its only scope: a str has its hash stored, a tuple does not.
        plain = tenant_id is None and fmi_path is None and not enable_cae and len(scopes) == 1
        key: Any = scopes[0] if plain else (scopes, tenant_id, enable_cae, fmi_path)
        if claims is None and not force_refresh:
            try:
                since, until, token = self._tokens[key]
                if since <= time() < until:
                    return token  # type: ignore[no-any-return]
            except (KeyError, TypeError):
                pass
        step = self._acquire(
            scopes, claims, tenant_id, enable_cae, timeout, force_refresh, fmi_path
        )
        return self._token_from_step(step, key, claims, force_refresh)

    def get_token_info(
        self, *scopes: str, options: Mapping[str, Any] | None = None
    ) -> AccessTokenInfo:
        """Returns an access token with its type and the time to renew it; otherwise like `get_token`.

        Args:
            scopes: Scopes of one resource.
            options: `claims`, `tenant_id`, `enable_cae` and `fmi_path`; others are ignored.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
        key, claims = info_request(scopes, options)
        info = self._cached_info(key, claims)
        if info is None:
            step = self._acquire(scopes, claims, key[1], key[2], None, False, key[3])
            info = self._info_from_step(step, key, claims)
        return info

    def preflight(self) -> Preflight:
        """Asks the token source for its token, and tells whether a federated identity credential can match it at all.

            print(identity.preflight())

        Nothing is exchanged or cached.

        Raises:
            WorkloadIdentityError: The source gives no token, or something else than a signed JWT.
        """
        from ._core.source_preflight import examine

        self._open_host()
        return examine(self._config, self._performer)

    def close(self) -> None:
        """Closes the transport and deletes the cached tokens."""
        from ._core.background import drop_refreshes
        from ._core.default_transport import close_transport

        self._mark_closed()
        if self._unavailable is None:
            drop_refreshes(self._host, self._performer)
        close_transport(self._performer.transport)

    def _acquire(
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
        step = host.drive(self._performer, ticket)
        self._log_token(step["value"])
        if "refresh" in step:
            from ._core.background import refresh_in_thread

            refresh_in_thread(host, self._performer, step["refresh"])
        return step
