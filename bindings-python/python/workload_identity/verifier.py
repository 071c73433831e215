"""The synchronous verifier of tokens that arrive."""

from __future__ import annotations

from collections.abc import Mapping
from time import time_ns

from ._core import verifier_settings
from ._core.base_verifier import BaseVerifier, IssuerKeys, keys_of
from ._core.default_transport import DefaultTransport, close_transport
from ._core.driver import now
from ._native import VerifiedToken
from .errors import WorkloadIdentityError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from typing_extensions import Self

    from .issuers import Issuer
    from .transport import Transport

__all__ = ["IssuerKeys", "TokenVerifier", "VerifiedToken"]

Mapping.register(VerifiedToken)


class TokenVerifier(BaseVerifier):
    """Decides whether a token may be believed, and fetches and keeps the keys to do so.

    One object serves any number of threads. Keep it: it holds the issuers' keys. Signatures are computed without the
    interpreter's lock.

        verifier = TokenVerifier.entra(tenant_id=..., audience="api://mine")
        claims = verifier.verify(token)

    Args:
        issuers: Whom to trust; of several, the token's `iss` selects one. `TokenVerifier.entra`, `.github` and so on
            make the verifier of a single one.
        leeway_seconds: How far clocks may differ, 60 by default.
        max_token_bytes: Longer tokens are refused unread, 16384 by default.
        cache_max_bytes: Bound of the cache of verified tokens; off by default.
        timeout: Seconds a verification may wait for keys, 10 by default.
        allow_loopback_http: Keys may be fetched over http from loopback, for tests.
        dangerously_allow_rsa_1024: RSA keys below 2048 bits may verify.
        transport: Fetches keys; by default the standard library does.

    Raises:
        ConfigurationError: A setting is wrong.
        TokenError: Keys that were given directly cannot be read.
    """

    __slots__ = ()

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
        transport: Transport | None = None,
    ) -> None:
        self._open(
            issuers,
            DefaultTransport() if transport is None else transport,
            leeway_seconds=leeway_seconds,
            max_token_bytes=max_token_bytes,
            cache_max_bytes=cache_max_bytes,
            timeout=timeout,
            allow_loopback_http=allow_loopback_http,
            dangerously_allow_rsa_1024=dangerously_allow_rsa_1024,
        )

    def verify(self, token: str, *, timeout: float | None = None) -> VerifiedToken:
        """The claims of a token, if everything about it is right.

        Args:
            token: The token, without `Bearer`.
            timeout: Seconds to wait for keys if they must be fetched.

        Raises:
            TokenError: The token is refused; `code` says why.
            TransportError: The issuer's keys are not to be had.
            WorkloadIdentityError: Another of its subclasses; see `errors`.
        """
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
        return self._fetch_and_verify(token, timeout)

    def verify_many(self, tokens: Iterable[str]) -> list[VerifiedToken | WorkloadIdentityError]:
        """Each token's claims, or the error that `verify` would raise."""
        answers: list[VerifiedToken | WorkloadIdentityError] = []
        for token in tokens:
            try:
                answers.append(self.verify(token))
            except WorkloadIdentityError as refusal:
                answers.append(refusal)
        return answers

    def load_keys(self, *, timeout: float | None = None) -> list[IssuerKeys]:
        """Fetches the keys of every issuer that has none or old ones: a warm-up, or a refresh by hand. An Entra
        tenant counts twice, for its two versions of tokens.

        Raises:
            WorkloadIdentityError: The keys of an issuer are not to be had.
        """
        host = self._open_host()
        found = []
        for index in range(len(self._issuers)):
            ticket = host.engine.begin(verifier_settings.warm_up(index, timeout, now()))
            found.append(keys_of(host.drive(self._performer, ticket)))
        return found

    def close(self) -> None:
        """Closes the transport."""
        from ._core.background import drop_refreshes

        self._mark_closed()
        drop_refreshes(self._host)
        close_transport(self._performer.transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    def _fetch_and_verify(self, token: str, timeout: float | None) -> VerifiedToken:
        host = self._open_host()
        step = host.drive(self._performer, self._begin_token(host, token, timeout))
        self._refresh(step.get("refresh", 0))
        return step["verified"]  # type: ignore[no-any-return]

    def _refresh(self, ticket: int) -> None:
        if ticket:
            from ._core.background import refresh_in_thread

            refresh_in_thread(self._host, self._performer, ticket)
