"""The asyncio verifier of tokens that arrive; `workload_identity.aio` exports it."""

from __future__ import annotations

from time import time_ns

from ._core import verifier_settings
from ._core.background import BackgroundTasks
from ._core.base_verifier import BaseVerifier, IssuerKeys, keys_of
from ._core.default_transport import close_transport_async
from ._core.driver import now
from .errors import WorkloadIdentityError
from .thread_transport import ThreadTransport
from .verifier import VerifiedToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from typing_extensions import Self

    from .issuers import Issuer
    from .transport import AsyncTransport


class TokenVerifier(BaseVerifier):
    """Decides whether a token may be believed; the arguments are those of `workload_identity.TokenVerifier`.

    One object serves any number of tasks, event loops and threads. A signature takes microseconds and is computed at
    once; only keys are waited for.
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
        dangerously_allow_rsa_1024: bool = False,
        transport: AsyncTransport | None = None,
    ) -> None:
        self._background = BackgroundTasks()
        self._open(
            issuers,
            ThreadTransport() if transport is None else transport,
            leeway_seconds=leeway_seconds,
            max_token_bytes=max_token_bytes,
            cache_max_bytes=cache_max_bytes,
            timeout=timeout,
            allow_loopback_http=allow_loopback_http,
            dangerously_allow_rsa_1024=dangerously_allow_rsa_1024,
        )

    async def verify(self, token: str, *, timeout: float | None = None) -> VerifiedToken:
        """The claims of a token, if everything about it is right; see `workload_identity.TokenVerifier.verify`."""
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
        """Each token's claims, or the error that `verify` would raise; keys are waited for together."""
        from asyncio import gather

        return await gather(*(self._answer(token) for token in tokens))

    async def load_keys(self, *, timeout: float | None = None) -> list[IssuerKeys]:
        """Fetches the keys of every issuer that has none or old ones; see `workload_identity.TokenVerifier.load_keys`."""
        host = self._open_host()
        found = []
        for index in range(len(self._issuers)):
            ticket = host.engine.begin(verifier_settings.warm_up(index, timeout, now()))
            found.append(keys_of(await host.drive_async(self._performer, ticket)))
        return found

    async def close(self) -> None:
        """Closes the transport and ends background work."""
        self._mark_closed()
        await self._background.cancel()
        await close_transport_async(self._performer.transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()

    async def _answer(self, token: str) -> VerifiedToken | WorkloadIdentityError:
        try:
            return await self.verify(token)
        except WorkloadIdentityError as refusal:
            return refusal

    def _refresh(self, ticket: int) -> None:
        if ticket:
            self._background.refresh(self._host, self._performer, ticket)

    def _after_fork(self) -> None:
        super()._after_fork()
        self._background = BackgroundTasks()
