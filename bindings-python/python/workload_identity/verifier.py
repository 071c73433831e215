"""The synchronous token verifier."""

from __future__ import annotations

from collections.abc import Mapping
from time import time_ns

from ._core import verifier_settings
from ._core.base_verifier import BaseVerifier, IssuerKeys, keys_of
from ._core.closing import ClosedByWith
from ._core.default_transport import close_transport, transport_of
from ._core.driver import now
from ._native import VerifiedToken
from .errors import WorkloadIdentityError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from .issuers import Issuer, PrivateAddresses
    from .transport import Transport

__all__ = ["IssuerKeys", "TokenVerifier", "VerifiedToken"]

Mapping.register(VerifiedToken)


class TokenVerifier(BaseVerifier, ClosedByWith):
    """Verifies tokens (JWTs), and fetches, caches and refreshes the issuers' keys.

    Threads may share one object. Create it once and keep it, since it holds the keys. Signatures are verified without
    the GIL, so threads verify in parallel:

        verifier = TokenVerifier.entra(tenant_id=..., audience="api://orders")
        claims = verifier.verify(token)

    Args:
        issuers: The trusted issuers. The token's `iss` selects one of them. `TokenVerifier.entra`, `.github` and so on
            make a verifier for a single issuer.
        leeway_seconds: Accepted clock difference in seconds, 60 by default and at most 300.
        max_token_bytes: Maximum size of a token in bytes, 16384 by default; longer tokens are refused (`too_large`).
        cache_max_bytes: Maximum size of the cache of verified tokens in bytes; no cache by default.
        timeout: Maximum wait for keys in seconds, 10 by default.
        allow_loopback_http: Allows key URLs with http on loopback, for tests.
        private_addresses: `"deny"` refuses key URLs on private networks and on this machine, for issuers that you do
            not control. They are allowed over https by default.
        allowed_networks: Networks such as `10.0.0.0/8`: the only private addresses that are allowed.
        dangerously_allow_rsa_1024: Allows RSA keys of 1024 to 2047 bits.
        transport: Fetches the keys; the standard library's transport by default.
        ca_file: A file of certificate authorities (PEM) that the default transport trusts beside the machine's.
        ca_data: Certificate authorities as text or bytes, likewise.

    Raises:
        ConfigurationError: A setting is wrong.
        TokenError: Configured keys cannot be read.
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
        private_addresses: PrivateAddresses | None = None,
        allowed_networks: Iterable[str] | None = None,
        dangerously_allow_rsa_1024: bool = False,
        transport: Transport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        self._open(
            issuers,
            transport_of(transport, ca_file, ca_data),
            leeway_seconds=leeway_seconds,
            max_token_bytes=max_token_bytes,
            cache_max_bytes=cache_max_bytes,
            timeout=timeout,
            allow_loopback_http=allow_loopback_http,
            private_addresses=private_addresses,
            allowed_networks=allowed_networks,
            dangerously_allow_rsa_1024=dangerously_allow_rsa_1024,
        )

    def verify(self, token: str, *, timeout: float | None = None) -> VerifiedToken:
        """Verifies a token and returns its claims.

            claims = verifier.verify(token)
            print(claims.subject, claims["roles"])

        Args:
            token: The token, without the prefix `Bearer`.
            timeout: Maximum wait in seconds, if keys must be fetched.

        Raises:
            TokenError: The token is refused; `code` is the reason.
            TransportError: The issuer's keys cannot be fetched.
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
        """Verifies tokens and returns, for each, its claims or the error that `verify` raises."""
        results: list[VerifiedToken | WorkloadIdentityError] = []
        for token in tokens:
            try:
                results.append(self.verify(token))
            except WorkloadIdentityError as error:
                results.append(error)
        return results

    def load_keys(self, *, timeout: float | None = None) -> list[IssuerKeys]:
        """Fetches the keys of every issuer, at most once in the cool-down of its kind (30 s, Entra 5 min).

        Call it at start-up, so that the first verification does not wait. The result has one entry for each issuer;
        an Entra tenant has two, for the two versions of its tokens.

        Raises:
            WorkloadIdentityError: The keys of an issuer cannot be fetched.
        """
        host = self._open_host()
        keys = []
        for index in range(len(self._issuers)):
            ticket = host.engine.begin(verifier_settings.warm_up(index, timeout, now()))
            keys.append(keys_of(host.drive(self._performer, ticket)))
        return keys

    def close(self) -> None:
        """Closes the transport."""
        from ._core.background import drop_refreshes

        self._mark_closed()
        drop_refreshes(self._host, self._performer)
        close_transport(self._performer.transport)

    def _fetch_and_verify(self, token: str, timeout: float | None) -> VerifiedToken:
        host = self._open_host()
        step = host.drive(self._performer, self._begin_token(host, token, timeout))
        self._refresh(step.get("refresh", 0))
        return step["verified"]  # type: ignore[no-any-return]

    def _refresh(self, ticket: int) -> None:
        if ticket:
            from ._core.background import refresh_in_thread

            refresh_in_thread(self._host, self._performer, ticket)
