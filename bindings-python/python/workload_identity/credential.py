"""The synchronous credential: azure-core's `TokenCredential` and `SupportsTokenInfo`, by shape."""

from __future__ import annotations

from time import time

from ._identity import Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from .sources import Ask, Source
    from .store import Store
    from .tokens import AccessToken, AccessTokenInfo
    from .transport import HttpRequest, HttpResponse, Transport


class WorkloadIdentity(Identity):
    """Exchanges the workload's own token for access tokens, and keeps those fresh.

    One object serves any number of threads. Keep it: its cache is what makes `get_token` fast.

    Args:
        tenant_id: GUID or domain of the tenant.
        client_id: GUID of the app registration or managed identity.
        source: Where the workload's token comes from: `TokenFile`, `GitHubActions`, `Callback`,
            `Signed`, or a function that returns the token.
        authority_host: Entra authority host, for national clouds.
        authority: A generic OIDC authority instead of Entra: its issuer URL, or a mapping with
            `token_endpoint`.
        additionally_allowed_tenants: Tenants that `get_token` may name; `"*"` for any.
        cache_max_entries: Bound of the token cache; 0 turns it off.
        cache_max_bytes: Bound of the token cache in bytes.
        timeout: Seconds a request may take, 30 by default.
        transport: Sends the HTTP requests; by default the standard library does.
        store: A token store shared with other processes.
        environment: Environment variables to read settings from. None by default;
            `from_environment` takes the process's.

    Raises:
        ConfigurationError: A setting is wrong.
        SourceError: There is no source, or the environment names one incompletely.
    """

    __slots__ = ()

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
        transport: Transport | None = None,
        store: Store | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
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
            transport=StandardLater() if transport is None else transport,
            store=store,
            environment=environment,
        )

    @classmethod
    def from_environment(cls, **overrides: Any) -> Self:
        """The credential that the environment describes; `overrides` are the constructor's arguments."""
        from ._settings import environment

        return cls(environment=environment(), **overrides)

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        timeout: float | None = None,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        """An access token for the scopes, e.g. `"https://vault.azure.net/.default"`.

        Args:
            scopes: Scopes of one resource.
            claims: A claims challenge to answer; asks the service anew.
            tenant_id: Another tenant than the configured one.
            enable_cae: Ask for a token that takes part in continuous access evaluation.
            timeout: Seconds for this call.
            force_refresh: Ask the service even if a token is at hand; the new one replaces it.
            kwargs: Ignored, for the sake of azure-core's protocol.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
        # The common request is found by its one scope: fewer objects to touch than any tuple.
        plain = tenant_id is None and not enable_cae and len(scopes) == 1
        key: Any = scopes[0] if plain else (scopes, tenant_id, enable_cae)
        if claims is None and not force_refresh:
            try:
                since, until, token = self._hot[key]
                if since <= time() < until:
                    return token  # type: ignore[no-any-return]
            except (KeyError, TypeError):
                pass
        step = self._acquire(scopes, claims, tenant_id, enable_cae, timeout, force_refresh)
        answer = self._token_of(step["value"])
        if force_refresh:
            self._forget_tokens()
        self._remember(self._hot, key, claims, step, answer)
        return answer

    def get_token_info(
        self, *scopes: str, options: Mapping[str, Any] | None = None
    ) -> AccessTokenInfo:
        """Like `get_token`, with the token's type and time to renew.

        Args:
            scopes: Scopes of one resource.
            options: `claims`, `tenant_id` and `enable_cae`; others are ignored.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
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

        step = self._acquire(scopes, claims, tenant_id, enable_cae, None)
        answer = token_info_of(step["value"])
        self._remember(self._infos, key, claims, step, answer)
        return answer

    def close(self) -> None:
        """Closes the transport and forgets the tokens at hand."""
        from ._refresh import drop_refreshes

        self._forget()
        drop_refreshes(self._host)
        close = getattr(self._performer.transport, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    def _acquire(
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
        step = host.drive(self._performer, ticket)
        self._told(step["value"])
        if "refresh" in step:
            from ._refresh import refresh_later

            refresh_later(host, self._performer, step["refresh"])
        return step


class StandardLater:
    """The standard library's transport, loaded by the first request."""

    __slots__ = ("_transport",)

    def __init__(self) -> None:
        self._transport: Transport | None = None

    def send(self, request: HttpRequest) -> HttpResponse:
        if self._transport is None:
            from .standard_transport import StandardTransport

            self._transport = StandardTransport()
        return self._transport.send(request)
