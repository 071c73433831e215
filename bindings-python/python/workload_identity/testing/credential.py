"""Credentials without a token service."""

from __future__ import annotations

from time import time

from .._core.closing import ClosedByAsyncWith, ClosedByWith
from ..tokens import AccessToken, AccessTokenInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any



class _FakeTokens:
    """What both credentials have.

    Attributes:
        calls: The scopes of each call, in order.
    """

    def __init__(
        self,
        token: str = "test-token",
        *,
        expires_in: int = 3600,
        error: Exception | None = None,
    ) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._token = token
        self._expires_in = expires_in
        self._error = error

    def _expires_on(self, scopes: tuple[str, ...]) -> int:
        self.calls.append(scopes)
        if self._error is not None:
            raise self._error
        return int(time()) + self._expires_in

    def __repr__(self) -> str:
        return f"<{type(self).__name__} after {len(self.calls)} calls>"


class FakeCredential(_FakeTokens, ClosedByWith):
    """Returns the same token for every scope and records the calls; azure-core's `TokenCredential`.

        credential = FakeCredential()
        SecretClient(vault_url, credential=credential)
        assert credential.calls == [("https://vault.azure.net/.default",)]

    Args:
        token: The token.
        expires_in: Seconds until the token expires, from each call on.
        error: Raised by each call instead.
    """

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self._token, self._expires_on(scopes))

    def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        return AccessTokenInfo(self._token, self._expires_on(scopes))

    def close(self) -> None:
        """Does nothing."""


class AsyncFakeCredential(_FakeTokens, ClosedByAsyncWith):
    """`FakeCredential` for asyncio; azure-core's `AsyncTokenCredential`."""

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self._token, self._expires_on(scopes))

    async def get_token_info(self, *scopes: str, options: Any = None) -> AccessTokenInfo:
        return AccessTokenInfo(self._token, self._expires_on(scopes))

    async def close(self) -> None:
        """Does nothing."""
