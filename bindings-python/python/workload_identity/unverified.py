"""Reads a token without verifying it."""

from __future__ import annotations

from . import _native
from ._core.verifier_settings import unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class UnverifiedToken:
    """The contents of a token that was not verified. Anybody could have written it.

    It is not a mapping and shares no type with `VerifiedToken`, so it cannot be used as one by mistake.

    Attributes:
        unverified_header: The header.
        unverified_claims: The claims.
    """

    __slots__ = ("unverified_claims", "unverified_header")

    def __init__(self, header: dict[str, Any], claims: dict[str, Any]) -> None:
        self.unverified_header = header
        self.unverified_claims = claims

    def __repr__(self) -> str:
        return "<UnverifiedToken>"


def peek_unverified(token: str) -> UnverifiedToken:
    """Reads header and claims of a token without verifying it: for diagnostics, never for authorization.

        print(peek_unverified(token).unverified_claims.get("iss"))

    Raises:
        TokenError: The text is not a signed JWT in compact form.
    """
    try:
        return UnverifiedToken(*_native.peek_unverified(token))
    except (TypeError, ValueError) as failure:
        raise unreadable(token, failure) from None
