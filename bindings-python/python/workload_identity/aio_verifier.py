"""The asyncio token verifier; `workload_identity.aio` exports it."""

from __future__ import annotations

from time import time_ns

from ._core import verifier_settings
from ._core.background import BackgroundTasks
from ._core.base_verifier import BaseVerifier, IssuerKeys, keys_of
from ._core.closing import ClosedByAsyncWith
from ._core.default_transport import close_transport_async
from ._core.driver import now
from .errors import WorkloadIdentityError
from .thread_transport import async_transport
from .verifier import VerifiedToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from .issuers import Issuer, PrivateAddresses
    from .transport import AsyncTransport


class TokenVerifier(BaseVerifier, ClosedByAsyncWith):
    """Verifies tokens (JWTs), and fetches, caches and refreshes the issuers' keys.

    Tasks, event loops and threads may share one object. The arguments are those of `workload_identity.TokenVerifier`.
    A signature takes microseconds and is verified on the event loop; only requests for keys are awaited:

        async with TokenVerifier.entra(tenant_id=..., audience="api://orders") as verifier:
            claims = await verifier.verify(token)
    """

    __slots__ = ("_background",)

    def __init__(
        self,
        issuers: Issuer | Iterable[Issuer],
        *,
        leeway_seconds: int | None = None,
        max_token_bytes: int | None = None,
        cache_max_bytes: int | None = None,
        timeout: float | None = None,
        allow_loopback_http: bool = False,
        private_addresses: PrivateAddresses | None = None,
        allowed_networks: Iterable[str] | None = None,
        dangerously_allow_rsa_1024: bool = False,
        transport: AsyncTransport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        self._background = BackgroundTasks()
        self._open(
            issuers,
            async_transport(transport, ca_file, ca_data),
            leeway_seconds=leeway_seconds,
            max_token_bytes=max_token_bytes,
            cache_max_bytes=cache_max_bytes,
            timeout=timeout,
            allow_loopback_http=allow_loopback_http,
            private_addresses=private_addresses,
            allowed_networks=allowed_networks,
            dangerously_allow_rsa_1024=dangerously_allow_rsa_1024,
        )

    async def verify(self, token: str, *, timeout: float | None = None) -> VerifiedToken:
        """Verifies a token and returns its claims; see `workload_identity.TokenVerifier.verify`."""
        moment = time_ns() // 1_000_000
        try:
            result = self._check(token, moment)
        except (TypeError, ValueError) as failure:
            raise verifier_settings.unreadable(token, failure) from None
        if type(result) is VerifiedToken:
            if not -1000 < moment - self._refresh_checked_at < 1000:
                self._refresh(self._due_refresh(self._open_host(), moment))
            return result
        if result is not None:
            raise self._rejection(result)
        host = self._open_host()
        ticket = self._begin_token(host, token, timeout)
        step = await host.drive_async(self._performer, ticket)
        self._refresh(step.get("refresh", 0))
        return step["verified"]  # type: ignore[no-any-return]

    async def verify_many(
        self, tokens: Iterable[str]
    ) -> list[VerifiedToken | WorkloadIdentityError]:
        """Verifies tokens and returns, for each, its claims or the error that `verify` raises.

        Keys that several tokens need are fetched once.
        """
        from asyncio import gather

        return await gather(*(self._result_of(token) for token in tokens))

    async def load_keys(self, *, timeout: float | None = None) -> list[IssuerKeys]:
        """Fetches the keys of every issuer that needs it; see `workload_identity.TokenVerifier.load_keys`."""
        host = self._open_host()
        keys = []
        for index in range(len(self._issuers)):
            ticket = host.engine.begin(verifier_settings.warm_up(index, timeout, now()))
            keys.append(keys_of(await host.drive_async(self._performer, ticket)))
        return keys

    async def close(self) -> None:
        """Closes the transport and cancels background refreshes."""
        self._mark_closed()
        await self._background.cancel()
        await close_transport_async(self._performer.transport)

    async def _result_of(self, token: str) -> VerifiedToken | WorkloadIdentityError:
        try:
            return await self.verify(token)
        except WorkloadIdentityError as error:
            return error

    def _refresh(self, ticket: int) -> None:
        if ticket:
            self._background.refresh(self._host, self._performer, ticket)

    def _after_fork(self) -> None:
        super()._after_fork()
        self._background = BackgroundTasks()
