"""The types of access tokens: azure-core's if it is installed, otherwise types with the same members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken as AccessToken
    from azure.core.credentials import AccessTokenInfo as AccessTokenInfo
else:
    try:
        from azure.core.credentials import AccessToken
    except ImportError:

        class AccessToken(NamedTuple):
            """An access token and its expiry in unix seconds."""

            token: str
            expires_on: int

            def __repr__(self) -> str:
                return f"AccessToken(token=<redacted>, expires_on={self.expires_on})"

    try:
        from azure.core.credentials import AccessTokenInfo
    except ImportError:

        class AccessTokenInfo:
            """An access token with its type, its expiry and the time to renew it, both in unix seconds."""

            __slots__ = ("expires_on", "refresh_on", "token", "token_type")

            def __init__(self, token, expires_on, *, token_type="Bearer", refresh_on=None):
                self.token = token
                self.expires_on = expires_on
                self.token_type = token_type
                self.refresh_on = refresh_on

            def __repr__(self) -> str:
                return f"AccessTokenInfo(token=<redacted>, expires_on={self.expires_on})"


def token_of(value: dict[str, Any]) -> AccessToken:
    """Returns the token of a value of the core (docs/protocol.md, section 4)."""
    return AccessToken(value["token"], value["expires_on"])


def token_info_of(value: dict[str, Any]) -> AccessTokenInfo:
    """Returns the token of a value of the core, with its details."""
    return AccessTokenInfo(
        value["token"],
        value["expires_on"],
        token_type=value["token_type"],
        refresh_on=value.get("refresh_on"),
    )
